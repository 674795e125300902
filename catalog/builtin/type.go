package builtin

import (
	"strings"

	"bloom/catalog"
)

// Type is a row of pg_type.
type Type struct {
	Name      catalog.QName
	Kind      byte          // typtype: b base, c composite, d domain, e enum, p pseudo, r range, m multirange
	Category  byte          // typcategory
	Preferred bool          // typispreferred
	Element   catalog.QName // typelem
	Subscript string        // typsubscript: array, raw (fixed-length, as point), jsonb, other, or empty
	Array     catalog.QName // typarray
	Base      catalog.QName // typbasetype, of a domain
	Typmod    int           // typtypmod, of a domain; -1 if none
	NotNull   bool          // typnotnull, of a domain
	Collation catalog.QName // typcollation; empty if the type has none
	Labels    []string      // pg_enum.enumlabel, in order
}

// IsArray reports whether t is a true array type: what array_subscript_handler subscripts.
func (t *Type) IsArray() bool { return t.Subscript == "array" && !t.Element.IsZero() }

// Type returns the type with that name, or nil.
func (s *Set) Type(name catalog.QName) *Type {
	for _, t := range find(s, &s.types, "type", name.Name, decodeType(name.Name), sameType) {
		if t.Name == name {
			return t
		}
	}
	return nil
}

func sameType(a, b *Type) bool { return a.Name == b.Name }

func decodeType(name string) func(*row) *Type {
	return func(r *row) *Type {
		t := &Type{
			Name:      r.in(name),
			Kind:      r.byte(),
			Category:  r.byte(),
			Preferred: r.flag(),
			Element:   r.name(),
			Subscript: r.next(),
			Array:     r.name(),
			Base:      r.name(),
			Typmod:    r.number(-1),
			NotNull:   r.flag(),
			Collation: r.name(),
		}
		if labels := r.next(); labels != "" {
			t.Labels = strings.Split(labels, ",")
		}
		return t
	}
}

// Range is a row of pg_range.
type Range struct {
	Name       catalog.QName // rngtypid
	Subtype    catalog.QName // rngsubtype
	Multirange catalog.QName // rngmultitypid
	Collation  catalog.QName // rngcollation
}

// Ranges returns all range types. More than one can have the same subtype.
func (s *Set) Ranges() []*Range {
	s.rangesOnce.Do(func() {
		for line := range lines(s.text, "range\t") {
			r := &row{set: s, rest: line}
			name := r.next()
			if holds(r.next(), s.version) {
				s.ranges = append(s.ranges, &Range{Name: r.in(name), Subtype: r.name(), Multirange: r.name(), Collation: r.name()})
			}
		}
	})
	return s.ranges
}

// Range returns the range type with that name, or the one whose multirange type has it; nil if there is none.
func (s *Set) Range(name catalog.QName) *Range {
	for _, r := range s.Ranges() {
		if r.Name == name || r.Multirange == name {
			return r
		}
	}
	return nil
}
