package analyze

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// Problem is a name in a declared expression that means nothing: an error of whoever declared it.
type Problem struct {
	ID   catalog.ID
	Path string // of the field, see catalog.ExprField
	Pos  catalog.Pos
	Msg  string
}

// Resolve analyses all expressions of a declared catalog. It fills in the columns of views and records what
// each object depends on through its expressions. trees, which may be nil, spares parsing what has been parsed.
func Resolve(c *catalog.Catalog, trees *Trees) []Problem { return resolve(c, expressions(c), trees) }

// ResolveOnly is Resolve for some objects of a catalog.
func ResolveOnly(c *catalog.Catalog, ids []catalog.ID) []Problem {
	var sources []source
	for _, id := range ids {
		if o := c.Get(id); o != nil {
			sources = append(sources, objectExpressions(o)...)
		}
	}
	return resolve(c, sources, nil)
}

func resolve(c *catalog.Catalog, sources []source, known *Trees) []Problem {
	e := envOf(c)
	e.kept.results.grow(len(sources))
	trees := make([]parsed, len(sources))
	results := make([]result, len(sources))
	inParallel((len(sources)+chunk-1)/chunk, func(i int) {
		at, end := i*chunk, min((i+1)*chunk, len(sources))
		copy(trees[at:end], known.parseRest(sources[at:end]))
		for k := at; k < end; k++ {
			if trees[k].err == nil {
				results[k] = e.analyzeKept(sources[k], trees[k])
				trees[k].tree = nil // the trees of a large schema are most of the memory
			}
		}
	})
	var problems []Problem
	for i, s := range sources {
		id := s.object.ID()
		for _, to := range results[i].refs {
			c.Depend(id, to)
		}
		if trees[i].err != nil {
			problems = append(problems, Problem{id, s.path, s.expr.Pos, trees[i].err.Error()})
			continue
		}
		for _, t := range results[i].troubles {
			if e.certain(t) {
				problems = append(problems, Problem{id, s.path, s.position(int(t.at)), t.msg})
			}
		}
	}
	problems = append(problems, e.fillViews()...)
	c.KeepDerived(e) // the columns of views that were filled in are those that it found
	return problems
}

// chunk is how many expressions one goroutine takes at a time.
const chunk = 128

// expressions lists the expressions of a catalog, Base left out, in the order of the objects.
func expressions(c *catalog.Catalog) []source {
	objects := make([]catalog.Object, 0, c.Len())
	for _, o := range c.All() {
		objects = append(objects, o)
	}
	found := make([][]source, (len(objects)+chunk-1)/chunk)
	inParallel(len(found), func(i int) {
		for _, o := range objects[i*chunk : min((i+1)*chunk, len(objects))] {
			found[i] = append(found[i], objectExpressions(o)...)
		}
	})
	return slices.Concat(found...)
}

func objectExpressions(o catalog.Object) []source {
	var out []source
	for _, f := range catalog.Exprs(o) {
		out = append(out, source{o, f.Path, f.Expr})
	}
	return out
}

// certain reports whether a trouble is a mistake in the declaration and not a lack of knowledge here. What an
// extension of which nothing is known may bring is not missing.
func (e *env) certain(t trouble) bool {
	return t.class == absentColumn || t.class == absent && !e.strangers
}

// position is the place of an offset in the expression's text.
func (s source) position(offset int) catalog.Pos {
	p := s.expr.Pos
	if p.IsZero() || offset <= 0 || offset > len(s.expr.Text) {
		return p
	}
	before := s.expr.Text[:offset]
	if i := strings.LastIndexByte(before, '\n'); i >= 0 {
		p.Line += strings.Count(before, "\n")
		p.Col = 1
		before = before[i+1:]
	}
	p.Col += len([]rune(before))
	return p
}

// fillViews puts the columns that were found into the catalog's views.
func (e *env) fillViews() []Problem {
	var problems []Problem
	for id, s := range e.views {
		v, ok := e.catalog.Get(id).(catalog.View)
		if !ok {
			continue
		}
		if s.circle {
			problems = append(problems, Problem{id, "Query", v.Query.Pos, "view " + id.Path() + " depends on itself"})
		}
		if s.err == nil {
			v.Columns = viewColumns(viewFields(v, s.result.columns))
			e.catalog.Put(v)
		}
	}
	slices.SortFunc(problems, func(a, b Problem) int { return a.ID.Compare(b.ID) })
	return problems
}

func viewColumns(fields []field) catalog.ViewColumns {
	out := make(catalog.ViewColumns, len(fields))
	for i, f := range fields {
		out[i] = catalog.ViewColumn{Name: f.name}
		if f.typ != tOpaque {
			out[i].Type = columnType(f)
		}
	}
	return out
}

// columnType is the type of a column as format_type prints it: bit and character without a length are not
// what these words mean in SQL.
func columnType(f field) catalog.Type {
	spelled := map[string]catalog.Type{"bit": `"bit"`, "bpchar": "bpchar"}[f.typ.Name]
	if f.mods != "" || spelled == "" || f.typ.Schema != "pg_catalog" {
		return catalog.Type(withMods(f.typ, f.mods))
	}
	if f.typ.Array {
		spelled += "[]"
	}
	return spelled
}

// QueryColumns returns the columns that a query gives out.
func QueryColumns(c *catalog.Catalog, query catalog.Expr) ([]catalog.ViewColumn, error) {
	src := source{catalog.View{Query: query}, "Query", query}
	p := parseOne(src)
	if p.err != nil {
		return nil, p.err
	}
	r := envOf(c).analyze(src, p.tree)
	if len(r.troubles) > 0 {
		return nil, &Problem{Path: "Query", Pos: src.position(int(r.troubles[0].at) - p.start), Msg: r.troubles[0].msg}
	}
	return viewColumns(r.columns), nil
}

func (p *Problem) Error() string {
	if p.Pos.IsZero() {
		return p.Msg
	}
	return p.Pos.String() + ": " + p.Msg
}

// Refs lists what an expression of an object refers to, in ID order: columns, relations, functions, types, …
func Refs(c *catalog.Catalog, o catalog.Object, path string) []catalog.ID {
	src := source{o, path, exprAt(o, path)}
	p := parseOne(src)
	if p.err != nil {
		return nil
	}
	out := envOf(c).analyze(src, p.tree).refs
	slices.SortFunc(out, catalog.ID.Compare)
	return out
}
