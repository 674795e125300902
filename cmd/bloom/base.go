package main

import (
	"context"
	"slices"
	"strings"

	"bloom/catalog"
	"bloom/parser"
	"bloom/supabase"
	"bloom/supabase/server"
)

// base is what files stand on: what is there but not the project's, and who
// runs them. It comes from the live database, if one takes part, and else from
// the platform's known shape.
type base struct {
	below    *catalog.Catalog
	version  catalog.Version
	role     string
	defaults []catalog.DefaultPrivilege
	hosted   bool
}

func newBase(ctx context.Context, sources ...*source) (*base, error) {
	for _, s := range sources {
		if s.live == nil {
			continue
		}
		b := &base{below: s.live.Base, version: s.live.Version, role: s.live.Role, hosted: s.hosted}
		b.defaults = append(defaultPrivileges(s.live.Base), defaultPrivileges(s.live)...)
		return b, nil
	}
	return platformBase(ctx, 0)
}

// platformBase reads the platform's shape as bloom start makes it.
func platformBase(ctx context.Context, version catalog.Version) (*base, error) {
	script, err := parser.Read(ctx, []parser.Source{{Name: "platform.sql", Text: server.PlatformSQL()}})
	if err != nil {
		return nil, err
	}
	c := catalog.New()
	c.Version, c.Role = version, "postgres"
	if _, err := script.Replay(c, parser.Options{Version: version, Role: "postgres", SearchPath: server.PlatformSearchPath}); err != nil {
		return nil, err
	}
	return &base{below: c, version: version, role: "postgres", hosted: true, defaults: defaultPrivileges(c)}, nil
}

func defaultPrivileges(c *catalog.Catalog) []catalog.DefaultPrivilege {
	var out []catalog.DefaultPrivilege
	if c == nil {
		return nil
	}
	for _, o := range c.All() {
		if d, ok := o.(catalog.DefaultPrivilege); ok {
			out = append(out, d)
		}
	}
	return out
}

func (b *base) options() parser.Options {
	return parser.Options{Base: b.below, Version: b.version, Role: b.role, DefaultPrivileges: b.defaults}
}

// without is the base without the default privileges that will be taken away because
// the files do not declare them: they give nothing to what the files make.
func (b *base) without(l leftovers) *base {
	kept := *b
	kept.defaults = slices.DeleteFunc(slices.Clone(b.defaults), func(d catalog.DefaultPrivilege) bool {
		return !l.stays(d) && (b.below == nil || !b.below.Has(d.ID()))
	})
	return &kept
}

// empty is a database in which nothing was made yet.
func (b *base) empty() (*catalog.Catalog, error) {
	c, _, err := (&parser.Script{}).Declare(b.options())
	return c, err
}

// leftovers decides what of the current state the files say nothing of and is
// not theirs to decide.
type leftovers struct {
	hosted bool            // the platform is there
	named  parser.Grantees // roles that the files' statements about privileges name
}

// leaveAlone makes the desired state agree with the current one about that.
func (l leftovers) leaveAlone(current, desired *catalog.Catalog) {
	main := ownsMost(current)
	for id, o := range current.All() {
		d := desired.Get(id)
		switch {
		case d == nil && l.stays(o) && l.hasPlace(o, desired), d != nil && l.takes(d) && !(main && l.strays(o)):
			desired.Put(o)
		}
	}
	for id, o := range desired.All() {
		switch o := o.(type) {
		case catalog.Role, catalog.RoleMember:
			// Roles are the cluster's: those that the files name are compared.
			if below := current.Lookup(id); below != nil {
				current.Put(below)
			}
		case catalog.Grant:
			if l.platforms(o.Grantee, l.named.Objects) && !current.Has(id) && current.Has(o.Target) {
				desired.Remove(id)
			}
		}
	}
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

// hasPlace reports whether what is left alone still has the schema it is for.
func (l leftovers) hasPlace(o catalog.Object, desired *catalog.Catalog) bool {
	d, ok := o.(catalog.DefaultPrivilege)
	return !ok || d.Schema == "" || desired.Lookup(catalog.Schema{Name: d.Schema}.ID()) != nil
}

// stays reports whether a current object that is not declared is left alone.
func (l leftovers) stays(o catalog.Object) bool {
	switch o := o.(type) {
	case catalog.Extension:
		return l.hosted && supabase.PreinstalledExtension(o.Name) || o.Name == "plpgsql"
	case catalog.DefaultPrivilege:
		// In a schema, what the owner grants to himself changes nothing.
		return l.platforms(o.Grantee, l.named.Defaults) || o.Grantee == o.Owner && o.Schema != ""
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

// platforms reports whether the platform itself grants to the role, and no
// statement of the files does.
func (l leftovers) platforms(role string, named map[string]bool) bool {
	return l.hosted && role != "postgres" && supabase.ManagedRole(role) && !named[role]
}
