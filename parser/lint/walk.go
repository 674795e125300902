package lint

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
	"google.golang.org/protobuf/reflect/protoreflect"

	"bloom/catalog"
)

// call is a function call in an expression.
type call struct {
	name     string // with its schema, if that is written
	location int32
	// once is set in a sub-select without FROM, which is run once for a statement
	// and not for every row.
	once bool
}

// calls lists the function calls in an expression or query.
func calls(e catalog.Expr) []call {
	tree, shift := parseExpr(e.Text)
	if tree == nil {
		return nil
	}
	var out []call
	visit(tree.ProtoReflect(), false, func(n protoreflect.Message, once bool) {
		if f, ok := n.Interface().(*pg.FuncCall); ok {
			out = append(out, call{strings.Join(words(f.GetFuncname()), "."), f.GetLocation() - shift, once})
		}
	})
	return out
}

// parseExpr parses an expression; locations in the tree are larger by shift.
func parseExpr(text string) (*pg.ParseResult, int32) {
	const lead = "SELECT "
	tree, err := pg.Parse(lead + text)
	if err != nil {
		return nil, 0
	}
	return tree, int32(len(lead))
}

// visit walks through a tree, saying of each node whether it is run once.
func visit(n protoreflect.Message, once bool, f func(protoreflect.Message, bool)) {
	f(n, once)
	if sub, ok := n.Interface().(*pg.SubLink); ok {
		once = len(sub.GetSubselect().GetSelectStmt().GetFromClause()) == 0
	}
	n.Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case field.IsList() && field.Message() != nil:
			for i := range v.List().Len() {
				visit(v.List().Get(i).Message(), once, f)
			}
		case field.Message() != nil && !field.IsMap():
			visit(v.Message(), once, f)
		}
		return true
	})
}

// words are the strings of a list of names.
func words(list []*pg.Node) []string {
	var out []string
	for _, n := range list {
		out = append(out, n.GetString_().GetSval())
	}
	return out
}

// last is the last of a list of names: the one without its schema.
func last(list []*pg.Node) string {
	w := words(list)
	if len(w) == 0 {
		return ""
	}
	return w[len(w)-1]
}

// within is the place of an offset in an expression that a file declares.
func within(e catalog.Expr, offset int32) catalog.Pos {
	p := e.Pos
	if p.IsZero() || offset <= 0 || int(offset) > len(e.Text) {
		return p
	}
	before := e.Text[:offset]
	if i := strings.LastIndexByte(before, '\n'); i >= 0 {
		p.Line += strings.Count(before, "\n")
		p.Col, before = 1, before[i+1:]
	}
	p.Col += len([]rune(before))
	return p
}

func qname(r *pg.RangeVar) catalog.QName {
	return catalog.QName{Schema: r.GetSchemaname(), Name: r.GetRelname()}
}

// listed is the name in an object list.
func listed(n *pg.Node) catalog.QName {
	w := words(n.GetList().GetItems())
	if len(w) == 0 {
		return catalog.QName{Name: n.GetString_().GetSval()}
	}
	q := catalog.QName{Name: w[len(w)-1]}
	if len(w) > 1 {
		q.Schema = w[len(w)-2]
	}
	return q
}

type message = protoreflect.Message
