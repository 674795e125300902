package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// A relation of this size and more is worked through without blocking its users.
// Below it, the plain forms take less than a second, and fewer commits.
const (
	busyRows  = 50_000
	busyBytes = 10 << 20
)

// stage says in which transaction a statement runs, seen from those before it of
// the same object.
type stage int

const (
	inFlow stage = iota // with what is done before it; in a new transaction after one that was apart
	apart               // in a transaction of its own, so that no lock taken before is held while it works
	alone               // in none
)

// at is the statement at another stage.
func (st Statement) at(g stage) Statement {
	st.stage, st.NoTransaction = g, g == alone
	return st
}

// building is the statement as one that builds an index while its table is used.
func (st Statement) building(o catalog.Index) Statement {
	st.Builds = catalog.QName{Schema: o.Schema, Name: o.Name}
	return st.at(alone)
}

// making is the statement as the one that gives an object its final name.
func (st Statement) making() Statement {
	st.makes = true
	return st
}

// online reports whether the relation of an object is used and worked on in the
// forms that do not block its users: one that stays, and holds enough for the
// blocking to matter.
func (s *state) online(id catalog.ID) bool {
	rel, ok := s.relationOf(id)
	if !ok || s.options.Online == OnlineNever || s.options.AssumeEmpty || s.fresh(rel.Schema, rel.Name) || s.goes(rel) {
		return false
	}
	if t, ok := s.current.Get(rel).(catalog.Table); ok && t.Server != "" {
		return false
	}
	return s.options.Online == OnlineAlways || s.big(rel)
}

// big reports whether a relation, its partitions counted, is known to be of some size.
func (s *state) big(rel catalog.ID) bool {
	size := s.size(rel)
	return size.Rows >= busyRows || size.Bytes >= busyBytes
}

func (s *state) size(rel catalog.ID) catalog.Stats {
	size, _ := s.current.Stats(rel)
	if size.Rows < 0 {
		size.Rows = float64(size.Bytes / 100)
	}
	for _, p := range s.partitionsOf(s.current, rel) {
		part := s.size(p)
		size.Rows += part.Rows
		size.Bytes += part.Bytes
	}
	return size
}

// partitionsOf lists the partitions of a table, not theirs.
func (s *state) partitionsOf(c *catalog.Catalog, rel catalog.ID) []catalog.ID {
	if t, ok := c.Get(rel).(catalog.Table); !ok || t.PartitionBy.Strategy == "" {
		return nil
	}
	var out []catalog.ID
	name := nameOf(rel)
	for _, u := range c.Users(rel) {
		if t, ok := c.Get(u).(catalog.Table); ok && t.PartitionOf.Parent == name {
			out = append(out, u)
		}
	}
	return out
}

// goes reports whether a current relation is dropped.
func (s *state) goes(rel catalog.ID) bool { return s.isGone(rel) }

// partitioned reports whether the table of an object has partitions, or could.
func (s *state) partitioned(id catalog.ID) bool {
	t, ok := s.desired.Get(catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}).(catalog.Table)
	return ok && t.PartitionBy.Strategy != ""
}

// hasHeirs reports whether other tables inherit from the table of an object.
func (s *state) hasHeirs(id catalog.ID) bool { return len(s.childTables(id.Schema, id.Table)) > 0 }

// awaited reports whether something cannot be done before a current object is dropped.
func (s *state) awaited(id catalog.ID) bool {
	return slices.ContainsFunc(s.before, func(e edge) bool { return e.first == step{drop: true, id: id} })
}

// standsUntil reports whether the current object in the place of a desired one can
// stay until that is ready.
func (s *state) standsUntil(id catalog.ID) bool {
	return s.gone[id] == id && s.current.Has(id) && !s.awaited(id)
}

// spare is a name like this one that no relation, index or constraint has.
func (s *state) spare(id catalog.ID, suffix string) string {
	used := s.usedNames()
	name := id.Name
	if len(name)+len(suffix) > 63 {
		name = strings.ToValidUTF8(name[:63-len(suffix)], "")
	}
	for name += suffix; used[catalog.QName{Schema: id.Schema, Name: name}]; name = "_" + name[:min(len(name), 62)] {
	}
	return name
}

// usedNames are the names that relations, indexes and constraints have before or after.
func (s *state) usedNames() map[catalog.QName]bool {
	if s.names != nil {
		return s.names
	}
	s.names = map[catalog.QName]bool{}
	for _, c := range []*catalog.Catalog{s.current, s.desired} {
		for id := range c.All() {
			switch id.Kind {
			case catalog.KindTable, catalog.KindView, catalog.KindSequence, catalog.KindComposite, catalog.KindIndex, catalog.KindConstraint:
				s.names[nameOf(id)] = true
			}
		}
	}
	return s.names
}

// onlineConstraint adds a constraint without working through the table while it is
// locked; nil if there is no such way.
func (s *state) onlineConstraint(o catalog.Constraint) []Statement {
	if o.NotValid || o.NotEnforced || !s.online(o.ID()) {
		return nil
	}
	switch o.Type {
	case catalog.Check:
		return s.validateLater(o)
	case catalog.ForeignKey:
		if s.refersToPartitions(o) {
			return nil
		}
		if s.partitioned(o.ID()) && s.current.Version.Major() < 18 {
			return s.onlinePartitionedReference(o)
		}
		return s.validateLater(o)
	case catalog.PrimaryKey, catalog.Unique:
		if o.WithoutOverlaps {
			return nil
		}
		if s.partitioned(o.ID()) {
			return s.onlinePartitionedKey(o)
		}
		return s.usingIndex(o)
	}
	return nil
}

// refersToPartitions reports whether a foreign key is to a partitioned table: one that is added
// NOT VALID has parts, one for each partition, that PostgreSQL does not validate with it.
func (s *state) refersToPartitions(o catalog.Constraint) bool {
	id := catalog.ID{Kind: catalog.KindTable, Schema: o.RefTable.Schema, Name: o.RefTable.Name}
	t, _ := s.desired.Get(id).(catalog.Table)
	return t.PartitionBy.Strategy != ""
}

// validateLater adds a constraint that holds new rows only, and reads the old ones
// in a transaction of its own. What it takes the place of goes last.
func (s *state) validateLater(o catalog.Constraint) []Statement {
	fails := s.misfit(o)
	id := o.ID()
	alter := s.alterTable(tableOf(id))
	name := o.Name
	replaces := s.standsUntil(id) && !s.hasHeirs(id)
	if replaces {
		o.Name = s.spare(id, "_new")
	}
	o.NotValid = true
	out := one(id, sql("? ADD ?", alter, constraintDefinition(o)))
	validate := do(id, sql("? VALIDATE CONSTRAINT ?", alter, ident(o.Name)), fails)
	out = append(out, validate.at(apart))
	if replaces {
		out = append(out, do(id, sql("? RENAME CONSTRAINT ? TO ?", alter, ident(o.Name), ident(name))).making())
	}
	return out
}

// usingIndex builds the index of a constraint concurrently and then takes it over.
func (s *state) usingIndex(o catalog.Constraint) []Statement {
	id := o.ID()
	index := keyIndex(o)
	if s.inUse(catalog.QName{Schema: o.Schema, Name: o.Name}) {
		index.Name = s.spare(id, "_new")
	}
	fails := s.misfit(o)
	out := one(id, indexDefinition(index, true), fails, s.indexBuild(id))
	out[0] = out[0].building(index)
	f := sql("? ADD CONSTRAINT ? ? USING INDEX ?", s.alterTable(tableOf(id)), ident(o.Name), raw(strings.ToUpper(string(o.Type))), ident(index.Name))
	out = append(out, do(id, words(f, timing(o.Deferrable, o.InitiallyDeferred, false))).making())
	return slices.Concat(out, s.attachKey(o), s.indexMarks(id))
}

// inUse reports whether a relation or index of the current catalog has the name.
func (s *state) inUse(name catalog.QName) bool {
	if s.indexNames == nil {
		s.indexNames = map[catalog.QName]bool{}
		for _, id := range s.current.OfKinds(catalog.KindIndex, catalog.KindConstraint) {
			s.indexNames[nameOf(id)] = true
		}
	}
	_, ok := s.current.Relation(name.Schema, name.Name)
	return ok || s.indexNames[name]
}

func (s *state) indexBuild(id catalog.ID) Hazard {
	h := s.hazard("INDEX_BUILD", Locks, id, "takes disk and time; an interrupted build leaves an invalid index")
	if h.Code != "" {
		h.Lock, h.Blocks = "SHARE UPDATE EXCLUSIVE", "other schema changes of the table"
	}
	return h
}

// onlineIndex builds an index while its table is used; nil if there is no such way.
// The index in whose place it comes goes when it is ready.
func (s *state) onlineIndex(o catalog.Index) []Statement {
	id := o.ID()
	if !s.online(id) {
		return nil
	}
	if s.partitioned(id) {
		return s.onlinePartitionedIndex(o)
	}
	var fails Hazard
	if o.Unique {
		fails = s.mayFail("FAILS_ON_DUPLICATES", id, "fails if two rows of "+tableOf(id).String()+" have the same key").with(s.duplicateKeys(o))
	}
	name := o.Name
	old, _ := s.current.Get(id).(catalog.Index)
	replaces := s.standsUntil(id) && !old.Invalid
	if replaces {
		o.Name = s.spare(id, "_new")
	}
	out := []Statement{do(id, indexDefinition(o, true), fails, s.indexBuild(id)).building(o)}
	if replaces {
		out = append(out, do(id, sql("ALTER INDEX ? RENAME TO ?", nameOf(o.ID()), ident(name))).making())
	}
	return out
}

// dropsConcurrently reports whether an index can be dropped while its table is used.
func (s *state) dropsConcurrently(o catalog.Index) bool {
	return s.online(o.ID()) && !s.partitioned(o.ID()) && o.Parent.IsZero() && !s.awaited(o.ID())
}

// provenNotNull forbids NULL without reading the table under its lock: a CHECK
// that was validated before proves that there is none.
func (s *state) provenNotNull(c catalog.Column, fill []Statement, fails Hazard) []Statement {
	id := c.ID()
	table := s.alterTable(tableOf(id))
	helper := ident(s.spare(id, "_not_null"))
	out := slices.Clone(fill)
	return append(out,
		do(id, sql("? ADD CONSTRAINT ? CHECK (? IS NOT NULL) NOT VALID", table, helper, ident(c.Name))),
		do(id, sql("? VALIDATE CONSTRAINT ?", table, helper), fails).at(apart),
		do(id, sql("? ALTER COLUMN ? SET NOT NULL", table, ident(c.Name))),
		do(id, sql("? DROP CONSTRAINT ?", table, helper)))
}
