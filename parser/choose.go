package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// chooseRelationName is ChooseRelationName: the first name that no relation in
// the schema has and, for a constraint's index, no constraint.
func (in *interpreter) chooseRelationName(name1, name2, label, schema string, isConstraint bool) string {
	return catalog.ChooseName(name1, name2, label, func(name string) bool {
		q := catalog.QName{Schema: schema, Name: name}
		return in.relationOrIndex(q) || isConstraint && in.constraint[q] > 0
	})
}

// chooseConstraintName is ChooseConstraintName.
func (in *interpreter) chooseConstraintName(name1, name2, label, schema string) string {
	return catalog.ChooseName(name1, name2, label, func(name string) bool {
		return in.constraint[catalog.QName{Schema: schema, Name: name}] > 0
	})
}

// indexColumnNames is ChooseIndexColumnNames: what the columns of an index are
// called, expressions by what they are, no two alike.
func indexColumnNames(elements []*pg.IndexElem) []string {
	names := make([]string, len(elements))
	for i, e := range elements {
		if names[i] = e.GetName(); names[i] == "" {
			if names[i], _ = figureColumnName(e.GetExpr()); names[i] == "" {
				names[i] = "expr"
			}
		}
	}
	return catalog.DistinctNames(names)
}

// figureColumnName is FigureColnameInternal: the name of an expression's result
// and how sure it is (0 none, 1 of a type, 2 sure).
func figureColumnName(n *pg.Node) (string, int) {
	last := func(list []*pg.Node) (string, int) {
		for _, s := range slices.Backward(list) {
			if v := s.GetString_(); v != nil {
				return v.GetSval(), 2
			}
		}
		return "", 0
	}
	switch {
	case n.GetColumnRef() != nil:
		return last(n.GetColumnRef().GetFields())
	case n.GetAIndirection() != nil:
		if name, s := last(n.GetAIndirection().GetIndirection()); s > 0 {
			return name, s
		}
		return figureColumnName(n.GetAIndirection().GetArg())
	case n.GetFuncCall() != nil:
		return last(n.GetFuncCall().GetFuncname())
	case n.GetAExpr().GetKind() == pg.A_Expr_Kind_AEXPR_NULLIF:
		return "nullif", 2
	case n.GetTypeCast() != nil:
		if name, s := figureColumnName(n.GetTypeCast().GetArg()); s > 1 {
			return name, s
		}
		name, _ := last(n.GetTypeCast().GetTypeName().GetNames())
		return name, 1
	case n.GetCollateClause() != nil:
		return figureColumnName(n.GetCollateClause().GetArg())
	case n.GetCaseExpr() != nil:
		if name, s := figureColumnName(n.GetCaseExpr().GetDefresult()); s > 1 {
			return name, s
		}
		return "case", 1
	case n.GetSubLink() != nil:
		return figureSubLinkName(n.GetSubLink())
	}
	return figureFixedName(n)
}

func figureSubLinkName(s *pg.SubLink) (string, int) {
	switch s.GetSubLinkType() {
	case pg.SubLinkType_EXISTS_SUBLINK:
		return "exists", 2
	case pg.SubLinkType_ARRAY_SUBLINK:
		return "array", 2
	case pg.SubLinkType_EXPR_SUBLINK:
		if targets := s.GetSubselect().GetSelectStmt().GetTargetList(); len(targets) > 0 {
			t := targets[0].GetResTarget()
			if t.GetName() != "" {
				return t.GetName(), 2
			}
			return figureColumnName(t.GetVal())
		}
	}
	return "", 0
}

func figureFixedName(n *pg.Node) (string, int) {
	switch {
	case n.GetAArrayExpr() != nil:
		return "array", 2
	case n.GetRowExpr() != nil:
		return "row", 2
	case n.GetCoalesceExpr() != nil:
		return "coalesce", 2
	case n.GetMinMaxExpr().GetOp() == pg.MinMaxOp_IS_GREATEST:
		return "greatest", 2
	case n.GetMinMaxExpr().GetOp() == pg.MinMaxOp_IS_LEAST:
		return "least", 2
	case n.GetGroupingFunc() != nil:
		return "grouping", 2
	case n.GetXmlSerialize() != nil:
		return "xmlserialize", 2
	case n.GetSqlvalueFunction() != nil:
		op := strings.TrimPrefix(n.GetSqlvalueFunction().GetOp().String(), "SVFOP_")
		return strings.ToLower(strings.TrimSuffix(op, "_N")), 2
	}
	return "", 0
}
