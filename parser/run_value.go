package parser

import (
	"strconv"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// Values are nil (NULL), bool, int64, string, []any (arrays), row (records) and
// oid; numbers other than integers are strings.

// oid stands for the OID of an object.
type oid struct {
	id    catalog.ID
	shown string // as a reg type prints it
}

// str is a value as text.
func str(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		if v {
			return "t"
		}
		return "f"
	case int64:
		return strconv.FormatInt(v, 10)
	case string:
		return v
	case oid:
		return v.shown
	case row:
		return str(scalar(v))
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = str(x)
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return ""
}

// scalar takes the value out of a row of one column.
func scalar(v any) any {
	if w, ok := v.(row); ok && len(w.values) == 1 {
		return w.values[0]
	}
	return v
}

// known is a value, or the error that stands in its place.
func known(v any) (any, error) {
	if e, bad := scalar(v).(*unknownError); bad {
		return nil, e
	}
	return v, nil
}

func integer(v any) (int64, bool) {
	if n, ok := v.(int64); ok {
		return n, true
	}
	s, ok := v.(string)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// array is a value as an array; a string may be its literal.
func array(v any) ([]any, error) {
	switch v := scalar(v).(type) {
	case nil:
		return nil, nil
	case []any:
		return v, nil
	case string:
		inner, ok := strings.CutPrefix(v, "{")
		inner, closed := strings.CutSuffix(inner, "}")
		if !ok || !closed || strings.ContainsAny(inner, `"\{}`) {
			break
		}
		var list []any
		for _, s := range strings.Split(inner, ",") {
			if s = strings.TrimSpace(s); s != "" {
				list = append(list, s)
			}
		}
		return list, nil
	}
	return nil, unknownf("an array is not known")
}

// equal compares values as far as that is the same as comparing their texts.
func equal(a, b any) (bool, error) {
	x, isOid := a.(oid)
	y, isOther := b.(oid)
	switch {
	case isOid && isOther:
		return x.id == y.id, nil
	case isNoExtension(a) && y.id.Kind == catalog.KindExtension, isNoExtension(b) && x.id.Kind == catalog.KindExtension:
		return false, nil
	case isNoExtension(a) || isNoExtension(b):
		return false, unknownf("other dependencies than those of extensions' members are not known")
	case isOid && isZero(b), isOther && isZero(a):
		return false, nil
	case isOid || isOther:
		return false, unknownf("an OID is compared with a constant")
	}
	if p, ok := a.(bool); ok {
		if q, ok := boolean(b); ok {
			return p == q, nil
		}
	}
	if q, ok := b.(bool); ok {
		if p, ok := boolean(a); ok {
			return p == q, nil
		}
	}
	return str(a) == str(b), nil
}

func isNoExtension(v any) bool { _, ok := v.(notExtension); return ok }

func isZero(v any) bool { n, ok := integer(v); return ok && n == 0 }

func boolean(v any) (value, ok bool) {
	switch strings.ToLower(str(v)) {
	case "t", "true", "yes", "on":
		return true, true
	case "f", "false", "no", "off":
		return false, true
	}
	return false, false
}

// object is the OID of what a reg type's text names.
func (r *run) object(regtype, text string) (any, error) {
	list, err := nameParts(text)
	if err != nil {
		return nil, err
	}
	q := catalog.QName{Name: list[len(list)-1]}
	if len(list) > 1 {
		q.Schema = list[len(list)-2]
	}
	r.in.stmt = r.outer
	switch regtype {
	case "regclass":
		if id, err := r.in.relationNamed(q, 0); err == nil {
			return r.oid(id), nil
		}
		if id, ok := r.in.index(q); ok {
			return r.oid(id), nil
		}
		return nil, r.in.missing(0, "relation %q", text)
	case "regnamespace":
		if r.in.schemaExists(text) {
			return r.oid(catalog.Schema{Name: text}.ID()), nil
		}
		return nil, r.in.missing(0, "schema %q", text)
	case "regrole":
		id := catalog.Role{Name: list[0]}.ID()
		if r.in.c.Lookup(id) != nil {
			return r.oid(id), nil
		}
		return nil, unknownf("role %q is not known", text)
	case "regproc":
		for _, schema := range r.in.schemas() {
			if q.Schema != "" {
				schema = q.Schema
			}
			if ids := r.in.routines(catalog.QName{Schema: schema, Name: q.Name}); len(ids) == 1 {
				return r.oid(ids[0]), nil
			}
		}
		return nil, unknownf("which function %q is, is not known", text)
	case "regtype":
		id, ok := r.in.lookup(q, catalog.KindEnum, catalog.KindComposite, catalog.KindDomain, catalog.KindRange, catalog.KindTable)
		if ok {
			return r.oid(id), nil
		}
		if n, found := r.in.findType(q); found {
			return r.typeOid(n.Type()), nil
		}
		return nil, r.in.missing(0, "type %q", text)
	}
	return nil, unknownf("%s is not evaluated", regtype)
}

// nameParts takes a name with dots apart.
func nameParts(text string) ([]string, error) {
	tree, err := pg.Parse("SELECT FROM " + text)
	if err != nil || len(tree.GetStmts()) != 1 {
		return nil, unknownf("%q is no name", text)
	}
	from := tree.GetStmts()[0].GetStmt().GetSelectStmt().GetFromClause()
	if len(from) != 1 || from[0].GetRangeVar() == nil {
		return nil, unknownf("%q is no name", text)
	}
	v := from[0].GetRangeVar()
	if v.GetSchemaname() == "" {
		return []string{v.GetRelname()}, nil
	}
	return []string{v.GetSchemaname(), v.GetRelname()}, nil
}

// visible reports whether a routine is the first of its signature in the search_path.
func (r *run) visible(id catalog.ID) bool {
	r.in.stmt = r.outer
	for _, s := range r.in.schemas() {
		other := id
		other.Schema = s
		if r.in.c.Lookup(other) != nil {
			return s == id.Schema
		}
	}
	return false
}

// oid makes the OID of an object. It is shown without its schema where that is
// found by the search_path.
func (r *run) oid(id catalog.ID) oid {
	shown := catalog.Quote(id.Name)
	if id.Schema != "" {
		shown = catalog.Quote(id.Schema) + "." + shown
	}
	if first, ok := r.in.lookup(catalog.QName{Name: id.Name}, id.Kind); ok && first == id {
		shown = catalog.Quote(id.Name)
	}
	if id.Kind == catalog.KindRoutine || id.Kind == catalog.KindAggregate {
		if r.visible(id) {
			shown = catalog.Quote(id.Name)
		}
		shown += "(" + strings.ReplaceAll(id.Args, ", ", ",") + ")"
	}
	return oid{id, shown}
}
