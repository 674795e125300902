package parser

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bloom/catalog"
)

// TestNewer: what 17 and 18 added to the grammar says what it says, at its places.
func TestNewer(t *testing.T) {
	c := declare(t, `
CREATE TABLE spot (id int, at daterange, PRIMARY KEY (id, at WITHOUT OVERLAPS));
CREATE TABLE stay (
    a int CHECK (a > 0) NOT ENFORCED CHECK (a < 9),
    b int GENERATED ALWAYS AS (a * 2) VIRTUAL NOT NULL,
    s int GENERATED ALWAYS AS (a * 3) STORED,
    spot int, during daterange,
    CONSTRAINT of_spot FOREIGN KEY (spot, PERIOD during) REFERENCES spot (id, PERIOD at),
    CONSTRAINT loose FOREIGN KEY (spot) REFERENCES other (id) ON DELETE SET NULL NOT ENFORCED,
    CONSTRAINT held CHECK (a <> 5) ENFORCED
);
CREATE TABLE other (id int UNIQUE);
ALTER TABLE stay ALTER COLUMN s SET EXPRESSION AS (a * 4), ALTER a SET DEFAULT 7;
ALTER TABLE stay ALTER a SET STATISTICS DEFAULT;
ALTER TABLE stay SET ACCESS METHOD DEFAULT;
ALTER TABLE stay ALTER CONSTRAINT loose ENFORCED;`)
	column := func(name string) catalog.Column {
		return c.Get(catalog.Column{Schema: "public", Table: "stay", Name: name}.ID()).(catalog.Column)
	}
	constraint := func(table, name string) catalog.Constraint {
		o, ok := c.Get(catalog.Constraint{Schema: "public", Table: table, Name: name}.ID()).(catalog.Constraint)
		if !ok {
			t.Fatalf("no constraint %s", name)
		}
		return o
	}
	d := c.Get(catalog.Default{Schema: "public", Table: "stay", Column: "a"}.ID()).(catalog.Default)
	got := map[string]any{
		"b": column("b").Generated.Text, "b virtual": column("b").Virtual, "b not null": column("b").NotNull,
		"s": column("s").Generated.Text, "s virtual": column("s").Virtual, "a default": d.Expr.Text,
		"overlaps": constraint("spot", "spot_pkey").WithoutOverlaps, "period": constraint("stay", "of_spot").Period,
		"first check": constraint("stay", "stay_a_check").NotEnforced, "second check": constraint("stay", "stay_a_check1").NotEnforced,
		"loose": constraint("stay", "loose").NotEnforced, "held": constraint("stay", "held").NotEnforced,
	}
	want := map[string]any{
		"b": "a * 2", "b virtual": true, "b not null": true, "s": "a * 4", "s virtual": false, "a default": "7", "overlaps": true, "period": true,
		"first check": true, "second check": false, "loose": false, "held": false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestLargeObjects: default privileges on large objects are not taken for those on functions.
func TestLargeObjects(t *testing.T) {
	c := declare(t, "CREATE ROLE a; CREATE ROLE b;\nALTER DEFAULT PRIVILEGES FOR ROLE a GRANT ALL ON LARGE OBJECTS TO b;\nALTER DEFAULT PRIVILEGES FOR ROLE a REVOKE UPDATE ON LARGE OBJECTS FROM b;")
	var got []catalog.Object
	for _, o := range c.All() {
		if _, ok := o.(catalog.DefaultPrivilege); ok {
			got = append(got, o)
		}
	}
	want := []catalog.Object{catalog.DefaultPrivilege{Owner: "a", Objects: catalog.KindLargeObject, Grantee: "b", Privileges: []catalog.Privilege{{Name: "SELECT"}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestNewerErrors: what cannot be read says what to write instead.
func TestNewerErrors(t *testing.T) {
	for sql, want := range map[string]string{
		"CREATE VIEW v AS SELECT * FROM JSON_TABLE('[]', '$[*]' COLUMNS (a int PATH '$.a')) t;": "the body of a function",
		"CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a));":                                "write VIRTUAL or STORED",
		"CREATE TABLE t (a int, CONSTRAINT n NOT NULL a);":                                      "ALTER COLUMN … SET NOT NULL",
		"ALTER TABLE t ALTER CONSTRAINT n NO INHERIT;":                                          "not compared",
		"CREATE TABLE t (a int,);":                                                              "grammar of PostgreSQL 16",
	} {
		_, err := Read(context.Background(), []Source{{Name: "a.sql", Text: sql}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", sql, err, want)
		}
	}
}
