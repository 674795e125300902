package analyze

import (
	"slices"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// dmlTarget is the relation that a statement changes.
func (a *analyzer) dmlTarget(v *pg.RangeVar, s *scope) (*relation, *item, node) {
	r := a.env.findRelation(v.GetSchemaname(), v.GetRelname(), a.path)
	if r == nil {
		a.missing(v.GetLocation(), "relation %s does not exist", v.GetRelname())
		it := a.rowItem(s, v.GetRelname(), nil, v.GetAlias())
		it.unknown = true
		return nil, it, unresolved("relation " + v.GetRelname())
	}
	a.refer(r.id)
	a.refer(r.extension)
	return r, a.relationItem(s, r, v.Alias), relationNode(r, v.Inh)
}

func (s *scope) add(items ...*item) { s.items = append(s.items[:len(s.items):len(s.items)], items...) }

func (r *relation) field(name string) (field, bool) {
	for _, f := range r.fields {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

func (a *analyzer) returning(l []*pg.Node, s *scope) (node, []output) {
	if len(l) == 0 {
		return nil, nil
	}
	n := &clause{what: "RETURNING"}
	var out []output
	for _, t := range a.targetList(l, s) {
		e := a.textIfUnknown(t.expr)
		v := e.value()
		n.args = append(n.args, e)
		out = append(out, output{field: field{t.name, v.typ, v.mods, v.fields}})
	}
	return n, out
}

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
	columns := a.insertColumns(x, r)
	s.items = outer
	n.args = append(n.args, a.insertSource(x, r, columns, s)...)
	s.add(it)
	if x.OnConflictClause != nil {
		n.args = append(n.args, a.onConflict(x.OnConflictClause, r, it, s))
	}
	if ret, out := a.returning(x.ReturningList, s); ret != nil {
		n.args, q.columns = append(n.args, ret), out
	}
	return q
}

func (a *analyzer) insertColumns(x *pg.InsertStmt, r *relation) []field {
	if len(x.Cols) == 0 {
		return r.fields
	}
	var out []field
	for _, c := range x.Cols {
		t := c.GetResTarget()
		f, ok := r.field(t.GetName())
		if !ok {
			a.noColumn(t.GetLocation(), "column %s of relation %s does not exist", t.GetName(), r.name)
			f = field{name: t.GetName(), typ: tOpaque}
		}
		if len(t.GetIndirection()) > 0 {
			a.trouble(t.GetLocation(), "assignment to a part of a column is not supported")
		}
		a.referField(r.typ(), f.name)
		out = append(out, f)
	}
	return out
}

// assign coerces a value to the type of the column it is stored in.
func (a *analyzer) assign(f field, e expr) node {
	if s, ok := e.(*special); ok && s.what == "DEFAULT" {
		return &clause{f.name + " = DEFAULT", nil}
	}
	return &clause{f.name + " =", []node{a.coerceTo(e, f.typ, f.mods, assignment)}}
}

func (a *analyzer) insertSource(x *pg.InsertStmt, r *relation, columns []field, s *scope) []node {
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
	excluded.columnsHidden = true
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

// setList is SET of UPDATE and ON CONFLICT.
func (a *analyzer) setList(l []*pg.Node, r *relation, s *scope) []node {
	var out []node
	rows := map[*pg.Node]*query{}
	for _, n := range l {
		t := n.GetResTarget()
		f, ok := r.field(t.GetName())
		if !ok {
			a.noColumn(t.GetLocation(), "column %s of relation %s does not exist", t.GetName(), r.name)
			f = field{name: t.GetName(), typ: tOpaque}
		}
		if len(t.GetIndirection()) > 0 {
			a.trouble(t.GetLocation(), "assignment to a part of a column is not supported")
		}
		a.referField(r.typ(), f.name)
		out = append(out, a.assign(f, a.setValue(t.GetVal(), rows, s)))
	}
	return out
}

// setValue is the value of a SET item: an expression, or a column of the row in (a, b) = ….
func (a *analyzer) setValue(n *pg.Node, rows map[*pg.Node]*query, s *scope) expr {
	m := n.GetMultiAssignRef()
	if m == nil {
		return a.expr(n, s)
	}
	i := int(m.Colno) - 1
	if args := m.Source.GetRowExpr().GetArgs(); i >= 0 && i < len(args) {
		return a.expr(args[i], s)
	}
	sub := m.Source.GetSubLink()
	if sub == nil || sub.Subselect.GetSelectStmt() == nil {
		return a.trouble(-1, "this form of SET (…) = … is not supported")
	}
	q := rows[m.Source]
	if q == nil {
		q = a.selectStmt(sub.Subselect.GetSelectStmt(), s.inner(), true)
		rows[m.Source] = q
	}
	if i < 0 || i >= len(q.columns) {
		return a.trouble(-1, "number of columns does not match number of values")
	}
	c := q.columns[i]
	return &special{typed: typed{typ: c.typ, mods: c.mods}, what: "column " + itoa(i+1) + " of", args: []node{q.node}}
}

func (a *analyzer) update(x *pg.UpdateStmt, s *scope) *query {
	n := &clause{what: "UPDATE"}
	q := &query{node: n}
	if w := a.with(x.WithClause, s); w != nil {
		n.args = append(n.args, w)
	}
	r, it, rel := a.dmlTarget(x.Relation, s)
	n.args = append(n.args, rel)
	if r == nil {
		return q
	}
	s.add(it)
	if from := a.fromClause(x.FromClause, s); from != nil {
		n.args = append(n.args, from)
	}
	n.args = append(n.args, a.setList(x.TargetList, r, s)...)
	a.finish(q, x.WhereClause, x.ReturningList, s)
	return q
}

func (a *analyzer) delete(x *pg.DeleteStmt, s *scope) *query {
	n := &clause{what: "DELETE"}
	q := &query{node: n}
	if w := a.with(x.WithClause, s); w != nil {
		n.args = append(n.args, w)
	}
	r, it, rel := a.dmlTarget(x.Relation, s)
	n.args = append(n.args, rel)
	if r == nil {
		return q
	}
	s.add(it)
	if from := a.fromClause(x.UsingClause, s); from != nil {
		n.args = append(n.args, from)
	}
	a.finish(q, x.WhereClause, x.ReturningList, s)
	return q
}

// finish adds WHERE and RETURNING.
func (a *analyzer) finish(q *query, where *pg.Node, returning []*pg.Node, s *scope) {
	if where != nil {
		q.node.args = append(q.node.args, &clause{"WHERE", []node{a.condition(where, s)}})
	}
	if ret, out := a.returning(returning, s); ret != nil {
		q.node.args, q.columns = append(q.node.args, ret), out
	}
}
