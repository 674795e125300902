package analyze

import (
	"strings"

	"bloom/catalog"
)

// object is the literal of a type whose values are objects of the catalog: what it names counts, not
// how it is written.
func (a *analyzer) object(t, text string) (string, bool) {
	if text == "" || text == "-" || text[0] >= '0' && text[0] <= '9' {
		return "", false
	}
	switch t {
	case "regclass":
		schema, name, ok := splitName(text)
		if !ok {
			return "", false
		}
		r := a.env.findRelation(schema, name, a.path)
		if r == nil {
			if q, id := a.findIndex(schema, name); !id.IsZero() {
				a.refer(id)
				return q.SQL(), true
			}
			a.missing(-1, "relation %s does not exist", text)
			return "", false
		}
		a.refer(r.id)
		return catalog.QName{Schema: r.schema, Name: r.name}.SQL(), true
	case "regtype":
		tn, ok := parseType(text)
		if !ok {
			return "", false
		}
		found, mods, ok := a.typeName(tn)
		a.referType(found)
		return withMods(found, mods), ok
	case "regproc", "regprocedure":
		return a.routineLiteral(text)
	case "regconfig", "regdictionary":
		return a.textSearchLiteral(t, text)
	}
	return "", false
}

// findIndex looks along the path for an index of that name: regclass values can be indexes.
func (a *analyzer) findIndex(schema, name string) (catalog.QName, catalog.ID) {
	path := a.path
	if schema != "" {
		path = []string{schema}
	}
	for _, s := range path {
		if id, ok := a.env.indexes()[catalog.QName{Schema: s, Name: name}]; ok {
			return catalog.QName{Schema: s, Name: name}, id
		}
	}
	return catalog.QName{}, catalog.ID{}
}

func (a *analyzer) routineLiteral(text string) (string, bool) {
	names, args, hasArgs := strings.Cut(text, "(")
	schema, name, ok := splitName(names)
	if !ok {
		return "", false
	}
	path := a.path
	if schema != "" {
		path = []string{schema}
	}
	for _, s := range path {
		for _, f := range a.env.functionsNamed(name) {
			if f.schema != s {
				continue
			}
			a.refer(f.id)
			key := catalog.QName{Schema: s, Name: name}.SQL()
			if hasArgs {
				key += "(" + a.typeList(strings.TrimSuffix(args, ")")) + ")"
			}
			return key, true
		}
	}
	return "", false
}

func (a *analyzer) typeList(text string) string {
	var out []string
	for _, s := range strings.Split(text, ",") {
		if tn, ok := parseType(s); ok {
			if t, mods, ok := a.typeName(tn); ok {
				s = withMods(t, mods)
			}
		}
		out = append(out, strings.TrimSpace(s))
	}
	return strings.Join(out, ", ")
}

func (a *analyzer) textSearchLiteral(t, text string) (string, bool) {
	kind := catalog.KindTextSearchConfiguration
	if t == "regdictionary" {
		kind = catalog.KindTextSearchDictionary
	}
	schema, name, ok := splitName(text)
	if !ok {
		return "", false
	}
	path := a.path
	if schema != "" {
		path = []string{schema}
	}
	for _, s := range path {
		id := catalog.ID{Kind: kind, Schema: s, Name: name}
		if a.env.catalog.Lookup(id) != nil {
			a.refer(id)
			return catalog.QName{Schema: s, Name: name}.SQL(), true
		}
	}
	if schema == "" {
		schema = "pg_catalog"
	}
	return catalog.QName{Schema: schema, Name: name}.SQL(), true
}

// splitName reads a name that may have a schema, as stringToQualifiedNameList does.
func splitName(text string) (schema, name string, ok bool) {
	var names []string
	for s := strings.TrimSpace(text); ; {
		part := ""
		if strings.HasPrefix(s, `"`) {
			end := 1
			for end < len(s) && (s[end] != '"' || strings.HasPrefix(s[end:], `""`)) {
				if s[end] == '"' {
					end++
				}
				end++
			}
			if end >= len(s) {
				return "", "", false
			}
			part, s = strings.ReplaceAll(s[1:end], `""`, `"`), s[end+1:]
		} else {
			end := strings.IndexByte(s, '.')
			if end < 0 {
				end = len(s)
			}
			part, s = strings.ToLower(strings.TrimSpace(s[:end])), s[end:]
		}
		names = append(names, part)
		if s == "" {
			break
		}
		if s[0] != '.' {
			return "", "", false
		}
		s = s[1:]
	}
	switch len(names) {
	case 1:
		return "", names[0], names[0] != ""
	case 2:
		return names[0], names[1], true
	}
	return "", "", false
}
