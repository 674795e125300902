package parser

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bloom/catalog"
)

// read reads one source that is sound.
func read(t *testing.T, sql string) *Script {
	t.Helper()
	s, err := Read(context.Background(), []Source{{Name: "a.sql", Text: sql}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// declare makes the catalog of one source that is sound.
func declare(t *testing.T, sql string) *catalog.Catalog {
	t.Helper()
	c, _, err := read(t, sql).Declare(Options{Role: "postgres", Version: 170000})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// get is an object of a catalog.
func get[T catalog.Object](t *testing.T, c *catalog.Catalog, o T) T {
	t.Helper()
	got, ok := c.Get(o.ID()).(T)
	if !ok {
		t.Fatalf("%s is missing", o.ID())
	}
	return got
}

func TestPositions(t *testing.T) {
	tests := []struct{ name, sql, want string }{
		{"after é and comments", "-- é\n/* ö */ CREATE TABLE é.t (a int);", `a.sql:2:22: schema "é" does not exist`},
		{"second statement on a line", "SET a = 'é'; CREATE TABLE t (x nope);", `a.sql:1:32: type "nope" does not exist`},
		{"after a byte order mark", "\ufeffCREATE TABLE t (x nope);", `a.sql:1:19: type "nope" does not exist`},
		{"in a later statement", "CREATE TABLE t (a int);\n\n  -- why é\n  ALTER TABLE t ALTER b SET NOT NULL;", `a.sql:4:3: column "b" of relation "public.t" does not exist`},
		{"syntax", "SELECT 'é';\nCREATE TABLE é (a int,);", `a.sql:2:23: syntax error at or near ")"`},
		{"syntax at the end", "CREATE TABLE t (a int", `a.sql:1:22: syntax error at end of input`},
		{"not UTF-8", "SELECT 1;\n-- \xff\n", "a.sql:2:4: byte 0xff is not valid in UTF-8 text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Read(context.Background(), []Source{{Name: "a.sql", Text: tt.sql}})
			if err == nil {
				_, _, err = s.Declare(Options{})
			}
			got := ""
			if err != nil {
				got, _, _ = strings.Cut(err.Error(), "\n")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestAllErrorsAtOnce(t *testing.T) {
	s, err := Read(context.Background(), []Source{
		{"a.sql", "CREATE TABLE a (x int;\nCREATE TABLE b (x int);\nCREATE TABL c;\n"},
		{"b.sql", "CREATE TABLE d (x int);\nCREATE VIEW;\n"},
	})
	want := []string{
		`a.sql:1:22: syntax error at or near ";"`, `a.sql:3:8: syntax error at or near "TABL"`, `b.sql:2:12: syntax error at or near ";"`,
	}
	if diff := cmp.Diff(want, messages(err)); diff != "" {
		t.Errorf("syntax errors (-want +got)\n%s", diff)
	}
	if got := s.Len(); got != 2 {
		t.Errorf("%d statements could be read, want 2", got)
	}
	_, _, err = readAll(t, "CREATE TABLE a (x nope, y int);", "CREATE TABLE b (x int REFERENCES c);\nINSERT INTO b VALUES (1);\nCREATE TABLE b (y int);").Declare(Options{})
	want = []string{
		`0.sql:1:19: type "nope" does not exist`, `1.sql:1:34: relation "c" does not exist`,
		`1.sql:2:1: INSERT is about rows: a declared file says what the schema is`,
		`1.sql:3:14: table public.b is declared twice, first at 1.sql:1:1`,
	}
	if diff := cmp.Diff(want, messages(err)); diff != "" {
		t.Errorf("errors (-want +got)\n%s", diff)
	}
}

func readAll(t *testing.T, texts ...string) *Script {
	t.Helper()
	var sources []Source
	for i, text := range texts {
		sources = append(sources, Source{Name: string(rune('0'+i)) + ".sql", Text: text})
	}
	s, err := Read(context.Background(), sources)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func messages(err error) []string {
	var list ErrorList
	if !errors.As(err, &list) {
		return nil
	}
	var out []string
	for _, e := range list {
		out = append(out, e.Pos.String()+": "+e.Msg)
	}
	return out
}

func TestSource(t *testing.T) {
	sql := "-- licence\n\n-- people\n-- with names\nCREATE TABLE people (\n  id serial, -- é\n  name text\n);\nCREATE INDEX ON people (name); ALTER TABLE people ADD CHECK (name <> '');\n"
	c := declare(t, sql)
	src := c.Source(catalog.Table{Schema: "public", Name: "people"}.ID())
	if src == nil {
		t.Fatal("no source")
	}
	if want := "-- people\n-- with names\nCREATE TABLE people (\n  id serial, -- é\n  name text\n)"; src.Text != want {
		t.Errorf("text\n%s\nwant\n%s", src.Text, want)
	}
	if want := (catalog.Pos{File: "a.sql", Line: 5, Col: 1}); src.Pos != want {
		t.Errorf("at %v, want %v", src.Pos, want)
	}
	check := get(t, c, catalog.Constraint{Schema: "public", Table: "people", Name: "people_name_check"})
	if want := (catalog.Expr{Text: "name <> ''", Path: DefaultSearchPath, Pos: catalog.Pos{File: "a.sql", Line: 9, Col: 62}}); check.Check != want {
		t.Errorf("check %+v, want %+v", check.Check, want)
	}
	if got, want := c.Source(check.ID()).Text, "ALTER TABLE people ADD CHECK (name <> '')"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if !c.Unnamed(check.ID()) {
		t.Error("the check has a name of its own")
	}
}

func TestMakes(t *testing.T) {
	c := declare(t, "CREATE TABLE t (a int, b int);\nALTER TABLE t ALTER b SET NOT NULL;\n")
	a := catalog.Column{Schema: "public", Table: "t", Name: "a"}.ID()
	b := catalog.Column{Schema: "public", Table: "t", Name: "b"}.ID()
	makes := map[catalog.ID]bool{}
	for _, id := range c.Source(a).Makes {
		makes[id] = true
	}
	if !makes[a] || makes[b] {
		t.Errorf("CREATE TABLE makes a: %v, b: %v; want a alone, for b was changed later", makes[a], makes[b])
	}
}

func TestPsql(t *testing.T) {
	s := read(t, "\\restrict abc\nCREATE TABLE t (a text);\nCOPY public.t (a) FROM stdin;\n';\"$$\n\\.\n\\unrestrict abc\nCREATE TABLE u (b nope);\n")
	var notes []string
	for _, n := range s.Notes() {
		notes = append(notes, n.String())
	}
	want := []string{"a.sql:1:1: psql command skipped: \\restrict abc", "a.sql:3:1: COPY data skipped", "a.sql:6:1: psql command skipped: \\unrestrict abc"}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("notes (-want +got)\n%s", diff)
	}
	_, _, err := s.Declare(Options{})
	if diff := cmp.Diff([]string{`a.sql:7:19: type "nope" does not exist`}, messages(err)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestPlaces: a column or a constraint is declared at a place of its own in the statement of its table.
func TestPlaces(t *testing.T) {
	c, _, err := read(t, "CREATE TABLE t (\n  a int PRIMARY KEY,\n  b int DEFAULT 3 CHECK (b > 0),\n  CONSTRAINT two UNIQUE (a, b)\n);\nALTER TABLE t\n  ADD COLUMN c int,\n  ADD FOREIGN KEY (c) REFERENCES t;\nALTER TABLE t RENAME c TO d;").Declare(Options{})
	if err != nil {
		t.Fatal(err)
	}
	table := catalog.Table{Schema: "public", Name: "t"}.ID()
	for id, want := range map[catalog.ID]string{
		table:                "1:1",
		columnID(table, "a"): "2:3",
		columnID(table, "b"): "3:3",
		columnID(table, "d"): "7:14",
		{Kind: catalog.KindDefault, Schema: "public", Table: "t", Name: "b"}:            "3:3",
		{Kind: catalog.KindConstraint, Schema: "public", Table: "t", Name: "t_pkey"}:    "2:9",
		{Kind: catalog.KindConstraint, Schema: "public", Table: "t", Name: "t_b_check"}: "3:19",
		{Kind: catalog.KindConstraint, Schema: "public", Table: "t", Name: "two"}:       "4:3",
		{Kind: catalog.KindConstraint, Schema: "public", Table: "t", Name: "t_c_fkey"}:  "8:7",
	} {
		if at := c.Place(id); fmt.Sprintf("%d:%d", at.Line, at.Col) != want {
			t.Errorf("%s is at %d:%d, want %s", id, at.Line, at.Col, want)
		}
	}
}
