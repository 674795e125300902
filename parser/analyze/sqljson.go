package analyze

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

// jsonExpr is an expression of SQL/JSON; not ok if the node is none.
func (a *analyzer) jsonExpr(n *pg.Node, s *scope) (expr, bool) {
	switch x := n.GetNode().(type) {
	case *pg.Node_JsonIsPredicate:
		return a.isJSON(x.JsonIsPredicate, s), true
	case *pg.Node_JsonObjectConstructor:
		c := x.JsonObjectConstructor
		return a.jsonConstructor("JSON_OBJECT", c.Exprs, c.Output, c.AbsentOnNull, c.Unique, s), true
	case *pg.Node_JsonArrayConstructor:
		c := x.JsonArrayConstructor
		return a.jsonConstructor("JSON_ARRAY", c.Exprs, c.Output, c.AbsentOnNull, false, s), true
	case *pg.Node_JsonArrayQueryConstructor:
		return a.jsonArrayQuery(x.JsonArrayQueryConstructor, s), true
	case *pg.Node_JsonObjectAgg:
		c := x.JsonObjectAgg
		kv := &pg.Node{Node: &pg.Node_JsonKeyValue{JsonKeyValue: c.Arg}}
		n := a.jsonConstructor("JSON_OBJECTAGG", []*pg.Node{kv}, c.Constructor.GetOutput(), c.AbsentOnNull, c.Unique, s)
		return a.jsonAggregate(n, c.Constructor, s), true
	case *pg.Node_JsonArrayAgg:
		c := x.JsonArrayAgg
		v := &pg.Node{Node: &pg.Node_JsonValueExpr{JsonValueExpr: c.Arg}}
		n := a.jsonConstructor("JSON_ARRAYAGG", []*pg.Node{v}, c.Constructor.GetOutput(), c.AbsentOnNull, false, s)
		return a.jsonAggregate(n, c.Constructor, s), true
	case *pg.Node_JsonValueExpr:
		return a.jsonValue(x.JsonValueExpr, s), true
	}
	return nil, false
}

func (a *analyzer) isJSON(x *pg.JsonIsPredicate, s *scope) expr {
	what := "IS JSON " + x.ItemType.String()
	if x.UniqueKeys {
		what += " UNIQUE"
	}
	return test(what, a.textIfUnknown(a.expr(x.Expr, s)))
}

// jsonValue is an argument with its FORMAT.
func (a *analyzer) jsonValue(x *pg.JsonValueExpr, s *scope) expr {
	e := a.textIfUnknown(a.expr(x.GetRawExpr(), s))
	f := x.GetFormat().GetFormatType()
	if f == pg.JsonFormatType_JS_FORMAT_DEFAULT || f == pg.JsonFormatType_JSON_FORMAT_TYPE_UNDEFINED {
		return e
	}
	v := e.value()
	return &special{typed: typed{typ: v.typ}, what: f.String() + " " + x.Format.GetEncoding().String(), args: []node{e}}
}

func (a *analyzer) jsonConstructor(what string, args []*pg.Node, out *pg.JsonOutput, absent, unique bool, s *scope) *special {
	n := &special{what: what, typed: typed{typ: tJSON}}
	if absent {
		n.what += " ABSENT ON NULL"
	}
	if unique {
		n.what += " UNIQUE"
	}
	jsonb := false
	value := func(x *pg.Node) node {
		e := a.expr(x, s)
		jsonb = jsonb || e.value().typ == tJSONB
		return a.textIfUnknown(e)
	}
	for _, x := range args {
		if kv := x.GetJsonKeyValue(); kv != nil {
			v := &pg.Node{Node: &pg.Node_JsonValueExpr{JsonValueExpr: kv.Value}}
			n.args = append(n.args, &clause{"key", []node{value(kv.Key), value(v)}})
			continue
		}
		n.args = append(n.args, value(x))
	}
	if out.GetTypeName() != nil {
		n.typ, n.mods, _ = a.typeName(out.TypeName)
	}
	n.what += " RETURNING " + withMods(n.typ, n.mods)
	if f := out.GetReturning().GetFormat().GetFormatType(); f == pg.JsonFormatType_JS_FORMAT_JSONB {
		n.what += " FORMAT JSONB"
	}
	return n
}

func (a *analyzer) jsonAggregate(n *special, c *pg.JsonAggConstructor, s *scope) expr {
	if len(c.GetAggOrder()) > 0 {
		n.args = append(n.args, &clause{"ORDER BY", a.sorts(c.AggOrder, s)})
	}
	if c.GetAggFilter() != nil {
		n.args = append(n.args, &clause{"FILTER", []node{a.condition(c.AggFilter, s)}})
	}
	if c.GetOver() != nil {
		n.args = append(n.args, a.window(c.Over, s))
	}
	return n
}

// jsonArrayQuery is JSON_ARRAY(SELECT …), which PostgreSQL turns into a sub-select with JSON_ARRAYAGG over it.
func (a *analyzer) jsonArrayQuery(x *pg.JsonArrayQueryConstructor, s *scope) expr {
	agg := &pg.Node{Node: &pg.Node_JsonArrayAgg{JsonArrayAgg: &pg.JsonArrayAgg{
		Arg: &pg.JsonValueExpr{RawExpr: columnNode("a"), Format: x.Format}, AbsentOnNull: x.AbsentOnNull,
		Constructor: &pg.JsonAggConstructor{Output: x.Output},
	}}}
	alias := &pg.Alias{Aliasname: "q", Colnames: []*pg.Node{{Node: &pg.Node_String_{String_: &pg.String{Sval: "a"}}}}}
	from := &pg.Node{Node: &pg.Node_RangeSubselect{RangeSubselect: &pg.RangeSubselect{Subquery: x.Query, Alias: alias}}}
	sel := &pg.SelectStmt{
		TargetList: []*pg.Node{{Node: &pg.Node_ResTarget{ResTarget: &pg.ResTarget{Val: agg}}}}, FromClause: []*pg.Node{from},
	}
	return a.subLink(&pg.SubLink{
		SubLinkType: pg.SubLinkType_EXPR_SUBLINK, Location: x.Location,
		Subselect: &pg.Node{Node: &pg.Node_SelectStmt{SelectStmt: sel}},
	}, s)
}
