package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// exprs rewrites what the expressions of an object name. PostgreSQL keeps
// expressions by identity, so that a rename shows in them; here they are text, in
// which the names are replaced where they stand.
func (r *renaming) exprs(o catalog.Object) catalog.Object {
	lower := strings.ToLower(r.id.Name)
	return catalog.WithExprs(o, func(path string, e catalog.Expr) catalog.Expr {
		if !strings.Contains(strings.ToLower(e.Text), lower) {
			return e
		}
		prefix := "SELECT "
		if _, isView := o.(catalog.View); isView {
			prefix = ""
		}
		tree, err := pg.Parse(prefix + e.Text)
		if err != nil || len(tree.GetStmts()) == 0 {
			return e
		}
		x := &exprRenaming{renaming: r, expr: e, offset: len(prefix), owner: o.ID(), tokens: lexAll(e.Text)}
		x.tree(tree.GetStmts()[0].GetStmt())
		return x.result()
	})
}

func lexAll(s string) tokens {
	l := &lexer{s: s}
	t := tokens{s: s}
	for {
		next, ok := l.next()
		if !ok {
			return t
		}
		t.list = append(t.list, next)
	}
}

// exprRenaming collects the replacements in one expression.
type exprRenaming struct {
	*renaming
	expr   catalog.Expr
	offset int // of the text in what was parsed
	owner  catalog.ID
	tokens tokens
	inner  map[*pg.ColumnRef]bool // columns inside of sub-selects
	edits  []edit
}

type edit struct {
	from, to int
	text     string
}

func (x *exprRenaming) result() catalog.Expr {
	slices.SortFunc(x.edits, func(a, b edit) int { return b.from - a.from })
	for _, e := range x.edits {
		x.expr.Text = x.expr.Text[:e.from] + e.text + x.expr.Text[e.to:]
	}
	return x.expr
}

func (x *exprRenaming) tree(n *pg.Node) {
	x.inner = map[*pg.ColumnRef]bool{}
	walk(n, func(n *pg.Node) {
		if s := n.GetSubLink(); s != nil {
			walk(s.GetSubselect(), func(n *pg.Node) {
				if c := n.GetColumnRef(); c != nil {
					x.inner[c] = true
				}
			})
		}
	})
	aliases := false
	walk(n, func(n *pg.Node) {
		if c := n.GetColumnRef(); c != nil && len(c.GetFields()) > 1 && c.GetFields()[0].GetString_().GetSval() == x.id.Name && x.fromClause(n) {
			aliases = true
		}
	})
	walk(n, func(n *pg.Node) { x.node(n, aliases) })
}

// fromClause reports whether column references of the expression name relations
// of a FROM clause: in sub-selects and queries, not in an expression over its own table.
func (x *exprRenaming) fromClause(n *pg.Node) bool {
	return x.owner.Kind == catalog.KindView || x.inner[n.GetColumnRef()]
}

func (x *exprRenaming) node(n *pg.Node, aliases bool) {
	switch v := n.GetNode().(type) {
	case *pg.Node_ColumnRef:
		x.column(v.ColumnRef)
	case *pg.Node_RangeVar:
		if isRelation(x.id.Kind) || x.id.Kind == catalog.KindSchema {
			suffix := ""
			if aliases && v.RangeVar.GetAlias() == nil && x.id.Name != x.name && isRelation(x.id.Kind) {
				suffix = " AS " + catalog.Quote(x.id.Name)
			}
			x.qualified(v.RangeVar.GetLocation(), rangeName(v.RangeVar), suffix)
		}
	case *pg.Node_FuncCall:
		if x.id.Kind == catalog.KindRoutine || x.id.Kind == catalog.KindAggregate || x.id.Kind == catalog.KindSchema {
			x.qualified(v.FuncCall.GetLocation(), qualified(v.FuncCall.GetFuncname()), "")
		}
		if len(v.FuncCall.GetArgs()) > 0 {
			switch qualified(v.FuncCall.GetFuncname()).Name {
			case "nextval", "currval", "setval":
				x.literal(v.FuncCall.GetArgs()[0])
			}
		}
	case *pg.Node_TypeCast:
		t := v.TypeCast.GetTypeName()
		if slices.Contains(typeKinds, x.id.Kind) || x.id.Kind == catalog.KindSchema {
			x.qualified(t.GetLocation(), qualified(t.GetNames()), "")
		}
		if qualified(t.GetNames()).Name == "regclass" {
			x.literal(v.TypeCast.GetArg())
		}
	}
}

// column replaces a column's name, or the table's before it. Only references
// that are surely the table's own are touched: those outside of sub-selects in
// what belongs to it, and those with its name before them.
func (x *exprRenaming) column(c *pg.ColumnRef) {
	fields := strs(c.GetFields())
	own := x.owner.Schema == x.id.Schema && x.owner.Table != "" && !x.inner[c]
	switch {
	case x.id.Kind == catalog.KindColumn:
		last := len(fields) - 1
		if fields[last] != x.id.Name {
			return
		}
		qualifier := ""
		if last > 0 {
			qualifier = fields[last-1]
		}
		if own && x.owner.Table == x.id.Table && (last == 0 || qualifier == x.id.Table || qualifier == "new" || qualifier == "old") ||
			last > 0 && qualifier == x.id.Table && x.inner[c] {
			x.replace(int(c.GetLocation()), last, x.name)
		}
	case isRelation(x.id.Kind) && own && x.owner.Table == x.id.Name && len(fields) > 1 && fields[len(fields)-2] == x.id.Name:
		x.replace(int(c.GetLocation()), len(fields)-2, x.name)
	case isRelation(x.id.Kind) && x.owner.Kind == catalog.KindPolicy && x.owner.Table == x.id.Name && x.owner.Schema == x.id.Schema &&
		x.inner[c] && len(fields) > 1 && fields[len(fields)-2] == x.id.Name:
		x.replace(int(c.GetLocation()), len(fields)-2, x.name)
	}
}

// replace puts a name in place of the field-th part of the qualified name at a location.
func (x *exprRenaming) replace(location, field int, name string) {
	i := x.tokens.at(location - x.offset)
	if i += 2 * field; i < x.tokens.len() {
		x.edits = append(x.edits, edit{x.tokens.list[i].start, x.tokens.list[i].end, catalog.Quote(name)})
	}
}

// qualified replaces the name of a relation, function or type if it is the one renamed.
func (x *exprRenaming) qualified(location int32, q catalog.QName, suffix string) {
	i := x.tokens.at(int(location) - x.offset)
	if i >= x.tokens.len() {
		return
	}
	if x.id.Kind == catalog.KindSchema {
		if q.Schema == x.id.Name {
			x.replace(int(location), 0, x.name)
		}
		return
	}
	if !x.means(q) {
		return
	}
	last := i
	if q.Schema != "" {
		last = min(i+2, x.tokens.len()-1)
	}
	text := catalog.Quote(x.name)
	if q.Schema != "" || x.schema != x.id.Schema {
		text = catalog.QName{Schema: x.schema, Name: x.name}.SQL()
	}
	x.edits = append(x.edits, edit{x.tokens.list[i].start, x.tokens.list[last].end, text + suffix})
}

// means reports whether a name under the expression's search_path is the object's.
func (x *exprRenaming) means(q catalog.QName) bool {
	if q.Name != x.id.Name {
		return false
	}
	if q.Schema != "" {
		return q.Schema == x.id.Schema
	}
	for _, s := range catalog.SplitNames(x.expr.Path) {
		id := x.id
		id.Schema = s
		if s == x.id.Schema {
			return true
		}
		if x.in.c.Lookup(id) != nil {
			return false
		}
	}
	return false
}

// literal replaces a relation's name in a string: 's'::regclass, nextval('s').
func (x *exprRenaming) literal(n *pg.Node) {
	for n.GetTypeCast() != nil {
		n = n.GetTypeCast().GetArg()
	}
	c := n.GetAConst()
	if c.GetSval() == nil || !isRelation(x.id.Kind) && x.id.Kind != catalog.KindSchema {
		return
	}
	names := splitLiteral(c.GetSval().GetSval())
	to := catalog.QName{Schema: x.schema, Name: x.name}
	switch {
	case x.id.Kind == catalog.KindSchema && names.Schema == x.id.Name:
		to = catalog.QName{Schema: x.name, Name: names.Name}
	case x.id.Kind == catalog.KindSchema || !x.means(names):
		return
	}
	if i := x.tokens.at(int(c.GetLocation()) - x.offset); i < x.tokens.len() {
		t := x.tokens.list[i]
		e := edit{t.start, t.end, catalog.QuoteLiteral(to.SQL())}
		if !slices.Contains(x.edits, e) {
			x.edits = append(x.edits, e)
		}
	}
}

// splitLiteral reads a qualified name as regclass does.
func splitLiteral(s string) catalog.QName {
	t := lexAll(s)
	var names []string
	for i := 0; i < t.len(); i += 2 {
		name := t.str(i)
		if t.list[i].kind == quoted {
			name = strings.ReplaceAll(name[1:len(name)-1], `""`, `"`)
		} else {
			name = strings.ToLower(name)
		}
		names = append(names, name)
	}
	switch len(names) {
	case 1:
		return catalog.QName{Name: names[0]}
	case 2:
		return catalog.QName{Schema: names[0], Name: names[1]}
	}
	return catalog.QName{}
}
