package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
	"bloom/parser/analyze"
)

// freeze writes out what * stands for in queries over a relation that is about to
// get a column: PostgreSQL did so when the query was stored.
func (in *interpreter) freeze(rel catalog.ID) {
	if !in.replay {
		return
	}
	name := strings.ToLower(rel.Name)
	for _, o := range frozen(in.c, func(text string) bool { return strings.Contains(strings.ToLower(text), name) }) {
		in.put(o)
	}
}

// WriteOutStars writes out what * stands for in all queries of a catalog: of two
// states that say the same, the columns may differ.
func WriteOutStars(c *catalog.Catalog) {
	for _, o := range frozen(c, func(string) bool { return true }) {
		c.Put(o)
	}
}

// frozen are the objects with * in a text that concerns us, with the columns in its place.
func frozen(c *catalog.Catalog, concerns func(text string) bool) []catalog.Object {
	var out []catalog.Object
	for _, id := range c.OfKinds(catalog.KindView, catalog.KindRoutine, catalog.KindPolicy, catalog.KindRule) {
		o := c.Get(id)
		if r, ok := o.(catalog.Routine); ok && r.SQLBody.IsZero() {
			continue
		}
		if written, changed := rewrite(o, func(path string, e catalog.Expr) string {
			if !strings.Contains(e.Text, "*") || !concerns(e.Text) || !hasStar(path, e.Text) {
				return e.Text
			}
			return writeOut(e.Text, analyze.Occur(c, o, path).Stars)
		}); changed {
			out = append(out, written)
		}
	}
	return out
}

// rewrite gives the expressions of an object other texts.
func rewrite(o catalog.Object, text func(path string, e catalog.Expr) string) (n catalog.Object, changed bool) {
	n = catalog.WithExprs(o, func(path string, e catalog.Expr) catalog.Expr {
		was := e.Text
		e.Text = text(path, e)
		changed = changed || e.Text != was
		return e
	})
	return n, changed
}

// hasStar reports whether a text has a * that stands for columns.
func hasStar(path, text string) bool {
	tree, err := pg.Parse(wrapping(path) + text)
	if err != nil || len(tree.GetStmts()) == 0 {
		return false
	}
	found := false
	walk(tree.GetStmts()[0].GetStmt(), func(n *pg.Node) { found = found || n.GetAStar() != nil })
	return found
}

func writeOut(text string, stars []analyze.Star) string {
	t := lexAll(text)
	slices.SortFunc(stars, func(a, b analyze.Star) int { return b.At - a.At })
	for _, s := range stars {
		first := t.at(s.At)
		last := first + 2*(s.Fields-1)
		if last >= t.len() || t.str(last) != "*" || len(s.Columns) == 0 {
			continue
		}
		text = text[:t.list[first].start] + strings.Join(s.Columns, ", ") + text[t.list[last].end:]
	}
	return text
}

// relationColumns are the names of a table's or view's columns in their order.
func (in *interpreter) relationColumns(schema, name string) []string {
	id, _ := in.c.Relation(schema, name)
	switch o := in.c.Lookup(id).(type) {
	case catalog.Table:
		return o.Columns
	case catalog.View:
		if len(o.Columns) == 0 {
			in.resolveView(id)
			o, _ = in.c.Get(id).(catalog.View)
		}
		var out []string
		for _, c := range o.Columns {
			out = append(out, c.Name)
		}
		return out
	case catalog.Composite:
		var out []string
		for _, a := range o.Attributes {
			out = append(out, a.Name)
		}
		return out
	}
	return nil
}

// resolveView finds the columns of a view.
func (in *interpreter) resolveView(id catalog.ID) {
	delete(in.unresolved, id)
	analyze.ResolveOnly(in.c, []catalog.ID{id})
}

// dropFromAliases takes the name of a column that goes out of the lists of names behind
// aliases of its table: the names after it would move up.
func (in *interpreter) dropFromAliases(id catalog.ID) {
	at := slices.Index(in.relationColumns(id.Schema, id.Table), id.Name)
	if at < 0 {
		return
	}
	var changed []catalog.Object
	for _, user := range in.c.OfKinds(catalog.KindView, catalog.KindRoutine, catalog.KindPolicy, catalog.KindRule) {
		o := in.c.Get(user)
		if shorter, is := rewrite(o, func(path string, e catalog.Expr) string {
			if !strings.Contains(strings.ToLower(e.Text), strings.ToLower(id.Table)) {
				return e.Text
			}
			tree, err := pg.Parse(wrapping(path) + e.Text)
			if err != nil || len(tree.GetStmts()) == 0 {
				return e.Text
			}
			r := &renaming{in: in, id: id}
			x := &exprRenaming{renaming: r, expr: e, offset: len(wrapping(path)), object: o, path: path, tokens: lexAll(e.Text)}
			walk(tree.GetStmts()[0].GetStmt(), func(n *pg.Node) {
				if v := n.GetRangeVar(); len(v.GetAlias().GetColnames()) > at && x.isTable(rangeName(v)) {
					x.shortenAlias(v, at)
				}
			})
			return x.result().Text
		}); is {
			changed = append(changed, shorter)
		}
	}
	for _, o := range changed {
		in.put(o)
	}
}

// shortenAlias takes the name at a place out of the list behind an alias.
func (x *exprRenaming) shortenAlias(v *pg.RangeVar, at int) {
	i := x.tokens.at(int(v.GetLocation()) - x.offset)
	for i < x.tokens.len() && x.tokens.str(i) != "(" {
		i++
	}
	first := i + 1 + 2*at
	if first+1 >= x.tokens.len() {
		return
	}
	from, to := x.tokens.list[first].start, x.tokens.list[first].end
	switch {
	case x.tokens.str(first+1) == ",":
		to = x.tokens.list[first+2].start
	case at > 0:
		from = x.tokens.list[first-1].start
	default: // the only one
		from, to = x.tokens.list[i].start, x.tokens.list[first+1].end
	}
	x.edits = append(x.edits, edit{from, to, ""})
}

// renameValue writes the new name of an enum's value where expressions name the old
// one: PostgreSQL keeps values by identity.
func (in *interpreter) renameValue(e catalog.Enum, from, to string) {
	if !in.replay {
		return
	}
	var changed []catalog.Object
	for _, id := range in.c.IDs() {
		if !hasExprs(id.Kind) {
			continue
		}
		o := in.c.Get(id)
		if renamed, is := rewrite(o, func(path string, x catalog.Expr) string {
			if !strings.Contains(x.Text, from) {
				return x.Text
			}
			return replaceLiterals(x.Text, analyze.Occur(in.c, o, path).Literals, catalog.QName{Schema: e.Schema, Name: e.Name}, from, to)
		}); is {
			changed = append(changed, renamed)
		}
	}
	for _, o := range changed {
		in.put(o)
	}
}

// replaceLiterals writes another text in place of the literals of a type that have one.
func replaceLiterals(text string, literals []analyze.Literal, of catalog.QName, from, to string) string {
	slices.SortFunc(literals, func(a, b analyze.Literal) int { return b.At - a.At })
	t := lexAll(text)
	for i, l := range literals {
		at := t.at(l.At)
		if l.Text != from || l.Type != of || at >= t.len() || i > 0 && literals[i-1].At == l.At {
			continue
		}
		text = text[:t.list[at].start] + catalog.QuoteLiteral(to) + text[t.list[at].end:]
	}
	return text
}
