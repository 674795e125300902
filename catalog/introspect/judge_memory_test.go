package introspect

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"bloom/catalog"
	"bloom/parser/analyze"
)

func rememberedCheck(server, user string) analyze.Question {
	c := catalog.Constraint{Schema: "app", Table: "t", Name: "c", Type: catalog.Check, Check: catalog.Expr{Text: server}}
	d := c
	d.Check = catalog.Expr{Text: user, Path: "public", Pos: catalog.Pos{File: "a.sql", Line: len(user), Col: 1}}
	return analyze.Question{Path: "Check", Current: c, Desired: d}
}

// state is a catalog with all that questions can depend on.
func state(change func(*catalog.Catalog)) *catalog.Catalog {
	c := catalog.New()
	c.Base = catalog.New()
	c.Role = "postgres"
	c.Base.Put(catalog.Routine{Schema: "auth", Name: "uid", Returns: "uuid"})
	c.Put(catalog.Schema{Name: "app"})
	c.Put(catalog.Table{Schema: "app", Name: "t", Columns: []string{"a", "b"}})
	c.Put(catalog.Column{Schema: "app", Table: "t", Name: "a", Type: "integer"})
	c.Put(catalog.Column{Schema: "app", Table: "t", Name: "b", Type: "text"})
	c.Put(catalog.Routine{Schema: "app", Name: "f", Params: []catalog.Param{{Mode: "in", Type: "integer"}}, Returns: "integer"})
	c.Put(catalog.Enum{Schema: "app", Name: "st", Labels: []string{"x"}})
	c.Put(catalog.View{Schema: "app", Name: "v", Query: catalog.Expr{Text: "select 1 as a"}})
	if change != nil {
		change(c)
	}
	return c
}

// asking counts the questions that get through to a judge that says of all the same.
type asking struct {
	verdict analyze.Verdict
	asked   int
}

func (a *asking) judge(qs []analyze.Question) []analyze.Answer {
	a.asked += len(qs)
	answers := make([]analyze.Answer, len(qs))
	for i := range answers {
		answers[i].Verdict = a.verdict
	}
	return answers
}

func TestMemory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	questions := []analyze.Question{rememberedCheck("(a > 1)", "a>1"), rememberedCheck("(a > 2)", "a>2")}
	ask := func(verdict analyze.Verdict, session string, current, desired *catalog.Catalog, qs ...analyze.Question) (asked int) {
		t.Helper()
		a := &asking{verdict: verdict}
		for _, answer := range newMemory(dir, session, current, desired).recall(qs, a.judge) {
			if a.asked == len(qs) && answer.Verdict != verdict || a.asked == 0 && answer.Verdict != analyze.Equal {
				t.Errorf("answer %v", answer.Verdict)
			}
		}
		return a.asked
	}
	same := func() *catalog.Catalog { return state(nil) }
	for _, verdict := range []analyze.Verdict{analyze.Different, analyze.Unknown} {
		for range 2 {
			if n := ask(verdict, "17", same(), same(), questions...); n != 2 {
				t.Errorf("asked %d of 2 about what was not called equal", n)
			}
		}
	}
	if n := ask(analyze.Equal, "17", same(), same(), questions...); n != 2 {
		t.Errorf("asked %d of 2 at first", n)
	}
	if n := ask(analyze.Different, "17", same(), same(), questions...); n != 0 {
		t.Errorf("asked %d again", n)
	}
	moved := rememberedCheck("(a > 1)", "a>1")
	if n := ask(analyze.Different, "17", same(), same(), moved); n != 0 {
		t.Error("the place of a text in a file counts")
	}
	for name, q := range map[string]analyze.Question{"server": rememberedCheck("(a > 3)", "a>1"), "user": rememberedCheck("(a > 1)", "a>3")} {
		if n := ask(analyze.Different, "17", same(), same(), q); n != 1 {
			t.Errorf("the text of the %s does not count", name)
		}
	}
	if n := ask(analyze.Different, "16", same(), same(), questions...); n != 2 {
		t.Error("the session does not count")
	}
}

func TestMemoryContext(t *testing.T) {
	dir := t.TempDir()
	q := rememberedCheck("(a > 1)", "a>1")
	newMemory(dir, "", state(nil), state(nil)).recall([]analyze.Question{q}, (&asking{verdict: analyze.Equal}).judge)
	for name, change := range map[string]func(*catalog.Catalog){
		"role": func(c *catalog.Catalog) { c.Role = "other" },
		"type": func(c *catalog.Catalog) {
			c.Put(catalog.Column{Schema: "app", Table: "t", Name: "a", Type: "bigint"})
		},
		"column":   func(c *catalog.Catalog) { c.Put(catalog.Column{Schema: "app", Table: "t", Name: "z", Type: "text"}) },
		"overload": func(c *catalog.Catalog) { c.Put(catalog.Routine{Schema: "app", Name: "f", Returns: "integer"}) },
		"returns": func(c *catalog.Catalog) {
			c.Put(catalog.Routine{Schema: "app", Name: "f", Params: []catalog.Param{{Mode: "in", Type: "integer"}}, Returns: "text"})
		},
		"base":     func(c *catalog.Catalog) { c.Base.Put(catalog.Routine{Schema: "auth", Name: "uid", Returns: "text"}) },
		"label":    func(c *catalog.Catalog) { c.Put(catalog.Enum{Schema: "app", Name: "st", Labels: []string{"x", "y"}}) },
		"relation": func(c *catalog.Catalog) { c.Put(catalog.Table{Schema: "public", Name: "t"}) },
		"schema":   func(c *catalog.Catalog) { c.Put(catalog.Schema{Name: "public"}) },
		"view": func(c *catalog.Catalog) {
			c.Put(catalog.View{Schema: "app", Name: "v", Query: catalog.Expr{Text: "select 2 as a"}})
		},
		"cast": func(c *catalog.Catalog) { c.Put(catalog.Cast{Source: "text", Target: "integer", Context: "implicit"}) },
		"operator": func(c *catalog.Catalog) {
			c.Put(catalog.Operator{Schema: "app", Name: ">", Left: "text", Right: "text"})
		},
		"key": func(c *catalog.Catalog) {
			c.Put(catalog.Constraint{Schema: "app", Table: "t", Name: "k", Type: catalog.PrimaryKey, Columns: []string{"a"}})
		},
	} {
		for side, states := range map[string][2]*catalog.Catalog{"current": {state(change), state(nil)}, "desired": {state(nil), state(change)}} {
			a := &asking{verdict: analyze.Different}
			newMemory(dir, "", states[0], states[1]).recall([]analyze.Question{q}, a.judge)
			if a.asked != 1 {
				t.Errorf("another %s on the %s side does not count", name, side)
			}
		}
	}
}

func TestMemoryFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), memoryFile)
	remember(file, []entry{{1}, {2}})
	good, err := os.ReadFile(file)
	if err != nil || len(readEntries(file).list) != 2 {
		t.Fatalf("two entries are not read back: %v", err)
	}
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		os.WriteFile(file, bad, 0o644)
		if e := readEntries(file); len(e.list) != 0 {
			t.Fatalf("byte %d was changed, and %d entries are read", i, len(e.list))
		}
		os.WriteFile(file, good[:i], 0o644)
		if e := readEntries(file); len(e.list) != 0 {
			t.Fatalf("the file is cut off at %d, and %d entries are read", i, len(e.list))
		}
	}
	remember(file, []entry{{3}})
	if e := readEntries(file); len(e.list) != 1 {
		t.Errorf("after damage %d entries", len(e.list))
	}
	many := make([]entry, memoryLimit)
	for i := range many {
		copy(many[i][:], fmt.Sprint("entry ", i))
	}
	remember(file, many)
	remember(file, []entry{many[0], {9}})
	e := readEntries(file)
	if len(e.list) != memoryLimit || !e.has[many[0]] || !e.has[entry{9}] || e.has[many[1]] || e.has[entry{3}] {
		t.Errorf("%d entries of %d are kept, or not the newest", len(e.list), memoryLimit)
	}
}

func TestMemoryFileShared(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, memoryFile)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			remember(file, []entry{{1, byte(i)}})
			if len(readEntries(file).list) == 0 {
				t.Error("the file is damaged")
			}
		})
	}
	wg.Wait()
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("files left behind: %v", left)
	}
	// Where nothing can be written nothing is remembered, and that is all.
	os.WriteFile(filepath.Join(dir, "file"), nil, 0o644)
	m := newMemory(filepath.Join(dir, "file"), "", state(nil), state(nil))
	a := &asking{verdict: analyze.Equal}
	if got := m.recall([]analyze.Question{rememberedCheck("(a > 1)", "a>1")}, a.judge); got[0].Verdict != analyze.Equal {
		t.Errorf("answer %v", got[0])
	}
}
