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
}

func newBase(ctx context.Context, sources ...*source) (*base, error) {
	for _, s := range sources {
		if s.live == nil {
			continue
		}
		b := &base{below: s.live.Base, version: s.live.Version, role: s.live.Role}
		b.defaults = append(defaultPrivileges(s.live.Base), defaultPrivileges(s.live)...)
		return b, nil
	}
	return offlineBase(ctx)
}

// offlineBase reads the platform's shape as bloom start makes it.
func offlineBase(ctx context.Context) (*base, error) {
	script, err := parser.Read(ctx, []parser.Source{{Name: "platform.sql", Text: server.PlatformSQL()}})
	if err != nil {
		return nil, err
	}
	c, _, err := script.Declare(parser.Options{Role: "postgres", SearchPath: server.PlatformSearchPath})
	if err != nil {
		return nil, err
	}
	return &base{below: c, role: "postgres", defaults: defaultPrivileges(c)}, nil
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

// leaveAlone makes the desired state agree with the current one about what the
// files say nothing of and what is not theirs to decide. named are the roles
// that the files' GRANTs and REVOKEs name.
func leaveAlone(current, desired *catalog.Catalog, named map[string]bool) {
	for id, o := range current.All() {
		d := desired.Get(id)
		switch {
		case d == nil && stays(o, named):
			desired.Put(o)
		case d != nil && takes(d, o, named):
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
			if platformGrantee(o.Grantee) && !named[o.Grantee] && !current.Has(id) && current.Has(o.Target) {
				desired.Remove(id)
			}
		}
	}
}

// stays reports whether a current object that is not declared is left alone.
func stays(o catalog.Object, named map[string]bool) bool {
	switch o := o.(type) {
	case catalog.Extension:
		return supabase.PreinstalledExtension(o.Name)
	case catalog.DefaultPrivilege:
		return supabase.ManagedDefaultPrivileges(o.Owner) || platformGrantee(o.Grantee) && !named[o.Grantee]
	case catalog.Grant:
		return platformGrantee(o.Grantee) && !named[o.Grantee]
	case catalog.Comment:
		return o.Target.Kind == catalog.KindExtension
	case catalog.Subscription:
		return true
	}
	return false
}

// takes reports whether a declared object takes the current value, because the
// files left it open.
func takes(desired, current catalog.Object, named map[string]bool) bool {
	switch d := desired.(type) {
	case catalog.Owner:
		return !bool(d.Given) && d != current
	case catalog.Grant:
		return platformGrantee(d.Grantee) && !named[d.Grantee]
	case catalog.Subscription:
		return true
	}
	return false
}

// platformGrantee reports whether the platform itself grants to the role.
func platformGrantee(role string) bool { return role != "postgres" && supabase.ManagedRole(role) }
