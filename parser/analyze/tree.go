package analyze

import (
	"fmt"
	"strconv"
	"strings"

	"bloom/catalog"
)

// node is a part of an analysed expression or query. Trees are compared node by node: what a node says
// itself is its label, everything else stands in its parts. Names in labels are resolved ones, so that the
// spelling of a name, an alias or the search_path makes no difference.
type node interface {
	label() string
	parts() []node
}

// expr is a node with a value.
type expr interface {
	node
	value() *typed
}

// typ is the identity of a type: pg_type.typname with its schema; Array for an array of it.
type typ struct {
	Schema, Name string
	Array        bool
}

func (t typ) String() string {
	return string(catalog.TypeName{Schema: t.Schema, Name: t.Name, Array: t.Array}.Type())
}

// typed is the type of a value and, for a record, the names and types of its fields.
type typed struct {
	typ    typ
	mods   string // type modifiers as catalog.TypeName has them; empty: none
	fields []field
}

func (t *typed) value() *typed { return t }

// field is a column of a row: of a relation, of a query's output, of a record.
type field struct {
	name   string
	typ    typ
	mods   string
	fields []field // if it is a record itself
}

// constant is a literal. Of type unknown it is an untyped string literal or NULL.
type constant struct {
	typed
	text string // as written
	key  string // canonical text, equal for equal values
	null bool
	at   int32 // byte offset of a string in the parsed text; 0 if there is none
}

// column is a column of an entry of a range table. The entry is known by where it stands: how deep its
// query is nested and the how manieth entry it is there.
type column struct {
	typed
	depth, entry int
	name         string     // of the relation's column, or its number if the entry is no relation
	shown        string     // as people read it
	id           catalog.ID // zero if the entry is no relation of the catalog
}

// wholeRow is all columns of an entry of a range table as one value.
type wholeRow struct {
	typed
	depth, entry int
	names        []string // of a record: they are part of the value
	shown        string
}

// param is a value from outside: a parameter of a function, VALUE of a domain's check, what CASE tests, a
// column of a sub-select that is compared.
type param struct {
	typed
	name string
}

// call is a function, aggregate or window function with its arguments.
type call struct {
	typed
	function  string // schema.name(argument types)
	flags     string // what else the call says: star, distinct, variadic, …
	args      []expr
	clauses   []node // order by, filter, over, within group
	aggregate bool
}

// operation is an operator with its operands.
type operation struct {
	typed
	form        string // "", "distinct", "nullif", "any", "all"
	operator    string // schema.name(left, right)
	left, right expr   // left is nil for a prefix operator
}

// boolean is AND, OR or NOT. ANDs within AND and ORs within OR are flattened.
type boolean struct {
	typed
	op   string
	args []expr
}

// conversion changes the type of a value or applies a type's modifiers to it.
type conversion struct {
	typed
	method   string // "relabel", "function", "text" (via input and output), "array", "domain", "row"
	function string // for "function": schema.name(argument types)
	explicit bool   // passed to functions that ask for it
	arg      expr
	// unwritten: the outermost ones around a value that is stored, which PostgreSQL put there and does not print
	unwritten bool
}

// collation is COLLATE.
type collation struct {
	typed
	name catalog.QName
	arg  expr
}

// array is ARRAY[…].
type array struct {
	typed
	elements []expr
}

// row is ROW(…).
type row struct {
	typed
	args []expr
}

// selection is a field of a composite value.
type selection struct {
	typed
	arg  expr
	name string
}

// special is an expression of SQL's own syntax: COALESCE, CASE, IS NULL, CURRENT_DATE, XMLELEMENT, a
// subscript, a sub-select, …
type special struct {
	typed
	what string
	args []node
}

// opaque is what could not be resolved: a function, an operator or a type that nobody knows, or what is
// not understood. Its type is not known either.
type opaque struct {
	typed
	what string
	args []node
}

// clause is a part of a query: FROM, a join, a target, the query itself.
type clause struct {
	what string
	args []node
}

func (n *constant) label() string {
	if n.null {
		return "NULL::" + withMods(n.typ, n.mods)
	}
	return strconv.Quote(n.key) + "::" + withMods(n.typ, n.mods)
}
func (n *column) label() string {
	return "column " + strconv.Itoa(n.depth) + "." + strconv.Itoa(n.entry) + "." + n.name
}
func (n *wholeRow) label() string {
	return fmt.Sprintf("row %d.%d %q", n.depth, n.entry, n.names)
}
func (n *param) label() string      { return "parameter " + n.name }
func (n *call) label() string       { return n.function + n.flags }
func (n *operation) label() string  { return strings.TrimSpace("operator " + n.operator + " " + n.form) }
func (n *boolean) label() string    { return n.op }
func (n *collation) label() string  { return "COLLATE " + n.name.SQL() }
func (n *array) label() string      { return "ARRAY::" + n.typ.String() }
func (n *row) label() string        { return "ROW::" + n.typ.String() }
func (n *selection) label() string  { return "field " + n.name }
func (n *special) label() string    { return n.what }
func (n *opaque) label() string     { return "? " + n.what }
func (n *clause) label() string     { return n.what }
func (n *conversion) label() string { return n.show() + n.detail() }

func (n *conversion) show() string {
	return "::" + withMods(n.typ, n.mods)
}

func (n *conversion) detail() string {
	d := " by " + n.method
	if n.function != "" {
		d += " " + n.function
	}
	if n.explicit {
		d += " explicit"
	}
	if n.unwritten {
		d += " unwritten"
	}
	return d
}

func withMods(t typ, mods string) string {
	return string(catalog.TypeName{Schema: t.Schema, Name: t.Name, Mods: mods, Array: t.Array}.Type())
}

func (n *constant) parts() []node   { return nil }
func (n *column) parts() []node     { return nil }
func (n *wholeRow) parts() []node   { return nil }
func (n *param) parts() []node      { return nil }
func (n *call) parts() []node       { return append(nodes(n.args), n.clauses...) }
func (n *boolean) parts() []node    { return nodes(n.args) }
func (n *conversion) parts() []node { return []node{n.arg} }
func (n *collation) parts() []node  { return []node{n.arg} }
func (n *array) parts() []node      { return nodes(n.elements) }
func (n *row) parts() []node        { return nodes(n.args) }
func (n *selection) parts() []node  { return []node{n.arg} }
func (n *special) parts() []node    { return n.args }
func (n *opaque) parts() []node     { return n.args }
func (n *clause) parts() []node     { return n.args }
func (n *operation) parts() []node {
	if n.left == nil {
		return []node{n.right}
	}
	return []node{n.left, n.right}
}

func nodes(es []expr) []node {
	ns := make([]node, len(es), len(es)+2)
	for i, e := range es {
		ns[i] = e
	}
	return ns
}

func isUnknown(e expr) bool { return e.value().typ == tUnknown }

// isOpaque reports whether nothing is known of the value's type.
func isOpaque(e expr) bool { return e.value().typ == tOpaque }

func isNull(e expr) bool {
	c, ok := e.(*constant)
	return ok && c.null
}
