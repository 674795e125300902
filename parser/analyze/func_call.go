package analyze

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

// sqlSyntax marks a call that is written in SQL's own syntax: x AT TIME ZONE y, not timezone(y, x). It runs the
// same function, but the server keeps how it was written (FuncExpr.funcformat) and prints it that way.
const sqlSyntax = " in SQL syntax"

// plainlyPrinted is the function behind SUBSTRING(text FROM pattern), the only one for which the server has no SQL syntax
// when it prints (get_func_sql_syntax): a dump has it as a call.
const plainlyPrinted = "pg_catalog.substring(text, text)"

// funcCall is transformFuncCall.
func (a *analyzer) funcCall(x *pg.FuncCall, s *scope) expr {
	schema, name := qualified(x.Funcname)
	v := invocation{at: x.Location, variadic: x.FuncVariadic, star: x.AggStar, distinct: x.AggDistinct, withinGroup: x.AggWithinGroup}
	var args []expr
	for _, n := range x.Args {
		if i := n.GetAIndirection(); i != nil {
			if cols, ok := a.star(n, s); ok {
				for _, c := range cols {
					args, v.names = append(args, c.expr), append(v.names, "")
				}
				continue
			}
		}
		args, v.names = append(args, a.expr(n, s)), append(v.names, n.GetNamedArgExpr().GetName())
	}
	v.direct = len(args)
	v.sqlSyntax = x.Funcformat == pg.CoercionForm_COERCE_SQL_SYNTAX
	a.aggregateClauses(x, &v, &args, s)
	if x.Over != nil {
		v.clauses = append(v.clauses, a.window(x.Over, s))
	}
	v.decorated = len(v.clauses) > 0 || v.star || v.distinct || v.variadic
	return a.invoke(schema, name, args, v)
}

func (a *analyzer) aggregateClauses(x *pg.FuncCall, v *invocation, args *[]expr, s *scope) {
	if x.AggStar {
		v.flags += " *"
	}
	if x.AggDistinct {
		v.flags += " DISTINCT"
	}
	if x.AggWithinGroup {
		v.flags += " WITHIN GROUP"
		order := &clause{what: "ORDER BY"}
		for _, n := range x.AggOrder {
			e := a.expr(n.GetSortBy().GetNode(), s)
			*args, v.names = append(*args, e), append(v.names, "")
			order.args = append(order.args, &clause{what: sortOrder(n.GetSortBy())})
		}
		v.clauses = append(v.clauses, order)
	} else if len(x.AggOrder) > 0 {
		v.clauses = append(v.clauses, &clause{"ORDER BY", a.sorts(x.AggOrder, s)})
	}
	if x.AggFilter != nil {
		v.clauses = append(v.clauses, &clause{"FILTER", []node{a.condition(x.AggFilter, s)}})
	}
}

// sorts are ORDER BY items that are expressions of the input and nothing else.
func (a *analyzer) sorts(l []*pg.Node, s *scope) []node {
	var out []node
	for _, n := range l {
		e := a.textIfUnknown(a.expr(n.GetSortBy().GetNode(), s))
		out = append(out, &clause{sortOrder(n.GetSortBy()), []node{e}})
	}
	return out
}

// sortOrder is direction and place of nulls of a sort item, as they are in effect.
func sortOrder(b *pg.SortBy) string {
	desc, order := b.GetSortbyDir() == pg.SortByDir_SORTBY_DESC, "ASC"
	if b.GetSortbyDir() == pg.SortByDir_SORTBY_USING {
		schema, name := qualified(b.UseOp)
		switch {
		case name == ">" && (schema == "" || schema == "pg_catalog"):
			desc = true
		case name != "<" || schema != "" && schema != "pg_catalog":
			order = "USING " + name
		}
	}
	if desc {
		order = "DESC"
	}
	first := desc
	switch b.GetSortbyNulls() {
	case pg.SortByNulls_SORTBY_NULLS_FIRST:
		first = true
	case pg.SortByNulls_SORTBY_NULLS_LAST:
		first = false
	}
	if first {
		order += " NULLS FIRST"
	}
	return order
}
