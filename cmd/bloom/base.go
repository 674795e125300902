package main

import (
	"context"

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
	for id, o := range current.All() {
		d := desired.Get(id)
		switch {
		case d == nil && l.stays(o), d != nil && l.takes(d):
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
		case catalog.Comment:
			if below := current.Lookup(id); below != nil && o.Target.Kind == catalog.KindRole {
				current.Put(below)
			}
		case catalog.Grant:
			if l.platforms(o.Grantee, l.named.Objects) && !current.Has(id) && current.Has(o.Target) {
				desired.Remove(id)
			}
		}
	}
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
