package planner

import "bloom/catalog"

// demand writes a statement that demands more of a domain. PostgreSQL looks at the values of
// columns of the domain, but refuses while a column holds them inside of others: arrays of
// the domain are arrays of its base type meanwhile.
func (s *state) demand(domain catalog.ID, st Statement) []Statement {
	var aside, back []Statement
	for _, c := range s.holders(domain) {
		id := c.ID()
		_, inKey := s.keyHolder(id)
		if b := s.columnBlockers(id, true); len(b) > 0 || inKey {
			s.refuse(domain, "PostgreSQL cannot demand more of domain %s while %s holds values of it inside of others; "+
				"give the column another type in one migration, and back after this one", nameOf(domain), id)
			continue
		}
		alter := sql("? ALTER COLUMN ? TYPE", s.alterTable(tableOf(id)), ident(c.Name))
		h := s.work("TABLE_REWRITE", id, accessExclusive, "rewrites "+tableOf(id).String(), "")
		d, hasDefault := s.current.Get(defaultID(id)).(catalog.Default)
		if hasDefault = hasDefault && !s.isGone(d.ID()); hasDefault {
			aside = append(aside, do(id, sql("? ALTER COLUMN ? DROP DEFAULT", s.alterTable(tableOf(id)), ident(c.Name))))
		}
		aside = append(aside, do(id, sql("? ?", alter, s.bareArray(c.Type)), h))
		back = append(back, do(id, sql("? ?", alter, c.Type), h))
		if hasDefault {
			back = append(back, do(id, sql("? ALTER COLUMN ? SET DEFAULT ?", s.alterTable(tableOf(id)), ident(c.Name), d.Expr)))
		}
	}
	return append(append(aside, st), back...)
}

// holders lists the columns, there before and after, that are arrays of a domain or of a
// domain over it. A composite type with the domain is refused if a column is of it.
func (s *state) holders(domain catalog.ID) []catalog.Column {
	var out []catalog.Column
	for _, u := range s.current.Users(domain) {
		switch o := s.current.Get(u).(type) {
		case catalog.Column:
			if stays, ok := s.desired.Get(u).(catalog.Column); ok && o.Type.Parts().Array && stays.Type == o.Type && !o.Inherited && !s.isGone(u) {
				out = append(out, o)
			}
		case catalog.Domain:
			out = append(out, s.holders(u)...)
		case catalog.Composite:
			for _, c := range s.current.Users(u) {
				if c.Kind == catalog.KindColumn && !s.isGone(c) {
					s.refuse(domain, "PostgreSQL cannot demand more of domain %s while %s holds values of it inside of %s; "+
						"give the column another type in one migration, and back after this one", nameOf(domain), c, nameOf(u))
				}
			}
		}
	}
	return out
}

// bareArray is the type of the arrays of what a domain is over.
func (s *state) bareArray(t catalog.Type) catalog.Type {
	for range 32 {
		n := t.Parts()
		d, ok := catalog.Find[catalog.Domain](s.desired, catalog.ID{Kind: catalog.KindDomain, Schema: n.Schema, Name: n.Name})
		if !ok {
			break
		}
		t = d.Base
		if t.Parts().Array {
			return t
		}
	}
	return t + "[]"
}
