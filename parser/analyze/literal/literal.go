// Package literal gives the canonical text of a literal: what PostgreSQL prints for the value that it reads.
// '{ }' and '{}' are the same text[], '1 day' and '24:00:00' are different intervals.
//
// [Canonical] reads a text as the type's input function does and prints the value as its output function does, in
// a session with TimeZone=UTC, DateStyle=ISO,MDY, IntervalStyle=postgres and extra_float_digits=1. So two
// literals of a type are equal if their canonical texts are. It knows the forms that people and
// PostgreSQL itself write. All others, and what depends on the time, the locale or the catalog ('now', 'public.t'::regclass),
// it does not guess: then only texts equal byte by byte are known to be equal.
package literal

import "strings"

// Type is the type of a literal, as far as it decides how the text is read. A domain's literals are of its base type.
type Type struct {
	Name string // in pg_catalog, as "int4"; empty for any other type
	Kind byte   // pg_type.typtype; 0 is b, a base type

	// Typmod matters for interval only: all other types read their literals without it, and a length
	// coercion follows. -1 or 0 if there is none.
	Typmod int32

	Element *Type // of an array its element type, of a range or multirange the subtype; else nil
}

// family reads the literals of some types. It reports false for what it does not know.
type family func(text string) (string, bool)

var families = map[string]family{
	"bool": canonicalBool,

	"int2": integer(16), "int4": integer(32), "int8": integer(64), "oid": canonicalOid,
	"numeric": canonicalNumeric, "float4": float(32), "float8": float(64), "money": canonicalMoney,

	"text": verbatim, "varchar": verbatim, "bpchar": verbatim, "json": verbatim, "refcursor": verbatim,
	"name": canonicalName, "char": canonicalChar, "xml": canonicalXML,

	"jsonb": canonicalJSONB, "jsonpath": canonicalJSONPath,
	"uuid": canonicalUUID, "bytea": canonicalBytea, "bit": canonicalBit, "varbit": canonicalBit,
	"inet": canonicalInet, "cidr": canonicalCidr, "macaddr": canonicalMacaddr, "macaddr8": canonicalMacaddr8,

	"date": canonicalDate, "time": canonicalTime, "timetz": canonicalTimetz,
	"timestamp": canonicalTimestamp, "timestamptz": canonicalTimestamptz,

	"tsvector": canonicalTSVector, "tsquery": canonicalTSQuery,
	"point": canonicalPoint, "lseg": canonicalLseg, "box": canonicalBox, "circle": canonicalCircle,
}

// Canonical returns the canonical text of the literal, and whether it is known.
func Canonical(t Type, text string) (value string, ok bool) {
	if strings.IndexByte(text, 0) >= 0 {
		return "", false
	}
	switch {
	case t.Kind == 'e':
		return verbatim(text)
	case t.Kind == 'r' && t.Element != nil:
		return canonicalRange(t, text)
	case t.Kind == 'm' && t.Element != nil:
		return canonicalMultirange(t, text)
	case t.Kind != 0 && t.Kind != 'b':
		return "", false
	case t.Element != nil:
		return canonicalArray(*t.Element, text)
	case t.Name == "interval":
		return canonicalInterval(text, t.Typmod)
	}
	if f := families[t.Name]; f != nil {
		return f(text)
	}
	return "", false
}

// space is what isspace() takes for white space in the C locale.
const space = " \t\n\r\v\f"

func trim(s string) string { return strings.Trim(s, space) }

func isSpace(c byte) bool { return strings.IndexByte(space, c) >= 0 }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// allDigits reports whether s has digits and nothing else.
func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}
