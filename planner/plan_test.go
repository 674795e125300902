package planner_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"bloom/catalog"
	"bloom/differ"
	"bloom/parser"
	"bloom/parser/analyze"
	"bloom/planner"
)

var update = flag.Bool("update", false, "rewrite plan.sql in testdata; read the difference before committing it")

// TestPlan compares the plan of each case with its golden text, and replays the
// plans of both directions: what comes out is what was wanted.
func TestPlan(t *testing.T) {
	for _, c := range cases(t) {
		t.Run(c.name, func(t *testing.T) {
			there := replay(t, c, "current.sql", "desired.sql")
			golden(t, c, there.Script())
			if !strings.Contains(string(c.archive.Comment), "one way") {
				replay(t, c, "desired.sql", "current.sql")
			}
			if again := planOf(t, c, declare(t, c, "current.sql"), declare(t, c, "desired.sql")).Script(); again != there.Script() {
				t.Errorf("the same input gave another plan:\n%s", cmp.Diff(there.Script(), again))
			}
		})
	}
}

func golden(t *testing.T, c testCase, got string) {
	t.Helper()
	if want := c.files["plan.sql"]; !*update {
		if got != want {
			t.Errorf("plan (-want +got):\n%s", cmp.Diff(want, got))
		}
		return
	}
	files := c.archive.Files[:0]
	for _, f := range c.archive.Files {
		if f.Name != "plan.sql" {
			files = append(files, f)
		}
	}
	c.archive.Files = append(files, txtar.File{Name: "plan.sql", Data: []byte(got)})
	if err := os.WriteFile(c.path, txtar.Format(c.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// replay plans from one state to another, and runs the plan on the first in memory.
func replay(t *testing.T, c testCase, from, to string) *planner.Migration {
	t.Helper()
	current, desired := declare(t, c, from), declare(t, c, to)
	parser.WriteOutStars(current)
	m := planOf(t, c, current, desired)
	script, err := parser.Read(t.Context(), []parser.Source{{Name: "plan.sql", Text: m.Script()}})
	if err != nil {
		t.Fatalf("%v\n%s", err, m.Script())
	}
	after := current.Clone()
	if _, err := script.Replay(after, options()); err != nil {
		t.Fatalf("%v\n%s", err, m.Script())
	}
	for _, h := range m.Hazards() {
		if h.Level != planner.Codes[h.Code].Level {
			t.Errorf("%s has level %q, in codes.go %q", h.Code, h.Level, planner.Codes[h.Code].Level)
		}
	}
	if left := differ.NewMemo(nil).Diff(after, desired); len(left) > 0 {
		t.Errorf("%s → %s: the replayed plan leaves a difference:\n%s\n%s", from, to, describe(left), m.Script())
	}
	return m
}

func planOf(t *testing.T, c testCase, current, desired *catalog.Catalog) *planner.Migration {
	t.Helper()
	changes := differ.NewMemo(nil).Diff(current, desired)
	m, err := planner.Plan(current, desired, changes, c.options())
	if err != nil {
		t.Fatalf("%v\nchanges:\n%s", err, describe(changes))
	}
	return m
}

func declare(t *testing.T, c testCase, name string) *catalog.Catalog {
	t.Helper()
	script, err := parser.Read(t.Context(), []parser.Source{{Name: "schema/" + name, Text: c.files[name]}})
	if err != nil {
		t.Fatal(err)
	}
	cat, _, err := script.Declare(options())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range analyze.Resolve(cat, nil) {
		t.Fatal(p)
	}
	return cat
}

func options() parser.Options {
	base := catalog.New()
	base.Put(catalog.Schema{Name: "public"})
	return parser.Options{Base: base, Version: 160000, Role: "postgres"}
}
