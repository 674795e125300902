package introspect

import "bloom/catalog"

// What comes with PostgreSQL has comments too; of these only that of public is read.
var comments = query[commentRow]{name: "comments", sql: `
select classoid, objoid, objsubid, description from pg_description
where objoid >= 16384 or classoid = 'pg_namespace'::regclass and objoid = (select oid from pg_namespace where nspname = 'public')
union all
select classoid, objoid, 0, description from pg_shdescription where classoid = 'pg_authid'::regclass and objoid >= 16384`,
	add: (*loader).addComment}

type commentRow struct {
	Class, OID oid
	Column     int
	Text       string
}

// addComment: what is said of an extension was said by the extension.
func (l *loader) addComment(r commentRow) error {
	o, ok := l.target(r.Class, r.OID, r.Column)
	switch {
	case r.Text == "":
	case ok && r.Class == pgType && l.standsForAnother(r.OID, o):
		if !o.base {
			l.unmodelled("comment on type %s", l.typeText(r.OID))
		}
	case ok:
		c := catalog.Comment{Target: o.id, Text: r.Text}
		l.put(o.base || r.Class == pgExtension, c)
		if o.id == (catalog.ID{Kind: catalog.KindSchema, Name: "public"}) {
			l.base.Put(c)
		}
	case r.Class == pgConstraint && l.relations[l.constraints[r.OID].Relation] != nil:
		l.unmodelled("comment on constraint %s of %s", l.constraints[r.OID].Name, l.relationName(l.constraints[r.OID].Relation))
	}
	return nil
}

// standsForAnother reports whether a type came with the object that it is known
// by: the row type of a table, an array, a multirange.
func (l *loader) standsForAnother(id oid, o object) bool {
	t := l.types[id]
	return t != nil && (t.array || t.kind == "m" || o.id.Kind == catalog.KindTable || o.id.Kind == catalog.KindView)
}

// target is what a comment or label at an address is about. Of a constraint's
// index it is the index, although that is no object of its own.
func (l *loader) target(class, id oid, column int) (object, bool) {
	if rel := l.relations[id]; rel != nil && class == pgClass && (column > 0 || rel.Kind == "i" || rel.Kind == "I") {
		o := rel.object
		if column > 0 {
			o.id = catalog.ID{Kind: catalog.KindColumn, Schema: o.id.Schema, Table: o.id.Name, Name: l.column(id, column)}
		}
		return o, true
	}
	o, ok := l.objects[ref{class, id}]
	return o, ok
}

var securityLabels = query[securityLabelRow]{name: "security labels", sql: `
select classoid, objoid, objsubid, provider, label from pg_seclabel`,
	add: func(l *loader, r securityLabelRow) error {
		if o, ok := l.target(r.Class, r.OID, r.Column); ok {
			l.put(o.base, catalog.SecurityLabel{Target: o.id, Provider: r.Provider, Label: r.Label})
		}
		return nil
	}}

type securityLabelRow struct {
	Class, OID      oid
	Column          int
	Provider, Label string
}
