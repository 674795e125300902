package introspect

import "bloom/catalog"

var extensionMembers = query[memberRow]{name: "members of extensions", sql: `
select classid, objid, refobjid from pg_depend where refclassid = 'pg_extension'::regclass and deptype = 'e'`,
	add: func(l *loader, r memberRow) error { l.members[ref{r.Class, r.OID}] = r.Extension; return nil }}

type memberRow struct{ Class, OID, Extension oid }

var extensions = query[extensionRow]{name: "extensions", sql: `
select oid, extname, extnamespace, extversion, not extrelocatable from pg_extension`,
	add: (*loader).addExtension}

type extensionRow struct {
	OID     oid
	Name    string
	Schema  oid
	Version string
	Fixed   bool
}

func (l *loader) addExtension(r extensionRow) error {
	l.extensions[r.OID] = r.Name
	o := object{base: r.OID < firstUser || l.scope.Extension != nil && l.scope.Extension(r.Name)}
	o = l.define(ref{pgExtension, r.OID}, o, catalog.Extension{Name: r.Name, Schema: l.schemas[r.Schema].name, Version: r.Version, Fixed: r.Fixed})
	l.needSchema(o, l.schemas[r.Schema].name)
	return nil
}
