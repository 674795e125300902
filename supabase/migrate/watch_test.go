package migrate

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"bloom/supabase"
	"bloom/supabase/server/servertest"
)

// TestProgress builds an index slowly and reads what is shown of it meanwhile.
func TestProgress(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		url := s.Database(t)
		servertest.Exec(t, url, `CREATE TABLE plots (id int, filler text); ALTER TABLE plots ALTER filler SET STORAGE PLAIN;
			INSERT INTO plots SELECT g, repeat('x', 6000) FROM generate_series(1, 60) g;
			CREATE FUNCTION slow(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.015); RETURN n; END $$`)
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, "supabase/migrations"), 0o755); err != nil {
			t.Fatal(err)
		}
		project, err := supabase.Find(dir, dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		target, err := project.ByURL(url)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var shown []string
		o := Defaults()
		o.LockTimeout = 200_000_000 // it is looked at five times as often
		o.Progress = func(line string) {
			mu.Lock()
			defer mu.Unlock()
			shown = append(shown, line)
		}
		session, err := Connect(t.Context(), target, o)
		if err != nil {
			t.Fatal(err)
		}
		defer session.Close()
		if err := session.EnsureHistory(t.Context()); err != nil {
			t.Fatal(err)
		}
		f, err := session.Read(t.Context(), "20240101000000_a.sql", "CREATE INDEX CONCURRENTLY plots_slow ON plots (slow(id));")
		if err != nil {
			t.Fatal(err)
		}
		f.Version = "20240101000000"
		if err := session.Apply(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		percent := regexp.MustCompile(`^  index (public\.)?plots_slow: building index: scanning table, (\d+) %$`)
		var seen []int
		for _, line := range shown {
			if m := percent.FindStringSubmatch(line); m != nil {
				n, _ := strconv.Atoi(m[2])
				seen = append(seen, n)
			}
		}
		if len(seen) < 3 || seen[0] >= seen[len(seen)-1] || seen[len(seen)-1] > 100 {
			t.Errorf("percentages %v, from\n%s", seen, strings.Join(shown, "\n"))
		}
		if shown[len(shown)-1] != "" {
			t.Errorf("the line is not cleared in the end: %q", shown[len(shown)-1])
		}
	})
}
