package planner

import (
	"slices"

	"bloom/catalog"
)

// A type cannot be dropped, nor the row type of a table changed, while columns of tables
// are of it, or of an array, a domain or another type of it. Such columns are parked: their
// values become text before that step and are of their type again after it, in the same
// transaction. A typed table is parked by making it an ordinary one meanwhile.

// parking is what is parked for: the steps, and what yields to them for it.
type parking struct {
	steps    []step
	blockers []catalog.ID
}

// park lets a column or a typed table give way to a step. Not ok if it cannot.
func (s *state) park(user, used catalog.ID, to step) bool {
	switch o := s.current.Get(user).(type) {
	case catalog.Column:
		want, stays := s.desired.Get(s.desiredID(user)).(catalog.Column)
		if !stays || want.Type != o.Type || want.Collation != o.Collation || !o.Generated.IsZero() || !want.Generated.IsZero() {
			return false
		}
		if s.remakeForKey(user, "for the type of "+o.Name+", which is in its key") {
			s.comeBack(user, to)
			return true
		}
		s.parkFor(user, to, append(s.columnBlockers(user, true), s.inTheWay(o)...))
		return true
	case catalog.Table:
		want, stays := s.desired.Get(s.desiredID(user)).(catalog.Table)
		switch ofType := o.OfType.Parts().QName() == nameOf(used); {
		case !stays:
			return false
		case ofType && o.OfType == want.OfType && s.inOrder(o, want):
			s.parkFor(user, to, nil)
			return true
		case ofType, slices.Contains(o.Inherits, nameOf(used)) && slices.Contains(want.Inherits, nameOf(used)), o.PartitionBy.Strategy != "":
			if !s.remake(o, want, "because of "+used.String()) {
				return false
			}
			s.comeBack(user, to)
			return true
		}
	}
	return false
}

// inOrder reports whether a typed table gets the columns of its type in their order if
// those that go are dropped and the new ones added.
func (s *state) inOrder(o, want catalog.Table) bool {
	var order []string
	for _, c := range o.Columns {
		if slices.Contains(want.Columns, c) {
			order = append(order, c)
		}
	}
	return len(order) <= len(want.Columns) && slices.Equal(order, want.Columns[:len(order)])
}

// freeRows parks what is of the row type of a table that is filled with a new column.
func (s *state) freeRows() {
	for _, id := range sortedIDs(s.making) {
		c, ok := s.desired.Get(id).(catalog.Column)
		table := catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}
		if !ok || s.making[table] || s.isGone(table) || !s.filledWhenAdded(c) && !s.constrainedDomain(c.Type) {
			continue
		}
		for _, b := range s.rowColumns(table) {
			s.yield(b, table, step{id: id})
		}
	}
}

// parkFor notes that something is parked during a step, and lets what is in its way yield.
func (s *state) parkFor(id catalog.ID, to step, blockers []catalog.ID) {
	p := s.parked[id]
	if p == nil {
		p = &parking{}
		s.parked[id] = p
	}
	p.steps, p.blockers = append(p.steps, to), append(p.blockers, blockers...)
	for _, b := range blockers {
		s.yield(b, id, to)
	}
}

// inTheWay lists what a column cannot have while its values are text, beyond what is in the
// way of any other type: its default, indexes that text may not have, and casts, which would
// be taken for the conversion.
func (s *state) inTheWay(c catalog.Column) []catalog.ID {
	var out []catalog.ID
	if def := defaultID(c.ID()); s.current.Has(def) {
		out = append(out, def)
	}
	for _, u := range s.current.Users(c.ID()) {
		if ix, ok := s.current.Get(u).(catalog.Index); ok && ix.Method != "btree" && ix.Method != "hash" {
			out = append(out, u)
		}
	}
	for _, t := range s.current.Deps(c.ID()) {
		for _, u := range s.current.Users(t) {
			if o, ok := s.current.Get(u).(catalog.Cast); ok && (o.Source == c.Type || o.Target == c.Type) {
				out = append(out, u)
			}
		}
	}
	return out
}

// rowColumns lists the columns of tables in which values of a type are stored, which may be
// the row type of a table: columns of it, of arrays of it, of domains over it and of types
// that have it; and the materialized views that have such columns.
func (s *state) rowColumns(id catalog.ID) []catalog.ID {
	var out []catalog.ID
	seen := map[catalog.ID]bool{id: true}
	var walk func(catalog.ID)
	walk = func(id catalog.ID) {
		for _, u := range s.current.Users(id) {
			if seen[u] {
				continue
			}
			seen[u] = true
			switch u.Kind {
			case catalog.KindColumn:
				if _, ok := s.current.Get(u).(catalog.Column); ok {
					out = append(out, u)
				}
			case catalog.KindView:
				if v := s.current.Get(u).(catalog.View); v.Materialized && slices.ContainsFunc(v.Columns, func(c catalog.ViewColumn) bool { return c.Type.Parts().QName() == nameOf(id) }) {
					out = append(out, u)
				}
			case catalog.KindDomain, catalog.KindComposite, catalog.KindRange:
				walk(u)
			}
		}
	}
	walk(id)
	return out
}
