package parser

import (
	"errors"
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// eval evaluates an expression of the block.
func (r *run) eval(query string) (any, error) {
	tree, err := pg.Parse("SELECT " + query)
	if err != nil || len(tree.GetStmts()) != 1 {
		return nil, unknownf("%q cannot be read", firstLine(query))
	}
	s := tree.GetStmts()[0].GetStmt().GetSelectStmt()
	if len(s.GetFromClause()) > 0 || len(s.GetTargetList()) == 1 && isAggregate(s.GetTargetList()[0].GetResTarget().GetVal()) {
		rows, err := r.selectRows(s, nil)
		if err != nil || len(rows) == 0 {
			return nil, err
		}
		v, err := known(rows[0])
		return scalar(v), err
	}
	if len(s.GetTargetList()) != 1 {
		return nil, unknownf("%q is not evaluated", firstLine(query))
	}
	v, err := r.expr(s.GetTargetList()[0].GetResTarget().GetVal(), nil)
	return scalar(v), err
}

func (r *run) expr(n *pg.Node, s *runScope) (any, error) {
	switch {
	case n.GetAConst() != nil:
		return constant(n.GetAConst()), nil
	case n.GetColumnRef() != nil:
		return r.name(strs(n.GetColumnRef().GetFields()), s)
	case n.GetTypeCast() != nil:
		return r.cast(n.GetTypeCast(), s)
	case n.GetBoolExpr() != nil:
		return r.boolExpr(n.GetBoolExpr(), s)
	case n.GetNullTest() != nil:
		v, err := r.expr(n.GetNullTest().GetArg(), s)
		if hidden := (*unknownError)(nil); errors.As(err, &hidden) && hidden.notNull {
			v, err = true, nil
		}
		return (scalar(v) == nil) == (n.GetNullTest().GetNulltesttype() == pg.NullTestType_IS_NULL), err
	case n.GetAExpr() != nil:
		return r.operation(n.GetAExpr(), s)
	case n.GetSubLink() != nil:
		return r.subLink(n.GetSubLink(), s)
	case n.GetAIndirection() != nil:
		return r.indirection(n.GetAIndirection(), s)
	case n.GetAArrayExpr() != nil:
		return r.exprs(n.GetAArrayExpr().GetElements(), s)
	case n.GetFuncCall() != nil:
		return r.call(n.GetFuncCall(), s)
	case n.GetCaseExpr() != nil:
		return r.caseExpr(n.GetCaseExpr(), s)
	case n.GetCoalesceExpr() != nil:
		list, err := r.exprs(n.GetCoalesceExpr().GetArgs(), s)
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			if v != nil {
				return v, nil
			}
		}
		return nil, nil
	case n.GetSqlvalueFunction() != nil:
		switch n.GetSqlvalueFunction().GetOp() {
		case pg.SQLValueFunctionOp_SVFOP_CURRENT_USER, pg.SQLValueFunctionOp_SVFOP_SESSION_USER, pg.SQLValueFunctionOp_SVFOP_USER, pg.SQLValueFunctionOp_SVFOP_CURRENT_ROLE:
			if role := r.outer.session.role; role != "" {
				return role, nil
			}
		case pg.SQLValueFunctionOp_SVFOP_CURRENT_SCHEMA:
			return r.currentSchema(), nil
		}
	}
	return nil, unknownf("%s is not evaluated", firstLine(deparseExpr(n)))
}

func (r *run) exprs(list []*pg.Node, s *runScope) ([]any, error) {
	out := make([]any, len(list))
	for i, n := range list {
		v, err := r.expr(n, s)
		if err != nil {
			return nil, err
		}
		out[i] = scalar(v)
	}
	return out, nil
}

func constant(c *pg.A_Const) any {
	switch {
	case c.GetIsnull():
		return nil
	case c.GetBoolval() != nil:
		return c.GetBoolval().GetBoolval()
	case c.GetIval() != nil:
		return int64(c.GetIval().GetIval())
	}
	return aConstText(c)
}

// name is a column of the rows in reach, or a variable.
func (r *run) name(fields []string, s *runScope) (any, error) {
	last := fields[len(fields)-1]
	for at := s; at != nil; at = at.outer {
		for i := range slices.Backward(at.rows) {
			if len(fields) > 1 && at.aliases[i] != fields[len(fields)-2] {
				continue
			}
			if v, ok := at.rows[i].column(last); ok {
				if e, bad := v.(*unknownError); bad {
					return nil, e
				}
				return v, nil
			}
		}
	}
	i := slices.Index(r.names, fields[0])
	if i < 0 {
		return nil, unknownf("%s is not known", strings.Join(fields, "."))
	}
	v := r.vars[i]
	if e, ok := v.(*unknownError); ok {
		return nil, e
	}
	if len(fields) == 1 {
		return known(v)
	}
	if w, ok := v.(row); ok {
		if x, ok := w.column(last); ok {
			if e, bad := x.(*unknownError); bad {
				return nil, e
			}
			return x, nil
		}
	}
	return nil, unknownf("%s is not known", strings.Join(fields, "."))
}

func (r *run) cast(c *pg.TypeCast, s *runScope) (any, error) {
	v, err := r.expr(c.GetArg(), s)
	v = scalar(v)
	if err != nil || v == nil {
		return v, err
	}
	names := strs(c.GetTypeName().GetNames())
	name := names[len(names)-1]
	if len(c.GetTypeName().GetArrayBounds()) > 0 {
		return array(v)
	}
	switch name {
	case "text", "varchar", "name", "bpchar":
		return str(v), nil
	case "regclass", "regtype", "regnamespace", "regproc", "regprocedure", "regrole", "oid":
		o, ok := v.(oid)
		switch {
		case ok && name == "regproc":
			o.shown, _, _ = strings.Cut(o.shown, "(")
			return o, nil
		case ok:
			return o, nil
		case name == "oid" && isZero(v):
			return int64(0), nil
		case name == "oid":
			return nil, unknownf("a cast to oid is not evaluated")
		}
		return r.object(name, str(v))
	case "bool":
		if b, ok := boolean(v); ok {
			return b, nil
		}
	case "int2", "int4", "int8", "numeric":
		if n, ok := integer(v); ok {
			return n, nil
		}
	case "char":
		return str(v), nil
	}
	return nil, unknownf("a cast to %s is not evaluated", name)
}

// boolExpr is AND, OR and NOT. A part that is not known does not matter if
// another one decides.
func (r *run) boolExpr(b *pg.BoolExpr, s *runScope) (any, error) {
	if b.GetBoolop() == pg.BoolExprType_NOT_EXPR {
		v, err := r.expr(b.GetArgs()[0], s)
		if yes, ok := scalar(v).(bool); ok {
			return !yes, err
		}
		return nil, err
	}
	decides := b.GetBoolop() == pg.BoolExprType_OR_EXPR
	var unknown error
	var result any = !decides
	for _, n := range b.GetArgs() {
		v, err := r.expr(n, s)
		v = scalar(v)
		switch {
		case err != nil:
			unknown = err
		case v == decides:
			return decides, nil
		case v == nil:
			result = nil
		}
	}
	return result, unknown
}

func (r *run) subLink(l *pg.SubLink, s *runScope) (any, error) {
	rows, err := r.selectRows(l.GetSubselect().GetSelectStmt(), s)
	if l.GetSubLinkType() == pg.SubLinkType_EXISTS_SUBLINK && len(rows) > 0 {
		return true, nil
	}
	if err != nil {
		return nil, err
	}
	var column []any
	for _, w := range rows {
		if _, err := known(w); err != nil && l.GetSubLinkType() != pg.SubLinkType_EXISTS_SUBLINK {
			return nil, err
		}
		column = append(column, scalar(w))
	}
	switch l.GetSubLinkType() {
	case pg.SubLinkType_EXISTS_SUBLINK:
		return len(rows) > 0, nil
	case pg.SubLinkType_EXPR_SUBLINK:
		if len(rows) == 0 {
			return nil, nil
		}
		return column[0], nil
	case pg.SubLinkType_ARRAY_SUBLINK:
		return column, nil
	case pg.SubLinkType_ANY_SUBLINK:
		v, err := r.expr(l.GetTestexpr(), s)
		if err != nil {
			return nil, err
		}
		return among(scalar(v), column)
	}
	return nil, unknownf("this subquery is not evaluated")
}

func lastString(list []*pg.Node) string {
	names := strs(list)
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1]
}

func lastName(c *pg.FuncCall) string { return lastString(c.GetFuncname()) }
