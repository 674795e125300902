package planner

import (
	"strings"

	"bloom/catalog"
)

// operatorName writes an operator, with OPERATOR( ) if it is not built in.
func operatorName(q catalog.QName) fragment {
	if q.Schema == "" || q.Schema == "pg_catalog" {
		return fragment{text: q.Name}
	}
	return sql("OPERATOR(?)", plainOperator(q))
}

func plainOperator(q catalog.QName) fragment {
	if q.Schema == "" {
		return fragment{text: q.Name}
	}
	return sql("?.?", ident(q.Schema), raw(q.Name))
}

// operatorSignature writes an operator with its argument types.
func operatorSignature(id catalog.ID) fragment {
	left, right, _ := strings.Cut(id.Args, ", ")
	if left == "" {
		left = "NONE"
	}
	return sql("? (?, ?)", plainOperator(nameOf(id)), raw(left), raw(right))
}

var operatorRule = rule[catalog.Operator]{
	create: func(_ *state, o catalog.Operator) []Statement {
		parts := []fragment{sql("FUNCTION = ?", o.Function)}
		add := func(when bool, f func() fragment) {
			if when {
				parts = append(parts, f())
			}
		}
		add(o.Left != "", func() fragment { return sql("LEFTARG = ?", o.Left) })
		add(o.Right != "", func() fragment { return sql("RIGHTARG = ?", o.Right) })
		add(!o.Commutator.IsZero(), func() fragment { return sql("COMMUTATOR = OPERATOR(?)", plainOperator(o.Commutator)) })
		add(!o.Negator.IsZero(), func() fragment { return sql("NEGATOR = OPERATOR(?)", plainOperator(o.Negator)) })
		add(!o.Restrict.IsZero(), func() fragment { return sql("RESTRICT = ?", o.Restrict) })
		add(!o.Join.IsZero(), func() fragment { return sql("JOIN = ?", o.Join) })
		add(o.Hashes, func() fragment { return fragment{text: "HASHES"} })
		add(o.Merges, func() fragment { return fragment{text: "MERGES"} })
		return one(o.ID(), sql("CREATE OPERATOR ? (?)", plainOperator(nameOf(o.ID())), lines(parts)))
	},
	drop: dropNamed[catalog.Operator],
	alter: func(_ *state, o *catalog.Operator, want catalog.Operator) []Statement {
		var parts []fragment
		set := func(word string, have, want catalog.QName) {
			switch {
			case have == want:
			case want.IsZero():
				parts = append(parts, sql("? = NONE", raw(word)))
			default:
				parts = append(parts, sql("? = ?", raw(word), want))
			}
		}
		set("RESTRICT", o.Restrict, want.Restrict)
		set("JOIN", o.Join, want.Join)
		o.Restrict, o.Join = want.Restrict, want.Join
		if len(parts) == 0 {
			return nil
		}
		return one(o.ID(), sql("ALTER OPERATOR ? SET (?)", operatorSignature(o.ID()), join(parts, ", ")))
	},
}

var operatorFamilyRule = rule[catalog.OperatorFamily]{
	create: func(_ *state, o catalog.OperatorFamily) []Statement {
		out := one(o.ID(), sql("CREATE OPERATOR FAMILY ? USING ?", nameOf(o.ID()), ident(o.Method)))
		if len(o.Members) > 0 {
			out = append(out, do(o.ID(), sql("ALTER OPERATOR FAMILY ? USING ? ADD ?", nameOf(o.ID()), ident(o.Method), join(each(o.Members, familyMember), ", "))))
		}
		return out
	},
	drop: dropNamed[catalog.OperatorFamily],
	alter: func(_ *state, o *catalog.OperatorFamily, want catalog.OperatorFamily) []Statement {
		alter := sql("ALTER OPERATOR FAMILY ? USING ?", nameOf(o.ID()), ident(o.Method))
		var out []Statement
		if gone := without(o.Members, want.Members); len(gone) > 0 {
			out = append(out, do(o.ID(), sql("? DROP ?", alter, join(each(gone, droppedMember), ", "))))
		}
		if added := without(want.Members, o.Members); len(added) > 0 {
			out = append(out, do(o.ID(), sql("? ADD ?", alter, join(each(added, familyMember), ", "))))
		}
		o.Members = want.Members
		return out
	},
}

func without(list, other []catalog.OperatorClassMember) []catalog.OperatorClassMember {
	have := map[catalog.OperatorClassMember]bool{}
	for _, m := range other {
		have[m] = true
	}
	var out []catalog.OperatorClassMember
	for _, m := range list {
		if !have[m] {
			out = append(out, m)
		}
	}
	return out
}

// familyMember writes a member with its types, which a class leaves out where they are its own.
func familyMember(m catalog.OperatorClassMember) fragment {
	if !m.Function.IsZero() {
		return sql("FUNCTION ? (?, ?) ?(?)", m.Number, m.Left, m.Right, m.Function, raw(m.Args))
	}
	f := sql("OPERATOR ? ? (?, ?)", m.Number, plainOperator(m.Operator), m.Left, m.Right)
	if !m.SortFamily.IsZero() {
		f = sql("? FOR ORDER BY ?", f, m.SortFamily)
	}
	return f
}

func droppedMember(m catalog.OperatorClassMember) fragment {
	word := "OPERATOR"
	if !m.Function.IsZero() {
		word = "FUNCTION"
	}
	return sql("? ? (?, ?)", raw(word), m.Number, m.Left, m.Right)
}

var operatorClassRule = rule[catalog.OperatorClass]{
	create: func(s *state, o catalog.OperatorClass) []Statement {
		s.freeFamily(o)
		f := sql("CREATE OPERATOR CLASS ? ?FOR TYPE ? USING ?", nameOf(o.ID()), key(o.Default, "DEFAULT "), o.Type, ident(o.Method))
		if !o.Family.IsZero() {
			f = sql("? FAMILY ?", f, o.Family)
		}
		members := each(o.Members, familyMember)
		switch {
		case o.Storage != "" && o.Storage != o.Type:
			members = append(members, sql("STORAGE ?", o.Storage))
		case len(members) == 0: // there has to be something; this says nothing
			members = append(members, sql("STORAGE ?", o.Type))
		}
		return one(o.ID(), sql("? AS\n    ?", f, join(members, ",\n    ")))
	},
	drop: dropNamed[catalog.OperatorClass],
}

// freeFamily puts the drop of other classes of the family before the making of one:
// an operator can be in a family only once.
func (s *state) freeFamily(o catalog.OperatorClass) {
	for _, id := range sortedIDs(s.gone) {
		if c, ok := s.current.Get(id).(catalog.OperatorClass); ok && c.Method == o.Method && c.Family == o.Family {
			s.orderSteps(step{drop: true, id: id}, step{id: o.ID()})
		}
	}
}

var castRule = rule[catalog.Cast]{
	create: func(_ *state, o catalog.Cast) []Statement {
		how := fragment{text: "WITHOUT FUNCTION"}
		switch o.Method {
		case "function":
			how = sql("WITH FUNCTION ?(?)", o.Function, raw(o.FunctionArgs))
		case "inout":
			how = fragment{text: "WITH INOUT"}
		}
		f := sql("CREATE CAST (? AS ?) ?", o.Source, o.Target, how)
		if o.Context == "assignment" || o.Context == "implicit" {
			f = sql("? AS ?", f, raw(strings.ToUpper(o.Context)))
		}
		return one(o.ID(), f)
	},
	drop: dropNamed[catalog.Cast],
}

var conversionRule = rule[catalog.Conversion]{
	create: func(_ *state, o catalog.Conversion) []Statement {
		return one(o.ID(), sql("CREATE ?CONVERSION ? FOR ? TO ? FROM ?", key(o.Default, "DEFAULT "), nameOf(o.ID()), literal(o.From), literal(o.To), o.Function))
	},
	drop: dropNamed[catalog.Conversion],
}
