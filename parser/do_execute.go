package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// plainFunctions give the same whatever the database holds.
var plainFunctions = []string{"format", "concat", "quote_ident", "quote_literal", "upper", "lower"}

// execute takes what EXECUTE runs for a declaration, if its text is made of constants
// and who runs the files.
func (d *blockDeclarer) execute(s *blockStatement, g guard) {
	text, ok := d.executed(s.tokens)
	if !ok {
		d.fail(s.at, "a DO block declares nothing with EXECUTE of what depends on the database it runs in")
		return
	}
	f, err := newFile(Source{Name: d.outer.file.name, Text: text})
	if err != nil {
		d.fail(s.at, "%v", err)
		return
	}
	f.within = d.outer.file.pos(s.at)
	for _, c := range f.chunks() {
		c.parse()
		d.syntax = append(d.syntax, c.errors...)
		for _, st := range c.statements {
			d.take(st, g)
		}
	}
}

// executed is the text that EXECUTE runs.
func (d *blockDeclarer) executed(t tokens) (string, bool) {
	for i := range t.len() {
		if t.is(i, "into") || t.is(i, "using") {
			return "", false
		}
	}
	if t.len() < 2 {
		return "", false
	}
	query := t.s[t.list[1].start:t.list[t.len()-1].end]
	tree, err := pg.Parse("SELECT " + query)
	if err != nil || len(tree.GetStmts()) != 1 {
		return "", false
	}
	plain := true
	walk(tree.GetStmts()[0].GetStmt(), func(n *pg.Node) {
		if c := n.GetFuncCall(); c != nil && !slices.Contains(plainFunctions, strings.ToLower(lastName(c))) {
			plain = false
		}
		plain = plain && n.GetSubLink() == nil && n.GetColumnRef() == nil && n.GetRangeVar() == nil && n.GetTypeCast() == nil
	})
	if !plain {
		return "", false
	}
	v, err := (&run{in: d.in, outer: d.outer}).eval(query)
	if err != nil || v == nil {
		return "", false
	}
	return str(v), true
}
