package planner

import (
	"slices"

	"bloom/catalog"
)

// textOf writes a value of a column as text that can be read as its type, as that will be.
func (s *state) textOf(id catalog.ID, value fragment, t catalog.Type) fragment {
	if v, ok := s.rearranged(id, value, t); ok {
		return sql("(?)::text", v)
	}
	return sql("?::text", value)
}

// rearranged writes a composite value with the attributes that its type will have. Not ok
// if they are those that it has.
func (s *state) rearranged(id catalog.ID, value fragment, t catalog.Type) (fragment, bool) {
	have, want := s.attributes(s.current, t), s.attributes(s.desired, t)
	if len(have) == 0 || len(want) == 0 {
		return fragment{}, false
	}
	changed := len(have) != len(want)
	var parts []fragment
	for i, w := range want {
		at := slices.IndexFunc(have, func(a catalog.ViewColumn) bool { return a.Name == w.Name })
		changed = changed || at != i
		if at < 0 {
			parts = append(parts, fragment{text: "NULL"})
			continue
		}
		part := sql("(?).?", value, ident(w.Name))
		if inner, ok := s.rearranged(id, part, have[at].Type); ok {
			part, changed = inner, true
		}
		parts = append(parts, part)
	}
	if changed && t.Parts().Array {
		s.refuse(id, "%s is an array of a type whose parts change places, come or go; add a column of the type as it will be under another name, fill it, and drop the one that is there", id)
	}
	return sql("CASE WHEN ? IS DISTINCT FROM NULL THEN ROW(?) END", value, join(parts, ", ")), changed
}

// attributes lists the parts of a composite type or of a relation's row type. None for others.
func (s *state) attributes(c *catalog.Catalog, t catalog.Type) []catalog.ViewColumn {
	q := s.baseType(t, c).QName()
	var out []catalog.ViewColumn
	if o, ok := catalog.Find[catalog.Composite](c, catalog.ID{Kind: catalog.KindComposite, Schema: q.Schema, Name: q.Name}); ok {
		for _, a := range o.Attributes {
			out = append(out, catalog.ViewColumn{Name: a.Name, Type: a.Type})
		}
	}
	if o, ok := catalog.Find[catalog.View](c, catalog.ID{Kind: catalog.KindView, Schema: q.Schema, Name: q.Name}); ok {
		return o.Columns
	}
	if o, ok := catalog.Find[catalog.Table](c, catalog.ID{Kind: catalog.KindTable, Schema: q.Schema, Name: q.Name}); ok {
		for _, name := range o.Columns {
			col, _ := catalog.Find[catalog.Column](c, catalog.ID{Kind: catalog.KindColumn, Schema: q.Schema, Table: q.Name, Name: name})
			out = append(out, catalog.ViewColumn{Name: name, Type: col.Type})
		}
	}
	return out
}

// lostAttributes names the parts that a composite type loses.
func (s *state) lostAttributes(t catalog.Type) []string {
	var lost []string
	want := s.attributes(s.desired, t)
	for _, a := range s.attributes(s.current, t) {
		if !slices.ContainsFunc(want, func(w catalog.ViewColumn) bool { return w.Name == a.Name }) {
			lost = append(lost, a.Name)
		} else {
			lost = append(lost, s.lostAttributes(a.Type)...)
		}
	}
	return lost
}
