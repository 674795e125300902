package coverage_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"bloom/catalog"
	"bloom/catalog/coverage"
	"bloom/catalog/introspect"
	"bloom/differ"
	"bloom/planner"
	"bloom/supabase/server/servertest"
)

// TestCompared makes one database with what the cases have before and a copy of it
// with what they have after, so that all cases together cost few readings. It
// looks at what the differ sees, and then runs the plan of each case: back in the
// copy, and there in the first.
func TestCompared(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		d := newDatabases(t, s)
		d.check(t)
		d.migrate(t, "back", d.afterURL, d.after, d.before)
		d.migrate(t, "there", d.beforeURL, d.before, d.after)
	})
}

type databases struct {
	cases               []testCase
	beforeURL, afterURL string
	before, after       *catalog.Catalog
}

func newDatabases(t *testing.T, s *servertest.Server) *databases {
	t.Cleanup(func() { dropShared(t, s) })
	d := &databases{beforeURL: s.Database(t)}
	conn := servertest.Connect(t, d.beforeURL)
	t.Cleanup(func() { dropSubscriptions(t, d.beforeURL) })
	for _, c := range cases(t) {
		if c.first > s.Major || c.last < s.Major {
			continue
		}
		if err := run(conn, "create schema "+c.name+";\n"+c.sql("before")); err != nil {
			t.Errorf("%s: before: %v", c.name, err)
			continue
		}
		d.cases = append(d.cases, c)
	}
	d.before = read(t, conn)
	conn.Close(context.Background())
	d.afterURL = s.Copy(t, d.beforeURL)
	conn = servertest.Connect(t, d.afterURL)
	t.Cleanup(func() { dropSubscriptions(t, d.afterURL) })
	d.cases = slices.DeleteFunc(d.cases, func(c testCase) bool {
		err := run(conn, c.sql("after"))
		if err != nil {
			t.Errorf("%s: after: %v", c.name, err)
		}
		return err != nil
	})
	d.after = read(t, conn)
	return d
}

// byCase sorts changes by the case that they belong to, "" if to none.
func (d *databases) byCase(changes []differ.Change) map[string][]differ.Change {
	out := map[string][]differ.Change{}
	for _, ch := range changes {
		name := ""
		if i := slices.IndexFunc(d.cases, func(c testCase) bool { return c.owns(ch.ID().String()) }); i >= 0 {
			name = d.cases[i].name
		}
		out[name] = append(out[name], ch)
	}
	return out
}

// check compares what the differ sees with what the cases want, and demands of
// every compared column that its fields were seen to differ.
func (d *databases) check(t *testing.T) {
	changes := d.byCase(differ.NewMemo(nil).Diff(d.before, d.after))
	seen := map[string]bool{}
	for _, c := range d.cases {
		t.Run(c.name, func(t *testing.T) {
			if got := describe(changes[c.name]); got != "" || c.parts["want"] != "" || c.parts["unmodelled"] == "" {
				c.golden(t, "want", got)
			}
			if _, ok := c.parts["unmodelled"]; ok {
				got := c.unmodelled(d.after)
				if got == "" {
					t.Error("nothing is named as not modelled")
				}
				c.golden(t, "unmodelled", got)
			}
		})
		for f := range differing(changes[c.name]) {
			for _, col := range c.columns {
				seen[c.catalog()+"."+col+" "+f] = true
			}
		}
	}
	if cs := changes[""]; len(cs) > 0 {
		t.Errorf("changes that belong to no case:\n%s", describe(cs))
	}
	for _, col := range coverage.Columns() {
		for _, f := range col.Fields() {
			if !seen[col.Catalog+"."+col.Name+" "+f] && d.due(t, col) {
				t.Errorf("%s.%s is listed as compared in %s, and no case sees that differ", col.Catalog, col.Name, f)
			}
		}
	}
}

// due reports whether the server has the column and no case for it waits for
// another major.
func (d *databases) due(t *testing.T, col coverage.Column) bool {
	major := d.before.Version.Major()
	waits := func(c testCase) bool { return c.covers(col) && (major < c.first || c.last < major) }
	return col.In(major) && !slices.ContainsFunc(cases(t), waits)
}

func (c testCase) unmodelled(cat *catalog.Catalog) string {
	var b strings.Builder
	for _, u := range cat.Unmodelled {
		if c.owns(u) {
			b.WriteString(u + "\n")
		}
	}
	return b.String()
}

// differing lists the fields in which what was altered differs, and those in
// which what was made differs from what was dropped in its place.
func differing(changes []differ.Change) map[string]bool {
	fields := map[string]bool{}
	for _, a := range changes {
		if a.Op == differ.Alter {
			for _, f := range a.Fields {
				fields[reflect.TypeOf(a.Desired).Name()+"."+f] = true
			}
		}
		for _, b := range changes {
			if a.Op != differ.Create || b.Op != differ.Drop || reflect.TypeOf(a.Desired) != reflect.TypeOf(b.Current) {
				continue
			}
			x, y := reflect.ValueOf(a.Desired), reflect.ValueOf(b.Current)
			for i := range x.NumField() {
				if !reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface()) {
					fields[x.Type().Name()+"."+x.Type().Field(i).Name] = true
				}
			}
		}
	}
	return fields
}

// migrate runs the plan of each case, and demands that nothing differs then but
// what was refused.
func (d *databases) migrate(t *testing.T, direction, url string, current, desired *catalog.Catalog) {
	t.Run(direction, func(t *testing.T) {
		changes := d.byCase(differ.NewMemo(nil).Diff(current, desired))
		conn := servertest.Connect(t, url)
		scripts := map[string]string{}
		for _, c := range d.cases {
			t.Run(c.name, func(t *testing.T) { scripts[c.name] = c.apply(t, conn, direction, current, desired, changes[c.name]) })
		}
		left := d.byCase(differ.NewMemo(nil).Diff(read(t, conn), desired))
		for _, c := range d.cases {
			if cs := left[c.name]; len(cs) > 0 && scripts[c.name] != "" {
				t.Errorf("%s: after the migration there is a difference:\n%s\nthe migration:\n%s", c.name, describe(cs), scripts[c.name])
			}
		}
	})
}

// apply plans and runs; it returns the migration, "" if there is none to run.
func (c testCase) apply(t *testing.T, conn *pgx.Conn, direction string, current, desired *catalog.Catalog, changes []differ.Change) string {
	part := strings.TrimSuffix("refused "+direction, " there")
	m, err := planner.Plan(current, desired, changes, planner.Options{})
	refused, expected := c.parts[part]
	switch {
	case err != nil && expected && strings.Contains(err.Error(), strings.TrimSpace(refused)):
		return ""
	case err != nil:
		t.Fatalf("%v\nchanges:\n%s", err, describe(changes))
	case expected:
		t.Fatalf("it is not refused:\n%s", m.Script())
	}
	script := m.Script()
	if _, ok := c.parts["not run"]; ok || c.parts["not run "+direction] != "" {
		return ""
	}
	for _, u := range m.Units {
		for _, text := range transaction(u) {
			if _, err := conn.PgConn().Exec(context.Background(), text).ReadAll(); err != nil {
				t.Fatalf("%v\nthe migration:\n%s", err, script)
			}
		}
	}
	return script
}

// transaction lists what is run of a unit.
func transaction(u planner.Unit) []string {
	var texts []string
	for _, st := range u.Statements {
		texts = append(texts, "set search_path = "+orEmpty(st.Path), st.SQL)
	}
	if u.NoTransaction {
		return texts
	}
	return append(append([]string{"begin"}, texts...), "commit")
}

func orEmpty(path string) string {
	if path == "" {
		return "''"
	}
	return path
}

func describe(changes []differ.Change) string {
	var b strings.Builder
	for _, c := range changes {
		b.WriteString(c.Op.String() + " " + c.ID().String())
		if len(c.Fields) > 0 {
			b.WriteString(": " + strings.Join(c.Fields, ", "))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// run executes statements, each in a transaction of its own.
func run(conn *pgx.Conn, sql string) error {
	for st := range strings.SplitAfterSeq(sql, ";\n") {
		if _, err := conn.PgConn().Exec(context.Background(), st).ReadAll(); err != nil {
			return fmt.Errorf("%w\n%s", err, st)
		}
	}
	return nil
}

// read reads a database. The roles of the cases are compared, as those that files name are.
func read(t *testing.T, conn *pgx.Conn) *catalog.Catalog {
	t.Helper()
	c, err := introspect.Database(t.Context(), conn, introspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for id, o := range c.Base.All() {
		switch id.Kind {
		case catalog.KindRole, catalog.KindRoleMember, catalog.KindComment:
			if id.Target().Kind == catalog.KindNone || id.Target().Kind == catalog.KindRole {
				if strings.HasPrefix(id.Name, "c_") {
					c.Put(o)
				}
			}
		}
	}
	return c
}

// dropShared drops what the cases left in the cluster, when their databases are gone.
func dropShared(t *testing.T, s *servertest.Server) {
	for _, what := range []string{
		"select format('drop tablespace %I', spcname) from pg_tablespace where starts_with(spcname, 'c_')",
		"select format('drop owned by %I; drop role %I', rolname, rolname) from pg_roles where starts_with(rolname, 'c_')",
	} {
		execAll(t, s.URL("postgres"), what)
	}
}

// dropSubscriptions drops those of a database, which cannot be dropped as long as it has them.
func dropSubscriptions(t *testing.T, url string) {
	execAll(t, url, "select format('drop subscription %I', subname) from pg_subscription where starts_with(subname, 'c_') "+
		"and subdbid = (select oid from pg_database where datname = current_database())")
}

// execAll runs the statements that a query makes.
func execAll(t *testing.T, url, query string) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, query)
	if err != nil {
		t.Fatal(err)
	}
	statements, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range statements {
		if err := run(conn, st); err != nil {
			t.Error(err)
		}
	}
}
