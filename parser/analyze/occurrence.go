package analyze

import (
	"slices"

	"bloom/catalog"
)

// Occurrences says where in a text names stand that a rename or a new column touches.
type Occurrences struct {
	Own      []Occurrence
	Stars    []Star
	Literals []Literal
}

// Literal is a string that stands for a value of a type.
type Literal struct {
	At   int
	Type catalog.QName
	Text string
}

// Occurrence is a name of a column of the table that the expression belongs to or the statement changes: no
// FROM gives it, so that no alias can keep it.
type Occurrence struct {
	At        int // byte offset in the text
	Fields    int // parts of the name
	Qualifier string
	Column    catalog.ID
}

// Star is a * in a list, with the columns that it stands for as SQL.
type Star struct {
	At, Fields int
	Columns    []string
}

// Occur finds the occurrences in an expression of an object.
func Occur(c *catalog.Catalog, o catalog.Object, path string) Occurrences {
	src := source{o, path, exprAt(o, path)}
	p := parseOne(src)
	if p.err != nil {
		return Occurrences{}
	}
	a := newAnalyzer(envOf(c), src.expr.Path)
	a.occurrences = &Occurrences{}
	a.inContext(src, p.tree, &query{})
	out := a.occurrences
	for i := range out.Own {
		out.Own[i].At -= p.start
	}
	for i := range out.Stars {
		out.Stars[i].At -= p.start
	}
	for i := range out.Literals {
		out.Literals[i].At -= p.start
	}
	return *out
}

// occur records a name that stands for a column of an item.
func (a *analyzer) occur(it *item, at int32, fields int, name string, e expr) {
	c, ok := e.(*column)
	if a.occurrences == nil || !it.direct || !ok || c.id.Name != name {
		return
	}
	o := Occurrence{At: int(at), Fields: fields, Column: c.id, Qualifier: it.name}
	if !slices.Contains(a.occurrences.Own, o) {
		a.occurrences.Own = append(a.occurrences.Own, o)
	}
}

func (a *analyzer) occurLiteral(c *constant, t typ) {
	if a.occurrences == nil || c.at <= 0 || t.Array {
		return
	}
	a.occurrences.Literals = append(a.occurrences.Literals, Literal{At: int(c.at), Type: catalog.QName{Schema: t.Schema, Name: t.Name}, Text: c.text})
}

// occurStar records what a * stands for.
func (a *analyzer) occurStar(at int32, fields int, items []*item, s *scope) {
	if a.occurrences == nil || slices.ContainsFunc(a.occurrences.Stars, func(x Star) bool { return x.At == int(at) }) {
		return
	}
	star := Star{At: int(at), Fields: fields}
	for _, it := range items {
		if it.unknown {
			return
		}
		for _, c := range it.all() {
			star.Columns = append(star.Columns, spelled(it, c, s))
		}
	}
	a.occurrences.Stars = append(a.occurrences.Stars, star)
}

// spelled is a column of an item as a name that finds it. Those of a join go by the table that they come from.
func spelled(it *item, c itemColumn, s *scope) string {
	if it.hidden {
		for _, other := range s.items {
			if other.hidden || !other.columnsHidden {
				continue
			}
			for _, d := range other.all() {
				if d.expr == c.expr && d.name == c.name {
					return catalog.Quote(other.name) + "." + catalog.Quote(c.name)
				}
			}
		}
		return catalog.Quote(c.name)
	}
	return catalog.Quote(it.name) + "." + catalog.Quote(c.name)
}
