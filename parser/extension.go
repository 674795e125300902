package parser

import (
	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

func (in *interpreter) createExtension(n *pg.CreateExtensionStmt) error {
	e := catalog.Extension{Name: n.GetExtname()}
	for _, d := range elems(n.GetOptions()) {
		switch d.GetDefname() {
		case "schema":
			e.Schema = constText(d.GetArg())
		case "new_version":
			e.Version = constText(d.GetArg())
		}
	}
	if e.Name == "plpgsql" { // in every database
		return nil
	}
	if in.c.Has(e.ID()) {
		if n.GetIfNotExists() {
			return nil
		}
		return in.duplicate(e.ID(), 0)
	}
	if e.Schema != "" && in.c.Lookup(e.ID()) == nil {
		if err := in.needSchema(e.Schema, 0); err != nil {
			return err
		}
	}
	in.put(e)
	return nil
}

func (in *interpreter) alterExtension(n *pg.AlterExtensionStmt) error {
	e, ok := catalog.Find[catalog.Extension](in.c, catalog.Extension{Name: n.GetExtname()}.ID())
	if !ok {
		return in.missing(0, "extension %q", n.GetExtname())
	}
	for _, d := range elems(n.GetOptions()) {
		if d.GetDefname() == "new_version" {
			e.Version = constText(d.GetArg())
		}
	}
	in.put(e)
	return nil
}
