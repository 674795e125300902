// Package split cuts SQL files into statements, as the migration history keeps
// them, and says of each what running it needs: a transaction, none, or that
// it is transaction control itself.
//
// The cuts are those of the Supabase CLI wherever that cuts correctly, byte by
// byte: a statement keeps the comments before it, semicolons and blanks around
// it are taken away, and a comment that no statement follows is an element of
// its own. Where the CLI's scanner goes wrong (strings with E, CASE in BEGIN
// ATOMIC, identifiers with $), PostgreSQL's own lexer decides.
package split

import (
	"errors"
	"sort"
	"strings"
	"unicode/utf8"

	"bloom/catalog"

	pg "github.com/pganalyze/pg_query_go/v5"
	pgerror "github.com/pganalyze/pg_query_go/v5/parser"
)

// Statement is one element of a file.
type Statement struct {
	Text string      // without semicolon and blanks around it
	Pos  catalog.Pos // of its first word, or of the comment if it has none
	Kind Kind
	// Err says why the text could not be parsed. It may be newer SQL than this
	// parser knows: the server can tell.
	Err *Error

	node  *pg.Node
	file  *file
	first int // where in the file Text begins
}

// Node is the parse tree, nil if there is none.
func (s Statement) Node() *pg.Node { return s.node }

// At is the place of a location in the parse tree; without one the statement's.
func (s Statement) At(location int32) catalog.Pos {
	if location <= 0 || s.file == nil {
		return s.Pos
	}
	return s.file.pos(s.first + int(location))
}

// Offset is where in the file Text begins, a byte order mark left out.
func (s Statement) Offset() int { return s.first }

// Line is the line on which an offset of Text stands.
func (s Statement) Line(offset int) int { return s.file.pos(s.first + offset).Line }

// Error is something wrong in a file.
type Error struct {
	Pos catalog.Pos
	Msg string
}

func (e *Error) Error() string { return e.Pos.String() + ": " + e.Msg }

const byteOrderMark = "\ufeff"

// File cuts a text. Its name is shown in positions. The error is that of a
// text without end, such as a quote that is not closed; what is wrong in a
// single statement is in that one.
func File(name, text string) ([]Statement, error) {
	f := newFile(name, strings.TrimPrefix(text, byteOrderMark))
	text = f.text
	if i := strings.IndexByte(text, 0); i >= 0 {
		return nil, &Error{f.pos(i), "a zero byte is no SQL text"}
	}
	if i := invalid(text); i >= 0 {
		return nil, &Error{f.pos(i), "not valid in UTF-8: save the file as UTF-8"}
	}
	cuts, err := f.scan()
	if err != nil {
		return nil, err
	}
	var list []Statement
	for _, c := range cuts {
		piece := strings.TrimSpace(strings.TrimRight(text[c.start:c.end], ";"))
		if piece == "" {
			continue
		}
		first := c.start + strings.Index(text[c.start:c.end], piece)
		s := Statement{Text: piece, Pos: f.pos(max(first, c.word)), Kind: Comment, file: f, first: first}
		if c.word >= 0 {
			s.parse(f, first)
		}
		list = append(list, s)
	}
	return list, nil
}

// Join makes a file of statements that is cut into the same again.
func Join(texts []string) string {
	var b strings.Builder
	for _, text := range texts {
		b.WriteString(text)
		if list, err := File("", text+"; SELECT"); err != nil || len(list) != 2 {
			b.WriteByte('\n') // the semicolon would be part of a comment
		}
		b.WriteString(";\n")
	}
	return b.String()
}

// cut is the part of a text between two separating semicolons.
type cut struct {
	start, end int
	word       int // where the first token stands that is no comment; -1: none
}

// scan finds the semicolons that separate statements: those outside of
// parentheses and of the bodies BEGIN ATOMIC … END.
func (f *file) scan() ([]cut, error) {
	text := f.text
	result, err := pg.Scan(text)
	if err != nil {
		return nil, f.error(0, err)
	}
	var cuts []cut
	current := cut{word: -1}
	depth, atomic := 0, 0
	last := ""
	for _, token := range result.GetTokens() {
		from, to := int(token.GetStart()), int(token.GetEnd())
		if isComment(token) {
			continue
		}
		word := strings.ToLower(text[from:to])
		switch {
		case word == "(":
			depth++
		case word == ")":
			depth--
		case word == "atomic" && last == "begin", word == "case" && atomic > 0:
			atomic++
		case word == "end" && atomic > 0:
			atomic--
		case word == ";" && depth <= 0 && atomic == 0:
			current.end = from
			cuts = append(cuts, current)
			current, depth, last = cut{start: to, word: -1}, 0, ""
			continue
		}
		if current.word < 0 {
			current.word = from
		}
		last = word
	}
	current.end = len(text)
	return append(cuts, current), nil
}

func isComment(token *pg.ScanToken) bool {
	return token.GetToken() == pg.Token_SQL_COMMENT || token.GetToken() == pg.Token_C_COMMENT
}

// parse fills in what the parser knows about a statement whose text starts at
// an offset of the file.
func (s *Statement) parse(f *file, offset int) {
	s.Kind = Ordinary
	tree, err := pg.Parse(s.Text)
	switch {
	case err != nil:
		s.Err = f.error(offset, err)
	case len(tree.GetStmts()) != 1:
		s.Err = &Error{s.Pos, "more than one statement, or none, between two semicolons"}
	default:
		s.node = tree.GetStmts()[0].GetStmt()
		s.Kind = kindOf(s.node)
	}
}

// file is a text in which places are looked up.
type file struct {
	name, text string
	lines      []int // offset of each line
}

func newFile(name, text string) *file {
	f := &file{name: name, text: text, lines: []int{0}}
	for i := range len(text) {
		if text[i] == '\n' {
			f.lines = append(f.lines, i+1)
		}
	}
	return f
}

// error gives an error of the parser its place; it counts characters from 1,
// in the text that starts at base.
func (f *file) error(base int, err error) *Error {
	at, msg := base, err.Error()
	var e *pgerror.Error
	if errors.As(err, &e) {
		msg = e.Message
		for n := e.Cursorpos; n > 1 && at < len(f.text); n-- {
			_, size := utf8.DecodeRuneInString(f.text[at:])
			at += size
		}
	}
	return &Error{f.pos(at), msg}
}

func (f *file) pos(offset int) catalog.Pos {
	offset = min(offset, len(f.text))
	line := sort.SearchInts(f.lines, offset+1)
	return catalog.Pos{File: f.name, Line: line, Col: utf8.RuneCountInString(f.text[f.lines[line-1]:offset]) + 1}
}

func invalid(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return i
			}
		}
	}
	return -1
}
