package introspect

import "bloom/catalog"

// Left out are schemas, which needSchema sees to, what is about types of
// relations and arrays, which stand for something else, TOAST tables, and what
// is but a part of something: defaults of their columns, policies of their
// tables, the rules of views, the indexes and triggers of constraints.
var dependencies = query[dependRow]{name: "dependencies", sql: `
select classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype from pg_depend
where objid >= 16384 and refobjid >= 16384 and deptype in ('n', 'a', 'i', 'x', 'P', 'S')
  and refclassid <> 'pg_namespace'::regclass
  and not (deptype = 'i' and classid in ('pg_type'::regclass, 'pg_rewrite'::regclass, 'pg_trigger'::regclass))
  and not (deptype in ('a', 'i') and classid = 'pg_attrdef'::regclass)
  and not (deptype = 'a' and classid = 'pg_policy'::regclass)
  and not (classid = 'pg_class'::regclass and refclassid = 'pg_constraint'::regclass and deptype = 'i')
  and not (classid = 'pg_class'::regclass and refclassid = 'pg_class'::regclass and deptype = 'i' and refobjsubid = 0)`,
	add: (*loader).addDependency}

type dependRow struct {
	Class, OID     oid
	Column         int
	RefClass, Ref  oid
	RefColumn      int
	DependencyType string
}

func (l *loader) addDependency(r dependRow) error {
	from, ok := l.objects[ref{r.Class, r.OID}]
	if !ok {
		return nil
	}
	to, ok := l.objects[ref{r.RefClass, r.Ref}]
	if !ok {
		return nil
	}
	if r.RefColumn > 0 && r.RefClass == pgClass {
		l.ownSequence(r, from, to)
	}
	fromID := l.columnOf(r.Class, r.OID, r.Column, from, false)
	toID := l.columnOf(r.RefClass, r.Ref, r.RefColumn, to, true)
	l.depend(object{id: fromID, base: from.base, extension: from.extension}, object{id: toID, base: to.base, extension: to.extension})
	return nil
}

// columnOf narrows a relation down to a column. Those of a view are objects
// only as a target; those of an index, sequence or composite type never are.
func (l *loader) columnOf(class, id oid, column int, o object, target bool) catalog.ID {
	if class != pgClass || column <= 0 {
		return o.id
	}
	switch o.id.Kind {
	case catalog.KindTable:
	case catalog.KindView:
		if !target {
			return o.id
		}
	default:
		return o.id
	}
	name := l.column(id, column)
	if name == "" {
		return o.id
	}
	return catalog.ID{Kind: catalog.KindColumn, Schema: o.id.Schema, Table: o.id.Name, Name: name}
}

// ownSequence: a sequence that falls with a column is owned by it; the column
// of an identity sequence has it internally.
func (l *loader) ownSequence(r dependRow, from, to object) {
	s := l.sequences[r.OID]
	if s == nil || from.id.Kind != catalog.KindSequence || r.DependencyType != "a" && r.DependencyType != "i" {
		return
	}
	s.OwnedBy = catalog.ColumnRef{Schema: to.id.Schema, Table: to.id.Name, Column: l.column(r.Ref, r.RefColumn)}
	s.Identity = r.DependencyType == "i"
}

// depend records an edge, unless one belongs to the other anyway.
func (l *loader) depend(from, to object) {
	if from.id == to.id || belongs(from.id, to.id) || belongs(to.id, from.id) {
		return
	}
	c := l.cat
	if from.base {
		c = l.base
	}
	c.Depend(from.id, to.id)
	if to.extension != 0 && from.extension != to.extension {
		c.Depend(from.id, catalog.ID{Kind: catalog.KindExtension, Name: l.extensions[to.extension]})
	}
}

// belongs reports whether a is a part of b.
func belongs(a, b catalog.ID) bool {
	switch b.Kind {
	case catalog.KindPublication:
		return a.Role == b.Name && (a.Kind == catalog.KindPublicationTable || a.Kind == catalog.KindPublicationSchema)
	case catalog.KindServer:
		return a.Kind == catalog.KindUserMapping && a.Name == b.Name
	}
	if a.Schema != b.Schema || a.Table == "" || a.Kind == catalog.KindPublicationTable {
		return false
	}
	switch b.Kind {
	case catalog.KindTable, catalog.KindView, catalog.KindDomain:
		return a.Table == b.Name && a.Kind != catalog.KindPublicationTable // that is a part of its publication
	case catalog.KindColumn:
		return a.Kind == catalog.KindDefault && a.Table == b.Table && a.Name == b.Name
	}
	return false
}

// needSchema: an object that stands alone needs its schema.
func (l *loader) needSchema(o object, name string) {
	if name != "" {
		l.depend(o, object{id: catalog.ID{Kind: catalog.KindSchema, Name: name}})
	}
}
