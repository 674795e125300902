package planner

import (
	"cmp"
	"slices"

	"bloom/catalog"
)

// graph is the nodes of a plan by what they make and drop.
type graph struct {
	*state
	nodes  []*node
	makers map[catalog.ID]*node
	drops  map[catalog.ID]*node
	chains map[*node][]*node // parts of a node by their head
}

// order gathers the nodes and sorts them so that all a node needs is done before. A
// cycle is cut by taking a part out of the statement of its table, as often as one is left.
func (s *state) order() ([]*node, error) {
	for {
		s.errs = nil
		g := s.graph()
		cycles := g.cycles()
		if len(cycles) == 0 {
			return stages(g.sort()), nil
		}
		cut := false
		for _, c := range cycles {
			cut = g.cut(c) || cut
		}
		if !cut {
			return nil, g.cycleError(cycles[0])
		}
	}
}

func (s *state) graph() *graph {
	explicit := len(s.before)
	g := &graph{state: s, nodes: s.gather(), makers: map[catalog.ID]*node{}, drops: map[catalog.ID]*node{}, chains: map[*node][]*node{}}
	for _, n := range g.nodes {
		if n.head != nil {
			g.chains[n.head] = append(g.chains[n.head], n)
		}
		for _, id := range n.ids {
			if n.drop {
				g.drops[id] = n
			} else if g.makers[id] == nil {
				g.makers[id] = n
			}
		}
	}
	for _, n := range g.nodes {
		if n.drop {
			g.linkDrop(n)
		} else {
			g.linkMake(n)
		}
	}
	g.linkNames()
	g.linkChains()
	g.linkKeys()
	g.linkPartitions()
	for _, e := range s.before {
		first := g.node(e.first)
		for _, n := range g.chainOf(g.node(e.then)) {
			if n != nil && (n.prepares() && g.drops[n.id] == first || n.beside(g.state)) {
				continue // what is prepared beside the old one does not wait for what goes with it
			}
			g.link(n, first)
		}
	}
	g.linkParks()
	g.linkParentage()
	g.linkRefills()
	g.linkAttached()
	g.linkDetached()
	g.linkReplaced()
	g.linkBodies()
	s.before = s.before[:explicit]
	return g
}

func (g *graph) node(st step) *node {
	if st.drop {
		return g.drops[st.id]
	}
	return g.maker(st.id)
}

// link records that n needs first.
func (g *graph) link(n, first *node) {
	if n == nil || first == nil || n == first || n.needed[first] {
		return
	}
	if n.head != nil && n.head == first.head && n.previous != first {
		return // parts of one chain follow each other
	}
	if n.needed == nil {
		n.needed = map[*node]bool{}
	}
	n.needed[first] = true
	n.needs = append(n.needs, first)
}

// maker is the node that makes or alters an object; for the column of a view, the view.
func (g *graph) maker(id catalog.ID) *node {
	if n := g.makers[id]; n != nil {
		return n
	}
	if id.Kind == catalog.KindColumn || id.Kind == catalog.KindTable {
		name := id.Table
		if id.Kind == catalog.KindTable {
			name = id.Name
		}
		if rel, ok := g.desired.Relation(id.Schema, name); ok && rel.Kind != catalog.KindTable {
			return g.makers[rel]
		}
	}
	return nil
}

// linkMake: an object is made after all it depends on, and after its parent.
func (g *graph) linkMake(n *node) {
	for _, id := range n.about() {
		for _, dep := range g.desired.Deps(id) {
			if !g.laterOwner(id, dep) && !g.beforeAttached(n, id, dep) {
				g.link(n, g.maker(dep))
			}
		}
		if parent, ok := g.desired.Parent(id); ok {
			if !inheritable(n) || !g.joinsOnly(parent) {
				g.link(n, g.makers[parent])
			}
		}
		if o := g.desired.Get(id); o != nil && catalog.Inherited(o) {
			g.linkElder(n, id)
		}
		g.linkStar(n, id)
		if ix, ok := g.desired.Get(id).(catalog.Index); ok {
			g.linkOnly(n, ix)
		}
		if t, ok := g.desired.Get(id).(catalog.Table); ok && g.making[id] {
			g.linkParents(n, t)
		}
	}
}

// linkParents: a table is made when its parents have just the columns that it inherits.
func (g *graph) linkParents(n *node, t catalog.Table) {
	for _, p := range append([]catalog.QName{t.PartitionOf.Parent}, t.Inherits...) {
		for _, c := range g.desired.Children(catalog.ID{Kind: catalog.KindTable, Schema: p.Schema, Name: p.Name}) {
			if c.Kind == catalog.KindColumn {
				g.link(n, g.makers[c])
			}
		}
		for _, c := range g.current.Children(catalog.ID{Kind: catalog.KindTable, Schema: p.Schema, Name: p.Name}) {
			if c.Kind == catalog.KindColumn {
				g.link(n, g.drops[c])
			}
		}
	}
}

// linkStar: the text of a view may say * or name a column by NATURAL JOIN, and that of a function
// gives rows of a table, so the columns that the tables lose are gone before it is made.
func (g *graph) linkStar(n *node, id catalog.ID) {
	switch o := g.desired.Get(id).(type) {
	case catalog.View:
		if g.altering[id] != nil {
			return
		}
	case catalog.Routine:
		if !o.SQLBody.IsZero() {
			return
		}
	default:
		return
	}
	tables := map[catalog.ID]bool{}
	for _, dep := range g.desired.Deps(id) {
		if dep.Kind == catalog.KindColumn {
			dep = catalog.ID{Kind: catalog.KindTable, Schema: dep.Schema, Name: dep.Table}
		}
		if dep.Kind != catalog.KindTable || tables[dep] {
			continue
		}
		tables[dep] = true
		for _, c := range g.current.Children(dep) {
			if c.Kind == catalog.KindColumn && g.drops[c] != nil && g.drops[c].id == c {
				g.link(n, g.drops[c])
			}
		}
	}
}

// linkElder: an inherited object comes with its twin in the parent table; an index
// of a partition that has a statement of its own goes before it, to be taken in.
func (g *graph) linkElder(n *node, id catalog.ID) {
	for _, twin := range g.elders(id) {
		e := g.makers[twin]
		if e == nil {
			continue
		}
		ix, ok := g.desired.Get(id).(catalog.Index)
		table := catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}
		if ok && n.id == id && len(n.statements) > 0 && !g.making[table] && !g.afterParent(ix) {
			n.needs = slices.DeleteFunc(n.needs, func(m *node) bool { return m == e })
			delete(n.needed, e)
			g.link(e, n)
		} else {
			g.link(n, e)
		}
	}
}

// laterOwner: a sequence is made before the column that will own it, for the
// column's default uses it.
func (g *graph) laterOwner(id, dep catalog.ID) bool {
	seq, ok := g.desired.Get(id).(catalog.Sequence)
	return ok && (!seq.Identity || g.altering[id] != nil) && (seq.OwnedBy.ID() == dep || dep.Kind == catalog.KindTable)
}

// linkDrop: an object is dropped after all that depends on it is dropped or freed.
func (g *graph) linkDrop(n *node) {
	for _, id := range n.ids {
		for _, u := range users(g.current, id) {
			g.link(n, g.drops[u])
		}
		if id != n.id {
			continue
		}
		if parent, ok := g.current.Parent(id); ok {
			g.link(g.drops[parent], n)
		}
	}
}

// linkNames: a name is free before it is taken again.
func (g *graph) linkNames() {
	taken, renaming := map[string][]*node{}, map[catalog.ID]*node{}
	for _, n := range g.nodes {
		if n.drop {
			for _, id := range n.ids {
				for _, k := range occupies(g.current.Get(id)) {
					taken[k] = append(taken[k], n)
				}
			}
		} else if a := g.altering[n.id]; a != nil && a.current.ID() != a.desired.ID() {
			for _, k := range occupies(a.current) {
				taken[k] = append(taken[k], n)
			}
			renaming[a.current.ID()] = n
			if n.id.Kind == catalog.KindConstraint {
				renaming[ownIndex(a.current.ID())] = n
			}
		}
	}
	for _, n := range g.nodes {
		if n.drop {
			g.link(renaming[n.id.Target()], n) // what goes is said of it by its old name
		}
	}
	for _, n := range g.nodes {
		if n.drop {
			continue
		}
		if a := g.altering[n.id]; a != nil && a.current.ID() == a.desired.ID() {
			continue
		}
		for _, id := range n.ids {
			for _, k := range occupies(g.desired.Get(id)) {
				for _, t := range taken[k] {
					g.link(n, t)
				}
			}
		}
	}
}

// occupies lists the names that an object occupies, each with its name space.
func occupies(o catalog.Object) []string {
	if o == nil {
		return nil
	}
	id := o.ID()
	out := []string{id.String()}
	rel := func() { out = append(out, "relation "+id.Schema+"."+id.Name) }
	typ := func() { out = append(out, "type "+id.Schema+"."+id.Name) }
	switch o := o.(type) {
	case catalog.Table, catalog.View, catalog.Composite:
		rel()
		typ()
	case catalog.Sequence, catalog.Index:
		rel()
	case catalog.Constraint:
		if o.HasIndex() {
			rel()
		}
		if o.Type == catalog.PrimaryKey {
			out = append(out, "primary key of "+id.Schema+"."+id.Table)
		}
	case catalog.Enum, catalog.Domain, catalog.BaseType:
		typ()
	case catalog.Range:
		typ()
		out = append(out, "type "+o.Multirange.String())
	case catalog.Routine, catalog.Aggregate:
		out = append(out, "function "+id.Schema+"."+id.Name+"("+id.Args+")")
	}
	return out
}

// sort lists the nodes in the order of their groups, each after all it needs: a
// walk that starts at the first node by name and does what that needs before it.
func (g *graph) sort() []*node {
	keys := make(map[*node]rank, len(g.nodes))
	for _, n := range g.nodes {
		keys[n] = g.rank(n)
	}
	less := func(a, b *node) int { return keys[a].compare(keys[b]) }
	slices.SortStableFunc(g.nodes, less)
	var out []*node
	state := map[*node]int{} // 1: waits for what it needs, 2: done
	var visit func(n *node)
	visit = func(n *node) {
		if state[n] != 0 {
			return
		}
		state[n] = 1
		slices.SortStableFunc(n.needs, less)
		for _, m := range n.needs {
			visit(m)
		}
		for _, m := range n.soft {
			if state[m] == 0 && !waits(m, state) {
				visit(m)
			}
		}
		state[n] = 2
		out = append(out, n)
	}
	for _, n := range g.nodes {
		visit(n)
	}
	return out
}

// waits reports whether n needs a node that is waiting itself.
func waits(n *node, state map[*node]int) bool {
	seen := map[*node]bool{}
	var walk func(*node) bool
	walk = func(n *node) bool {
		if state[n] == 1 {
			return true
		}
		if state[n] == 2 || seen[n] {
			return false
		}
		seen[n] = true
		return slices.ContainsFunc(n.needs, walk)
	}
	return walk(n)
}

// rank is where a node comes if nothing else orders it: drops last, all of one
// table together, tables in the order of their places in the files, then by kind, place and name.
type rank struct {
	drop  bool
	stage int
	group catalog.ID
	head  catalog.Pos // of the group
	id    catalog.ID
	place catalog.Pos // of the object
}

func (a rank) compare(b rank) int {
	if a.drop != b.drop {
		if a.drop {
			return 1
		}
		return -1
	}
	return cmp.Or(cmp.Compare(a.stage, b.stage), comparePlaces(a.head, b.head), a.group.Compare(b.group),
		cmp.Compare(a.id.Kind, b.id.Kind), comparePlaces(a.place, b.place), a.id.Compare(b.id))
}

// comparePlaces orders by file, line and column; what has no place comes first.
func comparePlaces(a, b catalog.Pos) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
}

func (g *graph) rank(n *node) rank {
	r := rank{drop: n.drop, id: n.id, group: n.group}
	if r.group.IsZero() {
		r.group = g.groupOf(n.id, n.drop)
	}
	if !n.drop {
		r.head, r.place = g.desired.Pos(r.group), g.desired.Pos(n.id)
	}
	r.stage = 2 * int(r.group.Kind)
	if sqlText(g.desired.Get(r.group)) {
		r.stage = 2*int(catalog.KindView) + 1
	}
	return r
}

// groupOf is the object at the head of the group that id belongs to.
func (g *graph) groupOf(id catalog.ID, drop bool) catalog.ID {
	c := g.desired
	if drop {
		c = g.current
	}
	for {
		parent, ok := c.Parent(id)
		if !ok {
			break
		}
		id = parent
	}
	if seq, ok := c.Get(id).(catalog.Sequence); ok && !seq.OwnedBy.IsZero() && g.makers[id] == nil {
		if rel, ok := c.Relation(seq.OwnedBy.Schema, seq.OwnedBy.Table); ok {
			return rel
		}
	}
	return id
}
