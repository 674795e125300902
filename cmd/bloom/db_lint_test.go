package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bloom/supabase/server/servertest"
)

const lintSQL = `
CREATE TABLE plots (id int, area numeric);
CREATE FUNCTION fine() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;
CREATE FUNCTION wrong_column() RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT siz FROM plots);
END $$;
CREATE FUNCTION unused() RETURNS int LANGUAGE plpgsql AS $$ DECLARE x int; BEGIN RETURN 1; END $$;
CREATE FUNCTION on_plots() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.size := 1; RETURN new; END $$;
CREATE TRIGGER on_plots BEFORE INSERT ON plots FOR EACH ROW EXECUTE FUNCTION on_plots();
CREATE FUNCTION counts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM count(*) FROM fresh; RETURN NULL; END $$;
CREATE TRIGGER counts AFTER INSERT ON plots REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION counts();
CREATE SCHEMA lab;
CREATE FUNCTION lab.gone() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM lab.no_such(); END $$`

// TestDBLint lets the real extension look through functions, where a server has it.
func TestDBLint(t *testing.T) {
	tested := false
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		url := s.Platform(t)
		servertest.Exec(t, url, lintSQL)
		lint := func(more ...string) invocation {
			return invoke(t, strings.NewReader(""), append([]string{"db", "lint", "--db-url", url}, more...)...)
		}
		var available bool
		if err := servertest.Connect(t, url).QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'plpgsql_check')").Scan(&available); err != nil {
			t.Fatal(err)
		}
		if !available {
			if got := lint(); got.code != exitError || !strings.Contains(got.stderr, "error: the server has no extension plpgsql_check") || !strings.Contains(got.stderr, "hint: ") {
				t.Errorf("without the extension: %+v", got)
			}
			return
		}
		tested = true
		type issue struct{ Function, Table, Level, Message string }
		issues := func(got invocation) (list []issue) {
			t.Helper()
			var results []lintResult
			if err := json.Unmarshal([]byte(got.stdout), &results); err != nil {
				t.Fatalf("%v\n%+v", err, got)
			}
			for _, r := range results {
				for _, i := range r.Issues {
					list = append(list, issue{r.Function, r.Table, i.Level, i.Message})
				}
			}
			return list
		}
		wrong := []issue{
			{"lab.gone", "", "error", "function lab.no_such() does not exist"},
			{"public.on_plots", "plots", "error", `record "new" has no field "size"`},
			{"public.wrong_column", "", "error", `column "siz" does not exist`},
		}
		got := lint("--level", "error")
		if diff := cmp.Diff(wrong, issues(got)); got.code != 0 || diff != "" || !strings.Contains(got.stderr, "Linting schema: lab\nLinting schema: public\n") {
			t.Errorf("%+v\n(-want +got)\n%s", got, diff)
		}
		if list := issues(lint()); len(list) <= len(wrong) {
			t.Errorf("no warnings: %v", list)
		}
		if diff := cmp.Diff(wrong[:1], issues(lint("--schema", "lab"))); diff != "" {
			t.Errorf("one schema (-want +got)\n%s", diff)
		}
		if got := lint("--fail-on", "error"); got.code != exitError || !strings.HasSuffix(got.stderr, "error: fail-on is set to error, non-zero exit\n") {
			t.Errorf("--fail-on: %+v", got)
		}
		servertest.Exec(t, url, "DROP FUNCTION wrong_column; DROP FUNCTION lab.gone; DROP FUNCTION on_plots CASCADE")
		if got := lint("--level", "error", "--fail-on", "error"); got.code != 0 || got.stdout != "" || !strings.HasSuffix(got.stderr, "No schema errors found\n") {
			t.Errorf("nothing wrong: %+v", got)
		}
		var left bool
		if err := servertest.Connect(t, url).QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'plpgsql_check')").Scan(&left); err != nil || left {
			t.Errorf("the extension stayed: %v", err)
		}
	})
	if !tested {
		t.Log("NOT TESTED: no server has plpgsql_check")
	}
}
