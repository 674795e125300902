package planner_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/txtar"

	"bloom/catalog"
	"bloom/catalog/introspect"
	"bloom/differ"
	"bloom/parser/split"
	"bloom/planner"
	"bloom/supabase/server/servertest"
)

// testCase is one testdata file: what there is, what is wanted and the plan.
type testCase struct {
	name, path string
	files      map[string]string
	archive    *txtar.Archive
	online     planner.Online // forms, for a case that is no file
}

func cases(t testing.TB) []testCase {
	paths, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	var out []testCase
	for _, p := range paths {
		ar, err := txtar.ParseFile(p)
		if err != nil {
			t.Fatal(err)
		}
		c := testCase{name: strings.TrimSuffix(strings.TrimPrefix(p, "testdata/"), ".txtar"), path: p, files: map[string]string{}, archive: ar}
		for _, f := range ar.Files {
			c.files[f.Name] = string(f.Data)
		}
		out = append(out, c)
	}
	return out
}

// TestLive plans from one database to another and back, runs the plan, and
// demands that nothing differs after it.
func TestLive(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		for _, c := range cases(t) {
			t.Run(c.name, func(t *testing.T) {
				if unfit(c, s) {
					t.Skip("not for this version")
				}
				current, desired := c.files["current.sql"], c.files["desired.sql"]
				t.Run("there", func(t *testing.T) { migrate(t, s, c, current, desired, c.files["rows.sql"]) })
				t.Run("golden", func(t *testing.T) { runGolden(t, s, c) })
				if !strings.Contains(string(c.archive.Comment), "one way") {
					t.Run("back", func(t *testing.T) { migrate(t, s, c, desired, current, c.files["rows_back.sql"]) })
				}
			})
		}
	})
}

func unfit(c testCase, s *servertest.Server) bool {
	return strings.Contains(string(c.archive.Comment), "from 17") && s.Major < 17
}

func migrate(t *testing.T, s *servertest.Server, c testCase, from, to, rows string) {
	t.Helper()
	ours, theirs := s.Database(t), s.Database(t)
	servertest.Exec(t, ours, from)
	servertest.Exec(t, theirs, to)
	if rows != "" {
		servertest.Exec(t, ours, rows)
	}
	desired := read(t, theirs)
	m := plan(t, c, read(t, ours), desired)
	script := m.Script()
	before, found := rowCounts(t, ours), kept(t, c, ours, rows)
	applyMeasured(t, ours, m)
	keepRows(t, ours, before, script)
	if diff := cmp.Diff(found, kept(t, c, ours, rows)); diff != "" {
		t.Fatalf("the rows are not what they were (-before +after):\n%s\nthe migration:\n%s", diff, script)
	}
	if changes := differ.NewMemo(nil).Diff(read(t, ours), desired); len(changes) > 0 {
		t.Fatalf("after the migration there is a difference:\n%s\nthe migration:\n%s", describe(changes), script)
	}
	if os.Getenv("BLOOM_TEST_SHOW") != "" {
		t.Logf("\n%s", script)
	}
}

// kept are the rows that kept.sql asks for: they have to be the same before and after.
func kept(t *testing.T, c testCase, url, rows string) []string {
	t.Helper()
	if c.files["kept.sql"] == "" || rows == "" {
		return nil
	}
	found, err := servertest.Connect(t, url).Query(t.Context(), c.files["kept.sql"])
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	var out []string
	for found.Next() {
		values, err := found.Values()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(values...))
	}
	if len(out) == 0 || found.Err() != nil {
		t.Fatalf("kept.sql finds nothing (%v)", found.Err())
	}
	return out
}

// runGolden runs the plan that was made of the declarations, in the user's own words.
func runGolden(t *testing.T, s *servertest.Server, c testCase) {
	t.Helper()
	ours, theirs := s.Database(t), s.Database(t)
	servertest.Exec(t, ours, c.files["current.sql"])
	servertest.Exec(t, theirs, c.files["desired.sql"])
	if rows := c.files["rows.sql"]; rows != "" {
		servertest.Exec(t, ours, rows)
	}
	before := rowCounts(t, ours)
	apply(t, ours, c.files["plan.sql"])
	keepRows(t, ours, before, c.files["plan.sql"])
	if changes := differ.NewMemo(nil).Diff(read(t, ours), read(t, theirs)); len(changes) > 0 {
		t.Fatalf("after the plan there is a difference:\n%s", describe(changes))
	}
}

// rowCounts is how many rows each table has.
func rowCounts(t *testing.T, url string) map[string]int {
	t.Helper()
	counts := map[string]int{}
	rows, err := servertest.Connect(t, url).Query(t.Context(), `
		SELECT c.oid::regclass::text, (xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM ' || c.oid::regclass, false, true, '')))[1]::text::int
			, coalesce((SELECT ' of ' || string_agg(inhrelid::regclass::text, ', ' ORDER BY inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = c.oid), '')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'`)
	if err != nil {
		t.Fatal(err)
	}
	var name, partitions string
	var n int
	count := func() error {
		counts[name], counts[name+partitions] = n, n
		return nil
	}
	if _, err := pgx.ForEachRow(rows, []any{&name, &n, &partitions}, count); err != nil {
		t.Fatal(err)
	}
	return counts
}

// partitioned reports whether a table was counted with its partitions as well: others
// may come and go, with their rows.
func partitioned(counts map[string]int, table string) bool {
	for name := range counts {
		if strings.HasPrefix(name, table+" of ") {
			return true
		}
	}
	return false
}

// keepRows demands that every table that is still there has the rows it had; a
// partitioned one, if it has the partitions it had.
func keepRows(t *testing.T, url string, before map[string]int, script string) {
	t.Helper()
	after := rowCounts(t, url)
	for table, n := range before {
		if now, ok := after[table]; ok && now < n && !partitioned(before, table) {
			t.Errorf("%s had %d rows and now has %d:\n%s", table, n, now, script)
		}
	}
}

func plan(t *testing.T, c testCase, current, desired *catalog.Catalog) *planner.Migration {
	t.Helper()
	changes := differ.NewMemo(nil).Diff(current, desired)
	m, err := planner.Plan(current, desired, changes, c.options())
	if err != nil {
		t.Fatalf("%v\nchanges:\n%s", err, describe(changes))
	}
	return m
}

// options are what a case asks for in its first line.
func (c testCase) options() planner.Options {
	if c.archive != nil && strings.HasPrefix(string(c.archive.Comment), "online always") {
		return planner.Options{Online: planner.OnlineAlways, Locks: split.Locks}
	}
	return planner.Options{Online: c.online, Locks: split.Locks}
}

// apply runs a script as psql does: statement by statement, each a transaction of its own unless the script says BEGIN.
func apply(t *testing.T, url, script string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	statements, err := split.File("plan.sql", script)
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range statements {
		if _, err := conn.PgConn().Exec(context.Background(), st.Text).ReadAll(); err != nil {
			t.Fatalf("%v\n%s", err, script)
		}
	}
}

func read(t *testing.T, url string) *catalog.Catalog {
	t.Helper()
	c, err := introspect.Database(t.Context(), servertest.Connect(t, url), introspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func describe(changes []differ.Change) string {
	var b strings.Builder
	for _, c := range changes {
		b.WriteString(c.Op.String() + " " + c.ID().String() + " " + strings.Join(c.Fields, ", ") + "\n")
	}
	return b.String()
}
