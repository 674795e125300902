package parser

import (
	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

func (in *interpreter) createSchema(n *pg.CreateSchemaStmt) error {
	name := n.GetSchemaname()
	if name == "" {
		name = in.role(n.GetAuthrole())
	}
	id := catalog.Schema{Name: name}.ID()
	if in.implied(name) {
		return nil
	}
	if in.c.Lookup(id) != nil {
		// Dumps and files of several authors say CREATE SCHEMA IF NOT EXISTS again and again.
		if n.GetIfNotExists() {
			return nil
		}
		return in.duplicate(id, 0)
	}
	in.put(catalog.Schema{Name: name})
	in.own(id)
	if n.GetAuthrole() != nil {
		in.setOwner(id, in.role(n.GetAuthrole()))
	}
	if err := in.grantAtCreation(id); err != nil {
		return err
	}
	return in.schemaElements(n, name)
}

// implied reports whether a schema is in every database: to create it says nothing.
func (in *interpreter) implied(name string) bool {
	return name == "public" && !in.c.Has(catalog.Schema{Name: name}.ID()) && !in.dropped[name]
}

// schemaElements runs the statements inside CREATE SCHEMA: tables before views
// and indexes, as PostgreSQL does, in the new schema.
func (in *interpreter) schemaElements(n *pg.CreateSchemaStmt, name string) error {
	st := in.stmt
	defer func() { in.stmt = st }()
	own := *st
	own.session = &session{path: catalog.Quote(name) + ", " + st.session.path, role: st.session.role}
	if n.GetAuthrole() != nil {
		own.session.role = in.role(n.GetAuthrole())
	}
	for _, grants := range []bool{false, true} {
		for _, e := range n.GetSchemaElts() {
			if isGrant(e) != grants {
				continue
			}
			inner := own
			inner.node = e
			in.stmt = &inner
			if err := in.statement(&inner); err != nil {
				return err
			}
		}
	}
	return nil
}
