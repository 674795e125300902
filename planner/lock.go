package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// lock says of each statement which relations it locks that were there before, as
// its text and the catalogs tell.
func (s *state) lock(nodes []*node) {
	if s.options.Locks == nil {
		return
	}
	for _, n := range nodes {
		for i := range n.statements {
			st := &n.statements[i]
			if st.block != "" {
				st.Locks = s.locksOf(Statement{SQL: st.block, Object: st.Object})
				continue
			}
			if s.lockless(st.Object) && !strings.HasPrefix(st.SQL, "DROP ") {
				continue
			}
			st.Locks = s.locksOf(*st)
		}
	}
}

// locksOf lists what a statement locks, each relation once with its strongest mode.
func (s *state) locksOf(st Statement) []catalog.Lock {
	strongest := map[catalog.QName]catalog.LockMode{}
	drops := strings.HasPrefix(st.SQL, "DROP ") || strings.HasPrefix(st.SQL, "LOCK ") // also what is made again after it
	note := func(name catalog.QName, mode catalog.LockMode) {
		remade := s.remade[catalog.ID{Kind: catalog.KindTable, Schema: name.Schema, Name: name.Name}]
		if s.inCurrent(name.Schema, name.Name) && (drops || !remade.IsZero() || !s.fresh(name.Schema, name.Name)) {
			strongest[name] = max(strongest[name], mode)
		}
	}
	locks := s.options.Locks(st.SQL)
	if rel, ok := s.relationOf(st.Object); ok && locks == nil && strings.HasPrefix(st.SQL, "ALTER TABLE ") {
		locks = []catalog.Lock{{Relation: nameOf(rel), Mode: catalog.AccessExclusive, Heirs: true}} // newer SQL
	}
	for _, l := range append(locks, st.extra...) {
		name, ok := s.lockedRelation(l.Relation, st.Path)
		if !ok {
			continue
		}
		note(name, l.Mode)
		if l.Heirs {
			for _, p := range s.allHeirs(name) {
				note(p, s.heirMode(st, name, l.Mode))
			}
		}
		for _, other := range s.otherSides(name, l) {
			note(other, l.Mode)
			if t, ok := s.current.Get(catalog.ID{Kind: catalog.KindTable, Schema: other.Schema, Name: other.Name}).(catalog.Table); ok && t.PartitionBy.Strategy != "" {
				for _, p := range s.allHeirs(other) {
					note(p, l.Mode)
				}
			}
		}
		mode := l.Mode
		typing := strings.Contains(st.SQL, " TYPE ")
		if typing || strings.Contains(st.SQL, " SET GENERATED ") {
			mode = catalog.ShareRowExclusive
		}
		for _, seq := range s.ownSequences(name, l) {
			if typing && !s.staysIdentity(name, l.Column) {
				continue // the type of a sequence follows that of an identity column only
			}
			if s.freed[catalog.ID{Kind: catalog.KindSequence, Schema: seq.Schema, Name: seq.Name}] || s.handedOver(seq) {
				continue
			}
			strongest[seq] = max(strongest[seq], mode)
		}
	}
	s.lockParents(st, note)
	if o, ok := s.current.Get(st.Object).(catalog.Statistics); ok && strings.HasPrefix(st.SQL, "DROP ") {
		note(o.Table, catalog.ShareUpdateExclusive)
	}
	for _, name := range s.domainTables(st) {
		note(name, catalog.Share)
	}
	var out []catalog.Lock
	for name, mode := range strongest {
		if mode == catalog.NoLock {
			continue
		}
		out = append(out, catalog.Lock{Relation: name, Mode: mode})
	}
	slices.SortFunc(out, func(a, b catalog.Lock) int {
		return strings.Compare(a.Relation.String(), b.Relation.String())
	})
	return out
}

// heirMode is how a statement locks the partitions and children of a table that it locks
// in a mode, and them as well.
func (s *state) heirMode(st Statement, table catalog.QName, mode catalog.LockMode) catalog.LockMode {
	o, ok := s.desired.Get(st.Object).(catalog.Constraint)
	if strings.Contains(st.SQL, " DROP CONSTRAINT ") {
		o, ok = s.current.Get(st.Object).(catalog.Constraint)
	}
	t, _ := s.current.Get(catalog.ID{Kind: catalog.KindTable, Schema: table.Schema, Name: table.Name}).(catalog.Table)
	partitioned := t.PartitionBy.Strategy != ""
	switch {
	case !ok && !partitioned && (st.Object.Kind == catalog.KindIndex || st.Object.Kind == catalog.KindTrigger):
		return catalog.NoLock // each child has its own
	case partitioned && (st.Object.Kind == catalog.KindPublication || st.Object.Kind == catalog.KindPublicationTable):
		return catalog.NoLock
	case !ok || o.Type == catalog.Check && !o.NoInherit:
		return mode
	case s.current.Version.Major() >= 18 && strings.Contains(st.SQL, " ADD "):
		return mode // whether they get it or not
	case o.Type == catalog.PrimaryKey && strings.Contains(st.SQL, " ADD ") && (!partitioned || s.anyNullable(o)):
		return mode // which sets NOT NULL
	case !partitioned || strings.Contains(st.SQL, " RENAME CONSTRAINT "):
		return catalog.NoLock
	case o.HasIndex() && strings.Contains(st.SQL, " ADD "):
		return catalog.Share
	}
	return mode
}

// anyNullable reports whether a column of a key may hold NULL now.
func (s *state) anyNullable(o catalog.Constraint) bool {
	return slices.ContainsFunc(o.Columns, func(name string) bool {
		c, ok := s.current.Get(catalog.ID{Kind: catalog.KindColumn, Schema: o.Schema, Table: o.Table, Name: name}).(catalog.Column)
		return ok && !c.NotNull
	})
}

// lockedRelation finds the relation that a statement names; for an index, its table.
func (s *state) lockedRelation(name catalog.QName, path string) (catalog.QName, bool) {
	schemas := []string{name.Schema}
	if name.Schema == "" {
		schemas = append(catalog.SplitNames(path), "public")
	}
	for _, schema := range schemas {
		for _, c := range []*catalog.Catalog{s.current, s.desired} {
			if id, ok := c.Relation(schema, name.Name); ok {
				return nameOf(id), true
			}
		}
	}
	for _, schema := range schemas {
		if table, ok := s.tablesOfIndexes()[catalog.QName{Schema: schema, Name: name.Name}]; ok {
			return table, true
		}
	}
	return catalog.QName{}, false
}

// tablesOfIndexes is the table of every current index.
func (s *state) tablesOfIndexes() map[catalog.QName]catalog.QName {
	if s.indexed == nil {
		s.indexed = map[catalog.QName]catalog.QName{}
		for id, o := range s.current.All() {
			if _, ok := o.(catalog.Index); ok {
				s.indexed[nameOf(id)] = tableOf(id)
			}
		}
	}
	return s.indexed
}

// lockless reports whether a statement about an object locks no relation, or one only
// that this plan makes.
func (s *state) lockless(id catalog.ID) bool {
	switch id.Kind {
	case catalog.KindRoutine, catalog.KindAggregate, catalog.KindGrant, catalog.KindDefaultPrivilege, catalog.KindSchema, catalog.KindExtension,
		catalog.KindRole, catalog.KindRoleMember, catalog.KindEnum, catalog.KindRange, catalog.KindOperator, catalog.KindCast:
		return true
	case catalog.KindIndex, catalog.KindColumn, catalog.KindDefault, catalog.KindPolicy, catalog.KindRowSecurity, catalog.KindTrigger, catalog.KindView, catalog.KindComment:
		rel, ok := s.relationOf(id)
		return ok && s.fresh(rel.Schema, rel.Name)
	}
	return false
}

// allHeirs lists the partitions and children of a relation, theirs included.
func (s *state) allHeirs(name catalog.QName) []catalog.QName {
	var out []catalog.QName
	for _, child := range s.childTables(name.Schema, name.Name) {
		out = append(append(out, child), s.allHeirs(child)...)
	}
	return out
}

// otherSides lists the tables on the other side of foreign keys that are dropped or
// made again with what a lock is for.
func (s *state) otherSides(name catalog.QName, l catalog.Lock) []catalog.QName {
	if l.Column == "" && l.Constraint == "" && !l.Whole {
		return nil
	}
	var out []catalog.QName
	for _, o := range s.foreignKeys() {
		own := catalog.QName{Schema: o.Schema, Name: o.Table}
		switch {
		case own == name && (l.Whole || l.Constraint == o.Name || slices.Contains(o.Columns, l.Column)):
			out = append(out, o.RefTable)
		case o.RefTable == name && (l.Whole || slices.Contains(o.RefColumns, l.Column)):
			out = append(out, own)
		}
	}
	return out
}

// ownSequences lists the sequences of a column that is dropped or changed, or of a whole table.
func (s *state) ownSequences(name catalog.QName, l catalog.Lock) []catalog.QName {
	if l.Column == "" && !l.Whole {
		return nil
	}
	var out []catalog.QName
	for _, c := range s.current.Children(catalog.ID{Kind: catalog.KindTable, Schema: name.Schema, Name: name.Name}) {
		if c.Kind != catalog.KindColumn || !l.Whole && c.Name != l.Column {
			continue
		}
		for _, u := range s.current.Users(c) {
			if seq, ok := s.current.Get(u).(catalog.Sequence); ok && seq.OwnedBy.ID() == c {
				out = append(out, nameOf(u))
			}
		}
	}
	return out
}

// staysIdentity reports whether a column has identity before and after.
func (s *state) staysIdentity(table catalog.QName, column string) bool {
	id := catalog.ID{Kind: catalog.KindColumn, Schema: table.Schema, Table: table.Name, Name: column}
	have, _ := s.current.Get(id).(catalog.Column)
	want, _ := s.desired.Get(id).(catalog.Column)
	return have.Identity != "" && want.Identity != ""
}

// handedOver reports whether a sequence belongs to the new one of two columns, of which the old
// one goes.
func (s *state) handedOver(name catalog.QName) bool {
	seq, ok := s.current.Get(catalog.ID{Kind: catalog.KindSequence, Schema: name.Schema, Name: name.Name}).(catalog.Sequence)
	return ok && !seq.Identity && s.expanding[seq.OwnedBy.ID()] != nil
}

func (s *state) foreignKeys() []catalog.Constraint {
	if s.references == nil {
		s.references = []catalog.Constraint{}
		for _, o := range s.current.All() {
			if k, ok := o.(catalog.Constraint); ok && k.Type == catalog.ForeignKey {
				s.references = append(s.references, k)
			}
		}
	}
	return s.references
}

// lockReferences: the foreign keys that a partition has with its table become its own, and
// those to partitioned tables are taken apart there.
func (s *state) lockReferences(partition catalog.ID, note func(catalog.QName, catalog.LockMode)) {
	for _, id := range s.current.Children(partition) {
		k, ok := s.current.Get(id).(catalog.Constraint)
		if !ok || !k.Inherited || k.Type != catalog.ForeignKey {
			continue
		}
		if t, _ := s.current.Get(catalog.ID{Kind: catalog.KindTable, Schema: k.RefTable.Schema, Name: k.RefTable.Name}).(catalog.Table); t.PartitionBy.Strategy == "" {
			continue
		}
		note(k.RefTable, catalog.AccessExclusive)
		for _, heir := range s.allHeirs(k.RefTable) {
			note(heir, catalog.ShareRowExclusive)
		}
	}
}

// lockParents: partitions are made, attached, detached and dropped under a lock of the
// DEFAULT partition, too; a dropped one takes that of its parent.
func (s *state) lockParents(st Statement, note func(catalog.QName, catalog.LockMode)) {
	if st.Object.Kind != catalog.KindTable || strings.Contains(st.SQL, " CONCURRENTLY") {
		return
	}
	drops := strings.HasPrefix(st.SQL, "DROP ")
	if !drops && !strings.Contains(st.SQL, " PARTITION ") {
		return
	}
	if strings.Contains(st.SQL, " DETACH PARTITION ") {
		s.lockReferences(st.Object, note)
	}
	for _, c := range []*catalog.Catalog{s.current, s.desired} {
		t, ok := c.Get(st.Object).(catalog.Table)
		if !ok || t.PartitionOf.Parent.IsZero() || drops && c == s.desired {
			continue
		}
		parent := t.PartitionOf.Parent
		if drops && s.detachesConcurrently(t) {
			return
		}
		if drops {
			note(parent, catalog.AccessExclusive)
		}
		for _, p := range s.partitionsOf(s.current, catalog.ID{Kind: catalog.KindTable, Schema: parent.Schema, Name: parent.Name}) {
			if sibling, ok := s.current.Get(p).(catalog.Table); ok && strings.EqualFold(strings.TrimSpace(sibling.PartitionOf.Bound.Text), "default") {
				note(nameOf(p), catalog.AccessExclusive)
			}
		}
	}
}

// domainTables are those that a statement about a domain reads, while nobody writes them.
func (s *state) domainTables(st Statement) []catalog.QName {
	domain := st.Object
	switch domain.Kind {
	case catalog.KindDomainConstraint:
		domain = catalog.ID{Kind: catalog.KindDomain, Schema: st.Object.Schema, Name: st.Object.Table}
	case catalog.KindDomain:
	default:
		return nil
	}
	reads := strings.Contains(st.SQL, " VALIDATE ") || strings.Contains(st.SQL, " SET NOT NULL") ||
		strings.Contains(st.SQL, " ADD CONSTRAINT ") && !strings.HasSuffix(st.SQL, " NOT VALID")
	if !reads || !strings.HasPrefix(st.SQL, "ALTER DOMAIN ") {
		return nil
	}
	var out []catalog.QName
	for _, u := range s.current.Users(domain) {
		if u.Kind == catalog.KindColumn {
			out = append(out, tableOf(u))
		}
	}
	return out
}

// lockHazard tells of a lock on a relation in use for which others wait, if no other
// hazard of the statement tells of it.
func (s *state) lockHazard(st Statement, l catalog.Lock, rel catalog.ID) Hazard {
	for _, h := range st.Hazards {
		if on, ok := s.relationOf(h.Object); ok && h.Lock != "" && on == rel {
			return Hazard{}
		}
	}
	code := "LOCK_" + strings.ReplaceAll(l.Mode.String(), " ", "_")
	reason := l.Mode.Blocks() + " of " + l.Relation.String() + " wait until the transaction ends"
	if own, ok := s.relationOf(st.Object); ok && own != rel {
		code = "LOCK_OTHER_TABLE"
	}
	h := s.hazard(code, Locks, rel, reason)
	h.Lock, h.Blocks = l.Mode.String(), l.Mode.Blocks()
	return h
}

// lockHazards tells of the locks of a transaction for which others wait: each relation
// once, and once if they are several, for one who locks them in another order gets a deadlock.
func (s *state) lockHazards(u *Unit) {
	held := map[catalog.QName]catalog.LockMode{}
	var busy []string
	for i := range u.Statements {
		st := &u.Statements[i]
		st.Hazards = slices.Clone(st.Hazards)
		for _, l := range st.Locks {
			rel, ok := s.current.Relation(l.Relation.Schema, l.Relation.Name)
			if !ok || l.Mode.Blocks() == "" || !s.online(rel) || held[l.Relation] >= l.Mode {
				continue
			}
			if held[l.Relation] == catalog.NoLock {
				busy = append(busy, l.Relation.String())
			}
			held[l.Relation] = l.Mode
			st.Hazards = append(st.Hazards, present([]Hazard{s.lockHazard(*st, l, rel)})...)
		}
	}
	if len(busy) > 1 {
		first := &u.Statements[0]
		first.Hazards = append(first.Hazards, Hazard{Code: "MULTI_TABLE_LOCK", Level: Locks, Object: first.Object, Rows: -1,
			Reason: "the transaction locks " + strings.Join(busy, ", ") + ", one after the other: a deadlock with who takes them in another order",
			Wayout: "a deadlock takes one of the two back, and it can be tried again"})
	}
}
