package planner

import (
	"bloom/catalog"
)

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
			return s.swapDomain(o, want)
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
				out = append(out, s.demand(o.ID(), do(o.ID(), sql("? SET NOT NULL", alter), hs...))...)
			} else {
				out = append(out, do(o.ID(), sql("? DROP NOT NULL", alter)))
			}
			o.NotNull = want.NotNull
		}
		return out
	},
	blocked: func(s *state, o, want catalog.Domain) []catalog.ID {
		if o.Base == want.Base && o.Collation == want.Collation {
			return nil
		}
		return s.typeBlockers(o.ID())
	},
}

// swapDomain gives a domain another base type, which PostgreSQL cannot: a new domain
// takes the place of the old one, and the columns go over as between the base types.
func (s *state) swapDomain(o *catalog.Domain, want catalog.Domain) []Statement {
	id := want.ID()
	s.swapped[id] = true
	old := catalog.QName{Schema: id.Schema, Name: id.Name + "__old"}
	out := one(id, sql("ALTER DOMAIN ? RENAME TO ?", nameOf(id), ident(old.Name)))
	bare := *s // what it demands is added when the columns are there
	bare.making = nil
	out = append(out, s.rules[catalog.KindDomain].create(&bare, want)...)
	for _, u := range s.current.Users(id) {
		c, ok := s.current.Get(u).(catalog.Column)
		if stays, both := s.desired.Get(u).(catalog.Column); !ok || c.Inherited || s.isGone(u) || !both || stays.Type != c.Type {
			continue
		}
		if s.remakeForKey(u, "for what "+c.Name+", in its key, is a domain over") {
			continue
		}
		f := sql("? ALTER COLUMN ? TYPE ?", s.alterTable(tableOf(u)), ident(c.Name), c.Type)
		hazards := s.typeHazards(u, o.Base, want.Base, "")
		switch how := s.conversion(o.Base, want.Base); {
		case c.Type.Parts().Array:
			f = sql("? USING ?::text[]::?", f, ident(c.Name), c.Type)
			hazards = []Hazard{s.work("TABLE_REWRITE", u, accessExclusive, "rewrites "+tableOf(u).String(), ""),
				s.mayFail("FAILS_ON_CAST", u, "fails on an element of "+u.Path()+" that cannot be converted from "+string(o.Base)+" to "+string(want.Base))}
			if lossy(s.baseType(o.Base, s.current), s.baseType(want.Base, s.desired)) {
				hazards = append(hazards, s.hazard("TYPE_LOSSY", DataLoss, u, "elements of "+u.Path()+" may be rounded or cut from "+string(o.Base)+" to "+string(want.Base)))
			}
		case how == byCast:
			f = sql("? USING ?::?::?", f, ident(c.Name), want.Base, c.Type)
		case how == byText:
			f = sql("? USING ?::text::?", f, ident(c.Name), c.Type)
		}
		out = append(out, do(u, f, hazards...))
	}
	*o = want
	return append(out, do(id, sql("DROP DOMAIN ?", old)))
}

var domainConstraintRule = rule[catalog.DomainConstraint]{
	create: func(s *state, o catalog.DomainConstraint) []Statement {
		f := sql("ALTER DOMAIN ? ADD CONSTRAINT ? CHECK (?)?", tableOf(o.ID()), ident(o.Name), o.Check, key(o.NotValid, " NOT VALID"))
		if o.NotValid {
			return one(o.ID(), f)
		}
		return s.demand(catalog.ID{Kind: catalog.KindDomain, Schema: o.Schema, Name: o.Domain}, do(o.ID(), f, s.domainMisfit(o)...))
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
			validate := do(want.ID(), sql("? VALIDATE CONSTRAINT ?", alter, ident(want.Name)), s.domainMisfit(want)...)
			out = append(out, s.demand(catalog.ID{Kind: catalog.KindDomain, Schema: o.Schema, Name: o.Domain}, validate)...)
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
