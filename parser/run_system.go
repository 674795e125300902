package parser

import (
	"strings"

	"bloom/catalog"
)

// system is the rows of a system catalog or view, as far as the catalog in memory
// tells. Columns that are not here are not known.
func (r *run) system(schema, name string) (names []string, rows []row, err error) {
	views := pgCatalog
	switch schema {
	case "information_schema":
		views = informationSchema
	case "", "pg_catalog":
	default:
		return nil, nil, unknownf("rows of %s.%s are not known", schema, name)
	}
	v, ok := views[name]
	if !ok {
		return nil, nil, unknownf("rows of %s are not known", name)
	}
	key := schema + "." + name
	names = strings.Fields(v.columns)
	if rows, ok := r.views[key]; ok {
		return names, rows, nil
	}
	for _, o := range r.objects(v.kinds) {
		for _, values := range v.rows(r, o) {
			rows = append(rows, row{names, values})
		}
	}
	if r.views == nil {
		r.views = map[string][]row{}
	}
	r.views[key] = rows
	return names, rows, nil
}

// objects are those of the catalog and of its Base. A member of an extension that
// the history has not made yet is none of them.
func (r *run) objects(kinds []catalog.Kind) []catalog.Object {
	var out []catalog.Object
	for c := r.in.c; c != nil; c = c.Base {
		for _, id := range c.OfKinds(kinds...) {
			if c == r.in.c || !r.in.c.Has(id) && r.hasExtensionOf(id) {
				out = append(out, c.Get(id))
			}
		}
	}
	return out
}

// extensionOf is the extension that an object of Base is a member of.
func (r *run) extensionOf(id catalog.ID) (catalog.ID, bool) {
	for c := r.in.c.Base; c != nil; c = c.Base {
		for _, d := range c.Deps(id) {
			if d.Kind == catalog.KindExtension && d != id {
				return d, true
			}
		}
	}
	return catalog.ID{}, false
}

func (r *run) hasExtensionOf(id catalog.ID) bool {
	x, ok := r.extensionOf(id)
	return !ok || r.in.c.Lookup(x) != nil
}

// systemView says how the rows of a catalog or view come from objects.
type systemView struct {
	columns string
	kinds   []catalog.Kind
	rows    func(r *run, o catalog.Object) [][]any
}

func kinds(list ...catalog.Kind) []catalog.Kind { return list }

var relkinds = kinds(catalog.KindTable, catalog.KindView, catalog.KindSequence, catalog.KindIndex, catalog.KindConstraint, catalog.KindComposite)

// of makes the view of one kind of object, with at most a row for each.
func of[T catalog.Object](columns string, values func(*run, T) []any) systemView {
	var zero T
	return systemView{columns, kinds(zero.ID().Kind), func(r *run, o catalog.Object) [][]any {
		t, ok := o.(T)
		if !ok {
			return nil
		}
		if v := values(r, t); v != nil {
			return [][]any{v}
		}
		return nil
	}}
}

func (r *run) schemaOid(name string) any { return r.oid(catalog.Schema{Name: name}.ID()) }

// relOid is the OID of a relation, as a cast to regclass gives it.
func (r *run) relOid(schema, name string) any {
	if id, ok := r.in.c.Relation(schema, name); ok {
		return r.oid(id)
	}
	return nil
}

func (r *run) owner(id catalog.ID) any {
	if o, ok := catalog.Find[catalog.Owner](r.in.c, catalog.About(catalog.KindOwner, id, "")); ok && o.Role != "" {
		return o.Role
	}
	return &unknownError{what: "the owner is not known"}
}

// values makes an array.
func values[T ~string](list []T) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// listOrNull is an array, NULL if it has no elements.
func listOrNull(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list
}

// exprValue is an expression in a catalog: that it is there is known, and what words it has.
func exprValue(e catalog.Expr) any {
	if e.IsZero() {
		return nil
	}
	return &unknownError{what: "the text of an expression is not known as PostgreSQL prints it", text: "(" + e.Text + ")", notNull: true}
}

var constraintLetters = map[catalog.ConstraintType]string{
	catalog.PrimaryKey: "p", catalog.Unique: "u", catalog.Check: "c", catalog.ForeignKey: "f", catalog.Exclusion: "x",
}

func relkind(o catalog.Object) (schema, name, kind string) {
	switch o := o.(type) {
	case catalog.Table:
		switch {
		case o.PartitionBy.Strategy != "":
			return o.Schema, o.Name, "p"
		case o.Server != "":
			return o.Schema, o.Name, "f"
		}
		return o.Schema, o.Name, "r"
	case catalog.View:
		if o.Materialized {
			return o.Schema, o.Name, "m"
		}
		return o.Schema, o.Name, "v"
	case catalog.Sequence:
		return o.Schema, o.Name, "S"
	case catalog.Index:
		return o.Schema, o.Name, "i"
	case catalog.Constraint:
		if o.HasIndex() {
			return o.Schema, o.Name, "i"
		}
	case catalog.Composite:
		return o.Schema, o.Name, "c"
	}
	return "", "", ""
}

func typtype(o catalog.Object) (schema, name, kind string) {
	switch o := o.(type) {
	case catalog.Enum:
		return o.Schema, o.Name, "e"
	case catalog.Domain:
		return o.Schema, o.Name, "d"
	case catalog.Composite:
		return o.Schema, o.Name, "c"
	case catalog.Range:
		return o.Schema, o.Name, "r"
	case catalog.Table:
		return o.Schema, o.Name, "c"
	case catalog.View:
		return o.Schema, o.Name, "c"
	case catalog.BaseType:
		return o.Schema, o.Name, "b"
	}
	return "", "", ""
}
