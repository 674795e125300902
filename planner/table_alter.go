package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

func alterTable(s *state, o *catalog.Table, want catalog.Table) []Statement {
	id := want.ID()
	alter := s.alterTable(nameOf(id))
	var out []Statement
	add := func(f fragment, h ...Hazard) { out = append(out, do(id, f, h...)) }
	if o.Unlogged != want.Unlogged {
		word, h := "LOGGED", s.work("TABLE_REWRITE", id, accessExclusive, "rewrites "+nameOf(id).String(), noOtherWay)
		if want.Unlogged {
			word = "UNLOGGED"
			add(sql("? SET ?", alter, raw(word)), h, s.hazard("TO_UNLOGGED", DataLoss, id, "after a crash the table is empty, and replicas never have its rows"))
		} else {
			add(sql("? SET ?", alter, raw(word)), h)
		}
		s.orderUnlogged(*o, want.Unlogged)
		o.Unlogged = want.Unlogged
	}
	if o.AccessMethod != want.AccessMethod && s.current.Version.Major() >= 15 {
		method := want.AccessMethod
		if method == "" {
			method = "heap"
		}
		add(sql("? SET ACCESS METHOD ?", alter, ident(method)), s.work("TABLE_REWRITE", id, accessExclusive, "rewrites "+nameOf(id).String(), noOtherWay))
		o.AccessMethod = want.AccessMethod
	}
	if o.Tablespace != want.Tablespace {
		space := want.Tablespace
		if space == "" {
			space = "pg_default"
		}
		add(sql("? SET TABLESPACE ?", alter, ident(space)), s.work("TABLE_REWRITE", id, accessExclusive, "copies "+nameOf(id).String(), noOtherWay))
		o.Tablespace = want.Tablespace
	}
	set, reset := changedOptions(o.Options, want.Options)
	if len(set) > 0 {
		add(sql("? SET ?", alter, options(set)))
	}
	if len(reset) > 0 {
		add(sql("? RESET ?", alter, optionNames(reset)))
	}
	o.Options = want.Options
	out = append(out, s.alterParents(o, want)...)
	if o.OfType != want.OfType {
		if want.OfType == "" {
			add(sql("? NOT OF", alter))
		} else {
			add(sql("? OF ?", alter, want.OfType))
		}
		o.OfType = want.OfType
	}
	if o.Server == want.Server && o.Server != "" && !slices.Equal(o.ServerOptions, want.ServerOptions) {
		add(sql("? ?", alter, changedForeignOptions(o.ServerOptions, want.ServerOptions)))
		o.ServerOptions = want.ServerOptions
	}
	return append(out, s.alterReplicaIdentity(o, want)...)
}

const noOtherWay = "PostgreSQL does it in no other way: in a quiet hour"

// orderUnlogged: a logged table must not refer to an unlogged one, so that the ones that
// refer become unlogged first, and logged last.
func (s *state) orderUnlogged(o catalog.Table, unlogged bool) {
	for _, k := range s.foreignKeys() {
		child, parent := catalog.QName{Schema: k.Schema, Name: k.Table}, k.RefTable
		if child == parent || child != nameOf(o.ID()) {
			continue
		}
		first, then := step{id: s.desiredID(o.ID())}, step{id: s.desiredID(catalog.ID{Kind: catalog.KindTable, Schema: parent.Schema, Name: parent.Name})}
		if !unlogged {
			first, then = then, first
		}
		s.orderSteps(first, then)
	}
}

// alterParents changes of which tables the table is a partition or a child.
func (s *state) alterParents(o *catalog.Table, want catalog.Table) []Statement {
	id := want.ID()
	alter := s.alterTable(nameOf(id))
	var out []Statement
	if o.PartitionOf != want.PartitionOf {
		switch {
		case want.PartitionOf.Parent.IsZero():
			out = s.detach(*o)
		case o.PartitionOf.Parent.IsZero():
			out = s.attachTable(want)
		default:
			out = s.reattach(want)
		}
		o.PartitionOf = want.PartitionOf
	}
	if slices.Equal(o.Inherits, want.Inherits) {
		return out
	}
	for _, p := range o.Inherits {
		if !slices.Contains(want.Inherits, p) {
			out = append(out, do(id, sql("? NO INHERIT ?", alter, p)))
		}
	}
	for _, p := range want.Inherits[len(keptParents(o.Inherits, want.Inherits)):] {
		if slices.Contains(o.Inherits, p) {
			out = append(out, do(id, sql("? NO INHERIT ?", alter, p)))
		}
		out = append(out, do(id, sql("? INHERIT ?", alter, p)))
	}
	o.Inherits = want.Inherits
	for _, c := range s.desired.Children(id) {
		if want, ok := s.desired.Get(c).(catalog.Column); ok {
			have, _ := s.current.Get(c).(catalog.Column)
			s.alterInheritance(have, want)
		}
	}
	return out
}

func (s *state) alterReplicaIdentity(o *catalog.Table, want catalog.Table) []Statement {
	id := want.ID()
	alter := s.alterTable(nameOf(id))
	var out []Statement
	if o.ReplicaIdentity != want.ReplicaIdentity {
		switch mode := want.ReplicaIdentity.Mode; {
		case mode == "index" && s.madeApart(want, want.ReplicaIdentity.Index):
		case mode == "index":
			out = append(out, do(id, sql("? REPLICA IDENTITY USING INDEX ?", alter, ident(want.ReplicaIdentity.Index))))
		case mode == "":
			out = append(out, do(id, sql("? REPLICA IDENTITY DEFAULT", alter)))
		default:
			out = append(out, do(id, sql("? REPLICA IDENTITY ?", alter, raw(strings.ToUpper(mode)))))
		}
		o.ReplicaIdentity = want.ReplicaIdentity
	}
	if o.ClusterOn != want.ClusterOn {
		switch {
		case want.ClusterOn == "":
			out = append(out, do(id, sql("? SET WITHOUT CLUSTER", alter)))
		case !s.madeApart(want, want.ClusterOn):
			out = append(out, do(id, sql("? CLUSTER ON ?", alter, ident(want.ClusterOn))))
		}
		o.ClusterOn = want.ClusterOn
	}
	return out
}

// indexMarks sets, after an index is made, what the table says about it: replica
// identity and clustering, which are lost with the index.
func (s *state) indexMarks(id catalog.ID) []Statement {
	name := tableOf(id)
	var out []Statement
	switch o := s.desired.Get(catalog.ID{Kind: catalog.KindTable, Schema: name.Schema, Name: name.Name}).(type) {
	case catalog.Table:
		if !s.madeApart(o, id.Name) {
			return nil
		}
		if o.ReplicaIdentity.Mode == "index" && o.ReplicaIdentity.Index == id.Name {
			out = append(out, do(id, sql("? REPLICA IDENTITY USING INDEX ?", s.alterTable(name), ident(id.Name))))
		}
		if o.ClusterOn == id.Name {
			out = append(out, do(id, sql("? CLUSTER ON ?", s.alterTable(name), ident(id.Name))))
		}
	default:
		if v, ok := s.desired.Get(catalog.ID{Kind: catalog.KindView, Schema: name.Schema, Name: name.Name}).(catalog.View); ok && v.ClusterOn == id.Name {
			out = append(out, do(id, sql("ALTER MATERIALIZED VIEW ? CLUSTER ON ?", name, ident(id.Name))))
		}
	}
	return out
}

var rowSecurityRule = rule[catalog.RowSecurity]{
	create: func(s *state, o catalog.RowSecurity) []Statement {
		return s.rowSecurity(catalog.RowSecurity{Schema: o.Schema, Table: o.Table}, o)
	},
	drop: func(s *state, o catalog.RowSecurity) []Statement {
		return s.rowSecurity(o, catalog.RowSecurity{Schema: o.Schema, Table: o.Table})
	},
	alter: func(s *state, o *catalog.RowSecurity, want catalog.RowSecurity) []Statement {
		out := s.rowSecurity(*o, want)
		o.Enabled, o.Forced = want.Enabled, want.Forced
		return out
	},
}

func (s *state) rowSecurity(have, want catalog.RowSecurity) []Statement {
	id := want.ID()
	alter := s.alterTable(tableOf(id))
	table := tableOf(id).String()
	var out []Statement
	if have.Enabled != want.Enabled {
		if want.Enabled {
			out = append(out, do(id, sql("? ENABLE ROW LEVEL SECURITY", alter)))
		} else {
			h := s.hazard("RLS_DISABLED", Security, id, "every role with a privilege on "+table+" sees all its rows")
			out = append(out, do(id, sql("? DISABLE ROW LEVEL SECURITY", alter), h))
		}
	}
	if have.Forced != want.Forced {
		if want.Forced {
			out = append(out, do(id, sql("? FORCE ROW LEVEL SECURITY", alter)))
		} else {
			h := s.hazard("RLS_NOT_FORCED", Security, id, "the policies of "+table+" no longer hold its owner")
			out = append(out, do(id, sql("? NO FORCE ROW LEVEL SECURITY", alter), h))
		}
	}
	return out
}
