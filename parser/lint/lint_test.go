package lint_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"bloom/catalog"
	"bloom/parser"
	"bloom/parser/lint"
	"bloom/parser/split"
	"bloom/supabase/server"
)

var update = flag.Bool("update", false, "rewrite want in testdata; read the difference before committing it")

// platform is what declared files stand on.
var platform = sync.OnceValues(func() (*catalog.Catalog, error) {
	script, err := parser.Read(context.Background(), []parser.Source{{Name: "platform.sql", Text: server.PlatformSQL()}})
	if err != nil {
		return nil, err
	}
	c := catalog.New()
	c.Role = "postgres"
	_, err = script.Replay(c, parser.Options{Role: "postgres", SearchPath: server.PlatformSearchPath})
	return c, err
})

// run looks at the files of an archive: those in schema/ are declared, those in
// migrations/ are migrations.
func run(t *testing.T, ar *txtar.Archive, all bool) []lint.Finding {
	base, err := platform()
	if err != nil {
		t.Fatal(err)
	}
	in := lint.Input{Exposed: []string{"public"}, All: all}
	var sources []parser.Source
	for _, f := range ar.Files {
		if !strings.HasSuffix(f.Name, ".sql") {
			continue
		}
		statements, err := split.File(f.Name, string(f.Data))
		if err != nil {
			t.Fatal(err)
		}
		migration := strings.HasPrefix(f.Name, "migrations/")
		in.Files = append(in.Files, lint.File{Name: f.Name, Statements: statements, Migration: migration})
		if !migration {
			sources = append(sources, parser.Source{Name: f.Name, Text: string(f.Data)})
		}
	}
	script, err := parser.Read(t.Context(), sources)
	if err != nil {
		t.Fatal(err)
	}
	var defaults []catalog.DefaultPrivilege
	for _, o := range base.All() {
		if d, ok := o.(catalog.DefaultPrivilege); ok {
			defaults = append(defaults, d)
		}
	}
	if in.State, _, err = script.Declare(parser.Options{Base: base, Role: "postgres", DefaultPrivileges: defaults}); err != nil {
		t.Fatal(err)
	}
	return lint.Run(in)
}

// TestRules looks at testdata/*.txtar and compares with what is wanted. Every rule
// has to be found somewhere in them.
func TestRules(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	tried := map[string]bool{}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, f := range run(t, ar, true) {
				tried[f.Code] = true
				fmt.Fprintf(&got, "%s: %s %s\n", f.Pos, f.Code, f.Message)
			}
			last := &ar.Files[len(ar.Files)-1]
			if last.Name != "want" {
				t.Fatal("the last file is not want")
			}
			if *update {
				last.Data = []byte(got.String())
				if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(string(last.Data), got.String()); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
	for _, r := range lint.Rules() {
		if !tried[r.Code] {
			t.Errorf("no test finds %s", r.Code)
		}
	}
}

// TestRuleTexts: codes are those that bloom:allow takes, and no two rules share one.
func TestRuleTexts(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range lint.Rules() {
		if !regexp.MustCompile(`^[A-Z_]+$`).MatchString(r.Code) || seen[r.Code] {
			t.Errorf("code %q", r.Code)
		}
		seen[r.Code] = true
		if r.What == "" || r.Reason == "" || r.Fix == "" || r.Level == "" {
			t.Errorf("%s lacks a text", r.Code)
		}
	}
}
