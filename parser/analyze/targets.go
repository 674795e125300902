package analyze

import (
	"slices"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// targets is a select list while ORDER BY, GROUP BY and DISTINCT are resolved against it. What they name
// that is not in the list is added behind what is shown.
type targets struct {
	*analyzer
	scope *scope
	list  []target
	shown int
}

// find is findTargetlistEntrySQL92: a number, the name of an output column, else an expression.
func (t *targets) find(n *pg.Node, group bool) int {
	if c := n.GetAConst(); c != nil && !c.Isnull {
		if v, ok := c.Val.(*pg.A_Const_Ival); ok {
			if i := int(v.Ival.GetIval()); i >= 1 && i <= t.shown {
				return i - 1
			}
			t.trouble(c.Location, "position %d is not in select list", v.Ival.GetIval())
			return t.add(unresolved("position"))
		}
	}
	if c := n.GetColumnRef(); c != nil && len(c.Fields) == 1 && c.Fields[0].GetString_() != nil {
		name := c.Fields[0].GetString_().GetSval()
		if !group || !t.isInput(name) {
			for i := range t.shown {
				if t.list[i].name == name {
					return i
				}
			}
		}
	}
	return t.add(t.expr(n, t.scope))
}

// isInput reports whether the name is a column of FROM, which GROUP BY prefers.
func (t *targets) isInput(name string) bool {
	for _, it := range t.scope.items {
		if e, _ := it.column(name); e != nil && !it.columnsHidden {
			return true
		}
	}
	return false
}

// add returns the place of an expression, which is new if it is not in the list yet.
func (t *targets) add(e expr) int {
	for i, have := range t.list {
		if have.expr.value().typ == e.value().typ && same(have.expr, e) {
			return i
		}
	}
	t.list = append(t.list, target{expr: t.textIfUnknown(e)})
	return len(t.list) - 1
}

// at returns the expression at a place. A literal of the select list that is sorted by becomes a text.
func (t *targets) at(i int) expr {
	t.list[i].expr = t.textIfUnknown(t.list[i].expr)
	return t.list[i].expr
}

func (t *targets) orderBy(l []*pg.Node) node {
	if len(l) == 0 {
		return nil
	}
	n := &clause{what: "ORDER BY"}
	var seen []int
	for _, x := range l {
		i := t.find(x.GetSortBy().GetNode(), false)
		if slices.Contains(seen, i) {
			continue
		}
		seen = append(seen, i)
		n.args = append(n.args, &clause{sortOrder(x.GetSortBy()), []node{t.at(i)}})
	}
	return n
}

func (t *targets) distinct(l []*pg.Node) []node {
	if len(l) == 0 {
		return nil
	}
	n := &clause{what: "DISTINCT"}
	var seen []int
	for _, x := range l {
		if x.GetNode() == nil {
			continue
		}
		if i := t.find(x, false); !slices.Contains(seen, i) {
			seen = append(seen, i)
			n.args = append(n.args, t.at(i))
		}
	}
	return []node{n}
}

func (t *targets) groupBy(x *pg.SelectStmt) node {
	if len(x.GroupClause) == 0 {
		return nil
	}
	n := &clause{what: "GROUP BY"}
	if x.GroupDistinct {
		n.what = "GROUP BY DISTINCT"
	}
	var seen []int
	for _, g := range x.GroupClause {
		n.args = append(n.args, t.grouping(g, &seen, true)...)
	}
	return n
}

// grouping is an item of GROUP BY; at the top of it each expression counts once and (a, b) is a, b.
func (t *targets) grouping(g *pg.Node, seen *[]int, top bool) []node {
	switch x := g.GetNode().(type) {
	case *pg.Node_GroupingSet:
		if x.GroupingSet.Kind == pg.GroupingSetKind_GROUPING_SET_EMPTY {
			return []node{&clause{what: "()"}}
		}
		n := &clause{what: x.GroupingSet.Kind.String()}
		for _, c := range x.GroupingSet.Content {
			n.args = append(n.args, t.grouping(c, seen, false)...)
		}
		return []node{n}
	case *pg.Node_RowExpr:
		if x.RowExpr.RowFormat == pg.CoercionForm_COERCE_EXPLICIT_CALL {
			break
		}
		var parts []node
		for _, c := range x.RowExpr.Args {
			parts = append(parts, t.grouping(c, seen, top)...)
		}
		if top || len(parts) == 1 {
			return parts
		}
		return []node{&clause{"()", parts}}
	}
	i := t.find(g, true)
	if top {
		if slices.Contains(*seen, i) {
			return nil
		}
		*seen = append(*seen, i)
	}
	return []node{t.at(i)}
}

// groupedByKey records the primary keys that let a query use columns that it does not group by
// (check_functional_grouping).
func (a *analyzer) groupedByKey(group node, n *clause, s *scope) {
	g, ok := group.(*clause)
	if !ok || g == nil {
		return
	}
	grouped := map[string]map[string]bool{} // by entry
	for _, x := range g.args {
		if c, ok := x.(*column); ok && c.depth == s.depth {
			if grouped[itoa(c.entry)] == nil {
				grouped[itoa(c.entry)] = map[string]bool{}
			}
			grouped[itoa(c.entry)][c.name] = true
		}
	}
	for _, it := range s.items {
		if it.relation == nil || grouped[itoa(it.entry)] == nil {
			continue
		}
		key, columns := a.env.primaryKey(it.relation.id)
		if key.IsZero() || slices.ContainsFunc(columns, func(c string) bool { return !grouped[itoa(it.entry)][c] }) {
			continue
		}
		if usesUngrouped(n, it, grouped[itoa(it.entry)]) {
			a.refer(key)
		}
	}
}

// usesUngrouped reports whether select list, HAVING or ORDER BY use a column that is not grouped by, outside of aggregates.
func usesUngrouped(n *clause, it *item, grouped map[string]bool) bool {
	for _, p := range n.args {
		c, ok := p.(*clause)
		if !ok || c.what != "targets" && c.what != "HAVING" && c.what != "ORDER BY" {
			continue
		}
		if usesColumn(c, it, grouped, map[node]bool{}) {
			return true
		}
	}
	return false
}

func usesColumn(n node, it *item, grouped map[string]bool, seen map[node]bool) bool {
	if seen[n] {
		return false
	}
	seen[n] = true
	switch x := n.(type) {
	case *column:
		return x.depth == it.depth && x.entry == it.entry && !grouped[x.name]
	case *call:
		if x.aggregate {
			return false
		}
	}
	for _, p := range n.parts() {
		if usesColumn(p, it, grouped, seen) {
			return true
		}
	}
	return false
}
