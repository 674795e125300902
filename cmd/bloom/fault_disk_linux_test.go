package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"bloom/supabase/server/servertest"
)

// TestFullDisk writes files where there is no room for them.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("NOT TESTED: a full disk needs the right to mount one: %v", err)
	}
	defer func() { _ = syscall.Unmount(dir, 0) }()
	big := strings.Repeat("SELECT 1;\n", 20000)
	got := invoke(t, strings.NewReader(big), "--workdir", dir, "new", "big", "--stdin")
	if got.code != exitError || !strings.Contains(got.stderr, "no space left on device") {
		t.Errorf("new: %+v", got)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "supabase/migrations/*")); len(left) > 0 {
		t.Errorf("new left %v", left)
	}

	url := servertest.Start(t, servertest.Majors()[0]).Database(t)
	servertest.Exec(t, url, "CREATE SCHEMA supabase_migrations; CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY, statements text[], name text)")
	servertest.Exec(t, url, "INSERT INTO supabase_migrations.schema_migrations VALUES ('20240101000000', array_fill('SELECT 1'::text, ARRAY[20000]), 'big')")
	small := filepath.Join(dir, "supabase/migrations/20240101000000_big.sql")
	if err := os.WriteFile(small, []byte("SELECT 2;"), 0o644); err != nil {
		t.Fatal(err)
	}
	got = invoke(t, strings.NewReader(""), "--workdir", dir, "--yes", "fetch", "--db-url", url)
	if got.code != exitError || !strings.Contains(got.stderr, "no space left on device") {
		t.Errorf("fetch: %+v", got)
	}
	if text, err := os.ReadFile(small); err != nil || string(text) != "SELECT 2;" {
		t.Errorf("fetch broke the file that was there: %q, %v", text, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "supabase/migrations/*")); len(left) != 1 {
		t.Errorf("fetch left %v", left)
	}
	fullDiskSquash(t, dir)
	fullDiskPull(t, url, dir)
	if _, err := exec.LookPath("pg_dump"); err == nil {
		backup := filepath.Join(dir, "backup.sql")
		servertest.Exec(t, url, "CREATE TABLE t AS SELECT repeat('a', 100000)")
		got = invoke(t, strings.NewReader(""), "--workdir", smallProject(t, map[string]string{"20240101000000": "SELECT 1", "20240102000000": "CREATE TABLE u (id int)"}), "--yes", "push", "--db-url", url, "--backup", backup)
		if got.code != exitError || !strings.Contains(got.stderr, "the backup failed, nothing was applied") {
			t.Errorf("backup: %+v", got)
		}
		if left, _ := filepath.Glob(backup + "*"); len(left) > 0 {
			t.Errorf("backup left %v", left)
		}
	}
}

// fullDiskSquash squashes where first the new migration and then what is kept aside
// has no room: all files stay as they were.
func fullDiskSquash(t *testing.T, dir string) {
	t.Helper()
	long := strings.Repeat("x", 50_000)
	for name, second := range map[string]string{
		"migration": "COMMENT ON TABLE t IS '" + long + "';\nCOMMENT ON COLUMN t.id IS '" + long + "';\nINSERT INTO t VALUES ('1');",
		"aside":     "INSERT INTO t VALUES (1); -- " + long + "\nINSERT INTO t VALUES ('" + long + "');",
	} {
		root := filepath.Join(dir, name)
		migrations := filepath.Join(root, "supabase/migrations")
		if err := os.MkdirAll(migrations, 0o755); err != nil {
			t.Fatal(err)
		}
		// Not on the full disk itself, but at the same places.
		elsewhere := smallProject(t, map[string]string{"20240101000000": "CREATE TABLE t (id text);", "20240102000000": second})
		for _, file := range []string{"20240101000000_a.sql", "20240102000000_a.sql"} {
			if err := os.Symlink(filepath.Join(elsewhere, "supabase/migrations", file), filepath.Join(migrations, file)); err != nil {
				t.Fatal(err)
			}
		}
		got := invoke(t, strings.NewReader(""), "--workdir", root, "--yes", "squash")
		if got.code != exitError || !strings.Contains(got.stderr, "no space left on device") {
			t.Errorf("squash, %s: %+v", name, got)
		}
		left, _ := filepath.Glob(filepath.Join(root, "supabase/*/*"))
		hidden, _ := filepath.Glob(filepath.Join(migrations, ".*"))
		if len(left) != 2 || len(hidden) > 0 {
			t.Errorf("squash, %s, left %v %v", name, left, hidden)
		}
		if err := os.RemoveAll(root); err != nil {
			t.Fatal(err)
		}
	}
}

// fullDiskPull pulls a schema for which there is no room: the folder stays as it was.
func fullDiskPull(t *testing.T, url, dir string) {
	t.Helper()
	servertest.Exec(t, url, "CREATE TABLE big (id int)")
	servertest.Exec(t, url, "DO $$ BEGIN EXECUTE format('COMMENT ON TABLE big IS %L', repeat('x', 100000)); END $$")
	root := filepath.Join(dir, "pull")
	if err := writeFile(filepath.Join(root, "schema/old.sql"), "CREATE TABLE old ();"); err != nil {
		t.Fatal(err)
	}
	got := invoke(t, strings.NewReader(""), "--workdir", root, "--yes", "pull", "--force", "--db-url", url, "--schema-dir", filepath.Join(root, "schema"))
	if got.code != exitError || !strings.Contains(got.stderr, "no space left on device") {
		t.Errorf("pull: %+v", got)
	}
	var left []string
	_ = filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			left = append(left, path)
		}
		return nil
	})
	if text, err := os.ReadFile(filepath.Join(root, "schema/old.sql")); err != nil || string(text) != "CREATE TABLE old ();" || len(left) != 1 {
		t.Errorf("pull left %v, %v", left, err)
	}
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
}
