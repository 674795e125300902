package introspect

import "bloom/catalog"

var policies = query[policyRow]{name: "policies", sql: `
select oid, polrelid, polname, polpermissive, polcmd, polroles, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) from pg_policy`,
	add: (*loader).addPolicy}

type policyRow struct {
	OID, Relation    oid
	Name             string
	Permissive       bool
	Command          string
	Roles            []oid
	Using, WithCheck string
}

// addPolicy: a policy on a table of the platform is the project's, one on a table
// of an extension came with it.
func (l *loader) addPolicy(r policyRow) error {
	rel := l.relations[r.Relation]
	if rel == nil {
		return nil
	}
	p := catalog.Policy{
		Schema: rel.id.Schema, Table: rel.id.Name, Name: r.Name, Restrictive: !r.Permissive,
		Command: word(r.Command, "*", "all", "r", "select", "a", "insert", "w", "update", "d", "delete"),
		Using:   expr(r.Using), WithCheck: expr(r.WithCheck),
	}
	for _, id := range r.Roles {
		p.Roles = append(p.Roles, l.roles[id])
	}
	p.Roles = sorted(p.Roles)
	l.define(ref{pgPolicy, r.OID}, object{base: rel.extension != 0, extension: rel.extension}, p)
	return nil
}
