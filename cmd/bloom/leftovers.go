package main

import (
	"fmt"
	"strings"

	"bloom/catalog"
	"bloom/differ"
	"bloom/parser"
	"bloom/supabase"
)

// leftovers decides what of the current state the files say nothing of and is
// not theirs to decide.
type leftovers struct {
	hosted bool            // the platform is there
	named  parser.Grantees // roles that the files' statements about privileges name
	whole  bool            // both states are databases', so none leaves anything open
}

// leaveAlone makes the desired state agree with the current one about that, and
// says what the files want otherwise in vain.
func (l leftovers) leaveAlone(current, desired *catalog.Catalog) (notes []string) {
	notes = l.loaded(current, desired)
	main := ownsMost(current)
	for id, o := range current.All() {
		d := desired.Get(id)
		notes = append(notes, unmovable(desired, o, d)...)
		switch {
		case d == nil && l.stays(o) && hasPlace(o, desired), d != nil && l.takes(d) && !(main && l.strays(o)):
			desired.Put(o)
			ownerPrivileges(current, desired, o, d)
		}
	}
	for id, o := range desired.All() {
		if current.Has(id) || l.whole {
			continue
		}
		if below := current.Lookup(id); below != nil {
			notes = append(notes, restate(current, desired, o, below)...)
			continue
		}
		switch o := o.(type) {
		case catalog.Grant:
			if l.platforms(o.Grantee, l.named.Objects) && current.Has(o.Target) {
				desired.Remove(id)
			}
		case catalog.Owner:
			if !current.Has(o.Target) && current.Lookup(o.Target) != nil {
				desired.Remove(id)
			}
		}
	}
	return notes
}

// ownerPrivileges takes over the privileges of the owner of an object that stays somebody else's, and of who would own it by
// the files: an owner has all of them, so that what the files grant these two says nothing of what they have.
func ownerPrivileges(current, desired *catalog.Catalog, have, want catalog.Object) {
	is, isOwner := have.(catalog.Owner)
	if !isOwner || want == nil || is.Role == want.(catalog.Owner).Role {
		return
	}
	for _, role := range []string{is.Role, want.(catalog.Owner).Role} {
		id := catalog.Grant{Target: is.Target, Grantee: role}.ID()
		if g := current.Get(id); g != nil {
			desired.Put(g)
		} else {
			desired.Remove(id)
		}
	}
}

// restate handles a declared object that is there and not the project's: dumps
// name much of what the platform and the extensions bring.
func restate(current, desired *catalog.Catalog, declared, below catalog.Object) (notes []string) {
	switch d := declared.(type) {
	case catalog.Role, catalog.RoleMember, catalog.Comment, catalog.Grant:
		// Roles are the cluster's: those that the files name are compared. So is
		// what the files say of an extension, of a platform's table.
		current.Put(below)
		return nil
	case catalog.Extension: // its version and place are the platform's affair
	default:
		if !differ.Equal(d, below) {
			notes = append(notes, fmt.Sprintf("%s: %s is the platform's or an extension's and is left as it is", desired.Pos(d.ID()), d.ID()))
		}
	}
	desired.Remove(declared.ID())
	return notes
}

// unmovable says that an extension cannot go where the files want it.
func unmovable(desired *catalog.Catalog, current, declared catalog.Object) []string {
	have, isExtension := current.(catalog.Extension)
	want, declares := declared.(catalog.Extension)
	if !isExtension || !declares || !have.Fixed || want.Schema == "" || want.Schema == have.Schema {
		return nil
	}
	if desired.Lookup(catalog.Schema{Name: have.Schema}.ID()) == nil { // its place goes
		want.Fixed = true
		desired.Put(want)
		return nil
	}
	return []string{fmt.Sprintf("%s: extension %s stays in schema %s: it cannot be moved to %s", desired.Pos(want.ID()), have.Name, have.Schema, want.Schema)}
}

// ownsMost reports whether the role that is connected is the one that runs the files
// here: it owns at least half of what is there.
func ownsMost(c *catalog.Catalog) bool {
	own, all := 0, 0
	for _, o := range c.All() {
		if o, ok := o.(catalog.Owner); ok && !strings.HasPrefix(o.Role, "pg_") {
			all++
			if o.Role == c.Role {
				own++
			}
		}
	}
	return 2*own >= all
}

// strays reports whether an object has an owner that neither the files nor the platform
// gave it. Where who runs the files owns the rest, that is a difference.
func (l leftovers) strays(o catalog.Object) bool {
	owner, ok := o.(catalog.Owner)
	return ok && !(l.hosted && supabase.ManagedRole(owner.Role)) && !strings.HasPrefix(owner.Role, "pg_")
}

// hasPlace reports whether what is left alone still has what it is about.
func hasPlace(o catalog.Object, desired *catalog.Catalog) bool {
	switch o := o.(type) {
	case catalog.DefaultPrivilege:
		return o.Schema == "" || desired.Lookup(catalog.Schema{Name: o.Schema}.ID()) != nil
	case catalog.Grant:
		_, ok := desired.Parent(o.ID())
		return ok
	}
	return true
}

// stays reports whether a current object that is not declared is left alone.
func (l leftovers) stays(o catalog.Object) bool {
	if l.whole {
		switch o.(type) {
		case catalog.DefaultPrivilege, catalog.Grant:
			return false
		}
	}
	switch o := o.(type) {
	case catalog.Extension:
		return l.hosted && supabase.PreinstalledExtension(o.Name) || o.Name == "plpgsql"
	case catalog.DefaultPrivilege:
		// In a schema, what the owner grants to himself changes nothing.
		return l.hosted && platformDefault(o) && !parser.Decided(l.named.Defaults, o) || o.Grantee == o.Owner && o.Schema != ""
	case catalog.Grant:
		return l.platforms(o.Grantee, l.named.Objects)
	case catalog.Comment:
		return o.Target.Kind == catalog.KindExtension
	case catalog.Subscription:
		return true
	case catalog.Owner:
		return o.Target.Kind == catalog.KindSubscription
	}
	return false
}

// takes reports whether a declared object takes the current value, because the
// files leave it open.
func (l leftovers) takes(desired catalog.Object) bool {
	if l.whole {
		_, apart := desired.(catalog.Subscription)
		return apart
	}
	switch d := desired.(type) {
	case catalog.Owner:
		return !bool(d.Given)
	case catalog.Grant:
		return l.platforms(d.Grantee, l.named.Objects)
	case catalog.Subscription:
		return true
	}
	return false
}

// platformDefault reports whether a new project's database has a default
// privilege like it: in the schema public, for the roles of requests.
func platformDefault(d catalog.DefaultPrivilege) bool {
	return d.Schema == "public" && d.Grantee != "postgres" && supabase.ManagedRole(d.Grantee)
}

// platforms reports whether the platform itself grants to the role, and no
// statement of the files does.
func (l leftovers) platforms(role string, named map[string]bool) bool {
	return l.hosted && role != "postgres" && supabase.ManagedRole(role) && !named[role]
}
