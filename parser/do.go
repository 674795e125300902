package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// A DO block in a declared file declares what is written in it as plain
// statements, if they do not depend on the database but for what people guard
// CREATE with: "if it is not there yet", as IF NOT EXISTS (SELECT … FROM
// pg_type …) or as EXCEPTION WHEN duplicate_object. Such a statement is the
// declaration, and a second one of the same object is passed over.

// guard says which failures of a statement a block makes up for.
type guard struct {
	duplicate bool // the object is there already: nothing to do
	missing   bool // what it names is not there: nothing to do
}

func (g guard) or(h guard) guard { return guard{g.duplicate || h.duplicate, g.missing || h.missing} }

// expand puts the statements of DO blocks in their place.
func (s *Script) expand(in *interpreter, all []*statement) []*statement {
	s.inner = map[*statement][]*statement{}
	out := make([]*statement, 0, len(all))
	for _, st := range all {
		n := st.node.GetDoStmt()
		if n == nil {
			out = append(out, st)
			continue
		}
		in.stmt = st
		inner, err := in.doStatements(n)
		if err != nil {
			in.errors = append(in.errors, err...)
			continue
		}
		s.inner[st] = inner
		out = append(out, inner...)
	}
	return out
}

// doStatements are the statements that a DO block declares.
func (in *interpreter) doStatements(n *pg.DoStmt) ([]*statement, ErrorList) {
	body, err := in.doBody(n)
	if err != nil {
		return nil, ErrorList{err}
	}
	d := &blockDeclarer{in: in, outer: in.stmt}
	d.block(readBlock(body), guard{})
	if e := checkPlpgsql(in.stmt, body); e != nil && len(d.syntax) == 0 {
		return nil, ErrorList{e}
	}
	return d.out, append(d.syntax, d.errors...)
}

// doBody lexes the code of a DO block where it stands in the file.
func (in *interpreter) doBody(n *pg.DoStmt) (tokens, *Error) {
	for _, d := range elems(n.GetArgs()) {
		if d.GetDefname() == "language" && constText(d.GetArg()) != "plpgsql" {
			return tokens{}, in.errorf(0, "a DO block in %s cannot be read", constText(d.GetArg())).hint("%s", doHint)
		}
	}
	st := in.stmt
	for _, t := range st.tokens.list {
		code := st.tokens.s[t.start:t.end]
		if t.kind != text {
			continue
		}
		start, end := dollarQuoted(code)
		if end == 0 && code[0] == '\'' && !strings.Contains(code[1:len(code)-1], "'") {
			start, end = 1, len(code)-1
		}
		if end == 0 {
			return tokens{}, in.errorf(0, "the code of this DO block cannot be read where it stands").hint("quote it with $$ … $$")
		}
		l := &lexer{s: st.tokens.s[:t.start+end], at: t.start + start}
		body := tokens{s: l.s}
		for tok, ok := l.next(); ok; tok, ok = l.next() {
			body.list = append(body.list, tok)
		}
		return body, nil
	}
	return tokens{}, in.errorf(0, "a DO block without code")
}

// dollarQuoted is where the text between $tag$ and $tag$ starts and ends.
func dollarQuoted(code string) (start, end int) {
	if code[0] != '$' {
		return 0, 0
	}
	n := strings.IndexByte(code[1:], '$') + 2
	if n < 2 || len(code) < 2*n {
		return 0, 0
	}
	return n, len(code) - n
}

// checkPlpgsql has PL/pgSQL's own parser look at the code, which gives no places
// in it.
func checkPlpgsql(st *statement, body tokens) *Error {
	_, err := pg.ParsePlPgSqlToJSON("DO " + quoteDollar(body.s, body))
	if err == nil {
		return nil
	}
	return &Error{Pos: st.file.pos(st.start), Msg: "DO block: " + err.Error()}
}

func quoteDollar(s string, body tokens) string {
	if body.len() == 0 {
		return "$bloom_do$$bloom_do$"
	}
	return "$bloom_do$" + s[body.list[0].start:] + "$bloom_do$"
}

const doHint = "write the statements themselves (guarded by CREATE … IF NOT EXISTS or IF NOT EXISTS (SELECT … FROM pg_…) if you like), or put the block into a migration (bloom new NAME)"

// blockDeclarer collects the statements that a block declares.
type blockDeclarer struct {
	in     *interpreter
	outer  *statement
	out    []*statement
	errors ErrorList
	syntax ErrorList // of SQL
}

func (d *blockDeclarer) fail(at int, format string, args ...any) {
	e := d.in.errorf(0, format, args...).hint("%s", doHint)
	e.Pos = d.outer.file.pos(at)
	d.errors = append(d.errors, e)
}

func (d *blockDeclarer) block(b *block, g guard) {
	for _, h := range b.handlers {
		g = g.or(h.guard())
		if declares(h.body) {
			d.in.notes = append(d.in.notes, Note{Pos: d.outer.file.pos(h.at), Msg: "the statements of this exception handler are passed over: what is declared is what the block does if all goes well"})
		}
	}
	for _, s := range b.body {
		d.statement(s, g)
	}
}

func (d *blockDeclarer) statement(s *blockStatement, g guard) {
	switch s.kind {
	case blockSQL:
		d.sql(s, g)
	case blockNested:
		d.block(s.nested, g)
	case blockIf:
		d.ifThen(s, g)
	case blockData:
		_ = d.in.data(firstWord(s.tokens))
	case blockOther:
		if s.tokens.is(0, "execute") {
			d.execute(s, g)
			return
		}
		d.fail(s.at, "a DO block declares nothing with %s: what it does depends on the database it runs in", firstWord(s.tokens))
	}
}

// ifThen takes the body of a condition that says "not there yet". Conditions that
// decide about nothing but data and messages do not matter.
func (d *blockDeclarer) ifThen(s *blockStatement, g guard) {
	var declaring []*branch
	for _, b := range s.branches {
		if declares(b.body) {
			declaring = append(declaring, b)
		}
	}
	for _, b := range declaring {
		if len(declaring) > 1 || b != s.branches[0] || !absent(b.condition) {
			d.fail(s.at, "what this IF declares depends on the database it runs in")
			return
		}
	}
	g.duplicate = true
	for _, b := range declaring {
		for _, inner := range b.body {
			d.statement(inner, g)
		}
	}
}

// sql parses a statement of the block.
func (d *blockDeclarer) sql(s *blockStatement, g guard) {
	c := &chunk{file: d.outer.file, tokens: s.tokens}
	if err := c.try(s.tokens); err != nil {
		d.syntax = append(d.syntax, err)
		return
	}
	for _, st := range c.statements {
		d.take(st, g)
	}
}

// take takes a statement of the block as one of the file's.
func (d *blockDeclarer) take(st *statement, g guard) {
	if v := st.node.GetVariableSetStmt(); v != nil {
		if changesNames(v.GetName()) {
			d.fail(st.start, "SET %s in a DO block is not supported by bloom", v.GetName())
		}
		return
	}
	st.seq, st.session, st.guard = d.outer.seq, d.outer.session, g
	d.out = append(d.out, st)
}

// declares reports whether there is something other than data and messages in it.
func declares(list []*blockStatement) bool {
	return slices.ContainsFunc(list, func(s *blockStatement) bool {
		switch s.kind {
		case blockNothing, blockData:
			return false
		case blockNested:
			return declares(s.nested.body)
		case blockIf:
			return slices.ContainsFunc(s.branches, func(b *branch) bool { return declares(b.body) })
		}
		return true
	})
}

func firstWord(t tokens) string {
	if t.len() == 0 {
		return "this"
	}
	return strings.ToUpper(t.str(0))
}
