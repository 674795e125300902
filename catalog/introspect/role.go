package introspect

import "bloom/catalog"

// Roles belong to the cluster: they are all in Base.
var roles = query[roleRow]{name: "roles", sql: `
select oid, rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls,
       rolconnlimit, nullif(rolvaliduntil, 'infinity')::text, rolconfig
from pg_roles`,
	add: (*loader).addRole}

type roleRow struct {
	OID                                                                        oid
	Name                                                                       string
	Superuser, Inherit, CreateRole, CreateDB, CanLogin, Replication, BypassRLS bool
	ConnLimit                                                                  int
	ValidUntil                                                                 string
	Config                                                                     []string
}

func (l *loader) addRole(r roleRow) error {
	l.roles[r.OID] = r.Name
	l.define(ref{pgAuthID, r.OID}, object{base: true}, catalog.Role{
		Name: r.Name, Superuser: r.Superuser, Inherit: r.Inherit, CreateRole: r.CreateRole, CreateDB: r.CreateDB,
		Login: r.CanLogin, Replication: r.Replication, BypassRLS: r.BypassRLS, ConnLimit: r.ConnLimit,
		ValidUntil: r.ValidUntil, Config: sorted(r.Config),
	})
	return nil
}

// A membership may have been granted by several roles, with other options each.
var roleMembers = query[roleMemberRow]{name: "memberships of roles", sql: `
select roleid, member, bool_or(m.admin_option), bool_or({member.inherit}), bool_or({member.set})
from pg_auth_members m group by 1, 2`,
	add: (*loader).addRoleMember}

type roleMemberRow struct {
	Role, Member        oid
	Admin, Inherit, Set bool
}

func (l *loader) addRoleMember(r roleMemberRow) error {
	l.base.Put(catalog.RoleMember{Role: l.roles[r.Role], Member: l.roles[r.Member], Admin: r.Admin, Inherit: r.Inherit, Set: r.Set})
	return nil
}

type nameRow struct {
	OID  oid
	Name string
}

var tablespaces = query[nameRow]{name: "tablespaces", sql: `select oid, spcname from pg_tablespace`,
	add: func(l *loader, r nameRow) error { l.tablespaces[r.OID] = r.Name; return nil }}

var accessMethods = query[nameRow]{name: "access methods", sql: `select oid, amname from pg_am`,
	add: func(l *loader, r nameRow) error { l.accessMethods[r.OID] = r.Name; return nil }}
