package printed

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

// expr reads an operand, or operands with one operator between them. Whoever calls it looks whether what comes then ends an
// expression: a parenthesis, a comma, a key word that cannot stand within one.
func (r *reader) expr() *pg.Node {
	if r.nesting++; r.nesting > maxNesting {
		return nil
	}
	defer func() { r.nesting-- }()
	at := r.here()
	switch {
	case r.takeWords("not"):
		if arg := r.operand(); arg != nil {
			return boolExpr(pg.BoolExprType_NOT_EXPR, at, arg)
		}
		return nil
	case r.at(sign):
		return r.prefixed(at)
	}
	left := r.operand()
	if left == nil {
		return nil
	}
	at = r.here()
	switch t := &r.tokens[r.i]; t.kind {
	case sign:
		r.i++
		return r.binary(left, names(t.text), at)
	case name:
		return r.afterOperand(left, t.text, at)
	}
	return left
}

// afterOperand reads what a key word after an operand makes of it: nothing, if the word ends the expression.
func (r *reader) afterOperand(left *pg.Node, word string, at int32) *pg.Node {
	switch word {
	case "and":
		return r.chain(left, word, pg.BoolExprType_AND_EXPR, at)
	case "or":
		return r.chain(left, word, pg.BoolExprType_OR_EXPR, at)
	case "is":
		r.i++
		return r.is(left, at)
	case "in":
		r.i++
		if sub := r.subselect(); sub != nil {
			return subLink(pg.SubLinkType_ANY_SUBLINK, left, nil, sub, at)
		}
		return nil
	case "operator":
		r.i++
		if op := r.qualifiedOperator(); op != nil {
			return r.binary(left, op, at)
		}
		return nil
	case "collate":
		r.i++
		if name := r.path(); name != nil {
			return collate(left, name, at)
		}
		return nil
	case "at":
		if !r.takeWords("at", "time", "zone") {
			return nil
		}
		if zone := r.operand(); zone != nil {
			return funcCall(names("pg_catalog", "timezone"), []*pg.Node{zone, left}, pg.CoercionForm_COERCE_SQL_SYNTAX, at)
		}
		return nil
	}
	return left
}

// prefixed reads a prefix operator with its operand. A minus sign becomes part of a number, and takes the place of any constant.
func (r *reader) prefixed(at int32) *pg.Node {
	op := r.next().text
	switch op {
	case "*", "/", "%", "^", "<", ">", "=", "<=", ">=", "<>":
		return nil
	}
	arg := r.operand()
	if arg == nil {
		return nil
	}
	if c := arg.GetAConst(); c != nil && op == "-" {
		c.Location = at
		if negate(c) {
			return arg
		}
	}
	return aExpr(pg.A_Expr_Kind_AEXPR_OP, names(op), nil, arg, at)
}

func negate(c *pg.A_Const) bool {
	switch v := c.Val.(type) {
	case *pg.A_Const_Ival:
		v.Ival.Ival = -v.Ival.Ival
	case *pg.A_Const_Fval:
		if v.Fval.Fval[0] == '-' {
			v.Fval.Fval = v.Fval.Fval[1:]
		} else {
			v.Fval.Fval = "-" + v.Fval.Fval
		}
	default:
		return false
	}
	return true
}

// binary reads the right side of an operator.
func (r *reader) binary(left *pg.Node, op []*pg.Node, at int32) *pg.Node {
	kind, link := pg.A_Expr_Kind_AEXPR_OP, pg.SubLinkType_SUB_LINK_TYPE_UNDEFINED
	switch {
	case r.takeWords("any"), r.takeWords("some"):
		kind, link = pg.A_Expr_Kind_AEXPR_OP_ANY, pg.SubLinkType_ANY_SUBLINK
	case r.takeWords("all"):
		kind, link = pg.A_Expr_Kind_AEXPR_OP_ALL, pg.SubLinkType_ALL_SUBLINK
	}
	if kind == pg.A_Expr_Kind_AEXPR_OP {
		if right := r.operand(); right != nil {
			return aExpr(kind, op, left, right, at)
		}
		return nil
	}
	if !r.at(open) {
		return nil
	}
	if r.opensSelect() {
		if sub := r.subselect(); sub != nil {
			return subLink(link, left, op, sub, at)
		}
		return nil
	}
	if right := r.inParentheses(); right != nil && right.GetSubLink().GetSubLinkType() != pg.SubLinkType_EXPR_SUBLINK {
		return aExpr(kind, op, left, right, at)
	}
	return nil
}

// chain reads a AND b AND c. As in PostgreSQL's grammar it goes on with the list of an AND that stands first, also in parentheses.
func (r *reader) chain(left *pg.Node, word string, op pg.BoolExprType, at int32) *pg.Node {
	out := left
	b := left.GetBoolExpr()
	if b == nil || b.Boolop != op {
		out = boolExpr(op, at, left)
		b = out.GetBoolExpr()
	}
	for r.takeWords(word) {
		arg := r.operand()
		if arg == nil {
			return nil
		}
		b.Args = append(b.Args, arg)
	}
	return out
}

// is reads what stands after IS.
func (r *reader) is(left *pg.Node, at int32) *pg.Node {
	not := r.takeWords("not")
	choose := func(plain, negated pg.BoolTestType) *pg.Node {
		if not {
			plain = negated
		}
		return booleanTest(left, plain, at)
	}
	switch {
	case r.takeWords("null"):
		return nullTest(left, not, at)
	case r.takeWords("true"):
		return choose(pg.BoolTestType_IS_TRUE, pg.BoolTestType_IS_NOT_TRUE)
	case r.takeWords("false"):
		return choose(pg.BoolTestType_IS_FALSE, pg.BoolTestType_IS_NOT_FALSE)
	case r.takeWords("unknown"):
		return choose(pg.BoolTestType_IS_UNKNOWN, pg.BoolTestType_IS_NOT_UNKNOWN)
	case r.takeWords("distinct", "from"):
		kind := pg.A_Expr_Kind_AEXPR_DISTINCT
		if not {
			kind = pg.A_Expr_Kind_AEXPR_NOT_DISTINCT
		}
		if right := r.operand(); right != nil {
			return aExpr(kind, names("="), left, right, at)
		}
	}
	return nil
}

// qualifiedOperator reads the (schema.operator) of OPERATOR.
func (r *reader) qualifiedOperator() []*pg.Node {
	if !r.take(open) {
		return nil
	}
	schema := r.columnOrSchema()
	if schema == "" || !r.take(dot) || !r.at(sign) {
		return nil
	}
	op := names(schema, r.next().text)
	if !r.take(closed) {
		return nil
	}
	return op
}
