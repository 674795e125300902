package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bloom/supabase/server/servertest"
)

// TestPasswords runs commands in many ways, good and bad, and looks for the
// password in all they say.
func TestPasswords(t *testing.T) {
	const password = "s3cr3t/Pa55"
	url := servertest.Start(t, servertest.Majors()[0]).Platform(t)
	with := func(dsn string) string { return strings.Replace(dsn, "postgres@", "postgres:s3cr3t%2FPa55@", 1) }
	dir := smallProject(t, map[string]string{
		"20240101000000": "CREATE TABLE plots (id int);",
		"20240102000000": "CREATE ROLE pg_not_allowed LOGIN PASSWORD 's3cr3t/Pa55';",
	})
	secrets := "[db.vault]\nkey = \"s3cr3t/Pa55\"\n"
	if err := os.WriteFile(filepath.Join(dir, "supabase/config.toml"), []byte(secrets), 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) invocation {
		return invoke(t, strings.NewReader(""), append([]string{"--workdir", dir, "--debug", "--yes"}, args...)...)
	}
	check := func(got invocation, what ...string) {
		t.Helper()
		for _, secret := range []string{password, "s3cr3t", "Pa55"} {
			if strings.Contains(got.stdout+got.stderr, secret) {
				t.Errorf("%v: the password is in\n%s%s", what, got.stdout, got.stderr)
			}
		}
	}
	good := with(url)
	nowhere, unknown := with("postgres://postgres@127.0.0.1:1/postgres"), with(strings.Replace(url, "/test_", "/no_test_", 1))
	commands := [][]string{
		{"push", "--dry-run"}, {"push"}, {"list"}, {"list", "--json"}, {"repair", "--status", "applied", "20240101000000"}, {"fetch"}, {"seed"},
		{"dump"}, {"pull", "--schema-dir", filepath.Join(dir, "pulled"), "--force"}, {"pull", "--migration"}, {"rollback", "20240101000000", "--apply"},
		{"reset"}, {"reset", "--i-know", "--confirm-database", "x"}, {"as", "--role", "anon", "SELECT 1"}, {"as", "--role", "anon", "SELECT 1/0"},
		{"test"}, {"db", "query", "SELECT 1"}, {"push", "--backup", "/no/such/folder/x"},
		{"diff"}, {"drift"}, {"db", "lint"}, {"migration", "up"},
	}
	for _, command := range commands {
		for _, dsn := range []string{good, nowhere, unknown, "postgres://postgres:s3cr3t/Pa55@127.0.0.1:1/postgres", "host=127.0.0.1 port=1 user=postgres password=s3cr3t/Pa55 dbname"} {
			check(run(append(command, "--db-url", dsn)...), append(command, dsn)...)
		}
	}
	t.Setenv("PGPASSWORD", password)
	t.Setenv("SUPABASE_DB_PASSWORD", password)
	t.Setenv("SUPABASE_PROJECT_ID", "abcdefghijklmnopqrst")
	t.Setenv("BLOOM_DB_URL", good)
	for _, command := range commands {
		check(run(command...), command...)
	}
	got := run("push")
	check(got)
	if !strings.Contains(got.stderr, "PASSWORD 'xxxxx") {
		t.Errorf("the failing statement was to be shown without its password:\n%s", got.stderr)
	}
	for _, command := range [][]string{{"renumber", "20240102000000"}, {"squash", "--record"}, {"squash"}} { // they change files
		check(run(command...), command...)
	}
}

// TestBackup dumps the database before it changes.
func TestBackup(t *testing.T) {
	if _, err := exec.LookPath("pg_dump"); err != nil {
		t.Skip("NOT TESTED: no pg_dump")
	}
	url := servertest.Start(t, servertest.Majors()[0]).Database(t)
	servertest.Exec(t, url, "CREATE TABLE before (id int)")
	file := filepath.Join(t.TempDir(), "backup.sql")
	push := func(sql string) invocation {
		dir := smallProject(t, map[string]string{"20240101000000": "CREATE TABLE after (id int);", "20240102000000": sql})
		return invoke(t, strings.NewReader(""), "--workdir", dir, "--yes", "push", "--db-url", url, "--backup", file)
	}
	got := push("SELECT 1;")
	text, err := os.ReadFile(file)
	if got.code != 0 || err != nil || !strings.Contains(string(text), "CREATE TABLE public.before") || strings.Contains(string(text), "CREATE TABLE public.after") {
		t.Errorf("%+v, %v\n%s", got, err, text)
	}
	servertest.Exec(t, url, "DELETE FROM supabase_migrations.schema_migrations WHERE version = '20240102000000'")
	if got := push("CREATE TABLE more (id int);"); got.code != exitError || !strings.Contains(got.stderr, "exists; nothing was applied") {
		t.Errorf("over an existing file: %+v", got)
	}
}

// TestCorpus walks a real project through its working day: 219 migrations.
func TestCorpus(t *testing.T) {
	corpus := corpusDir(t)
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		url := s.Platform(t)
		stub, err := os.ReadFile(filepath.Join(corpus, "stubs/pgmq.sql"))
		if err != nil {
			t.Fatal(err)
		}
		servertest.Exec(t, url, string(stub))
		dir := t.TempDir()
		migrations := filepath.Join(dir, "supabase/migrations")
		if err := os.CopyFS(migrations, os.DirFS(filepath.Join(corpus, "repos/Salk-Harnessing-Plants-Initiative+bloom/migrations"))); err != nil {
			t.Fatal(err)
		}
		t.Setenv("SUPABASE_DB_PORT", strings.Split(strings.Split(url, ":")[2], "/")[0]) // the project's own server
		t.Setenv("BLOOM_DB_URL", url)
		bloom := func(args ...string) string {
			t.Helper()
			got := invoke(t, strings.NewReader(""), append([]string{"--workdir", dir, "--yes"}, args...)...)
			if got.code != 0 {
				t.Fatalf("%v: %s%s", args, got.stdout, got.stderr)
			}
			return got.stdout
		}
		state := func() string { return bloom("db", "query", workflowState) }

		bloom("push", "--dry-run")
		bloom("push")
		if got := bloom("push"); got != "Local database is up to date.\n" {
			t.Errorf("the second push says %q", got)
		}
		if got := strings.Count(bloom("list", "--exit-code"), "\n   20"); got != 219 {
			t.Errorf("%d migrations in the list, want 219", got)
		}
		if got := bloom("db", "query", "SELECT sum(cardinality(statements)) FROM supabase_migrations.schema_migrations"); !strings.Contains(got, " 1497\n") {
			t.Errorf("the history has another number of statements than 1497:\n%s", got)
		}
		want := state()
		bloom("repair", "--status", "reverted", "20230711213308", "20260803000000")
		bloom("repair", "--status", "applied", "20230711213308", "20260803000000")
		bloom("repair", "--status", "reverted")
		bloom("repair", "--status", "applied")
		bloom("list", "--exit-code")
		if diff := cmp.Diff(want, state()); diff != "" {
			t.Errorf("after repairs (-want +got)\n%s", diff)
		}
		bloom("reset")
		bloom("list", "--exit-code")
		if diff := cmp.Diff(want, state()); diff != "" {
			t.Errorf("after a reset (-want +got)\n%s", diff)
		}
		// Back from the history alone.
		if err := os.RemoveAll(migrations); err != nil {
			t.Fatal(err)
		}
		bloom("fetch")
		bloom("list", "--exit-code")
		bloom("reset", "--last", "100")
		bloom("push")
		bloom("list", "--exit-code")
		if diff := cmp.Diff(want, state()); diff != "" {
			t.Errorf("from fetched files (-want +got)\n%s", diff)
		}
		// What is pulled declares what the migrations made.
		schema := filepath.Join(dir, "declared")
		bloom("pull", "--schema-dir", schema)
		if got := bloom("diff", "--schema-dir", schema, "--exit-code"); got != "" {
			t.Errorf("diff after pull:\n%s", got)
		}
		bloom("drift")
		if got := bloom("db", "pull"); got != "" {
			t.Errorf("pull finds what the migrations do not make:\n%s", got)
		}
		// One migration in place of all makes the same elsewhere, and is known here.
		bloom("squash", "--record")
		bloom("list", "--exit-code")
		if got := bloom("push"); got != "Local database is up to date.\n" {
			t.Errorf("push after squash says %q", got)
		}
		elsewhere := s.Platform(t)
		servertest.Exec(t, elsewhere, string(stub))
		bloom("push", "--db-url", elsewhere)
		if got := bloom("diff", "--from", elsewhere, "--to", url, "--exit-code"); got != "" {
			t.Errorf("the squashed migration makes another schema:\n%s", got)
		}
		aside, err := filepath.Glob(filepath.Join(dir, "supabase/squashed/*_rows.sql"))
		if err != nil || len(aside) != 1 {
			t.Fatalf("rows kept aside: %v, %v", aside, err)
		}
		text, err := os.ReadFile(aside[0])
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "INSERT INTO storage.buckets"); n != 10 {
			t.Errorf("%d statements about buckets are kept aside, want 10", n)
		}
	})
}

// workflowState is what a project made, in the order of names.
const workflowState = `
SELECT format('%s %s %s %s', relname, relkind, relrowsecurity, (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(relacl) a)) FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1;
SELECT format('%s %s %s', attrelid::regclass, attname, atttypid::regtype) FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) ORDER BY 1;
SELECT format('%s %s', oid::regprocedure, (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(proacl) a)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1;
SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1;
SELECT format('%s %s %s', polrelid::regclass, polname, pg_get_expr(polqual, polrelid)) FROM pg_policy ORDER BY 1;
SELECT format('%s %s', tgrelid::regclass, tgname) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1;
SELECT format('%s %s', prpubid, prrelid::regclass) FROM pg_publication_rel ORDER BY 1;
SELECT format('%s %s %s %s', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype, (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(defaclacl) a)) FROM pg_default_acl ORDER BY 1;
SELECT extname FROM pg_extension ORDER BY 1;
SELECT id, name, public FROM storage.buckets ORDER BY 1;
SELECT version, name, statements FROM supabase_migrations.schema_migrations ORDER BY 1`
