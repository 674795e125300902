package introspect

import (
	"reflect"
	"slices"
	"strings"
	"unicode"

	"bloom/catalog"
)

// changedNames are the names that do not mean the same on the server and in the
// states that are compared. About a text that mentions one the server would
// give an answer for a state that is not asked about: SELECT * of a table that
// is about to get a column, say.
type changedNames struct {
	names   map[string]bool                   // in lower case: routines, types, relations, …
	columns map[catalog.QName]map[string]bool // by relation, in lower case
	symbols []string                          // of operators
	casts   bool
}

func newChangedNames(live *catalog.Catalog, states []*catalog.Catalog) *changedNames {
	c := &changedNames{names: map[string]bool{}, columns: map[catalog.QName]map[string]bool{}}
	for _, state := range states {
		if state == live || state == nil {
			continue
		}
		for id, o := range state.All() {
			c.compare(id, live.Lookup(id), o)
		}
		for id, o := range live.All() {
			if other := state.Lookup(id); other == nil {
				c.compare(id, o, nil)
			}
		}
	}
	return c
}

// compare notes an object that is not the same on both sides, one of which may
// have none.
func (c *changedNames) compare(id catalog.ID, a, b catalog.Object) {
	switch id.Kind {
	case catalog.KindColumn, catalog.KindRoutine, catalog.KindAggregate, catalog.KindOperator, catalog.KindCast, catalog.KindCollation,
		catalog.KindBaseType, catalog.KindEnum, catalog.KindComposite, catalog.KindRange, catalog.KindDomain,
		catalog.KindTable, catalog.KindView, catalog.KindSequence, catalog.KindTextSearchConfiguration, catalog.KindTextSearchDictionary:
	default:
		return
	}
	if a != nil && b != nil && reflect.DeepEqual(meaning(a), meaning(b)) {
		return
	}
	switch id.Kind {
	case catalog.KindColumn:
		c.changeColumn(catalog.QName{Schema: id.Schema, Name: id.Table}, id.Name)
	case catalog.KindView:
		c.changeView(id, a, b)
	case catalog.KindOperator:
		c.symbols = append(c.symbols, id.Name)
	case catalog.KindCast:
		c.casts = true
	default:
		c.names[strings.ToLower(id.Name)] = true
	}
}

func (c *changedNames) changeColumn(rel catalog.QName, column string) {
	if c.columns[rel] == nil {
		c.columns[rel] = map[string]bool{}
	}
	c.columns[rel][strings.ToLower(column)] = true
}

// changeView: one that comes or goes is a name; of another the columns differ.
func (c *changedNames) changeView(id catalog.ID, a, b catalog.Object) {
	va, ok := a.(catalog.View)
	vb, ok2 := b.(catalog.View)
	if !ok || !ok2 {
		c.names[strings.ToLower(id.Name)] = true
		return
	}
	for _, list := range []catalog.ViewColumns{va.Columns, vb.Columns} {
		for _, column := range list {
			c.changeColumn(catalog.QName{Schema: id.Schema, Name: id.Name}, column.Name)
		}
	}
}

// meaning is the part of an object that texts which mention it depend on, its
// name left out.
func meaning(o catalog.Object) any {
	switch o := o.(type) {
	case catalog.Column:
		return [2]any{o.Type, o.Collation}
	case catalog.Routine:
		params := append([]catalog.Param{}, o.Params...)
		var defaults []bool
		for i := range params {
			defaults = append(defaults, !params[i].Default.IsZero())
			params[i].Default = catalog.Expr{}
		}
		return []any{params, defaults, o.Returns, o.ReturnsSet, o.Procedure, o.Window}
	case catalog.Aggregate:
		return []any{o.Params, o.Returns}
	case catalog.Domain:
		return [2]any{o.Base, o.Collation}
	case catalog.View:
		return append([]catalog.ViewColumn{}, o.Columns...)
	case catalog.Range:
		return o.Subtype
	case catalog.Operator:
		return o.Function
	case catalog.BaseType, catalog.Enum, catalog.Composite:
		return o
	}
	return nil
}

// mentioned returns a changed name that a text may depend on, "" if there is
// none: of several the first. relations are in scope without being named.
func (c *changedNames) mentioned(text string, relations []catalog.QName) string {
	var found []string
	if c.casts {
		found = append(found, "a cast")
	}
	t := newWords(text)
	for _, s := range c.symbols {
		if strings.Contains(text, s) {
			found = append(found, "operator "+s)
		}
	}
	for name := range c.names {
		if t.has(name) {
			found = append(found, name)
		}
	}
	star := strings.Contains(strings.ReplaceAll(text, "(*)", ""), "*") || t.words["natural"]
	for rel, columns := range c.columns {
		if !slices.Contains(relations, rel) && !t.has(strings.ToLower(rel.Name)) {
			continue
		}
		for column := range columns {
			if star || t.has(column) {
				found = append(found, "column "+rel.String()+"."+column)
			}
		}
	}
	if len(found) == 0 {
		return ""
	}
	return slices.Min(found)
}

// words is what may be a name in a text, in lower case.
type words struct {
	text  string
	words map[string]bool
}

func noWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }

func newWords(text string) words {
	w := words{strings.ToLower(text), map[string]bool{}}
	for _, f := range strings.FieldsFunc(w.text, noWord) {
		w.words[f] = true
	}
	return w
}

// has reports whether a name, in lower case, occurs. One that is no single word
// may be part of another.
func (w words) has(name string) bool {
	if strings.ContainsFunc(name, noWord) {
		return strings.Contains(w.text, strings.ReplaceAll(name, `"`, `""`))
	}
	return w.words[name]
}
