package analyze

import (
	"testing"

	"bloom/catalog"
)

// TestSpelling: a name that the desired text writes has to be the one that the server prints; what PostgreSQL named
// itself may have any.
func TestSpelling(t *testing.T) {
	c := catalog.New()
	c.Add(catalog.Schema{Name: "public"}, nil)
	c.Add(catalog.Table{Schema: "public", Name: "t"}, nil)
	for _, name := range []string{"id", "owner"} {
		c.Add(catalog.Column{Schema: "public", Table: "t", Name: name, Type: "integer"}, nil)
	}
	for name, test := range map[string]struct {
		current, desired string
		want             string // the reason; empty: equal
	}{
		"written":         {"SELECT x.id FROM public.t x", "select y.id from t y", "the name x is not y"},
		"the same":        {"SELECT x.id FROM public.t x", "select id from t x", ""},
		"after a rename":  {"SELECT old.id FROM public.t old", "select id from t", ""},
		"kept by replay":  {"SELECT t.id FROM public.t", "select x.id from t " + KeptName("x"), ""},
		"added":           {"SELECT t.id FROM public.t", "select x.id from t x", "the name t is not x"},
		"the table's own": {"SELECT t.id FROM public.t", "select t.id from t as t", ""},
		"numbered":        {"SELECT t.id FROM public.t WHERE (EXISTS ( SELECT 1 FROM public.t t_1))", "select id from t where exists (select 1 from t as t)", ""},
		"sub-select":      {"SELECT s.id FROM ( SELECT t.id FROM public.t) s", "select r.id from (select id from t) r", "the name s is not r"},
		"its columns":     {"SELECT s.a FROM ( SELECT t.id FROM public.t) s(a)", "select s.b as a from (select id from t) s(b)", "the name a is not b"},
		"target within":   {"SELECT t.id FROM public.t WHERE (t.id = ( SELECT 1 AS a))", "select id from t where id = (select 1 as b)", "the name a is not b"},
		"named by itself": {"SELECT t.id FROM public.t WHERE (t.id = ( SELECT max(t_1.id) AS max FROM public.t t_1))", "select id from t where id = (select max(id) from t)", ""},
		"function":        {"SELECT f.f AS id FROM generate_series(1, 2) f(f)", "select g as id from generate_series(1, 2) g", "the name f is not g"},
		"WITH":            {"WITH a AS ( SELECT t.id FROM public.t) SELECT a.id FROM a", "with b as (select id from t) select id from b", "the name a is not b"},
		"arm of a union":  {"SELECT t.id FROM public.t UNION SELECT t.owner AS id FROM public.t", "select id from t union select owner as other from t", ""},
		"another column":  {"SELECT x.id FROM public.t x", "select y.owner as id from t y", "x.id is not y.owner"},
	} {
		t.Run(name, func(t *testing.T) {
			view := func(text string) catalog.View {
				return catalog.View{Schema: "public", Name: "v", Query: catalog.Expr{Text: text, Path: "public"}}
			}
			got := Compare(c, c, []Question{{"Query", view(test.current), view(test.desired)}})[0]
			if (got.Verdict == Equal) != (test.want == "") || got.Reason != test.want {
				t.Errorf("%v: %q, want %q", got.Verdict, got.Reason, test.want)
			}
			if got.Spelling != (test.want != "" && name != "another column") {
				t.Errorf("spelling: %t", got.Spelling)
			}
		})
	}
}
