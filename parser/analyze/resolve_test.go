package analyze

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"bloom/catalog"
)

func declared(text string) catalog.Expr {
	return catalog.Expr{Text: text, Path: `"$user", public`, Pos: catalog.Pos{File: "s.sql", Line: 3, Col: 10}}
}

func TestResolve(t *testing.T) {
	c := testCatalog(t)
	for _, o := range []catalog.Object{
		catalog.View{Schema: "public", Name: "a", Query: declared("SELECT *, upper(n) AS up FROM b")}, // before b by name
		catalog.View{Schema: "public", Name: "b", Query: declared("SELECT id, nick AS n, max(at) FROM t GROUP BY id"), Columns: catalog.ViewColumns{{Name: "key"}}},
		catalog.Sequence{Schema: "public", Name: "s", Type: "bigint"},
		catalog.Default{Schema: "public", Table: "t", Column: "id", Expr: declared("nextval('s')")},
		catalog.Policy{Schema: "public", Table: "t", Name: "p", Using: declared("id = uid() AND t.name <> ''")},
		catalog.Enum{Schema: "public", Name: "mood", Labels: []string{"ok"}},
		catalog.Constraint{Schema: "public", Table: "t", Name: "k", Type: catalog.Check, Check: declared("name::mood = 'ok'")},
	} {
		if err := c.Add(o, nil); err != nil {
			t.Fatal(err)
		}
	}
	if ps := Resolve(c, nil); len(ps) > 0 {
		t.Fatalf("problems: %v", ps)
	}
	columns := map[string]catalog.ViewColumns{
		"a": {{Name: "key", Type: "integer"}, {Name: "n", Type: "character varying(20)"}, {Name: "max", Type: "timestamp with time zone"}, {Name: "up", Type: "text"}},
		"b": {{Name: "key", Type: "integer"}, {Name: "n", Type: "character varying(20)"}, {Name: "max", Type: "timestamp with time zone"}},
	}
	for name, want := range columns {
		v, _ := catalog.Find[catalog.View](c, catalog.ID{Kind: catalog.KindView, Schema: "public", Name: name})
		if len(v.Columns) != len(want) {
			t.Errorf("view %s: %v", name, v.Columns)
			continue
		}
		for i := range want { // ViewColumns are always Equal for cmp
			if v.Columns[i] != want[i] {
				t.Errorf("view %s: column %v, want %v", name, v.Columns[i], want[i])
			}
		}
	}
	deps := map[string][]string{
		"view public.a":              {"column public.b.key", "column public.b.max", "column public.b.n"},
		"view public.b":              {"column public.t.at", "column public.t.id", "column public.t.nick", "constraint public.t.t_pkey"},
		"default public.t.id":        {"sequence public.s"},
		"policy public.t.p":          {"column public.t.id", "column public.t.name", "routine public.uid()"},
		"constraint public.t.k":      {"enum public.mood", "column public.t.name"},
		"constraint public.t.t_pkey": nil,
	}
	for id := range c.All() {
		want, ok := deps[id.String()]
		if !ok {
			continue
		}
		delete(deps, id.String())
		var got []string
		for _, d := range c.Deps(id) {
			got = append(got, d.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
	if len(deps) > 0 {
		t.Errorf("not in the catalog: %v", deps)
	}
}

func TestResolveProblems(t *testing.T) {
	at := func(line, col int) catalog.Pos { return catalog.Pos{File: "s.sql", Line: line, Col: col} }
	tests := []struct {
		reason string
		object catalog.Object
		want   []Problem // ID and Path are those of the object's only expression
	}{
		{"an unknown column", check("id > 0 AND nme = ''"), []Problem{{Pos: at(3, 21), Msg: "column nme does not exist"}}},
		{"in the second line", check("id > 0 AND\n  nme = ''"), []Problem{{Pos: at(4, 3), Msg: "column nme does not exist"}}},
		{"columns are counted in characters", check("name = 'ä' AND nme = ''"), []Problem{{Pos: at(3, 25), Msg: "column nme does not exist"}}},
		{"an unknown function", check("fn(id)"), []Problem{{Pos: at(3, 10), Msg: "function fn(integer) does not exist"}}},
		{"a function that is not in the path", check("other.uid() = id"), []Problem{{Pos: at(3, 10), Msg: "function other.uid() does not exist"}}},
		{"an unknown type", check("id::nat > 0"), []Problem{{Pos: at(3, 14), Msg: "type nat does not exist"}}},
		{"an unknown relation; its columns are not reported", catalog.View{Schema: "public", Name: "v", Query: declared("SELECT a, x.b FROM x")},
			[]Problem{{Pos: at(3, 29), Msg: "relation x does not exist"}}},
		{"a sequence in a string", catalog.Default{Schema: "public", Table: "t", Column: "id", Expr: declared("nextval('nowhere')")},
			[]Problem{{Pos: at(3, 10), Msg: "relation nowhere does not exist"}}},
		{"no operator fits: that may be a lack of facts", check("id = at"), nil},
		{"what is not supported is nobody's mistake", check("id = CURRENT_OF"), []Problem{{Pos: at(3, 15), Msg: "column current_of does not exist"}}},
		{"a syntax error", check("id >"), []Problem{{Pos: at(3, 10), Msg: "cannot be parsed: syntax error at or near \")\""}}},
	}
	for _, tt := range tests {
		t.Run(tt.reason, func(t *testing.T) {
			c := testCatalog(t)
			if err := c.Add(tt.object, nil); err != nil {
				t.Fatal(err)
			}
			for i := range tt.want {
				tt.want[i].ID, tt.want[i].Path = tt.object.ID(), catalog.Exprs(tt.object)[0].Path
			}
			if diff := cmp.Diff(tt.want, Resolve(c, nil)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func check(text string) catalog.Constraint {
	return catalog.Constraint{Schema: "public", Table: "t", Name: "k", Type: catalog.Check, Check: declared(text)}
}

// TestResolveCircle: views that select from each other are an error, not a hang.
func TestResolveCircle(t *testing.T) {
	c := testCatalog(t)
	for _, v := range []catalog.View{
		{Schema: "public", Name: "a", Query: declared("SELECT * FROM b")},
		{Schema: "public", Name: "b", Query: declared("SELECT * FROM c")},
		{Schema: "public", Name: "c", Query: declared("SELECT * FROM a")},
	} {
		if err := c.Add(v, nil); err != nil {
			t.Fatal(err)
		}
	}
	ps := Resolve(c, nil)
	if len(ps) != 1 || ps[0].Msg != "view public.a depends on itself" {
		t.Errorf("problems: %v", ps)
	}
}

// TestResolveExtension: the members of a declared extension are known without a server; what one of which
// nothing is known may have is not missing.
func TestResolveExtension(t *testing.T) {
	c := testCatalog(t)
	for _, o := range []catalog.Object{
		catalog.Extension{Name: "pgcrypto", Schema: "extensions"},
		catalog.Extension{Name: "citext", Schema: "public"},
		catalog.Constraint{Schema: "public", Table: "t", Name: "k1", Type: catalog.Check, Check: declared("extensions.crypt(name, 'x') <> ''")},
		catalog.Constraint{Schema: "public", Table: "t", Name: "k2", Type: catalog.Check, Check: declared("name::citext = 'x'")},
	} {
		if err := c.Add(o, nil); err != nil {
			t.Fatal(err)
		}
	}
	if ps := Resolve(c, nil); len(ps) > 0 {
		t.Errorf("problems: %v", ps)
	}
	for name, extension := range map[string]string{"k1": "pgcrypto", "k2": "citext"} {
		deps := c.Deps(catalog.ID{Kind: catalog.KindConstraint, Schema: "public", Table: "t", Name: name})
		want := catalog.ID{Kind: catalog.KindExtension, Name: extension}
		if len(deps) == 0 || deps[0] != want {
			t.Errorf("%s depends on %v, want %v first", name, deps, want)
		}
	}
	c.Put(check("strange(name)"))
	if ps := Resolve(c, nil); len(ps) != 1 {
		t.Errorf("problems: %v", ps)
	}
	c.Put(catalog.Extension{Name: "stranger"})
	if ps := Resolve(c, nil); len(ps) > 0 {
		t.Errorf("problems: %v", ps)
	}
}

// TestBroken: a routine's text that names what is not there would not be accepted.
func TestBroken(t *testing.T) {
	c := testCatalog(t)
	tests := []struct {
		body, setting string
		want          bool
	}{
		{"UPDATE t SET name = 'x' WHERE id = nr", "", false},
		{"UPDATE t SET name = $1 WHERE id = f.nr RETURNING id", "", false},
		{"UPDATE t SET named = 'x' WHERE id = nr", "", true},
		{"SELECT id FROM t WHERE nowhere = 1", "", true},
		{"SELECT 1; INSERT INTO u VALUES (1)", "", true},
		{"SELECT gone(nr)", "", true},
		{"SELECT id FROM t", `search_path=""`, true},
		{"SELECT id FROM public.t", `search_path=""`, false},
		{"SELECT FROM WHERE", "", true},
	}
	for _, tt := range tests {
		r := catalog.Routine{Schema: "public", Name: "f", Language: "sql", Params: []catalog.Param{{Name: "nr", Type: "integer", Mode: "in"}}, Body: tt.body}
		if tt.setting != "" {
			r.Config = []string{tt.setting}
		}
		if got := Broken(c, r, "public"); got != tt.want {
			t.Errorf("%s: %v", tt.body, got)
		}
	}
}
