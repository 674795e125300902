package planner

import (
	"cmp"
	"regexp"
	"slices"

	"bloom/catalog"
)

// automaticName is the name that PostgreSQL gives the index of a partition that
// it makes itself. Those of one table that come into being at once are made in
// the order of the parent's indexes, each with a name that is free by then.
func (s *state) automaticName(ix catalog.Index) string {
	taken := map[string]bool{}
	table := catalog.ID{Kind: catalog.KindTable, Schema: ix.Schema, Name: ix.Table}
	for _, id := range s.current.Children(table) {
		if !s.isGone(id) {
			taken[id.Name] = id.Kind == catalog.KindIndex || id.Kind == catalog.KindConstraint
		}
	}
	for _, other := range s.newcomers(table) {
		name := catalog.ChooseName(other.Table, catalog.NameAddition(elementNames(other)), "idx", func(name string) bool {
			_, relation := s.current.Relation(ix.Schema, name)
			return relation || taken[name]
		})
		if other.Name == ix.Name {
			return name
		}
		taken[name] = true
	}
	return ix.Name // it is there already
}

// newcomers are the indexes of a partition that it has not yet, or loses before, and that belong to
// one of the parent, in the order in which they come: after those that the parent
// has, those that it gets.
func (s *state) newcomers(table catalog.ID) []catalog.Index {
	var out []catalog.Index
	for _, id := range s.desired.Children(table) {
		if ix, ok := s.desired.Get(id).(catalog.Index); ok && !ix.Parent.IsZero() && (!s.current.Has(id) || s.isGone(id)) {
			out = append(out, ix)
		}
	}
	t, _ := catalog.Find[catalog.Table](s.desired, table)
	late := func(ix catalog.Index) int {
		if s.current.Has(catalog.Index{Schema: ix.Parent.Schema, Table: t.PartitionOf.Parent.Name, Name: ix.Parent.Name}.ID()) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(out, func(a, b catalog.Index) int {
		return cmp.Or(late(a)-late(b), cmp.Compare(a.Parent.Name, b.Parent.Name))
	})
	return out
}

var (
	callText = regexp.MustCompile(`(?i)^(?:[a-z_][a-z0-9_$]*\.)*([a-z_][a-z0-9_$]*)\(`)
	castText = regexp.MustCompile(`^\(*"?(\w+)"?\)*::`)
)

// elementNames are what the columns of an index are called in its name:
// expressions by their function or the column that they cast.
func elementNames(ix catalog.Index) []string {
	var names []string
	for _, e := range ix.Elements {
		name := e.Column
		if name == "" {
			name = "expr"
			for _, form := range []*regexp.Regexp{callText, castText} {
				if m := form.FindStringSubmatch(e.Expr.Text); m != nil {
					name = m[1]
				}
			}
		}
		names = append(names, name)
	}
	return catalog.DistinctNames(append(names, ix.Include...))
}
