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
