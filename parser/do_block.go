package parser

import "strings"

// block is BEGIN … EXCEPTION … END of PL/pgSQL.
type block struct {
	body     []*blockStatement
	handlers []*handler
}

// handler is WHEN … THEN … of EXCEPTION.
type handler struct {
	at         int
	conditions []string // lower case
	body       []*blockStatement
}

// guard is what the handler makes up for.
func (h *handler) guard() guard {
	var g guard
	for _, c := range h.conditions {
		g.duplicate = g.duplicate || c == "others" || strings.HasPrefix(c, "duplicate_") || c == "unique_violation"
		g.missing = g.missing || c == "others" || strings.HasPrefix(c, "undefined_") || c == "invalid_schema_name"
	}
	return g
}

type blockKind byte

const (
	blockSQL     blockKind = iota // a statement of SQL's that defines something
	blockData                     // rows and calls: PERFORM, SELECT, INSERT, UPDATE, DELETE
	blockNothing                  // NULL, messages, assignments
	blockNested                   // BEGIN … END
	blockIf                       // IF … END IF
	blockOther                    // what depends on the database: EXECUTE, loops, RAISE EXCEPTION, …
)

// blockStatement is a statement of a block.
type blockStatement struct {
	kind     blockKind
	at       int    // offset in the file
	tokens   tokens // without the semicolon; of IF and BEGIN only the first word
	nested   *block
	branches []*branch
}

// branch is a condition of IF with its statements; ELSE has no condition.
type branch struct {
	condition tokens
	body      []*blockStatement
}

// readBlock reads the code of a DO block. Of code that PL/pgSQL would not accept
// anything may come out.
func readBlock(code tokens) *block { return (&blockReader{t: code}).block() }

type blockReader struct {
	t tokens
	i int
}

func (r *blockReader) is(words ...string) bool { return r.t.are(r.i, words...) }

func (r *blockReader) done() bool { return r.i >= r.t.len() }

// block reads [label] [DECLARE …] BEGIN … END [label] [;].
func (r *blockReader) block() *block {
	for !r.done() && !r.is("begin") { // a label, and variables: DDL has no use for them
		r.i++
	}
	r.i++
	b := &block{body: r.list("exception", "end")}
	if r.is("exception") {
		r.i++
		for r.is("when") && !r.done() {
			b.handlers = append(b.handlers, r.handler())
		}
	}
	r.toSemicolon()
	return b
}

func (r *blockReader) handler() *handler {
	h := &handler{at: r.t.list[r.i].start}
	for r.i++; !r.done() && !r.is("then"); r.i++ {
		if !r.is("or") {
			h.conditions = append(h.conditions, strings.ToLower(strings.Trim(r.t.str(r.i), `"`)))
		}
	}
	r.i++
	h.body = r.list("when", "end")
	return h
}

// list reads statements up to one of the key words.
func (r *blockReader) list(until ...string) []*blockStatement {
	var out []*blockStatement
	for !r.done() {
		for _, w := range until {
			if r.is(w) {
				return out
			}
		}
		if r.is(";") {
			r.i++
			continue
		}
		out = append(out, r.statement())
	}
	return out
}

func (r *blockReader) statement() *blockStatement {
	first := r.i
	s := &blockStatement{at: r.t.list[first].start, tokens: r.t.from(first).to(1)}
	switch {
	case r.is("declare") || r.is("begin") || r.is("<", "<"):
		s.kind, s.nested = blockNested, r.block()
	case r.is("if"):
		s.kind = blockIf
		r.branches(s)
	case r.is("for") || r.is("foreach") || r.is("while") || r.is("loop"):
		s.kind = blockOther
		r.loop()
	case r.is("case"):
		s.kind = blockOther
		r.caseOf()
	default:
		r.toSemicolon()
		s.tokens = r.t.from(first).to(r.i - first)
		for s.tokens.len() > 0 && s.tokens.is(s.tokens.len()-1, ";") {
			s.tokens = s.tokens.to(s.tokens.len() - 1)
		}
		s.kind = simpleKind(s.tokens)
	}
	return s
}

// branches reads IF … THEN … ELSIF … ELSE … END IF.
func (r *blockReader) branches(s *blockStatement) {
	for !r.done() && !r.is("end") {
		b := &branch{}
		if !r.is("else") {
			r.i++
			first := r.i
			r.toWord("then")
			b.condition = r.t.from(first).to(r.i - first)
		}
		r.i++
		b.body = r.list("elsif", "elseif", "else", "end")
		s.branches = append(s.branches, b)
	}
	r.toSemicolon()
}

// loop passes over FOR, WHILE and LOOP with their statements.
func (r *blockReader) loop() {
	r.toWord("loop")
	r.i++
	r.list("end")
	r.toSemicolon()
}

// caseOf passes over a CASE statement.
func (r *blockReader) caseOf() {
	for !r.done() && !r.is("end") {
		if !r.is("else") {
			r.toWord("then")
		}
		r.i++
		r.list("when", "else", "end")
	}
	r.toSemicolon()
}

// toWord goes to a key word outside of parentheses. PL/pgSQL itself takes the THEN
// of a CASE expression without parentheses for its own.
func (r *blockReader) toWord(w string) {
	depth := 0
	for ; !r.done(); r.i++ {
		switch {
		case r.is("("):
			depth++
		case r.is(")"):
			depth--
		case depth == 0 && r.is(w):
			return
		}
	}
}

// toSemicolon goes behind the semicolon that ends the statement.
func (r *blockReader) toSemicolon() { r.i = statementEnd(r.t, r.i) }

// simpleKind is the kind of a statement without statements in it.
func simpleKind(t tokens) blockKind {
	switch {
	case t.is(0, "null"), t.is(0, "raise") && !raises(t), t.is(0, "assert"), t.is(0, "get"), t.is(1, ":"), t.is(1, "="), t.is(1, "["), t.is(1, "."):
		return blockNothing
	case t.is(0, "perform"), t.is(0, "select"), t.is(0, "with"), t.is(0, "insert"), t.is(0, "update"), t.is(0, "delete"), t.is(0, "merge"),
		t.is(0, "call"):
		return blockData
	}
	for _, w := range []string{"create", "alter", "drop", "comment", "grant", "revoke", "set", "reassign", "security"} {
		if t.is(0, w) {
			return blockSQL
		}
	}
	return blockOther
}

// raises reports whether a RAISE ends the block.
func raises(t tokens) bool {
	for _, level := range []string{"debug", "log", "info", "notice", "warning"} {
		if t.is(1, level) {
			return false
		}
	}
	return true
}
