package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// moves are the partitions that get other bounds or another table, by name.
func (s *state) moves() []*alteration {
	var out []*alteration
	for _, id := range sortedIDs(s.altering) {
		a := s.altering[id]
		have, ok := a.current.(catalog.Table)
		want, _ := a.want.(catalog.Table)
		if ok && have.PartitionOf != want.PartitionOf && !have.PartitionOf.Parent.IsZero() && !want.PartitionOf.Parent.IsZero() {
			out = append(out, a)
		}
	}
	return out
}

// movesWith lists the moves that a partition's move can be in the way of, or the other way
// round: those between the same partitioned tables.
func (s *state) movesWith(want catalog.Table) []*alteration {
	parents := map[catalog.QName]bool{want.PartitionOf.Parent: true}
	for all := s.moves(); ; {
		n := len(parents)
		var list []*alteration
		for _, a := range all {
			from, to := a.current.(catalog.Table).PartitionOf.Parent, a.want.(catalog.Table).PartitionOf.Parent
			if parents[from] || parents[to] {
				parents[from], parents[to] = true, true
				list = append(list, a)
			}
		}
		if len(parents) == n {
			return list
		}
	}
}

// reattach takes a partition out of its table and puts it into another one, or in with other
// bounds, in one transaction: meanwhile nobody finds its rows. The first of several that move
// takes all of them out, for their old bounds may overlap the new ones.
func (s *state) reattach(want catalog.Table) []Statement {
	list := s.movesWith(want)
	var detach []Statement
	for _, a := range list {
		o := a.current.(catalog.Table)
		st := s.detachAtOnce(o)
		st.rejoins = a.desired.ID()
		detach = append(detach, st)
	}
	first := list[0].desired.ID() // linkPartitions puts it first
	if first != want.ID() {
		detach = nil
	}
	out := s.attachTable(want)
	at := slices.IndexFunc(out, func(st Statement) bool { return strings.Contains(st.SQL, " ATTACH PARTITION ") })
	out[at].rejoins = want.ID()
	return slices.Insert(out, at, detach...)
}

func (s *state) detachAtOnce(o catalog.Table) Statement {
	return do(s.desiredID(o.ID()), sql("ALTER TABLE ? DETACH PARTITION ?", o.PartitionOf.Parent, nameOf(o.ID())))
}

// linkPartitions: bounds are free before they are taken: partitions go, and move, before
// others come.
func (g *graph) linkPartitions() {
	free := map[catalog.QName][]*node{}
	for _, id := range sortedIDs(g.gone) {
		if t, ok := g.current.Get(id).(catalog.Table); ok && !t.PartitionOf.Parent.IsZero() && g.remade[id].IsZero() && g.gone[id] == id {
			free[t.PartitionOf.Parent] = append(free[t.PartitionOf.Parent], g.drops[id])
		}
	}
	come := func(id catalog.ID, parent catalog.QName) {
		for _, n := range free[parent] {
			g.link(g.makers[id], n)
		}
	}
	moves := g.moves()
	for _, a := range moves {
		come(a.desired.ID(), a.want.(catalog.Table).PartitionOf.Parent)
	}
	for _, a := range moves {
		list := g.movesWith(a.want.(catalog.Table))
		first := g.makers[list[0].desired.ID()]
		g.link(g.makers[a.desired.ID()], first)
		from := a.current.(catalog.Table).PartitionOf.Parent
		free[from] = append(free[from], first)
	}
	for _, id := range sortedIDs(g.making) {
		if t, ok := g.desired.Get(id).(catalog.Table); ok && !t.PartitionOf.Parent.IsZero() {
			come(id, t.PartitionOf.Parent)
		}
	}
}

// checkRejoined refuses a plan in which a partition is out of its table between two
// transactions.
func (s *state) checkRejoined(m *Migration) {
	unit := map[catalog.ID]int{}
	for i, u := range m.Units {
		for _, st := range u.Statements {
			if at, ok := unit[st.rejoins]; ok && at != i && !st.rejoins.IsZero() {
				s.refuse(st.rejoins, "%s gets other bounds, which takes one transaction so that its rows can be found all the time, and other changes of this plan cut it in two; make them in a migration before", st.rejoins)
			}
			unit[st.rejoins] = i
		}
	}
}
