package introspect

import "bloom/catalog"

var foreignDataWrappers = query[wrapperRow]{name: "foreign data wrappers", sql: `
select oid, fdwname, fdwowner, fdwhandler, fdwvalidator, fdwoptions, fdwacl::text[] from pg_foreign_data_wrapper`,
	add: (*loader).addWrapper}

type wrapperRow struct {
	OID                       oid
	Name                      string
	Owner, Handler, Validator oid
	Options                   []string
	ACL                       acl
}

func (l *loader) addWrapper(r wrapperRow) error {
	at := ref{pgFDW, r.OID}
	o := object{extension: l.members[at]}
	o.base = o.extension != 0
	o = l.define(at, o, catalog.ForeignDataWrapper{
		Name: r.Name, Handler: l.routines[r.Handler].QName, Validator: l.routines[r.Validator].QName, Options: sorted(r.Options)})
	l.own(o, r.Owner)
	l.grant(o, r.Owner, r.ACL, foreignPrivileges)
	return nil
}

var servers = query[serverRow]{name: "foreign servers", sql: `
select oid, srvname, srvowner, srvfdw, srvtype, srvversion, srvoptions, srvacl::text[] from pg_foreign_server`,
	add: (*loader).addServer}

type serverRow struct {
	OID            oid
	Name           string
	Owner, Wrapper oid
	Type, Version  string
	Options        []string
	ACL            acl
}

func (l *loader) addServer(r serverRow) error {
	at := ref{pgServer, r.OID}
	o := object{extension: l.members[at]}
	o.base = o.extension != 0
	o = l.define(at, o, catalog.Server{
		Name: r.Name, Wrapper: l.objects[ref{pgFDW, r.Wrapper}].id.Name, Type: r.Type, Version: r.Version, Options: sorted(r.Options)})
	l.own(o, r.Owner)
	l.grant(o, r.Owner, r.ACL, foreignPrivileges)
	return nil
}

var foreignTables = query[foreignTableRow]{name: "foreign tables", sql: `
select ftrelid, ftserver, ftoptions from pg_foreign_table`,
	add: func(l *loader, r foreignTableRow) error {
		if rel := l.relations[r.Relation]; rel != nil {
			rel.server, rel.serverOptions = l.objects[ref{pgServer, r.Server}].id.Name, sorted(r.Options)
		}
		return nil
	}}

type foreignTableRow struct {
	Relation, Server oid
	Options          []string
}

// The view shows the options to those who may see them, and is null for others.
var userMappings = query[userMappingRow]{name: "user mappings", sql: `
select umid, srvid, usename, umoptions from pg_user_mappings`,
	add: (*loader).addUserMapping}

type userMappingRow struct {
	OID, Server oid
	User        string
	Options     []string
}

func (l *loader) addUserMapping(r userMappingRow) error {
	srv := l.objects[ref{pgServer, r.Server}]
	for i, o := range r.Options {
		r.Options[i] = catalog.MaskOption(o)
	}
	l.define(ref{pgUserMapping, r.OID}, object{base: srv.base}, catalog.UserMapping{Server: srv.id.Name, User: r.User, Options: sorted(r.Options)})
	return nil
}
