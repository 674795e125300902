package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bloom/supabase/server/servertest"
)

// TestPgTAP runs tests with the real extension, where a server has it.
func TestPgTAP(t *testing.T) {
	tested := false
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		url := s.Platform(t)
		conn := servertest.Connect(t, url)
		var available bool
		if err := conn.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pgtap')").Scan(&available); err != nil {
			t.Fatal(err)
		}
		if !available {
			return
		}
		tested = true
		servertest.Exec(t, url, "CREATE TABLE plots (id int)")
		dir := smallProject(t, nil)
		if err := os.Mkdir(filepath.Join(dir, "supabase/tests"), 0o755); err != nil {
			t.Fatal(err)
		}
		write := func(name, sql string) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(dir, "supabase/tests", name), []byte(sql), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		run := func(command ...string) invocation {
			return invoke(t, strings.NewReader(""), append([]string{"--workdir", dir}, append(command, "--db-url", url)...)...)
		}
		write("a.sql", "BEGIN;\nSELECT plan(2);\nSELECT has_table('plots');\nSELECT throws_ok('SELECT 1/0', '22012');\nSELECT * FROM finish();\nROLLBACK;\n")
		for _, command := range [][]string{{"test"}, {"test", "db"}, {"db", "test"}} {
			if got := run(command...); got.code != 0 || !strings.HasPrefix(got.stdout, "ok      supabase/tests/a.sql (2 checks") {
				t.Errorf("%v: %+v", command, got)
			}
		}
		write("b.sql", "SELECT plan(2);\nSELECT hasnt_table('plots');\nSELECT * FROM finish();\n")
		if got := run("test"); got.code != exitError || !strings.Contains(got.stdout, "not ok 1 - ") || !strings.Contains(got.stdout, "Looks like you planned 2 tests but ran 1") {
			t.Errorf("a failing test: %+v", got)
		}
		var left bool
		if err := conn.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pgtap')").Scan(&left); err != nil || left {
			t.Errorf("the extension stayed: %v", err)
		}
	})
	if !tested {
		t.Log("NOT TESTED: no server has pgtap")
	}
}
