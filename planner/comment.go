package planner

import "bloom/catalog"

var commentRule = rule[catalog.Comment]{
	create: func(s *state, o catalog.Comment) []Statement {
		return one(o.ID(), sql("COMMENT ON ? IS ?", object(s.desired, o.Target), literal(o.Text)))
	},
	drop: func(s *state, o catalog.Comment) []Statement {
		return one(o.ID(), sql("COMMENT ON ? IS NULL", object(s.current, o.Target)))
	},
	alter: func(s *state, o *catalog.Comment, want catalog.Comment) []Statement {
		o.Text = want.Text
		return one(want.ID(), sql("COMMENT ON ? IS ?", object(s.desired, want.Target), literal(want.Text)))
	},
}

var securityLabelRule = rule[catalog.SecurityLabel]{
	create: func(s *state, o catalog.SecurityLabel) []Statement { return label(s.desired, o, literal(o.Label)) },
	drop: func(s *state, o catalog.SecurityLabel) []Statement {
		return label(s.current, o, raw("NULL"))
	},
	alter: func(s *state, o *catalog.SecurityLabel, want catalog.SecurityLabel) []Statement {
		o.Label = want.Label
		return label(s.desired, want, literal(want.Label))
	},
}

func label(c *catalog.Catalog, o catalog.SecurityLabel, text any) []Statement {
	return one(o.ID(), sql("SECURITY LABEL FOR ? ON ? IS ?", ident(o.Provider), object(c, o.Target), text))
}
