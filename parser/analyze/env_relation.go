package analyze

import (
	"bloom/catalog"
)

// relation is a table, view, sequence or composite type.
type relation struct {
	schema, name string
	id           catalog.ID // zero if built in
	fields       []field
	system       bool       // has system columns
	extension    catalog.ID // that brings it, if the catalog does not list its members
}

func (r *relation) typ() typ { return typ{Schema: r.schema, Name: r.name} }

// relation returns the relation of that name, or nil.
func (e *env) relation(schema, name string) *relation {
	q := catalog.QName{Schema: schema, Name: name}
	if id, ok := e.catalog.Relation(schema, name); ok && id.Kind == catalog.KindView {
		return e.viewRelation(id)
	}
	return e.kept.relations.get(q, func() *relation { return e.makeRelation(q) })
}

// table is relation for tables only: of a view, the columns may have to be worked out.
func (e *env) table(schema, name string) *relation {
	if id, ok := e.catalog.Relation(schema, name); !ok || id.Kind != catalog.KindTable {
		return nil
	}
	return e.relation(schema, name)
}

func (e *env) makeRelation(q catalog.QName) *relation {
	r := &relation{schema: q.Schema, name: q.Name}
	id, ok := e.catalog.Relation(q.Schema, q.Name)
	if !ok {
		return e.builtinRelation(r)
	}
	r.id = id
	switch o := e.catalog.Lookup(id).(type) {
	case catalog.Table:
		r.system = true
		r.fields = e.tableFields(o)
	case catalog.Composite:
		for _, a := range o.Attributes {
			r.fields = append(r.fields, makeField(a.Name, a.Type))
		}
	case catalog.Sequence:
		r.system = true
		r.fields = []field{{name: "last_value", typ: tInt8}, {name: "log_cnt", typ: tInt8}, {name: "is_called", typ: tBool}}
	}
	return r
}

// tableFields are the columns of a table in the table's order, then those that the order does not name.
func (e *env) tableFields(o catalog.Table) []field {
	types := map[string]catalog.Type{}
	for c := e.catalog; c != nil; c = c.Base {
		for col := range c.Columns(o.Schema, o.Name) {
			if _, ok := types[col.Name]; !ok {
				types[col.Name] = col.Type
			}
		}
	}
	fields := make([]field, 0, len(types))
	add := func(name string) {
		if t, ok := types[name]; ok {
			fields = append(fields, makeField(name, t))
			delete(types, name)
		}
	}
	for _, name := range o.Columns {
		add(name)
	}
	for c := e.catalog; c != nil && len(types) > 0; c = c.Base {
		for _, id := range c.Children(o.ID()) {
			if id.Kind == catalog.KindColumn {
				add(id.Name)
			}
		}
	}
	return fields
}

func makeField(name string, t catalog.Type) field {
	n := t.Parts()
	return field{name: name, typ: typ{n.Schema, n.Name, n.Array}, mods: n.Mods}
}

func (e *env) builtinRelation(r *relation) *relation {
	for _, s := range e.sets {
		b := s.Relation(catalog.QName{Schema: r.schema, Name: r.name})
		if b == nil {
			continue
		}
		r.system, r.extension = b.Kind == 'r', s.id
		for _, c := range b.Columns {
			f := field{name: c.Name, typ: e.builtinType(c.Type)}
			if c.Typmod >= 0 {
				f.mods = typmodText(f.typ, c.Typmod)
			}
			r.fields = append(r.fields, f)
		}
		return r
	}
	return nil
}

// findRelation looks a relation up, in the schema or along the path. Composite types are none.
func (e *env) findRelation(schema, name string, path []string) *relation {
	if schema != "" {
		path = []string{schema}
	}
	for _, s := range path {
		if r := e.relation(s, name); r != nil && r.id.Kind != catalog.KindComposite {
			return r
		}
	}
	return nil
}

// findCollation looks a collation up.
func (e *env) findCollation(schema, name string, path []string) (catalog.QName, catalog.ID, bool) {
	if schema != "" {
		path = []string{schema}
	}
	for _, s := range path {
		q := catalog.QName{Schema: s, Name: name}
		if o, ok := catalog.Find[catalog.Collation](e.catalog, catalog.ID{Kind: catalog.KindCollation, Schema: s, Name: name}); ok {
			return q, o.ID(), true
		}
		if e.builtin.Collation(catalog.QName{Schema: s, Name: name}) != nil {
			return q, catalog.ID{}, true
		}
	}
	return catalog.QName{Schema: "pg_catalog", Name: name}, catalog.ID{}, false
}

// inherits reports whether a table's row type is that of a child of another (typeInheritsFrom).
func (e *env) inherits(sub, super typ) bool {
	from, ok := e.catalog.Relation(sub.Schema, sub.Name)
	to, ok2 := e.catalog.Relation(super.Schema, super.Name)
	if !ok || !ok2 || sub.Array || super.Array || from == to {
		return false
	}
	seen := map[catalog.ID]bool{}
	todo := []catalog.ID{from}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[id] {
			continue
		}
		seen[id] = true
		for _, p := range e.parents[id] {
			if p == to {
				return true
			}
			todo = append(todo, p)
		}
	}
	return false
}
