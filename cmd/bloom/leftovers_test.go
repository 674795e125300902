package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"bloom/catalog"
	"bloom/differ"
	"bloom/parser"
)

// TestLeftovers: what files say of what is not theirs is no change, but said
// where they want it otherwise.
func TestLeftovers(t *testing.T) {
	crypto := catalog.Extension{Name: "pgcrypto", Schema: "extensions", Version: "1.3"}
	described := catalog.Comment{Target: crypto.ID(), Text: "cryptographic functions"}
	mine := catalog.DefaultPrivilege{Owner: "postgres", Schema: "public", Objects: catalog.KindTable, Grantee: "anon", Privileges: []catalog.Privilege{{Name: "SELECT"}}}
	theirs, elsewhere, whole := mine, mine, mine
	elsewhere.Schema, whole.Grantee = "shop", ""
	theirs.Owner = "supabase_admin"
	more := theirs
	more.Privileges = []catalog.Privilege{{Name: "INSERT"}}
	inApp := mine
	inApp.Schema = "app"
	published := catalog.Publication{Name: "supabase_realtime"}
	tables := []catalog.ID{{Kind: catalog.KindTable, Schema: "public", Name: "a"}, {Kind: catalog.KindTable, Schema: "public", Name: "b"}}
	runs, strays := catalog.Owner{Target: tables[0], Role: "postgres"}, catalog.Owner{Target: tables[1], Role: "somebody"}
	ours := catalog.Owner{Target: tables[1], Role: "postgres"}
	privilege := func(role, name string) catalog.Grant {
		return catalog.Grant{Target: tables[1], Grantee: role, Privileges: []catalog.Privilege{{Name: name}}}
	}
	tests := []struct {
		name                   string
		base, current, desired []catalog.Object
		named                  parser.Grantees
		changes                []string
		notes                  int
	}{
		{name: "a dump repeats the platform", base: []catalog.Object{crypto, theirs, published}, desired: []catalog.Object{catalog.Extension{Name: "pgcrypto"}, theirs, published, catalog.Owner{Target: published.ID(), Role: "postgres"}}},
		{name: "a dump repeats an extension's comment", base: []catalog.Object{described}, current: []catalog.Object{crypto}, desired: []catalog.Object{crypto, described}},
		{name: "another comment on an extension", base: []catalog.Object{described}, current: []catalog.Object{crypto}, desired: []catalog.Object{crypto, catalog.Comment{Target: crypto.ID(), Text: "ours"}}, changes: []string{"alter comment on extension pgcrypto"}},
		{name: "other default privileges of the platform's", base: []catalog.Object{theirs}, desired: []catalog.Object{more}, notes: 1},
		{name: "default privileges that the files do not name stay", current: []catalog.Object{mine}},
		{name: "default privileges in a schema that goes", current: []catalog.Object{inApp}, changes: []string{"drop " + inApp.ID().String()}},
		{name: "default privileges that they name go", current: []catalog.Object{mine}, named: parser.Grantees{Defaults: map[catalog.ID]bool{mine.ID(): true}}, changes: []string{"drop " + mine.ID().String()}},
		{name: "others of the same role stay", current: []catalog.Object{mine}, named: parser.Grantees{Defaults: map[catalog.ID]bool{theirs.ID(): true}}},
		{name: "those of a schema of the project's go", current: []catalog.Object{elsewhere}, changes: []string{"drop " + elsewhere.ID().String()}},
		{name: "a dump states the whole list", current: []catalog.Object{mine}, named: parser.Grantees{Defaults: map[catalog.ID]bool{whole.ID(): true}}, changes: []string{"drop " + mine.ID().String()}},
		{name: "an extension that cannot be moved", current: []catalog.Object{catalog.Extension{Name: "partman", Schema: "public", Fixed: true}}, desired: []catalog.Object{catalog.Extension{Name: "partman", Schema: "partman"}}, notes: 1},
		{name: "one owner that is not like the others", current: []catalog.Object{runs, strays}, desired: []catalog.Object{runs, ours}, changes: []string{"alter " + ours.ID().String()}},
		{name: "a database that somebody else owns", current: []catalog.Object{strays}, desired: []catalog.Object{ours}},
		{name: "what the files grant who owns it in the database, or would own it by them", current: []catalog.Object{strays, privilege("postgres", "SELECT")},
			desired: []catalog.Object{ours, privilege("somebody", "SELECT"), privilege("anon", "SELECT")}, changes: []string{"create " + privilege("anon", "SELECT").ID().String()}},
		{name: "an extension that can", current: []catalog.Object{crypto}, desired: []catalog.Object{catalog.Extension{Name: "pgcrypto", Schema: "public"}}, changes: []string{"alter extension pgcrypto"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			base := put(tt.base)
			current, desired := put(tt.current), put(append(tt.desired, catalog.Schema{Name: "public"}))
			current.Put(catalog.Schema{Name: "public"})
			current.Role = "postgres"
			current.Base, desired.Base = base, base
			notes := leftovers{hosted: true, named: tt.named}.leaveAlone(current, desired)
			var got []string
			for _, ch := range differ.NewMemo(nil).Diff(current, desired) {
				got = append(got, ch.Op.String()+" "+ch.ID().String())
			}
			if diff := cmp.Diff(tt.changes, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if len(notes) != tt.notes {
				t.Errorf("notes %q, want %d", notes, tt.notes)
			}
		})
	}
}

func put(objects []catalog.Object) *catalog.Catalog {
	c := catalog.New()
	for _, o := range objects {
		c.Put(o)
	}
	return c
}
