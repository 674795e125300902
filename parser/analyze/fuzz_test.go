package analyze

import (
	"testing"

	"bloom/catalog"
)

// FuzzCompare: analysis takes any text, the verdict is the same both ways, and nothing differs from itself.
func FuzzCompare(f *testing.F) {
	c, pairs := readRecorded(f, "testdata/pairs-17.jsonl")
	for i, p := range pairs {
		f.Add(p.Server, p.Source)
		if len(p.Mutants) > 0 {
			f.Add(p.Source, p.Mutants[i%len(p.Mutants)])
		}
	}
	objects := []func(string) (catalog.Object, string){
		func(s string) (catalog.Object, string) {
			return catalog.Constraint{Schema: "app", Table: "item", Name: "c", Type: catalog.Check, Check: catalog.Expr{Text: s, Path: "app, public"}}, "Check"
		},
		func(s string) (catalog.Object, string) {
			return catalog.Default{Schema: "app", Table: "person", Column: "list", Expr: catalog.Expr{Text: s, Path: "app, public"}}, "Expr"
		},
		func(s string) (catalog.Object, string) {
			return catalog.View{Schema: "app", Name: "v", Query: catalog.Expr{Text: s, Path: "app, public"}}, "Query"
		},
		func(s string) (catalog.Object, string) {
			return catalog.Rule{Schema: "app", Table: "item", Name: "r", Definition: catalog.Expr{Text: s, Path: "app, public"}}, "Definition"
		},
		func(s string) (catalog.Object, string) {
			return catalog.Routine{Schema: "app", Name: "f", Params: []catalog.Param{{Name: "a", Type: "integer"}}, SQLBody: catalog.Expr{Text: s, Path: "app, public"}}, "SQLBody"
		},
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, object := range objects {
			x, path := object(a)
			y, _ := object(b)
			answers := Compare(c, c, []Question{{path, x, y}, {path, y, x}, {path, x, x}, {path, y, y}})
			// which names were written is a question to the desired side alone
			if answers[0].Verdict != answers[1].Verdict && !answers[0].Spelling && !answers[1].Spelling {
				t.Errorf("%s: %v one way (%s), %v the other (%s)\n%s\n%s", path, answers[0].Verdict, answers[0].Reason, answers[1].Verdict, answers[1].Reason, a, b)
			}
			if answers[2].Verdict == Different || answers[3].Verdict == Different {
				t.Errorf("%s: differs from itself: %s %s\n%s\n%s", path, answers[2].Reason, answers[3].Reason, a, b)
			}
			for _, e := range []catalog.Object{x, y} {
				_, _, _ = Tree(c, e, path)
			}
		}
	})
}
