package main

import (
	"context"
	"slices"

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
	anew     []catalog.DefaultPrivilege // of a new database of the platform
	missing  map[string]bool            // extensions of the files that the server has not the files of
	// first is what the platform puts into a new database and the project may
	// change: the schema public with its privileges, default privileges.
	first  []catalog.Object
	hosted bool
}

func newBase(ctx context.Context, sources ...*source) (*base, error) {
	for _, s := range sources {
		if s.live == nil {
			continue
		}
		b := &base{below: s.live.Base, version: s.live.Version, role: s.live.Role, hosted: s.hosted}
		b.defaults = defaultPrivileges(s.live.Base)
		for _, d := range defaultPrivileges(s.live) {
			if s.hosted && platformDefault(d) { // others hold if the files say so
				b.defaults = append(b.defaults, d)
			}
		}
		return b, b.lookBack(ctx, sources)
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
	return &base{below: c, version: version, role: "postgres", hosted: true, defaults: defaultPrivileges(c), anew: defaultPrivileges(c), first: firstObjects(c)}, nil
}

func firstObjects(c *catalog.Catalog) []catalog.Object {
	public := catalog.Schema{Name: "public"}.ID()
	objects := []catalog.Object{c.Get(public)}
	for _, child := range c.Children(public) {
		objects = append(objects, c.Get(child))
	}
	for _, d := range defaultPrivileges(c) {
		if !supabase.ManagedDefaultPrivileges(d.Owner) && !supabase.ManagedSchema(d.Schema) {
			objects = append(objects, d)
		}
	}
	return objects
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
	return parser.Options{Base: b.below, Version: b.version, Role: b.role, DefaultPrivileges: b.defaults, NewPrivileges: b.anew, Missing: b.missing}
}

// forFiles is the base without the default privileges that are taken away if the files
// do not declare them: they give nothing to what the files make. Those that the files
// do name the parser leaves out itself.
func (b *base) forFiles() *base {
	kept := *b
	l := leftovers{hosted: b.hosted}
	kept.defaults = slices.DeleteFunc(slices.Clone(b.defaults), func(d catalog.DefaultPrivilege) bool {
		return !l.stays(d) && (b.below == nil || !b.below.Has(d.ID()))
	})
	return &kept
}

// optionsOn are those for statements that run on the state of a source: a history
// starts where the platform ends, and brings its own default privileges.
func (b *base) optionsOn(s *source) parser.Options {
	o := b.options()
	if s.replay {
		o.DefaultPrivileges = defaultPrivileges(b.below)
	}
	return o
}

// lookBack finds out what files and histories start with, if a source is one. A live
// database tells of the present only.
func (b *base) lookBack(ctx context.Context, sources []*source) error {
	if !b.hosted || !slices.ContainsFunc(sources, func(s *source) bool { return s.live == nil }) {
		return nil
	}
	fresh, err := platformBase(ctx, b.version)
	if err == nil {
		b.first, b.anew = fresh.first, fresh.anew
	}
	return err
}

// empty is a database in which nothing was made yet.
func (b *base) empty() (*catalog.Catalog, error) {
	c, _, err := (&parser.Script{}).Declare(parser.Options{Base: b.below, Version: b.version, Role: b.role})
	for _, o := range b.first {
		c.Put(o)
	}
	return c, err
}
