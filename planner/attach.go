package planner

import (
	"slices"

	"bloom/catalog"
)

// linkAttached: the indexes and keys that a table needs as a partition, and that have
// statements of their own, are made before it is attached, and taken in by that. After it,
// PostgreSQL would have made others.
func (g *graph) linkAttached() {
	for _, id := range sortedIDs(g.altering) {
		attach := g.makers[id]
		if attach == nil || !g.becomesPartition(id) {
			continue
		}
		for _, c := range g.desired.Children(id) {
			m := g.makers[c]
			if m == nil || m == attach || len(m.statements) == 0 || !partOfParent(g.desired.Get(c)) || !g.making[c] {
				continue
			}
			for _, part := range g.chainOf(m) {
				part.needs = slices.DeleteFunc(part.needs, func(k *node) bool {
					waits := k == attach || len(k.statements) == 0 && reached(k)[attach]
					if waits {
						delete(part.needed, k)
					}
					return waits
				})
			}
			g.link(attach, m)
		}
	}
}

// linkDetached: what a table has had as a partition, and has no more, is dropped when it is
// detached; before that PostgreSQL does not let it go.
func (g *graph) linkDetached() {
	for _, id := range sortedIDs(g.altering) {
		a, detach := g.altering[id], g.makers[id]
		have, ok := a.current.(catalog.Table)
		if want, _ := a.desired.(catalog.Table); !ok || detach == nil || have.PartitionOf.Parent.IsZero() || have.PartitionOf.Parent == want.PartitionOf.Parent {
			continue
		}
		for _, c := range g.current.Children(have.ID()) {
			if d := g.drops[c]; d != nil && d.id == c && (partOfParent(g.current.Get(c)) || inheritedReference(g.current.Get(c))) && !reached(detach)[d] {
				g.link(d, detach)
			}
		}
	}
}

// becomesPartition reports whether a table that is there is attached.
func (s *state) becomesPartition(id catalog.ID) bool {
	a := s.altering[id]
	if a == nil {
		return false
	}
	have, ok := a.current.(catalog.Table)
	want, _ := a.desired.(catalog.Table)
	return ok && !want.PartitionOf.Parent.IsZero() && have.PartitionOf != want.PartitionOf
}

func inheritedReference(o catalog.Object) bool {
	k, ok := o.(catalog.Constraint)
	return ok && k.Inherited && k.Type == catalog.ForeignKey
}

// partOfParent reports whether an object of a partition is an index or a key that belongs to one of the parent.
func partOfParent(o catalog.Object) bool {
	switch o := o.(type) {
	case catalog.Index:
		return !o.Parent.IsZero()
	case catalog.Constraint:
		return o.Inherited && o.HasIndex()
	}
	return false
}

// partsToCome builds, while a table is used, the indexes and keys that it needs as a partition:
// those that it has not when it is attached are built under the lock of that.
func (s *state) partsToCome(o catalog.Table) []Statement {
	var builds, keys []Statement
	if !s.online(o.ID()) {
		return nil
	}
	for _, c := range s.desired.Children(o.ID()) {
		if s.current.Has(c) || s.inUse(nameOf(c)) || !s.comesAlong(c) {
			continue // is there, or is made by a statement of its own
		}
		switch part := s.desired.Get(c).(type) {
		case catalog.Index:
			if !part.Parent.IsZero() {
				builds = append(builds, do(o.ID(), indexDefinition(part, true), s.indexBuild(c)).building(part))
			}
		case catalog.Constraint:
			if part.Inherited && (part.Type == catalog.PrimaryKey || part.Type == catalog.Unique) && !part.WithoutOverlaps {
				steps := s.usingIndex(part)
				steps[1].makes = false
				builds, keys = append(builds, steps[0]), append(keys, steps[1])
			}
		}
	}
	return append(builds, keys...)
}
