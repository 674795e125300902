package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

var enumRule = rule[catalog.Enum]{
	create: func(_ *state, o catalog.Enum) []Statement { return one(o.ID(), createEnum(o)) },
	drop:   dropType[catalog.Enum],
	alter: func(s *state, o *catalog.Enum, want catalog.Enum) []Statement {
		if !extends(o.Labels, want.Labels) {
			return s.swapEnum(o, want)
		}
		var out []Statement
		for i, l := range want.Labels {
			if slices.Contains(o.Labels, l) {
				continue
			}
			place := fragment{}
			switch {
			case i > 0:
				place = sql(" AFTER ?", literal(want.Labels[i-1]))
			case len(o.Labels) > 0:
				place = sql(" BEFORE ?", literal(o.Labels[0]))
			}
			if i > 0 && i == len(o.Labels) {
				place = fragment{} // at the end
			}
			st := do(o.ID(), sql("ALTER TYPE ? ADD VALUE ??", nameOf(o.ID()), literal(l), place))
			st.Values = []string{l}
			out = append(out, st)
			o.Labels = slices.Insert(slices.Clone(o.Labels), i, l)
		}
		return out
	},
	blocked: func(s *state, o, want catalog.Enum) []catalog.ID {
		if extends(o.Labels, want.Labels) {
			return nil
		}
		return s.typeBlockers(o.ID())
	},
}

func createEnum(o catalog.Enum) fragment {
	return sql("CREATE TYPE ? AS ENUM (?)", nameOf(o.ID()), literals(o.Labels))
}

// extends reports whether want has all labels of have in the same order.
func extends(have, want []string) bool {
	i := 0
	for _, l := range want {
		if i < len(have) && have[i] == l {
			i++
		}
	}
	return i == len(have)
}

// swapEnum takes labels away or reorders them, which PostgreSQL cannot: a new type
// takes the place of the old one, and the columns go over by their text.
func (s *state) swapEnum(o *catalog.Enum, want catalog.Enum) []Statement {
	var lost []string
	for _, l := range o.Labels {
		if !slices.Contains(want.Labels, l) {
			lost = append(lost, l)
		}
	}
	reason := "reorders the values: every table with a column of the type is rewritten"
	if len(lost) > 0 {
		reason = "fails if a row holds " + strings.Join(lost, ", ") + "; every table with a column of the type is rewritten"
	}
	h := s.hazard("ENUM_VALUE_REMOVED", MayFail, o.ID(), reason)
	out := s.swapType(want.ID(), one(want.ID(), createEnum(want)), lost)
	out[0].Hazards = append(append(out[0].Hazards, h), s.suspectValues(want.ID(), o.Labels, want.Labels)...)
	o.Labels = want.Labels
	return out
}

// swapType puts a new type in the place of the current one of that name, for the
// columns that stay with it. lost are the labels that it no longer has.
func (s *state) swapType(id catalog.ID, create []Statement, lost []string) []Statement {
	s.swapped[id] = true
	old := catalog.QName{Schema: id.Schema, Name: id.Name + "__old"}
	out := one(id, sql("ALTER TYPE ? RENAME TO ?", nameOf(id), ident(old.Name)))
	out = append(out, create...)
	for _, u := range s.current.Users(id) {
		c, ok := s.current.Get(u).(catalog.Column)
		if !ok || c.Inherited || c.Type.Parts().QName() != nameOf(id) || s.isGone(u) {
			continue
		}
		if want, ok := s.desired.Get(u).(catalog.Column); !ok || want.Type != c.Type {
			continue
		}
		if s.remakeForKey(u, "for the values of "+c.Name+", which is in its key") {
			continue
		}
		via := catalog.Type("text")
		if c.Type.Parts().Array {
			via = "text[]"
		}
		h := s.work("TABLE_REWRITE", u, accessExclusive, "rewrites "+tableOf(u).String(), "")
		held := Hazard{}
		if len(lost) > 0 {
			held = s.mayFail("FAILS_ON_CAST", u, "fails if "+u.Path()+" is "+strings.Join(lost, " or ")+" in a row").with(s.holding(c, lost))
		}
		out = append(out, do(u, sql("? ALTER COLUMN ? TYPE ? USING ?::?::?", s.alterTable(tableOf(u)), ident(c.Name), c.Type, ident(c.Name), via, c.Type), held, h))
	}
	return append(out, do(id, sql("DROP TYPE ?", old)))
}

// typeBlockers lists what stands in the way of another type taking the place of
// this one: all that uses the type or a column of it, the columns apart.
func (s *state) typeBlockers(id catalog.ID) []catalog.ID {
	var out []catalog.ID
	for _, u := range s.current.Users(id) {
		c, ok := s.current.Get(u).(catalog.Column)
		if !ok || s.isGone(u) {
			out = append(out, u)
			continue
		}
		if want, ok := s.desired.Get(s.desiredID(u)).(catalog.Column); ok && want.Type == c.Type {
			out = append(out, s.columnBlockers(u, true)...)
			if d := (catalog.ID{Kind: catalog.KindDefault, Schema: u.Schema, Table: u.Table, Name: u.Name}); s.current.Has(d) {
				out = append(out, d)
			}
		} else {
			out = append(out, u)
		}
	}
	return out
}

func dropType[T catalog.Object](s *state, o T) []Statement {
	word := "TYPE"
	if o.ID().Kind == catalog.KindDomain {
		word = "DOMAIN"
	}
	return one(o.ID(), sql("DROP ? ?", raw(word), nameOf(o.ID())))
}

var compositeRule = rule[catalog.Composite]{
	create: func(_ *state, o catalog.Composite) []Statement {
		attributes := each(o.Attributes, attribute)
		return one(o.ID(), sql("CREATE TYPE ? AS (?)", nameOf(o.ID()), lines(attributes)))
	},
	drop: dropType[catalog.Composite],
	alter: func(s *state, o *catalog.Composite, want catalog.Composite) []Statement {
		kept := 0
		var parts []fragment
		var lost []string
		for _, a := range o.Attributes {
			i := slices.IndexFunc(want.Attributes, func(w catalog.Attribute) bool { return w.Name == a.Name })
			if i < 0 {
				parts, lost = append(parts, sql("DROP ATTRIBUTE ?", ident(a.Name))), append(lost, a.Name)
				continue
			}
			if i != kept {
				return nil // attributes cannot change places
			}
			kept++
			if w := want.Attributes[i]; w != a && len(s.rowColumns(o.ID())) > 0 {
				return nil // PostgreSQL does not convert stored values
			} else if w != a {
				parts = append(parts, sql("ALTER ATTRIBUTE ? TYPE ??", ident(a.Name), w.Type, collate(w.Collation)))
			}
		}
		for _, w := range want.Attributes[kept:] {
			parts = append(parts, sql("ADD ATTRIBUTE ?", attribute(w)))
		}
		if len(parts) == 0 {
			return nil
		}
		o.Attributes = want.Attributes
		h := Hazard{}
		if len(lost) > 0 {
			h = s.hazard("COMPOSITE_ATTR_DROPPED", DataLoss, o.ID(), "stored values of the type lose "+strings.Join(lost, ", "))
		}
		return one(o.ID(), sql("ALTER TYPE ? ?", nameOf(o.ID()), join(parts, ", ")), h)
	},
	// Nothing stored is in the way of an attribute that comes or goes but a table of the type.
	blocked: func(s *state, o, want catalog.Composite) []catalog.ID {
		var out []catalog.ID
		for _, u := range s.current.Users(o.ID()) {
			if t, ok := s.current.Get(u).(catalog.Table); ok && t.OfType == "" {
				continue
			}
			if u.Kind != catalog.KindColumn && u.Kind != catalog.KindRoutine {
				out = append(out, u)
			}
		}
		return out
	},
}

func attribute(a catalog.Attribute) fragment {
	return sql("? ??", ident(a.Name), a.Type, collate(a.Collation))
}

// collate writes a COLLATE clause with a blank before it.
func collate(name catalog.QName) fragment {
	if name.IsZero() {
		return fragment{}
	}
	return sql(" COLLATE ?", name)
}

// lines writes parts one per line, indented.
func lines(parts []fragment) fragment {
	if len(parts) == 0 {
		return fragment{}
	}
	return sql("\n    ?\n", join(parts, ",\n    "))
}

var rangeRule = rule[catalog.Range]{
	create: func(_ *state, o catalog.Range) []Statement {
		parts := []fragment{sql("subtype = ?", o.Subtype)}
		for _, p := range []struct {
			name  string
			value catalog.QName
		}{
			{"subtype_opclass", o.Opclass}, {"collation", o.Collation}, {"canonical", o.Canonical},
			{"subtype_diff", o.Diff}, {"multirange_type_name", o.Multirange},
		} {
			if !p.value.IsZero() {
				parts = append(parts, sql("? = ?", raw(p.name), p.value))
			}
		}
		return one(o.ID(), sql("CREATE TYPE ? AS RANGE (?)", nameOf(o.ID()), lines(parts)))
	},
	drop: dropType[catalog.Range],
}

var baseTypeRule = rule[catalog.BaseType]{
	create: func(s *state, o catalog.BaseType) []Statement {
		s.refuse(o.ID(), "%s is a base type: it comes with an extension or is made by hand", o.ID())
		return nil
	},
	drop: dropType[catalog.BaseType],
}
