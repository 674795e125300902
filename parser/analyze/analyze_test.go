package analyze

import (
	"testing"

	"bloom/catalog"
)

func testCatalog(t *testing.T) *catalog.Catalog {
	t.Helper()
	c := catalog.New()
	c.Version = 170000
	put := func(os ...catalog.Object) {
		for _, o := range os {
			if err := c.Add(o, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	put(catalog.Schema{Name: "public"}, catalog.Table{Schema: "public", Name: "t", Columns: catalog.ColumnOrder{"id", "name", "nick", "at"}},
		catalog.Column{Schema: "public", Table: "t", Name: "id", Type: "integer", NotNull: true},
		catalog.Column{Schema: "public", Table: "t", Name: "name", Type: "text"},
		catalog.Column{Schema: "public", Table: "t", Name: "nick", Type: "character varying(20)"},
		catalog.Column{Schema: "public", Table: "t", Name: "at", Type: "timestamp with time zone"},
		catalog.Routine{Schema: "public", Name: "uid", Returns: "integer", Language: "sql"},
		catalog.Constraint{Schema: "public", Table: "t", Name: "t_pkey", Type: catalog.PrimaryKey, Columns: []string{"id"}},
	)
	return c
}

// TestCompareCheck compares conditions on one table: what people write with what a server prints.
func TestCompareCheck(t *testing.T) {
	c := testCatalog(t)
	tests := []struct {
		server, source string
		want           Verdict
	}{
		{"(id > 0)", "id > 0", Equal},
		{"(id > 0)", "id > 1", Different},
		{"((nick)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))", "nick IN ('a', 'b')", Equal},
		{"((nick)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text]))", "nick IN ('a', 'b')", Equal},
		{"((nick)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))", "nick IN ('b', 'a')", Different},
		{"((id >= 1) AND (id <= 5))", "id BETWEEN 1 AND 5", Equal},
		{"(name ~~ 'a%'::text)", "name LIKE 'a%'", Equal},
		{"(name ~~ 'a%'::text)", "name ILIKE 'a%'", Different},
		{"(id = public.uid())", "id = uid()", Equal},
		{"(id = public.uid())", "(SELECT uid()) = id", Different},
		{"(at > '2020-01-01 00:00:00+00'::timestamp with time zone)", "at > '2020-01-01'", Equal},
		{"nobody(name, 'x'::text)", "nobody(name, 'x')", Equal},
		{"nobody(name, 'x'::text)", "nobody(name, 'y')", Unknown},
		{"nobody(name, 'x'::text)", "nobody(name, 'x'::varchar)", Unknown},
		{"(nobody(name) AND (id > 1))", "nobody(name) AND id > 2", Different},
	}
	for _, tt := range tests {
		q := Question{
			Path:    "Check",
			Current: catalog.Constraint{Schema: "public", Table: "t", Name: "c", Type: catalog.Check, Check: catalog.Expr{Text: tt.server}},
			Desired: catalog.Constraint{Schema: "public", Table: "t", Name: "c", Type: catalog.Check, Check: catalog.Expr{Text: tt.source, Path: "public"}},
		}
		if got := Compare(c, c, []Question{q})[0]; got.Verdict != tt.want {
			t.Errorf("%s and %s: got %v (%s), want %v", tt.server, tt.source, got.Verdict, got.Reason, tt.want)
		}
	}
}

// TestCompareTypeChange: PostgreSQL reads an expression anew when it changes the type of a column in it, so what
// the new type makes of the server's text counts.
func TestCompareTypeChange(t *testing.T) {
	current, desired := testCatalog(t), testCatalog(t)
	desired.Put(catalog.Column{Schema: "public", Table: "t", Name: "id", Type: "bigint", NotNull: true})
	check := func(text, path string) catalog.Object {
		return catalog.Constraint{Schema: "public", Table: "t", Name: "c", Type: catalog.Check, Check: catalog.Expr{Text: text, Path: path}}
	}
	dflt := func(text, path string) catalog.Object {
		return catalog.Default{Schema: "public", Table: "t", Column: "id", Expr: catalog.Expr{Text: text, Path: path}}
	}
	tests := []struct {
		path             string
		current, desired catalog.Object
		want             Verdict
	}{
		{"Check", check("(id > 0)", ""), check("id > 0", "public"), Equal},
		{"Check", check("(id > 0)", ""), check("id > 1", "public"), Different},
		{"Check", check("(name > 'a'::text)", ""), check("name > 'b'", "public"), Different},
		{"Expr", dflt("0", ""), dflt("0", "public"), Equal},
		{"Expr", dflt("0", ""), dflt("1", "public"), Different},
	}
	for _, tt := range tests {
		if a := Compare(current, desired, []Question{{tt.path, tt.current, tt.desired}})[0]; a.Verdict != tt.want {
			t.Errorf("%v and %v: %v (%s), want %v", tt.current, tt.desired, a.Verdict, a.Reason, tt.want)
		}
	}
}

// TestCompareOverload: a function that the desired catalog adds captures a call that meant another one.
func TestCompareOverload(t *testing.T) {
	current, desired := testCatalog(t), testCatalog(t)
	wide := catalog.Routine{Schema: "public", Name: "f", Params: []catalog.Param{{Mode: "in", Type: "bigint"}}, Returns: "boolean", Language: "sql"}
	narrow := wide
	narrow.Params = []catalog.Param{{Mode: "in", Type: "integer"}}
	current.Put(wide)
	desired.Put(wide)
	desired.Put(narrow)
	check := func(text, path string) catalog.Object {
		return catalog.Constraint{Schema: "public", Table: "t", Name: "c", Type: catalog.Check, Check: catalog.Expr{Text: text, Path: path}}
	}
	q := Question{"Check", check("public.f((id)::bigint)", ""), check("f(id)", "public")}
	if a := Compare(current, current, []Question{q})[0]; a.Verdict != Equal {
		t.Errorf("before: %v %s", a.Verdict, a.Reason)
	}
	if a := Compare(current, desired, []Question{q})[0]; a.Verdict != Different {
		t.Errorf("after: %v %s", a.Verdict, a.Reason)
	}
}

// TestCompareViewNames: the names of a view's columns count, those within a sub-select do not.
func TestCompareViewNames(t *testing.T) {
	c := testCatalog(t)
	view := func(text, path string, columns ...catalog.ViewColumn) catalog.Object {
		return catalog.View{Schema: "public", Name: "v", Query: catalog.Expr{Text: text, Path: path}, Columns: columns}
	}
	live := view(" SELECT t.id AS a,\n    upper(t.name) AS upper\n   FROM public.t;", "", catalog.ViewColumn{Name: "a", Type: "integer"}, catalog.ViewColumn{Name: "upper", Type: "text"})
	tests := []struct {
		desired catalog.Object
		want    Verdict
	}{
		{view("SELECT id AS a, upper(name) FROM t", "public"), Equal},
		{view("SELECT id, upper(name) FROM t", "public", catalog.ViewColumn{Name: "a"}), Equal},
		{view("SELECT id, upper(name) FROM t", "public"), Different},
		{view("SELECT x.k AS a, upper(x.name) FROM (SELECT id AS k, name FROM t) x", "public"), Different},
	}
	for _, tt := range tests {
		if a := Compare(c, c, []Question{{"Query", live, tt.desired}})[0]; a.Verdict != tt.want {
			t.Errorf("%v: %v (%s), want %v", tt.desired, a.Verdict, a.Reason, tt.want)
		}
	}
}

// TestSharedArms: a chain of set operations and nested BETWEENs are analysed in time that grows with their size.
func TestSharedArms(t *testing.T) {
	c := testCatalog(t)
	union := "SELECT 'a' AS x"
	between := "id"
	for i := range 60 {
		union += " UNION ALL SELECT 'b" + itoa(i) + "'"
		between = "(" + between + " BETWEEN 1 AND 2)::int"
	}
	view := func(text string) catalog.Object {
		return catalog.View{Schema: "public", Name: "v", Query: catalog.Expr{Text: text, Path: "public"}}
	}
	if a := Compare(c, c, []Question{{"Query", view(union), view(union + " ")}})[0]; a.Verdict != Equal {
		t.Errorf("union: %v %s", a.Verdict, a.Reason)
	}
	deep := "SELECT " + between + " AS x FROM t"
	if a := Compare(c, c, []Question{{"Query", view(deep), view(deep + " ")}})[0]; a.Verdict != Equal {
		t.Errorf("between: %v %s", a.Verdict, a.Reason)
	}
}

func TestTree(t *testing.T) {
	c := testCatalog(t)
	o := catalog.Constraint{Schema: "public", Table: "t", Name: "c", Type: catalog.Check, Check: catalog.Expr{Text: "nick IN ('a', 'b') AND nobody(id)", Path: "public"}}
	tree, troubles, err := Tree(c, o, "Check")
	want := `AND : boolean
  operator pg_catalog.=(text, text) ANY : boolean
    ::text by relabel : text
      t.nick (column 0.1.nick) : character varying(20)
    ARRAY::text[] : text[]
      ::text by relabel : text
        "a"::character varying
      ::text by relabel : text
        "b"::character varying
  ? function nobody
    t.id (column 0.1.id) : integer
`
	if err != nil || tree != want {
		t.Errorf("tree: %v\n%s", err, tree)
	}
	if len(troubles) != 1 || troubles[0] != "function nobody(integer) does not exist" {
		t.Errorf("troubles: %v", troubles)
	}
}
