package planner

import "bloom/catalog"

var domainRule = rule[catalog.Domain]{
	create: func(s *state, o catalog.Domain) []Statement {
		parts := []fragment{sql("CREATE DOMAIN ? AS ??", nameOf(o.ID()), o.Base, collate(o.Collation))}
		if !o.Default.IsZero() {
			parts = append(parts, sql("DEFAULT ?", o.Default))
		}
		if o.NotNull {
			parts = append(parts, fragment{text: "NOT NULL"})
		}
		for _, id := range s.absorbed(o.ID()) {
			if c := s.desired.Get(id).(catalog.DomainConstraint); !c.NotValid {
				parts = append(parts, sql("CONSTRAINT ? CHECK (?)", ident(c.Name), c.Check))
			}
		}
		sep := " "
		if len(parts) > 2 {
			sep = "\n    "
		}
		out := one(o.ID(), join(parts, sep))
		for _, id := range s.absorbed(o.ID()) {
			if c := s.desired.Get(id).(catalog.DomainConstraint); c.NotValid {
				out = append(out, domainConstraintRule.create(s, c)...)
			}
		}
		return out
	},
	drop: dropType[catalog.Domain],
	alter: func(s *state, o *catalog.Domain, want catalog.Domain) []Statement {
		if o.Base != want.Base || o.Collation != want.Collation {
			return nil
		}
		alter := sql("ALTER DOMAIN ?", nameOf(o.ID()))
		var out []Statement
		if o.Default != want.Default {
			if want.Default.IsZero() {
				out = append(out, do(o.ID(), sql("? DROP DEFAULT", alter)))
			} else {
				out = append(out, do(o.ID(), sql("? SET DEFAULT ?", alter, want.Default)))
			}
			o.Default = want.Default
		}
		if o.NotNull != want.NotNull {
			if want.NotNull {
				hs := s.domainHazards("FAILS_ON_NULLS", o.ID(), "is NULL", fragment{text: "value IS NULL"})
				out = append(out, do(o.ID(), sql("? SET NOT NULL", alter), hs...))
			} else {
				out = append(out, do(o.ID(), sql("? DROP NOT NULL", alter)))
			}
			o.NotNull = want.NotNull
		}
		return out
	},
}

var domainConstraintRule = rule[catalog.DomainConstraint]{
	create: func(s *state, o catalog.DomainConstraint) []Statement {
		f := sql("ALTER DOMAIN ? ADD CONSTRAINT ? CHECK (?)?", tableOf(o.ID()), ident(o.Name), o.Check, key(o.NotValid, " NOT VALID"))
		var hs []Hazard
		if !o.NotValid {
			hs = s.domainMisfit(o)
		}
		return one(o.ID(), f, hs...)
	},
	drop: func(_ *state, o catalog.DomainConstraint) []Statement {
		return one(o.ID(), sql("ALTER DOMAIN ? DROP CONSTRAINT ?", tableOf(o.ID()), ident(o.Name)))
	},
	alter: func(s *state, o *catalog.DomainConstraint, want catalog.DomainConstraint) []Statement {
		alter := sql("ALTER DOMAIN ?", tableOf(o.ID()))
		if o.Check != want.Check {
			return nil
		}
		var out []Statement
		if o.Name != want.Name {
			out = append(out, do(want.ID(), sql("? RENAME CONSTRAINT ? TO ?", alter, ident(o.Name), ident(want.Name))))
			o.Name = want.Name
		}
		if o.NotValid && !want.NotValid {
			out = append(out, do(want.ID(), sql("? VALIDATE CONSTRAINT ?", alter, ident(want.Name)), s.domainMisfit(want)...))
			o.NotValid = false
		}
		return out
	},
}

// domainMisfit are the hazards of a constraint of a domain whose columns hold values.
func (s *state) domainMisfit(o catalog.DomainConstraint) []Hazard {
	domain := catalog.ID{Kind: catalog.KindDomain, Schema: o.Schema, Name: o.Domain}
	return s.domainHazards("FAILS_ON_CHECK", domain, "does not fit "+o.Name, sql("(?) IS FALSE", o.Check))
}
