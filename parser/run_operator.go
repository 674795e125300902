package parser

import (
	"regexp"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

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
	case pg.A_Expr_Kind_AEXPR_NULLIF:
		if left != nil && right != nil {
			if same, err := equal(left, right); err != nil || same {
				return nil, err
			}
		}
		return left, nil
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
		case "*":
			return x * y, nil
		case "/", "%":
			if y == 0 {
				return nil, unknownf("a division by zero is not evaluated")
			}
			if op == "%" {
				return x % y, nil
			}
			return x / y, nil
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
