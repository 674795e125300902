package printed

import (
	"strconv"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// operand reads what binds tighter than any operator: a literal, a name, a call, something in parentheses; with casts after it.
func (r *reader) operand() *pg.Node {
	n := r.primary()
	for n != nil && r.at(cast) {
		at := r.here()
		r.i++
		t := r.typeName()
		if t == nil {
			return nil
		}
		n = typeCast(n, t, at)
	}
	return n
}

func (r *reader) primary() *pg.Node {
	t := r.tokens[r.i]
	switch t.kind {
	case literal:
		r.i++
		return stringConst(t.text, t.at)
	case number:
		r.i++
		return numberConst(t.text, t.at)
	case open:
		return r.subscripted(r.group())
	case name, quoted:
		return r.named(t)
	}
	return nil
}

func numberConst(text string, at int32) *pg.Node {
	if i, err := strconv.ParseInt(text, 10, 32); err == nil {
		return intConst(int32(i), at)
	}
	return floatConst(text, at)
}

// group is something in parentheses: a sub-select or an expression, which does not show that it stood in any.
func (r *reader) group() *pg.Node {
	if r.opensSelect() {
		at := r.here()
		if sub := r.subselect(); sub != nil {
			return subLink(pg.SubLinkType_EXPR_SUBLINK, nil, nil, sub, at)
		}
		return nil
	}
	return r.inParentheses()
}

// inParentheses is an expression in them.
func (r *reader) inParentheses() *pg.Node {
	at, first := r.here(), r.i+1
	if !r.take(open) {
		return nil
	}
	n := r.expr()
	if n == nil || !r.take(closed) {
		return nil
	}
	widen(n, r.tokens[first].at, at)
	return n
}

// widen gives a sub-select that is all that stands in parentheses, from a location on, the location of these: they are taken
// for its own.
func widen(n *pg.Node, from, parenthesis int32) {
	if s := n.GetSubLink(); s != nil && s.SubLinkType == pg.SubLinkType_EXPR_SUBLINK && s.Location == from {
		s.Location = parenthesis
	}
}

// subscripted reads [i] after a name or something in parentheses.
func (r *reader) subscripted(n *pg.Node) *pg.Node {
	if n == nil || !r.at(openIndex) {
		return n
	}
	if n.GetSubLink() != nil {
		return nil
	}
	var indexes []*pg.Node
	for r.take(openIndex) {
		i := r.expr()
		if i == nil || !r.take(closeIndex) {
			return nil
		}
		indexes = append(indexes, index(i))
	}
	return indirection(n, indexes)
}

// list reads expressions with commas between them until a token of the kind, which it takes too. nil is none.
func (r *reader) list(until kind) (out []*pg.Node, ok bool) {
	if r.take(until) {
		return nil, true
	}
	for {
		n := r.expr()
		if n == nil {
			return nil, false
		}
		out = append(out, n)
		if r.take(until) {
			return out, true
		}
		if !r.take(comma) {
			return nil, false
		}
	}
}

// caseExpr reads what follows CASE.
func (r *reader) caseExpr(at int32) *pg.Node {
	c := &pg.CaseExpr{Location: at}
	if !r.isWord("when") {
		if c.Arg = r.expr(); c.Arg == nil {
			return nil
		}
	}
	for r.isWord("when") {
		w := &pg.CaseWhen{Location: r.here()}
		r.i++
		if w.Expr = r.expr(); w.Expr == nil || !r.takeWords("then") {
			return nil
		}
		if w.Result = r.expr(); w.Result == nil {
			return nil
		}
		c.Args = append(c.Args, &pg.Node{Node: &pg.Node_CaseWhen{CaseWhen: w}})
	}
	if r.takeWords("else") {
		if c.Defresult = r.expr(); c.Defresult == nil {
			return nil
		}
	}
	if len(c.Args) == 0 || !r.takeWords("end") {
		return nil
	}
	return &pg.Node{Node: &pg.Node_CaseExpr{CaseExpr: c}}
}
