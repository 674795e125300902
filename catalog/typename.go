package catalog

import "strings"

// TypeName is a Type taken apart.
type TypeName struct {
	Schema string // pg_catalog for built-in types
	Name   string // pg_type.typname of the element: int4, bpchar, status
	Mods   string // modifiers without parentheses: "20", "10,2"; fields and precision of an interval: "day to second(3)"
	Array  bool
}

// spelled lists the built-in types that format_type prints under another name.
var spelled = map[string]string{
	"bool": "boolean", "bpchar": "character", "bit": "bit", "char": `"char"`, "float4": "real", "float8": "double precision",
	"int2": "smallint", "int4": "integer", "int8": "bigint", "varbit": "bit varying", "varchar": "character varying",
	"interval": "interval", "numeric": "numeric", "json": "json",
	"time": "time without time zone", "timestamp": "timestamp without time zone",
	"timetz": "time with time zone", "timestamptz": "timestamp with time zone",
}

var spellings = func() map[string]string {
	m := map[string]string{"bpchar": "bpchar"}
	for name, s := range spelled {
		m[s] = name
	}
	return m
}()

// Parts takes a canonical type text apart. Text that is not canonical gives
// a TypeName that is not equal to that of any type.
func (t Type) Parts() TypeName {
	s := string(t)
	var n TypeName
	for strings.HasSuffix(s, "[]") {
		n.Array, s = true, s[:len(s)-2]
	}
	s, n.Mods = cutMods(s)
	if name, ok := spellings[s]; ok {
		n.Schema, n.Name = "pg_catalog", name
		return n
	}
	if rest, ok := strings.CutPrefix(s, "interval "); ok {
		n.Schema, n.Name = "pg_catalog", "interval"
		n.Mods = strings.TrimSpace(rest + parenthesised(n.Mods))
		return n
	}
	names := splitQualified(s)
	switch len(names) {
	case 1:
		n.Schema, n.Name = "pg_catalog", names[0]
	case 2:
		n.Schema, n.Name = names[0], names[1]
	default:
		n.Name = s
	}
	return n
}

// Type writes the canonical text.
func (n TypeName) Type() Type {
	suffix := ""
	if n.Array {
		suffix = "[]"
	}
	if n.Schema != "pg_catalog" {
		return Type(QName{n.Schema, n.Name}.SQL() + parenthesised(n.Mods) + suffix)
	}
	s, ok := spelled[n.Name]
	switch {
	case !ok:
		s = Quote(n.Name) + parenthesised(n.Mods)
	case n.Mods == "":
	case n.Name == "interval":
		if n.Mods[0] >= '0' && n.Mods[0] <= '9' {
			s += parenthesised(n.Mods)
		} else {
			s += " " + n.Mods
		}
	case strings.HasPrefix(n.Name, "time"):
		word, zone, _ := strings.Cut(s, " ")
		s = word + parenthesised(n.Mods) + " " + zone
	default:
		s += parenthesised(n.Mods)
	}
	return Type(s + suffix)
}

// Base is the type without modifiers, as a function's signature has it.
func (t Type) Base() Type {
	n := t.Parts()
	n.Mods = ""
	return n.Type()
}

// Element is the element type of an array type, with its modifiers.
func (t Type) Element() (Type, bool) {
	n := t.Parts()
	if !n.Array {
		return "", false
	}
	n.Array = false
	return n.Type(), true
}

// QName is the type's qualified name without modifiers; of an array the element's.
func (n TypeName) QName() QName { return QName{n.Schema, n.Name} }

func parenthesised(mods string) string {
	if mods == "" {
		return ""
	}
	return "(" + mods + ")"
}

// cutMods cuts "(…)" out of a type's text: "time(3) with time zone" gives
// "time with time zone" and "3".
func cutMods(s string) (rest, mods string) {
	open := -1
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case !quoted && s[i] == '(' && open < 0:
			open = i
		case !quoted && s[i] == ')' && open >= 0:
			return strings.TrimSpace(s[:open] + s[i+1:]), s[open+1 : i]
		}
	}
	return s, ""
}

func splitQualified(s string) []string {
	var names []string
	for len(s) > 0 {
		var name string
		if s[0] == '"' {
			i := 1
			var b strings.Builder
			for i < len(s) {
				if s[i] == '"' {
					if i+1 < len(s) && s[i+1] == '"' {
						i++
					} else {
						break
					}
				}
				b.WriteByte(s[i])
				i++
			}
			name, s = b.String(), s[min(i+1, len(s)):]
		} else {
			i := strings.IndexByte(s, '.')
			if i < 0 {
				i = len(s)
			}
			name, s = s[:i], s[i:]
		}
		names = append(names, name)
		s = strings.TrimPrefix(s, ".")
	}
	return names
}
