package planner

import (
	"math"

	"bloom/catalog"
	"bloom/differ"
)

var sequenceRule = rule[catalog.Sequence]{
	create: func(s *state, o catalog.Sequence) []Statement {
		if o.Identity {
			return nil // its column makes it
		}
		f := words(sql("CREATE ?SEQUENCE ?", key(o.Unlogged, "UNLOGGED "), nameOf(o.ID())), sequenceOptions(o))
		return one(o.ID(), f)
	},
	drop: func(s *state, o catalog.Sequence) []Statement {
		if o.Identity {
			return nil
		}
		h := s.hazard("DROP_SEQUENCE", DataLoss, o.ID(), "drops "+nameOf(o.ID()).String()+" and its position")
		return one(o.ID(), sql("DROP SEQUENCE ?", nameOf(o.ID())), h)
	},
	alter: alterSequence,
}

func alterSequence(s *state, o *catalog.Sequence, want catalog.Sequence) []Statement {
	id := want.ID()
	var out []Statement
	if o.Identity != want.Identity && o.OwnedBy == want.OwnedBy {
		s.orderSteps(step{id: want.OwnedBy.ID()}, step{id: id})
		*o = want // the column's alteration makes a new one that takes over the position
		return nil
	}
	if o.Name != want.Name && o.Schema == want.Schema {
		out = append(out, do(id, sql("ALTER SEQUENCE ? RENAME TO ?", nameOf(o.ID()), ident(want.Name))))
		o.Name = want.Name
	}
	apart := want.Min > o.Max || want.Max < o.Min // no position fits both
	if want.Min > o.Min && want.Increment > 0 && !apart {
		// A position below the new minimum would be an error.
		out = append(out, do(id, sql("SELECT setval(?, ?, false) FROM ? WHERE last_value < ?", literal(nameOf(id).SQL()), want.Min, nameOf(id), want.Min)))
	}
	var parts []fragment
	if o.Type != want.Type {
		parts = append(parts, sql("AS ?", want.Type))
	}
	if o.Increment != want.Increment {
		parts = append(parts, sql("INCREMENT BY ?", want.Increment))
	}
	if o.Min != want.Min || o.Type != want.Type {
		parts = append(parts, sql("MINVALUE ?", want.Min))
	}
	if o.Max != want.Max || o.Type != want.Type {
		parts = append(parts, sql("MAXVALUE ?", want.Max))
	}
	if o.Start != want.Start {
		parts = append(parts, sql("START WITH ?", want.Start))
	}
	var reset Hazard
	if apart {
		parts = append(parts, sql("RESTART WITH ?", want.Start))
		reset = s.hazard("SEQUENCE_RESET", DataLoss, id, nameOf(id).String()+" starts anew: its position does not fit its new limits")
	}
	past := Hazard{}
	if !apart && (want.Max < o.Max || want.Min > o.Min && want.Increment < 0) {
		past = s.hazard("FAILS_ON_RANGE", MayFail, id, "fails if the position of "+nameOf(id).String()+" is past its new limits").
			with(sql("SELECT last_value FROM ? WHERE last_value NOT BETWEEN ? AND ?", nameOf(id), want.Min, want.Max))
	}
	if o.Cache != want.Cache {
		parts = append(parts, sql("CACHE ?", want.Cache))
	}
	if o.Cycle != want.Cycle {
		parts = append(parts, key(want.Cycle, "CYCLE"), key(!want.Cycle, "NO CYCLE"))
	}
	o.Type, o.Increment, o.Min, o.Max, o.Start, o.Cache, o.Cycle =
		want.Type, want.Increment, want.Min, want.Max, want.Start, want.Cache, want.Cycle
	if len(parts) > 0 {
		h := s.work("LOCK_SHARE_ROW_EXCLUSIVE", id, shareRow, "nextval waits until the transaction ends", "")
		out = append(out, do(id, words(append([]fragment{sql("ALTER SEQUENCE ?", nameOf(id))}, parts...)...), h, reset, past))
	}
	if o.Unlogged != want.Unlogged {
		word := "LOGGED"
		if want.Unlogged {
			word = "UNLOGGED"
		}
		out = append(out, do(id, sql("ALTER SEQUENCE ? SET ?", nameOf(id), raw(word))))
		o.Unlogged = want.Unlogged
	}
	if o.OwnedBy != want.OwnedBy {
		if !o.OwnedBy.IsZero() {
			out = append(out, do(id, sql("ALTER SEQUENCE ? OWNED BY NONE", nameOf(id))))
		}
		if !want.OwnedBy.IsZero() {
			s.owning[id] = true
		}
		o.OwnedBy = want.OwnedBy
	}
	return out
}

// ownerships makes the nodes that give sequences to their columns. They are apart
// from the making of the sequence, for the column's default needs that before.
func (g *gatherer) ownerships() {
	give := func(id catalog.ID) {
		seq := g.desired.Get(id).(catalog.Sequence)
		own := id
		own.Role = "ownership"
		group, _ := g.desired.Relation(seq.OwnedBy.Schema, seq.OwnedBy.Table)
		g.add(&node{id: own, group: group, ids: []catalog.ID{own},
			statements: one(id, sql("ALTER SEQUENCE ? OWNED BY ?", nameOf(id), seq.OwnedBy))})
		g.orderSteps(step{id: id}, step{id: own})
		g.orderSteps(step{id: seq.OwnedBy.ID()}, step{id: own})
		g.orderSteps(step{id: catalog.About(catalog.KindOwner, group, "")}, step{id: own}) // both belong to one role
	}
	for _, id := range sortedIDs(g.making) {
		if seq, ok := g.desired.Get(id).(catalog.Sequence); ok && !seq.Identity && !seq.OwnedBy.IsZero() && !g.said[id] {
			give(id)
		}
	}
	for _, id := range sortedIDs(g.owning) {
		if g.altering[id] != nil || g.freed[id] {
			give(id)
		}
	}
}

// sequenceOptions writes what differs from the defaults of the type and direction.
func sequenceOptions(o catalog.Sequence) fragment {
	low, high := limits(o.Type)
	start := int64(1)
	lo, hi := int64(1), high
	if o.Increment < 0 {
		lo, hi, start = low, -1, -1
	}
	if o.Min != lo || o.Max != hi {
		start = o.Min
		if o.Increment < 0 {
			start = o.Max
		}
	}
	var parts []fragment
	add := func(when bool, f fragment) {
		if when {
			parts = append(parts, f)
		}
	}
	add(o.Type != "bigint" && o.Type != "", sql("AS ?", o.Type))
	add(o.Increment != 1, sql("INCREMENT BY ?", o.Increment))
	add(o.Min != lo, sql("MINVALUE ?", o.Min))
	add(o.Max != hi, sql("MAXVALUE ?", o.Max))
	add(o.Start != start, sql("START WITH ?", o.Start))
	add(o.Cache != 1, sql("CACHE ?", o.Cache))
	add(o.Cycle, fragment{text: "CYCLE"})
	return words(parts...)
}

func limits(t catalog.Type) (low, high int64) {
	switch t {
	case "smallint":
		return math.MinInt16, math.MaxInt16
	case "integer":
		return math.MinInt32, math.MaxInt32
	}
	return math.MinInt64, math.MaxInt64
}

// pairSequences makes a rename of a drop and a creation of sequences that the same
// column owns: the position is kept.
func (s *state) pairSequences(changes []differ.Change) []differ.Change {
	dropped := map[catalog.ColumnRef]int{}
	for i, c := range changes {
		if o, ok := c.Current.(catalog.Sequence); ok && c.Op == differ.Drop && !o.OwnedBy.IsZero() {
			dropped[o.OwnedBy] = i
		}
	}
	paired := map[int]bool{}
	var out []differ.Change
	for i, c := range changes {
		want, ok := c.Desired.(catalog.Sequence)
		if !ok || c.Op != differ.Create || want.OwnedBy.IsZero() {
			continue
		}
		j, ok := dropped[want.OwnedBy]
		if !ok || paired[j] || changes[j].Current.(catalog.Sequence).Schema != want.Schema {
			continue
		}
		paired[i], paired[j] = true, true
		out = append(out, differ.Change{Op: differ.Alter, Current: changes[j].Current, Desired: want, Fields: differing(changes[j].Current, want)})
	}
	if len(out) == 0 {
		return changes
	}
	for i, c := range changes {
		if !paired[i] {
			out = append(out, c)
		}
	}
	return out
}
