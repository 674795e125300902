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
			measureAlone(t, url, conn, u.Statements[0])
			continue
		}
		run("BEGIN")
		announced := map[string]string{}
		modes := map[string]catalog.LockMode{}
		for _, st := range u.Statements {
			run(path(st))
			before, read := files(t, conn), scanned(t, conn)
			run(st.SQL)
			waiting := measured(t, conn)
			for name, n := range scanned(t, conn) {
				if n > read[name] && blocks(waiting[name]) && !announcesReading(st) {
					t.Errorf("%s is read while others wait (%d rows) by\n%s", name, n-read[name], st.SQL)
				}
			}
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

// measureAlone runs a statement that can be in no transaction. Others use its tables, one
// session for each, and go away when the statement waits for them; so it is seen what
// it holds and wants until its end.
func measureAlone(t *testing.T, url string, conn *pgx.Conn, st planner.Statement) {
	t.Helper()
	watcher := servertest.Connect(t, url)
	pid := conn.PgConn().PID()
	there := map[uint32]string{}
	rows, err := conn.Query(t.Context(), "SELECT oid, name FROM pg_temp.there")
	if err != nil {
		t.Fatal(err)
	}
	var oid uint32
	var name string
	if _, err := pgx.ForEachRow(rows, []any{&oid, &name}, func() error { there[oid] = name; return nil }); err != nil {
		t.Fatal(err)
	}
	announced := map[string]string{}
	var readers []*pgx.Conn
	for _, l := range st.Locks {
		announced[l.Relation.String()] = l.Mode.String()
		reader := servertest.Connect(t, url)
		for _, sql := range []string{"BEGIN ISOLATION LEVEL REPEATABLE READ", "SELECT FROM " + l.Relation.SQL() + " LIMIT 0", "SAVEPOINT s", "LOCK TABLE ONLY " + l.Relation.SQL() + " IN ROW EXCLUSIVE MODE"} {
			if _, err := reader.Exec(t.Context(), sql); sqlstate(err) == "42809" { // a materialized view: its snapshot is waited for
				_, _ = reader.Exec(t.Context(), "ROLLBACK TO s")
			} else if err != nil {
				t.Fatal(err)
			}
		}
		readers = append(readers, reader)
	}
	done := make(chan error, 1)
	go func() {
		_, err := conn.PgConn().Exec(t.Context(), st.SQL).ReadAll()
		done <- err
	}()
	strongest, seen := map[string]catalog.LockMode{}, map[string]string{}
	for {
		noteLocks(t, watcher, pid, there, strongest, seen)
		select {
		case err := <-done:
			if err != nil {
				t.Fatalf("%v\n%s", err, st.SQL)
			}
			if diff := cmp.Diff(seen, announced); diff != "" {
				t.Fatalf("locks (-measured +announced) of\n%s\n%s", st.SQL, diff)
			}
			return
		default:
		}
		var blocker *uint32
		if err := watcher.QueryRow(t.Context(), "SELECT (pg_blocking_pids($1))[1]", pid).Scan(&blocker); err != nil {
			t.Fatal(err)
		}
		for _, r := range readers {
			if blocker != nil && r.PgConn().PID() == *blocker {
				noteLocks(t, watcher, pid, there, strongest, seen)
				if _, err := r.Exec(t.Context(), "ROLLBACK"); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// noteLocks adds what a session holds or waits for to what was seen of it.
func noteLocks(t *testing.T, watcher *pgx.Conn, pid uint32, there map[uint32]string, strongest map[string]catalog.LockMode, seen map[string]string) {
	t.Helper()
	rows, err := watcher.Query(t.Context(), "SELECT relation, mode FROM pg_locks WHERE pid = $1 AND relation IS NOT NULL", pid)
	if err != nil {
		t.Fatal(err)
	}
	var oid uint32
	var mode string
	if _, err := pgx.ForEachRow(rows, []any{&oid, &mode}, func() error {
		if name := there[oid]; name != "" {
			noteMode(name, mode, strongest, seen)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// noteMode keeps the strongest mode of a relation, the weak ones left out.
func noteMode(name, mode string, strongest map[string]catalog.LockMode, seen map[string]string) {
	for m := catalog.ShareUpdateExclusive; m <= catalog.AccessExclusive; m++ {
		if strings.EqualFold(strings.ReplaceAll(m.String(), " ", "")+"Lock", mode) && m > strongest[name] {
			strongest[name], seen[name] = m, m.String()
		}
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
		noteMode(name, mode, strongest, out)
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

// scanned is how many rows of each table that was there before the plan this session has read.
func scanned(t *testing.T, conn *pgx.Conn) map[string]int {
	t.Helper()
	rows, err := conn.Query(t.Context(), `SELECT t.name, pg_stat_get_xact_tuples_returned(t.oid) FROM pg_temp.there t JOIN pg_class c USING (oid) WHERE c.relkind IN ('r', 'm')`)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	var name string
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&name, &n}, func() error { out[name] = n; return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// blocks reports whether writers wait for a lock, by its name.
func blocks(mode string) bool {
	return mode != "" && mode != catalog.ShareUpdateExclusive.String()
}

// announcesReading reports whether a statement says that it works through a table, or is
// one that changes or moves its rows, as everybody sees.
func announcesReading(st planner.Statement) bool {
	for _, h := range st.Hazards {
		switch h.Code {
		case "TABLE_REWRITE", "TABLE_SCAN_EXCLUSIVE", "TABLE_SCAN_WRITES":
			return true
		}
	}
	for _, head := range []string{"SELECT ", "CREATE TEMPORARY ", "CREATE MATERIALIZED "} {
		if strings.HasPrefix(st.SQL, head) {
			return true
		}
	}
	return st.Data
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
