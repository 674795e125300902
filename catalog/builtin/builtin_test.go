package builtin

import (
	"slices"
	"strings"
	"testing"

	"bloom/catalog"

	"github.com/google/go-cmp/cmp"
)

func TestType(t *testing.T) {
	tests := []struct {
		name catalog.QName
		want *Type
	}{
		{Pg("int4"), &Type{Name: Pg("int4"), Kind: 'b', Category: 'N', Array: Pg("_int4"), Typmod: -1}},
		{Pg("text"), &Type{Name: Pg("text"), Kind: 'b', Category: 'S', Preferred: true, Array: Pg("_text"), Typmod: -1, Collation: Pg("default")}},
		{Pg("_text"), &Type{Name: Pg("_text"), Kind: 'b', Category: 'A', Element: Pg("text"), Subscript: "array", Typmod: -1, Collation: Pg("default")}},
		{Pg("point"), &Type{Name: Pg("point"), Kind: 'b', Category: 'G', Element: Pg("float8"), Subscript: "raw", Array: Pg("_point"), Typmod: -1}},
		{Pg("anyelement"), &Type{Name: Pg("anyelement"), Kind: 'p', Category: 'P', Typmod: -1}},
		{catalog.QName{Schema: "information_schema", Name: "sql_identifier"}, &Type{
			Name: catalog.QName{Schema: "information_schema", Name: "sql_identifier"}, Kind: 'd', Category: 'S', Array: catalog.QName{Schema: "information_schema", Name: "_sql_identifier"},
			Base: Pg("name"), Typmod: -1, Collation: Pg("C"),
		}},
		{Pg("integer"), nil},
		{catalog.QName{Schema: "public", Name: "int4"}, nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, For(17).Type(tt.name)); diff != "" {
			t.Errorf("type %s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestFunctions(t *testing.T) {
	got := For(17).Functions("json_object_agg")
	want := []*Function{{Name: Pg("json_object_agg"), Kind: 'a', Args: []catalog.QName{Pg("any"), Pg("any")}, Result: Pg("json"), Volatile: 's', AggKind: 'n',
		All: []Arg{{"key", 'i', Pg("any")}, {"value", 'i', Pg("any")}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("json_object_agg (-want +got):\n%s", diff)
	}
	got = For(17).Functions("make_interval")
	want = []*Function{{
		Name: Pg("make_interval"), Kind: 'f', Defaults: 7, Volatile: 'i', Strict: true, Result: Pg("interval"),
		Args: []catalog.QName{Pg("int4"), Pg("int4"), Pg("int4"), Pg("int4"), Pg("int4"), Pg("int4"), Pg("float8")},
		All: []Arg{
			{"years", 'i', Pg("int4")}, {"months", 'i', Pg("int4")}, {"weeks", 'i', Pg("int4")}, {"days", 'i', Pg("int4")},
			{"hours", 'i', Pg("int4")}, {"mins", 'i', Pg("int4")}, {"secs", 'i', Pg("float8")},
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("make_interval (-want +got):\n%s", diff)
	}
	got = For(17).Functions("jsonb_each")
	want = []*Function{{
		Name: Pg("jsonb_each"), Kind: 'f', Set: true, Volatile: 'i', Strict: true, Result: Pg("record"), Args: []catalog.QName{Pg("jsonb")},
		All: []Arg{{"from_json", 'i', Pg("jsonb")}, {"key", 'o', Pg("text")}, {"value", 'o', Pg("jsonb")}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("jsonb_each (-want +got):\n%s", diff)
	}
	rank := For(17).Functions("rank")
	if i := slices.IndexFunc(rank, func(f *Function) bool { return f.AggKind == 'h' }); len(rank) != 2 || i < 0 || rank[i].Variadic != Pg("any") {
		t.Errorf("rank: want a window function and a hypothetical-set aggregate, got %+v", rank)
	}
}

// TestVersions looks at objects that came, went or changed.
func TestVersions(t *testing.T) {
	count := func(version int, function string) int { return len(For(version).Functions(function)) }
	for _, tt := range []struct {
		function string
		want     [5]int // any, 15, 16, 17, 18
	}{
		{"abs", [5]int{6, 6, 6, 6, 6}},
		{"uuidv7", [5]int{2, 0, 0, 0, 2}},
		{"array_shuffle", [5]int{1, 0, 1, 1, 1}},
		{"pg_stat_get_buf_fsync_backend", [5]int{1, 1, 1, 0, 0}},
		{"no_such_function", [5]int{}},
	} {
		var got [5]int
		for i, version := range append([]int{0}, Versions...) {
			got[i] = count(version, tt.function)
		}
		if got != tt.want {
			t.Errorf("%s: %v functions, want %v", tt.function, got, tt.want)
		}
	}
	if c := For(18).Cast(Pg("int4"), Pg("bytea")); c == nil || c.Context != 'e' {
		t.Errorf("18: cast int4 as bytea: %+v", c)
	}
	if c := For(17).Cast(Pg("int4"), Pg("bytea")); c != nil {
		t.Errorf("17: cast int4 as bytea: %+v", c)
	}
	if For(19).Cast(Pg("int4"), Pg("bytea")) == nil {
		t.Error("19 has less than 18")
	}
}

func TestOperators(t *testing.T) {
	want := []*Operator{
		{Pg("->>"), Pg("json"), Pg("int4"), Pg("text"), Pg("json_array_element_text")},
		{Pg("->>"), Pg("json"), Pg("text"), Pg("text"), Pg("json_object_field_text")},
		{Pg("->>"), Pg("jsonb"), Pg("int4"), Pg("text"), Pg("jsonb_array_element_text")},
		{Pg("->>"), Pg("jsonb"), Pg("text"), Pg("text"), Pg("jsonb_object_field_text")},
	}
	if diff := cmp.Diff(want, For(0).Operators("->>")); diff != "" {
		t.Errorf("->> (-want +got):\n%s", diff)
	}
	for _, o := range For(0).Operators("!!") {
		if !o.Left.IsZero() {
			t.Errorf("!! has a left operand: %+v", o)
		}
	}
}

func TestCast(t *testing.T) {
	want := &Cast{Pg("varchar"), Pg("varchar"), 'i', 'f', Pg("varchar"), []catalog.QName{Pg("varchar"), Pg("int4"), Pg("bool")}}
	if diff := cmp.Diff(want, For(15).Cast(Pg("varchar"), Pg("varchar"))); diff != "" {
		t.Errorf("varchar as varchar (-want +got):\n%s", diff)
	}
	if c := For(15).Cast(Pg("text"), Pg("int4")); c != nil {
		t.Errorf("there is no cast from text to int4: %+v", c)
	}
	if n := len(For(15).Casts(Pg("int4"))); n < 10 {
		t.Errorf("%d casts from int4", n)
	}
}

func TestRange(t *testing.T) {
	want := &Range{Pg("tstzrange"), Pg("timestamptz"), Pg("tstzmultirange"), catalog.QName{}}
	for _, name := range []string{"tstzrange", "tstzmultirange"} {
		if diff := cmp.Diff(want, For(15).Range(Pg(name))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestDefaultOpclass(t *testing.T) {
	for _, tt := range []struct{ method, typ, want string }{
		{"btree", "int4", "int4_ops"},
		{"btree", "text", "text_ops"},
		{"btree", "varchar", "text_ops"},
		{"btree", "bpchar", "bpchar_ops"},
		{"btree", "_uuid", "array_ops"},
		{"btree", "int4range", "range_ops"},
		{"btree", "regclass", "oid_ops"},
		{"btree", "inet", "inet_ops"},
		{"btree", "cidr", "inet_ops"},
		{"btree", "json", ""},
		{"gin", "jsonb", "jsonb_ops"},
		{"gin", "_text", "array_ops"},
		{"gin", "text", ""},
		{"gist", "inet", ""},
		{"gist", "point", "point_ops"},
		{"hash", "anyenum", "enum_ops"},
		{"brin", "timestamptz", "timestamptz_minmax_ops"},
	} {
		got := ""
		if o := For(0).DefaultOpclass(tt.method, Pg(tt.typ)); o != nil {
			got = o.Name.Name
		}
		if got != tt.want {
			t.Errorf("default operator class of %s for %s: %q, want %q", tt.method, tt.typ, got, tt.want)
		}
	}
}

func TestRelation(t *testing.T) {
	r := For(17).Relation(Pg("pg_namespace"))
	want := &Relation{Name: Pg("pg_namespace"), Kind: 'r', Columns: []Column{
		{Name: "oid", Type: Pg("oid"), NotNull: true, Typmod: -1},
		{Name: "nspname", Type: Pg("name"), NotNull: true, Typmod: -1},
		{Name: "nspowner", Type: Pg("oid"), NotNull: true, Typmod: -1},
		{Name: "nspacl", Type: Pg("_aclitem"), Typmod: -1},
	}}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("pg_namespace (-want +got):\n%s", diff)
	}
	names := func(version int, relation string) []string {
		var names []string
		for _, c := range For(version).Relation(Pg(relation)).Columns {
			names = append(names, c.Name)
		}
		return names
	}
	old, recent, all := names(16, "pg_stat_bgwriter"), names(17, "pg_stat_bgwriter"), names(0, "pg_stat_bgwriter")
	if slices.Contains(recent, "buffers_backend") || !slices.Contains(old, "buffers_backend") || !slices.Contains(all, "buffers_backend") {
		t.Errorf("pg_stat_bgwriter.buffers_backend is a column of 16, not of 17: %v, %v, %v", old, recent, all)
	}
	if r := For(15).Relation(catalog.QName{Schema: "information_schema", Name: "tables"}); r == nil || r.Columns[0].Type != (catalog.QName{Schema: "information_schema", Name: "sql_identifier"}) {
		t.Errorf("information_schema.tables: %+v", r)
	}
}

func TestCollation(t *testing.T) {
	for _, name := range []string{"C", "POSIX", "default", "ucs_basic", "unicode", "und-x-icu", "en-US-x-icu"} {
		if For(17).Collation(Pg(name)) == nil {
			t.Errorf("no collation %s", name)
		}
	}
	if For(17).Collation(Pg("tlh-x-icu")) != nil {
		t.Error("unknown collation found")
	}
}

func TestExtension(t *testing.T) {
	if Extension("no_such_extension", 0, nil) != nil {
		t.Error("facts about an extension that does not exist")
	}
	in := map[string]string{"citext": "extensions", "cube": "geo", "earthdistance": "public"}
	citext := Extension("citext", 15, in)
	c := citext.Cast(catalog.QName{Schema: "extensions", Name: "citext"}, Pg("text"))
	if c == nil || c.Method != 'b' || c.Context != 'i' {
		t.Errorf("cast citext as text: %+v", c)
	}
	if o := citext.DefaultOpclass("btree", catalog.QName{Schema: "extensions", Name: "citext"}); o == nil || o.Name != (catalog.QName{Schema: "extensions", Name: "citext_ops"}) {
		t.Errorf("default operator class of citext: %+v", o)
	}
	earth := Extension("earthdistance", 0, in).Type(catalog.QName{Schema: "public", Name: "earth"})
	if earth == nil || earth.Kind != 'd' || earth.Base != (catalog.QName{Schema: "geo", Name: "cube"}) {
		t.Errorf("earth: %+v", earth)
	}
	if f := Extension("pg_net", 0, nil).Functions("http_post"); len(f) != 1 || f[0].Name.Schema != "net" || f[0].Defaults != 4 {
		t.Errorf("net.http_post: %+v", f)
	}
	if f := Extension("vector", 0, nil).Functions("l2_distance"); len(f) == 0 || f[0].Name.Schema != "public" {
		t.Errorf("l2_distance: %+v", f)
	}
}

// TestReferences demands that every type a row names exists: a name that does not decode to one is a
// wrong name or a mistake in the fields.
func TestReferences(t *testing.T) {
	for _, version := range append([]int{0}, Versions...) {
		s := For(version)
		references(t, s, s)
	}
	files, _ := extensions.ReadDir("extensions")
	if len(files) < 30 {
		t.Errorf("only %d extensions", len(files))
	}
	schemas := map[string]string{}
	var all []*Set
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".tsv")
		schemas[name] = "schema of " + name
	}
	for name := range schemas {
		all = append(all, Extension(name, 0, schemas))
	}
	for _, s := range all {
		references(t, s, append(all, For(0))...)
	}
}

func references(t *testing.T, s *Set, in ...*Set) {
	t.Helper()
	exists := func(what, of string, name catalog.QName) {
		if !name.IsZero() && !slices.ContainsFunc(in, func(s *Set) bool { return s.Type(name) != nil }) {
			t.Errorf("%d: type %s of %s %s does not exist", s.version, name, what, of)
		}
	}
	last := ""
	for line := range lines(s.text, "") {
		kind, rest, _ := strings.Cut(line, "\t")
		name, _, ok := strings.Cut(rest, "\t")
		if !ok || line < last {
			t.Fatalf("the text is not sorted or has a bad line: %q after %q", line, last)
		}
		last = line
		switch kind {
		case "type":
			for _, y := range find(s, &s.types, kind, name, decodeType(name), sameType) {
				exists(kind, name, y.Element)
				exists(kind, name, y.Array)
				exists(kind, name, y.Base)
			}
		case "function":
			for _, f := range s.Functions(name) {
				exists(kind, name, f.Result)
				exists(kind, name, f.Variadic)
				for _, a := range f.Args {
					exists(kind, name, a)
				}
				for _, a := range f.All {
					exists(kind, name, a.Type)
				}
			}
		case "operator":
			for _, o := range s.Operators(name) {
				exists(kind, name, o.Left)
				exists(kind, name, o.Right)
				exists(kind, name, o.Result)
			}
		case "cast":
			for _, c := range find(s, &s.casts, kind, name, decodeCast(name), sameCast) {
				exists(kind, name, c.Source)
				exists(kind, name, c.Target)
			}
		case "opclass":
			for _, o := range s.Opclasses(name) {
				exists(kind, name, o.Input)
				exists(kind, name, o.Key)
			}
		case "relation":
			for _, r := range find(s, &s.relations, kind, name, decodeRelation(name), never) {
				for _, c := range r.Columns {
					exists(kind, name, c.Type)
				}
			}
		case "range":
			for _, r := range s.Ranges() {
				exists(kind, name, r.Subtype)
				exists(kind, name, r.Multirange)
			}
		case "collation":
		default:
			t.Errorf("unknown kind %q", kind)
		}
	}
}

// Target: the first lookup below 1 ms.
func BenchmarkFirst(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		s := &Set{text: builtin, version: 17}
		if s.Type(Pg("int4")) == nil || s.Functions("lower") == nil || s.Operators("=") == nil || s.Cast(Pg("varchar"), Pg("text")) == nil {
			b.Fatal("not found")
		}
	}
}

func BenchmarkKept(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if For(17).Operators("=") == nil {
			b.Fatal("not found")
		}
	}
}
