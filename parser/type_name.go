package parser

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
	"bloom/catalog/builtin"
)

// typeOf is the canonical name of a type with its modifiers.
func (in *interpreter) typeOf(t *pg.TypeName) (catalog.Type, error) {
	n, err := in.typeName(t)
	if err != nil {
		return "", err
	}
	if n.Name == "bpchar" && n.Schema == "pg_catalog" && n.Mods == "" {
		// Of unlimited length: format_type prints "character" only for signatures.
		if n.Array {
			return "bpchar[]", nil
		}
		return "bpchar", nil
	}
	return n.Type(), nil
}

// argType is the type of a parameter: without modifiers.
func (in *interpreter) argType(t *pg.TypeName) (catalog.Type, error) {
	n, err := in.typeName(t)
	if err != nil {
		return "", err
	}
	n.Mods = ""
	return n.Type(), nil
}

func (in *interpreter) typeName(t *pg.TypeName) (catalog.TypeName, error) {
	if t.GetPctType() {
		return in.columnsType(t)
	}
	q := qualified(t.GetNames())
	n, ok := in.findType(q)
	if !ok {
		e := in.missing(t.GetLocation(), "type %q", q)
		if ext := extensionWithType(q.Name); ext != "" {
			e.Hint = fmt.Sprintf("is CREATE EXTENSION %s missing?", catalog.Quote(ext))
		}
		return n, e
	}
	n.Array = n.Array || len(t.GetArrayBounds()) > 0
	n.Mods = typeMods(n, t.GetTypmods())
	return n, nil
}

// columnsType resolves table.column%TYPE.
func (in *interpreter) columnsType(t *pg.TypeName) (catalog.TypeName, error) {
	s := strs(t.GetNames())
	q := catalog.QName{Name: s[len(s)-2]}
	if len(s) > 2 {
		q.Schema = s[len(s)-3]
	}
	id, err := in.relationNamed(q, t.GetLocation())
	if err != nil {
		return catalog.TypeName{}, err
	}
	col, ok := catalog.Find[catalog.Column](in.c, columnID(id, s[len(s)-1]))
	if !ok {
		return catalog.TypeName{}, in.missing(t.GetLocation(), "column %q of relation %q", s[len(s)-1], q)
	}
	n := col.Type.Parts()
	n.Array = n.Array || len(t.GetArrayBounds()) > 0
	return n, nil
}

// typeKinds are the kinds of objects that are types, relations for their row types.
var typeKinds = []catalog.Kind{
	catalog.KindEnum, catalog.KindDomain, catalog.KindComposite, catalog.KindRange, catalog.KindBaseType, catalog.KindTable, catalog.KindView,
}

// findType looks a type up: what PostgreSQL has first, then the search_path.
func (in *interpreter) findType(q catalog.QName) (catalog.TypeName, bool) {
	names := in.schemas()
	if q.Schema == "pg_catalog" || q.Schema == "" && !slices.Contains(names, "pg_catalog") {
		if n, ok := setType(in.set, "pg_catalog", q.Name); ok {
			return n, true
		}
	}
	var n catalog.TypeName
	ok := in.search(q, func(q catalog.QName) (ok bool) {
		n, ok = in.typeIn(q)
		return ok
	})
	return n, ok
}

func (in *interpreter) typeIn(q catalog.QName) (catalog.TypeName, bool) {
	for _, k := range typeKinds {
		if in.c.Lookup(catalog.ID{Kind: k, Schema: q.Schema, Name: q.Name}) != nil {
			return catalog.TypeName{Schema: q.Schema, Name: q.Name}, true
		}
	}
	if q.Schema == "pg_catalog" || q.Schema == "information_schema" {
		return setType(in.set, q.Schema, q.Name)
	}
	for _, f := range in.extensionFacts() {
		if n, ok := setType(f.set, q.Schema, q.Name); ok {
			return n, true
		}
	}
	if _, ok := in.ranges[q]; ok {
		return catalog.TypeName{Schema: q.Schema, Name: q.Name}, true
	}
	if element, ok := strings.CutPrefix(q.Name, "_"); ok {
		n, ok := in.typeIn(catalog.QName{Schema: q.Schema, Name: element})
		n.Array = true
		return n, ok
	}
	return catalog.TypeName{}, false
}

func setType(set *builtin.Set, schema, name string) (catalog.TypeName, bool) {
	t := set.Type(catalog.QName{Schema: schema, Name: name})
	if t == nil {
		return catalog.TypeName{}, false
	}
	if t.IsArray() {
		return catalog.TypeName{Schema: t.Element.Schema, Name: t.Element.Name, Array: true}, true
	}
	return catalog.TypeName{Schema: schema, Name: name}, true
}

// fact is what is known of an extension that is there or declared.
type fact struct {
	name string
	set  *builtin.Set
}

// extensionFacts are the facts about the extensions, in order of their names.
func (in *interpreter) extensionFacts() []fact {
	if in.facts != nil {
		return in.facts
	}
	schemas := map[string]string{}
	for name, schema := range in.extensions {
		schemas[name] = cmp.Or(schema, "public")
	}
	in.facts = []fact{}
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		if s := builtin.Extension(name, in.o.Version.Major(), schemas); s != nil {
			in.facts = append(in.facts, fact{name, s})
		}
	}
	return in.facts
}

// unknownExtension reports whether there is an extension that nothing is known
// about: what is not found may be its.
func (in *interpreter) unknownExtension() bool {
	n := len(in.extensionFacts())
	for _, harmless := range []string{"plpgsql", "supabase_vault", "pg_graphql", "pg_net", "pgsodium"} {
		if _, ok := in.extensions[harmless]; ok {
			n++
		}
	}
	return n < len(in.extensions)
}

// extensionWithType names the extension that has a type of that name, for a hint.
func extensionWithType(name string) string {
	for _, ext := range []string{"citext", "hstore", "ltree", "cube", "isn", "seg", "vector", "postgis", "lo"} {
		if s := builtin.Extension(ext, 0, map[string]string{ext: "public"}); s != nil {
			if s.Type(catalog.QName{Schema: "public", Name: name}) != nil {
				return ext
			}
		}
	}
	return ""
}

// typeMods writes type modifiers as format_type does.
func typeMods(n catalog.TypeName, mods []*pg.Node) string {
	if len(mods) == 0 {
		return ""
	}
	texts := make([]string, len(mods))
	for i, m := range mods {
		texts[i] = constText(m)
	}
	if n.Schema == "pg_catalog" {
		switch n.Name {
		case "interval":
			return intervalMods(texts)
		case "numeric":
			if len(texts) == 1 {
				texts = append(texts, "0")
			}
		case "time", "timetz", "timestamp", "timestamptz":
			if len(texts[0]) > 1 || texts[0] > "6" {
				texts[0] = "6"
			}
		}
	} else if n.Name == "geometry" || n.Name == "geography" {
		return geometryMods(n.Name, texts)
	}
	return strings.Join(texts, ",")
}

// intervalFields are the field masks of interval's first modifier (INTERVAL_MASK).
var intervalFields = map[string]string{
	"4": "year", "2": "month", "8": "day", "1024": "hour", "2048": "minute", "4096": "second", "6": "year to month",
	"1032": "day to hour", "3080": "day to minute", "7176": "day to second", "3072": "hour to minute", "7168": "hour to second", "6144": "minute to second",
}

func intervalMods(texts []string) string {
	fields := intervalFields[texts[0]]
	switch {
	case len(texts) == 1:
		return fields
	case fields == "":
		return texts[1]
	}
	return fields + "(" + texts[1] + ")"
}

var geometryTypes = []string{
	"Geometry", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection",
	"CircularString", "CompoundCurve", "CurvePolygon", "MultiCurve", "MultiSurface", "PolyhedralSurface", "Triangle", "Tin",
}

// geometryMods spells the modifiers of PostGIS types as their typmodout does.
func geometryMods(typ string, texts []string) string {
	name, suffix := strings.ToLower(texts[0]), ""
	for _, s := range []string{"zm", "z", "m"} {
		if strings.HasSuffix(name, s) {
			name, suffix = strings.TrimSuffix(name, s), strings.ToUpper(s)
			break
		}
	}
	for _, g := range geometryTypes {
		if strings.ToLower(g) == name {
			name = g
		}
	}
	srid := ""
	if len(texts) > 1 && texts[1] != "0" {
		srid = "," + texts[1]
	} else if typ == "geography" {
		srid = ",4326"
	}
	return name + suffix + srid
}
