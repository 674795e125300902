package analyze

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

// setOperation is transformSetOperationStmt. Each arm is analysed once; the literals that an arm leaves
// untyped get the type of the column afterwards.
func (a *analyzer) setOperation(x *pg.SelectStmt, s *scope) *query {
	return a.setOperationWith(x, s, nil)
}

// setOperationWith calls between after the left arm, before the right one is analysed.
func (a *analyzer) setOperationWith(x *pg.SelectStmt, s *scope, between func(*query)) *query {
	left := a.arm(x.Larg, s)
	if between != nil {
		between(left)
	}
	right := a.arm(x.Rarg, s)
	n := &clause{what: setOperations[x.Op], args: []node{nil, nil}}
	if x.All {
		n.what += " ALL"
	}
	n.args = []node{left.node, right.node}
	q := &query{node: n}
	if len(left.columns) != len(right.columns) {
		a.trouble(-1, "each %s query must have the same number of columns", setOperations[x.Op])
		n.args = append(n.args, unresolved("columns"))
		q.columns = left.columns
		return q
	}
	types := &clause{what: "types"}
	for i := range left.columns {
		l, r := &left.columns[i], &right.columns[i]
		t, ok := a.commonType([]typ{l.typ, r.typ})
		if !ok {
			a.trouble(-1, "%s types %s and %s cannot be matched", setOperations[x.Op], l.typ, r.typ)
			t = tOpaque
		}
		f := field{name: l.name, typ: t, fields: l.fields}
		if l.typ == r.typ && l.mods == r.mods {
			f.mods = l.mods
		}
		a.coerceOutput(l, t)
		a.coerceOutput(r, t)
		types.args = append(types.args, &clause{what: t.String()})
		q.columns = append(q.columns, output{field: f})
	}
	n.args = append(n.args, types)
	n.args = append(append(n.args, a.sortOutput(x.SortClause, q, s)...), a.limit(x, s)...)
	return q
}

var setOperations = map[pg.SetOperation]string{
	pg.SetOperation_SETOP_UNION: "UNION", pg.SetOperation_SETOP_INTERSECT: "INTERSECT", pg.SetOperation_SETOP_EXCEPT: "EXCEPT",
}

// arm analyses one side. A set operation in it belongs to the same tree; everything else is a query of its own.
func (a *analyzer) arm(x *pg.SelectStmt, s *scope) *query {
	inner := s.inner()
	inner.arm = true
	return a.selectStmt(x, inner, false)
}

// sortOutput is the ORDER BY of a set operation or VALUES: by output columns only.
func (a *analyzer) sortOutput(l []*pg.Node, q *query, s *scope) []node {
	if len(l) == 0 {
		return nil
	}
	n := &clause{what: "ORDER BY"}
	for _, x := range l {
		i := outputIndex(x.GetSortBy().GetNode(), q)
		if i < 0 {
			n.args = append(n.args, a.trouble(-1, "ORDER BY of a set operation must name an output column"))
			continue
		}
		n.args = append(n.args, &clause{what: "column " + itoa(i+1) + " " + sortOrder(x.GetSortBy())})
	}
	return []node{n}
}

func outputIndex(n *pg.Node, q *query) int {
	if c := n.GetAConst(); c != nil {
		if i := int(c.GetIval().GetIval()); i >= 1 && i <= len(q.columns) {
			return i - 1
		}
		return -1
	}
	if c := n.GetColumnRef(); c != nil && len(c.Fields) > 0 {
		name := c.Fields[len(c.Fields)-1].GetString_().GetSval()
		for i, o := range q.columns {
			if o.name == name {
				return i
			}
		}
	}
	return -1
}

// values is VALUES: each column has the common type of its rows.
func (a *analyzer) values(x *pg.SelectStmt, s *scope) *query {
	n := &clause{what: "VALUES"}
	q := &query{node: n}
	var rows [][]expr
	for _, l := range x.ValuesLists {
		r := a.rowArgs(l.GetList().GetItems(), s)
		if len(rows) > 0 && len(r) != len(rows[0]) {
			n.args = append(n.args, a.trouble(-1, "VALUES lists must all be the same length"))
			return q
		}
		rows = append(rows, r)
		n.args = append(n.args, &clause{"row", make([]node, len(r))})
	}
	if len(rows) == 0 {
		return q
	}
	for c := range rows[0] {
		col := make([]expr, len(rows))
		for i, r := range rows {
			col[i] = r[c]
		}
		written := col
		col, t, mods := a.unify(-1, "VALUES", col)
		for i, e := range col {
			n.args[i].(*clause).args[c] = unwritten(e, written[i])
		}
		o := output{field: field{name: "column" + itoa(c+1), typ: t, mods: mods, fields: col[0].value().fields}}
		q.columns = append(q.columns, o)
	}
	n.args = append(append(n.args, a.sortOutput(x.SortClause, q, s)...), a.limit(x, s)...)
	return q
}
