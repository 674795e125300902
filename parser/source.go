package parser

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"bloom/catalog"
)

// Source is a text to read. Name is shown in positions.
type Source struct{ Name, Text string }

// Files reads files, and all *.sql files in folders, in the bytewise order of
// their paths within each.
func Files(paths ...string) ([]Source, error) {
	var sources []Source
	var errs []error
	for _, p := range paths {
		found, err := sqlFiles(p)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, name := range found {
			b, err := os.ReadFile(name)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			sources = append(sources, Source{Name: name, Text: string(b)})
		}
	}
	return sources, errors.Join(errs...)
}

func sqlFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var found []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(p, ".sql") {
			found = append(found, p)
		}
		return err
	})
	slices.Sort(found)
	return found, err
}

// file is a source with what is needed to say where something in it stands.
//
// Offsets into it count bytes from 0, as locations in pg_query's trees do, but
// those count from the start of the text that was parsed (statement.base). Cursor
// positions of syntax errors count characters from 1. A location of a statement
// includes the blanks and comments before it, and a length of 0 means to the end.
type file struct {
	name       string
	text       string
	lines      []int // offset of each line
	tokens     tokens
	statements []*statement
	notes      []Note
	cameBy     origin
	recoded    *recoded
	// unknownEncoding is that of the text from unknownFrom on, if it cannot be read.
	unknownEncoding string
	unknownFrom     int
	within          catalog.Pos // where all of it stands, if it is text that a block made
}

// newFile takes away what is not SQL: a byte order mark, psql's own lines and the
// data of COPY. What is taken out is blanked, so that offsets stay as they are.
func newFile(src Source) (*file, error) {
	f := &file{name: src.Name, text: strings.TrimPrefix(src.Text, "\ufeff")}
	f.findLines()
	f.lex()
	if f.unknownEncoding != "" && strings.IndexFunc(f.text[f.unknownFrom:], func(c rune) bool { return c >= utf8.RuneSelf }) >= 0 {
		return nil, &Error{Pos: f.pos(f.unknownFrom), Msg: fmt.Sprintf("text in the encoding %s cannot be read", f.unknownEncoding), Hint: "save the file as UTF-8 and leave out SET client_encoding"}
	}
	if i := invalid(f.text); i >= 0 {
		return nil, &Error{Pos: f.pos(i), Msg: fmt.Sprintf("byte 0x%02x is not valid in UTF-8 text", f.text[i]), Hint: "save the file as UTF-8"}
	}
	return f, nil
}

// findLines notes where lines begin.
func (f *file) findLines() {
	f.lines = append(f.lines[:0], 0)
	for i := range len(f.text) {
		if f.text[i] == '\n' {
			f.lines = append(f.lines, i+1)
		}
	}
}

// invalid is the offset of the first byte that PostgreSQL would not take, or -1.
func invalid(s string) int {
	for i, r := range s {
		if r == 0 {
			return i
		}
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
	}
	return -1
}

// lex fills tokens, blanking what belongs to psql on the way.
func (f *file) lex() {
	l := &lexer{s: f.text}
	list := make([]token, 0, len(f.text)/6)
	first := 0 // token that starts the statement
	for {
		t, ok := l.next()
		if !ok {
			break
		}
		if f.text[t.start] == '\\' && len(list) == first && f.startsLine(t.start) {
			end := t.start + lineLength(f.text[t.start:])
			command := strings.TrimSpace(f.text[t.start:end])
			f.blank(l, t.start, end, "psql command skipped: "+command)
			if name, ok := strings.CutPrefix(command, `\encoding `); ok {
				f.recode(l, end, strings.TrimSpace(name))
			}
			continue
		}
		list = append(list, t)
		if f.text[t.start] == ';' && t.kind == sign {
			if f.copiesFromStdin(list[first:]) {
				f.blankData(l, list[first].start, t.end)
				list = list[:first]
			} else if name, ok := setsEncoding(tokens{f.text, list[first:]}); ok {
				f.recode(l, t.end, name)
			}
			first = len(list)
		}
	}
	f.tokens = tokens{f.text, list}
}

func (f *file) startsLine(at int) bool {
	line := f.lines[sort.SearchInts(f.lines, at+1)-1]
	return strings.TrimSpace(f.text[line:at]) == ""
}

func (f *file) copiesFromStdin(list []token) bool {
	t := tokens{f.text, list}
	return t.is(0, "copy") && t.find(0, "from", "stdin") > 0
}

// blankData blanks a COPY statement and its data, up to the line \. that ends it.
func (f *file) blankData(l *lexer, start, end int) {
	stop := len(f.text)
	if i := strings.Index(f.text[end:], "\n\\."); i >= 0 {
		stop = end + i + len("\n\\.")
	}
	f.blank(l, start, stop, "COPY data skipped")
}

func (f *file) blank(l *lexer, start, end int, note string) {
	b := []byte(f.text[start:end])
	for i := range b {
		if b[i] != '\n' {
			b[i] = ' '
		}
	}
	f.notes = append(f.notes, Note{Pos: f.pos(start), Msg: note})
	f.text = f.text[:start] + string(b) + f.text[end:]
	l.s, l.at = f.text, end
}

// pos is the place of a byte offset.
func (f *file) pos(offset int) catalog.Pos {
	if !f.within.IsZero() {
		return f.within
	}
	offset = max(0, min(offset, len(f.text)))
	line := sort.SearchInts(f.lines, offset+1)
	return catalog.Pos{File: f.name, Line: line, Col: utf8.RuneCountInString(f.text[f.lines[line-1]:offset]) + 1}
}

// cursor is the offset of a cursor position, which counts characters from 1,
// in the text that starts at base.
func (f *file) cursor(base, position int) int {
	for position > 1 && base < len(f.text) {
		_, n := utf8.DecodeRuneInString(f.text[base:])
		base, position = base+n, position-1
	}
	return base
}

// lead is where the comment block directly above a statement starts, or the
// statement itself. A comment behind another statement on its line is not ours.
func (f *file) lead(start int) int {
	line := sort.SearchInts(f.lines, start+1) - 1
	if strings.TrimSpace(f.text[f.lines[line]:start]) != "" {
		return start
	}
	lead := start
	for i := line - 1; i >= 0; i-- {
		s := strings.TrimSpace(f.text[f.lines[i]:f.lines[i+1]])
		switch {
		case strings.HasPrefix(s, "--"):
			lead = f.lines[i]
		case strings.HasSuffix(s, "*/"):
			open := strings.LastIndex(f.text[:f.lines[i+1]], "/*")
			j := sort.SearchInts(f.lines, open+1) - 1
			if open < 0 || strings.TrimSpace(f.text[f.lines[j]:open]) != "" {
				return lead
			}
			lead, i = f.lines[j], j
		default:
			return lead
		}
	}
	return lead
}
