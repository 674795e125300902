package parser

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// nameLength is NAMEDATALEN - 1: what longer names are cut to.
const nameLength = 63

// makeObjectName joins names with "_" as PostgreSQL does, cutting the longer of
// the first two until all fits.
func makeObjectName(name1, name2, label string) string {
	avail := nameLength
	if label != "" {
		avail -= len(label) + 1
	}
	n1, n2 := len(name1), len(name2)
	if name2 != "" {
		avail--
	}
	for n1+n2 > avail {
		if n1 > n2 {
			n1--
		} else {
			n2--
		}
	}
	s := clip(name1, n1)
	if name2 != "" {
		s += "_" + clip(name2, n2)
	}
	if label != "" {
		s += "_" + label
	}
	return s
}

// clip cuts to at most n bytes, between characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// chooseRelationName is ChooseRelationName: the first name that no relation in
// the schema has and, for a constraint's index, no constraint.
func (in *interpreter) chooseRelationName(name1, name2, label, schema string, isConstraint bool) string {
	return choose(name1, name2, label, func(name string) bool {
		q := catalog.QName{Schema: schema, Name: name}
		return in.relationOrIndex(q) || isConstraint && in.constraint[q] > 0
	})
}

// chooseConstraintName is ChooseConstraintName.
func (in *interpreter) chooseConstraintName(name1, name2, label, schema string) string {
	return choose(name1, name2, label, func(name string) bool {
		return in.constraint[catalog.QName{Schema: schema, Name: name}] > 0
	})
}

func choose(name1, name2, label string, taken func(string) bool) string {
	for pass := 0; ; pass++ {
		l := label
		if pass > 0 {
			l = fmt.Sprintf("%s%d", label, pass)
		}
		if name := makeObjectName(name1, name2, l); !taken(name) {
			return name
		}
	}
}

// nameAddition is ChooseIndexNameAddition: column names joined with "_".
func nameAddition(columns []string) string {
	var b strings.Builder
	for i, c := range columns {
		if i > 0 {
			b.WriteByte('_')
		}
		b.WriteString(clip(c, nameLength))
		if b.Len() >= nameLength {
			break
		}
	}
	return clip(b.String(), nameLength)
}

// indexColumnNames is ChooseIndexColumnNames: what the columns of an index are
// called, expressions by what they are, no two alike.
func indexColumnNames(elements []*pg.IndexElem) []string {
	var out []string
	for _, e := range elements {
		name := e.GetName()
		if name == "" {
			if name, _ = figureColumnName(e.GetExpr()); name == "" {
				name = "expr"
			}
		}
		cur := name
		for i := 1; slices.Contains(out, cur); i++ {
			n := fmt.Sprint(i)
			cur = clip(name, nameLength-len(n)) + n
		}
		out = append(out, cur)
	}
	return out
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
