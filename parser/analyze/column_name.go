package analyze

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// columnName is FigureColname: the name of an output column that has none.
func columnName(n *pg.Node) string {
	if name, _ := figureName(n); name != "" {
		return name
	}
	return "?column?"
}

// figureName is FigureColnameInternal. The strength says how good the name is: 2 is never overruled.
func figureName(n *pg.Node) (name string, strength int) {
	switch x := n.GetNode().(type) {
	case *pg.Node_ColumnRef:
		return lastString(x.ColumnRef.Fields)
	case *pg.Node_AIndirection:
		if name, strength := lastString(x.AIndirection.Indirection); strength > 0 {
			return name, strength
		}
		return figureName(x.AIndirection.Arg)
	case *pg.Node_FuncCall:
		_, name := qualified(x.FuncCall.Funcname)
		return name, 2
	case *pg.Node_AExpr:
		if x.AExpr.Kind == pg.A_Expr_Kind_AEXPR_NULLIF {
			return "nullif", 2
		}
	case *pg.Node_TypeCast:
		name, strength := figureName(x.TypeCast.Arg)
		if strength <= 1 && x.TypeCast.TypeName != nil {
			_, name = qualified(x.TypeCast.TypeName.Names)
			strength = 1
		}
		return name, strength
	case *pg.Node_CollateClause:
		return figureName(x.CollateClause.Arg)
	case *pg.Node_SubLink:
		return sublinkName(x.SubLink)
	case *pg.Node_CaseExpr:
		name, strength := figureName(x.CaseExpr.Defresult)
		if strength <= 1 {
			return "case", 1
		}
		return name, strength
	case *pg.Node_MinMaxExpr:
		if x.MinMaxExpr.Op == pg.MinMaxOp_IS_LEAST {
			return "least", 2
		}
		return "greatest", 2
	case *pg.Node_SqlvalueFunction:
		return strings.ToLower(sqlValueFunctions[x.SqlvalueFunction.Op].name), 2
	case *pg.Node_XmlExpr:
		if name := strings.ToLower(strings.TrimPrefix(x.XmlExpr.Op.String(), "IS_")); x.XmlExpr.Op != pg.XmlExprOp_IS_DOCUMENT {
			return name, 2
		}
	}
	if name, ok := fixedNames[nodeName(n)]; ok {
		return name, 2
	}
	return "", 0
}

// fixedNames are the output names of expressions that are named after themselves, by node.
var fixedNames = map[string]string{
	"grouping_func": "grouping", "a_array_expr": "array", "row_expr": "row", "coalesce_expr": "coalesce", "xml_serialize": "xmlserialize",
	"json_object_constructor": "json_object", "json_array_constructor": "json_array", "json_array_query_constructor": "json_array",
	"json_object_agg": "json_objectagg", "json_array_agg": "json_arrayagg",
}

func lastString(l []*pg.Node) (string, int) {
	for i := len(l) - 1; i >= 0; i-- {
		if s := l[i].GetString_(); s != nil {
			return s.Sval, 2
		}
	}
	return "", 0
}

func sublinkName(x *pg.SubLink) (string, int) {
	switch x.SubLinkType {
	case pg.SubLinkType_EXISTS_SUBLINK:
		return "exists", 2
	case pg.SubLinkType_ARRAY_SUBLINK:
		return "array", 2
	case pg.SubLinkType_EXPR_SUBLINK:
	default:
		return "", 0
	}
	q := x.Subselect.GetSelectStmt()
	for q.GetLarg() != nil {
		q = q.Larg
	}
	if l := q.GetTargetList(); len(l) > 0 {
		r := l[0].GetResTarget()
		if r.GetName() != "" {
			return r.Name, 2
		}
		return figureName(r.GetVal())
	}
	if len(q.GetValuesLists()) > 0 {
		return "column1", 2
	}
	return "", 0
}
