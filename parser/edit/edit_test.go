package edit

import (
	"testing"

	pg "github.com/pganalyze/pg_query_go/v5"
)

const table = `CREATE TABLE t (
    a int, -- the first
    -- about b
    b text DEFAULT 'x' NOT NULL,
    c numeric(10, 2) CHECK (c > 0) -- the last
);`

// TestParts: what is around the part stays as it is.
func TestParts(t *testing.T) {
	remove := func(name string) func(*Statement) error {
		return func(s *Statement) error {
			for _, p := range s.Parts() {
				if p.Column.GetColname() == name || p.Constraint.GetConname() == name || p.Form.GetName() == name {
					s.RemovePart(p)
					return nil
				}
			}
			return nil
		}
	}
	insert := func(text string, column bool) func(*Statement) error {
		return func(s *Statement) error { return s.InsertPart(text, column) }
	}
	clause := func(name string, kind pg.ConstrType, text string) func(*Statement) error {
		return func(s *Statement) error {
			for _, p := range s.Parts() {
				if p.Column.GetColname() == name {
					s.SetClause(p, kind, text)
					return nil
				}
			}
			return nil
		}
	}
	tests := []struct {
		name, text string
		do         func(*Statement) error
		want       string
	}{
		{"remove the first", table, remove("a"), "CREATE TABLE t (\n    -- about b\n    b text DEFAULT 'x' NOT NULL,\n    c numeric(10, 2) CHECK (c > 0) -- the last\n);"},
		{"remove one with comments", table, remove("b"), "CREATE TABLE t (\n    a int, -- the first\n    c numeric(10, 2) CHECK (c > 0) -- the last\n);"},
		{"remove the last", table, remove("c"), "CREATE TABLE t (\n    a int, -- the first\n    -- about b\n    b text DEFAULT 'x' NOT NULL\n);"},
		{"remove the last behind a comment", "CREATE TABLE t (\n    a int, -- the first\n    b int -- the last\n);", remove("b"), "CREATE TABLE t (\n    a int -- the first\n);"},
		{"remove the only one", "CREATE TABLE t (a int);", remove("a"), "CREATE TABLE t ();"},
		{"remove in a line", "CREATE TABLE t (a int, b int, c int);", remove("b"), "CREATE TABLE t (a int, c int);"},
		{"remove the last in a line", "CREATE TABLE t (a int, b int);", remove("b"), "CREATE TABLE t (a int);"},
		{"remove of a partition", "CREATE TABLE t PARTITION OF p (CONSTRAINT k CHECK (a > 0), CONSTRAINT l CHECK (a < 9)) FOR VALUES IN (1);", remove("k"), "CREATE TABLE t PARTITION OF p (CONSTRAINT l CHECK (a < 9)) FOR VALUES IN (1);"},
		{"remove a form", "ALTER TABLE ONLY public.t ADD COLUMN a int, ADD b int;", remove("b"), "ALTER TABLE ONLY public.t ADD COLUMN a int;"},
		{"insert", table, insert("d int", true), "CREATE TABLE t (\n    a int, -- the first\n    -- about b\n    b text DEFAULT 'x' NOT NULL,\n    c numeric(10, 2) CHECK (c > 0), -- the last\n    d int\n);"},
		{"insert into none", "CREATE TABLE t ();", insert("d int", true), "CREATE TABLE t (d int);"},
		{"insert in a line", "CREATE TABLE t (a int);", insert("d int", true), "CREATE TABLE t (a int, d int);"},
		{"insert before constraints", "CREATE TABLE t (\n\ta int,\n\tPRIMARY KEY (a)\n);", insert("d int", true), "CREATE TABLE t (\n\ta int,\n\td int,\n\tPRIMARY KEY (a)\n);"},
		{"insert a constraint", "CREATE TABLE t (a int, PRIMARY KEY (a));", insert("CHECK (a > 0)", false), "CREATE TABLE t (a int, PRIMARY KEY (a), CHECK (a > 0));"},
		{"set a default", table, clause("b", pg.ConstrType_CONSTR_DEFAULT, "DEFAULT 'y'"), "CREATE TABLE t (\n    a int, -- the first\n    -- about b\n    b text DEFAULT 'y' NOT NULL,\n    c numeric(10, 2) CHECK (c > 0) -- the last\n);"},
		{"add a default", table, clause("c", pg.ConstrType_CONSTR_DEFAULT, "DEFAULT 1"), "CREATE TABLE t (\n    a int, -- the first\n    -- about b\n    b text DEFAULT 'x' NOT NULL,\n    c numeric(10, 2) DEFAULT 1 CHECK (c > 0) -- the last\n);"},
		{"take a default away", "CREATE TABLE t (b text DEFAULT 'x' NOT NULL)", clause("b", pg.ConstrType_CONSTR_DEFAULT, ""), "CREATE TABLE t (b text NOT NULL)"},
		{"take the last clause away", "CREATE TABLE t (é text NOT NULL, b text NOT NULL)", clause("b", pg.ConstrType_CONSTR_NOTNULL, ""), "CREATE TABLE t (é text NOT NULL, b text)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Parse("a.sql", tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if err := tt.do(f.Statements[0]); err != nil {
				t.Fatal(err)
			}
			if got := f.Text(); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// TestFile: statements go and come with the comments that are theirs.
func TestFile(t *testing.T) {
	const text = "\ufeff-- The file.\n\n-- about one\n-- in two lines\nSELECT 1; -- behind one\n\n/* between */\nSELECT 2;\nSELECT 3\n"
	tests := []struct {
		name string
		do   func(*File)
		want string
	}{
		{"nothing", func(*File) {}, text},
		{"remove the first", func(f *File) { f.Remove(f.Statements[0]) }, "\ufeff-- The file.\n\n/* between */\nSELECT 2;\nSELECT 3\n"},
		{"remove the second", func(f *File) { f.Remove(f.Statements[1]) }, "\ufeff-- The file.\n\n-- about one\n-- in two lines\nSELECT 1; -- behind one\n\n/* between */\nSELECT 3\n"},
		{"insert behind a comment", func(f *File) { f.InsertAfter(f.Statements[0], "SELECT 0;") }, "\ufeff-- The file.\n\n-- about one\n-- in two lines\nSELECT 1; -- behind one\nSELECT 0;\n\n/* between */\nSELECT 2;\nSELECT 3\n"},
		{"insert behind the last", func(f *File) { f.InsertAfter(f.Statements[2], "SELECT 0;") }, text[:len(text)-1] + ";\nSELECT 0;\n"},
		{"insert at the end", func(f *File) { f.InsertAfter(nil, "SELECT 0;") }, text[:len(text)-1] + ";\n\nSELECT 0;\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Parse("a.sql", text)
			if err != nil {
				t.Fatal(err)
			}
			tt.do(f)
			if got := f.Text(); got != tt.want {
				t.Errorf("got\n%q\nwant\n%q", got, tt.want)
			}
		})
	}
}
