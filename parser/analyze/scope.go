package analyze

import (
	"strconv"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

func itoa(i int) string { return strconv.Itoa(i) }

// scope is what names mean within one query (ParseState).
type scope struct {
	up      *scope
	depth   int
	entries int // range table entries made so far
	items   []*item
	ctes    []*cte
	windows map[string]*pg.WindowDef
	arm     bool // of a set operation
}

// item is an entry of the namespace (ParseNamespaceItem).
type item struct {
	schema, name  string // schema only for relations without alias
	relation      *relation
	columns       []itemColumn // their values are to be had from value and all
	whole         expr
	hidden        bool // the name is not to be used: a join without alias
	columnsHidden bool // columns need the name before them
	unknown       bool // a relation that does not exist: any column may be its
	direct        bool // no FROM names it: the table that an expression belongs to, the target of a statement
	depth, entry  int
}

// itemColumn is a column as a query sees it.
type itemColumn struct {
	name string
	expr expr
}

// cte is an item of WITH.
type cte struct {
	name   string
	id     string // by where it stands
	fields []field
}

func (s *scope) inner() *scope { return &scope{up: s, depth: s.depth + 1} }

func (s *scope) nextEntry() int { s.entries++; return s.entries }

// with returns the scope with other items: what stands in FROM sees only a part of what the query sees.
func (s *scope) with(items []*item, f func()) {
	saved := s.items
	s.items = items
	f()
	s.items = saved
}

// seesUnknown reports whether a relation that does not exist is in sight: what is not found may be its.
func (s *scope) seesUnknown() bool {
	for ; s != nil; s = s.up {
		for _, it := range s.items {
			if it.unknown {
				return true
			}
		}
	}
	return false
}

// findItem is refnameNamespaceItem: a relation or alias of that name, in this query or one around it.
func (s *scope) findItem(schema, name string) *item {
	for ; s != nil; s = s.up {
		for i := len(s.items) - 1; i >= 0; i-- {
			it := s.items[i]
			if !it.hidden && it.name == name && (schema == "" || it.schema == schema) {
				return it
			}
		}
	}
	return nil
}

// findColumn is colNameToVar: a column of that name, in this query or one around it.
func (a *analyzer) findColumn(s *scope, at int32, name string) expr {
	sure := true
	for ; s != nil; s = s.up {
		var found expr
		for _, it := range s.items {
			sure = sure && !it.unknown
			if it.columnsHidden {
				continue
			}
			if e, twice := it.column(name); e != nil {
				if found != nil || twice {
					return a.trouble(at, "column reference %q is ambiguous", name)
				}
				found = e
				if sure {
					a.occur(it, at, 1, name, e)
				}
			}
		}
		if found == nil {
			for _, it := range s.items {
				if e := it.systemColumn(name); e != nil && !it.columnsHidden {
					found = e
					break
				}
			}
		}
		if found != nil {
			a.referColumns(found)
			return found
		}
	}
	return nil
}

func (it *item) column(name string) (found expr, twice bool) {
	for i, c := range it.columns {
		if c.name == name {
			if found != nil {
				return found, true
			}
			found = it.value(i)
		}
	}
	return found, false
}

// value is a column's. Those of relations are made when they are used: most never are.
func (it *item) value(i int) expr {
	c := &it.columns[i]
	if c.expr == nil {
		f := it.relation.fields[i]
		c.expr = &column{
			typed: typed{typ: f.typ, mods: f.mods, fields: f.fields}, depth: it.depth, entry: it.entry,
			name: f.name, shown: it.name + "." + f.name, id: columnID(it.relation, f.name),
		}
	}
	return c.expr
}

// all is all columns with their values.
func (it *item) all() []itemColumn {
	for i := range it.columns {
		it.value(i)
	}
	return it.columns
}

var systemColumns = map[string]typ{"ctid": tTid, "xmin": tXid, "xmax": tXid, "cmin": tCid, "cmax": tCid, "tableoid": tOid}

func (it *item) systemColumn(name string) expr {
	t, ok := systemColumns[name]
	if !ok || it.relation == nil || !it.relation.system {
		return nil
	}
	return &column{typed: typed{typ: t}, depth: it.depth, entry: it.entry, name: name, shown: it.name + "." + name}
}

// relationItem makes the entry of a relation. Aliases may rename its columns.
func (a *analyzer) relationItem(s *scope, r *relation, alias *pg.Alias) *item {
	it := &item{schema: r.schema, name: r.name, relation: r, depth: s.depth, entry: s.nextEntry()}
	if alias != nil && alias.Aliasname != "" {
		it.schema, it.name = "", alias.Aliasname
	}
	names := aliasNames(alias)
	it.columns = make([]itemColumn, len(r.fields))
	for i, f := range r.fields {
		it.columns[i].name = f.name
		if i < len(names) {
			it.columns[i].name = names[i]
		}
	}
	it.whole = &wholeRow{typed: typed{typ: r.typ()}, depth: it.depth, entry: it.entry, shown: it.name}
	return it
}

// rowItem makes the entry of a sub-select or another source of rows without a type of its own.
func (a *analyzer) rowItem(s *scope, name string, fields []field, alias *pg.Alias) *item {
	it := &item{name: name, depth: s.depth, entry: s.nextEntry()}
	if alias != nil && alias.Aliasname != "" {
		it.name = alias.Aliasname
	}
	names := aliasNames(alias)
	w := &wholeRow{typed: typed{typ: tRecord}, depth: it.depth, entry: it.entry, shown: it.name}
	for i, f := range fields {
		if i < len(names) {
			f.name = names[i]
		}
		it.columns = append(it.columns, itemColumn{name: f.name, expr: &column{
			typed: typed{typ: f.typ, mods: f.mods, fields: f.fields}, depth: it.depth, entry: it.entry, name: itoa(i + 1), shown: it.name + "." + f.name,
		}})
		w.names, w.fields = append(w.names, f.name), append(w.fields, f)
	}
	it.whole = w
	return it
}

// columnID is the object that a column of a relation is: of tables and views the column, of others the whole.
func columnID(r *relation, name string) catalog.ID {
	if r.id.Kind != catalog.KindTable && r.id.Kind != catalog.KindView {
		return r.id
	}
	return catalog.ID{Kind: catalog.KindColumn, Schema: r.schema, Table: r.name, Name: name}
}

func aliasNames(alias *pg.Alias) []string {
	if alias == nil {
		return nil
	}
	return nameParts(alias.Colnames)
}

// rename gives columns other names.
func rename(columns []itemColumn, names []string) []itemColumn {
	out := append([]itemColumn(nil), columns...)
	for i := range out {
		if i < len(names) {
			out[i].name = names[i]
		}
	}
	return out
}
