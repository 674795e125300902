package planner

import (
	"slices"

	"bloom/catalog"
)

// linkKeys: a foreign key is made after a key of the same columns is dropped, for
// PostgreSQL would tie it to that one, primary keys first, and then not drop it.
func (g *graph) linkKeys() {
	var dropped []*node
	for _, n := range g.nodes {
		if c, ok := g.current.Get(n.id).(catalog.Constraint); ok && n.drop && (c.Type == catalog.PrimaryKey || c.Type == catalog.Unique) {
			dropped = append(dropped, n)
		}
	}
	if len(dropped) == 0 {
		return
	}
	for _, n := range g.nodes {
		if n.drop {
			continue
		}
		for _, id := range n.about() {
			fk, ok := g.desired.Get(id).(catalog.Constraint)
			if !ok || fk.Type != catalog.ForeignKey || !g.making[id] {
				continue
			}
			for _, d := range dropped {
				if k := g.current.Get(d.id).(catalog.Constraint); tableOf(d.id) == fk.RefTable && sameSet(k.Columns, fk.RefColumns) {
					g.link(n, d)
				}
			}
		}
	}
}

func sameSet(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(c string) bool { return !slices.Contains(b, c) })
}
