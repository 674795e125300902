package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
	"bloom/parser/analyze"
)

// exprs rewrites what the expressions of an object name. PostgreSQL keeps
// expressions by identity, so that a rename shows in them; here they are text, in
// which the names are replaced where they stand.
func (r *renaming) exprs(o catalog.Object) catalog.Object {
	return catalog.WithExprs(o, func(path string, e catalog.Expr) catalog.Expr {
		if !r.touches(e.Text) {
			return e
		}
		prefix := wrapping(path)
		tree, err := pg.Parse(prefix + e.Text)
		if err != nil || len(tree.GetStmts()) == 0 {
			return e
		}
		x := &exprRenaming{renaming: r, expr: e, offset: len(prefix), object: o, path: path, tokens: lexAll(e.Text)}
		x.tree(tree.GetStmts()[0].GetStmt())
		return x.result()
	})
}

// touches reports whether a text may have to change: that of a query with * gives
// out columns that it does not name.
func (r *renaming) touches(text string) bool {
	lower := strings.ToLower(text)
	if r.id.Kind == catalog.KindColumn && strings.Contains(lower, strings.ToLower(r.id.Table)) && (strings.Contains(text, "*") || strings.Contains(lower, "natural")) {
		return true
	}
	return strings.Contains(lower, strings.ToLower(r.id.Name))
}

// wrapping is what makes a statement of an expression, put before it.
func wrapping(path string) string {
	switch path {
	case "Query", "Definition":
		return ""
	case "SQLBody":
		return "CREATE FUNCTION f() RETURNS int LANGUAGE sql "
	}
	return "SELECT "
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
	object catalog.Object
	path   string
	tokens tokens
	locked map[*pg.RangeVar]bool // those of FOR UPDATE OF, which name aliases
	edits  []edit
}

type edit struct {
	from, to int
	text     string
}

func (x *exprRenaming) result() catalog.Expr {
	slices.SortStableFunc(x.edits, func(a, b edit) int { return b.from - a.from })
	for _, e := range x.edits {
		x.expr.Text = x.expr.Text[:e.from] + e.text + x.expr.Text[e.to:]
	}
	return x.expr
}

func (x *exprRenaming) tree(n *pg.Node) {
	x.locked = map[*pg.RangeVar]bool{}
	aliases := false
	walk(n, func(n *pg.Node) {
		for _, l := range n.GetLockingClause().GetLockedRels() {
			x.locked[l.GetRangeVar()] = true
		}
		fields := strs(n.GetColumnRef().GetFields())
		aliases = aliases || len(fields) > 0 && fields[0] == x.id.Name || len(fields) == 3 && fields[1] == x.id.Name
	})
	x.own()
	walk(n, func(n *pg.Node) { x.node(n, aliases) })
}

// own replaces the names of columns that are not given by FROM, and of the table before them.
func (x *exprRenaming) own() {
	if x.id.Kind != catalog.KindColumn && !isRelation(x.id.Kind) {
		return
	}
	for _, o := range analyze.Occur(x.in.c, x.object, x.path).Own {
		switch {
		case x.id.Kind == catalog.KindColumn && o.Column == x.id:
			x.replace(o.At+x.offset, o.Fields-1, x.name)
		case isRelation(x.id.Kind) && o.Fields > 1 && o.Column.Schema == x.id.Schema && o.Column.Table == x.id.Name && o.Qualifier == x.id.Name:
			x.replace(o.At+x.offset, o.Fields-2, x.name)
			if o.Fields == 3 && x.schema != x.id.Schema {
				x.replace(o.At+x.offset, 0, x.schema)
			}
		}
	}
}

func (x *exprRenaming) node(n *pg.Node, aliases bool) {
	switch v := n.GetNode().(type) {
	case *pg.Node_RangeVar:
		x.rangeVar(v.RangeVar, aliases)
	case *pg.Node_InsertStmt:
		x.target(v.InsertStmt.GetRelation())
	case *pg.Node_UpdateStmt:
		x.target(v.UpdateStmt.GetRelation())
	case *pg.Node_DeleteStmt:
		x.target(v.DeleteStmt.GetRelation())
	case *pg.Node_MergeStmt:
		x.target(v.MergeStmt.GetRelation())
	case *pg.Node_ColumnRef:
		x.qualifier(v.ColumnRef)
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
	case *pg.Node_ColumnDef:
		x.typeName(v.ColumnDef.GetTypeName())
	case *pg.Node_TypeCast:
		x.typeName(v.TypeCast.GetTypeName())
		if qualified(v.TypeCast.GetTypeName().GetNames()).Name == "regclass" {
			x.literal(v.TypeCast.GetArg())
		}
	}
}

func (x *exprRenaming) typeName(t *pg.TypeName) {
	if slices.Contains(typeKinds, x.id.Kind) || x.id.Kind == catalog.KindSchema {
		x.qualified(t.GetLocation(), qualified(t.GetNames()), "")
	}
}

// rangeVar replaces the name of a table of FROM. The columns of one of which a column
// is renamed keep their names by an alias.
func (x *exprRenaming) rangeVar(v *pg.RangeVar, aliases bool) {
	switch {
	case x.locked[v]:
	case x.id.Kind == catalog.KindColumn:
		if x.isTable(rangeName(v)) {
			x.aliasColumns(v)
		}
	case isRelation(x.id.Kind) || x.id.Kind == catalog.KindSchema:
		suffix := ""
		if aliases && v.GetAlias() == nil && x.id.Name != x.name && isRelation(x.id.Kind) {
			suffix = " " + analyze.KeptName(x.id.Name)
		}
		x.qualified(v.GetLocation(), rangeName(v), suffix)
	}
}

// target replaces the name of the table that a statement changes.
func (x *exprRenaming) target(v *pg.RangeVar) {
	if isRelation(x.id.Kind) || x.id.Kind == catalog.KindSchema {
		x.qualified(v.GetLocation(), rangeName(v), "")
	}
}

// qualifier replaces the schema before a table before a column, or takes it away
// where the table gets an alias.
func (x *exprRenaming) qualifier(c *pg.ColumnRef) {
	fields := strs(c.GetFields())
	if len(fields) != 3 {
		return
	}
	switch {
	case x.id.Kind == catalog.KindSchema && fields[0] == x.id.Name:
		x.replace(int(c.GetLocation()), 0, x.name)
	case x.id.Kind == catalog.KindColumn && fields[0] == x.id.Schema && fields[1] == x.id.Table,
		isRelation(x.id.Kind) && fields[0] == x.id.Schema && fields[1] == x.id.Name:
		i := x.tokens.at(int(c.GetLocation()) - x.offset)
		e := edit{x.tokens.list[i].start, x.tokens.list[i+2].start, ""}
		if !slices.ContainsFunc(x.edits, func(o edit) bool { return o.from >= e.from && o.from < e.to }) {
			x.edits = append(x.edits, e)
		}
	}
}

// isTable reports whether a name is that of the table whose column is renamed.
func (x *exprRenaming) isTable(q catalog.QName) bool {
	id, ok := x.in.c.Relation(x.id.Schema, x.id.Table)
	return ok && x.named(q, id)
}

// aliasColumns lists the columns' names behind the alias of a table, as they have been so far.
func (x *exprRenaming) aliasColumns(v *pg.RangeVar) {
	names := x.in.relationColumns(x.id.Schema, x.id.Table)
	have := len(v.GetAlias().GetColnames())
	if i := slices.Index(names, x.id.Name); i < 0 || i < have {
		return
	}
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = catalog.Quote(n)
	}
	i := x.tokens.at(int(v.GetLocation()) - x.offset)
	if v.GetSchemaname() != "" {
		i += 2
	}
	text := "(" + strings.Join(list, ", ") + ")"
	switch {
	case v.GetAlias() == nil:
		text = " " + analyze.KeptName(v.GetRelname()) + text
	case have == 0:
		if i++; x.tokens.is(i, "as") {
			i++
		}
	default:
		for i < x.tokens.len() && x.tokens.str(i) != ")" {
			i++
		}
		i--
		text = ", " + strings.Join(list[have:], ", ")
	}
	if i < x.tokens.len() {
		end := x.tokens.list[i].end
		x.edits = append(x.edits, edit{end, end, text})
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
func (x *exprRenaming) means(q catalog.QName) bool { return x.named(q, x.id) }

func (x *exprRenaming) named(q catalog.QName, of catalog.ID) bool {
	if q.Name != of.Name {
		return false
	}
	if q.Schema != "" {
		return q.Schema == of.Schema
	}
	for _, s := range catalog.SplitNames(x.expr.Path) {
		id := of
		id.Schema = s
		if s == of.Schema {
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
