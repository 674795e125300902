package parser

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"

	pg "github.com/pganalyze/pg_query_go/v5"
	pgerror "github.com/pganalyze/pg_query_go/v5/parser"
)

// Script is SQL that has been read: statements in their order.
type Script struct {
	files []*file
	notes []Note
	inner map[*statement][]*statement // of DO blocks, once they were taken apart
	loaded
}

// Len is the number of statements.
func (s *Script) Len() int {
	n := 0
	for _, f := range s.files {
		n += len(f.statements)
	}
	return n
}

// Notes says what was skipped when reading: lines for psql, data of COPY.
func (s *Script) Notes() []Note { return s.notes }

// statement is one statement of a file.
type statement struct {
	file       *file
	node       *pg.Node
	base       int // where in the file the locations of node count from
	start, end int // from its first token to its last
	tokens     tokens
	seq        int // order in the script
	session    *session
	guard      guard // of the DO block that it stands in
}

// chunk is a part of a file that is parsed at once: whole statements.
type chunk struct {
	file       *file
	tokens     tokens
	statements []*statement
	errors     ErrorList
}

// chunkSize is big enough that the cost of a call does not matter, and small
// enough that a large dump is parsed by all processors.
const chunkSize = 32 << 10

// Read splits and parses sources. The error is an ErrorList with everything
// that is wrong in any of them; the script then has the statements that could be read.
func Read(ctx context.Context, sources []Source) (*Script, error) {
	s := &Script{}
	var errs ErrorList
	var chunks []*chunk
	for _, src := range sources {
		f, err := newFile(src)
		if err != nil {
			errs = append(errs, err.(*Error))
			continue
		}
		s.files = append(s.files, f)
		s.notes = append(s.notes, f.notes...)
		chunks = append(chunks, f.chunks()...)
	}
	if err := parseAll(ctx, chunks); err != nil {
		return nil, err
	}
	for _, c := range chunks {
		c.file.statements = append(c.file.statements, c.statements...)
		errs = append(errs, c.errors...)
	}
	seq := 0
	for _, f := range s.files {
		for _, st := range f.statements {
			st.seq, seq = seq, seq+1
		}
	}
	return s, errs.orNil()
}

func parseAll(ctx context.Context, chunks []*chunk) error {
	work := make(chan *chunk)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(chunks)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for c := range work {
				c.parse()
			}
		}()
	}
	defer wg.Wait()
	defer close(work)
	for _, c := range chunks {
		select {
		case work <- c:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// chunks groups the statements of a file.
func (f *file) chunks() []*chunk {
	var out []*chunk
	rest := f.tokens
	first := 0
	for i := 0; i < rest.len(); {
		end := statementEnd(rest, i)
		if rest.list[end-1].end-rest.list[first].start >= chunkSize || end == rest.len() {
			out = append(out, &chunk{file: f, tokens: tokens{f.text, rest.list[first:end]}})
			first = end
		}
		i = end
	}
	return out
}

// statementEnd is the index after the semicolon that ends the statement at i.
// Semicolons in parentheses and in BEGIN ATOMIC … END do not end it.
func statementEnd(t tokens, i int) int {
	depth, atomic := 0, 0
	for ; i < t.len(); i++ {
		switch c := t.s[t.list[i].start]; {
		case t.list[i].kind == sign && c == '(':
			depth++
		case t.list[i].kind == sign && c == ')':
			depth--
		case t.list[i].kind == sign && c == ';' && depth <= 0 && atomic == 0:
			return i + 1
		case t.list[i].kind == word && (c|0x20 == 'b' && t.are(i, "begin", "atomic") || atomic > 0 && t.is(i, "case")):
			atomic++
		case atomic > 0 && t.list[i].kind == word && t.is(i, "end"):
			atomic--
		}
	}
	return i
}

func (c *chunk) parse() {
	if c.try(c.tokens) == nil {
		return
	}
	for i := 0; i < c.tokens.len(); {
		end := statementEnd(c.tokens, i)
		part := tokens{c.tokens.s, c.tokens.list[i:end]}
		if err := c.try(part); err != nil {
			c.errors = append(c.errors, err)
			c.recover(part)
		}
		i = end
	}
}

// recover looks for sound statements behind a broken one that swallowed them
// because a parenthesis was not closed.
func (c *chunk) recover(t tokens) {
	for i := range t.len() - 1 {
		if t.is(i, ";") && startsStatement(t.from(i+1)) {
			for rest := t.from(i + 1); rest.len() > 0; {
				end := statementEnd(rest, 0)
				if err := c.try(rest.to(end)); err != nil {
					c.errors = append(c.errors, err)
				}
				rest = rest.from(end)
			}
			return
		}
	}
}

func startsStatement(t tokens) bool {
	for _, w := range []string{"create", "alter", "drop", "comment", "grant", "revoke", "set", "select", "insert", "update", "delete", "do"} {
		if t.is(0, w) {
			return true
		}
	}
	return false
}

// try parses a run of tokens and keeps its statements.
func (c *chunk) try(t tokens) *Error {
	if t.len() == 0 {
		return nil
	}
	base := t.list[0].start
	tree, err := pg.Parse(t.s[base:t.list[t.len()-1].end])
	newer := false
	if err != nil {
		var text string
		if text, newer = older(t); newer {
			tree, _ = pg.Parse(text)
		}
		if tree == nil {
			return c.syntaxError(t, err)
		}
	}
	for _, raw := range tree.GetStmts() {
		from, to := base+int(raw.GetStmtLocation()), t.list[t.len()-1].end
		if raw.GetStmtLen() > 0 {
			to = from + int(raw.GetStmtLen())
		}
		own := t.from(t.at(from))
		own = own.to(own.at(to))
		for own.len() > 0 && own.is(own.len()-1, ";") {
			own = own.to(own.len() - 1)
		}
		for own.is(0, ";") { // an empty statement before it
			own = own.from(1)
		}
		if own.len() == 0 {
			continue
		}
		if newer {
			newerTree(raw.GetStmt(), own)
		}
		c.statements = append(c.statements, &statement{
			file: c.file, node: raw.GetStmt(), base: base, tokens: own,
			start: own.list[0].start, end: own.list[own.len()-1].end,
		})
	}
	return nil
}

func (c *chunk) syntaxError(t tokens, err error) *Error {
	base := t.list[0].start
	e := &Error{Pos: c.file.pos(base), Msg: err.Error()}
	var parse *pgerror.Error
	if errors.As(err, &parse) {
		if parse.Cursorpos > 0 {
			e.Pos = c.file.pos(c.file.cursor(base, parse.Cursorpos))
		}
		if m := strings.ToLower(e.Msg); strings.Contains(m, "syntax error") || strings.Contains(m, "cannot be marked") {
			e.Hint = newerHint(t)
		}
	}
	return e
}
