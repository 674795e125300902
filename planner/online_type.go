package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// A change of type that writes the table anew is done beside it while the table is used: a
// new column, which a trigger keeps in step with the old one, is filled in batches, a CHECK
// proves that it is right in every row, what hangs on the old column is built for it, and in
// one short transaction it takes the old one's place. That is done only where every value has
// one of the new type, whatever the settings of a session, and where all that hangs on the
// column is known to come back as it was.

// expansion is one such change.
type expansion struct {
	have, want catalog.Column
	beside     string // name of the new column until the swap
	helper     string // name of the trigger and of its function
	indexes    []catalog.Index
	keys       []catalog.Constraint // primary key, unique
	checks     []catalog.Constraint
	out        []catalog.Constraint // foreign keys of the column
	in         []catalog.Constraint // foreign keys to it
}

// expand changes the type of a column beside the table; nil, and why, if it cannot.
func (s *state) expand(have, want catalog.Column) ([]Statement, string) {
	if why := s.rigid[want.ID()]; why != "" {
		return nil, why
	}
	e := &expansion{have: have, want: want}
	for _, why := range []func(*expansion) string{s.unlikeValues, s.unlikeTable, s.collectUsers, s.orderKnown} {
		if reason := why(e); reason != "" {
			return nil, reason
		}
	}
	if why := s.disturbed(want.ID()); why != "" {
		return nil, why
	}
	e.beside, e.helper = s.columnBeside(want), s.helperName(want)
	s.expanding[want.ID()] = e
	return slices.Concat(s.expandPrepare(e), s.expandCopies(e), s.expandSwap(e), s.expandAfter(e)), ""
}

// unlikeValues tells why the values of the one type are not simply values of the other.
func (s *state) unlikeValues(e *expansion) string {
	a, b := s.baseType(e.have.Type, s.current), s.baseType(e.want.Type, s.desired)
	plain := e.have.Type.Parts() == a && e.want.Type.Parts() == b
	rest := e.have
	rest.Type, rest.Storage, rest.Compression, rest.Options, rest.Statistics = e.want.Type, e.want.Storage, e.want.Compression, e.want.Options, e.want.Statistics
	switch {
	case !plain || !widens(a, b):
		return "a value may not have one of the new type, or not always the same"
	case !e.have.Collation.IsZero() || !e.want.Collation.IsZero() || !e.have.Generated.IsZero() || e.have.Inherited || len(differing(rest, e.want)) > 0:
		return "more than its type changes"
	case e.have.Identity != "" && numbers[b.Name] > 3:
		return "identity needs a whole number"
	}
	return ""
}

// widens reports whether each value of a has just one of b, which no setting changes, and
// different ones have different ones.
func widens(a, b catalog.TypeName) bool {
	if a.Array || b.Array || a.Schema != "pg_catalog" || b.Schema != "pg_catalog" || b.Mods != "" {
		return false
	}
	from, to := numbers[a.Name], numbers[b.Name]
	switch {
	case from >= 1 && from <= 3 && to > from && to <= 4, from >= 1 && from <= 2 && b.Name == "float8":
		return true
	case b.Name == "text" || b.Name == "varchar":
		return from >= 1 && from <= 3 || a.Name == "uuid" || a.Name == "bool"
	}
	return false
}

// unlikeTable tells why the table is none in which a column can take another's place.
func (s *state) unlikeTable(e *expansion) string {
	id := catalog.ID{Kind: catalog.KindTable, Schema: e.want.Schema, Name: e.want.Table}
	t, ok := s.current.Get(id).(catalog.Table)
	switch {
	case !ok || s.desiredID(id) != id || s.altering[id] != nil || s.desiredID(e.have.ID()) != e.want.ID():
		return "the table changes in other ways as well"
	case t.PartitionBy.Strategy != "" || !t.PartitionOf.Parent.IsZero() || len(t.Inherits) > 0 || s.hasHeirs(e.want.ID()):
		return "the table has partitions or relatives"
	case t.OfType != "" || t.Server != "":
		return "the table is of a type or on another server"
	}
	return ""
}

// orderKnown tells of what knows the order of the table's columns: the new one comes last.
func (s *state) orderKnown(e *expansion) string {
	for _, u := range s.current.Users(catalog.ID{Kind: catalog.KindTable, Schema: e.want.Schema, Name: e.want.Table}) {
		switch u.Kind {
		case catalog.KindRoutine, catalog.KindAggregate, catalog.KindComposite, catalog.KindDomain, catalog.KindRange, catalog.KindCast, catalog.KindOperator:
			return u.String() + " uses the table's row type"
		case catalog.KindColumn:
			if u.Table != e.want.Table || u.Schema != e.want.Schema {
				return u.String() + " uses the table's row type"
			}
		}
	}
	return ""
}

// settleExpansions goes back to the plain form where something of a column that was to be
// built beside it goes in this plan for another reason.
func (s *state) settleExpansions() {
	for _, id := range sortedIDs(s.expanding) {
		a, e := s.altering[id], s.expanding[id]
		if a == nil {
			delete(s.expanding, id)
			continue
		}
		var parts []catalog.ID
		for _, o := range slices.Concat(e.keys, e.checks, e.out, e.in) {
			parts = append(parts, o.ID())
		}
		for _, o := range e.indexes {
			parts = append(parts, o.ID())
		}
		if seq, ok := s.sequenceOf(s.current, e.have); ok {
			parts = append(parts, seq.ID())
		}
		if i := slices.IndexFunc(parts, s.isGone); i >= 0 {
			delete(s.expanding, id)
			s.rigid[id] = parts[i].String() + " is made again as well"
			_, a.statements = s.rules[id.Kind].alter(s, a.current, a.want)
		}
	}
}

// collectUsers gathers what hangs on the column, or tells what of it could not be brought back.
func (s *state) collectUsers(e *expansion) string {
	for _, u := range s.current.Users(e.have.ID()) {
		o := s.current.Get(u)
		_, changes := s.altering[s.desiredID(u)]
		switch u.Kind {
		case catalog.KindIndex, catalog.KindConstraint:
			if changes || s.isGone(u) || s.desiredID(u) != u || s.marked(u) {
				return u.String() + " changes as well, or is what the table is known or ordered by"
			}
			if s.columnsChange(u) {
				return u.String() + " is about another column that changes"
			}
		}
		switch o := o.(type) {
		case catalog.Index:
			if !plainIndex(o.Elements, o.Predicate) || o.Invalid || len(o.Statistics) > 0 || len(s.current.Users(u)) > 0 {
				return u.String() + " is over an expression or a part of the rows"
			}
			e.indexes = append(e.indexes, o)
		case catalog.Constraint:
			if why := s.collectConstraint(e, o); why != "" {
				return why
			}
		case catalog.View:
			if o.Materialized {
				return u.String() + " would be filled again"
			}
		case catalog.Policy, catalog.Default:
		case catalog.Sequence:
			if o.OwnedBy.ID() != e.have.ID() || s.isGone(u) || s.desiredID(u) != u || !s.desired.Has(u) {
				return u.String() + " changes as well"
			}
		default:
			return u.String() + " uses it"
		}
	}
	return ""
}

func (s *state) collectConstraint(e *expansion, o catalog.Constraint) string {
	whole := numbers[s.baseType(e.want.Type, s.desired).Name]
	switch {
	case o.Type == catalog.ForeignKey && s.refersToPartitions(o), o.NotValid || o.NotEnforced || o.WithoutOverlaps || o.Period || o.Type == catalog.Exclusion:
		return o.ID().String() + " cannot be built beside it"
	case o.Type == catalog.PrimaryKey || o.Type == catalog.Unique:
		for _, u := range s.current.Users(o.ID()) {
			if k, ok := s.current.Get(u).(catalog.Constraint); !ok || k.Type != catalog.ForeignKey {
				return u.String() + " relies on " + o.ID().String()
			}
		}
		e.keys = append(e.keys, o)
	case o.Type == catalog.Check:
		e.checks = append(e.checks, o)
	case whole < 1 || whole > 3 || o.RefTable == (catalog.QName{Schema: o.Schema, Name: o.Table}):
		return o.ID().String() + " refers to a column that has to be of a type like it"
	case o.Table == e.want.Table && o.Schema == e.want.Schema:
		e.out = append(e.out, o)
	default:
		if s.partitioned(o.ID()) || s.hasHeirs(o.ID()) || s.fresh(o.Schema, o.Table) {
			return o.ID().String() + " is one of a partitioned table"
		}
		e.in = append(e.in, o)
	}
	return ""
}

// columnsChange reports whether more than one column that an object is about is altered.
func (s *state) columnsChange(id catalog.ID) bool {
	n := 0
	for _, dep := range s.current.Deps(id) {
		if dep.Kind == catalog.KindColumn && s.altering[s.desiredID(dep)] != nil {
			n++
		}
	}
	return n > 1
}

// marked reports whether a table is clustered or identified by an index.
func (s *state) marked(id catalog.ID) bool {
	t, _ := s.current.Get(catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}).(catalog.Table)
	return t.ClusterOn == id.Name || t.ReplicaIdentity.Index == id.Name
}

func (s *state) columnBeside(c catalog.Column) string {
	name := c.Name[:min(len(c.Name), 50)] + "__new"
	for s.current.Has(catalog.ID{Kind: catalog.KindColumn, Schema: c.Schema, Table: c.Table, Name: name}) || s.desired.Has(catalog.ID{Kind: catalog.KindColumn, Schema: c.Schema, Table: c.Table, Name: name}) {
		name = "_" + name
	}
	return strings.ToValidUTF8(name, "")
}

// inStep is the end of the names of what keeps two columns in step.
const inStep = "_in_step"

// helperName is one for a trigger that runs after all others of the table, which go by
// name, and for its function.
func (s *state) helperName(c catalog.Column) string {
	name := strings.ToValidUTF8("zz_"+c.Table[:min(len(c.Table), 20)]+"_"+c.Name[:min(len(c.Name), 20)]+inStep, "")
	for again := true; again; {
		again = false
		for _, in := range []*catalog.Catalog{s.current, s.desired} {
			for _, id := range in.Children(catalog.ID{Kind: catalog.KindTable, Schema: c.Schema, Name: c.Table}) {
				if id.Kind == catalog.KindTrigger && id.Name >= name {
					name, again = "z"+name, true
				}
			}
			for _, id := range in.OfKinds(catalog.KindRoutine) {
				if id.Schema == c.Schema && id.Name == name {
					name, again = "z"+name, true
				}
			}
		}
	}
	return name[:min(len(name), 63)]
}
