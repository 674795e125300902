package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

func (s *state) identityClause(c catalog.Column) fragment {
	f := sql("GENERATED ? AS IDENTITY", raw(strings.ToUpper(c.Identity)))
	seq, ok := s.sequenceOf(s.desired, c)
	if !ok {
		return f
	}
	own := sequenceOptions(withType(seq, "bigint", c.Type))
	if name := c.Table + "_" + c.Name + "_seq"; seq.Name != name || seq.Schema != c.Schema || len(name) > 63 {
		own = words(sql("SEQUENCE NAME ?", nameOf(seq.ID())), own)
	}
	if own.text == "" {
		return f
	}
	return sql("? (?)", f, own)
}

func withType(seq catalog.Sequence, hidden, column catalog.Type) catalog.Sequence {
	if seq.Type != column {
		return seq
	}
	low, high := limits(seq.Type)
	wideLow, wideHigh := limits(hidden)
	if seq.Min == low {
		seq.Min = wideLow
	}
	if seq.Max == high {
		seq.Max = wideHigh
	}
	seq.Type = hidden
	return seq
}

func (s *state) sequenceOf(c *catalog.Catalog, col catalog.Column) (catalog.Sequence, bool) {
	for _, u := range c.Users(col.ID()) {
		if seq, ok := c.Get(u).(catalog.Sequence); ok && seq.OwnedBy.ID() == col.ID() {
			return seq, true
		}
	}
	return catalog.Sequence{}, false
}

func (s *state) alterIdentity(o *catalog.Column, want catalog.Column) []Statement {
	id := want.ID()
	alter := sql("? ALTER COLUMN ?", s.alterTable(tableOf(id)), ident(want.Name))
	had := o.Identity
	old, owned := s.sequenceOf(s.current, *o)
	o.Identity = want.Identity
	switch {
	case had == "":
		add := do(id, sql("? ADD ?", alter, s.identityClause(want)))
		if !owned || old.Identity {
			return append([]Statement{add}, s.startIdentity(want)...)
		}
		return s.takePosition(want, old, add)
	case want.Identity == "":
		return s.keepPosition(*o, alter)
	}
	var h Hazard
	if want.Identity == "always" {
		h = s.hazard("IDENTITY_ALWAYS", Breaks, id, "INSERT with a value for "+id.Path()+" fails from now on")
	}
	return one(id, sql("? SET GENERATED ?", alter, raw(strings.ToUpper(want.Identity))), h)
}

func (s *state) takePosition(c catalog.Column, old catalog.Sequence, add Statement) []Statement {
	id := c.ID()
	next, _ := s.sequenceOf(s.desired, c)
	from := catalog.QName{Schema: old.Schema, Name: old.Name}
	out := one(id, sql("ALTER SEQUENCE ? OWNED BY NONE", from))
	aside := catalog.QName{Schema: old.Schema, Name: old.Name + "__old"}
	out = append(out, do(id, sql("ALTER SEQUENCE ? RENAME TO ?", from, ident(aside.Name))), add)
	out = append(out, do(id, sql("SELECT setval(?, last_value, is_called) FROM ?", literal(nameOf(next.ID()).SQL()), aside)))
	return append(out, do(id, sql("DROP SEQUENCE ?", aside)))
}

func (s *state) startIdentity(c catalog.Column) []Statement {
	if s.empty(c.ID()) {
		return nil
	}
	next, ok := s.sequenceOf(s.desired, c)
	if !ok || next.Increment < 0 {
		return nil
	}
	f := sql("SELECT setval(?, max(?)) FROM ? HAVING max(?) >= ?", literal(nameOf(next.ID()).SQL()), ident(c.Name), tableOf(c.ID()), ident(c.Name), next.Min)
	var scan Hazard
	if !s.ledBy(c.ID()) {
		scan = s.work("TABLE_SCAN_EXCLUSIVE", c.ID(), accessExclusive, "reads all of "+tableOf(c.ID()).String()+" to find where "+c.Name+" goes on", "an index that begins with "+c.Name+", made before")
	}
	return one(c.ID(), f, scan)
}

func (s *state) ledBy(column catalog.ID) bool {
	return slices.ContainsFunc(s.current.Children(catalog.ID{Kind: catalog.KindTable, Schema: column.Schema, Name: column.Table}), func(id catalog.ID) bool {
		switch o := s.current.Get(id).(type) {
		case catalog.Index:
			return o.Method == "btree" && o.Predicate.IsZero() && !o.Invalid && o.Elements[0].Column == column.Name
		case catalog.Constraint:
			return (o.Type == catalog.PrimaryKey || o.Type == catalog.Unique) && o.Columns[0] == column.Name
		}
		return false
	})
}

func (s *state) keepPosition(c catalog.Column, alter fragment) []Statement {
	id := c.ID()
	drop := do(id, sql("? DROP IDENTITY", alter))
	old, hadOne := s.sequenceOf(s.current, c)
	next, ok := s.sequenceOf(s.desired, c)
	if hadOne {
		s.orderSteps(step{id: id}, step{drop: true, id: old.ID()})
	}
	if !ok || next.Identity || !hadOne || !s.identityTurned(next.ID()) {
		return []Statement{drop}
	}
	aside := catalog.QName{Schema: next.Schema, Name: next.Name + "__new"}
	out := one(id, words(sql("CREATE SEQUENCE ?", aside), sequenceOptions(next)))
	out = append(out, do(id, sql("SELECT setval(?, last_value, is_called) FROM ?", literal(aside.SQL()), nameOf(old.ID()))), drop)
	out = append(out, do(id, sql("ALTER SEQUENCE ? RENAME TO ?", aside, ident(next.Name))))
	return append(out, do(id, sql("ALTER SEQUENCE ? OWNED BY ?", nameOf(next.ID()), next.OwnedBy)))
}

func (s *state) identityTurned(id catalog.ID) bool { return s.altering[id] != nil }
