package parser

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"bloom/catalog"
)

// TestDataIsPassedOver: files with rows among the definitions declare those, and
// say once per file and command that the rows are left out.
func TestDataIsPassedOver(t *testing.T) {
	script := readAll(t, "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\nVACUUM a;", "INSERT INTO a VALUES (3);\nSELECT pg_notify('a', 'b');")
	c, notes, err := script.Declare(Options{PassOverData: true})
	if err != nil {
		t.Fatal(err)
	}
	if !c.Has(catalog.Table{Schema: "public", Name: "a"}.ID()) {
		t.Error("the table is missing")
	}
	var got []string
	for _, n := range notes {
		got = append(got, n.String())
	}
	want := []string{
		"0.sql:2:1: INSERT and 1 more in this file are not run: they declare nothing (rows for development belong in supabase/seed.sql, those a release needs in a migration)",
		"0.sql:4:1: VACUUM is not run: it declares nothing",
		"1.sql:1:1: INSERT is not run: it declares nothing (rows for development belong in supabase/seed.sql, those a release needs in a migration)",
		"1.sql:2:1: SELECT is not run: it declares nothing (what a function does when it is called belongs in a migration)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestDataIsAnError: in a project's own files rows are told of, each with the way out.
func TestDataIsAnError(t *testing.T) {
	_, _, err := readAll(t, "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\nDELETE FROM a;").Declare(Options{})
	want := []string{
		"0.sql:2:1: INSERT is about rows: a declared file says what the schema is",
		"0.sql:3:1: DELETE is about rows: a declared file says what the schema is",
	}
	if diff := cmp.Diff(want, messages(err)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCluster(t *testing.T) {
	c := declare(t, "CLUSTER a USING a_x; CREATE TABLE a (x int); CREATE INDEX a_x ON a (x);")
	if got := get(t, c, catalog.Table{Schema: "public", Name: "a"}).ClusterOn; got != "a_x" {
		t.Errorf("clustered on %q, want a_x", got)
	}
}

// TestSchemaElements: each statement inside CREATE SCHEMA ends where the next begins.
func TestSchemaElements(t *testing.T) {
	c := declare(t, `CREATE SCHEMA s CREATE VIEW v AS SELECT x, y FROM t CREATE TABLE t (x int DEFAULT 1, y int CHECK (y > 0)) CREATE INDEX i ON t (x) WHERE y > 1
		GRANT SELECT ON t TO app WITH GRANT OPTION CREATE VIEW w AS SELECT x FROM t;`)
	for name, want := range map[string]string{"v": "SELECT x, y FROM t", "w": "SELECT x FROM t"} {
		if got := get(t, c, catalog.View{Schema: "s", Name: name}).Query.Text; got != want {
			t.Errorf("query of %s is %q, want %q", name, got, want)
		}
	}
	if got := get(t, c, catalog.Index{Schema: "s", Table: "t", Name: "i"}).Predicate.Text; got != "y > 1" {
		t.Errorf("predicate is %q", got)
	}
}

// TestSameDefinitionTwice: what two files say alike, comments aside, is said once.
func TestSameDefinitionTwice(t *testing.T) {
	const f = "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"
	if _, _, err := readAll(t, f, "-- again\n"+f).Declare(Options{}); err != nil {
		t.Error(err)
	}
	const g = "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';\n"
	_, _, err := readAll(t, f, g).Declare(Options{})
	want := []string{"1.sql:1:1: routine public.f() is declared twice, first at 0.sql:1:1"}
	if diff := cmp.Diff(want, messages(err)); diff != "" {
		t.Errorf("two definitions (-want +got)\n%s", diff)
	}
}
