package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"bloom/catalog"
	"bloom/parser"
	"bloom/planner"
	"bloom/supabase"
)

// What pull and dump do with --schema: less than the whole database.

func schemasFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "schema", Aliases: []string{"s"}, Usage: "only what is in the schema `NAME`; repeatable"}
}

// narrow leaves the named schemas only.
func (p *pulled) narrow(schemas []string) error {
	for _, name := range schemas {
		switch {
		case supabase.ManagedSchema(name) && p.base.hosted:
			return fmt.Errorf("schema %s is the platform's; bloom does not write it", name)
		case name != "public" && p.source.live.Lookup(catalog.Schema{Name: name}.ID()) == nil:
			return fmt.Errorf("the database has no schema %q", name)
		}
	}
	p.schemas = schemas
	return nil
}

// within leaves the statements about the schemas that are asked for.
func (d *declaration) within(m *planner.Migration) *planner.Migration {
	out := *m
	out.Units = nil
	for _, u := range m.Units {
		u.Statements = slices.Clone(u.Statements)
		u.Statements = slices.DeleteFunc(u.Statements, func(st planner.Statement) bool { return !inScope(d.schemas, st.Object) })
		if len(u.Statements) > 0 {
			out.Units = append(out.Units, u)
		}
	}
	return &out
}

// count is the number of objects that are asked for.
func (d *declaration) count() int {
	n := 0
	for id := range d.state.All() {
		if inScope(d.schemas, id) {
			n++
		}
	}
	return n
}

// keepOthers takes files out of what is to be removed that declare other
// schemas' objects only, and returns them.
func (p *pulled) keepOthers(ctx context.Context, t *tree) ([]parser.Source, error) {
	if len(p.schemas) == 0 || len(t.stale) == 0 {
		return nil, nil
	}
	there, err := parser.Files(t.dir)
	if err != nil {
		return nil, err
	}
	for i, source := range there {
		rel, err := filepath.Rel(t.dir, source.Name)
		if err != nil {
			return nil, err
		}
		there[i].Name = filepath.ToSlash(rel)
	}
	var declared *catalog.Catalog
	script, err := parser.Read(ctx, there)
	if err == nil {
		declared, _, err = script.Declare(p.base.options())
	}
	if err != nil {
		return nil, fmt.Errorf("what the files that are there declare cannot be told, so nothing was written\n%w\nhint: pull without --schema writes all of them anew", err)
	}
	within, others := map[string]bool{}, map[string]bool{}
	for id := range declared.All() {
		if file := declared.Pos(id).File; inScope(p.schemas, id) {
			within[file] = true
		} else {
			others[file] = true
		}
	}
	var stale []string
	var kept []parser.Source
	for _, source := range there {
		switch path := source.Name; {
		case !slices.Contains(t.stale, path):
		case within[path] && others[path]:
			return nil, fmt.Errorf("%s declares objects of %s and others; nothing was written\nhint: put them into files of their own, or pull without --schema", path, strings.Join(p.schemas, ", "))
		case within[path]:
			stale = append(stale, path)
		default:
			kept = append(kept, source)
		}
	}
	t.stale = stale
	return kept, nil
}
