package analyze

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"bloom/catalog"
)

// recorded is a line of a file that the command pairs has written: an object of the catalog, or an
// expression of one with the server's text of it.
type recorded struct {
	Version catalog.Version
	Kind    string
	Object  json.RawMessage
	Field   string
	Source  string
	Path    string
	Server  string
	Columns catalog.ViewColumns
	Mutants []string
}

var recordedKinds = map[string]catalog.Object{}

func init() {
	for _, o := range []catalog.Object{
		catalog.Schema{}, catalog.Table{}, catalog.Column{}, catalog.View{}, catalog.Sequence{}, catalog.Enum{}, catalog.Composite{}, catalog.Domain{},
		catalog.Range{}, catalog.BaseType{}, catalog.Routine{}, catalog.Aggregate{}, catalog.Operator{}, catalog.Cast{}, catalog.Collation{},
		catalog.Extension{}, catalog.Constraint{}, catalog.Default{}, catalog.DomainConstraint{}, catalog.Index{}, catalog.Policy{},
		catalog.Trigger{}, catalog.Rule{}, catalog.Statistics{}, catalog.PublicationTable{},
	} {
		recordedKinds[reflect.TypeOf(o).Name()] = o
	}
}

func (r recorded) object(t testing.TB) catalog.Object {
	t.Helper()
	zero, ok := recordedKinds[r.Kind]
	if !ok {
		t.Fatalf("unknown kind %q", r.Kind)
	}
	p := reflect.New(reflect.TypeOf(zero))
	if err := json.Unmarshal(r.Object, p.Interface()); err != nil {
		t.Fatal(err)
	}
	return p.Elem().Interface().(catalog.Object)
}

// questions are the pair itself, then its mutants.
func (r recorded) questions(t testing.TB) []Question {
	t.Helper()
	o := r.object(t)
	with := func(text, path string) catalog.Object {
		return catalog.WithExprs(o, func(field string, e catalog.Expr) catalog.Expr {
			if field == r.Field {
				return catalog.Expr{Text: text, Path: path}
			}
			return e
		})
	}
	current := with(r.Server, "")
	if v, ok := current.(catalog.View); ok {
		v.Columns = r.Columns
		current = v
	}
	qs := []Question{{r.Field, current, with(r.Source, r.Path)}}
	for _, m := range r.Mutants {
		qs = append(qs, Question{r.Field, current, with(m, r.Path)})
	}
	return qs
}

func readRecorded(t testing.TB, file string) (*catalog.Catalog, []recorded) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c := catalog.New()
	var pairs []recorded
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		switch {
		case r.Version != 0:
			c.Version = r.Version
		case r.Field != "":
			pairs = append(pairs, r)
		default:
			c.Put(r.object(t))
		}
	}
	if len(pairs) == 0 {
		t.Fatalf("no pairs in %s", file)
	}
	return c, pairs
}

// TestPairs demands that what the server prints for an expression is equal to what was written, and that no mutant
// is of which the server prints something else.
func TestPairs(t *testing.T) {
	files, _ := filepath.Glob("testdata/pairs-*.jsonl")
	if len(files) < 2 {
		t.Fatalf("files: %v", files)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".jsonl"), func(t *testing.T) {
			c, pairs := readRecorded(t, file)
			var qs []Question
			for _, p := range pairs {
				qs = append(qs, p.questions(t)...)
			}
			answers := Compare(c, c, qs)
			mutants := 0
			for _, p := range pairs {
				if a := answers[0]; a.Verdict != Equal || a.Reason != "" {
					t.Errorf("%s %s: %v %s\nsource %s\nserver %s", p.Kind, p.Field, a.Verdict, a.Reason, p.Source, p.Server)
				}
				for i, m := range p.Mutants {
					a := answers[i+1]
					mutants++
					if a.Verdict == Equal {
						t.Errorf("%s %s: a mutant is equal\nmutant %s\nserver %s", p.Kind, p.Field, m, p.Server)
					} else if a.Reason == "" {
						t.Errorf("%s %s: no reason\nmutant %s\nserver %s", p.Kind, p.Field, m, p.Server)
					}
				}
				answers = answers[1+len(p.Mutants):]
			}
			t.Logf("%d pairs, %d mutants", len(pairs), mutants)
			if len(pairs) < 250 || mutants < 1000 {
				t.Errorf("only %d pairs and %d mutants", len(pairs), mutants)
			}
		})
	}
}
