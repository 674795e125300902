package builtin

import "bloom/catalog"

// Cast is a row of pg_cast.
type Cast struct {
	Source, Target catalog.QName
	Context        byte // castcontext: i implicit, a assignment, e explicit
	Method         byte // castmethod: f function, i input and output functions, b binary-coercible

	// Function is castfunc, empty unless Method is f. Args are its argument types: the second, if there is
	// one, takes the typmod, the third whether the cast is explicit.
	Function catalog.QName
	Args     []catalog.QName
}

// Cast returns the cast from source to target, or nil. A cast of a type to itself applies the typmod.
func (s *Set) Cast(source, target catalog.QName) *Cast {
	for _, c := range find(s, &s.casts, "cast", source.Name, decodeCast(source.Name), sameCast) {
		if c.Source == source && c.Target == target {
			return c
		}
	}
	return nil
}

// Casts returns the casts from source.
func (s *Set) Casts(source catalog.QName) []*Cast {
	var casts []*Cast
	for _, c := range find(s, &s.casts, "cast", source.Name, decodeCast(source.Name), sameCast) {
		if c.Source == source {
			casts = append(casts, c)
		}
	}
	return casts
}

func sameCast(a, b *Cast) bool { return a.Source == b.Source && a.Target == b.Target }

func decodeCast(source string) func(*row) *Cast {
	return func(r *row) *Cast {
		return &Cast{
			Source: r.in(source), Target: r.name(), Context: r.byte(), Method: r.byte(),
			Function: r.name(), Args: r.names(),
		}
	}
}
