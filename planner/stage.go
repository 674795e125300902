package planner

import (
	"slices"

	"bloom/catalog"
)

// chain cuts a node where its statements cannot be in one transaction. The parts
// follow each other; one of them stands for the objects that the node makes.
func chain(n *node, altered bool) []*node {
	if !slices.ContainsFunc(n.statements, func(st Statement) bool { return st.stage != inFlow }) {
		return []*node{n}
	}
	var parts []*node
	start := func(late bool) {
		parts = append(parts, &node{drop: n.drop, id: n.id, group: n.group, subject: n.ids, late: late})
	}
	if altered && n.statements[0].stage != inFlow {
		start(false)
	}
	for _, st := range n.statements {
		if late := st.stage != inFlow; late || len(parts) == 0 || parts[len(parts)-1].late {
			start(late)
		}
		last := parts[len(parts)-1]
		last.statements = append(last.statements, st)
	}
	main := parts[0]
	for i, p := range parts {
		p.head = parts[0]
		if i > 0 {
			p.previous = parts[i-1]
		}
		if slices.ContainsFunc(p.statements, func(st Statement) bool { return st.makes }) {
			main = p
		}
	}
	main.ids = n.ids
	return parts
}

// about lists the objects that a node works on, those of its whole chain.
func (n *node) about() []catalog.ID {
	if n.subject != nil {
		return n.subject
	}
	return n.ids
}

// linkChains orders the parts of cut nodes, and what they wait for.
func (g *graph) linkChains() {
	tails := map[catalog.ID]*node{}
	for _, n := range g.nodes {
		if n.head == nil {
			continue
		}
		if n.previous != nil {
			g.link(n, n.previous)
		}
		tails[n.id] = n
		if n.drop {
			continue
		}
		if n.id.Kind == catalog.KindColumn && n.previous != nil && g.expanding[n.id] == nil {
			g.link(n, g.makers[defaultID(n.id)]) // rows that come meanwhile get the default
		}
	}
	for _, n := range g.nodes {
		if c, ok := g.desired.Get(n.id).(catalog.Constraint); ok && c.Type == catalog.PrimaryKey && (len(n.ids) > 0 || !n.late) && !n.drop {
			for _, name := range c.Columns {
				g.link(n, tails[catalog.ID{Kind: catalog.KindColumn, Schema: c.Schema, Table: c.Table, Name: name}])
			}
		}
	}
}

// linkReplaced: what is prepared for the place of something is ready before that goes, unless
// it needs to be gone.
func (g *graph) linkReplaced() {
	for _, n := range g.nodes {
		if old := g.drops[n.id]; old != nil && !n.drop && n.prepares() && !reached(n)[old] {
			g.link(old, n)
		}
	}
}

// prepares reports whether the node is the first part of a chain, and another one gives
// the object its name.
func (n *node) prepares() bool { return n.head == n && len(n.ids) == 0 }

// beforeAttached reports whether a node only prepares a table to become a partition: what it
// will be one of may come later.
func (g *graph) beforeAttached(n *node, id, dep catalog.ID) bool {
	t, ok := g.desired.Get(id).(catalog.Table)
	return ok && n.head != nil && len(n.ids) == 0 && g.altering[id] != nil && dep == (catalog.ID{Kind: catalog.KindTable, Schema: t.PartitionOf.Parent.Schema, Name: t.PartitionOf.Parent.Name})
}

// beside reports whether the node is a part of a change of type that stands beside the
// table, or after the swap.
func (n *node) beside(s *state) bool {
	return n.head != nil && len(n.ids) == 0 && s.expanding[n.id] != nil && !n.drop
}

// chainOf lists the nodes that an order of steps holds for: all parts of a chain.
func (g *graph) chainOf(n *node) []*node {
	if n == nil || n.head == nil {
		return []*node{n}
	}
	return g.chains[n.head]
}

// stages brings sorted nodes into transactions: even levels are one each, at odd
// ones every late node has its own. A node comes as early as what it needs allows,
// but what is dropped stays until what takes its place is there.
func stages(nodes []*node) []*node {
	if !slices.ContainsFunc(nodes, func(n *node) bool { return n.late }) {
		return nodes
	}
	for range 4 { // a table and its rows go and come in one transaction
		for _, n := range nodes {
			n.level = max(n.earliest(), n.floor)
		}
		if !raise(nodes) {
			break
		}
	}
	dependents := map[*node][]*node{}
	for _, n := range nodes {
		for _, m := range n.needs {
			dependents[m] = append(dependents[m], n)
		}
	}
	for _, n := range slices.Backward(nodes) {
		if !n.drop || n.late || len(dependents[n]) == 0 {
			continue
		}
		first := dependents[n][0].level
		for _, d := range dependents[n] {
			first = min(first, d.level)
		}
		n.level = max(n.level, first-first%2)
	}
	slices.SortStableFunc(nodes, func(a, b *node) int { return a.level - b.level })
	return nodes
}

// raise lets a table that is made again stay until its rows can be put back at once, and
// reports whether it had to.
func raise(nodes []*node) bool {
	raised := false
	for _, n := range nodes {
		if !n.refill {
			continue
		}
		for _, d := range nodes {
			if d.drop && d.id == n.id && d.level < n.level {
				d.floor, raised = n.level, true
			}
		}
	}
	return raised
}

func (n *node) earliest() int {
	level := 0
	if n.late {
		level = 1
	}
	for _, m := range n.needs {
		level = max(level, m.level+(m.level+level)%2)
	}
	return level
}
