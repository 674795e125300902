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
