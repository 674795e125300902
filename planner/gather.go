package planner

import (
	"regexp"
	"slices"

	"bloom/catalog"
)

// node is a step of the plan: the statements that make, alter or drop some objects.
type node struct {
	drop       bool
	id         catalog.ID   // the object it is about
	group      catalog.ID   // what it is written beside; zero: what the object belongs to
	ids        []catalog.ID // all that it makes or takes away
	statements []Statement
	needs      []*node // have to be done before
	needed     map[*node]bool
	soft       []*node // better done before

	// Parts of a node whose statements cannot be in one transaction (stage.go).
	head, previous *node
	subject        []catalog.ID // what the whole is about
	late           bool         // in no transaction, or in one of its own
	refill         bool         // puts back the rows of a remade table
	park           int          // 1: what is parked leaves, 2: it returns
	level, floor   int
}

// gather makes the nodes of the plan. What one statement makes is one node.
func (s *state) gather() []*node {
	s.said = map[catalog.ID]bool{}
	g := &gatherer{state: s, covered: map[catalog.ID]bool{}, bySource: map[*catalog.Source][]catalog.ID{}}
	making := sortedIDs(s.making)
	for _, id := range making {
		if src := s.desired.Source(id); src != nil {
			g.bySource[src] = nil
		}
	}
	for id, src := range s.desired.Sources() {
		if ids, ok := g.bySource[src]; ok {
			g.bySource[src] = append(ids, id)
		}
	}
	for _, id := range making {
		g.verbatim(id)
	}
	for _, id := range making {
		g.whole(id)
	}
	for _, id := range making {
		g.part(id)
	}
	for _, id := range sortedIDs(s.altering) {
		a := s.altering[id]
		g.add(&node{id: id, ids: []catalog.ID{id}, statements: a.statements})
	}
	g.refills()
	g.parkings()
	g.ownerships()
	g.drops() // what is revoked on a table is granted again on its columns
	g.privileges()
	return g.nodes
}

type gatherer struct {
	*state
	nodes    []*node
	covered  map[catalog.ID]bool
	bySource map[*catalog.Source][]catalog.ID
}

func (g *gatherer) add(n *node) {
	for _, id := range n.ids {
		if !n.drop {
			g.covered[id] = true
		}
	}
	g.nodes = append(g.nodes, chain(n, g.altering[n.id] != nil)...)
}

// verbatim makes a node of the user's own statement if that makes just what the plan wants made.
func (g *gatherer) verbatim(id catalog.ID) {
	src := g.desired.Source(id)
	if g.covered[id] || src == nil || !g.usable(id, src) {
		return
	}
	n := &node{id: id}
	for _, m := range src.Makes {
		if bookkeeping(m) {
			continue
		}
		n.ids = append(n.ids, m)
		g.said[m] = true
		if m.Kind == catalog.KindTable {
			n.id = m
		}
	}
	st := verbatim(n.id, src)
	errs := g.errs // a rule may refuse to write what the user's text says
	for _, m := range n.ids {
		for _, made := range g.rules[m.Kind].create(g.state, g.desired.Get(m)) {
			st.Hazards = append(st.Hazards, made.Hazards...)
		}
	}
	g.errs = errs
	st.Hazards = distinct(st.Hazards)
	n.statements = []Statement{st}
	for _, m := range n.ids {
		if m.Kind == catalog.KindIndex || m.Kind == catalog.KindConstraint {
			n.statements = append(n.statements, g.indexMarks(m)...)
		}
	}
	g.add(n)
}

// bookkeeping reports whether the object is told by the state before and after, not by the
// statement that made it: owners and effective privileges.
func bookkeeping(id catalog.ID) bool {
	return id.Kind == catalog.KindOwner || id.Kind == catalog.KindGrant || id.Kind == catalog.KindDefaultPrivilege
}

// unsuited texts work only at their place in the files: in a transaction of their own,
// or after an index that they take over.
var unsuited = regexp.MustCompile(`(?i)\bconcurrently\b|\b(primary\s+key|unique)\s+using\s+index\s`)

// copying texts of tables say something else when the table that they are LIKE has changed.
var copying = regexp.MustCompile(`(?i)\blike\s+[\w."$]+\s*([,)]|including\b|excluding\b)`)

func (g *gatherer) usable(id catalog.ID, src *catalog.Source) bool {
	if bookkeeping(id) || catalog.Inherited(g.desired.Get(id)) {
		return false
	}
	makes := map[catalog.ID]bool{}
	table := false
	for _, m := range src.Makes {
		makes[m] = true
		table = table || m.Kind == catalog.KindTable
	}
	if !makes[id] {
		return false
	}
	for _, m := range g.bySource[src] {
		if !makes[m] && !bookkeeping(m) {
			return false // the text makes it, but a later statement changed it
		}
	}
	for m := range makes {
		if bookkeeping(m) {
			continue
		}
		if t, ok := g.desired.Get(m).(catalog.Table); ok && !t.PartitionOf.Parent.IsZero() {
			if _, _, proven := g.besideDefault(t); proven || g.attached(t) {
				return false
			}
		}
		if seq, ok := g.desired.Get(m).(catalog.Sequence); ok && !seq.OwnedBy.IsZero() && !makes[seq.OwnedBy.ID()] {
			return false // the sequence has to be there before its column
		}
		if (m.Kind == catalog.KindIndex || m.Kind == catalog.KindConstraint) && g.online(m) {
			return false // is made in several statements
		}
		if c, ok := g.desired.Get(m).(catalog.Column); ok && g.fillsLater(c) {
			return false
		}
		if o := g.desired.Get(m); catalog.Inherited(o) && neededToAttach(o) && g.joins(catalog.ID{Kind: catalog.KindTable, Schema: m.Schema, Name: m.Table}) {
			return false // has to be there before it is inherited
		}
		if !g.making[m] || g.apart[m] || g.desired.Unnamed(m) && (!table || g.current.Has(m)) {
			return false
		}
	}
	return !unsuited.MatchString(src.Text) && !(table && copying.MatchString(src.Text))
}

// whole makes a node of an object with all its parts that its CREATE statement writes.
func (g *gatherer) whole(id catalog.ID) {
	if g.covered[id] || bookkeeping(id) || isPart(id) || catalog.Inherited(g.desired.Get(id)) {
		return
	}
	if seq, ok := g.desired.Get(id).(catalog.Sequence); ok && seq.Identity {
		return
	}
	g.render(id)
}

// isPart reports whether objects of the kind may be written inside the statement of another.
func isPart(id catalog.ID) bool {
	switch id.Kind {
	case catalog.KindColumn, catalog.KindDefault, catalog.KindConstraint, catalog.KindDomainConstraint:
		return true
	}
	return false
}

// part makes nodes of what no whole has taken in. Columns come before the
// defaults that they take in.
func (g *gatherer) part(id catalog.ID) {
	if g.covered[id] || id.Kind == catalog.KindGrant {
		return
	}
	if seq, ok := g.desired.Get(id).(catalog.Sequence); ok && seq.Identity {
		// Its column, made or altered, brings it along.
		g.covered[id] = true
		g.nodes = append(g.nodes, &node{id: id, ids: []catalog.ID{id}})
		g.orderSteps(step{id: seq.OwnedBy.ID()}, step{id: id})
		return
	}
	if catalog.Inherited(g.desired.Get(id)) && g.comesAlong(id) {
		g.covered[id] = true
		g.nodes = append(g.nodes, &node{id: id, ids: []catalog.ID{id}, statements: g.ownName(id)})
		return
	}
	g.render(id)
}

// ownName gives the index of a new partition, which comes with one of the parent, the
// name that the files give it.
func (s *state) ownName(id catalog.ID) []Statement {
	ix, ok := s.desired.Get(id).(catalog.Index)
	if !ok || s.desired.Unnamed(id) || ix.Name == s.automaticName(ix) {
		return nil
	}
	return one(id, sql("ALTER INDEX ? RENAME TO ?", catalog.QName{Schema: ix.Schema, Name: s.automaticName(ix)}, ident(ix.Name)))
}

// comesAlong reports whether an inherited object is made by what makes its twin
// in the parent, or its table.
func (s *state) comesAlong(id catalog.ID) bool {
	if table, ok := s.desired.Parent(id); ok && s.making[table] {
		return true
	}
	if t := s.altering[catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}]; id.Kind == catalog.KindTrigger && t != nil && len(t.statements) > 0 {
		if t.current.(catalog.Table).PartitionOf != t.desired.(catalog.Table).PartitionOf {
			return true // a table that is attached gets the triggers of its parent
		}
	}
	if (id.Kind == catalog.KindColumn || id.Kind == catalog.KindConstraint) && s.joins(catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}) {
		return !neededToAttach(s.desired.Get(id)) // but has to be there before
	}
	for _, twin := range s.elders(id) {
		if s.making[twin] {
			if above, ok := s.desired.Get(twin).(catalog.Index); ok && above.Only {
				return false // and is attached to it
			}
			index, ok := s.desired.Get(id).(catalog.Index)
			return !ok || s.desired.Unnamed(id) || index.Name == s.automaticName(index)
		}
	}
	return false
}

// elders lists the twins of an inherited object in parent tables.
func (s *state) elders(id catalog.ID) []catalog.ID {
	var out []catalog.ID
	t, _ := catalog.Find[catalog.Table](s.desired, catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table})
	own, _ := s.desired.Get(id).(catalog.Constraint)
	for _, p := range append([]catalog.QName{t.PartitionOf.Parent}, t.Inherits...) {
		twin := id
		twin.Schema, twin.Table = p.Schema, p.Name
		if own.Type == "" || own.Type == catalog.Check {
			out = append(out, twin)
			continue
		}
		for _, c := range s.desired.Children(catalog.ID{Kind: catalog.KindTable, Schema: p.Schema, Name: p.Name}) {
			if above, ok := s.desired.Get(c).(catalog.Constraint); ok && sameDemand(above, own) {
				out = append(out, c)
			}
		}
	}
	for _, dep := range s.desired.Deps(id) {
		if dep.Kind == id.Kind {
			out = append(out, dep)
		}
	}
	return out
}

// sameDemand reports whether two constraints of related tables demand the same,
// whatever their names.
func sameDemand(a, b catalog.Constraint) bool {
	return a.Type == b.Type && slices.Equal(a.Columns, b.Columns) && a.RefTable == b.RefTable && slices.Equal(a.RefColumns, b.RefColumns) &&
		len(a.Elements) == len(b.Elements)
}

func (g *gatherer) render(id catalog.ID) {
	n := &node{id: id, ids: append([]catalog.ID{id}, g.absorbed(id)...)}
	n.statements = g.rules[id.Kind].create(g.state, g.desired.Get(id))
	for i := range n.statements {
		if n.statements[i].Pos.IsZero() {
			n.statements[i].Pos = g.desired.Pos(id)
		}
	}
	g.add(n)
}

// absorbed lists the parts that the CREATE or ADD statement of an object writes.
func (s *state) absorbed(id catalog.ID) []catalog.ID {
	var out []catalog.ID
	switch id.Kind {
	case catalog.KindTable, catalog.KindDomain, catalog.KindColumn:
	default:
		return nil
	}
	table, _ := s.desired.Get(id).(catalog.Table)
	attached := !table.PartitionOf.Parent.IsZero() && s.attached(table)
	for _, c := range s.desired.Children(id) {
		if !isPart(c) || !s.making[c] || s.apart[c] || s.said[c] {
			continue
		}
		if o := s.desired.Get(c); catalog.Inherited(o) && !(attached && neededToAttach(o)) {
			continue
		}
		if c.Kind == catalog.KindDefault && id.Kind != catalog.KindColumn {
			continue
		}
		if k, ok := s.desired.Get(c).(catalog.Constraint); ok && !s.keepsInTable(k) {
			continue
		}
		out = append(out, c)
		out = append(out, s.absorbed(c)...)
	}
	if id.Kind == catalog.KindColumn {
		for _, u := range s.desired.Users(id) {
			if seq, ok := s.desired.Get(u).(catalog.Sequence); ok && seq.Identity && s.making[u] {
				out = append(out, u)
			}
		}
	}
	return out
}

// neededToAttach reports whether a table has to have what it will inherit before it is
// attached as a partition.
func neededToAttach(o catalog.Object) bool {
	switch o := o.(type) {
	case catalog.Column:
		return true
	case catalog.Constraint:
		return o.Type == catalog.Check
	}
	return false
}

// keepsInTable reports whether a constraint written inside CREATE TABLE comes out
// as it is: there it is valid whatever it says, and of two that say the same of
// the same columns one is dropped.
func (s *state) keepsInTable(o catalog.Constraint) bool {
	if o.NotValid && !o.NotEnforced {
		return false
	}
	if o.Type != catalog.Unique {
		return true
	}
	table := catalog.ID{Kind: catalog.KindTable, Schema: o.Schema, Name: o.Table}
	for _, id := range s.desired.Children(table) {
		twin, ok := s.desired.Get(id).(catalog.Constraint)
		if ok && (twin.Type == catalog.PrimaryKey || twin.Type == catalog.Unique && twin.Name < o.Name) && slices.Equal(twin.Columns, o.Columns) &&
			slices.Equal(twin.Include, o.Include) && twin.NullsNotDistinct == o.NullsNotDistinct &&
			twin.Deferrable == o.Deferrable && twin.InitiallyDeferred == o.InitiallyDeferred {
			return false
		}
	}
	return true
}

// drops makes a node of every object that a statement drops.
func (g *gatherer) drops() {
	fallen := map[catalog.ID][]catalog.ID{}
	for _, id := range sortedIDs(g.gone) {
		by, _ := g.dropper(id)
		fallen[by] = append(fallen[by], id)
	}
	for _, id := range sortedIDs(fallen) {
		o := g.current.Get(id)
		if o == nil {
			continue
		}
		n := &node{drop: true, id: id, ids: fallen[id], statements: g.rules[id.Kind].drop(g.state, o)}
		if h := g.suspect(id); h.Code != "" && len(n.statements) > 0 {
			n.statements[0].Hazards = append(n.statements[0].Hazards, h)
		}
		g.nodes = append(g.nodes, chain(n, false)...)
	}
}

func distinct(hazards []Hazard) []Hazard {
	var out []Hazard
	seen := map[string]bool{}
	for _, h := range hazards {
		if k := h.Code + " " + h.Object.String() + h.Reason; !seen[k] {
			seen[k] = true
			out = append(out, h)
		}
	}
	return out
}
