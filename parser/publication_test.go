package parser

import (
	"testing"

	"bloom/catalog"
)

// TestPublicationOfPlatform: a project may drop the platform's publication and make it anew.
func TestPublicationOfPlatform(t *testing.T) {
	base := catalog.New()
	base.Put(catalog.Publication{Name: "shared", Insert: true})
	c := catalog.New()
	c.Base = base
	const sql = `CREATE TABLE a (x int); CREATE TABLE b (x int); ALTER PUBLICATION shared ADD TABLE a;
		DROP PUBLICATION IF EXISTS shared; CREATE PUBLICATION shared; ALTER PUBLICATION shared ADD TABLE b;`
	notes, err := read(t, sql).Replay(c, Options{Role: "postgres", Base: base})
	if err != nil || len(notes) > 0 {
		t.Fatal(notes, err)
	}
	for table, want := range map[string]bool{"a": false, "b": true} {
		if got := c.Has(catalog.PublicationTable{Publication: "shared", Schema: "public", Table: table}.ID()); got != want {
			t.Errorf("%s is a member: %v, want %v", table, got, want)
		}
	}
}
