package introspect

import (
	"strings"

	"bloom/catalog"
)

var schemas = query[schemaRow]{name: "schemas", sql: `
select oid, nspname, nspowner, nspacl::text[] from pg_namespace`,
	add: (*loader).addSchema}

type schemaRow struct {
	OID   oid
	Name  string
	Owner oid
	ACL   acl
}

// schema is what there is to know about a namespace.
type schema struct {
	name      string
	base      bool // its contents are not the project's
	temporary bool
}

func (l *loader) addSchema(r schemaRow) error {
	s := schema{name: r.Name}
	system := r.Name == "pg_catalog" || r.Name == "information_schema" || strings.HasPrefix(r.Name, "pg_toast")
	s.temporary = strings.HasPrefix(r.Name, "pg_temp_")
	at := ref{pgNamespace, r.OID}
	o := object{extension: l.members[at]}
	s.base = system || o.extension != 0 || l.scope.Schema != nil && l.scope.Schema(r.Name)
	o.base = s.base
	l.schemas[r.OID] = s
	if s.temporary {
		return nil
	}
	o = l.define(at, o, catalog.Schema{Name: r.Name})
	l.own(o, r.Owner)
	l.grant(o, r.Owner, r.ACL, schemaPrivileges)
	if r.Name == "public" {
		// Every database starts with it: a declaration that does not mention
		// it takes it from here as it is.
		o.base = true
		l.base.Put(catalog.Schema{Name: r.Name})
		l.own(o, r.Owner)
		l.grantInBase(o, r.Owner, r.ACL, schemaPrivileges)
	}
	return nil
}
