package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

var tableRule = rule[catalog.Table]{
	create: createTable,
	drop: func(s *state, o catalog.Table) []Statement {
		if s.remade[o.ID()] == o.ID() && s.making[o.ID()] {
			return s.dropKept(o)
		}
		h := s.hazard("DROP_TABLE", DataLoss, o.ID(), "drops "+nameOf(o.ID()).String()+" and its rows")
		h.Lock = accessExclusive
		drop := do(o.ID(), sql("DROP ?", object(s.current, o.ID())), h)
		if s.referencedPartition(o) {
			return []Statement{do(o.ID(), sql("ALTER TABLE ? DETACH PARTITION ?", o.PartitionOf.Parent, nameOf(o.ID()))), drop}
		}
		if !o.PartitionOf.Parent.IsZero() && s.detachesConcurrently(o) {
			detach := do(o.ID(), sql("ALTER TABLE ? DETACH PARTITION ? CONCURRENTLY", o.PartitionOf.Parent, nameOf(o.ID())))
			return []Statement{detach.at(alone), drop.making()}
		}
		return []Statement{drop}
	},
	alter: alterTable,
	blocked: func(s *state, o, want catalog.Table) []catalog.ID {
		if o.Unlogged == want.Unlogged && o.AccessMethod == want.AccessMethod {
			return nil
		}
		return s.rowColumns(o.ID()) // PostgreSQL does not rewrite a table whose row type is stored
	},
}

// referencedPartition reports whether a foreign key refers to the partitioned table
// of a partition, which is then not to be dropped before it is detached.
func (s *state) referencedPartition(o catalog.Table) bool {
	p := o.PartitionOf.Parent
	parent := catalog.ID{Kind: catalog.KindTable, Schema: p.Schema, Name: p.Name}
	if p.IsZero() || s.isGone(parent) {
		return false
	}
	for _, c := range s.current.Children(parent) {
		for _, u := range s.current.Users(c) {
			if k, ok := s.current.Get(u).(catalog.Constraint); ok && k.Type == catalog.ForeignKey && k.RefTable == p && !s.isGone(u) {
				return true
			}
		}
	}
	return false
}

func createTable(s *state, o catalog.Table) []Statement {
	id := o.ID()
	word := "TABLE"
	if o.Server != "" {
		word = "FOREIGN TABLE"
	}
	f := sql("CREATE ?? ?", key(o.Unlogged, "UNLOGGED "), raw(word), nameOf(id))
	attach := !o.PartitionOf.Parent.IsZero() && s.attached(o)
	elements := s.tableElements(o)
	switch {
	case o.OfType != "":
		f = sql("? OF ?", f, o.OfType)
	case !o.PartitionOf.Parent.IsZero() && !attach:
		f = sql("? PARTITION OF ?", f, o.PartitionOf.Parent)
	}
	if len(elements) > 0 || o.OfType == "" && (o.PartitionOf.Parent.IsZero() || attach) {
		f = sql("? (?)", f, lines(elements))
	}
	if len(o.Inherits) > 0 {
		f = sql("? INHERITS (?)", f, join(each(o.Inherits, func(q catalog.QName) fragment { return sql("?", q) }), ", "))
	}
	if !o.PartitionOf.Parent.IsZero() && !attach {
		f = sql("? ?", f, o.PartitionOf.Bound)
	}
	if o.PartitionBy.Strategy != "" {
		f = sql("? PARTITION BY ?", f, partitionKey(o.PartitionBy))
	}
	f = words(f, tableStorage(o))
	out := one(id, f, s.rlsMissing(o))
	before, after, proven := s.besideDefault(o)
	if !proven && !attach {
		out[0].Hazards = append(out[0].Hazards, present(s.defaultHazards(o))...)
	}
	if attach {
		out = append(out, s.attach(o))
	}
	if !attach {
		out = append(out, s.inheritedColumns(o)...)
	}
	for _, c := range s.absorbed(id) {
		if col, ok := s.desired.Get(c).(catalog.Column); ok {
			out = append(out, columnSettings(s, col)...)
		}
	}
	out = append(out, s.replicaIdentity(o)...)
	if proven {
		out[0] = out[0].making()
	}
	return slices.Concat(before, out, after)
}

// tableStorage writes what comes after the columns: access method, options, tablespace, server.
func tableStorage(o catalog.Table) fragment {
	var parts []fragment
	if o.Server != "" {
		parts = append(parts, sql("SERVER ?", ident(o.Server)))
		if len(o.ServerOptions) > 0 {
			parts = append(parts, sql("OPTIONS ?", foreignOptions(o.ServerOptions)))
		}
	}
	if o.AccessMethod != "" {
		parts = append(parts, sql("USING ?", ident(o.AccessMethod)))
	}
	if len(o.Options) > 0 {
		parts = append(parts, sql("WITH ?", options(o.Options)))
	}
	if o.Tablespace != "" {
		parts = append(parts, sql("TABLESPACE ?", ident(o.Tablespace)))
	}
	return words(parts...)
}

// attached reports whether a partition is made as a table of its own and then attached:
// it was declared with columns of its own, or a key of its own serves as its part of a
// unique index of the parent, for which CREATE … PARTITION OF would make another.
func (s *state) attached(o catalog.Table) bool {
	parts := map[catalog.QName]bool{}
	for _, id := range s.desired.Children(o.ID()) {
		switch c := s.desired.Get(id).(type) {
		case catalog.Column:
			if !c.Inherited {
				return true
			}
		case catalog.Index:
			parts[c.Parent] = true
		}
	}
	p := o.PartitionOf.Parent
	for _, id := range s.desired.Children(catalog.ID{Kind: catalog.KindTable, Schema: p.Schema, Name: p.Name}) {
		if ix, ok := s.desired.Get(id).(catalog.Index); ok && ix.Unique && !ix.Only && !parts[nameOf(id)] {
			return true
		}
	}
	return false
}

// tableElements writes the columns and constraints inside CREATE TABLE ( ).
func (s *state) tableElements(o catalog.Table) []fragment {
	absorbed := map[catalog.ID]bool{}
	for _, id := range s.absorbed(o.ID()) {
		absorbed[id] = true
	}
	var out []fragment
	done := map[catalog.ID]bool{}
	column := func(id catalog.ID) {
		c, ok := s.desired.Get(id).(catalog.Column)
		if !ok || !absorbed[id] || done[id] {
			return
		}
		done[id] = true
		if o.OfType != "" {
			if f := typedColumn(s, c); f.text != "" {
				out = append(out, f)
			}
			return
		}
		out = append(out, s.columnDefinition(c))
	}
	for _, name := range o.Columns {
		column(catalog.ID{Kind: catalog.KindColumn, Schema: o.Schema, Table: o.Name, Name: name})
	}
	for _, id := range s.absorbed(o.ID()) {
		column(id)
	}
	var constraints []catalog.Constraint
	for _, id := range s.absorbed(o.ID()) {
		if c, ok := s.desired.Get(id).(catalog.Constraint); ok {
			constraints = append(constraints, c)
		}
	}
	slices.SortStableFunc(constraints, func(a, b catalog.Constraint) int { return constraintRank[a.Type] - constraintRank[b.Type] })
	for _, c := range constraints {
		out = append(out, constraintDefinition(c))
	}
	return out
}

var constraintRank = map[catalog.ConstraintType]int{
	catalog.PrimaryKey: 1, catalog.Unique: 2, catalog.Exclusion: 3, catalog.Check: 4, catalog.ForeignKey: 5,
}

// typedColumn writes the options of a column of a typed table, if it has any.
func typedColumn(s *state, c catalog.Column) fragment {
	f := words(s.columnConstraints(c)...)
	if f.text == "" {
		return f
	}
	return sql("? WITH OPTIONS ?", ident(c.Name), f)
}

func partitionKey(k catalog.PartitionKey) fragment {
	elements := each(k.Elements, func(e catalog.PartitionElement) fragment {
		f := sql("?", ident(e.Column))
		if e.Column == "" {
			f = sql("(?)", e.Expr)
		}
		if !e.Opclass.IsZero() {
			return sql("?? ?", f, collate(e.Collation), e.Opclass)
		}
		return sql("??", f, collate(e.Collation))
	})
	return sql("? (?)", raw(strings.ToUpper(k.Strategy)), join(elements, ", "))
}

func (s *state) attach(o catalog.Table) Statement {
	fails := s.boundMisfit(o, nameOf(o.ID()))
	h := s.work("TABLE_SCAN_EXCLUSIVE", o.ID(), accessExclusive, "reads all rows of "+nameOf(o.ID()).String()+" to see that they fit", "a valid CHECK with the same meaning spares the reading")
	st := do(o.ID(), sql("ALTER TABLE ? ATTACH PARTITION ? ?", o.PartitionOf.Parent, nameOf(o.ID()), o.PartitionOf.Bound), fails, h)
	if _, _, proven := s.besideDefault(o); !proven {
		st.Hazards = append(st.Hazards, present(s.defaultHazards(o))...)
	}
	return st
}

// attachTable makes a table that is there a partition.
func (s *state) attachTable(o catalog.Table) []Statement {
	if out := s.attachOnline(o); out != nil {
		return out
	}
	return []Statement{s.attach(o)}
}

// inheritedColumns brings inherited columns of a new child to where they differ from the parent's.
func (s *state) inheritedColumns(o catalog.Table) []Statement {
	var out []Statement
	for _, id := range s.desired.Children(o.ID()) {
		c, ok := s.desired.Get(id).(catalog.Column)
		if !ok || !c.Inherited {
			continue
		}
		parent, found := s.parentColumn(o, c.Name)
		if !found {
			continue
		}
		alter := sql("? ALTER COLUMN ?", s.alterTable(nameOf(o.ID())), ident(c.Name))
		if c.NotNull && !parent.NotNull {
			out = append(out, do(id, sql("? SET NOT NULL", alter)))
		}
		mine, _ := s.desired.Get(defaultID(id)).(catalog.Default)
		theirs, _ := s.desired.Get(defaultID(parent.ID())).(catalog.Default)
		switch {
		case mine.Expr.Equal(theirs.Expr):
		case mine.Expr.IsZero():
			out = append(out, do(id, sql("? DROP DEFAULT", alter)))
		default:
			out = append(out, do(id, sql("? SET DEFAULT ?", alter, mine.Expr)))
		}
	}
	return out
}

func (s *state) parentColumn(o catalog.Table, name string) (catalog.Column, bool) {
	for _, p := range append([]catalog.QName{o.PartitionOf.Parent}, o.Inherits...) {
		if c, ok := catalog.Find[catalog.Column](s.desired, catalog.ID{Kind: catalog.KindColumn, Schema: p.Schema, Table: p.Name, Name: name}); ok {
			return c, true
		}
	}
	return catalog.Column{}, false
}

// defaultID is the ID of a column's default.
func defaultID(column catalog.ID) catalog.ID {
	column.Kind = catalog.KindDefault
	return column
}

// rlsMissing warns of a new table that everybody can reach through the API.
func (s *state) rlsMissing(o catalog.Table) Hazard {
	id := o.ID()
	if s.desired.Has(catalog.ID{Kind: catalog.KindRowSecurity, Schema: o.Schema, Table: o.Name}) {
		return Hazard{}
	}
	for _, who := range []string{"anon", "authenticated", catalog.Public} {
		if s.desired.Has(catalog.About(catalog.KindGrant, id, who)) {
			return Hazard{Code: "RLS_MISSING_ON_NEW_TABLE", Level: Security, Object: id, Rows: -1,
				Reason: who + " has privileges on " + nameOf(id).String() + " and no row level security holds them back",
				Wayout: "enable row level security and add policies"}
		}
	}
	return Hazard{}
}

// replicaIdentity sets what a new table does not have by itself. An index that is
// made later brings its own part along.
func (s *state) replicaIdentity(o catalog.Table) []Statement {
	var out []Statement
	alter := s.alterTable(nameOf(o.ID()))
	switch o.ReplicaIdentity.Mode {
	case "full", "nothing":
		out = append(out, do(o.ID(), sql("? REPLICA IDENTITY ?", alter, raw(strings.ToUpper(o.ReplicaIdentity.Mode)))))
	case "index":
		if !s.madeApart(o, o.ReplicaIdentity.Index) {
			out = append(out, do(o.ID(), sql("? REPLICA IDENTITY USING INDEX ?", alter, ident(o.ReplicaIdentity.Index))))
		}
	}
	if o.ClusterOn != "" && !s.madeApart(o, o.ClusterOn) {
		out = append(out, do(o.ID(), sql("? CLUSTER ON ?", alter, ident(o.ClusterOn))))
	}
	return out
}

// madeApart reports whether the index of that name is made by a statement of its own in this plan.
func (s *state) madeApart(o catalog.Table, index string) bool {
	i := catalog.ID{Kind: catalog.KindIndex, Schema: o.Schema, Table: o.Name, Name: index}
	c := catalog.ID{Kind: catalog.KindConstraint, Schema: o.Schema, Table: o.Name, Name: index}
	return s.making[i] || s.making[c] && (s.apart[c] || s.said[c] || !s.making[o.ID()])
}
