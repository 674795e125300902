package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bloom/supabase/server/servertest"
)

// supabaseCLI finds the real one. npm install supabase@2.115.0 brings a new one;
// node_modules/@supabase/cli-linux-x64/bin/supabase-go of supabase@2.99.0 is one
// of those before it was written anew.
func supabaseCLI(t *testing.T) func(dir string, args ...string) invocation {
	t.Helper()
	program := os.Getenv("BLOOM_SUPABASE_CLI")
	if program == "" {
		t.Skip("NOT TESTED: BLOOM_SUPABASE_CLI does not name the Supabase CLI")
	}
	return func(dir string, args ...string) invocation {
		cmd := exec.Command(program, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "DO_NOT_TRACK=1", "SUPABASE_TELEMETRY_DISABLED=1", "HOME="+t.TempDir(),
			"PGSSLMODE=disable") // older ones do not heed that of a URL
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		_ = cmd.Run()
		return invocation{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
	}
}

// interopFiles are cut and recorded in every way that both must agree on.
var interopFiles = map[string]string{
	"20240101000000": "-- a\nCREATE TABLE plots (id int, name text DEFAULT ';');;\n/* b; */\nINSERT INTO plots VALUES (1, 'it''s; ok'), (2, $x$ ; $x$);\n-- the end;\n",
	"20240102000000": "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END; $$;\n\n-- c\n;\nCREATE RULE r AS ON DELETE TO plots DO INSTEAD (SELECT 1; SELECT 2);",
	"20240103000000": "create index concurrently plots_name on plots (name);",
	"20240104000000": "-- nothing but a comment",
	"20240104500000": "",
	"20240105000000": "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;\nSELECT\n  1",
}

// TestSupabaseCLI works on one project with both programs.
func TestSupabaseCLI(t *testing.T) {
	cli := supabaseCLI(t)
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		dir := smallProject(t, interopFiles)
		byCLI, byBloom := s.Platform(t), s.Platform(t)
		bloom := func(args ...string) invocation {
			return invoke(t, strings.NewReader(""), append([]string{"--workdir", dir, "--yes"}, args...)...)
		}
		history := func(url string) string {
			return bloom("db", "query", "--db-url", url, "SELECT version, name, coalesce(statements, '{}') FROM supabase_migrations.schema_migrations ORDER BY 1").stdout
		}
		if got := cli(dir, "db", "push", "--yes", "--db-url", byCLI); got.code != 0 {
			t.Fatalf("supabase db push: %+v", got)
		}
		if got := bloom("push", "--db-url", byBloom); got.code != 0 {
			t.Fatalf("bloom push: %+v", got)
		}
		if diff := cmp.Diff(history(byCLI), history(byBloom)); diff != "" {
			t.Errorf("the history (-supabase +bloom)\n%s", diff)
		}
		for _, url := range []string{byCLI, byBloom} {
			if got := cli(dir, "db", "push", "--yes", "--db-url", url); !strings.Contains(got.stdout+got.stderr, "Remote database is up to date.") {
				t.Errorf("supabase db push: %+v", got)
			}
			if got := bloom("push", "--db-url", url); got.stdout != "Remote database is up to date.\n" {
				t.Errorf("bloom push: %+v", got)
			}
			if got := bloom("list", "--exit-code", "--db-url", url); got.code != 0 {
				t.Errorf("bloom list: %+v", got)
			} else {
				compareLists(t, cli(dir, "migration", "list", "--db-url", url).stdout, got.stdout)
			}
			// What bloom fetches, and what the CLI fetches, bloom finds the same.
			if got := cli(t.TempDir(), "migration", "fetch", "--yes", "--db-url", url); got.code != 0 {
				t.Errorf("supabase migration fetch: %+v", got)
			}
		}
		elsewhere := t.TempDir()
		if got := cli(elsewhere, "migration", "fetch", "--yes", "--db-url", byBloom); got.code != 0 {
			t.Fatalf("supabase migration fetch: %+v", got)
		}
		got := invoke(t, strings.NewReader(""), "--workdir", elsewhere, "list", "--wide", "--exit-code", "--db-url", byBloom)
		if got.code != 0 {
			t.Errorf("of files that the CLI fetched bloom says: %+v", got)
		}
	})
}

// compareLists demands the same bytes; but newer CLIs put backticks around versions.
func compareLists(t *testing.T, theirs, ours string) {
	t.Helper()
	if strings.Contains(theirs, "`") {
		if diff := cmp.Diff(words(theirs), words(ours)); diff != "" {
			t.Errorf("the list (-supabase +bloom)\n%s", diff)
		}
		return
	}
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Errorf("the list, byte for byte (-supabase +bloom)\n%s", diff)
	}
}

// words takes the table's form away.
func words(table string) []string {
	return strings.Fields(regexp.MustCompile("[`|-]+").ReplaceAllString(table, " "))
}

// TestSupabaseCLIPending puts the same questions to both programs: which
// migrations are pending, and if none may be, why.
func TestSupabaseCLIPending(t *testing.T) {
	cli := supabaseCLI(t)
	url := servertest.Start(t, servertest.Majors()[0]).Platform(t)
	version := func(digit string) string { return "2024010100000" + digit }
	tests := []struct{ local, applied string }{
		{"", ""}, {"0 1", ""}, {"0 1", "0 1"}, {"0 1 2", "0 1"}, {"0 1 2 3 4", "2 4"}, {"0 1 2 3", "1 2"}, {"0 2", "0 1 2 3 4"}, {"", "0"}, {"1 3", "2 3"},
	}
	for _, tt := range tests {
		for _, more := range [][]string{nil, {"--include-all"}} {
			t.Run(fmt.Sprintf("%s on %s %v", tt.local, tt.applied, more), func(t *testing.T) {
				files := map[string]string{}
				for _, digit := range strings.Fields(tt.local) {
					files[version(digit)] = "SELECT 1;"
				}
				dir := smallProject(t, files)
				sql := "CREATE TABLE IF NOT EXISTS supabase_migrations.schema_migrations (version text PRIMARY KEY, statements text[], name text); TRUNCATE supabase_migrations.schema_migrations;"
				for _, digit := range strings.Fields(tt.applied) {
					sql += "INSERT INTO supabase_migrations.schema_migrations (version) VALUES ('" + version(digit) + "');"
				}
				servertest.Exec(t, url, sql)
				args := append([]string{"push", "--dry-run", "--db-url", url}, more...)
				theirs := cli(dir, append([]string{"db"}, args...)...)
				ours := invoke(t, strings.NewReader(""), append([]string{"--workdir", dir}, args...)...)
				if diff := cmp.Diff(decision(theirs), decision(ours)); diff != "" {
					t.Errorf("(-supabase +bloom)\n%s\n%+v", diff, ours)
				}
			})
		}
	}
}

// decision is what a dry run decided: its files and the sentences that scripts look for.
func decision(got invocation) []string {
	out := []string{fmt.Sprint("exit ", got.code)}
	text := got.stdout + got.stderr
	for _, sentence := range []string{
		"DRY RUN: migrations will *not* be pushed to the database.", "Would push these migrations:", "Remote database is up to date.", "Finished supabase db push.",
		"Remote migration versions not found in local migrations directory.", "Found local migration files to be inserted before the last migration on remote database.",
		"Rerun the command with --include-all flag to apply these migrations:",
	} {
		if strings.Contains(text, sentence) {
			out = append(out, sentence)
		}
	}
	seen := map[string]bool{}
	for _, file := range regexp.MustCompile(`\d{14}_\w+\.sql`).FindAllString(text, -1) {
		if file = filepath.Base(file); !seen[file] {
			out = append(out, file)
		}
		seen[file] = true
	}
	return out
}
