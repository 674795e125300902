package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// PostgreSQL cannot change how a table is partitioned or what is in its key, nor make an
// inherited column of a table's own. Such a table is remade: its rows are kept in a temporary table while it is dropped, with its partitions, and
// made as declared; then they are put back. What else hung on it is made again
// after that, so that triggers do not fire and foreign keys are checked once.
//
// The table that keeps the rows is gone at the end of the transaction, and the drop
// fails without it: run outside of a transaction, the plan stops before it has
// dropped anything.

// remake takes a table whose rule could not alter it to be made again with its rows.
func (s *state) remake(have, want catalog.Table, why string) bool {
	if have.Server != "" || want.Server != "" || have.OfType != want.OfType {
		return false
	}
	id := have.ID()
	if !s.remade[id].IsZero() {
		return true
	}
	var foreign []catalog.ID
	var mark func(catalog.ID)
	mark = func(t catalog.ID) {
		s.remade[t] = id
		for _, p := range s.partitionsOf(s.current, t) {
			if o, ok := s.desired.Get(s.desiredID(p)).(catalog.Table); ok && o.PartitionOf.Parent != nameOf(t) {
				continue // is detached before, with the rows that are in it
			}
			if o, _ := s.current.Get(p).(catalog.Table); o.Server != "" {
				foreign = append(foreign, p) // its rows stay where they are
				continue
			}
			mark(p)
		}
	}
	mark(id)
	s.why[id] = why
	for _, p := range foreign {
		s.remove(p)
	}
	s.remove(id)
	for _, p := range append([]catalog.QName{have.PartitionOf.Parent}, have.Inherits...) {
		for _, c := range have.Columns { // a column that the parent loses is kept aside before
			s.orderSteps(step{drop: true, id: id}, step{drop: true, id: catalog.ID{Kind: catalog.KindColumn, Schema: p.Schema, Table: p.Name, Name: c}})
		}
	}
	return true
}

// remadeTable is the remade table that a column of the current catalog belongs to.
func (s *state) remadeTable(column catalog.ID) (catalog.ID, bool) {
	root, ok := s.remade[catalog.ID{Kind: catalog.KindTable, Schema: column.Schema, Name: column.Table}]
	return root, ok
}

// ownedByRemade lists the sequences of the columns of a remade table and its
// partitions: those of identity columns, which are dropped with it, and the others,
// which stay.
func (s *state) ownedByRemade(root catalog.ID) (identity, other []catalog.Sequence) {
	for _, table := range sortedIDs(s.remade) {
		if s.remade[table] != root {
			continue
		}
		for _, c := range s.current.Children(table) {
			for _, u := range s.current.Users(c) {
				seq, ok := s.current.Get(u).(catalog.Sequence)
				if !ok || seq.OwnedBy.ID() != c || !s.desired.Has(u) {
					continue
				}
				if seq.Identity {
					identity = append(identity, seq)
				} else if s.freed[u] {
					other = append(other, seq)
				}
			}
		}
	}
	return identity, other
}

// freeSequence reports whether a sequence stays while the table that owns it is remade.
func (s *state) freeSequence(id, column catalog.ID) bool {
	seq, ok := s.current.Get(id).(catalog.Sequence)
	if _, remade := s.remadeTable(column); !ok || !remade || seq.Identity || seq.OwnedBy.ID() != column {
		return false
	}
	want, ok := s.desired.Get(id).(catalog.Sequence)
	if !ok || want.OwnedBy != seq.OwnedBy || want.Identity {
		return false
	}
	s.freed[id], s.owning[id] = true, true
	return true
}

// keptColumns are the columns whose values go from the current table to the desired one.
func (s *state) keptColumns(id catalog.ID) []catalog.Column {
	var out []catalog.Column
	t, _ := s.current.Get(id).(catalog.Table)
	for _, name := range t.Columns {
		col := catalog.ID{Kind: catalog.KindColumn, Schema: t.Schema, Table: t.Name, Name: name}
		have, ok := s.current.Get(col).(catalog.Column)
		if want, both := s.desired.Get(col).(catalog.Column); ok && both && want.Generated.IsZero() {
			out = append(out, have)
		}
	}
	return out
}

// viaText reports whether the type of a column goes or changes in this plan, so
// that nothing may hold on to it meanwhile.
func (s *state) viaText(t catalog.Type) bool {
	q := t.Parts().QName()
	for _, k := range []catalog.Kind{catalog.KindEnum, catalog.KindDomain, catalog.KindComposite, catalog.KindRange, catalog.KindBaseType, catalog.KindTable, catalog.KindView} {
		id := catalog.ID{Kind: k, Schema: q.Schema, Name: q.Name}
		if s.isGone(id) || s.altering[s.desiredID(id)] != nil {
			return true
		}
	}
	return false
}

func (s *state) keptRows(id catalog.ID) catalog.QName { return s.kept(id, "__rows") }

func (s *state) keptPosition(id catalog.ID) catalog.QName { return s.kept(id, "__position") }

// kept names a temporary table. The name says of which schema it is, for temporary
// tables have no schemas of their own.
func (s *state) kept(id catalog.ID, suffix string) catalog.QName {
	if id.Schema != "public" {
		id.Name = id.Schema + "_" + id.Name
	}
	return catalog.QName{Name: s.spare(id, suffix)}
}

// dropKept drops a remade table after its rows and the positions of its sequences
// have been put aside.
func (s *state) dropKept(o catalog.Table) []Statement {
	id := o.ID()
	name := nameOf(id)
	// Locked by a block, for as a statement of its own LOCK TABLE fails in the
	// implicit transactions in which runners send a file.
	lock := sql("LOCK TABLE ? IN ACCESS EXCLUSIVE MODE", name)
	if o.PartitionBy.Strategy == "" {
		lock = sql("LOCK TABLE ONLY ? IN ACCESS EXCLUSIVE MODE", name)
	}
	out := one(id, sql("DO $$BEGIN ?; END$$", lock), s.remakeHazards(o)...)
	out[0].block = lock.text
	if r, ok := s.current.Get(catalog.ID{Kind: catalog.KindRowSecurity, Schema: o.Schema, Table: o.Name}).(catalog.RowSecurity); ok && r.Forced {
		// The policies must not hide rows from the owner now.
		open := do(id, sql("ALTER TABLE ? NO FORCE ROW LEVEL SECURITY", name))
		if again, ok := s.desired.Get(r.ID()).(catalog.RowSecurity); ok && again.Forced {
			open.Kept = "RLS_NOT_FORCED they hold the table that takes its place"
		}
		out = append(out, open)
	}
	from := sql("?", name)
	if o.PartitionBy.Strategy == "" {
		from = sql("ONLY ?", name)
	}
	columns := each(s.keptColumns(id), func(c catalog.Column) fragment {
		if s.isGone(catalog.ID{Kind: catalog.KindCollation, Schema: c.Collation.Schema, Name: c.Collation.Name}) {
			return sql("? COLLATE \"default\" AS ?", ident(c.Name), ident(c.Name))
		}
		if !s.viaText(c.Type) {
			return sql("?", ident(c.Name))
		}
		if c.Type.Parts().Array {
			return sql("?::text[] AS ?", ident(c.Name), ident(c.Name))
		}
		return sql("? AS ?", s.textOf(c.ID(), sql("?", ident(c.Name)), c.Type), ident(c.Name))
	})
	kept := s.keptRows(id)
	out = append(out, do(id, sql("CREATE TEMPORARY TABLE ? ON COMMIT DROP AS SELECT ? FROM ?", kept, join(columns, ", "), from)))
	identity, other := s.ownedByRemade(id)
	for _, seq := range identity {
		q := nameOf(seq.ID())
		out = append(out, do(id, sql("CREATE TEMPORARY TABLE ? ON COMMIT DROP AS SELECT last_value, is_called FROM ?", s.keptPosition(seq.ID()), q)))
	}
	for _, seq := range other {
		out = append(out, do(id, sql("ALTER SEQUENCE ? OWNED BY NONE", nameOf(seq.ID()))))
	}
	drop := sql("-- nothing is dropped if the rows are not there, as outside of a transaction\nDO $$BEGIN\n    PERFORM FROM ? LIMIT 1;\n    DROP TABLE ?;\nEND$$", kept, name)
	last := do(id, drop)
	last.remade, last.block = id, sql("DROP TABLE ?", name).text
	return append(out, last)
}

func asText(t catalog.Type) catalog.Type {
	if t.Parts().Array {
		return "text[]"
	}
	return "text"
}

// remakeHazards are the dangers of making a table again with its rows.
func (s *state) remakeHazards(o catalog.Table) []Hazard {
	id := o.ID()
	size := s.size(id)
	stats, known := s.current.Stats(id)
	empty := s.options.AssumeEmpty || known && stats.Empty && o.PartitionBy.Strategy == ""
	if empty {
		size = catalog.Stats{Rows: 0}
	}
	mark := func(code string, level Level, reason string) Hazard {
		return Hazard{Code: code, Level: level, Object: id, Rows: size.Rows, Bytes: size.Bytes, Reason: reason}
	}
	rewrite := mark("TABLE_REWRITE", Locks, "makes "+nameOf(id).String()+" again "+s.why[id]+"; its rows are kept aside and put back")
	rewrite.Lock, rewrite.Blocks = accessExclusive, "reads and writes"
	rewrite.Wayout = "for a big table, make the new one under another name, copy in batches and swap"
	out := []Hazard{rewrite}
	if want, _ := s.desired.Get(id).(catalog.Table); want.PartitionBy.Strategy != "" {
		if query, ok := s.unplaced(id); ok && !empty {
			out = append(out, mark("FAILS_ON_PARTITION", MayFail, "fails if a row fits none of the declared partitions of "+nameOf(id).String()).with(query))
		}
	}
	for _, c := range s.current.Children(id) {
		have, ok := s.current.Get(c).(catalog.Column)
		if !ok || !have.Generated.IsZero() {
			continue
		}
		want, stays := s.desired.Get(c).(catalog.Column)
		switch {
		case !stays:
			h := mark("DROP_COLUMN", DataLoss, "drops "+c.Path()+" and what is in it")
			h.Object = c
			out = append(out, h)
		case want.Type != have.Type && lossy(s.baseType(have.Type, s.current), s.baseType(want.Type, s.desired)):
			h := mark("TYPE_LOSSY", DataLoss, "values of "+c.Path()+" may be rounded or cut from "+string(have.Type)+" to "+string(want.Type))
			h.Object = c
			out = append(out, h)
		}
	}
	return out
}

// refills makes a node for every remade table that puts its rows back.
func (g *gatherer) refills() {
	for _, id := range sortedIDs(g.remade) {
		if g.remade[id] == id && g.making[id] {
			g.nodes = append(g.nodes, &node{id: id, group: id, refill: true, statements: g.refill(id)})
		}
	}
}

func (s *state) refill(id catalog.ID) []Statement {
	kept := s.keptRows(id)
	var columns []string
	var values []fragment
	overriding := false
	for _, have := range s.keptColumns(id) {
		want := s.desired.Get(have.ID()).(catalog.Column)
		columns = append(columns, want.Name)
		values = append(values, s.keptValue(have, want))
		overriding = overriding || want.Identity == "always"
	}
	var out []Statement
	if len(columns) > 0 {
		into := sql("INSERT INTO ? (?)?", nameOf(id), names(columns), key(overriding, " OVERRIDING SYSTEM VALUE"))
		fill := do(id, sql("? SELECT ? FROM ?", into, join(values, ", "), kept))
		fill.Data, fill.remade = true, id
		out = append(out, fill)
	}
	out = append(out, do(id, sql("DROP TABLE ?", kept)))
	identity, _ := s.ownedByRemade(id)
	for _, seq := range identity {
		aside := s.keptPosition(seq.ID())
		if want, ok := s.desired.Get(seq.ID()).(catalog.Sequence); ok && want.Min <= seq.Min && want.Max >= seq.Max {
			out = append(out, do(id, sql("SELECT setval(?, last_value, is_called) FROM ?", literal(nameOf(seq.ID()).SQL()), aside)))
		} else if ok {
			out = append(out, s.startIdentity(s.desired.Get(want.OwnedBy.ID()).(catalog.Column))...)
		}
		out = append(out, do(id, sql("DROP TABLE ?", aside)))
	}
	return out
}

// keptValue is what a column of the remade table gets from the one that was.
func (s *state) keptValue(have, want catalog.Column) fragment {
	f := sql("?", ident(want.Name))
	switch via := s.viaText(have.Type); {
	case via:
		f = sql("?::?", f, want.Type)
	case have.Type == want.Type:
	case s.conversion(have.Type, want.Type) == byCast:
		f = sql("?::?", f, want.Type)
	case s.conversion(have.Type, want.Type) == byText:
		f = sql("?::?::?", f, asText(want.Type), want.Type)
	}
	if d, ok := s.desired.Get(defaultID(want.ID())).(catalog.Default); ok && want.NotNull && !have.NotNull {
		f = sql("coalesce(?, ?)", f, d.Expr)
	}
	return f
}

// linkRefills: rows are put back when the table and its partitions are there, and
// before all that can wait, as what would act on them or look at them.
func (g *graph) linkRefills() {
	for _, n := range g.nodes {
		if n.refill {
			g.link(n, g.makers[n.id])
			for _, t := range g.treeOf(n.id) {
				if o, _ := g.desired.Get(t).(catalog.Table); o.Server != "" {
					g.link(g.makers[t], n) // no row goes to the server
				} else {
					g.link(n, g.makers[t])
				}
			}
		}
	}
	for _, n := range g.nodes {
		if !n.refill {
			continue
		}
		tree := map[catalog.ID]bool{}
		for _, t := range g.treeOf(n.id) {
			tree[t] = true
		}
		before := reached(n)
		for _, m := range g.nodes {
			if !m.drop && !before[m] && g.concerns(m, tree) {
				g.link(m, n)
			}
		}
	}
}

// treeOf lists a desired table and its partitions, theirs as well.
func (s *state) treeOf(id catalog.ID) []catalog.ID {
	out := []catalog.ID{id}
	for _, p := range s.partitionsOf(s.desired, id) {
		out = append(out, s.treeOf(p)...)
	}
	return out
}

// concerns reports whether a node makes something of one of the tables, or a
// foreign key to one.
func (g *graph) concerns(n *node, tables map[catalog.ID]bool) bool {
	return slices.ContainsFunc(n.about(), func(id catalog.ID) bool {
		if c, ok := g.desired.Get(id).(catalog.Constraint); ok && c.Type == catalog.ForeignKey &&
			tables[catalog.ID{Kind: catalog.KindTable, Schema: c.RefTable.Schema, Name: c.RefTable.Name}] {
			return true
		}
		for up, ok := id, true; ok; up, ok = g.desired.Parent(up) {
			if tables[up] {
				return true
			}
		}
		if seq, ok := g.desired.Get(n.id).(catalog.Sequence); ok && strings.HasPrefix(id.Role, "ownership") {
			return tables[catalog.ID{Kind: catalog.KindTable, Schema: seq.OwnedBy.Schema, Name: seq.OwnedBy.Table}]
		}
		return false
	})
}

// reached are the nodes that come before a node, and itself.
func reached(n *node) map[*node]bool {
	seen := map[*node]bool{}
	var walk func(*node)
	walk = func(n *node) {
		if !seen[n] {
			seen[n] = true
			for _, m := range n.needs {
				walk(m)
			}
		}
	}
	walk(n)
	return seen
}

// checkRemade refuses a plan in which a table is dropped in one transaction and
// filled again in another.
func (s *state) checkRemade(m *Migration) {
	unit := map[catalog.ID]int{}
	for i, u := range m.Units {
		for _, st := range u.Statements {
			id := st.remade
			if at, ok := unit[id]; ok && at != i && !id.IsZero() {
				s.refuse(id, "%s has to be made again %s, which takes one transaction, and other changes of this plan cut it in two; make them in a migration before", id, s.why[id])
			}
			unit[id] = i
		}
	}
}
