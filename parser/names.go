package parser

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// schemas are those that a name without one is looked up in, in order. What
// PostgreSQL itself has comes first if pg_catalog is not named.
func (in *interpreter) schemas() []string {
	names := in.stmt.session.names()
	out := make([]string, 0, len(names))
	for _, n := range names {
		if n == "$user" {
			if in.stmt.session.role == "" || !in.c.Has(catalog.Schema{Name: in.stmt.session.role}.ID()) {
				continue
			}
			n = in.stmt.session.role
		}
		out = append(out, n)
	}
	return out
}

func (in *interpreter) schemaExists(name string) bool {
	return name == "public" || strings.HasPrefix(name, "pg_") || name == "information_schema" ||
		in.c.Lookup(catalog.Schema{Name: name}.ID()) != nil
}

// needSchema reports an error if the schema does not exist.
func (in *interpreter) needSchema(name string, loc int32) error {
	if !in.schemaExists(name) {
		return in.missing(loc, "schema %q", name)
	}
	return nil
}

// creation gives a new object its schema: the one it names, or the first of the
// search_path that exists.
func (in *interpreter) creation(q catalog.QName, loc int32) (catalog.QName, error) {
	if q.Schema != "" {
		return q, in.needSchema(q.Schema, loc)
	}
	for _, s := range in.schemas() {
		if s != "pg_catalog" && in.schemaExists(s) {
			q.Schema = s
			return q, nil
		}
	}
	return q, in.errorf(loc, "no schema has been selected to create %q in", q.Name).
		hint("write schema.%s, or SET search_path before it", catalog.Quote(q.Name))
}

// search calls found for each schema that the name may be in, until it says yes.
func (in *interpreter) search(q catalog.QName, found func(catalog.QName) bool) bool {
	if q.Schema != "" {
		return found(q)
	}
	for _, s := range in.schemas() {
		if found(catalog.QName{Schema: s, Name: q.Name}) {
			return true
		}
	}
	return false
}

// lookup finds the object of one of these kinds that is found by schema and name.
func (in *interpreter) lookup(q catalog.QName, kinds ...catalog.Kind) (catalog.ID, bool) {
	var id catalog.ID
	ok := in.search(q, func(q catalog.QName) bool {
		for _, k := range kinds {
			if id = (catalog.ID{Kind: k, Schema: q.Schema, Name: q.Name}); in.c.Lookup(id) != nil {
				return true
			}
		}
		return false
	})
	return id, ok
}

// need is lookup, with an error if there is none.
func (in *interpreter) need(q catalog.QName, loc int32, kinds ...catalog.Kind) (catalog.ID, error) {
	id, ok := in.lookup(q, kinds...)
	if !ok {
		return id, in.missing(loc, "%s %q", kinds[0], q)
	}
	return id, nil
}

// relation finds a table, view, sequence or composite type.
func (in *interpreter) relation(r *pg.RangeVar) (catalog.ID, error) {
	return in.relationNamed(rangeName(r), r.GetLocation())
}

func (in *interpreter) relationNamed(q catalog.QName, loc int32) (catalog.ID, error) {
	var id catalog.ID
	if in.search(q, func(q catalog.QName) (ok bool) { id, ok = in.c.Relation(q.Schema, q.Name); return ok }) {
		return id, nil
	}
	e := in.missing(loc, "relation %q", q)
	e.temporary = q.Schema == "" && in.temp[q.Name]
	return id, e
}

// table finds a table, foreign ones included.
func (in *interpreter) table(r *pg.RangeVar) (catalog.Table, error) {
	id, err := in.relation(r)
	if err != nil {
		return catalog.Table{}, err
	}
	t, ok := catalog.Find[catalog.Table](in.c, id)
	if !ok {
		return t, in.errorf(r.GetLocation(), "%s is not a table", id)
	}
	return t, nil
}

// index finds an index, or the constraint that has one.
func (in *interpreter) index(q catalog.QName) (catalog.ID, bool) {
	var id catalog.ID
	ok := in.search(q, func(q catalog.QName) (ok bool) { id, ok = in.indexes[q]; return ok })
	return id, ok
}

// relationOrIndex reports whether the name is taken in pg_class.
func (in *interpreter) relationOrIndex(q catalog.QName) bool {
	_, rel := in.c.Relation(q.Schema, q.Name)
	_, index := in.indexes[q]
	return rel || index
}

// free makes sure that a new relation's name is not taken.
func (in *interpreter) free(q catalog.QName, loc int32) error {
	if id, ok := in.c.Relation(q.Schema, q.Name); ok {
		return in.duplicate(id, loc)
	}
	if id, ok := in.indexes[q]; ok {
		return in.duplicate(id, loc)
	}
	return nil
}

// taken handles IF NOT EXISTS: the object is there, and so nothing is to be done.
// Where files declare, a second definition that says something else is an error.
func (in *interpreter) taken(id catalog.ID, ifNotExists bool, loc int32) (skip bool, err error) {
	if in.c.Lookup(id) == nil {
		return false, nil
	}
	if !ifNotExists {
		return false, in.duplicate(id, loc)
	}
	if src := in.c.Source(id); !in.replay && src != nil && !sameText(src.Text, in.src.Text) {
		return false, in.duplicate(id, loc)
	}
	return true, nil
}

// sameText compares statements, blanks and comments aside.
func sameText(a, b string) bool {
	x, y := &lexer{s: a}, &lexer{s: b}
	for {
		t, more := x.next()
		u, also := y.next()
		if !more || !also || a[t.start:t.end] != b[u.start:u.end] {
			return !more && !also
		}
	}
}

// function is the name of a function as an object keeps it. With args nil any
// function of the name will do.
func (in *interpreter) function(names []*pg.Node, loc int32) (catalog.QName, error) {
	return in.functionNamed(qualified(names), loc)
}

func (in *interpreter) functionNamed(q catalog.QName, loc int32) (catalog.QName, error) {
	if q.IsZero() {
		return q, nil
	}
	if (q.Schema == "" || q.Schema == "pg_catalog") && in.builtinFunction(q.Name) {
		return catalog.QName{Schema: "pg_catalog", Name: q.Name}, nil
	}
	var found catalog.QName
	if in.search(q, func(q catalog.QName) bool { found = q; return in.hasFunction(q) }) {
		return found, nil
	}
	return q, in.missing(loc, "function %s", q)
}

func (in *interpreter) builtinFunction(name string) bool {
	for _, f := range in.set.Functions(name) {
		if f.Name.Schema == "pg_catalog" {
			return true
		}
	}
	return false
}

func (in *interpreter) hasFunction(q catalog.QName) bool {
	if len(in.routines(q)) > 0 {
		return true
	}
	for _, x := range in.extensionFacts() {
		for _, f := range x.set.Functions(q.Name) {
			if f.Name.Schema == q.Schema {
				return true
			}
		}
	}
	return in.unknownExtension()
}

// routines are the functions, procedures and aggregates with that name.
func (in *interpreter) routines(q catalog.QName) []catalog.ID {
	return in.overloads[catalog.ID{Kind: catalog.KindRoutine, Schema: q.Schema, Name: q.Name}]
}

func (in *interpreter) operators(q catalog.QName) []catalog.ID {
	return in.overloads[catalog.ID{Kind: catalog.KindOperator, Schema: q.Schema, Name: q.Name}]
}
