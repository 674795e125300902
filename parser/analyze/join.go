package analyze

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

var joinTypes = map[pg.JoinType]string{
	pg.JoinType_JOIN_INNER: "JOIN", pg.JoinType_JOIN_LEFT: "LEFT JOIN", pg.JoinType_JOIN_RIGHT: "RIGHT JOIN", pg.JoinType_JOIN_FULL: "FULL JOIN",
}

// join is transformFromClauseItem for JoinExpr.
func (a *analyzer) join(x *pg.JoinExpr, s *scope) (node, []*item) {
	left, lefts := a.fromItem(x.Larg, s)
	var right node
	var rights []*item
	before := s.items
	s.with(append(before[:len(before):len(before)], lefts...), func() { right, rights = a.fromItem(x.Rarg, s) })
	n := &clause{joinTypes[x.Jointype], []node{left, right}}
	lc, rc := visibleColumns(lefts), visibleColumns(rights)
	using := nameParts(x.UsingClause)
	if x.IsNatural {
		using = commonNames(lc, rc)
	}
	merged := a.mergeColumns(x, n, using, lc, rc)
	columns := merged
	for _, c := range append(lc[:len(lc):len(lc)], rc...) {
		if !contains(using, c.name) {
			columns = append(columns, c)
		}
	}
	items := make([]*item, 0, len(lefts)+len(rights)+2)
	for _, it := range append(lefts[:len(lefts):len(lefts)], rights...) {
		hidden := *it
		hidden.columnsHidden = true
		items = append(items, &hidden)
	}
	switch {
	case x.Quals != nil:
		all := &item{hidden: true, columns: append(lc[:len(lc):len(lc)], rc...)}
		s.with(append(append(before[:len(before):len(before)], items...), all), func() {
			n.args = append(n.args, &clause{"ON", []node{a.condition(x.Quals, s)}})
		})
	case len(using) == 0 && x.Jointype != pg.JoinType_JOIN_INNER: // a natural join without common columns
		n.args = append(n.args, &clause{"ON", []node{a.known(tBool, "true")}})
	}
	joined := &item{hidden: true, columns: columns}
	if x.JoinUsingAlias != nil {
		items = append(items, &item{name: x.JoinUsingAlias.Aliasname, columns: merged, columnsHidden: true, whole: joinRow(merged)})
	}
	if x.Alias != nil {
		joined.hidden, joined.name = false, x.Alias.Aliasname
		joined.columns = rename(columns, aliasNames(x.Alias))
		joined.whole = joinRow(joined.columns)
		return n, []*item{joined}
	}
	return n, append(items, joined)
}

// joinRow is the row of a join with an alias as a value.
func joinRow(columns []itemColumn) expr {
	r := &row{typed: typed{typ: tRecord, fields: []field{}}}
	for _, c := range columns {
		v := c.expr.value()
		r.args = append(r.args, c.expr)
		r.fields = append(r.fields, field{c.name, v.typ, v.mods, v.fields})
	}
	return r
}

func visibleColumns(items []*item) []itemColumn {
	var out []itemColumn
	for _, it := range items {
		if !it.columnsHidden {
			out = append(out, it.all()...)
		}
	}
	return out
}

func commonNames(l, r []itemColumn) []string {
	var names []string
	for _, c := range l {
		for _, d := range r {
			if c.name == d.name && !contains(names, c.name) {
				names = append(names, c.name)
			}
		}
	}
	return names
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// mergeColumns adds the conditions of USING to the join and returns the merged columns (buildMergedJoinVar).
func (a *analyzer) mergeColumns(x *pg.JoinExpr, n *clause, using []string, lc, rc []itemColumn) []itemColumn {
	var merged []itemColumn
	for _, name := range using {
		l, r := findNamed(lc, name), findNamed(rc, name)
		if l == nil || r == nil {
			a.noColumn(-1, "column %s of USING does not exist", name)
			n.args = append(n.args, unresolved("USING "+name))
			continue
		}
		a.referColumns(l)
		a.referColumns(r)
		n.args = append(n.args, &clause{"ON", []node{a.coerceBool(a.operate(-1, "pg_catalog", "=", l, r))}})
		both, _, _ := a.unify(-1, "JOIN/USING", []expr{l, r})
		merged = append(merged, itemColumn{name, mergedColumn(x.Jointype, l, r, both)})
	}
	return merged
}

func mergedColumn(t pg.JoinType, l, r expr, both []expr) expr {
	switch t {
	case pg.JoinType_JOIN_LEFT:
		return both[0]
	case pg.JoinType_JOIN_RIGHT:
		return both[1]
	case pg.JoinType_JOIN_INNER:
		if both[0] != l && both[1] == r { // the side that needs no cast
			return both[1]
		}
		return both[0]
	}
	v := both[0].value()
	return &special{typed: typed{typ: v.typ, mods: commonMods(both, v.typ)}, what: "COALESCE", args: nodes(both)}
}

func findNamed(columns []itemColumn, name string) expr {
	for _, c := range columns {
		if c.name == name {
			return c.expr
		}
	}
	return nil
}
