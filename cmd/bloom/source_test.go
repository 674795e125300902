package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/txtar"

	"bloom/parser/split"
	"bloom/supabase/server/servertest"
)

// bloom runs the program in a folder; an exit code above 0 is the test's failure.
func bloom(t *testing.T, dir string, args ...string) string {
	t.Helper()
	got := invoke(t, strings.NewReader(""), append([]string{"--workdir", dir}, args...)...)
	if got.code != 0 {
		t.Fatalf("%s: exit code %d\n%s%s", strings.Join(args, " "), got.code, got.stdout, got.stderr)
	}
	return got.stdout
}

// state is one state in all forms that --from and --to take.
type state struct {
	url     string
	sources []string
}

// newStates makes, of the files a.sql and b.sql, a project with both states in all forms.
func newStates(t *testing.T, s *servertest.Server, dir string, ar *txtar.Archive) []state {
	write := func(name, text string) {
		if err := writeFile(filepath.Join(dir, filepath.FromSlash(name)), text); err != nil {
			t.Fatal(err)
		}
	}
	git := func(args ...string) {
		cmd := exec.Command("git", append([]string{"-c", "user.email=a@b", "-c", "user.name=a"}, args...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	write("supabase/config.toml", "")
	git("init", "-q")
	var states []state
	for _, f := range ar.Files {
		name := strings.TrimSuffix(f.Name, ".sql")
		text := string(f.Data)
		st := state{url: s.Platform(t)}
		servertest.Exec(t, st.url, text)
		write(name+"/all.sql", text)
		write(name+"_migrations/20240101000000_all.sql", text)
		write("schema/all.sql", text)
		git("add", "-A")
		git("commit", "-qm", name)
		git("tag", name)
		file := filepath.Join(dir, name+".json")
		write(name+".json", bloom(t, dir, "snapshot", "--db-url", st.url))
		st.sources = []string{st.url, file, filepath.Join(dir, name), "migrations:" + filepath.Join(dir, name+"_migrations"), "git:" + name + ":schema"}
		states = append(states, st)
	}
	return states
}

// TestSources: whatever two states are read from, the SQL between them makes one of
// the other, and between two forms of one state there is none.
func TestSources(t *testing.T) {
	s := servertest.Start(t, 17)
	t.Setenv("BLOOM_DB_URL", "")
	ar, err := txtar.ParseFile("testdata/sources.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	states := newStates(t, s, dir, ar)
	for _, st := range states {
		for _, x := range st.sources {
			for _, y := range st.sources {
				if sql := bloom(t, dir, "diff", "--from", x, "--to", y); sql != "" {
					t.Errorf("one state, from %s to %s:\n%s", x, y, sql)
				}
			}
		}
	}
	for i, from := range states {
		to := states[1-i]
		tried := map[string]bool{}
		for _, x := range from.sources {
			for _, y := range to.sources {
				sql := bloom(t, dir, "diff", "--online", "never", "--from", x, "--to", y)
				text := withoutComments(sql)
				if sql == "" || tried[text] {
					if sql == "" {
						t.Errorf("no SQL from %s to %s", x, y)
					}
					continue
				}
				tried[text] = true
				url := s.Platform(t)
				servertest.Exec(t, url, string(ar.Files[i].Data))
				if err := applySQL(t.Context(), url, sql); err != nil {
					t.Errorf("from %s to %s: %v\n%s", x, y, err, sql)
					continue
				}
				if rest := bloom(t, dir, "diff", "--from", url, "--to", to.url); rest != "" {
					t.Errorf("from %s to %s, then to the database:\n%s\nafter\n%s", x, y, rest, sql)
				}
			}
		}
		t.Logf("%d pairs, %d different texts", len(from.sources)*len(to.sources), len(tried))
	}
}

// withoutComments leaves out where a statement comes from, which forms differ in.
func withoutComments(sql string) string {
	var b strings.Builder
	for line := range strings.Lines(sql) {
		if !strings.HasPrefix(strings.TrimSpace(line), "--") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// applySQL runs a plan as psql does, statement by statement.
func applySQL(ctx context.Context, url, sql string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	statements, err := split.File("plan.sql", sql)
	if err != nil {
		return err
	}
	for _, st := range statements {
		if _, err := conn.PgConn().Exec(ctx, st.Text).ReadAll(); err != nil {
			return fmt.Errorf("%w\n%s", err, st.Text)
		}
	}
	return nil
}
