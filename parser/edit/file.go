// Package edit changes statements in files of SQL and leaves every other byte as it
// is: a column in a CREATE TABLE, the text of a function, a statement that goes.
package edit

import (
	"strings"

	"bloom/catalog"
	"bloom/parser/split"
)

// File is a file as a list of statements and what is between them.
type File struct {
	Name       string
	Statements []*Statement
	mark       string // byte order mark
	rest       string // after the last statement
}

// Statement is one statement of a file.
type Statement struct {
	Pos    catalog.Pos // where it stood in the file as it was read
	Text   string      // from its first word to its last
	before string      // what stands between the statement before it and this one
	after  string      // its semicolon
	gone   bool
}

// Parse reads a file.
func Parse(name, text string) (*File, error) {
	f := &File{Name: name}
	if rest, ok := strings.CutPrefix(text, "\ufeff"); ok {
		f.mark, text = "\ufeff", rest
	}
	list, err := split.File(name, text)
	if err != nil {
		return nil, err
	}
	at := 0
	for _, s := range list {
		if s.Kind == split.Comment {
			continue
		}
		end := s.Offset() + len(s.Text)
		start := end - len(afterComments(s.Text))
		st := &Statement{Pos: s.Pos, Text: text[start:end], before: text[at:start]}
		at = end
		if i := strings.IndexByte(text[end:], ';'); i >= 0 && strings.TrimSpace(text[end:end+i]) == "" {
			st.after, at = text[end:end+i+1], end+i+1
		}
		f.Statements = append(f.Statements, st)
	}
	f.rest = text[at:]
	return f, nil
}

// afterComments is a statement without the comments before it.
func afterComments(text string) string {
	for {
		text = strings.TrimLeft(text, " \t\r\n\f\v")
		switch {
		case strings.HasPrefix(text, "--"):
			_, text, _ = strings.Cut(text, "\n")
		case strings.HasPrefix(text, "/*"):
			text = text[commentEnd(text):]
		default:
			return text
		}
	}
}

// commentEnd is where a comment /* … */ ends; comments can stand in each other.
func commentEnd(text string) int {
	depth := 0
	for i := 0; i+1 < len(text); i++ {
		switch text[i : i+2] {
		case "/*":
			depth, i = depth+1, i+1
		case "*/":
			depth, i = depth-1, i+1
			if depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// Text is the file as it is now.
func (f *File) Text() string {
	var b strings.Builder
	b.WriteString(f.mark)
	for _, s := range f.Statements {
		b.WriteString(s.before)
		if !s.gone {
			b.WriteString(s.Text + s.after)
		}
	}
	return b.String() + f.rest
}

// At is the statement that stood at a place when the file was read, nil if none did.
func (f *File) At(pos catalog.Pos) *Statement {
	for _, s := range f.Statements {
		if s.Pos == pos {
			return s
		}
	}
	return nil
}

// Gone reports whether the statement was removed.
func (s *Statement) Gone() bool { return s.gone }

// Remove takes a statement out, with the comment directly above it and the one
// behind it on its line.
func (f *File) Remove(s *Statement) {
	if s.gone {
		return
	}
	s.gone = true
	next := &f.rest
	for i, other := range f.Statements {
		if other == s && i+1 < len(f.Statements) {
			next = &f.Statements[i+1].before
		}
	}
	s.before = withoutLead(s.before)
	line, rest, more := strings.Cut(*next, "\n")
	if text := strings.TrimSpace(line); more && (text == "" || strings.HasPrefix(text, "--")) {
		*next = rest
	}
	if strings.HasSuffix(s.before, "\n\n") || s.before == "" {
		*next = strings.TrimPrefix(*next, "\n") // one blank line is enough
	}
}

// withoutLead takes away the comment lines directly above a statement, and what
// is before it on its own line.
func withoutLead(before string) string {
	end := strings.LastIndexByte(before, '\n') + 1
	if strings.TrimSpace(before[end:]) != "" {
		return before // a comment before it on its line, or behind another statement
	}
	before = before[:end]
	for before != "" {
		start := strings.LastIndexByte(before[:len(before)-1], '\n') + 1
		line := strings.TrimSpace(before[start:])
		if !strings.HasPrefix(line, "--") || start == 0 && !strings.HasPrefix(before, "--") {
			break
		}
		before = before[:start]
	}
	return before
}

// InsertAfter puts statements, which have their semicolons, behind another; nil
// stands for the end of the file.
func (f *File) InsertAfter(s *Statement, text string) {
	text = strings.TrimRight(text, "\n")
	if s == nil {
		if n := len(f.Statements); n > 0 && f.Statements[n-1].after == "" {
			f.Statements[n-1].after = ";"
		}
		f.rest = strings.TrimRight(f.rest, "\n")
		if f.rest != "" || len(f.Statements) > 0 {
			f.rest += "\n\n"
		}
		f.rest += text + "\n"
		return
	}
	if s.after == "" {
		s.after = ";"
	}
	next := &f.rest
	for i, other := range f.Statements {
		if other == s && i+1 < len(f.Statements) {
			next = &f.Statements[i+1].before
		}
	}
	line, rest, more := strings.Cut(*next, "\n")
	if more && strings.TrimSpace(line) != "" && !strings.HasPrefix(strings.TrimSpace(line), "--") {
		line, rest = "", *next // another statement on the line
	} else if !more {
		line, rest = *next, ""
	}
	*next = line + "\n" + text + "\n" + rest
}

// Around is the index of the statement in which a place is; -1 if there is none.
func (f *File) Around(at catalog.Pos) int {
	found := -1
	for i, s := range f.Statements {
		if s.Pos.Line < at.Line || s.Pos.Line == at.Line && s.Pos.Col <= at.Col {
			found = i
		}
	}
	return found
}

// Like is the statement that is the i-th one of the file as it is now, read again;
// nil if that was put in.
func (f *File) Like(now *File, i int) *Statement {
	n := 0
	for _, s := range now.Statements[:i] {
		if s.Text == now.Statements[i].Text {
			n++
		}
	}
	for _, s := range f.Statements {
		if !s.gone && s.Text == now.Statements[i].Text {
			if n == 0 {
				return s
			}
			n--
		}
	}
	return nil
}
