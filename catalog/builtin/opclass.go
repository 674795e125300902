package builtin

import "bloom/catalog"

// Opclass is a row of pg_opclass.
type Opclass struct {
	Method  string // the access method, as btree
	Name    catalog.QName
	Input   catalog.QName // opcintype
	Default bool          // opcdefault
	Key     catalog.QName // opckeytype: what the index stores, empty if it is the input type
}

// Opclasses returns the operator classes of an access method.
func (s *Set) Opclasses(method string) []*Opclass {
	return find(s, &s.opclasses, "opclass", method, func(r *row) *Opclass {
		name := r.next()
		return &Opclass{Method: method, Name: r.in(name), Input: r.name(), Default: r.flag(), Key: r.name()}
	}, sameOpclass)
}

func sameOpclass(a, b *Opclass) bool { return a.Name == b.Name && a.Input == b.Input }

// DefaultOpclass returns the operator class that an index of the access method takes for a column of the
// type if none is named, or nil (GetDefaultOpClass): that of the type itself, else that of a type the
// column's is binary-coercible to, a preferred one first. Arrays, ranges, multiranges, enums and composite types take that of
// anyarray, anyrange, anymultirange, anyenum and record; for a domain ask for its base type, for a type
// that is not in the set ask for one of these.
func (s *Set) DefaultOpclass(method string, typ catalog.QName) *Opclass {
	var compatible, preferred []*Opclass
	for _, o := range s.Opclasses(method) {
		if !o.Default {
			continue
		}
		if o.Input == typ {
			return o
		}
		if s.binaryCoercible(typ, o.Input) {
			compatible = append(compatible, o)
			if t := s.Type(o.Input); t != nil && t.Preferred {
				preferred = append(preferred, o)
			}
		}
	}
	switch {
	case len(preferred) == 1:
		return preferred[0]
	case len(preferred) == 0 && len(compatible) == 1:
		return compatible[0]
	}
	return nil
}

// binaryCoercible is IsBinaryCoercible for different types.
func (s *Set) binaryCoercible(source, target catalog.QName) bool {
	if c := s.Cast(source, target); c != nil {
		return c.Method == 'b' && c.Context == 'i'
	}
	t := s.Type(source)
	if t == nil {
		return false
	}
	switch target {
	case Pg("anyarray"):
		return t.IsArray()
	case Pg("anyenum"):
		return t.Kind == 'e'
	case Pg("anyrange"):
		return t.Kind == 'r'
	case Pg("anymultirange"):
		return t.Kind == 'm'
	case Pg("record"):
		return t.Kind == 'c'
	}
	return false
}
