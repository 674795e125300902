// Package printed reads expressions in the form in which servers print them: every operator in parentheses of its own, names
// qualified, literals with their types. It makes the trees that pg_query makes, locations included, in a fraction of the time,
// and gives up on everything of which it is not certain: what it does not read is for pg_query.
//
// Nowhere does it decide between operators by precedence. Between two parentheses, commas or key words it takes operands that
// bind tighter than any operator, with one operator between them or a chain of the same AND or OR, and nothing else.
package printed

import (
	"sync"
	"unicode/utf8"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// Expr returns the tree of the expression, or nil if the text is not one that is read here. Locations count from the start of
// the text, which stands in parentheses, as in SELECT (text).
func Expr(text string) *pg.Node {
	if len(text) > maxText || !utf8.ValidString(text) {
		return nil
	}
	r := readers.Get().(*reader)
	defer readers.Put(r)
	r.text, r.i, r.nesting = text, 0, 0
	if !r.scan() {
		return nil
	}
	n := r.expr()
	if n == nil || !r.at(end) {
		return nil
	}
	widen(n, r.tokens[0].at, -1)
	return n
}

// readers are kept for their room for tokens.
var readers = sync.Pool{New: func() any { return &reader{} }}

const (
	maxText    = 1 << 20
	maxNesting = 100 // of parentheses; pg_query has its own limit, far above
)

// reader is a text taken apart, and where in it reading has come to. Its methods return nil when they give up.
type reader struct {
	text    string
	tokens  []token
	i       int
	nesting int
}

// at reports whether the next token is of the kind.
func (r *reader) at(k kind) bool { return r.tokens[r.i].kind == k }

// isWord reports whether the next token is the key word.
func (r *reader) isWord(word string) bool {
	t := &r.tokens[r.i]
	return t.kind == name && t.text == word
}

// take goes past the next token if it is of the kind.
func (r *reader) take(k kind) bool {
	if r.at(k) {
		r.i++
		return true
	}
	return false
}

// takeWords goes past some key words if they come next.
func (r *reader) takeWords(words ...string) bool {
	for i, w := range words {
		if t := r.tokens[min(r.i+i, len(r.tokens)-1)]; t.kind != name || t.text != w {
			return false
		}
	}
	r.i += len(words)
	return true
}

// next returns the next token and goes past it.
func (r *reader) next() *token {
	t := &r.tokens[r.i]
	if t.kind != end {
		r.i++
	}
	return t
}

// here is the location of the next token.
func (r *reader) here() int32 { return r.tokens[r.i].at }
