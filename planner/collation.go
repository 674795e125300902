package planner

import "bloom/catalog"

var collationRule = rule[catalog.Collation]{
	create: func(_ *state, o catalog.Collation) []Statement {
		var parts []fragment
		add := func(name, value string) {
			if value != "" {
				parts = append(parts, sql("? = ?", raw(name), literal(value)))
			}
		}
		if o.Provider != "" {
			parts = append(parts, sql("provider = ?", raw(o.Provider)))
		}
		add("locale", o.Locale)
		if o.LCCollate == o.CType && o.Locale == "" {
			add("locale", o.LCCollate)
		} else {
			add("lc_collate", o.LCCollate)
			add("lc_ctype", o.CType)
		}
		add("rules", o.Rules)
		if !o.Deterministic {
			parts = append(parts, fragment{text: "deterministic = false"})
		}
		return one(o.ID(), sql("CREATE COLLATION ? (?)", nameOf(o.ID()), join(parts, ", ")))
	},
	drop: dropNamed[catalog.Collation],
}

// dropNamed drops an object that its kind and name tell.
func dropNamed[T catalog.Object](s *state, o T) []Statement {
	return one(o.ID(), sql("DROP ?", object(s.current, o.ID())))
}
