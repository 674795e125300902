package analyze

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

// combine makes an AND or OR in which none of the same kind is nested: PostgreSQL prints and reads
// back nested ones flat.
func combine(op string, es ...expr) expr {
	n := &boolean{typed: typed{typ: tBool}, op: op}
	for _, e := range es {
		if b, ok := e.(*boolean); ok && b.op == op {
			n.args = append(n.args, b.args...)
		} else {
			n.args = append(n.args, e)
		}
	}
	if len(n.args) == 1 {
		return n.args[0]
	}
	return n
}

func not(e expr) expr { return &boolean{typed: typed{typ: tBool}, op: "NOT", args: []expr{e}} }

func (a *analyzer) boolExpr(x *pg.BoolExpr, s *scope) expr {
	var es []expr
	for _, n := range x.Args {
		es = append(es, a.condition(n, s))
	}
	switch {
	case len(es) == 0:
		return a.trouble(x.Location, "a boolean operator without arguments")
	case x.Boolop == pg.BoolExprType_NOT_EXPR:
		return not(es[0])
	case x.Boolop == pg.BoolExprType_AND_EXPR:
		return combine("AND", es...)
	}
	return combine("OR", es...)
}

func (a *analyzer) nullTest(x *pg.NullTest, s *scope) expr {
	what := "IS NULL"
	if x.Nulltesttype == pg.NullTestType_IS_NOT_NULL {
		what = "IS NOT NULL"
	}
	return test(what, a.textIfUnknown(a.expr(x.Arg, s)))
}

func test(what string, e expr) expr {
	return &special{typed: typed{typ: tBool}, what: what, args: []node{e}}
}

var booleanTests = map[pg.BoolTestType]string{
	pg.BoolTestType_IS_TRUE: "IS TRUE", pg.BoolTestType_IS_NOT_TRUE: "IS NOT TRUE", pg.BoolTestType_IS_FALSE: "IS FALSE",
	pg.BoolTestType_IS_NOT_FALSE: "IS NOT FALSE", pg.BoolTestType_IS_UNKNOWN: "IS UNKNOWN", pg.BoolTestType_IS_NOT_UNKNOWN: "IS NOT UNKNOWN",
}

func (a *analyzer) booleanTest(x *pg.BooleanTest, s *scope) expr {
	return test(booleanTests[x.Booltesttype], a.condition(x.Arg, s))
}

// aExpr is an operator in any of its forms.
func (a *analyzer) aExpr(x *pg.A_Expr, s *scope) expr {
	schema, name := operatorName(x.Name)
	switch x.Kind {
	case pg.A_Expr_Kind_AEXPR_OP, pg.A_Expr_Kind_AEXPR_LIKE, pg.A_Expr_Kind_AEXPR_ILIKE, pg.A_Expr_Kind_AEXPR_SIMILAR:
		return a.operatorExpr(x, schema, name, s)
	case pg.A_Expr_Kind_AEXPR_OP_ANY:
		return a.operateArray(x.Location, schema, name, "ANY", a.expr(x.Lexpr, s), a.expr(x.Rexpr, s))
	case pg.A_Expr_Kind_AEXPR_OP_ALL:
		return a.operateArray(x.Location, schema, name, "ALL", a.expr(x.Lexpr, s), a.expr(x.Rexpr, s))
	case pg.A_Expr_Kind_AEXPR_DISTINCT, pg.A_Expr_Kind_AEXPR_NOT_DISTINCT:
		return a.distinctExpr(x, schema, name, s)
	case pg.A_Expr_Kind_AEXPR_NULLIF:
		return a.nullIf(x, schema, name, s)
	case pg.A_Expr_Kind_AEXPR_IN:
		return a.in(x, schema, name, s)
	}
	return a.between(x, s)
}

func (a *analyzer) operatorExpr(x *pg.A_Expr, schema, name string, s *scope) expr {
	if x.Lexpr == nil {
		return a.operate(x.Location, schema, name, nil, a.expr(x.Rexpr, s))
	}
	l, r, sub := x.Lexpr.GetRowExpr(), x.Rexpr.GetRowExpr(), x.Rexpr.GetSubLink()
	switch {
	case l != nil && r != nil:
		return a.compareRows(x.Location, schema, name, a.rowArgs(l.Args, s), a.rowArgs(r.Args, s))
	case l != nil && sub != nil && sub.SubLinkType == pg.SubLinkType_EXPR_SUBLINK:
		return a.subLink(&pg.SubLink{
			SubLinkType: pg.SubLinkType_ROWCOMPARE_SUBLINK, Testexpr: x.Lexpr, OperName: x.Name, Subselect: sub.Subselect, Location: x.Location,
		}, s)
	}
	return a.operate(x.Location, schema, name, a.expr(x.Lexpr, s), a.expr(x.Rexpr, s))
}

func (a *analyzer) distinctExpr(x *pg.A_Expr, schema, name string, s *scope) expr {
	left, right := a.expr(x.Lexpr, s), a.expr(x.Rexpr, s)
	isNot := x.Kind == pg.A_Expr_Kind_AEXPR_NOT_DISTINCT
	if isNull(left) || isNull(right) {
		arg := left
		if !isNull(right) {
			arg = right
		}
		if isNot {
			return test("IS NULL", a.textIfUnknown(arg))
		}
		return test("IS NOT NULL", a.textIfUnknown(arg))
	}
	e := a.distinct(x.Location, schema, name, left, right)
	if isNot {
		return not(a.coerceBool(e))
	}
	return e
}

func (a *analyzer) nullIf(x *pg.A_Expr, schema, name string, s *scope) expr {
	e := a.operate(x.Location, schema, name, a.expr(x.Lexpr, s), a.expr(x.Rexpr, s))
	o, ok := e.(*operation)
	if !ok {
		return unresolved("NULLIF", e)
	}
	o.form = "nullif"
	v := o.left.value()
	o.typed = typed{typ: v.typ, mods: v.mods}
	return o
}

// between is transformAExprBetween, with AEXPR_BETWEEN_SYM and the negations.
func (a *analyzer) between(x *pg.A_Expr, s *scope) expr {
	bounds := x.Rexpr.GetList().GetItems()
	if len(bounds) != 2 {
		return a.trouble(x.Location, "%s is not supported", x.Kind)
	}
	e, lo, hi := a.expr(x.Lexpr, s), a.expr(bounds[0], s), a.expr(bounds[1], s)
	is := func(op string, bound expr) expr { return a.coerceBool(a.operate(x.Location, "", op, e, bound)) }
	switch x.Kind {
	case pg.A_Expr_Kind_AEXPR_BETWEEN:
		return combine("AND", is(">=", lo), is("<=", hi))
	case pg.A_Expr_Kind_AEXPR_NOT_BETWEEN:
		return combine("OR", is("<", lo), is(">", hi))
	case pg.A_Expr_Kind_AEXPR_BETWEEN_SYM:
		return combine("OR", combine("AND", is(">=", lo), is("<=", hi)), combine("AND", is(">=", hi), is("<=", lo)))
	case pg.A_Expr_Kind_AEXPR_NOT_BETWEEN_SYM:
		return combine("AND", combine("OR", is("<", lo), is(">", hi)), combine("OR", is("<", hi), is(">", lo)))
	}
	return a.trouble(x.Location, "%s is not supported", x.Kind)
}

// in is transformAExprIn: items without columns become one array, if their types allow; the others are
// compared one by one.
func (a *analyzer) in(x *pg.A_Expr, schema, name string, s *scope) expr {
	left := a.expr(x.Lexpr, s)
	op, form := "OR", "ANY"
	if name == "<>" {
		op, form = "AND", "ALL"
	}
	var all, fixed, others []expr
	for _, n := range x.Rexpr.GetList().GetItems() {
		e := a.expr(n, s)
		all = append(all, e)
		if a.hasColumns(e, s) {
			others = append(others, e)
		} else {
			fixed = append(fixed, e)
		}
	}
	var parts []expr
	if ar := a.inArray(left, fixed); ar != nil {
		parts, all = append(parts, a.operateArray(x.Location, schema, name, form, left, ar)), others
	}
	for _, e := range all {
		l, ok1 := left.(*row)
		r, ok2 := e.(*row)
		if ok1 && ok2 {
			parts = append(parts, a.coerceBool(a.compareRows(x.Location, schema, name, l.args, r.args)))
		} else {
			parts = append(parts, a.coerceBool(a.operate(x.Location, schema, name, left, e)))
		}
	}
	if len(parts) == 0 {
		return a.trouble(x.Location, "IN needs a list")
	}
	return combine(op, parts...)
}

// inArray is the array of IN's items, nil if they are compared one by one.
func (a *analyzer) inArray(left expr, items []expr) expr {
	if len(items) < 2 {
		return nil
	}
	types := append(typesOf(items), typ{})
	copy(types[1:], types)
	types[0] = left.value().typ
	t, ok := a.commonType(types)
	if !ok || t == tRecord {
		return nil
	}
	if t == tOpaque {
		ar := &array{typed: typed{typ: tOpaque}}
		ar.elements = append(ar.elements, items...)
		return ar
	}
	for _, x := range types {
		if !a.canCoerce(x, t, implicit) {
			return nil
		}
	}
	at, ok := a.env.arrayTypeOf(t)
	if !ok {
		return nil
	}
	ar := &array{typed: typed{typ: at}}
	for _, e := range items {
		ar.elements = append(ar.elements, a.coerceType(e, t, "", implicit))
	}
	ar.mods = commonMods(ar.elements, t)
	return ar
}
