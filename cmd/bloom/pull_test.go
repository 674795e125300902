package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"bloom/supabase/server/servertest"
)

// TestPull pulls a database of every major, diffs it, and makes it anew from
// its dump.
func TestPull(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/script/pull.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var made string
	for _, f := range archive.Files {
		if f.Name == "made.sql" {
			// Roles are the cluster's, and the script uses the same cluster.
			made = strings.ReplaceAll(string(f.Data), "ex_reader", "ex_puller")
		}
	}
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		url, again := s.Platform(t), s.Platform(t)
		servertest.Exec(t, url, strings.Replace(made, "CREATE ROLE ex_puller", "DROP ROLE IF EXISTS ex_puller; CREATE ROLE ex_puller", 1))
		dir := smallProject(t, nil)
		schema := filepath.Join(dir, "schema")
		bloom := func(args ...string) invocation {
			t.Helper()
			got := invoke(t, strings.NewReader(""), append([]string{"--workdir", dir}, args...)...)
			if got.code != 0 || strings.Contains(got.stderr, "warning:") {
				t.Fatalf("%v: %d\n%s%s", args, got.code, got.stdout, got.stderr)
			}
			return got
		}
		bloom("pull", "--db-url", url, "--schema-dir", schema)
		bloom("diff", "--db-url", url, "--schema-dir", schema, "--exit-code")
		servertest.Exec(t, again, bloom("dump", "--db-url", url).stdout)
		if got := bloom("pull", "--db-url", again, "--schema-dir", schema); !strings.Contains(got.stderr, "No schema changes found") {
			t.Errorf("the dump makes another schema:\n%s%s", got.stdout, got.stderr)
		}
	})
}

// TestFileNames: names do not collide, stay inside their folder and after the
// first file.
func TestFileNames(t *testing.T) {
	l := layout{names: map[folderName]string{}, taken: map[folderName]bool{}}
	for _, tt := range []struct{ name, want string }{
		{"Users", "Users"}, {"users", "users_2"}, {"USERS", "USERS_3"}, {"users_2", "users_2_2"}, {"Users", "Users"},
		{"a/b", "a_b"}, {"../x", "___x"}, {"", "_"}, {"con", "_con"}, {"0", "_0"}, {"größe", "gr__e"},
	} {
		if got := l.name("public/tables", tt.name); got != tt.want {
			t.Errorf("%q is in %q, want %q", tt.name, got, tt.want)
		}
	}
}
