package parser

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"bloom/catalog"
	"bloom/parser/analyze"
)

// TestTreesOfStatements: the tree that an expression has within its statement means
// what its text means when it is parsed alone.
func TestTreesOfStatements(t *testing.T) {
	golden, err := filepath.Glob("../planner/testdata/*/*.txtar")
	if err != nil || len(golden) == 0 {
		t.Fatal("no plans", err)
	}
	asked := 0
	for _, path := range golden {
		ar, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			if f.Name == "desired.sql" {
				asked += askTrees(t, path, string(f.Data))
			}
		}
	}
	if asked < 100 {
		t.Errorf("only %d expressions were looked at", asked)
	}
}

func askTrees(t *testing.T, name, text string) int {
	t.Helper()
	script, err := Read(context.Background(), []Source{{Name: name, Text: text}})
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := script.Declare(Options{Role: "postgres"})
	if err != nil {
		return 0 // needs roles or a later version
	}
	var questions []analyze.Question
	for _, o := range c.All() {
		for _, f := range catalog.Exprs(o) {
			questions = append(questions, analyze.Question{Path: f.Path, Current: o, Desired: o})
		}
	}
	for i, a := range analyze.Compare(c.Clone(), c, questions) {
		if q := questions[i]; a.Verdict != analyze.Equal {
			t.Errorf("%s: %s of %s is not itself: %v, %s", name, q.Path, q.Current.ID(), a.Verdict, a.Reason)
		}
	}
	return len(questions)
}
