package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bloom/supabase/server/servertest"
)

// oldHistories are history tables as databases have them that were there before.
var oldHistories = map[string]string{
	"none":          "DROP TABLE IF EXISTS supabase_migrations.schema_migrations",
	"no schema":     "DROP SCHEMA supabase_migrations CASCADE",
	"one column":    "CREATE TABLE supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY)",
	"more columns":  "CREATE TABLE supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY, statements text[], name text, created_by text DEFAULT 'x', idempotency_key text UNIQUE)",
	"another order": "CREATE TABLE supabase_migrations.schema_migrations (name text, version text NOT NULL PRIMARY KEY, statements text[])",
}

// TestOldHistories works with each of them.
func TestOldHistories(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		for name, sql := range oldHistories {
			t.Run(name, func(t *testing.T) {
				url := s.Platform(t)
				servertest.Exec(t, url, sql)
				dir := smallProject(t, map[string]string{"20240101000000": "CREATE TABLE one (id int);", "20240102000000": "CREATE TABLE two (id int);"})
				if !strings.Contains(sql, "DROP") {
					servertest.Exec(t, url, "CREATE TABLE one (id int); INSERT INTO supabase_migrations.schema_migrations (version) VALUES ('20240101000000')")
				}
				bloom := func(args ...string) invocation {
					t.Helper()
					got := invoke(t, strings.NewReader(""), append([]string{"--workdir", dir, "--yes"}, append(args, "--db-url", url)...)...)
					if got.code != 0 {
						t.Fatalf("%v: %+v", args, got)
					}
					return got
				}
				bloom("list")
				bloom("push")
				bloom("list", "--exit-code")
				bloom("repair", "20240101000000", "--status", "applied")
				bloom("fetch")
				bloom("list", "--exit-code")
				if got := bloom("push"); got.stdout != "Remote database is up to date.\n" {
					t.Errorf("%+v", got)
				}
				got := bloom("db", "query", "SELECT version, name, statements FROM supabase_migrations.schema_migrations ORDER BY version")
				for _, want := range []string{`{"CREATE TABLE one (id int)"}`, `{"CREATE TABLE two (id int)"}`} {
					if !strings.Contains(got.stdout, want) {
						t.Errorf("the history lacks %s:\n%s", want, got.stdout)
					}
				}
			})
		}
	})
}

// TestSupabaseCLIHistories lets the other program work on histories that bloom has
// been at, and bloom on its.
func TestSupabaseCLIHistories(t *testing.T) {
	cli := supabaseCLI(t)
	s := servertest.Start(t, servertest.Majors()[0])
	for name, sql := range oldHistories {
		t.Run(name, func(t *testing.T) {
			url := s.Platform(t)
			servertest.Exec(t, url, sql)
			files := map[string]string{"20240101000000": "CREATE TABLE one (id int);"}
			for i := 2; i < 6; i++ { // by turns
				dir := smallProject(t, files)
				if i%2 == 0 {
					if got := invoke(t, strings.NewReader(""), "--workdir", dir, "--yes", "push", "--db-url", url); got.code != 0 {
						t.Fatalf("bloom push: %+v", got)
					}
				} else if got := cli(dir, "db", "push", "--yes", "--db-url", url); got.code != 0 {
					t.Fatalf("supabase db push: %+v", got)
				}
				files[fmt.Sprintf("2024010%d000000", i)] = fmt.Sprintf("CREATE TABLE t%d (id int);", i)
			}
			if got := invoke(t, strings.NewReader(""), "--workdir", smallProject(t, files), "list", "--json", "--db-url", url); strings.Count(got.stdout, `"applied"`) != 4 || strings.Count(got.stdout, `"pending"`) != 1 {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestStepDown logs in as the platform's administrator: objects must belong to
// postgres all the same, so that whoever comes next can alter them.
func TestStepDown(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		url := asAdmin(s.Platform(t))
		// The role of a file ends with it, as does what it sets.
		dir := smallProject(t, map[string]string{
			"20240101000000": "CREATE TABLE one (id int);\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\nSET search_path = auth;",
			"20240102000000": "CREATE TABLE two (id int);\nCREATE INDEX CONCURRENTLY two_id ON two (id);\nRESET ROLE;\nRESET ALL;",
			"20240103000000": "CREATE TABLE three (id int);",
		})
		if got := invoke(t, strings.NewReader(""), "--workdir", dir, "--yes", "push", "--db-url", url); got.code != 0 {
			t.Fatalf("%+v", got)
		}
		got := invoke(t, strings.NewReader(""), "db", "query", "--db-url", url, `SELECT string_agg(relname || ' ' || relowner::regrole, ', ' ORDER BY oid) AS o FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`)
		if want := "one postgres, two postgres, three postgres"; !strings.Contains(got.stdout, want) {
			t.Errorf("owners: %s, want %s", got.stdout, want)
		}
	})
}

func asAdmin(url string) string { return strings.Replace(url, "//postgres@", "//supabase_admin@", 1) }

// TestSupabaseCLIOwners has both programs log in as the administrator and alter
// what the other made.
func TestSupabaseCLIOwners(t *testing.T) {
	cli := supabaseCLI(t)
	url := asAdmin(servertest.Start(t, servertest.Majors()[0]).Platform(t))
	files := map[string]string{"20240101000000": "CREATE TABLE by_bloom (id int);"}
	bloom := func() {
		t.Helper()
		if got := invoke(t, strings.NewReader(""), "--workdir", smallProject(t, files), "--yes", "push", "--db-url", url); got.code != 0 {
			t.Fatalf("bloom push: %+v", got)
		}
	}
	bloom()
	files["20240102000000"] = "ALTER TABLE by_bloom ADD COLUMN by_supabase int;\nCREATE TABLE by_supabase (id int);"
	if got := cli(smallProject(t, files), "db", "push", "--yes", "--db-url", url); got.code != 0 {
		t.Fatalf("supabase db push: %+v", got)
	}
	files["20240103000000"] = "-- bloom:allow DROP_TABLE it is made for that\nALTER TABLE by_supabase ADD COLUMN by_bloom int;\nDROP TABLE by_bloom;"
	bloom()
}

// TestSupabaseCLIDiff writes migrations with bloom diff and applies them with the
// other program; after that nothing differs.
func TestSupabaseCLIDiff(t *testing.T) {
	cli := supabaseCLI(t)
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		url, dir := s.Platform(t), smallProject(t, nil)
		schema := filepath.Join(dir, "schema")
		if err := os.Mkdir(schema, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, sql := range []string{
			"CREATE TABLE public.plots (id int PRIMARY KEY, name text);",
			"CREATE TABLE public.plots (id int PRIMARY KEY, name text NOT NULL CHECK (name <> ''), UNIQUE (name));\nCREATE INDEX plots_lower ON public.plots (lower(name));\n" +
				"ALTER TABLE public.plots ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON public.plots TO authenticated USING (auth.uid() IS NOT NULL);",
			"CREATE TABLE public.plots (id int PRIMARY KEY, name text NOT NULL);\nCREATE VIEW public.named WITH (security_invoker = true) AS SELECT id FROM public.plots;",
		} {
			if err := os.WriteFile(filepath.Join(schema, "a.sql"), []byte(sql), 0o644); err != nil {
				t.Fatal(err)
			}
			if got := invoke(t, strings.NewReader(""), "--workdir", dir, "diff", "-f", "step", "--online", "always", "--db-url", url); got.code != 0 {
				t.Fatalf("bloom diff: %+v", got)
			}
			if got := cli(dir, "db", "push", "--yes", "--db-url", url); got.code != 0 {
				t.Fatalf("supabase db push: %+v", got)
			}
			if got := invoke(t, strings.NewReader(""), "--workdir", dir, "diff", "--exit-code", "--db-url", url); got.code != 0 || got.stdout != "" {
				t.Errorf("after it bloom diff finds: %+v", got)
			}
		}
		if got := invoke(t, strings.NewReader(""), "--workdir", dir, "list", "--exit-code", "--db-url", url); got.code != 0 {
			t.Errorf("%+v", got)
		}
	})
}

// TestSupabaseCLICorpus pushes 219 migrations of a real project with both programs:
// the histories are the same, byte for byte.
func TestSupabaseCLICorpus(t *testing.T) {
	corpus, cli := corpusDir(t), supabaseCLI(t)
	s := servertest.Start(t, servertest.Majors()[0])
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "supabase/migrations"), os.DirFS(filepath.Join(corpus, "repos/Salk-Harnessing-Plants-Initiative+bloom/migrations"))); err != nil {
		t.Fatal(err)
	}
	stub, err := os.ReadFile(filepath.Join(corpus, "stubs/pgmq.sql"))
	if err != nil {
		t.Fatal(err)
	}
	history := func(push func(url string) invocation) []string {
		t.Helper()
		url := s.Platform(t)
		servertest.Exec(t, url, string(stub))
		if got := push(url); got.code != 0 {
			t.Fatalf("%+v", got)
		}
		rows, err := servertest.Connect(t, url).Query(t.Context(), "SELECT version || ' ' || name || ' ' || coalesce(statements, '{}')::text FROM supabase_migrations.schema_migrations ORDER BY version")
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				t.Fatal(err)
			}
			list = append(list, text)
		}
		return list
	}
	theirs := history(func(url string) invocation { return cli(dir, "db", "push", "--yes", "--db-url", url) })
	ours := history(func(url string) invocation {
		return invoke(t, strings.NewReader(""), "--workdir", dir, "--yes", "push", "--db-url", url)
	})
	if diff := cmp.Diff(theirs, ours); diff != "" || len(ours) != 219 {
		t.Errorf("%d migrations (-supabase +bloom)\n%s", len(ours), diff)
	}
}

// TestSupabaseCLIVault has both programs store the secrets of one config.toml, and
// each then change what the other stored.
func TestSupabaseCLIVault(t *testing.T) {
	cli := supabaseCLI(t)
	s := servertest.Start(t, servertest.Majors()[0])
	dir := smallProject(t, map[string]string{"20240101000000": "SELECT 1;"})
	configure := func(value string) {
		t.Helper()
		config := "project_id = \"lab\"\n[db.vault]\nfixed = \"" + value + "\"\ntoken = \"env(LAB_TOKEN)\"\nunset = \"env(NOT_SET_HERE)\"\n"
		if err := os.WriteFile(filepath.Join(dir, "supabase/config.toml"), []byte(config), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("LAB_TOKEN", "token of the lab")
	stored := func(url string) string {
		return invoke(t, strings.NewReader(""), "db", "query", "--db-url", url, "SELECT name, decrypted_secret FROM vault.decrypted_secrets WHERE name IN ('fixed', 'token', 'unset') ORDER BY name").stdout
	}
	bloom := func(url string) {
		t.Helper()
		if got := invoke(t, strings.NewReader(""), "--workdir", dir, "--yes", "push", "--db-url", url); got.code != 0 {
			t.Fatalf("bloom push: %+v", got)
		}
	}
	supabase := func(url string) {
		t.Helper()
		if got := cli(dir, "db", "push", "--yes", "--db-url", url); got.code != 0 {
			t.Fatalf("supabase db push: %+v", got)
		}
	}
	byBloom, byCLI := s.Platform(t), s.Platform(t)
	for _, value := range []string{"first", "second"} {
		configure(value)
		bloom(byBloom)
		supabase(byCLI)
		if diff := cmp.Diff(stored(byCLI), stored(byBloom)); diff != "" || !strings.Contains(stored(byBloom), value) {
			t.Errorf("(-supabase +bloom)\n%s", diff)
		}
		byBloom, byCLI = byCLI, byBloom
		if err := os.WriteFile(filepath.Join(dir, "supabase/migrations/20240102000000_a.sql"), []byte("SELECT 2;"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
