package analyze

import (
	"errors"
	"fmt"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
	"bloom/parser/analyze/printed"
)

// source is an expression of an object, to be analysed in the context that the object gives it.
type source struct {
	object catalog.Object
	path   string // of the field, see catalog.ExprField
	expr   catalog.Expr
}

// form is how an expression becomes a statement that can be parsed.
type form int

const (
	formExpr  form = iota // an expression
	formQuery             // a statement as it stands
	formBody              // the SQL body of a routine
	formBound             // a partition bound
)

var prefixes = [...]string{
	formExpr: "SELECT (", formQuery: "", formBody: "CREATE FUNCTION f() RETURNS int LANGUAGE sql ", formBound: "CREATE TABLE t PARTITION OF p ",
}

// form is that of the expression in the field.
func (s source) form() form {
	switch s.path {
	case "Query", "Definition":
		return formQuery
	case "SQLBody":
		return formBody
	case "PartitionOf.Bound":
		return formBound
	}
	return formExpr
}

// text is that of the expression without what may stand after a statement.
func (s source) text() string { return strings.TrimRight(s.expr.Text, "; \t\r\n") }

// statement is the text to parse. The expression starts after the prefix of its form.
func (s source) statement() string {
	text := s.text()
	switch f := s.form(); f {
	case formExpr:
		return prefixes[f] + text + "\n)"
	default:
		return prefixes[f] + text
	}
}

// tree takes what was wrapped out of the parsed statement.
func (s source) tree(stmt *pg.Node) (*pg.Node, error) {
	var n *pg.Node
	switch s.form() {
	case formExpr:
		sel := stmt.GetSelectStmt()
		if l := sel.GetTargetList(); len(l) == 1 && sel.FromClause == nil {
			n = l[0].GetResTarget().GetVal()
		}
	case formQuery:
		n = stmt
	case formBody:
		n = stmt.GetCreateFunctionStmt().GetSqlBody()
	case formBound:
		if b := stmt.GetCreateStmt().GetPartbound(); b != nil {
			n = &pg.Node{Node: &pg.Node_PartitionBoundSpec{PartitionBoundSpec: b}}
		}
	}
	if n == nil {
		return nil, errors.New("not what belongs there")
	}
	return n, nil
}

// parsed is a parse tree or why there is none.
type parsed struct {
	tree  *pg.Node
	start int // offset of the expression in the text that the tree's locations count in
	err   error
}

// batchBytes is how much text is parsed in one call: the call itself costs more than a short expression.
const batchBytes = 16 << 10

// parseAll parses many expressions, several in one call, and the same text once.
func parseAll(sources []source) []parsed {
	type text struct {
		form form
		text string
	}
	first := make(map[text]int, len(sources)) // where a text stands among the distinct ones
	var distinct []source
	at := make([]int, len(sources))
	for i, s := range sources {
		key := text{s.form(), s.expr.Text}
		k, ok := first[key]
		if !ok {
			k = len(distinct)
			first[key] = k
			distinct = append(distinct, s)
		}
		at[i] = k
	}
	trees := parseDistinct(distinct)
	out := make([]parsed, len(sources))
	for i, k := range at {
		out[i] = trees[k]
	}
	return out
}

// parseDistinct reads what is in the form in which servers print, and has the rest parsed.
func parseDistinct(sources []source) []parsed {
	out := make([]parsed, len(sources))
	var rest []source
	var at []int
	for i, s := range sources {
		if s.form() == formExpr {
			out[i].tree = printed.Expr(s.text())
		}
		if out[i].tree == nil {
			rest, at = append(rest, s), append(at, i)
		}
	}
	for i, p := range parseBatches(rest) {
		out[at[i]] = p
	}
	return out
}

func parseBatches(sources []source) []parsed {
	out := make([]parsed, len(sources))
	for i := 0; i < len(sources); {
		size, j := 0, i
		for j < len(sources) && (j == i || size+len(sources[j].expr.Text) < batchBytes) {
			size += len(sources[j].expr.Text) + 64
			j++
		}
		parseBatch(sources[i:j], out[i:j])
		i = j
	}
	return out
}

func parseBatch(sources []source, out []parsed) {
	var b strings.Builder
	starts := make([]int, len(sources))
	for i, s := range sources {
		starts[i] = b.Len()
		b.WriteString(s.statement())
		b.WriteString("\n;\n")
	}
	r, err := pg.Parse(b.String())
	if err != nil || len(r.Stmts) != len(sources) || misplaced(r, starts) {
		if len(sources) > 1 {
			half := len(sources) / 2
			parseBatch(sources[:half], out[:half])
			parseBatch(sources[half:], out[half:])
			return
		}
		out[0] = parseOne(sources[0])
		return
	}
	for i, s := range sources {
		t, err := s.tree(r.Stmts[i].Stmt)
		out[i] = parsed{t, starts[i] + len(prefixes[s.form()]), err}
	}
}

// misplaced reports whether a statement does not start where its text does: then some text is not one statement.
func misplaced(r *pg.ParseResult, starts []int) bool {
	for i, s := range r.Stmts {
		if i > 0 && (int(s.StmtLocation) > starts[i] || int(s.StmtLocation) <= starts[i-1]) {
			return true
		}
	}
	return false
}

func parseOne(s source) parsed {
	r, err := pg.Parse(s.statement())
	if err != nil {
		return parsed{err: fmt.Errorf("cannot be parsed: %w", err)}
	}
	if len(r.Stmts) != 1 {
		return parsed{err: errors.New("is not one statement")}
	}
	t, err := s.tree(r.Stmts[0].Stmt)
	return parsed{t, len(prefixes[s.form()]), err}
}
