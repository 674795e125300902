package planner_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"bloom/catalog"
	"bloom/planner"
	"bloom/supabase/server/servertest"
)

// applyMeasured runs a plan as its units say, and demands of every statement in a
// transaction that it locks what it is announced to lock, and writes no table anew
// without saying so.
func applyMeasured(t *testing.T, url string, m *planner.Migration) {
	t.Helper()
	conn := servertest.Connect(t, url)
	run := func(sql string) {
		t.Helper()
		if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
			t.Fatalf("%v\n%s\n%s", err, sql, m.Script())
		}
	}
	run(`CREATE TEMP TABLE there AS SELECT c.oid, n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'm', 'v', 'S', 'f') AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')`)
	if m.UncheckedBodies {
		run("SET check_function_bodies = off")
	}
	for _, u := range m.Units {
		if u.NoTransaction {
			run(path(u.Statements[0]))
			run(u.Statements[0].SQL)
			continue
		}
		run("BEGIN")
		announced := map[string]string{}
		modes := map[string]catalog.LockMode{}
		for _, st := range u.Statements {
			run(path(st))
			before := files(t, conn)
			run(st.SQL)
			for _, l := range st.Locks {
				if name := l.Relation.String(); l.Mode >= catalog.ShareUpdateExclusive && l.Mode > modes[name] {
					modes[name], announced[name] = l.Mode, l.Mode.String()
				}
			}
			if diff := cmp.Diff(measured(t, conn), announced); diff != "" {
				t.Fatalf("locks (-measured +announced) of\n%s\n%s", st.SQL, diff)
			}
			after := files(t, conn)
			for oid, name := range before {
				if after[oid] != "" && after[oid] != name && !rewrites(st) {
					t.Errorf("%s is written anew by\n%s", name, st.SQL)
				}
			}
		}
		run("COMMIT")
	}
}

func path(st planner.Statement) string {
	if st.Path == "" {
		return "RESET search_path"
	}
	return "SET search_path = " + st.Path
}

// measured are the locks of this session on relations that were there before the
// plan: the strongest of each, those of indexes and the weak ones left out.
func measured(t *testing.T, conn *pgx.Conn) map[string]string {
	t.Helper()
	const query = "SELECT t.name, l.mode FROM pg_locks l JOIN pg_temp.there t ON t.oid = l.relation WHERE l.pid = pg_backend_pid()"
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	strongest := map[string]catalog.LockMode{}
	var name, mode string
	_, err = pgx.ForEachRow(rows, []any{&name, &mode}, func() error {
		for m := catalog.ShareUpdateExclusive; m <= catalog.AccessExclusive; m++ {
			if strings.EqualFold(strings.ReplaceAll(m.String(), " ", "")+"Lock", mode) && m > strongest[name] {
				strongest[name], out[name] = m, m.String()
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// files are the tables with rows, and the file that each is in.
func files(t *testing.T, conn *pgx.Conn) map[uint32]string {
	t.Helper()
	rows, err := conn.Query(t.Context(), `SELECT oid, pg_relation_filenode(oid), relname FROM pg_class
		WHERE relkind = 'r' AND oid IN (SELECT oid FROM pg_temp.there) AND pg_relation_size(oid) > 0`)
	if err != nil {
		t.Fatal(err)
	}
	out := map[uint32]string{}
	var oid, file uint32
	var name string
	if _, err := pgx.ForEachRow(rows, []any{&oid, &file, &name}, func() error {
		out[oid] = fmt.Sprintf("%s in file %d", name, file)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// rewrites reports whether a statement says that it writes a table anew.
func rewrites(st planner.Statement) bool {
	for _, h := range st.Hazards {
		if h.Code == "TABLE_REWRITE" {
			return true
		}
	}
	return false
}
