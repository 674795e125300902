package parser

import (
	"errors"
	"regexp"
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
	case n.GetAArrayExpr() != nil:
		return r.exprs(n.GetAArrayExpr().GetElements(), s)
	case n.GetFuncCall() != nil:
		return r.call(n.GetFuncCall(), s)
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

// among is v = ANY (list).
func among(v any, list []any) (any, error) {
	if v == nil {
		return nil, nil
	}
	for _, x := range list {
		if x == nil {
			continue
		}
		if same, err := equal(v, x); err != nil || same {
			return same, err
		}
	}
	return false, nil
}

func (r *run) operation(e *pg.A_Expr, s *runScope) (any, error) {
	op := lastString(e.GetName())
	if e.GetKind() == pg.A_Expr_Kind_AEXPR_NOT_DISTINCT && e.GetLexpr().GetColumnRef() != nil && deparseExpr(e.GetLexpr()) == deparseExpr(e.GetRexpr()) {
		return true, nil
	}
	var right any
	var err error
	if e.GetKind() == pg.A_Expr_Kind_AEXPR_IN {
		right, err = r.exprs(e.GetRexpr().GetList().GetItems(), s)
	} else {
		right, err = r.expr(e.GetRexpr(), s)
	}
	if err != nil {
		return nil, err
	}
	left, err := r.expr(e.GetLexpr(), s)
	if err != nil {
		return r.likely(op, err, scalar(right))
	}
	left, right = scalar(left), scalar(right)
	switch e.GetKind() {
	case pg.A_Expr_Kind_AEXPR_IN, pg.A_Expr_Kind_AEXPR_OP_ANY, pg.A_Expr_Kind_AEXPR_OP_ALL:
		list, err := array(right)
		if err != nil {
			return nil, err
		}
		v, err := among(left, list)
		if yes, ok := v.(bool); ok && op == "<>" && e.GetKind() != pg.A_Expr_Kind_AEXPR_OP_ANY {
			return !yes, err
		}
		if op != "=" || e.GetKind() == pg.A_Expr_Kind_AEXPR_OP_ALL {
			return nil, unknownf("operator %s with a list is not evaluated", op)
		}
		return v, err
	case pg.A_Expr_Kind_AEXPR_DISTINCT, pg.A_Expr_Kind_AEXPR_NOT_DISTINCT:
		same := left == nil && right == nil
		if left != nil && right != nil {
			if same, err = equal(left, right); err != nil {
				return nil, err
			}
		}
		return same == (e.GetKind() == pg.A_Expr_Kind_AEXPR_NOT_DISTINCT), nil
	case pg.A_Expr_Kind_AEXPR_OP, pg.A_Expr_Kind_AEXPR_LIKE, pg.A_Expr_Kind_AEXPR_ILIKE:
		return binary(op, left, right)
	}
	return nil, unknownf("operator %s is not evaluated", op)
}

func binary(op string, a, b any) (any, error) {
	if op == "||" && (isList(a) || isList(b)) {
		return concatLists(a, b), nil
	}
	if a == nil || b == nil {
		return nil, nil
	}
	switch op {
	case "=", "<>", "!=":
		same, err := equal(a, b)
		return same == (op == "="), err
	case "||":
		return str(a) + str(b), nil
	case "~~", "!~~", "~~*", "!~~*":
		return matches(likePattern(str(b)), str(a), strings.HasSuffix(op, "*"), op[0] == '!')
	case "@>":
		return contains(a, b)
	case "<@":
		return contains(b, a)
	case "&&":
		return overlap(a, b)
	case "~", "!~", "~*", "!~*":
		return matches(str(b), str(a), strings.HasSuffix(op, "*"), op[0] == '!')
	}
	x, isInt := integer(a)
	y, isOther := integer(b)
	if isInt && isOther {
		switch op {
		case "<":
			return x < y, nil
		case ">":
			return x > y, nil
		case "<=":
			return x <= y, nil
		case ">=":
			return x >= y, nil
		case "+":
			return x + y, nil
		case "-":
			return x - y, nil
		}
	}
	return nil, unknownf("operator %s is not evaluated", op)
}

// contains is a @> b for arrays.
func contains(a, b any) (any, error) {
	have, err := array(a)
	if err != nil {
		return nil, err
	}
	want, err := array(b)
	if err != nil {
		return nil, err
	}
	for _, v := range want {
		if in, err := among(v, have); err != nil || in != true {
			return false, err
		}
	}
	return true, nil
}

// overlap is a && b for arrays.
func overlap(a, b any) (any, error) {
	have, err := array(a)
	if err != nil {
		return nil, err
	}
	want, err := array(b)
	if err != nil {
		return nil, err
	}
	for _, v := range want {
		if in, err := among(v, have); err != nil || in == true {
			return in == true, err
		}
	}
	return false, nil
}

func isList(v any) bool { _, ok := v.([]any); return ok }

func concatLists(a, b any) any {
	var out []any
	for _, v := range []any{a, b} {
		if list, ok := v.([]any); ok {
			out = append(out, list...)
		} else if v != nil {
			out = append(out, v)
		}
	}
	return out
}

func matches(pattern, s string, fold, not bool) (any, error) {
	if fold {
		pattern = "(?i)" + pattern
	}
	re, err := regexp.Compile("(?s)" + pattern)
	if err != nil {
		return nil, unknownf("the pattern %q is not evaluated", pattern)
	}
	return re.MatchString(s) != not, nil
}

func likePattern(like string) string {
	var b strings.Builder
	b.WriteString("^")
	escaped := false
	for _, c := range like {
		switch {
		case !escaped && c == '\\':
			escaped = true
			continue
		case !escaped && c == '%':
			b.WriteString(".*")
		case !escaped && c == '_':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
		escaped = false
	}
	return b.String() + "$"
}

func lastString(list []*pg.Node) string {
	names := strs(list)
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1]
}

func lastName(c *pg.FuncCall) string { return lastString(c.GetFuncname()) }
