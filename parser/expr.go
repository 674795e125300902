package parser

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// expr is an expression of the statement: the user's own text if its tokens are
// known, else what pg_query writes for the tree.
func (in *interpreter) expr(n *pg.Node, t tokens) catalog.Expr {
	if n == nil {
		return catalog.Expr{}
	}
	if t.len() > 0 {
		e := in.slice(t)
		in.trees.Keep(e.Text, n, t.list[0].start-in.stmt.base)
		return e
	}
	return catalog.Expr{Text: deparseExpr(n), Path: in.stmt.session.path, Pos: in.at(leftmost(n))}
}

// slice is a run of the statement's tokens as an expression.
func (in *interpreter) slice(t tokens) catalog.Expr {
	if t.len() == 0 {
		return catalog.Expr{}
	}
	from, to := t.list[0].start, t.list[t.len()-1].end
	return catalog.Expr{Text: t.s[from:to], Path: in.stmt.session.path, Pos: in.pos(from)}
}

// server is an expression written by bloom as the server would print it.
func server(text string) catalog.Expr { return catalog.Expr{Text: text} }

// deparseExpr writes an expression as SQL.
func deparseExpr(n *pg.Node) string {
	sel := &pg.SelectStmt{
		TargetList:  []*pg.Node{{Node: &pg.Node_ResTarget{ResTarget: &pg.ResTarget{Val: n}}}},
		LimitOption: pg.LimitOption_LIMIT_OPTION_DEFAULT, Op: pg.SetOperation_SETOP_NONE,
	}
	return strings.TrimPrefix(deparse(&pg.Node{Node: &pg.Node_SelectStmt{SelectStmt: sel}}), "SELECT ")
}

func deparse(n *pg.Node) string {
	s, err := pg.Deparse(&pg.ParseResult{Stmts: []*pg.RawStmt{{Stmt: n}}})
	if err != nil {
		return ""
	}
	return s
}

// leftmost is the first location in a tree.
func leftmost(n *pg.Node) int32 {
	least := int32(0)
	walk(n, func(n *pg.Node) {
		m := n.ProtoReflect()
		fd := m.WhichOneof(m.Descriptor().Oneofs().Get(0))
		if fd == nil {
			return
		}
		inner := m.Get(fd).Message()
		loc := inner.Descriptor().Fields().ByName("location")
		if loc == nil {
			return
		}
		if v := int32(inner.Get(loc).Int()); v > 0 && (least == 0 || v < least) {
			least = v
		}
	})
	return least
}

// tokensAt are the statement's tokens from a location of its tree on.
func (in *interpreter) tokensAt(loc int32) tokens {
	if loc <= 0 {
		return tokens{s: in.stmt.tokens.s}
	}
	return in.stmt.tokens.from(in.stmt.tokens.at(in.stmt.base + int(loc)))
}

// parenthesised is what stands in parentheses after the first of these key words
// that is outside of any.
func parenthesised(t tokens, words ...string) tokens {
	if i := t.find(0, words...); i >= 0 && t.is(i+len(words), "(") {
		return t.inside(i + len(words))
	}
	return tokens{s: t.s}
}

// columnClauses are the key words that can follow a column's default.
var columnClauses = [][]string{
	{"constraint"}, {"not", "null"}, {"null"}, {"check"}, {"primary", "key"}, {"unique"}, {"references"}, {"generated"},
	{"collate"}, {"deferrable"}, {"not", "deferrable"}, {"initially"}, {"default"}, {","}, {")"}, {"not", "valid"},
}

// defaultTokens is the expression of [CONSTRAINT name] DEFAULT ….
func (in *interpreter) defaultTokens(con *pg.Constraint) tokens {
	t := in.tokensAt(con.GetLocation())
	return clause(t.from(t.find(0, "default") + 1))
}

// clause is the expression at the start of the tokens, up to the next clause of
// a column or domain definition.
func clause(t tokens) tokens {
	end, i := t.len(), 1
	if t.is(0, "(") {
		if i = t.close(0) + 1; i == 0 {
			return tokens{s: t.s}
		}
	}
	if t.is(0, "case") {
		i = closeCase(t, 0) + 1
	}
	for i < end {
		for _, words := range columnClauses {
			if t.are(i, words...) && !partOfExpression(t, i) {
				return t.to(i)
			}
		}
		if t.is(i, "(") || t.is(i, "[") {
			if i = t.close(i); i < 0 {
				return tokens{s: t.s}
			}
		}
		if t.is(i, "case") {
			i = closeCase(t, i)
		}
		i++
	}
	return t
}

// closeCase is where the CASE at i ends: what is in it is no clause, such as ELSE NULL.
func closeCase(t tokens, i int) int {
	depth := 0
	for ; i < t.len(); i++ {
		switch {
		case t.is(i, "case"):
			depth++
		case t.is(i, "end"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i
}

// partOfExpression tells NULL in "IS NULL" and the like from a clause.
func partOfExpression(t tokens, i int) bool {
	operand := i > 0 && (t.is(i-1, "from") || t.list[i-1].kind == sign && !t.is(i-1, ")") && !t.is(i-1, "]"))
	return t.is(i, "null") && (operand || t.is(i-1, "is") || t.is(i-1, "not") && t.is(i-2, "is")) || t.is(i, "not") && t.is(i-1, "is")
}
