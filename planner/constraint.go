package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

var constraintRule = rule[catalog.Constraint]{
	create: func(s *state, o catalog.Constraint) []Statement {
		if out := s.onlineConstraint(o); out != nil {
			return out
		}
		f := sql("? ADD ?", s.alterTable(tableOf(o.ID())), constraintDefinition(o))
		if s.onlyTable(o) {
			f = sql("ALTER TABLE ONLY ? ADD ?", tableOf(o.ID()), constraintDefinition(o))
		}
		out := append(one(o.ID(), f, s.constraintHazards(o)...), s.attachKey(o)...)
		return append(out, s.indexMarks(o.ID())...)
	},
	drop: func(s *state, o catalog.Constraint) []Statement {
		var h Hazard
		if codes := map[catalog.ConstraintType]string{catalog.PrimaryKey: "DROP_PK", catalog.Unique: "DROP_UNIQUE", catalog.ForeignKey: "DROP_FK",
			catalog.Check: "DROP_CHECK", catalog.Exclusion: "DROP_UNIQUE"}; !s.desired.Has(s.desiredID(o.ID())) {
			h = s.hazard(codes[o.Type], Breaks, o.ID(), tableOf(o.ID()).String()+" is no longer held by "+string(o.Type)+" "+o.Name)
		}
		if _, ok := s.partOfKept(o); ok {
			s.refuse(o.ID(), "constraint %s of %s is part of one of its parent table, and PostgreSQL cannot take it out; drop that one in one migration and add it again in the next",
				o.Name, tableOf(o.ID()))
		}
		return one(o.ID(), sql("? DROP CONSTRAINT ?", s.alterTable(tableOf(o.ID())), ident(o.Name)), h)
	},
	alter: alterConstraint,
}

func alterConstraint(s *state, o *catalog.Constraint, want catalog.Constraint) []Statement {
	id := want.ID()
	alter := s.alterTable(tableOf(id))
	var attach []Statement
	if want.Inherited && !o.Inherited {
		attach = s.attachKey(want)
	}
	o.Inherited = want.Inherited
	probe := *o
	probe.Name, probe.Deferrable, probe.InitiallyDeferred = want.Name, want.Deferrable, want.InitiallyDeferred
	deferral := o.Deferrable != want.Deferrable || o.InitiallyDeferred != want.InitiallyDeferred
	if deferral && o.Type != catalog.ForeignKey {
		return nil
	}
	if o.NotValid && !want.NotValid {
		probe.NotValid = false
	}
	set, reset := changedOptions(o.Options, want.Options)
	probe.Options = want.Options
	if len(differing(probe, want)) > 0 {
		return nil
	}
	var out []Statement
	with := want.Inherited && s.anyAltered(s.elders(id)) // what is done to the parent's is done to it
	if o.Name != want.Name && !(with && o.Type == catalog.Check) {
		out = append(out, do(id, sql("? RENAME CONSTRAINT ? TO ?", alter, ident(o.Name), ident(want.Name))))
	}
	if deferral && !with {
		out = append(out, do(id, words(sql("? ALTER CONSTRAINT ?", alter, ident(want.Name)), timing(want.Deferrable, want.InitiallyDeferred, true))))
	}
	if o.NotValid && !want.NotValid {
		st := do(id, sql("? VALIDATE CONSTRAINT ?", alter, ident(want.Name)), s.misfit(want))
		if s.online(id) {
			st = st.at(apart)
		}
		out = append(out, st)
	}
	index := catalog.QName{Schema: want.Schema, Name: want.Name}
	if len(set) > 0 {
		out = append(out, do(id, sql("ALTER INDEX ? SET ?", index, options(set))))
	}
	if len(reset) > 0 {
		out = append(out, do(id, sql("ALTER INDEX ? RESET ?", index, optionNames(reset))))
	}
	*o = probe
	return append(out, attach...)
}

func (s *state) anyAltered(ids []catalog.ID) bool {
	return slices.ContainsFunc(ids, func(id catalog.ID) bool { return s.altering[id] != nil })
}

// attachKey makes the key of a partition part of the key of the partitioned table, where
// that is there already and does not take it in by itself.
func (s *state) attachKey(o catalog.Constraint) []Statement {
	table := catalog.ID{Kind: catalog.KindTable, Schema: o.Schema, Name: o.Table}
	if !o.Inherited || !o.HasIndex() || s.altering[table] != nil || s.making[table] {
		return nil
	}
	for _, elder := range s.elders(o.ID()) {
		if s.desired.Has(elder) && !s.making[elder] {
			return one(o.ID(), sql("ALTER INDEX ? ATTACH PARTITION ?", nameOf(elder), nameOf(o.ID())))
		}
	}
	return nil
}

// releaseKeys drops and makes again the keys of partitioned tables of which a part
// goes: PostgreSQL cannot take that out alone.
func (s *state) releaseKeys() {
	for _, id := range sortedIDs(s.gone) {
		o, ok := s.current.Get(id).(catalog.Constraint)
		if !ok || !o.HasIndex() || s.gone[id] != id {
			continue
		}
		if above, ok := s.partOfKept(o); ok {
			s.reason[above] = id
			s.remove(above)
		}
	}
}

// onlyTable reports whether the key of a partitioned table is wanted without any part
// in a partition: it is made on the table alone, and waits for parts to be attached.
func (s *state) onlyTable(o catalog.Constraint) bool {
	partitions := s.partitionsOf(s.desired, catalog.ID{Kind: catalog.KindTable, Schema: o.Schema, Name: o.Table})
	if !o.HasIndex() || len(partitions) == 0 {
		return false
	}
	for _, p := range partitions {
		for _, c := range s.desired.Children(p) {
			if part, ok := s.desired.Get(c).(catalog.Constraint); ok && part.Inherited && sameDemand(o, part) {
				return false
			}
		}
	}
	return true
}

// partOfKept finds the constraint of a parent table that stays, of which a current
// constraint is a part.
func (s *state) partOfKept(o catalog.Constraint) (catalog.ID, bool) {
	t, _ := s.current.Get(catalog.ID{Kind: catalog.KindTable, Schema: o.Schema, Name: o.Table}).(catalog.Table)
	p := t.PartitionOf.Parent
	if !o.Inherited || p.IsZero() || s.isGone(t.ID()) || s.altering[t.ID()] != nil {
		return catalog.ID{}, false
	}
	for _, c := range s.current.Children(catalog.ID{Kind: catalog.KindTable, Schema: p.Schema, Name: p.Name}) {
		if above, ok := s.current.Get(c).(catalog.Constraint); ok && sameDemand(above, o) && !s.isGone(c) && (o.Type != catalog.Check || above.Name == o.Name) {
			return c, true
		}
	}
	return catalog.ID{}, false
}

// timing writes when a constraint is checked; with both also what is the default.
func timing(deferrable, deferred, both bool) fragment {
	switch {
	case deferred:
		return fragment{text: "DEFERRABLE INITIALLY DEFERRED"}
	case deferrable && both:
		return fragment{text: "DEFERRABLE INITIALLY IMMEDIATE"}
	case deferrable:
		return fragment{text: "DEFERRABLE"}
	case both:
		return fragment{text: "NOT DEFERRABLE"}
	}
	return fragment{}
}

// constraintDefinition writes CONSTRAINT name and what it demands.
func constraintDefinition(o catalog.Constraint) fragment {
	parts := []fragment{sql("CONSTRAINT ?", ident(o.Name))}
	add := func(f fragment) { parts = append(parts, f) }
	switch o.Type {
	case catalog.PrimaryKey, catalog.Unique:
		without := key(o.WithoutOverlaps, " WITHOUT OVERLAPS")
		add(sql("?? (??)", raw(strings.ToUpper(string(o.Type))), key(o.NullsNotDistinct, " NULLS NOT DISTINCT"), names(o.Columns), without))
	case catalog.Check:
		add(sql("CHECK (?)?", o.Check, key(o.NoInherit, " NO INHERIT")))
	case catalog.ForeignKey:
		add(foreignKey(o))
	case catalog.Exclusion:
		elements := each(o.Elements, func(e catalog.ExclusionElement) fragment {
			return sql("? WITH ?", indexElement(e.IndexElement), operatorName(e.Operator))
		})
		add(sql("EXCLUDE USING ? (?)", ident(o.Method), join(elements, ", ")))
	}
	if o.HasIndex() {
		add(indexTail(o.Include, o.Options, o.Tablespace, true))
		if !o.Predicate.IsZero() {
			add(sql("WHERE (?)", o.Predicate))
		}
	}
	add(timing(o.Deferrable, o.InitiallyDeferred, false))
	add(key(o.NotEnforced, "NOT ENFORCED"))
	add(key(o.NotValid && !o.NotEnforced, "NOT VALID"))
	return words(parts...)
}

func foreignKey(o catalog.Constraint) fragment {
	columns, refs := names(o.Columns), names(o.RefColumns)
	if o.Period && len(o.Columns) > 0 && len(o.RefColumns) > 0 {
		columns, refs = lastPeriod(o.Columns), lastPeriod(o.RefColumns)
	}
	f := sql("FOREIGN KEY (?) REFERENCES ? (?)", columns, o.RefTable, refs)
	parts := []fragment{f}
	if o.Match != "" {
		parts = append(parts, sql("MATCH ?", raw(strings.ToUpper(o.Match))))
	}
	if o.OnUpdate != "" {
		parts = append(parts, sql("ON UPDATE ?", raw(strings.ToUpper(o.OnUpdate))))
	}
	if o.OnDelete != "" {
		parts = append(parts, sql("ON DELETE ?", raw(strings.ToUpper(o.OnDelete))))
		if len(o.OnDeleteColumns) > 0 {
			parts = append(parts, sql("(?)", names(o.OnDeleteColumns)))
		}
	}
	return words(parts...)
}

func lastPeriod(columns []string) fragment {
	n := len(columns) - 1
	if n == 0 {
		return sql("PERIOD ?", ident(columns[0]))
	}
	return sql("?, PERIOD ?", names(columns[:n]), ident(columns[n]))
}

// misfit is the hazard that rows do not fit a constraint.
func (s *state) misfit(o catalog.Constraint) Hazard {
	id := o.ID()
	table := tableOf(id).String()
	code, reason := "FAILS_ON_DUPLICATES", "fails if two rows of "+table+" are equal in "+strings.Join(o.Columns, ", ")
	switch o.Type {
	case catalog.Check:
		code, reason = "FAILS_ON_CHECK", "fails if a row of "+table+" does not fit "+o.Name
	case catalog.ForeignKey:
		code, reason = "FAILS_ON_ORPHANS", "fails if a row of "+table+" refers to nothing"
	case catalog.Exclusion:
		code, reason = "FAILS_ON_OVERLAP", "fails if two rows of "+table+" exclude each other"
	}
	h := s.mayFail(code, id, reason)
	if h.Code == "" {
		return h
	}
	return h.with(s.misfits(o))
}

// constraintHazards are the dangers of a constraint on a table with rows.
func (s *state) constraintHazards(o catalog.Constraint) []Hazard {
	id := o.ID()
	table := tableOf(id).String()
	if s.empty(id) || o.NotValid || o.NotEnforced {
		return nil
	}
	var work Hazard
	switch o.Type {
	case catalog.Check:
		work = s.work("TABLE_SCAN_EXCLUSIVE", id, accessExclusive, "reads all of "+table, "add it NOT VALID and validate it in a later migration")
	case catalog.ForeignKey:
		wayout := "add it NOT VALID and validate it in a later migration"
		if s.refersToPartitions(o) {
			wayout = "added NOT VALID, its parts for the partitions of " + o.RefTable.String() + " would stay so: in a quiet hour"
		}
		work = s.work("TABLE_SCAN_WRITES", id, shareRow, "reads all of "+table+", writers of both tables wait", wayout)
	case catalog.Exclusion:
		work = s.work("TABLE_SCAN_EXCLUSIVE", id, accessExclusive, "builds an index of "+table,
			"PostgreSQL builds it in no other way: in a quiet hour, or in a new table that takes the place of this one")
	default:
		work = s.work("TABLE_SCAN_EXCLUSIVE", id, accessExclusive, "builds an index of "+table, "build the index concurrently and add the constraint USING INDEX")
	}
	return []Hazard{s.misfit(o), work}
}
