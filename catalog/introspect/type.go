package introspect

import "bloom/catalog"

// Types of PostgreSQL itself are needed too: columns have them.
var types = query[typeRow]{name: "types", sql: `
select oid, typname, typnamespace, typowner, typtype, typcategory, typispreferred, typisdefined, typrelid, typelem,
       typsubscript::oid, typbasetype, typcollation, typstorage, typnotnull,
       case when typtypmod >= 0 then format_type(typbasetype, typtypmod) end,
       case when typtype = 'd' then coalesce(pg_get_expr(typdefaultbin, 0), quote_literal(typdefault)) end, typacl::text[]
from pg_type`,
	add: (*loader).addType, done: (*loader).putTypes}

type typeRow struct {
	OID           oid
	Name          string
	Schema, Owner oid
	Type          string
	Category      string
	Preferred     bool
	Defined       bool
	Relation      oid
	Element       oid
	Subscript     oid
	Base          oid
	Collation     oid
	Storage       string
	NotNull       bool
	BaseText      string
	Default       string
	ACL           acl
}

// typ is what there is to know about a type.
type typ struct {
	name      catalog.QName
	kind      string // typtype
	array     bool
	element   oid
	base      oid
	collation oid
	storage   string
}

// arraySubscript is F_ARRAY_SUBSCRIPT_HANDLER, by which format_type knows arrays.
const arraySubscript = 6179

func (l *loader) addType(r typeRow) error {
	l.types[r.OID] = &typ{
		name: catalog.QName{Schema: l.schemas[r.Schema].name, Name: r.Name}, kind: r.Type, element: r.Element, base: r.Base,
		collation: r.Collation, storage: r.Storage,
		array: r.Element != 0 && r.Subscript == arraySubscript && r.Storage != "p",
	}
	if r.OID >= firstUser {
		l.typeRows = append(l.typeRows, r)
	}
	return nil
}

// putTypes makes the objects, now that all names are known.
func (l *loader) putTypes() {
	for _, r := range l.typeRows {
		l.putType(r)
	}
	for id, t := range l.types {
		if o, ok := l.objects[ref{pgType, t.element}]; ok && t.array {
			l.objects[ref{pgType, id}] = o
		}
	}
	l.typeRows = nil
}

func (l *loader) putType(r typeRow) {
	at := ref{pgType, r.OID}
	s, o, ok := l.locate(at, r.Schema)
	if !ok {
		return
	}
	t := l.types[r.OID]
	switch {
	case r.Type == "c":
		l.addRowType(at, r, o)
		return
	case t.array, r.Type == "m": // an array stands for its element, a multirange for its range
		return
	case r.Type == "d":
		o = l.define(at, o, catalog.Domain{
			Schema: s.name, Name: r.Name, Base: l.typeOr(r.BaseText, r.Base), Collation: l.collationOf(r.Collation, l.collationOfType(r.Base)),
			Default: expr(r.Default), NotNull: r.NotNull,
		})
	case r.Type == "e":
		o = l.define(at, o, catalog.Enum{Schema: s.name, Name: r.Name})
	case r.Type == "r":
		o = l.define(at, o, catalog.Range{Schema: s.name, Name: r.Name})
	case o.base:
		o = l.addBaseType(at, r, o)
	default:
		// Names resolve to it, but nothing can be said of how to make it.
		o.base = true
		o = l.addBaseType(at, r, o)
		l.unmodelled("base type %s", o.id.Path())
	}
	l.needSchema(o, s.name)
	l.own(o, r.Owner)
	l.grant(o, r.Owner, r.ACL, typePrivileges)
}

func (l *loader) addBaseType(at ref, r typeRow, o object) object {
	t := l.types[r.OID]
	b := catalog.BaseType{
		Schema: t.name.Schema, Name: r.Name, Category: r.Category, Preferred: r.Preferred, Subscript: r.Subscript != 0,
		Collatable: r.Collation != 0, Pseudo: r.Type == "p",
	}
	if r.Element != 0 {
		b.Element = l.typeText(r.Element)
	}
	return l.define(at, o, b)
}

// addRowType makes a composite type, whose attributes come with the columns. The
// row type of a table or view stands for that.
func (l *loader) addRowType(at ref, r typeRow, o object) {
	rel := l.relations[r.Relation]
	if rel == nil {
		return
	}
	l.objects[at] = rel.object
	if rel.id.Kind == catalog.KindComposite {
		l.own(rel.object, r.Owner)
		l.grant(rel.object, r.Owner, r.ACL, typePrivileges)
	}
}

// typeText is the type's name without modifiers, as format_type(oid, null) has it.
func (l *loader) typeText(id oid) catalog.Type {
	if text, ok := l.typeTexts[id]; ok {
		return text
	}
	t := l.types[id]
	if t == nil {
		return ""
	}
	var text catalog.Type
	if t.array {
		text = l.typeText(t.element) + "[]"
	} else {
		text = catalog.TypeName{Schema: t.name.Schema, Name: t.name.Name}.Type()
	}
	l.typeTexts[id] = text
	return text
}

// typeOr is the text that the server made because there is a modifier, or else
// what format_type(oid, -1) says: it names two types that would else be read as
// having a modifier of 1.
func (l *loader) typeOr(text string, id oid) catalog.Type {
	if text != "" {
		return catalog.Type(text)
	}
	switch t := l.typeText(id); t {
	case "character":
		return "bpchar"
	case "character[]":
		return "bpchar[]"
	case "bit":
		return `"bit"`
	case "bit[]":
		return `"bit"[]`
	default:
		return t
	}
}

func (l *loader) collationOfType(id oid) oid {
	if t := l.types[id]; t != nil {
		return t.collation
	}
	return 0
}

var enums = query[enumRow]{name: "labels of enums", sql: `
select enumtypid, array_agg(enumlabel::text order by enumsortorder) from pg_enum group by 1`,
	add: func(l *loader, r enumRow) error {
		if o, ok := l.objects[ref{pgType, r.Type}]; ok {
			l.put(o.base, catalog.Enum{Schema: o.id.Schema, Name: o.id.Name, Labels: r.Labels})
		}
		return nil
	}}

type enumRow struct {
	Type   oid
	Labels []string
}

var ranges = query[rangeRow]{name: "range types", sql: `
select rngtypid, rngsubtype, rngmultitypid, rngcollation, rngcanonical::oid, rngsubdiff::oid,
       case when not o.opcdefault or o.opcintype <> r.rngsubtype then array[n.nspname::text, o.opcname::text] end
from pg_range r join pg_opclass o on o.oid = r.rngsubopc join pg_namespace n on n.oid = o.opcnamespace
where rngtypid >= 16384`,
	add: (*loader).addRange}

type rangeRow struct {
	Type, Subtype, Multirange, Collation, Canonical, Diff oid
	Opclass                                               []string // schema and name, if it may not be the default
}

func (l *loader) addRange(r rangeRow) error {
	o, ok := l.objects[ref{pgType, r.Type}]
	if !ok {
		return nil
	}
	v := catalog.Range{
		Schema: o.id.Schema, Name: o.id.Name, Subtype: l.typeText(r.Subtype), Collation: l.collationOf(r.Collation, l.collationOfType(r.Subtype)),
		Canonical: l.routines[r.Canonical].QName, Diff: l.routines[r.Diff].QName,
	}
	if t := l.types[r.Multirange]; t != nil {
		v.Multirange = t.name
	}
	if len(r.Opclass) == 2 {
		v.Opclass = catalog.QName{Schema: r.Opclass[0], Name: r.Opclass[1]}
	}
	l.objects[ref{pgType, r.Multirange}] = o
	l.put(o.base, v)
	for _, at := range append(l.constructors[r.Type], l.constructors[r.Multirange]...) {
		l.objects[at] = o
	}
	return nil
}
