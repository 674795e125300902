package introspect

// The database itself and the cluster are not modelled: what users set there is
// reported. Names only, for values may be secrets.

var database = query[databaseRow]{name: "the database", sql: `
select d.datdba, d.datacl::text[], coalesce(c.description, '')
from pg_database d left join pg_shdescription c on c.classoid = 'pg_database'::regclass and c.objoid = d.oid
where d.datname = current_database()`,
	add: func(l *loader, r databaseRow) error {
		for _, grantee := range l.unusual(r.Owner, r.ACL, databasePrivileges) {
			l.unmodelled("privileges of %s on the database", grantee)
		}
		if r.Comment != "" && r.Comment != initialComment {
			l.unmodelled("comment on the database")
		}
		return nil
	}}

// initialComment is what initdb says of the database postgres.
const initialComment = "default administrative connection database"

type databaseRow struct {
	Owner   oid
	ACL     acl
	Comment string
}

var databaseSettings = query[databaseSettingRow]{name: "settings of the database", sql: `
select s.setrole, split_part(c, '=', 1) from pg_db_role_setting s, unnest(s.setconfig) c
where s.setdatabase = (select oid from pg_database where datname = current_database())`,
	add: func(l *loader, r databaseSettingRow) error {
		switch {
		case r.Role != 0 && !l.platformRole(l.roles[r.Role]):
			l.unmodelled("setting %s of role %s in the database", r.Name, l.roles[r.Role])
		case r.Role == 0 && (l.scope.Setting == nil || !l.scope.Setting(r.Name)):
			l.unmodelled("setting %s of the database", r.Name)
		}
		return nil
	}}

type databaseSettingRow struct {
	Role oid
	Name string
}

// Parameters belong to the first superuser, whose OID is 10.
var parameterACLs = query[parameterACLRow]{name: "privileges on parameters", sql: `
select parname, 10::oid, paracl::text[] from pg_parameter_acl`,
	add: func(l *loader, r parameterACLRow) error {
		for _, grantee := range l.unusual(r.Owner, r.ACL, parameterPrivileges) {
			l.unmodelled("privileges of %s on parameter %s", grantee, r.Name)
		}
		return nil
	}}

type parameterACLRow struct {
	Name  string
	Owner oid
	ACL   acl
}

var sharedLabels = query[sharedLabelRow]{name: "security labels of the cluster", sql: `
select case when classoid = 'pg_authid'::regclass then objoid else 0 end, provider from pg_shseclabel
where classoid = 'pg_authid'::regclass
   or classoid = 'pg_database'::regclass and objoid = (select oid from pg_database where datname = current_database())`,
	add: func(l *loader, r sharedLabelRow) error {
		switch {
		case r.Role == 0:
			l.unmodelled("security label of provider %s on the database", r.Provider)
		case !l.platformRole(l.roles[r.Role]):
			l.unmodelled("security label of provider %s on role %s", r.Provider, l.roles[r.Role])
		}
		return nil
	}}

type sharedLabelRow struct {
	Role     oid
	Provider string
}
