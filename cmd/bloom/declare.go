package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bloom/catalog"
	"bloom/differ"
	"bloom/planner"
	"bloom/supabase"
)

// declaration is a catalog as SQL: what makes it in a database of the same
// platform in which the project has nothing yet.
type declaration struct {
	// head makes roles, schemas and default privileges, on which the
	// privileges of everything made after them depend; body makes the rest.
	head, body *planner.Migration
	state      *catalog.Catalog // what they make
	// byHand is what cannot be written and has to be filled in or made by hand.
	byHand  []string
	schemas []string // those that are asked for; empty: all
}

// declare prints a catalog. That is a plan like any other, from what a new
// database of the platform has, but without hazards, as nothing is there that
// could come to harm.
func declare(ctx context.Context, c *catalog.Catalog, b *base) (*declaration, error) {
	start, err := b.start(ctx, c)
	if err != nil {
		return nil, err
	}
	d := &declaration{state: c.Clone()}
	for _, id := range d.state.IDs() {
		d.state.SetSource(id, nil)
	}
	secret := d.hideSecrets()
	addRoles(d.state)
	head := start.Clone()
	for id := range start.All() {
		if begins(id) && !d.state.Has(id) {
			head.Remove(id)
		}
	}
	for id, o := range d.state.All() {
		if begins(id) {
			head.Put(o)
		}
	}
	if d.head, err = printHead(start, head); err != nil {
		return nil, err
	}
	if d.body, err = printPlan(head, d.state); err != nil {
		return nil, err
	}
	d.commentOut(secret)
	return d, nil
}

// hideSecrets puts words in place of digests of secrets, and takes out what
// cannot be made without one, and versions of extensions. It returns the objects that have to be filled in.
func (d *declaration) hideSecrets() map[catalog.ID]bool {
	hidden := map[catalog.ID]bool{}
	for _, id := range slices.Clone(d.state.IDs()) {
		switch o := d.state.Get(id).(type) {
		case catalog.Extension:
			o.Version = "" // what is installed is the server's affair
			d.state.Put(o)
		case catalog.UserMapping:
			o.Options = slices.Clone(o.Options)
			for i, option := range o.Options {
				if name, value, _ := strings.Cut(option, "="); strings.HasPrefix(value, "sha256:") {
					o.Options[i], hidden[id] = name+"=FILL IN", true
				}
			}
			d.state.Put(o)
		case catalog.Subscription:
			d.remove(id)
			d.byHand = append(d.byHand, fmt.Sprintf("%s is not written: its connection string may hold a password; make it by hand", id))
		}
	}
	return hidden
}

func (d *declaration) remove(id catalog.ID) {
	for _, child := range d.state.Children(id) {
		d.remove(child)
	}
	d.state.Remove(id)
}

// commentOut turns statements that lack a secret into comments.
func (d *declaration) commentOut(hidden map[catalog.ID]bool) {
	for _, u := range d.body.Units {
		for i, st := range u.Statements {
			if hidden[st.Object] {
				u.Statements[i].SQL = "-- the database has this with a secret, which bloom does not read: fill it in\n-- " +
					strings.ReplaceAll(st.SQL, "\n", "\n-- ")
			}
		}
	}
	for _, id := range slices.SortedFunc(maps.Keys(hidden), catalog.ID.Compare) {
		d.byHand = append(d.byHand, fmt.Sprintf("%s is written as a comment: fill in what is secret", id))
		d.remove(id)
	}
}

// begins reports whether the object is made before all others.
func begins(id catalog.ID) bool {
	switch id.Kind {
	case catalog.KindRole, catalog.KindRoleMember, catalog.KindSchema, catalog.KindDefaultPrivilege:
		return true
	}
	return id.On == catalog.KindSchema
}

// printHead prints what begins. Files that say anything of a grantee's default
// privileges decide about all of them, and a new database has some already: so
// those that differ are revoked first, and then all are granted.
func printHead(start, head *catalog.Catalog) (*planner.Migration, error) {
	differs := map[string]bool{}
	for _, ch := range differ.NewMemo(nil).Diff(start, head) {
		for _, o := range []catalog.Object{ch.Current, ch.Desired} {
			if d, ok := o.(catalog.DefaultPrivilege); ok {
				differs[d.Owner+" "+d.Grantee] = true
			}
		}
	}
	revoked, bare := start.Clone(), start.Clone()
	for _, d := range defaultPrivileges(start) {
		if !differs[d.Owner+" "+d.Grantee] {
			continue
		}
		bare.Remove(d.ID())
		if want := head.Get(d.ID()); want == nil || !differ.Equal(d, want) {
			revoked.Remove(d.ID())
		}
	}
	first, err := printPlan(start, revoked)
	if err != nil {
		return nil, err
	}
	rest, err := printPlan(bare, head)
	if err == nil {
		if all := append(first.Statements(), rest.Statements()...); len(all) > 0 {
			rest.Units = []planner.Unit{{Statements: all}}
		}
	}
	return rest, err
}

func printPlan(current, desired *catalog.Catalog) (*planner.Migration, error) {
	changes := differ.NewMemo(nil).Diff(current, desired)
	m, err := planner.Plan(current, desired, changes, planner.Options{Online: planner.OnlineNever, AssumeEmpty: true, BrokenBody: brokenBody})
	if err != nil {
		return nil, err
	}
	for i := range m.Units {
		for j := range m.Units[i].Statements {
			st := &m.Units[i].Statements[j]
			st.Hazards, st.Pos = nil, catalog.Pos{}
		}
	}
	return m, nil
}

// start is what a new database of the platform has of what is the project's:
// public, privileges that the platform gives by default, its extensions.
func (b *base) start(ctx context.Context, c *catalog.Catalog) (*catalog.Catalog, error) {
	bare := *b
	bare.defaults = nil
	start, err := bare.empty()
	if err != nil {
		return nil, err
	}
	// What a database that is there has of public may be the project's doing.
	for _, id := range slices.Clone(start.IDs()) {
		if ofPublic(id) {
			start.Remove(id)
		}
	}
	if !b.hosted {
		for _, o := range stockPublic() {
			start.Put(o)
		}
		return start, nil
	}
	platform, err := platformBase(ctx, b.version)
	if err != nil {
		return nil, err
	}
	for id, o := range platform.below.All() {
		switch o := o.(type) {
		case catalog.DefaultPrivilege:
			if o.Owner != b.role || supabase.ManagedSchema(o.Schema) || b.below.Has(id) {
				continue
			}
		case catalog.Extension:
			if !c.Has(id) {
				continue
			}
			o.Version = ""
			start.Put(o)
			continue
		default:
			if !ofPublic(id) {
				continue
			}
		}
		start.Put(o)
	}
	return start, nil
}

// ofPublic reports whether it is a privilege on the schema public, its owner or comment.
func ofPublic(id catalog.ID) bool {
	return id.On != catalog.KindNone && id.Target() == catalog.Schema{Name: "public"}.ID()
}

// stockPublic is what initdb makes of public.
func stockPublic() []catalog.Object {
	public := catalog.Schema{Name: "public"}.ID()
	return []catalog.Object{
		catalog.Owner{Target: public, Role: "pg_database_owner"},
		catalog.Grant{Target: public, Grantee: catalog.Public, Privileges: []catalog.Privilege{{Name: "USAGE"}}},
		catalog.Comment{Target: public, Text: "standard public schema"},
	}
}

// addRoles puts the project's roles in, which are the cluster's: those that
// own something, are granted something or are named by a policy, and who is a
// member of them.
func addRoles(c *catalog.Catalog) {
	if c.Base == nil {
		return
	}
	used := map[string]bool{}
	for _, o := range c.All() {
		switch o := o.(type) {
		case catalog.Owner:
			used[o.Role] = true
		case catalog.Grant:
			used[o.Grantee] = true
		case catalog.Policy:
			for _, r := range o.Roles {
				used[r] = true
			}
		case catalog.DefaultPrivilege:
			used[o.Owner], used[o.Grantee] = true, true
		}
	}
	for _, o := range c.Base.All() {
		if r, ok := o.(catalog.Role); ok && used[r.Name] && r.Name != c.Role && !r.Superuser && !supabase.ManagedRole(r.Name) {
			c.Put(r)
		}
	}
	for _, o := range c.Base.All() {
		// The one who makes a role is a member of it, or need not be.
		if m, ok := o.(catalog.RoleMember); ok && c.Has(catalog.Role{Name: m.Role}.ID()) && m.Member != c.Role {
			c.Put(m)
		}
	}
}
