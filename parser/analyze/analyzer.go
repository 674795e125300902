package analyze

import (
	"fmt"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// analyzer analyses one expression or query. It never fails: what it cannot resolve becomes an opaque node
// and a trouble, and analysis goes on.
type analyzer struct {
	env      *env
	path     []string
	pathText string
	troubles []trouble
	refs     idSet
	rowTypes idSet    // relations whose row type is used
	params   []*param // parameters of the function whose body it is
	names    []string // their names
	routine  string   // the function's name
	domain   *param   // VALUE in a domain's check
	depths   map[node]uint64
	nesting  int

	spellings []spelling

	occurrences *Occurrences // nil: nobody asks for them
}

// trouble is something that could not be resolved.
type trouble struct {
	at    int32 // byte offset in the parsed text; -1 if unknown
	class class
	msg   string
}

// class says what a trouble means for the answer.
type class int

const (
	// absent: the catalog has nothing of that name. It is an error in a declaration.
	absent class = iota
	absentColumn
	// unfit: something of that name is there, but not for these types. It may be a lack of facts.
	unfit
	// notUnderstood: the analysis cannot tell; nothing is known about this part.
	notUnderstood
)

func newAnalyzer(e *env, path string) *analyzer {
	return &analyzer{env: e, path: e.searchPath(path), pathText: path}
}

func (a *analyzer) refer(id catalog.ID) {
	if !id.IsZero() {
		a.refs.add(id)
	}
}

// referType records the type that a value was given.
func (a *analyzer) referType(t typ) {
	i := a.env.info(t)
	switch {
	case i == nil:
	case i.id.Kind == catalog.KindTable || i.id.Kind == catalog.KindView:
		a.rowTypes.add(i.id)
	default:
		a.refer(i.id)
	}
}

// missing records a name that the catalog does not have.
func (a *analyzer) missing(at int32, format string, args ...any) {
	a.record(at, absent, format, args...)
}

// noColumn records a column that does not exist.
func (a *analyzer) noColumn(at int32, format string, args ...any) {
	a.record(at, absentColumn, format, args...)
}

// unfit records a function or operator that is not there for the types that it is used with.
func (a *analyzer) unfit(at int32, format string, args ...any) { a.record(at, unfit, format, args...) }

// trouble records what is wrong or not understood and returns a node to stand for it.
func (a *analyzer) trouble(at int32, format string, args ...any) *opaque {
	a.record(at, notUnderstood, format, args...)
	return &opaque{typed: typed{typ: tOpaque}, what: a.troubles[len(a.troubles)-1].msg}
}

func (a *analyzer) record(at int32, c class, format string, args ...any) {
	a.troubles = append(a.troubles, trouble{at, c, fmt.Sprintf(format, args...)})
}

// unresolved stands for something of which only the name is known.
func unresolved(what string, args ...expr) *opaque {
	return &opaque{typed: typed{typ: tOpaque}, what: what, args: nodes(args)}
}

// maxNesting bounds the recursion into parse trees.
const maxNesting = 2000

// enter counts nested calls; the caller calls leave when it returns true.
func (a *analyzer) enter() bool { a.nesting++; return a.nesting <= maxNesting }
func (a *analyzer) leave()      { a.nesting-- }

// depthsIn says columns of which query depths occur in the tree, a bit per depth.
func (a *analyzer) depthsIn(n node) uint64 {
	switch n := n.(type) {
	case *column:
		return 1 << min(n.depth, 63)
	case *wholeRow:
		return 1 << min(n.depth, 63)
	}
	if bits, ok := a.depths[n]; ok {
		return bits
	}
	var bits uint64
	for _, p := range n.parts() {
		bits |= a.depthsIn(p)
	}
	if a.depths == nil {
		a.depths = map[node]uint64{}
	}
	a.depths[n] = bits
	return bits
}

// hasColumns is contain_vars_of_level(n, 0).
func (a *analyzer) hasColumns(n node, s *scope) bool { return a.depthsIn(n)&(1<<min(s.depth, 63)) != 0 }

// names of a qualified name in the parse tree.
func nameParts(l []*pg.Node) []string {
	names := make([]string, len(l))
	for i, n := range l {
		names[i] = n.GetString_().GetSval()
	}
	return names
}

// qualified splits a name into its schema, if it has one, and itself.
func qualified(l []*pg.Node) (schema, name string) {
	names := nameParts(l)
	switch len(names) {
	case 0:
		return "", ""
	case 1:
		return "", names[0]
	}
	return names[len(names)-2], names[len(names)-1]
}
