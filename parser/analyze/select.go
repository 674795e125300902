package analyze

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

// query is an analysed SELECT, VALUES or data-modifying statement with what it gives out.
type query struct {
	node    *clause
	columns []output
}

// output is a column of a query. slot is where its expression stands in the tree, for literals whose type
// only the query around it knows; nil if the column is none of a SELECT's own.
type output struct {
	field
	slots []*node
}

func (q *query) fields() []field {
	fs := make([]field, len(q.columns))
	for i, c := range q.columns {
		fs[i] = c.field
	}
	return fs
}

// selectStmt is transformSelectStmt and its relatives. Untyped literals in the output become text if
// resolve is set.
func (a *analyzer) selectStmt(x *pg.SelectStmt, s *scope, resolve bool) *query {
	if !a.enter() || x == nil {
		a.leave()
		return &query{node: &clause{"query", []node{a.trouble(-1, "the query is nested too deeply, or none")}}}
	}
	defer a.leave()
	with := a.with(x.WithClause, s)
	var q *query
	switch {
	case x.Op != pg.SetOperation_SETOP_NONE && x.Larg != nil && x.Rarg != nil:
		q = a.setOperation(x, s)
	case len(x.ValuesLists) > 0:
		q = a.values(x, s)
	default:
		q = a.plainSelect(x, s)
	}
	if with != nil {
		q.node.args = append([]node{with}, q.node.args...)
	}
	if resolve {
		a.resolveOutputs(q)
	}
	return q
}

// resolveOutputs makes texts of the untyped literals in the output (resolveTargetListUnknowns).
func (a *analyzer) resolveOutputs(q *query) {
	for i := range q.columns {
		a.coerceOutput(&q.columns[i], tText)
	}
}

// coerceOutput gives the untyped literals of a column their type.
func (a *analyzer) coerceOutput(c *output, t typ) {
	if c.typ != tUnknown {
		return
	}
	for _, slot := range c.slots {
		if e, ok := (*slot).(expr); ok && isUnknown(e) {
			*slot = a.coerceType(e, t, "", implicit)
		}
	}
	c.typ = t
}

// target is an item of a select list.
type target struct {
	name    string
	written bool // the name
	expr    expr
}

// plainSelect is transformSelectStmt.
func (a *analyzer) plainSelect(x *pg.SelectStmt, s *scope) *query {
	from := a.fromClause(x.FromClause, s)
	s.windows = map[string]*pg.WindowDef{}
	for _, n := range x.WindowClause {
		if w := n.GetWindowDef(); w != nil {
			s.windows[w.Name] = w
		}
	}
	t := &targets{analyzer: a, scope: s, list: a.targetList(x.TargetList, s)}
	t.shown = len(t.list)
	a.spellTargets(t.list, s)
	n := &clause{what: "SELECT"}
	var where, having node
	if x.WhereClause != nil {
		where = &clause{"WHERE", []node{a.condition(x.WhereClause, s)}}
	}
	if x.HavingClause != nil {
		having = &clause{"HAVING", []node{a.condition(x.HavingClause, s)}}
	}
	order := t.orderBy(x.SortClause)
	group := t.groupBy(x)
	distinct := t.distinct(x.DistinctClause)
	limit := a.limit(x, s)
	n.args = append(n.args, distinct...)
	list := &clause{what: "targets", args: make([]node, t.shown)}
	q := &query{node: n}
	for i, item := range t.list[:t.shown] {
		list.args[i] = item.expr
		v := item.expr.value()
		q.columns = append(q.columns, output{field{item.name, v.typ, v.mods, v.fields}, []*node{&list.args[i]}})
	}
	n.args = append(n.args, list)
	for _, part := range []node{from, where, group, having, order} {
		if c, ok := part.(*clause); ok && c != nil {
			n.args = append(n.args, c)
		}
	}
	n.args = append(append(n.args, limit...), a.locks(x, s)...)
	a.groupedByKey(group, n, s)
	return q
}

// targetList is transformTargetList.
func (a *analyzer) targetList(l []*pg.Node, s *scope) []target {
	var out []target
	for _, n := range l {
		r := n.GetResTarget()
		if cols, ok := a.star(r.GetVal(), s); ok {
			for _, c := range cols {
				out = append(out, target{name: c.name, expr: c.expr})
			}
			continue
		}
		name := r.GetName()
		if name == "" {
			name = columnName(r.GetVal())
		}
		out = append(out, target{name: name, written: r.GetName() != "", expr: a.expr(r.GetVal(), s)})
	}
	return out
}

// limit is LIMIT and OFFSET; LIMIT ALL and LIMIT NULL are none.
func (a *analyzer) limit(x *pg.SelectStmt, s *scope) []node {
	var out []node
	add := func(what string, n *pg.Node) {
		if n == nil || n.GetAConst().GetIsnull() {
			return
		}
		e := a.bring(a.expr(n, s), tInt8, "")
		if isNull(e) {
			return
		}
		out = append(out, &clause{what, []node{e}})
	}
	what := "LIMIT"
	if x.LimitOption == pg.LimitOption_LIMIT_OPTION_WITH_TIES {
		what = "FETCH WITH TIES"
	}
	add("OFFSET", x.LimitOffset)
	add(what, x.LimitCount)
	return out
}

// locks is FOR UPDATE and the like, with the relations it is about.
func (a *analyzer) locks(x *pg.SelectStmt, s *scope) []node {
	var out []node
	for _, n := range x.LockingClause {
		l := n.GetLockingClause()
		names := map[string]bool{}
		for _, r := range l.GetLockedRels() {
			names[r.GetRangeVar().GetRelname()] = true
		}
		for _, it := range s.items {
			if it.hidden || len(names) > 0 && !names[it.name] || len(names) == 0 && it.relation == nil {
				continue
			}
			out = append(out, &clause{what: l.GetStrength().String() + " " + l.GetWaitPolicy().String() + " of " + itoa(it.entry)})
		}
	}
	return out
}

// statement analyses any query that gives out rows.
func (a *analyzer) statement(n *pg.Node, s *scope) *query {
	switch x := n.GetNode().(type) {
	case *pg.Node_SelectStmt:
		return a.selectStmt(x.SelectStmt, s, true)
	case *pg.Node_InsertStmt:
		return a.insert(x.InsertStmt, s)
	case *pg.Node_UpdateStmt:
		return a.update(x.UpdateStmt, s)
	case *pg.Node_DeleteStmt:
		return a.delete(x.DeleteStmt, s)
	case *pg.Node_MergeStmt:
		return a.merge(x.MergeStmt, s)
	case *pg.Node_NotifyStmt:
		return &query{node: &clause{what: "NOTIFY " + x.NotifyStmt.Conditionname + " " + x.NotifyStmt.Payload}}
	}
	return &query{node: &clause{"statement", []node{a.trouble(-1, "%s is not supported", nodeName(n))}}}
}
