package catalog

import "fmt"

// Pos is a place in a file: 1-based line and 1-based column in characters.
// The zero Pos belongs to what was read from a database.
type Pos struct {
	File      string
	Line, Col int
}

// IsZero reports whether there is no place.
func (p Pos) IsZero() bool { return p == Pos{} }

// String is file:line:col, as editors and terminals link it.
func (p Pos) String() string {
	switch {
	case p.IsZero():
		return ""
	case p.Line == 0:
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Source is the statement that made objects: its text as the user wrote it,
// comments before it included, where it stands, and the search_path in force.
type Source struct {
	Text string
	Pos  Pos
	Path string // search_path in force, see Expr.Path
	// Makes lists the objects that running Text makes, in the state Text gives
	// them. An object that a later statement changed is not in the list.
	Makes []ID
}
