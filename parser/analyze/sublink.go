package analyze

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

// subLink is transformSubLink.
func (a *analyzer) subLink(x *pg.SubLink, s *scope) expr {
	if x.Subselect.GetSelectStmt() == nil {
		return a.trouble(x.Location, "a sub-select that is no SELECT is not supported")
	}
	q := a.selectStmt(x.Subselect.GetSelectStmt(), s.inner(), true)
	switch x.SubLinkType {
	case pg.SubLinkType_EXISTS_SUBLINK:
		return test("EXISTS", wrap(q.node))
	case pg.SubLinkType_EXPR_SUBLINK:
		if len(q.columns) != 1 {
			return a.trouble(x.Location, "subquery must return only one column")
		}
		c := q.columns[0]
		return &special{typed: typed{typ: c.typ, mods: c.mods, fields: c.fields}, what: "sub-select", args: []node{q.node}}
	case pg.SubLinkType_ARRAY_SUBLINK:
		return a.arraySubLink(x, q)
	}
	return a.compareSubLink(x, q, s)
}

// wrap makes a query the argument of an expression.
func wrap(n node) expr { return &special{what: "query", args: []node{n}} }

func (a *analyzer) arraySubLink(x *pg.SubLink, q *query) expr {
	if len(q.columns) != 1 {
		return a.trouble(x.Location, "subquery must return only one column")
	}
	c := q.columns[0]
	n := &special{typed: typed{typ: c.typ, mods: c.mods}, what: "ARRAY of", args: []node{q.node}}
	if i := a.env.info(c.typ); i != nil && i.array || c.typ == tOpaque {
		return n
	}
	t, ok := a.env.arrayTypeOf(c.typ)
	if !ok {
		return a.trouble(x.Location, "could not find array type for data type %s", c.typ)
	}
	n.typ = t
	return n
}

// compareSubLink is x = ANY (SELECT …), x IN (SELECT …), (x, y) = (SELECT …).
func (a *analyzer) compareSubLink(x *pg.SubLink, q *query, s *scope) expr {
	schema, name := operatorName(x.OperName)
	if name == "" {
		name = "="
	}
	var left []expr
	if r := x.Testexpr.GetRowExpr(); r != nil {
		left = a.rowArgs(r.Args, s)
	} else {
		left = []expr{a.expr(x.Testexpr, s)}
	}
	if len(left) != len(q.columns) {
		return a.trouble(x.Location, "subquery has another number of columns")
	}
	n := &special{typed: typed{typ: tBool}, what: "ANY"}
	switch x.SubLinkType {
	case pg.SubLinkType_ALL_SUBLINK:
		n.what = "ALL"
	case pg.SubLinkType_ROWCOMPARE_SUBLINK:
		n.what = "row comparison " + name
	}
	for i, l := range left {
		c := q.columns[i]
		right := &param{typed: typed{typ: c.typ, mods: c.mods, fields: c.fields}, name: "column " + itoa(i+1)}
		n.args = append(n.args, a.operate(x.Location, schema, name, l, right))
	}
	n.args = append(n.args, q.node)
	return n
}
