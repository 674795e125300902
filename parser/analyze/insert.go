package analyze

import (
	"slices"

	pg "github.com/pganalyze/pg_query_go/v5"
)

func (a *analyzer) insert(x *pg.InsertStmt, s *scope) *query {
	n := &clause{what: "INSERT"}
	q := &query{node: n}
	if w := a.with(x.WithClause, s); w != nil {
		n.args = append(n.args, w)
	}
	outer := s.items
	r, it, rel := a.dmlTarget(x.Relation, s)
	n.args = append(n.args, rel)
	if r == nil {
		return q
	}
	if x.Override != pg.OverridingKind_OVERRIDING_KIND_UNDEFINED && x.Override != pg.OverridingKind_OVERRIDING_NOT_SET {
		n.what += " " + x.Override.String()
	}
	columns := a.insertColumns(x, r, s)
	s.items = outer
	n.args = append(n.args, a.insertSource(x, columns, s)...)
	s.add(it)
	if x.OnConflictClause != nil {
		n.args = append(n.args, a.onConflict(x.OnConflictClause, r, it, s))
	}
	if ret, out := a.returning(x.ReturningList, s); ret != nil {
		n.args, q.columns = append(n.args, ret), out
	}
	return q
}

func (a *analyzer) insertColumns(x *pg.InsertStmt, r *relation, s *scope) []place {
	var out []place
	if len(x.Cols) == 0 {
		for _, f := range r.fields {
			out = append(out, place{field: f})
		}
	}
	for _, c := range x.Cols {
		out = append(out, a.place(c.GetResTarget(), r, s))
	}
	return out
}

func (a *analyzer) insertSource(x *pg.InsertStmt, columns []place, s *scope) []node {
	sel := x.SelectStmt.GetSelectStmt()
	switch {
	case sel == nil:
		return []node{&clause{what: "DEFAULT VALUES"}}
	case len(sel.ValuesLists) > 0 && sel.WithClause == nil && len(sel.SortClause) == 0 && sel.LimitCount == nil && sel.LimitOffset == nil:
		var out []node
		for _, l := range sel.ValuesLists {
			n := &clause{what: "VALUES"}
			for i, e := range a.rowArgs(l.GetList().GetItems(), s) {
				if i >= len(columns) {
					n.args = append(n.args, a.trouble(-1, "INSERT has more expressions than target columns"))
					break
				}
				n.args = append(n.args, a.assign(columns[i], e))
			}
			out = append(out, n)
		}
		return out
	}
	q := a.selectStmt(sel, s.inner(), false)
	n := &clause{"query", []node{q.node}}
	for i := range q.columns {
		c := &q.columns[i]
		if i >= len(columns) {
			n.args = append(n.args, a.trouble(-1, "INSERT has more expressions than target columns"))
			break
		}
		if len(c.slots) > 0 {
			for _, slot := range c.slots { // what it selects is coerced where it stands
				if e, ok := (*slot).(expr); ok {
					*slot = a.assign(columns[i], e)
				}
			}
			continue
		}
		from := &param{typed: typed{typ: c.typ, mods: c.mods}, name: "column " + itoa(i+1)}
		n.args = append(n.args, a.assign(columns[i], from))
	}
	return []node{n}
}

func (a *analyzer) onConflict(c *pg.OnConflictClause, r *relation, it *item, s *scope) node {
	n := &clause{what: "ON CONFLICT " + c.Action.String()}
	if i := c.Infer; i != nil {
		target := &clause{what: "on " + i.Conname}
		for _, x := range i.IndexElems {
			el := x.GetIndexElem()
			e := el.GetExpr()
			if e == nil {
				e = columnNode(el.GetName())
			}
			s.with([]*item{it}, func() { target.args = append(target.args, a.expr(e, s)) })
		}
		if i.WhereClause != nil {
			s.with([]*item{it}, func() { target.args = append(target.args, &clause{"WHERE", []node{a.condition(i.WhereClause, s)}}) })
		}
		n.args = append(n.args, target)
	}
	if len(c.TargetList) == 0 {
		return n
	}
	excluded := a.relationItem(s, r, &pg.Alias{Aliasname: "excluded"})
	excluded.columnsHidden, excluded.direct = true, true
	s.with(append(slices.Clip(s.items), excluded), func() {
		n.args = append(n.args, a.setList(c.TargetList, r, s)...)
		if c.WhereClause != nil {
			n.args = append(n.args, &clause{"WHERE", []node{a.condition(c.WhereClause, s)}})
		}
	})
	return n
}

func columnNode(name string) *pg.Node {
	return &pg.Node{Node: &pg.Node_ColumnRef{ColumnRef: &pg.ColumnRef{
		Fields: []*pg.Node{{Node: &pg.Node_String_{String_: &pg.String{Sval: name}}}}, Location: -1,
	}}}
}
