package introspect

import (
	"slices"

	"bloom/catalog"
)

var defaultPrivileges = query[defaultPrivilegeRow]{name: "default privileges", sql: `
select defaclrole, defaclnamespace, defaclobjtype, defaclacl::text[] from pg_default_acl`,
	add: (*loader).addDefaultPrivilege}

type defaultPrivilegeRow struct {
	Role, Schema oid
	Objects      string
	ACL          acl
}

// addDefaultPrivilege: an entry of a schema adds to what holds anyway. One of the
// whole database stands in place of what is built in, so that only what differs
// from that means something.
func (l *loader) addDefaultPrivilege(r defaultPrivilegeRow) error {
	kinds := map[string]struct {
		kind catalog.Kind
		privileges
	}{
		"r": {catalog.KindTable, tablePrivileges}, "S": {catalog.KindSequence, sequencePrivileges},
		"f": {catalog.KindRoutine, routinePrivileges}, "T": {catalog.KindEnum, typePrivileges},
		"n": {catalog.KindSchema, schemaPrivileges}, "L": {catalog.KindLargeObject, largeObjectPrivileges},
	}
	owner := l.roles[r.Role]
	k, ok := kinds[r.Objects]
	if !ok {
		l.unmodelled("default privileges of role %s for objects of type %q", owner, r.Objects)
		return nil
	}
	builtIn := map[string][]catalog.Privilege{owner: l.set(k.owner)}
	if k.public != "" {
		builtIn[catalog.Public] = l.set(k.public)
	}
	base := l.scope.DefaultPrivileges != nil && l.scope.DefaultPrivileges(owner) || l.schemas[r.Schema].base
	put := func(grantee string, ps []catalog.Privilege) {
		d := catalog.DefaultPrivilege{Owner: owner, Schema: l.schemas[r.Schema].name, Objects: k.kind, Grantee: grantee, Privileges: ps}
		l.defaultACL = append(l.defaultACL, d)
		l.put(base, d)
	}
	seen := map[string]bool{}
	for _, e := range l.entries(r.ACL) {
		seen[e.grantee] = true
		if r.Schema != 0 || !slices.Equal(e.privileges, builtIn[e.grantee]) {
			put(e.grantee, e.privileges)
		}
	}
	for grantee := range builtIn {
		if r.Schema == 0 && !seen[grantee] {
			put(grantee, nil)
		}
	}
	return nil
}
