package analyze

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

// fromClause is transformFromClause; nil if there is none.
func (a *analyzer) fromClause(l []*pg.Node, s *scope) node {
	if len(l) == 0 {
		return nil
	}
	n := &clause{what: "FROM"}
	for _, x := range l {
		part, items := a.fromItem(x, s)
		n.args = append(n.args, part)
		s.items = append(s.items[:len(s.items):len(s.items)], items...)
	}
	return n
}

// fromItem is transformFromClauseItem. What stands before the item is in the scope, for LATERAL.
func (a *analyzer) fromItem(n *pg.Node, s *scope) (node, []*item) {
	if !a.enter() {
		a.leave()
		return a.trouble(-1, "FROM is nested too deeply"), nil
	}
	defer a.leave()
	switch x := n.GetNode().(type) {
	case *pg.Node_RangeVar:
		return a.fromRelation(x.RangeVar, s)
	case *pg.Node_RangeSubselect:
		return a.fromSubselect(x.RangeSubselect, s)
	case *pg.Node_RangeFunction:
		return a.fromFunction(x.RangeFunction, s)
	case *pg.Node_JoinExpr:
		return a.join(x.JoinExpr, s)
	case *pg.Node_RangeTableSample:
		return a.tableSample(x.RangeTableSample, s)
	case *pg.Node_RangeTableFunc:
		return a.xmlTable(x.RangeTableFunc, s)
	}
	return a.trouble(-1, "%s is not supported in FROM", nodeName(n)), nil
}

func (a *analyzer) fromRelation(v *pg.RangeVar, s *scope) (node, []*item) {
	n, it := a.fromNamed(v, s)
	a.spell(it, v.Alias)
	return n, []*item{it}
}

// fromNamed is a relation or an item of WITH.
func (a *analyzer) fromNamed(v *pg.RangeVar, s *scope) (node, *item) {
	if v.Schemaname == "" {
		for up := s; up != nil; up = up.up {
			for i := len(up.ctes) - 1; i >= 0; i-- {
				if c := up.ctes[i]; c.name == v.Relname {
					return &clause{what: "WITH item " + c.id}, a.rowItem(s, c.name, c.fields, v.Alias)
				}
			}
		}
	}
	r := a.env.findRelation(v.Schemaname, v.Relname, a.path)
	if r == nil {
		name := v.Relname
		if v.Schemaname != "" {
			name = v.Schemaname + "." + name
		}
		a.missing(v.Location, "relation %s does not exist", name)
		it := a.rowItem(s, v.Relname, nil, v.Alias)
		it.unknown = true
		return unresolved("relation " + name), it
	}
	a.refer(r.id)
	a.refer(r.extension)
	return relationNode(r, v.Inh), a.relationItem(s, r, v.Alias)
}

func relationNode(r *relation, inherit bool) node {
	n := &clause{what: "relation " + r.schema + "." + r.name}
	if !inherit {
		n.what += " only"
	}
	return n
}

// lateral gives what FROM holds so far to an item only if it may see it.
func (s *scope) lateral(allowed bool, f func()) {
	if allowed {
		f()
		return
	}
	s.with(nil, f)
}

func (a *analyzer) fromSubselect(x *pg.RangeSubselect, s *scope) (node, []*item) {
	var q *query
	s.lateral(x.Lateral, func() { q = a.selectStmt(x.Subquery.GetSelectStmt(), s.inner(), true) })
	n := &clause{what: "sub-select", args: []node{q.node}}
	if x.Lateral {
		n.what = "LATERAL sub-select"
	}
	it := a.rowItem(s, "", q.fields(), x.Alias)
	it.hidden = x.Alias == nil
	a.spell(it, x.Alias)
	return n, []*item{it}
}

func (a *analyzer) tableSample(x *pg.RangeTableSample, s *scope) (node, []*item) {
	relation, items := a.fromItem(x.Relation, s)
	_, method := qualified(x.Method)
	n := &clause{"TABLESAMPLE " + method, []node{relation}}
	for _, arg := range x.Args {
		n.args = append(n.args, a.coerceTo(a.expr(arg, s), tFloat4, "", assignment))
	}
	if x.Repeatable != nil {
		n.args = append(n.args, &clause{"REPEATABLE", []node{a.coerceTo(a.expr(x.Repeatable, s), tFloat8, "", assignment)}})
	}
	return n, items
}

// fromFunction is transformRangeFunction.
func (a *analyzer) fromFunction(x *pg.RangeFunction, s *scope) (node, []*item) {
	n := &clause{what: "function"}
	if x.Ordinality {
		n.what += " WITH ORDINALITY"
	}
	var fields []field
	name, whole := "", expr(nil)
	calls := functionCalls(x)
	for _, f := range calls {
		e := a.textIfUnknown(a.expr(f.call, s))
		own := columnName(f.call)
		if name == "" {
			name = own
		}
		part := &clause{"call", []node{e}}
		n.args = append(n.args, part)
		switch {
		case len(f.columns) > 0:
			fields = append(fields, a.columnDefinitions(f.columns, part)...)
		default:
			if x.Alias != nil && len(calls) == 1 {
				own = x.Alias.Aliasname
			}
			var scalar bool
			var fs []field
			fs, scalar = a.resultColumns(e, own)
			fields = append(fields, fs...)
			if len(calls) == 1 && !x.Ordinality && (scalar || e.value().typ != tRecord) {
				whole = e
			}
		}
	}
	if x.Ordinality {
		fields = append(fields, field{name: "ordinality", typ: tInt8})
	}
	it := a.rowItem(s, name, fields, x.Alias)
	a.spell(it, x.Alias)
	if whole != nil {
		it.whole = a.functionRow(it, whole)
	}
	return n, []*item{it}
}

// functionRow is the row of a function as a value: of a scalar function its value, of a composite type a row of it.
func (a *analyzer) functionRow(it *item, e expr) expr {
	v := e.value()
	if v.fields == nil && a.env.fieldsOf(v.typ) == nil && len(it.columns) == 1 {
		return it.value(0)
	}
	if v.fields != nil {
		return it.whole
	}
	w := it.whole.(*wholeRow)
	return &wholeRow{typed: typed{typ: v.typ}, depth: w.depth, entry: w.entry, shown: w.shown}
}

type functionCall struct {
	call    *pg.Node
	columns []*pg.Node // a column definition list
}

// functionCalls lists the functions of FROM f(…) or ROWS FROM (…). unnest of several arrays is several calls.
func functionCalls(x *pg.RangeFunction) []functionCall {
	var out []functionCall
	for _, n := range x.Functions {
		parts := n.GetList().GetItems()
		if len(parts) == 0 {
			continue
		}
		f := functionCall{call: parts[0]}
		if len(parts) > 1 {
			f.columns = parts[1].GetList().GetItems()
		}
		if len(x.Coldeflist) > 0 {
			f.columns = x.Coldeflist
		}
		c := f.call.GetFuncCall()
		if _, name := qualified(c.GetFuncname()); name != "unnest" || len(c.GetFuncname()) > 1 && nameParts(c.Funcname)[0] != "pg_catalog" ||
			len(c.Args) < 2 || len(f.columns) > 0 || c.AggStar || c.AggDistinct || c.FuncVariadic || len(c.AggOrder) > 0 || c.Over != nil {
			out = append(out, f)
			continue
		}
		for _, arg := range c.Args {
			one := &pg.FuncCall{Funcname: c.Funcname, Args: []*pg.Node{arg}, Location: c.Location}
			out = append(out, functionCall{call: &pg.Node{Node: &pg.Node_FuncCall{FuncCall: one}}})
		}
	}
	return out
}

func (a *analyzer) columnDefinitions(l []*pg.Node, part *clause) []field {
	var fields []field
	for _, n := range l {
		d := n.GetColumnDef()
		t, mods, _ := a.typeName(d.GetTypeName())
		fields = append(fields, field{name: d.GetColname(), typ: t, mods: mods})
		part.args = append(part.args, &clause{what: "column " + d.GetColname() + " " + withMods(t, mods)})
	}
	return fields
}

// resultColumns are the columns of a function in FROM. A scalar function gives one, with the name given.
func (a *analyzer) resultColumns(e expr, name string) (fields []field, scalar bool) {
	v := e.value()
	if v.fields != nil {
		return v.fields, false
	}
	if i := a.env.info(a.env.base(v.typ)); i != nil && i.kind == 'c' {
		return a.env.fieldsOf(v.typ), false
	}
	return []field{{name: name, typ: v.typ, mods: v.mods}}, true
}
