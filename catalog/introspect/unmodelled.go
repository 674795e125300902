package introspect

import "slices"

// unmodelledObjects is what the database has that bloom has no model of. What can
// be told only from the rows of other queries is reported where they are read.
var unmodelledObjects = query[unmodelledRow]{name: "what is not modelled", sql: `
select 'pg_language'::regclass::oid, oid, format('language %s', lanname) from pg_language where oid >= 16384
union all select 'pg_am'::regclass::oid, oid, format('access method %s', amname) from pg_am where oid >= 16384
union all select 'pg_transform'::regclass::oid, oid,
  format('transform for %s language %s', format_type(trftype, null), (select lanname from pg_language where oid = trflang)) from pg_transform where oid >= 16384
union all select 0::oid, 0::oid, format('large objects: %s', count(*)) from pg_largeobject_metadata having count(*) > 0
union all select classid, objid, format('dependency of %s on extension %s', pg_describe_object(classid, objid, 0), (select extname from pg_extension where oid = refobjid))
  from pg_depend where refclassid = 'pg_extension'::regclass and deptype = 'x'`,
	add: func(l *loader, r unmodelledRow) error {
		if l.members[ref{r.Class, r.OID}] == 0 {
			l.unmodelled("%s", r.Name)
		}
		return nil
	}}

type unmodelledRow struct {
	Class, OID oid
	Name       string
}

var languageACLs = query[languageACLRow]{name: "privileges on languages", sql: `
select lanname, lanowner, lanacl::text[] from pg_language where lanacl is not null`,
	add: func(l *loader, r languageACLRow) error {
		for _, grantee := range l.unusual(r.Owner, r.ACL, languagePrivileges) {
			l.unmodelled("privileges of %s on language %s", grantee, r.Name)
		}
		return nil
	}}

// unusual lists the grantees who have other privileges than those that are built
// in, roles of the platform left out.
func (l *loader) unusual(owner oid, a acl, p privileges) []string {
	role := l.roles[owner]
	now, usual := l.effective(role, a, p), l.effective(role, "", p)
	var out []string
	for _, e := range now {
		if !l.platformRole(e.grantee) && !slices.ContainsFunc(usual, e.equal) {
			out = append(out, e.grantee)
		}
	}
	for _, e := range usual {
		if !slices.ContainsFunc(now, func(n aclEntry) bool { return n.grantee == e.grantee }) {
			out = append(out, e.grantee)
		}
	}
	return out
}

type languageACLRow struct {
	Name  string
	Owner oid
	ACL   acl
}
