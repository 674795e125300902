package parser

import (
	"cmp"
	"slices"
	"strings"

	"bloom/catalog"
)

// Error is something wrong in a source.
type Error struct {
	Pos  catalog.Pos
	Msg  string
	Hint string // what to do about it; may be empty

	// missing: something is named that does not exist, but may do later.
	missing bool
	// temporary: the statement is about a relation that is gone with the session.
	temporary bool
	// duplicate: what is made is there already.
	duplicate bool
}

func (e *Error) Error() string {
	s := e.Msg
	if !e.Pos.IsZero() {
		s = e.Pos.String() + ": " + s
	}
	if e.Hint != "" {
		s += "\nhint: " + e.Hint
	}
	return s
}

// ErrorList is all that is wrong, in the order of the files.
type ErrorList []*Error

func (l ErrorList) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single errors.
func (l ErrorList) Unwrap() []error {
	errs := make([]error, len(l))
	for i, e := range l {
		errs[i] = e
	}
	return errs
}

// orNil is the list as an error: nil if there is none in it.
func (l ErrorList) orNil() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// sortWithin orders errors by place, files staying in their order.
func (l ErrorList) sortWithin(files []*file) {
	order := map[string]int{}
	for i, f := range files {
		order[f.name] = i
	}
	slices.SortStableFunc(l, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(order[a.Pos.File], order[b.Pos.File]), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
}

// Note is something that was left out, and where.
type Note struct {
	Pos catalog.Pos
	Msg string
	// Unreplayed: it is a statement that may have changed the schema, and what it
	// did is not known.
	Unreplayed bool
}

func (n Note) String() string { return n.Pos.String() + ": " + n.Msg }
