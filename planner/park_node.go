package planner

import (
	"strings"

	"bloom/catalog"
)

// parkings makes two nodes of all that is parked: before the steps and after them.
func (g *gatherer) parkings() {
	for _, id := range sortedIDs(g.parked) {
		if g.isGone(id) {
			continue
		}
		var there, back []Statement
		rel := id
		if id.Kind == catalog.KindColumn {
			rel = catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}
			there, back = g.parkColumn(id)
		} else {
			o := g.current.Get(id).(catalog.Table)
			there, back = one(id, sql("ALTER TABLE ? NOT OF", nameOf(id))), one(id, sql("ALTER TABLE ? OF ?", nameOf(id), o.OfType))
		}
		if len(there) == 0 {
			continue
		}
		there[0].remade, back[0].remade = rel, rel
		g.why[rel] = "because the type of " + id.Path() + " changes"
		g.nodes = append(g.nodes, &node{id: id, group: rel, park: 1, statements: there}, &node{id: id, group: rel, park: 2, statements: back})
	}
}

// parkColumn writes how the values of a column become text and are of their type again.
func (g *gatherer) parkColumn(id catalog.ID) (there, back []Statement) {
	c := g.current.Get(id).(catalog.Column)
	t, _ := g.current.Get(catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}).(catalog.Table)
	if _, follows := g.columnAbove(t, c.Name); follows {
		return nil, nil
	}
	alter := sql("? ALTER COLUMN ? TYPE", g.alterTable(tableOf(id)), ident(c.Name))
	toText, toType := sql("? text", alter), sql("? ??", alter, c.Type, collate(c.Collation))
	if t.Server == "" {
		name := sql("?", ident(c.Name))
		toText, toType = sql("? USING ?", toText, g.textOf(id, name, c.Type)), sql("? USING ?::?", toType, name, c.Type)
	}
	rewrite := func(reason string) Hazard {
		return g.work("TABLE_REWRITE", id, accessExclusive, "rewrites "+tableOf(id).String()+": "+reason, "for a big table, add a column of a new type, fill it in batches and swap")
	}
	hazards := []Hazard{rewrite("the values of " + c.Name + " are text while their type is made again")}
	if lost := g.lostAttributes(c.Type); len(lost) > 0 && !g.empty(id) {
		hazards = append(hazards, g.hazard("COMPOSITE_ATTR_DROPPED", DataLoss, id, "values in "+id.Path()+" lose "+strings.Join(lost, ", ")))
	}
	fails := g.mayFail("FAILS_ON_CAST", id, "fails on a value of "+id.Path()+" that does not fit the type as it is declared")
	return one(id, toText, hazards...), append(one(id, toType, rewrite("the values of "+c.Name+" are of their type again"), fails), columnSettings(g.state, g.desired.Get(g.desiredID(id)).(catalog.Column))...)
}

// columnAbove is the column of a parent table with which that of a current table changes.
func (s *state) columnAbove(t catalog.Table, column string) (catalog.ID, bool) {
	for _, p := range append([]catalog.QName{t.PartitionOf.Parent}, t.Inherits...) {
		if id := (catalog.ID{Kind: catalog.KindColumn, Schema: p.Schema, Table: p.Name, Name: column}); s.current.Has(id) {
			return id, true
		}
	}
	return catalog.ID{}, false
}

// linkParks: what is parked leaves before the steps that it would block, and returns when
// its type is there again, before what is made on it.
func (g *graph) linkParks() {
	nodes := map[catalog.ID][]*node{}
	for _, n := range g.nodes {
		if n.park > 0 {
			nodes[n.id] = append(nodes[n.id], n)
		}
	}
	for _, id := range sortedIDs(g.parked) {
		pair := nodes[g.parkedWith(id)]
		if len(pair) != 2 {
			continue // the table is dropped or remade
		}
		first, last := pair[0], pair[1]
		g.link(last, first)
		for _, to := range g.parked[id].steps {
			g.link(g.node(to), first)
			g.link(last, g.node(to))
			if to.drop {
				g.link(last, g.maker(g.desiredID(to.id)))
			}
		}
		for _, b := range g.parked[id].blockers {
			g.link(first, g.drops[b])
			g.link(g.makers[g.desiredID(b)], last)
		}
		to := g.desiredID(id)
		for _, dep := range g.desired.Deps(to) {
			g.link(last, g.maker(dep))
		}
		if id.Kind == catalog.KindTable {
			g.linkTyped(first, last)
			continue
		}
		for _, u := range append(g.desired.Users(to), to, defaultID(to)) {
			g.link(g.makers[u], last)
		}
	}
}

// parkedWith is what has the statements for something parked: for the column of a partition
// or child table, that of the topmost parent.
func (s *state) parkedWith(id catalog.ID) catalog.ID {
	for range 32 {
		t, _ := s.current.Get(catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}).(catalog.Table)
		above, ok := s.columnAbove(t, id.Name)
		if !ok {
			break
		}
		id = above
	}
	return id
}

// linkTyped: a typed table has the columns of its type before it is one again.
func (g *graph) linkTyped(first, last *node) {
	for _, n := range g.nodes {
		switch at := (catalog.ID{Kind: catalog.KindTable, Schema: n.id.Schema, Name: n.id.Table}); {
		case n.id.Kind != catalog.KindColumn || n.drop && at != first.id || !n.drop && at != g.desiredID(first.id):
		default:
			g.link(n, first)
			g.link(last, n)
		}
	}
}
