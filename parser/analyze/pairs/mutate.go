package main

import (
	"maps"
	"math/rand"
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const castDropped = "cast dropped"

// mutator lists the changes that can be made to a tree, by their kind.
type mutator struct {
	columns []*pg.ColumnRef
	changes map[string][]func()
}

// mutate makes one change to the tree and says which; empty if there is none to make.
func mutate(r *rand.Rand, tree *pg.Node) string {
	m := &mutator{changes: map[string][]func(){}}
	walk(tree.ProtoReflect(), func(x any) {
		if c, ok := x.(*pg.ColumnRef); ok {
			m.columns = append(m.columns, c)
		}
	})
	walk(tree.ProtoReflect(), m.visit)
	// The names that a query gives out count. Those of a sub-select do not: they only change the text.
	for _, n := range tree.GetSelectStmt().GetTargetList() {
		if t := n.GetResTarget(); t.GetName() != "" {
			m.add("column name", func() { t.Name += "_m" })
		}
	}
	kinds := slices.Sorted(maps.Keys(m.changes))
	if len(kinds) == 0 {
		return ""
	}
	k := kinds[r.Intn(len(kinds))]
	m.changes[k][r.Intn(len(m.changes[k]))]()
	return k
}

func walk(m protoreflect.Message, visit func(any)) {
	visit(m.Interface())
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case fd.IsList() && fd.Message() != nil:
			for i := range v.List().Len() {
				walk(v.List().Get(i).Message(), visit)
			}
		case fd.Message() != nil && !fd.IsMap():
			walk(v.Message(), visit)
		}
		return true
	})
}

func (m *mutator) add(kind string, change func()) { m.changes[kind] = append(m.changes[kind], change) }

func (m *mutator) visit(x any) {
	switch x := x.(type) {
	case *pg.Node:
		if cast := x.GetTypeCast(); cast != nil {
			m.add(castDropped, func() { x.Node = cast.Arg.Node })
		}
	case *pg.A_Const:
		m.constant(x)
	case *pg.A_Expr:
		m.operator(x)
	case *pg.BoolExpr:
		m.boolean(x)
	case *pg.NullTest:
		m.add("null test", func() { x.Nulltesttype = 3 - x.Nulltesttype })
	case *pg.BooleanTest:
		m.add("boolean test", func() { x.Booltesttype = x.Booltesttype%6 + 1 })
	case *pg.TypeCast:
		m.cast(x)
	case *pg.ColumnRef:
		m.column(x)
	case *pg.FuncCall:
		m.call(x)
	case *pg.SQLValueFunction:
		m.add("value function", func() {
			if x.Op == pg.SQLValueFunctionOp_SVFOP_CURRENT_TIMESTAMP {
				x.Op = pg.SQLValueFunctionOp_SVFOP_LOCALTIMESTAMP
			} else {
				x.Op = pg.SQLValueFunctionOp_SVFOP_CURRENT_TIMESTAMP
			}
		})
	case *pg.CoalesceExpr:
		if len(x.Args) > 1 {
			m.add("coalesce order", func() { x.Args[0], x.Args[1] = x.Args[1], x.Args[0] })
		}
	case *pg.MinMaxExpr:
		m.add("greatest and least", func() { x.Op = 3 - x.Op })
	case *pg.CaseExpr:
		if x.Defresult != nil {
			m.add("else dropped", func() { x.Defresult = nil })
		}
	case *pg.CollateClause:
		m.add("collation", func() { x.Collname = []*pg.Node{str("POSIX")} })
	case *pg.SubLink:
		if x.SubLinkType == pg.SubLinkType_ANY_SUBLINK {
			m.add("any to all", func() {
				x.SubLinkType = pg.SubLinkType_ALL_SUBLINK
				if len(x.OperName) == 0 {
					x.OperName = []*pg.Node{str("=")}
				}
			})
		}
	default:
		m.query(x)
	}
}

func (m *mutator) constant(x *pg.A_Const) {
	switch v := x.Val.(type) {
	case *pg.A_Const_Ival:
		m.add("integer", func() { v.Ival.Ival++ })
		m.add("negative", func() { v.Ival.Ival = -v.Ival.Ival - 1 })
	case *pg.A_Const_Fval:
		m.add("float", func() { v.Fval.Fval += "7" })
	case *pg.A_Const_Sval:
		s := v.Sval.Sval
		m.add("string", func() { v.Sval.Sval = s + "x" })
		m.add("string space", func() { v.Sval.Sval = s + " " })
		m.add("string number", func() { v.Sval.Sval = "1" })
		m.add("string case", func() {
			if v.Sval.Sval = strings.ToUpper(s); v.Sval.Sval == s {
				v.Sval.Sval = strings.ToLower(s)
			}
		})
	case *pg.A_Const_Boolval:
		m.add("boolean", func() { v.Boolval.Boolval = !v.Boolval.Boolval })
	}
	if !x.Isnull {
		m.add("null", func() { x.Isnull, x.Val = true, nil })
	}
}

var otherOperators = map[string][]string{
	"=": {"<>", ">", "<"}, "<>": {"=", "<"}, ">": {">=", "<", "="}, "<": {"<=", ">"}, ">=": {">", "<="}, "<=": {"<", ">="},
	"+": {"-", "*"}, "-": {"+"}, "*": {"+"}, "/": {"*"}, "||": {"="}, "~": {"~*", "!~"}, "~~": {"~~*"}, "->": {"->>"}, "->>": {"->"},
	"@>": {"<@"}, "&&": {"@>"}, "%": {"*"}, "~*": {"~"},
}

func (m *mutator) operator(x *pg.A_Expr) {
	if len(x.Name) != 1 {
		return
	}
	name := x.Name[0].GetString_()
	switch x.Kind {
	case pg.A_Expr_Kind_AEXPR_OP:
		for _, other := range otherOperators[name.GetSval()] {
			m.add("operator", func() { name.Sval = other })
		}
		if x.Lexpr != nil {
			m.add("operands", func() { x.Lexpr, x.Rexpr = x.Rexpr, x.Lexpr })
		}
	case pg.A_Expr_Kind_AEXPR_IN:
		m.add("in", func() {
			name.Sval = map[string]string{"=": "<>"}[name.Sval] + strings.Repeat("=", strings.Count(name.Sval, "<>"))
		})
		if l := x.Rexpr.GetList(); len(l.GetItems()) > 1 {
			m.add("in dropped", func() { l.Items = l.Items[1:] })
			m.add("in order", func() { l.Items[0], l.Items[1] = l.Items[1], l.Items[0] })
		}
	case pg.A_Expr_Kind_AEXPR_BETWEEN:
		m.add("not between", func() { x.Kind, name.Sval = pg.A_Expr_Kind_AEXPR_NOT_BETWEEN, "NOT BETWEEN" })
		m.add("between symmetric", func() { x.Kind, name.Sval = pg.A_Expr_Kind_AEXPR_BETWEEN_SYM, "BETWEEN SYMMETRIC" })
	case pg.A_Expr_Kind_AEXPR_DISTINCT:
		m.add("not distinct", func() { x.Kind = pg.A_Expr_Kind_AEXPR_NOT_DISTINCT })
	case pg.A_Expr_Kind_AEXPR_LIKE:
		m.add("ilike", func() { x.Kind, name.Sval = pg.A_Expr_Kind_AEXPR_ILIKE, name.Sval+"*" })
	case pg.A_Expr_Kind_AEXPR_OP_ANY:
		m.add("any to all", func() { x.Kind = pg.A_Expr_Kind_AEXPR_OP_ALL })
	}
}

func not(n *pg.Node) *pg.Node {
	return &pg.Node{Node: &pg.Node_BoolExpr{BoolExpr: &pg.BoolExpr{Boolop: pg.BoolExprType_NOT_EXPR, Args: []*pg.Node{n}}}}
}

func (m *mutator) boolean(x *pg.BoolExpr) {
	m.add("not", func() { x.Args[0] = not(x.Args[0]) })
	switch x.Boolop {
	case pg.BoolExprType_AND_EXPR:
		m.add("and to or", func() { x.Boolop = pg.BoolExprType_OR_EXPR })
	case pg.BoolExprType_OR_EXPR:
		m.add("or to and", func() { x.Boolop = pg.BoolExprType_AND_EXPR })
	default:
		return
	}
	m.add("condition dropped", func() { x.Args[0] = x.Args[1] })
	m.add("condition order", func() { x.Args[0], x.Args[1] = x.Args[1], x.Args[0] })
}

func typeNode(name string, mods ...*pg.Node) *pg.TypeName {
	return &pg.TypeName{Names: []*pg.Node{str("pg_catalog"), str(name)}, Typemod: -1, Typmods: mods}
}

func (m *mutator) cast(x *pg.TypeCast) {
	n := x.TypeName.Names[len(x.TypeName.Names)-1].GetString_().GetSval()
	for _, t := range []string{"text", "varchar", "int4", "int8", "numeric", "jsonb", "json", "timestamp", "timestamptz", "date", "bpchar"} {
		if t != n {
			m.add("cast type", func() {
				bounds := x.TypeName.ArrayBounds
				x.TypeName = typeNode(t)
				x.TypeName.ArrayBounds = bounds
			})
		}
	}
	m.add("cast length", func() {
		x.TypeName = typeNode("varchar", &pg.Node{Node: &pg.Node_AConst{AConst: &pg.A_Const{Val: &pg.A_Const_Ival{Ival: &pg.Integer{Ival: 7}}}}})
	})
}

func (m *mutator) column(x *pg.ColumnRef) {
	for _, o := range m.columns {
		if nodeText(o) != nodeText(x) {
			fields := proto.Clone(o).(*pg.ColumnRef).Fields
			m.add("column", func() { x.Fields = fields })
			return
		}
	}
}

func nodeText(c *pg.ColumnRef) string {
	s := ""
	for _, f := range c.Fields {
		s += "." + f.GetString_().GetSval()
	}
	return s
}

var otherFunctions = map[string]string{
	"lower": "upper", "upper": "lower", "now": "clock_timestamp", "count": "sum", "sum": "max", "max": "min", "min": "max", "avg": "sum",
	"length": "octet_length", "char_length": "octet_length", "abs": "ceil", "to_tsvector": "to_tsquery", "btrim": "ltrim", "ltrim": "rtrim",
	"json_agg": "jsonb_agg", "jsonb_agg": "json_agg", "jsonb_build_object": "json_build_object", "row_number": "rank", "rank": "dense_rank",
	"jsonb_array_length": "json_array_length", "array_length": "array_upper", "string_agg": "max", "extract": "date_part", "date_part": "extract",
	"round": "trunc", "floor": "ceil", "gen_random_uuid": "now",
}

func (m *mutator) call(x *pg.FuncCall) {
	name := x.Funcname[len(x.Funcname)-1].GetString_()
	if other, ok := otherFunctions[name.GetSval()]; ok {
		m.add("function", func() { name.Sval = other })
	}
	if len(x.Args) >= 2 && x.Args[0].GetNamedArgExpr() == nil && x.Args[1].GetNamedArgExpr() == nil {
		m.add("arguments", func() { x.Args[0], x.Args[1] = x.Args[1], x.Args[0] })
	}
	if x.Funcformat == pg.CoercionForm_COERCE_SQL_SYNTAX {
		m.add("form of call", func() { x.Funcformat = pg.CoercionForm_COERCE_EXPLICIT_CALL })
	}
	if len(x.Args) == 1 && !x.AggStar {
		m.add("aggregate distinct", func() { x.AggDistinct = !x.AggDistinct })
	}
}

func (m *mutator) query(x any) {
	switch x := x.(type) {
	case *pg.JoinExpr:
		m.add("join", func() {
			if x.Jointype == pg.JoinType_JOIN_INNER {
				x.Jointype = pg.JoinType_JOIN_LEFT
			} else {
				x.Jointype = pg.JoinType_JOIN_INNER
			}
		})
	case *pg.SortBy:
		m.add("sort direction", func() {
			if x.SortbyDir == pg.SortByDir_SORTBY_DESC {
				x.SortbyDir = pg.SortByDir_SORTBY_ASC
			} else {
				x.SortbyDir = pg.SortByDir_SORTBY_DESC
			}
		})
	case *pg.SelectStmt:
		m.selectStmt(x)
	}
}

func (m *mutator) selectStmt(x *pg.SelectStmt) {
	if x.WhereClause != nil {
		m.add("where dropped", func() { x.WhereClause = nil })
	}
	if len(x.TargetList) > 1 {
		m.add("target order", func() { x.TargetList[0], x.TargetList[1] = x.TargetList[1], x.TargetList[0] })
	}
	if x.DistinctClause == nil && len(x.FromClause) > 0 && x.SortClause == nil {
		m.add("distinct", func() { x.DistinctClause = []*pg.Node{{}} })
	}
	if x.LimitCount == nil && len(x.FromClause) > 0 {
		m.add("limit", func() {
			x.LimitOption = pg.LimitOption_LIMIT_OPTION_COUNT
			x.LimitCount = &pg.Node{Node: &pg.Node_AConst{AConst: &pg.A_Const{Val: &pg.A_Const_Ival{Ival: &pg.Integer{Ival: 3}}}}}
		})
	}
	if x.Op == pg.SetOperation_SETOP_UNION {
		m.add("union all", func() { x.All = !x.All })
	}
	if len(x.GroupClause) > 1 {
		m.add("group dropped", func() { x.GroupClause = x.GroupClause[:len(x.GroupClause)-1] })
	}
}
