package planner

import (
	"regexp"
	"slices"

	"bloom/catalog"
)

// PostgreSQL changes nothing that the key of a partitioned table is made of: the type of
// its columns, the functions, collations and types in it. Such a table is remade.

// keyHolder is the current table to remake so that a column can change: the topmost of the
// partitioned tables that have the column in their key. Not ok if the column is in no key.
func (s *state) keyHolder(column catalog.ID) (catalog.ID, bool) {
	top := catalog.ID{Kind: catalog.KindTable, Schema: column.Schema, Name: column.Table}
	for range 32 {
		t, _ := s.current.Get(top).(catalog.Table)
		if t.PartitionOf.Parent.IsZero() {
			break
		}
		top = catalog.ID{Kind: catalog.KindTable, Schema: t.PartitionOf.Parent.Schema, Name: t.PartitionOf.Parent.Name}
	}
	return top, s.inKey(top, column.Name)
}

// inKey reports whether a column is in the key of a table or one of its partitions.
func (s *state) inKey(table catalog.ID, column string) bool {
	t, _ := s.current.Get(table).(catalog.Table)
	return slices.ContainsFunc(t.PartitionBy.Elements, func(e catalog.PartitionElement) bool { return e.Column == column || mentionsName(e.Expr.Text, column) }) ||
		slices.ContainsFunc(s.partitionsOf(s.current, table), func(p catalog.ID) bool { return s.inKey(p, column) })
}

// remakeForKey takes the table that has a column in its key to be remade. Not ok if there is none.
func (s *state) remakeForKey(column catalog.ID, why string) bool {
	id, ok := s.keyHolder(column)
	if !ok {
		return false
	}
	have, _ := s.current.Get(id).(catalog.Table)
	want, stays := s.desired.Get(s.desiredID(id)).(catalog.Table)
	return stays && s.remake(have, want, why)
}

// mentionsName reports whether an expression may name a column.
func mentionsName(text, column string) bool {
	return text != "" && regexp.MustCompile(`(^|[^\w$])`+regexp.QuoteMeta(column)+`($|[^\w$])`).MatchString(text)
}
