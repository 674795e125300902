package coverage_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"bloom/catalog/coverage"
)

// testCase changes one thing in a schema of its own. In testdata it is a section
// of its catalog's file, whose title lists columns, then "/" and a word if there are
// several cases for a column, then the range of majors. Its parts are SQL before,
// "=> after" with the SQL that changes it, and what is to be seen then:
//
//	=> want        the changes, as golden text
//	=> unmodelled  what is named as not modelled, as golden text
//	=> refused     part of the planner's message; "=> refused back" for the other direction
//	=> not run     why the plan cannot be run on a test server; "=> not run there" for that direction
//	=> not replayed  why the parser cannot follow
//	=> also        a pattern for what is the case's although it does not say its name
//
// In all of them {} is the case's schema, which is also what objects without a
// schema are called, or {}_a, {}_b, for their changes to be told from those of other cases.
type testCase struct {
	file    string
	section int
	name    string // the schema
	columns []string
	first   int
	last    int
	parts   map[string]string
}

func (c testCase) sql(part string) string {
	return "set search_path = " + c.name + ";\n" + strings.ReplaceAll(c.parts[part], "{}", c.name)
}

// owns reports whether a text names the case's schema or what is called like it.
func (c testCase) owns(text string) bool {
	if also := strings.TrimSpace(c.parts["also"]); also != "" && regexp.MustCompile(also).MatchString(text) {
		return true
	}
	m := names.FindStringSubmatch(text)
	return m != nil && m[1] == c.name
}

var (
	names   = regexp.MustCompile(`\b(c_[a-z0-9_]+?)(?:_[a-z])?\b`)
	heading = regexp.MustCompile(`^([a-z0-9_ ]+?)(?:/([a-z0-9_]+))?(?: ([0-9]*-[0-9]*))?$`)
)

func cases(t testing.TB) []testCase {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	var out []testCase
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range ar.Files {
			m := heading.FindStringSubmatch(f.Name)
			if m == nil {
				t.Fatalf("%s: %q is no heading", file, f.Name)
			}
			c := testCase{file: file, section: i, columns: strings.Fields(m[1]), parts: parts(string(f.Data))}
			c.first, c.last = coverage.Range(m[3])
			c.name = "c_" + strings.TrimPrefix(c.catalog(), "pg_") + "_" + c.columns[0]
			if m[2] != "" {
				c.name += "_" + m[2]
			}
			out = append(out, c)
		}
	}
	seen := map[string]bool{}
	for _, c := range out {
		if seen[c.name] || len(c.name) > 63 {
			t.Fatalf("%s: two cases for %s, or its name is too long", c.file, c.name)
		}
		seen[c.name] = true
	}
	return out
}

func (c testCase) catalog() string { return strings.TrimSuffix(filepath.Base(c.file), ".txtar") }

// parts splits a section at the lines that begin with an arrow.
func parts(text string) map[string]string {
	ps := map[string]string{}
	name := "before"
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "=> "); ok {
			name = strings.TrimSpace(rest)
			ps[name] = ""
			continue
		}
		ps[name] += line
	}
	return ps
}

// golden compares what is seen with a part of the case, or rewrites the part.
func (c testCase) golden(t *testing.T, part, got string) {
	t.Helper()
	got = strings.ReplaceAll(strings.ReplaceAll(got, c.name+".", ""), c.name, "{}")
	want := c.parts[part]
	if got == want {
		return
	}
	if !*update {
		t.Errorf("%s differs:\nwant:\n%sgot:\n%s", part, want, got)
		return
	}
	c.parts[part] = got
	ar, err := txtar.ParseFile(c.file)
	if err != nil {
		t.Fatal(err)
	}
	ar.Files[c.section].Data = []byte(c.text())
	write(t, c.file, string(txtar.Format(ar)))
}

func (c testCase) text() string {
	var b strings.Builder
	b.WriteString(c.parts["before"])
	for _, p := range []string{"after", "want", "unmodelled", "refused", "refused back", "not run", "not run there", "not replayed", "also"} {
		if text, ok := c.parts[p]; ok {
			fmt.Fprintf(&b, "=> %s\n%s", p, text)
		}
	}
	return b.String()
}

// covers reports whether the case is one of the column.
func (c testCase) covers(col coverage.Column) bool {
	return c.catalog() == col.Catalog && slices.Contains(c.columns, col.Name)
}
