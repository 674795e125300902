package planner

import "bloom/catalog"

var indexRule = rule[catalog.Index]{
	create: createIndex,
	drop: func(s *state, o catalog.Index) []Statement {
		var h Hazard
		if !s.desired.Has(s.desiredID(o.ID())) && !o.Invalid {
			h = s.hazard("INDEX_DROPPED", Breaks, o.ID(), "queries that use "+o.Name+" get slower")
		}
		if s.dropsConcurrently(o) {
			return []Statement{do(o.ID(), sql("DROP INDEX CONCURRENTLY ?", nameOf(o.ID())), h).at(alone)}
		}
		return one(o.ID(), sql("DROP INDEX ?", nameOf(o.ID())), h)
	},
	alter: alterIndex,
}

// indexDefinition writes the statement that makes an index.
func indexDefinition(o catalog.Index, concurrently bool) fragment {
	f := sql("CREATE ?INDEX ?? ON ??", key(o.Unique, "UNIQUE "), key(concurrently, "CONCURRENTLY "), ident(o.Name), key(o.Only, "ONLY "), tableOf(o.ID()))
	if o.Method != "btree" && o.Method != "" {
		f = sql("? USING ?", f, ident(o.Method))
	}
	f = sql("? (?)", f, join(each(o.Elements, indexElement), ", "))
	if len(o.Include) > 0 {
		f = sql("? INCLUDE (?)", f, names(o.Include))
	}
	f = words(f, key(o.NullsNotDistinct, "NULLS NOT DISTINCT"), indexTail(nil, o.Options, o.Tablespace, false))
	if !o.Predicate.IsZero() {
		f = sql("? WHERE ?", f, o.Predicate)
	}
	return f
}

func createIndex(s *state, o catalog.Index) []Statement {
	id := o.ID()
	out := s.onlineIndex(o)
	if out == nil {
		out = one(id, indexDefinition(o, false), s.indexHazards(o)...)
	}
	if s.afterParent(o) {
		out = append(out, do(id, sql("ALTER INDEX ? ATTACH PARTITION ?", o.Parent, nameOf(id))))
	}
	for _, st := range o.Statistics {
		out = append(out, do(id, sql("ALTER INDEX ? ALTER COLUMN ? SET STATISTICS ?", nameOf(id), st.Element, st.Target)))
	}
	return append(out, s.indexMarks(id)...)
}

// indexHazards are the dangers of building an index while its table is locked.
func (s *state) indexHazards(o catalog.Index) []Hazard {
	id := o.ID()
	var hazards []Hazard
	if !s.empty(id) {
		hazards = append(hazards, s.work("TABLE_SCAN_WRITES", id, shareLock, "builds the index while writers of "+tableOf(id).String()+" wait", "build it concurrently"))
		if o.Unique {
			hazards = append(hazards, s.mayFail("FAILS_ON_DUPLICATES", id, "fails if two rows of "+tableOf(id).String()+" have the same key").with(s.duplicateKeys(o)))
		}
	}
	return hazards
}

// indexElement writes one key of an index.
func indexElement(e catalog.IndexElement) fragment {
	f := sql("?", ident(e.Column))
	if e.Column == "" {
		f = sql("(?)", e.Expr)
	}
	f = sql("??", f, collate(e.Collation))
	if !e.Opclass.IsZero() {
		f = sql("? ?", f, builtinName(e.Opclass))
		if len(e.OpclassOptions) > 0 {
			f = sql("? ?", f, options(e.OpclassOptions))
		}
	}
	return words(f, key(e.Desc, "DESC"), key(e.Desc && !e.NullsFirst, "NULLS LAST"), key(!e.Desc && e.NullsFirst, "NULLS FIRST"))
}

// builtinName leaves out the schema of what PostgreSQL brings itself.
func builtinName(q catalog.QName) fragment {
	if q.Schema == "pg_catalog" {
		return sql("?", ident(q.Name))
	}
	return sql("?", q)
}

// indexTail writes the clauses after the key of an index; a constraint spells the tablespace its own way.
func indexTail(include, opts []string, tablespace string, constraint bool) fragment {
	var parts []fragment
	if len(include) > 0 {
		parts = append(parts, sql("INCLUDE (?)", names(include)))
	}
	if len(opts) > 0 {
		parts = append(parts, sql("WITH ?", options(opts)))
	}
	if tablespace != "" {
		parts = append(parts, sql("?TABLESPACE ?", key(constraint, "USING INDEX "), ident(tablespace)))
	}
	return words(parts...)
}

func alterIndex(s *state, o *catalog.Index, want catalog.Index) []Statement {
	id := want.ID()
	attach := s.attachIndex(*o, want)
	o.Parent = want.Parent
	if o.Only && !want.Only && s.completed(want) {
		o.Only = false
	}
	probe := *o
	probe.Name, probe.Options, probe.Tablespace, probe.Statistics = want.Name, want.Options, want.Tablespace, want.Statistics
	if len(differing(probe, want)) > 0 || len(o.Statistics) > len(want.Statistics) {
		return nil
	}
	var out []Statement
	if o.Name != want.Name {
		out = append(out, do(id, sql("ALTER INDEX ? RENAME TO ?", nameOf(o.ID()), ident(want.Name))))
	}
	set, reset := changedOptions(o.Options, want.Options)
	if len(set) > 0 {
		out = append(out, do(id, sql("ALTER INDEX ? SET ?", nameOf(id), options(set))))
	}
	if len(reset) > 0 {
		out = append(out, do(id, sql("ALTER INDEX ? RESET ?", nameOf(id), optionNames(reset))))
	}
	if o.Tablespace != want.Tablespace {
		space := want.Tablespace
		if space == "" {
			space = "pg_default"
		}
		out = append(out, do(id, sql("ALTER INDEX ? SET TABLESPACE ?", nameOf(id), ident(space))))
	}
	for i, st := range want.Statistics {
		if i >= len(o.Statistics) || o.Statistics[i] != st {
			out = append(out, do(id, sql("ALTER INDEX ? ALTER COLUMN ? SET STATISTICS ?", nameOf(id), st.Element, st.Target)))
		}
	}
	*o = probe
	return append(out, attach...)
}

// afterParent reports whether the index of a partition has to be attached by a statement:
// the one of the partitioned table is there before it.
func (s *state) afterParent(o catalog.Index) bool {
	table := catalog.ID{Kind: catalog.KindTable, Schema: o.Schema, Name: o.Table}
	if o.Parent.IsZero() || s.making[table] || s.altering[table] != nil {
		return false
	}
	parent, ok := s.parentIndex(o)
	return ok && (parent.Only || !s.making[parent.ID()])
}

// parentIndex is the desired index that one of a partition is part of.
func (s *state) parentIndex(o catalog.Index) (catalog.Index, bool) {
	t, _ := s.desired.Get(catalog.ID{Kind: catalog.KindTable, Schema: o.Schema, Name: o.Table}).(catalog.Table)
	id := catalog.ID{Kind: catalog.KindIndex, Schema: o.Parent.Schema, Table: t.PartitionOf.Parent.Name, Name: o.Parent.Name}
	parent, ok := s.desired.Get(id).(catalog.Index)
	return parent, ok
}

// completed reports whether the index of a partitioned table, made on it only,
// becomes one of all partitions because theirs are attached.
func (s *state) completed(want catalog.Index) bool {
	name, parts := nameOf(want.ID()), 0
	for _, id := range s.desired.Users(want.ID()) {
		part, ok := s.desired.Get(id).(catalog.Index)
		if !ok || part.Parent != name {
			continue
		}
		if !s.current.Has(id) {
			return false
		}
		parts++
	}
	return parts > 0
}

// attachIndex makes an index part of one of the partitioned table. A parent that
// is made in this plan, or a table that is attached, takes it in by itself.
func (s *state) attachIndex(o, want catalog.Index) []Statement {
	if o.Parent == want.Parent || want.Parent.IsZero() {
		return nil
	}
	table := catalog.ID{Kind: catalog.KindTable, Schema: want.Schema, Name: want.Table}
	if s.altering[table] != nil {
		return nil
	}
	for id := range s.making {
		if (id.Kind == catalog.KindIndex || id.Kind == catalog.KindConstraint) && nameOf(id) == want.Parent {
			return nil
		}
	}
	return one(want.ID(), sql("ALTER INDEX ? ATTACH PARTITION ?", want.Parent, nameOf(want.ID())))
}
