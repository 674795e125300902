package analyze

import (
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
	it := a.relationItem(s, r, v.Alias)
	a.spell(it, v.Alias)
	it.direct = true
	return r, it, relationNode(r, v.Inh)
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

// place is where a value is stored: a column, or a part of one.
type place struct {
	field
	within []node // the way from the column to the part: fields and subscripts
}

// place is transformAssignmentIndirection as far as it decides about types.
func (a *analyzer) place(t *pg.ResTarget, r *relation, s *scope) place {
	f, ok := r.field(t.GetName())
	if !ok {
		a.noColumn(t.GetLocation(), "column %s of relation %s does not exist", t.GetName(), r.name)
		f = field{name: t.GetName(), typ: tOpaque}
	}
	a.referField(r.typ(), f.name)
	if a.occurrences != nil && ok {
		a.occurrences.Own = append(a.occurrences.Own, Occurrence{At: int(t.GetLocation()), Fields: 1, Column: columnID(r, f.name)})
	}
	p := place{field: f}
	for _, n := range t.GetIndirection() {
		if name := n.GetString_(); name != nil {
			a.placeField(&p, name.Sval, t)
			continue
		}
		a.placeElement(&p, n.GetAIndices(), s)
	}
	return p
}

func (a *analyzer) placeField(p *place, name string, t *pg.ResTarget) {
	for _, f := range a.env.fieldsOf(p.typ) {
		if f.name == name {
			a.referField(a.env.base(p.typ), name)
			p.typ, p.mods = f.typ, f.mods
			p.within = append(p.within, &clause{what: "field " + name})
			return
		}
	}
	a.noColumn(t.GetLocation(), "column %s does not exist in data type %s", name, p.typ)
	p.typ, p.mods = tOpaque, ""
}

func (a *analyzer) placeElement(p *place, i *pg.A_Indices, s *scope) {
	container := a.env.base(p.typ)
	info := a.env.info(container)
	n := &clause{what: "subscript"}
	for _, x := range []*pg.Node{i.GetLidx(), i.GetUidx()} {
		if x != nil {
			n.args = append(n.args, a.subscriptIndex(container, info, a.expr(x, s)))
		}
	}
	p.within = append(p.within, n)
	switch {
	case i.GetIsSlice():
		n.what = "slice"
	case info != nil && !info.element.IsZero():
		p.typ = info.element
	}
}

// assign coerces a value to the type of the column it is stored in.
func (a *analyzer) assign(p place, e expr) node {
	if s, ok := e.(*special); ok && s.what == "DEFAULT" {
		return &clause{p.name + " = DEFAULT", nil}
	}
	return &clause{p.name + " =", append(p.within[:len(p.within):len(p.within)], a.bring(e, p.typ, p.mods))}
}

// setList is SET of UPDATE and ON CONFLICT.
func (a *analyzer) setList(l []*pg.Node, r *relation, s *scope) []node {
	var out []node
	rows := map[*pg.Node]*query{}
	for _, n := range l {
		t := n.GetResTarget()
		out = append(out, a.assign(a.place(t, r, s), a.setValue(t.GetVal(), rows, s)))
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
