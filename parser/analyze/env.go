package analyze

import (
	"slices"
	"sync"

	"bloom/catalog"
	"bloom/catalog/builtin"
)

// env is a catalog as analysis sees it: the project's objects, those of its Base, the members of declared
// extensions and what PostgreSQL has itself. It is safe for concurrent use once made.
type env struct {
	catalog *catalog.Catalog
	builtin *builtin.Set
	sets    []facts // of the declared extensions, then PostgreSQL's own

	functions map[string][]*function // of the catalog, by name
	operators map[string][]*operator
	casts     map[[2]typ]*cast
	ranges    []*typeInfo                 // of the catalog
	multi     map[catalog.QName]typ       // multirange type to its range
	parents   map[catalog.ID][]catalog.ID // inheritance
	schemas   map[string]bool
	strangers bool // an extension is declared of which nothing is known

	kept struct {
		functions cache[string, []*function]
		operators cache[string, []*operator]
		types     cache[typ, *typeInfo]
		casts     cache[[2]typ, *cast]
		relations cache[catalog.QName, *relation]
		resolved  cache[operatorKey, resolvedOperator]
		results   cache[resultKey, result]
		paths     cache[string, []string]
	}

	// views are the columns of views that the catalog itself has no types of. Only resolveViews writes.
	views   map[catalog.ID]*viewState
	settled bool // resolveViews has run

	indexOnce  sync.Once
	indexNames map[catalog.QName]catalog.ID
}

// facts are objects that no catalog lists: PostgreSQL's own, or those of the extension id.
type facts struct {
	*builtin.Set
	id catalog.ID
}

// cache keeps what has been made of a key.
type cache[K comparable, V any] struct {
	mu   sync.RWMutex
	rows map[K]V
}

// find returns what is kept of a key.
func (c *cache[K, V]) find(k K) (V, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	v, ok := c.rows[k]
	return v, ok
}

// grow makes room for n more.
func (c *cache[K, V]) grow(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.rows) == 0 {
		c.rows = make(map[K]V, n)
	}
}

func (c *cache[K, V]) get(k K, make_ func() V) V {
	c.mu.RLock()
	v, ok := c.rows[k]
	c.mu.RUnlock()
	if ok {
		return v
	}
	v = make_()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rows == nil {
		c.rows = map[K]V{}
	}
	c.rows[k] = v
	return v
}

// envOf is the env of a catalog: the last one if nothing has changed.
func envOf(c *catalog.Catalog) *env {
	if e, ok := c.Derived().(*env); ok {
		return e
	}
	e := newEnv(c)
	c.KeepDerived(e)
	return e
}

func newEnv(c *catalog.Catalog) *env {
	e := &env{
		catalog: c, builtin: builtin.For(c.Version.Major()),
		functions: map[string][]*function{}, operators: map[string][]*operator{}, casts: map[[2]typ]*cast{},
		multi: map[catalog.QName]typ{}, parents: map[catalog.ID][]catalog.ID{},
		schemas: map[string]bool{"pg_catalog": true, "information_schema": true},
		views:   map[catalog.ID]*viewState{},
	}
	e.addExtensions()
	e.sets = append(e.sets, facts{Set: e.builtin})
	for b := c; b != nil; b = b.Base {
		for _, o := range b.All() {
			e.add(o)
		}
	}
	e.resolveViews()
	return e
}

// add indexes an object by what it is looked up by, if that is not its ID.
func (e *env) add(o catalog.Object) {
	switch o := o.(type) {
	case catalog.Schema:
		e.schemas[o.Name] = true
	case catalog.Routine:
		e.functions[o.Name] = append(e.functions[o.Name], routineFunction(o))
	case catalog.Aggregate:
		e.functions[o.Name] = append(e.functions[o.Name], aggregateFunction(o))
	case catalog.Operator:
		e.operators[o.Name] = append(e.operators[o.Name], &operator{
			schema: o.Schema, name: o.Name, left: typeOf(o.Left), right: typeOf(o.Right), result: typeOf(o.Result), id: o.ID(),
		})
	case catalog.Cast:
		e.addCast(o)
	case catalog.Range:
		t := typ{Schema: o.Schema, Name: o.Name}
		multirange := o.Multirange
		if multirange.IsZero() {
			multirange = catalog.QName{Schema: o.Schema, Name: multirangeName(o.Name)}
		}
		e.multi[multirange] = t
		info := e.rangeInfo(o, multirange)
		e.ranges = append(e.ranges, info)
		for _, f := range constructors(info) {
			e.functions[f.name] = append(e.functions[f.name], f)
		}
	case catalog.Table:
		for _, p := range o.Inherits {
			e.parents[o.ID()] = append(e.parents[o.ID()], catalog.ID{Kind: catalog.KindTable, Schema: p.Schema, Name: p.Name})
		}
		if p := o.PartitionOf.Parent; !p.IsZero() {
			e.parents[o.ID()] = append(e.parents[o.ID()], catalog.ID{Kind: catalog.KindTable, Schema: p.Schema, Name: p.Name})
		}
	}
}

// addExtensions finds the facts about the declared extensions.
func (e *env) addExtensions() {
	schemas := map[string]string{}
	var names []string
	for c := e.catalog; c != nil; c = c.Base {
		for _, o := range c.All() {
			if x, ok := o.(catalog.Extension); ok {
				if x.Schema != "" {
					schemas[x.Name] = x.Schema
				}
				names = append(names, x.Name)
			}
		}
	}
	for _, name := range names {
		if name == "plpgsql" {
			continue
		}
		if s := builtin.Extension(name, e.catalog.Version.Major(), schemas); s != nil {
			e.sets = append(e.sets, facts{s, catalog.ID{Kind: catalog.KindExtension, Name: name}})
		} else {
			e.strangers = true
		}
	}
}

// searchPath is searchPath of the text, taken apart once. Nobody may write to the list.
func (e *env) searchPath(text string) []string {
	return e.kept.paths.get(text, func() []string { return slices.Clip(searchPath(text)) })
}

// searchPath takes a search_path apart: the schemas in which names are looked for, in order. pg_catalog comes
// first unless it is named; "$user" and temporary schemas are left out.
func searchPath(text string) []string {
	var path []string
	for _, s := range catalog.SplitNames(text) {
		if s != "$user" && s != "pg_temp" && s != "" && !slices.Contains(path, s) {
			path = append(path, s)
		}
	}
	if slices.Contains(path, "pg_catalog") {
		return path
	}
	return append([]string{"pg_catalog"}, path...)
}
