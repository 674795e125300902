package introspect

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/txtar"

	"bloom/catalog"
	"bloom/supabase/server/servertest"
)

var updateGolden = flag.Bool("update", false, "rewrite testdata/*.txtar; read the diff before committing")

// TestGolden runs the SQL of each testdata/*.txtar in an empty database and
// compares what is read from it. The comment of a file says why it is there; its
// last line lists the kinds of objects that are wanted, "base:" before those wanted
// from Base. Files sql.N, which runs after sql, and want.N are for major N only.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		for _, file := range files {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { golden(t, s, file) })
		}
	})
}

func golden(t *testing.T, s *servertest.Server, file string) {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	url := s.Database(t)
	servertest.Exec(t, url, section(ar, "sql"))
	conn := servertest.Connect(t, url)
	version, err := serverVersion(conn.PgConn())
	if err != nil {
		t.Fatal(err)
	}
	servertest.Exec(t, url, section(ar, fmt.Sprintf("sql.%d", version.Major())))
	t.Cleanup(func() { servertest.Exec(t, url, section(ar, "cleanup")) })
	c, err := Database(t.Context(), conn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("want.%d", version.Major())
	if !slices.ContainsFunc(ar.Files, func(f txtar.File) bool { return f.Name == name }) {
		name = "want"
	}
	got := describe(c, wanted(ar))
	if *updateGolden {
		for i := range ar.Files {
			if ar.Files[i].Name == name {
				ar.Files[i].Data = []byte(got)
			}
		}
		if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(section(ar, name), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func section(ar *txtar.Archive, name string) string {
	for _, f := range ar.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// wanted is the kinds of objects that a golden file lists.
func wanted(ar *txtar.Archive) map[string]bool {
	lines := strings.Split(strings.TrimSpace(string(ar.Comment)), "\n")
	kinds := map[string]bool{}
	for _, k := range strings.Split(lines[len(lines)-1], ",") {
		kinds[strings.TrimSpace(k)] = true
	}
	return kinds
}

// describe prints objects with those of their fields that are not zero, and
// what they depend on.
func describe(c *catalog.Catalog, kinds map[string]bool) string {
	var b strings.Builder
	for _, in := range []struct {
		prefix string
		c      *catalog.Catalog
	}{{"", c}, {"base: ", c.Base}} {
		for id, o := range in.c.All() {
			if !kinds[in.prefix+id.Kind.String()] || in.prefix != "" && !ours(id) {
				continue
			}
			fmt.Fprintf(&b, "%s%s\n", in.prefix, id)
			fields(&b, id, reflect.ValueOf(o), "  ")
			for _, d := range in.c.Deps(id) {
				fmt.Fprintf(&b, "  -> %s\n", d)
			}
		}
	}
	for _, name := range c.Unmodelled {
		fmt.Fprintf(&b, "unmodelled: %s\n", name)
	}
	return b.String()
}

// ours: in Base, not what PostgreSQL or the test server brings.
func ours(id catalog.ID) bool {
	if id.Kind == catalog.KindRole || id.Kind == catalog.KindRoleMember {
		return strings.HasPrefix(id.Name, "introspect_")
	}
	return !strings.HasPrefix(id.Schema+id.Name, "pg_")
}

// fields prints those that are not zero and that the ID does not tell.
func fields(b *strings.Builder, id catalog.ID, v reflect.Value, indent string) {
	for i := range v.NumField() {
		name, f := v.Type().Field(i).Name, v.Field(i)
		told := map[string]any{"Schema": id.Schema, "Table": id.Table, "Name": id.Name, "Target": id.Target()}
		if told[name] == f.Interface() {
			continue
		}
		if f.IsZero() || f.Kind() == reflect.Slice && f.Len() == 0 {
			continue
		}
		switch x := f.Interface().(type) {
		case catalog.Expr:
			fmt.Fprintf(b, "%s%s: %s\n", indent, name, strings.ReplaceAll(x.Text, "\n", "\n"+indent+"  "))
		case string:
			fmt.Fprintf(b, "%s%s: %s\n", indent, name, strings.ReplaceAll(x, "\n", "\n"+indent+"  "))
		case fmt.Stringer, []string, []catalog.QName, []catalog.Type, catalog.ColumnOrder, []catalog.Privilege, catalog.ViewColumns:
			fmt.Fprintf(b, "%s%s: %v\n", indent, name, x)
		default:
			switch {
			case f.Kind() == reflect.Struct:
				fmt.Fprintf(b, "%s%s:\n", indent, name)
				fields(b, catalog.ID{}, f, indent+"    ")
			case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct:
				for j := range f.Len() {
					fmt.Fprintf(b, "%s%s[%d]:\n", indent, name, j)
					fields(b, catalog.ID{}, f.Index(j), indent+"    ")
				}
			default:
				fmt.Fprintf(b, "%s%s: %v\n", indent, name, x)
			}
		}
	}
}

// TestKinds: each kind of object has a golden file.
func TestKinds(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txtar")
	have := map[string]bool{}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for k := range wanted(ar) {
			have[strings.TrimPrefix(k, "base: ")] = true
			if !strings.Contains(section(ar, "want"), "\n"+k+" ") && !strings.HasPrefix(section(ar, "want"), k+" ") {
				t.Errorf("%s has no %s among what it wants", file, k)
			}
		}
	}
	for _, k := range catalog.Kinds() {
		if k == catalog.KindSecurityLabel { // needs a label provider, which no server has at hand
			continue
		}
		if !have[k.String()] {
			t.Errorf("no golden file wants a %s", k)
		}
	}
}

// TestTypeText: the text that is put together here is what format_type prints.
func TestTypeText(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		url := s.Database(t)
		servertest.Exec(t, url, `create schema "Odd one"; create type "Odd one"."my type" as enum (); create type "Odd one"."select" as (a int); create table public.timestamp (a int)`)
		conn := servertest.Connect(t, url)
		version, err := serverVersion(conn.PgConn())
		if err != nil {
			t.Fatal(err)
		}
		l := newLoader(version, Scope{})
		if err := l.run(t.Context(), conn.PgConn()); err != nil {
			t.Fatal(err)
		}
		servertest.Exec(t, url, "") // the connection's transaction is over
		rows, err := conn.Query(t.Context(), `select oid, a, b from (select set_config('search_path', '', false)) x, lateral (select oid, format_type(oid, null) a, format_type(oid, -1) b from pg_catalog.pg_type) y`)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for rows.Next() {
			var id uint32
			var plain, column string
			if err := rows.Scan(&id, &plain, &column); err != nil {
				t.Fatal(err)
			}
			if got := string(l.typeText(oid(id))); got != plain {
				t.Errorf("type %d is %q, want %q", id, got, plain)
			}
			if got := string(l.typeOr("", oid(id))); got != column {
				t.Errorf("a column of type %d has %q, want %q", id, got, column)
			}
			n++
		}
		if err := rows.Err(); err != nil || n < 600 {
			t.Fatal(n, err)
		}
	})
}

// TestErrors: what keeps a database from being read is said, with a way out, and
// leaves the connection fit for use.
func TestErrors(t *testing.T) {
	s := servertest.Start(t, 17)
	conn := servertest.Connect(t, s.Database(t))
	saved := steps
	defer func() { steps = saved }()
	steps = slices.Concat(saved[:3], []step{query[nameRow]{name: "passwords", sql: "select 1::oid, 'a'::text from pg_authid",
		add: func(*loader, nameRow) error { return nil }}})
	if _, err := conn.Exec(t.Context(), "set role anon"); err != nil {
		t.Fatal(err)
	}
	_, err := Database(t.Context(), conn, Options{})
	if err == nil || !strings.Contains(err.Error(), "reading passwords: ") || !strings.Contains(err.Error(), "\nhint: ") {
		t.Errorf("error is %v", err)
	}
	steps = saved
	if _, err := Database(t.Context(), conn, Options{}); err != nil {
		t.Errorf("as a role without rights, after an error: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Database(ctx, conn, Options{}); err == nil {
		t.Error("a cancelled context is no error")
	}
}

func TestServerVersion(t *testing.T) {
	conn, err := pgx.Connect(t.Context(), servertest.Start(t, 15).Database(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if v, err := serverVersion(conn.PgConn()); err != nil || v.Major() != 15 {
		t.Errorf("version is %d, %v", v, err)
	}
	for text, want := range map[string]catalog.Version{"15.20 (Debian 15.20-0)": 150020, "19beta1": 190000, "17.4": 170004} {
		if v, err := parseVersion(text); err != nil || v != want {
			t.Errorf("%s is %d, %v", text, v, err)
		}
	}
	for _, text := range []string{"14.11", "9.6.24", "", "none"} {
		if v, err := parseVersion(text); err == nil {
			t.Errorf("%q is %d", text, v)
		}
	}
}

func TestTriggerWhen(t *testing.T) {
	tests := []struct{ definition, want string }{
		{`CREATE TRIGGER t BEFORE UPDATE ON a.b FOR EACH ROW EXECUTE FUNCTION a.f(' WHEN (x) ')`, ""},
		{`CREATE TRIGGER " WHEN (x" BEFORE UPDATE ON a.b FOR EACH ROW WHEN ((new.a > 0)) EXECUTE FUNCTION a.f()`, "(new.a > 0)"},
		{`CREATE TRIGGER t AFTER UPDATE ON a.b FOR EACH ROW WHEN ((new.")" = ') EXECUTE'::text)) EXECUTE FUNCTION a.f(')')`, `(new.")" = ') EXECUTE'::text)`},
	}
	for _, tt := range tests {
		if got := triggerWhen(tt.definition); got != tt.want {
			t.Errorf("condition of %s is %q, want %q", tt.definition, got, tt.want)
		}
	}
}

func TestSplitList(t *testing.T) {
	got := splitList(`lower(a, b), (c + 1), ARRAY[1, 2], 'x, ''y'::text, "d, e"`)
	want := []string{"lower(a, b)", "(c + 1)", "ARRAY[1, 2]", "'x, ''y'::text", `"d, e"`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCutRole(t *testing.T) {
	for item, want := range map[string][2]string{
		"=r/a": {"", "=r/a"}, "b=r*w/a": {"b", "=r*w/a"}, `"Odd ""one"=X/"a b"`: {`Odd "one`, `=X/"a b"`}, "": {"", ""},
	} {
		role, rest := cutRole(item)
		if got := [2]string{role, rest}; got != want {
			t.Errorf("%s is %q, want %q", item, got, want)
		}
	}
}
