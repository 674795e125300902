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

// implied reports whether a schema is there without a statement that makes it:
// to create it says nothing.
func (in *interpreter) implied(name string) bool {
	id := catalog.Schema{Name: name}.ID()
	return name == "public" && in.c.Has(id) && in.c.Source(id) == nil
}

// beginWithPublic puts the schema public in, with which every database begins:
// as it is in Base, with what the platform granted on it, or as initdb makes it.
func (in *interpreter) beginWithPublic() {
	public := catalog.Schema{Name: "public"}
	id := public.ID()
	if b := in.c.Base; b != nil && b.Has(id) {
		in.put(b.Get(id))
		for _, child := range b.Children(id) {
			in.put(b.Get(child))
		}
		return
	}
	in.put(public)
	in.put(catalog.Owner{Target: id, Role: "pg_database_owner"})
	in.put(catalog.Comment{Target: id, Text: "standard public schema"})
	in.put(catalog.Grant{Target: id, Grantee: catalog.Public, Privileges: []catalog.Privilege{{Name: "USAGE"}}})
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
	parts := schemaParts(st.tokens)
	if len(parts) != len(n.GetSchemaElts()) {
		return in.unsupported(0, "this form of CREATE SCHEMA")
	}
	for _, grants := range []bool{false, true} {
		for i, e := range n.GetSchemaElts() {
			if isGrant(e) != grants {
				continue
			}
			inner := own
			inner.node, inner.tokens = e, parts[i]
			in.stmt = &inner
			if err := in.statement(&inner); err != nil {
				return err
			}
		}
	}
	return nil
}

// schemaParts are the tokens of the statements inside CREATE SCHEMA. The words
// that they start with are reserved.
func schemaParts(t tokens) []tokens {
	var parts []tokens
	depth, first := 0, 0
	for i := 1; i < t.len(); i++ {
		switch {
		case t.is(i, "("):
			depth++
		case t.is(i, ")"):
			depth--
		case depth == 0 && (t.is(i, "create") || t.is(i, "grant") && !t.is(i+1, "option")):
			if first > 0 {
				parts = append(parts, t.to(i).from(first))
			}
			first = i
		}
	}
	if first > 0 {
		parts = append(parts, t.from(first))
	}
	return parts
}
