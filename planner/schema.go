package planner

import "bloom/catalog"

var schemaRule = rule[catalog.Schema]{
	create: func(_ *state, o catalog.Schema) []Statement {
		return one(o.ID(), sql("CREATE SCHEMA ?", ident(o.Name)))
	},
	drop: func(_ *state, o catalog.Schema) []Statement {
		return one(o.ID(), sql("DROP SCHEMA ?", ident(o.Name)))
	},
}
