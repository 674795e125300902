package planner

import (
	"slices"

	"bloom/catalog"
)

// parentsOf are the tables that a table is a partition or a child of.
func parentsOf(t catalog.Table) []catalog.QName {
	if !t.PartitionOf.Parent.IsZero() {
		return []catalog.QName{t.PartitionOf.Parent}
	}
	return t.Inherits
}

// keptParents are the parents that a table has all the time. One whose place among them
// changes is left and joined again, for the last one joined is the last in order.
func keptParents(have, want []catalog.QName) []catalog.QName {
	var kept []catalog.QName
	for _, p := range have {
		if !slices.Contains(want, p) {
			continue
		}
		if want[len(kept)] != p {
			break
		}
		kept = append(kept, p)
	}
	return kept
}

// joins reports whether a table that is there becomes a partition or a child of another:
// it has to have what it will inherit before.
func (s *state) joins(table catalog.ID) bool {
	a := s.altering[table]
	if a == nil {
		return false
	}
	have, _ := a.current.(catalog.Table)
	want, ok := a.desired.(catalog.Table)
	return ok && slices.ContainsFunc(parentsOf(want), func(p catalog.QName) bool { return !slices.Contains(parentsOf(have), p) })
}

// joinsOnly: and it leaves none.
func (s *state) joinsOnly(table catalog.ID) bool {
	if !s.joins(table) {
		return false
	}
	have, want := s.altering[table].current.(catalog.Table), s.altering[table].desired.(catalog.Table)
	return !slices.ContainsFunc(parentsOf(have), func(p catalog.QName) bool { return !slices.Contains(parentsOf(want), p) })
}

// linkParentage: a table leaves a parent before anything is made or altered there, which it
// would get too, and joins one when both have what is inherited.
func (g *graph) linkParentage() {
	leaving, joining := map[catalog.QName][]*node{}, map[catalog.QName][]*node{}
	for _, id := range sortedIDs(g.altering) {
		a := g.altering[id]
		have, _ := a.current.(catalog.Table)
		want, ok := a.desired.(catalog.Table)
		if !ok {
			continue
		}
		for _, p := range parentsOf(have) {
			if !slices.Contains(parentsOf(want), p) {
				leaving[p] = append(leaving[p], g.makers[id])
			}
		}
		for _, p := range parentsOf(want) {
			if !slices.Contains(parentsOf(have), p) {
				joining[p] = append(joining[p], g.makers[id])
			}
		}
		if g.joinsOnly(id) {
			own := catalog.QName{Schema: id.Schema, Name: id.Name}
			joining[own] = append(joining[own], g.makers[id])
		}
	}
	g.linkRoom()
	if len(leaving)+len(joining) == 0 {
		return
	}
	for _, n := range g.nodes {
		if n.late || n.id.Table == "" || n.id.On != catalog.KindNone {
			continue
		}
		table := catalog.QName{Schema: n.id.Schema, Name: n.id.Table}
		if !n.drop {
			for _, child := range leaving[table] {
				g.linkUnless(n, child)
			}
		}
		if inheritable(n) {
			for _, child := range joining[table] {
				g.linkUnless(child, n)
			}
		}
	}
}

// linkRoom: what is in the range of a new partition leaves before it is made or attached.
func (g *graph) linkRoom() {
	going := map[catalog.QName][]*node{}
	for _, n := range g.nodes {
		if t, ok := g.current.Get(n.id).(catalog.Table); ok && n.drop && !t.PartitionOf.Parent.IsZero() {
			going[t.PartitionOf.Parent] = append(going[t.PartitionOf.Parent], n)
		}
	}
	if len(going) == 0 {
		return
	}
	for _, n := range g.nodes {
		t, ok := g.desired.Get(n.id).(catalog.Table)
		if !ok || n.drop || !g.making[n.id] && !g.joins(n.id) {
			continue
		}
		for _, gone := range going[t.PartitionOf.Parent] {
			have := g.current.Get(gone.id).(catalog.Table)
			if n.head == nil || g.desired.Has(gone.id) || have.PartitionOf.Bound == t.PartitionOf.Bound { // one made in parts waits only if it has to
				g.linkUnless(n, gone)
			}
		}
	}
}

// inheritable reports whether a node is about what a child must have as its parent has it.
func inheritable(n *node) bool {
	switch n.id.Kind {
	case catalog.KindColumn:
		return true
	case catalog.KindIndex:
		return n.drop // it would take in an index of the child
	case catalog.KindConstraint:
		return true
	case catalog.KindDefault:
		return !n.drop
	}
	return false
}

// linkUnless orders two nodes if nothing demands the other way round.
func (g *graph) linkUnless(n, first *node) {
	if n != nil && first != nil && !first.waitsFor(n) {
		g.link(n, first)
	}
}

// waitsFor reports whether a node needs another, directly or not.
func (n *node) waitsFor(other *node) bool {
	seen := map[*node]bool{}
	var walk func(*node) bool
	walk = func(m *node) bool {
		if m == other {
			return true
		}
		if seen[m] {
			return false
		}
		seen[m] = true
		return slices.ContainsFunc(m.needs, walk)
	}
	return walk(n)
}

// linkOnly: an index of the parent alone is made when the partitions are there, which would
// get their part of it otherwise.
func (g *graph) linkOnly(n *node, ix catalog.Index) {
	if !ix.Only {
		return
	}
	for _, u := range g.desired.Users(catalog.ID{Kind: catalog.KindTable, Schema: ix.Schema, Name: ix.Table}) {
		if t, ok := g.desired.Get(u).(catalog.Table); ok && t.PartitionOf.Parent == (catalog.QName{Schema: ix.Schema, Name: ix.Table}) {
			g.link(n, g.makers[u])
		}
	}
}
