package planner

import (
	"slices"
	"strconv"
	"strings"

	"bloom/catalog"
)

// onlinePartitionedIndex makes the index of a partitioned table without any rows,
// those of the partitions concurrently, and attaches them. A name that is taken is given
// at the end, when what has it now is gone.
func (s *state) onlinePartitionedIndex(o catalog.Index) []Statement {
	var head, leaves, attach, names []Statement
	named := func(o catalog.Index) catalog.Index {
		if s.inUse(nameOf(o.ID())) {
			own := o.Name
			o.Name = s.spare(o.ID(), "_new")
			names = append(names, do(o.ID(), sql("ALTER INDEX ? RENAME TO ?", nameOf(o.ID()), ident(own))))
		}
		return o
	}
	var walk func(parent, made catalog.Index) bool
	walk = func(parent, made catalog.Index) bool {
		head = append(head, do(parent.ID(), indexDefinition(only(made), false)))
		for _, p := range s.partitionsOf(s.desired, catalog.ID{Kind: catalog.KindTable, Schema: parent.Schema, Name: parent.Table}) {
			part, ok := s.indexOfPartition(parent, p)
			if !ok || s.making[p] || s.altering[p] != nil || !s.comesAlong(part.ID()) {
				return false // or has a statement of its own
			}
			madePart := named(part)
			if !s.partitioned(part.ID()) {
				leaves = append(leaves, do(part.ID(), indexDefinition(madePart, true), s.indexBuild(part.ID())).building(madePart))
			} else if !walk(part, madePart) {
				return false
			}
			attach = append(attach, do(part.ID(), sql("ALTER INDEX ? ATTACH PARTITION ?", nameOf(made.ID()), nameOf(madePart.ID()))))
		}
		return true
	}
	if !walk(o, named(o)) || len(leaves) == 0 {
		return nil
	}
	attach = append(attach, names...)
	attach[len(attach)-1] = attach[len(attach)-1].making()
	return slices.Concat(head, leaves, attach)
}

func only(o catalog.Index) catalog.Index {
	o.Only = true
	return o
}

// indexOfPartition is the index of a partition that belongs to one of its parent.
func (s *state) indexOfPartition(parent catalog.Index, p catalog.ID) (catalog.Index, bool) {
	for _, c := range s.desired.Children(p) {
		if i, ok := s.desired.Get(c).(catalog.Index); ok && i.Parent == nameOf(parent.ID()) {
			return i, true
		}
	}
	return catalog.Index{}, false
}

// detach takes a current partition out of its table. While it is used, that is done
// concurrently; PostgreSQL then leaves a CHECK of the bound behind.
func (s *state) detach(o catalog.Table) []Statement {
	id, parent := o.ID(), o.PartitionOf.Parent
	leftover, ok := s.boundCheckName(o)
	if !ok || !s.detachesConcurrently(o) {
		return []Statement{s.detachAtOnce(o)}
	}
	return []Statement{
		do(id, sql("ALTER TABLE ? DETACH PARTITION ? CONCURRENTLY", parent, nameOf(id))).at(alone),
		do(id, sql("? DROP CONSTRAINT IF EXISTS ?", s.alterTable(nameOf(id)), ident(leftover))).making(),
	}
}

// detachesConcurrently reports whether a partition can be detached while its table is
// used: PostgreSQL cannot beside a DEFAULT partition.
func (s *state) detachesConcurrently(o catalog.Table) bool {
	p := o.PartitionOf.Parent
	parent := catalog.ID{Kind: catalog.KindTable, Schema: p.Schema, Name: p.Name}
	_, hasDefault := s.defaultPartition(p)
	return s.online(parent) && !hasDefault && !s.isGone(parent)
}

// defaultPartition is the current DEFAULT partition of a table.
func (s *state) defaultPartition(parent catalog.QName) (catalog.QName, bool) {
	for _, p := range s.partitionsOf(s.current, catalog.ID{Kind: catalog.KindTable, Schema: parent.Schema, Name: parent.Name}) {
		if t, ok := s.current.Get(p).(catalog.Table); ok && isDefault(t) {
			return nameOf(p), true
		}
	}
	return catalog.QName{}, false
}

func isDefault(t catalog.Table) bool {
	return strings.EqualFold(strings.TrimSpace(t.PartitionOf.Bound.Text), "default")
}

// boundCheckName is the name that PostgreSQL gives the CHECK that it leaves on a table
// that was detached concurrently.
func (s *state) boundCheckName(o catalog.Table) (string, bool) {
	p := o.PartitionOf.Parent
	parent, ok := s.current.Get(catalog.ID{Kind: catalog.KindTable, Schema: p.Schema, Name: p.Name}).(catalog.Table)
	if !ok || parent.PartitionBy.Strategy == "hash" || !parent.PartitionOf.Parent.IsZero() {
		return "", false
	}
	base := o.Name
	switch key := parent.PartitionBy.Elements; {
	case slices.ContainsFunc(key, func(e catalog.PartitionElement) bool { return e.Column == "" }):
		return "", false
	case len(key) == 1:
		base += "_" + key[0].Column
	}
	taken := map[string]bool{}
	for id := range s.current.All() {
		if id.Kind == catalog.KindConstraint && id.Schema == o.Schema {
			taken[id.Name] = true
		}
	}
	name := base + "_check"
	for i := 1; taken[name]; i++ {
		name = base + "_check" + strconv.Itoa(i)
	}
	return name, len(name) <= 63
}

// attachOnline makes a table that is used a partition without reading it under a lock: a
// CHECK that was validated before proves that its rows fit; nil if there is no such way.
func (s *state) attachOnline(o catalog.Table) []Statement {
	id := o.ID()
	bound := s.boundCondition(o)
	if bound.text == "" {
		return nil
	}
	var out, checks, after []Statement
	prove := func(table catalog.QName, condition fragment) {
		on := catalog.ID{Kind: catalog.KindTable, Schema: table.Schema, Name: table.Name}
		if !s.online(on) {
			return
		}
		alter := s.alterTable(table)
		helper := ident(s.spare(id, "_bound"))
		fails := s.boundMisfit(o, table)
		out = append(out, do(id, sql("? ADD CONSTRAINT ? CHECK (?) NOT VALID", alter, helper, condition)))
		checks = append(checks, do(id, sql("? VALIDATE CONSTRAINT ?", alter, helper), fails).at(apart))
		after = append(after, do(id, sql("? DROP CONSTRAINT ?", alter, helper)))
	}
	prove(nameOf(id), bound)
	if other, ok := s.defaultPartition(o.PartitionOf.Parent); ok && other != nameOf(id) {
		prove(other, sql("NOT (?)", bound)) // PostgreSQL sees that this proves it, and not of IS NOT TRUE
	}
	if len(out) == 0 {
		return nil
	}
	out = slices.Concat(out, checks, s.partsToCome(o))
	out = append(out, do(id, sql("ALTER TABLE ? ATTACH PARTITION ? ?", o.PartitionOf.Parent, nameOf(id), o.PartitionOf.Bound)).making())
	return append(out, after...)
}

// boundMisfit is the hazard that rows of a table do not fit the bound of a partition: its
// own, or those of the DEFAULT partition that belong to the new one.
func (s *state) boundMisfit(o catalog.Table, table catalog.QName) Hazard {
	own := table == nameOf(o.ID())
	reason := "fails if a row of " + table.String() + " belongs to " + nameOf(o.ID()).String()
	if own {
		reason = "fails if a row of " + table.String() + " does not belong to the partition"
	}
	h := s.mayFail("FAILS_ON_PARTITION_BOUND", catalog.ID{Kind: catalog.KindTable, Schema: table.Schema, Name: table.Name}, reason)
	p := o.PartitionOf.Parent
	parent, _ := s.desired.Get(catalog.ID{Kind: catalog.KindTable, Schema: p.Schema, Name: p.Name}).(catalog.Table)
	if h.Code == "" || isDefault(o) {
		return h
	}
	fits, ok := s.bounded(parent, o, func(_ catalog.Table, e catalog.PartitionElement) (fragment, bool) {
		if e.Column == "" {
			return sql("(?)", e.Expr), true
		}
		return sql("?", ident(e.Column)), s.hasColumns(table, []string{e.Column})
	})
	if !ok {
		return h
	}
	return h.with(s.rowsWhere(table, false, sql("(?) IS ?TRUE", fits, key(own, "NOT ")), keyColumns(parent)...))
}

// besideDefault makes a new partition of a table whose DEFAULT partition is used: a CHECK that
// was validated before proves that none of the rows there belong to the new one, so that they
// are not read under a lock. Not ok if there is no such way.
func (s *state) besideDefault(o catalog.Table) (before, after []Statement, ok bool) {
	other, found := s.defaultPartition(o.PartitionOf.Parent)
	on := catalog.ID{Kind: catalog.KindTable, Schema: other.Schema, Name: other.Name}
	if !found || isDefault(o) || !s.remade[on].IsZero() || !s.staysIn(on, o.PartitionOf.Parent) || !s.online(on) {
		return nil, nil, false
	}
	bound := s.boundCondition(o)
	if bound.text == "" {
		return nil, nil, false
	}
	alter := s.alterTable(other)
	helper := ident(s.spare(catalog.ID{Schema: other.Schema, Name: o.Name}, "_bound"))
	before = one(on, sql("? ADD CONSTRAINT ? CHECK (NOT (?)) NOT VALID", alter, helper, bound))
	before = append(before, do(on, sql("? VALIDATE CONSTRAINT ?", alter, helper), s.boundMisfit(o, other)).at(apart))
	return before, one(on, sql("? DROP CONSTRAINT ?", alter, helper)), true
}

// staysIn reports whether a current partition is one of the same table afterwards.
func (s *state) staysIn(partition catalog.ID, parent catalog.QName) bool {
	t, ok := s.desired.Get(s.desiredID(partition)).(catalog.Table)
	return ok && t.PartitionOf.Parent == parent
}

// defaultHazards are the dangers of a new partition beside a DEFAULT one with rows.
func (s *state) defaultHazards(o catalog.Table) []Hazard {
	other, found := s.defaultPartition(o.PartitionOf.Parent)
	on := catalog.ID{Kind: catalog.KindTable, Schema: other.Schema, Name: other.Name}
	if !found || isDefault(o) || !s.remade[on].IsZero() || !s.staysIn(on, o.PartitionOf.Parent) || s.fresh(o.PartitionOf.Parent.Schema, o.PartitionOf.Parent.Name) {
		return nil
	}
	return []Hazard{s.boundMisfit(o, other), s.work("TABLE_SCAN_EXCLUSIVE", on, accessExclusive, "reads all rows of "+other.String()+" to see that none belongs to "+nameOf(o.ID()).String(),
		"a valid CHECK that excludes them spares the reading")}
}

// boundCondition writes what the rows of a partition have in common, where its table is
// partitioned by one column, by list or by range.
func (s *state) boundCondition(o catalog.Table) fragment {
	p := o.PartitionOf.Parent
	parent, ok := s.desired.Get(catalog.ID{Kind: catalog.KindTable, Schema: p.Schema, Name: p.Name}).(catalog.Table)
	if !ok || len(parent.PartitionBy.Elements) != 1 || parent.PartitionBy.Elements[0].Column == "" || isDefault(o) {
		return fragment{}
	}
	column := ident(parent.PartitionBy.Elements[0].Column)
	path := o.PartitionOf.Bound.Path
	value := func(text string) fragment {
		return sql("?", catalog.Expr{Text: text, Path: path})
	}
	lists := boundLists(o.PartitionOf.Bound.Text)
	switch {
	case parent.PartitionBy.Strategy == "list" && len(lists) == 1:
		var values []fragment
		for _, v := range lists[0] {
			if strings.EqualFold(v, "null") {
				return fragment{}
			}
			values = append(values, value(v))
		}
		return sql("? IS NOT NULL AND ? IN (?)", column, column, join(values, ", "))
	case parent.PartitionBy.Strategy == "range" && len(lists) == 2 && len(lists[0]) == 1 && len(lists[1]) == 1:
		f := sql("? IS NOT NULL", column)
		if !strings.EqualFold(lists[0][0], "minvalue") {
			f = sql("? AND ? >= ?", f, column, value(lists[0][0]))
		}
		if !strings.EqualFold(lists[1][0], "maxvalue") {
			f = sql("? AND ? < ?", f, column, value(lists[1][0]))
		}
		return f
	}
	return fragment{}
}

// boundLists takes the lists of values out of FOR VALUES IN ( ) and FROM ( ) TO ( ).
func boundLists(bound string) [][]string {
	var out [][]string
	var list []string
	start, depth, quoted := 0, 0, false
	for i, c := range bound {
		switch {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			if depth++; depth == 1 {
				start, list = i+1, nil
			}
		case depth == 1 && (c == ',' || c == ')'):
			list = append(list, strings.TrimSpace(bound[start:i]))
			start = i + 1
			if c == ')' {
				out, depth = append(out, list), 0
			}
		case c == ')':
			depth--
		}
	}
	return out
}

// onlinePartitionedKey makes the key of a partitioned table without any rows, those of
// the partitions from indexes that were built concurrently, and attaches them. A name that
// is taken is given at the end, when what has it now is gone.
func (s *state) onlinePartitionedKey(o catalog.Constraint) []Statement {
	if o.Type == catalog.PrimaryKey && s.hadPrimaryKey(tableOf(o.ID())) {
		return nil // there cannot be another one beside it
	}
	var head, builds, keys, attach, names []Statement
	named := func(o catalog.Constraint) catalog.Constraint {
		if s.inUse(nameOf(o.ID())) {
			own := o.Name
			o.Name = s.spare(o.ID(), "_new")
			names = append(names, do(o.ID(), sql("ALTER TABLE ? RENAME CONSTRAINT ? TO ?", tableOf(o.ID()), ident(o.Name), ident(own))))
		}
		return o
	}
	var walk func(parent, made catalog.Constraint) bool
	walk = func(parent, made catalog.Constraint) bool {
		head = append(head, do(parent.ID(), sql("ALTER TABLE ONLY ? ADD ?", tableOf(parent.ID()), constraintDefinition(made))))
		for _, p := range s.partitionsOf(s.desired, catalog.ID{Kind: catalog.KindTable, Schema: parent.Schema, Name: parent.Table}) {
			part, ok := s.keyOfPartition(parent, p)
			if !ok || s.making[p] || s.altering[p] != nil || o.Type == catalog.PrimaryKey && s.hadPrimaryKey(nameOf(p)) {
				return false
			}
			madePart := named(part)
			if !s.partitioned(part.ID()) {
				steps := s.usingIndex(madePart)
				builds, keys = append(builds, steps[0]), append(keys, steps[1])
			} else if !walk(part, madePart) {
				return false
			}
			attach = append(attach, do(part.ID(), sql("ALTER INDEX ? ATTACH PARTITION ?", nameOf(made.ID()), nameOf(madePart.ID()))))
		}
		return true
	}
	if !walk(o, named(o)) || len(builds) == 0 {
		return nil
	}
	for i := range keys {
		keys[i].makes = false
	}
	attach = append(attach, names...)
	attach[len(attach)-1] = attach[len(attach)-1].making()
	return slices.Concat(head, builds, keys, attach)
}

// hadPrimaryKey reports whether a current table has a primary key.
func (s *state) hadPrimaryKey(table catalog.QName) bool {
	return slices.ContainsFunc(s.current.Children(catalog.ID{Kind: catalog.KindTable, Schema: table.Schema, Name: table.Name}), func(id catalog.ID) bool {
		k, ok := s.current.Get(id).(catalog.Constraint)
		return ok && k.Type == catalog.PrimaryKey
	})
}

// keyOfPartition is the key of a partition that belongs to one of its parent.
func (s *state) keyOfPartition(parent catalog.Constraint, p catalog.ID) (catalog.Constraint, bool) {
	for _, c := range s.desired.Children(p) {
		if k, ok := s.desired.Get(c).(catalog.Constraint); ok && k.Inherited && sameDemand(parent, k) {
			return k, true
		}
	}
	return catalog.Constraint{}, false
}

// onlinePartitionedReference adds a foreign key to the partitions of a table first, which
// can be validated while they are used; that of the table then takes them in. Before 18
// PostgreSQL cannot add one to the table itself without validating it.
func (s *state) onlinePartitionedReference(o catalog.Constraint) []Statement {
	var adds, checks []Statement
	for _, leaf := range s.leaves(tableOf(o.ID())) {
		p := catalog.ID{Kind: catalog.KindTable, Schema: leaf.Schema, Name: leaf.Name}
		part, ok := s.keyOfPartition(o, p)
		if !ok || s.current.Has(part.ID()) || s.making[p] || s.altering[p] != nil || !s.desired.Has(p) {
			return nil
		}
		part.NotValid = true
		adds = append(adds, do(part.ID(), sql("ALTER TABLE ? ADD ?", leaf, constraintDefinition(part))))
		part.NotValid = false
		checks = append(checks, do(part.ID(), sql("ALTER TABLE ? VALIDATE CONSTRAINT ?", leaf, ident(part.Name)), s.misfit(part)).at(apart))
	}
	whole := do(o.ID(), sql("ALTER TABLE ? ADD ?", tableOf(o.ID()), constraintDefinition(o))).making()
	whole.extra = []catalog.Lock{{Relation: o.RefTable, Mode: catalog.AccessExclusive, Heirs: true}}
	return slices.Concat(adds, checks, []Statement{whole})
}
