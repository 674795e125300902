package planner

import (
	"fmt"
	"slices"
	"strings"

	"bloom/catalog"
)

// edge is an order of two steps.
type edge struct{ first, then step }

// step is the making (or altering) of a desired object or the drop of a current one.
type step struct {
	drop bool
	id   catalog.ID
}

func (s *state) orderSteps(first, then step) { s.before = append(s.before, edge{first, then}) }

// replace drops and makes again an object that its rule could not alter as wanted.
func (s *state) replace(a *alteration, after catalog.Object) {
	id := a.current.ID()
	e, ok := a.current.(catalog.Extension)
	remakable := ok && !s.holdsRows(e)
	if c, ok := a.desired.(catalog.Column); keepsData(a.current) && !remakable && !(ok && !c.Generated.IsZero()) {
		if t, ok := a.current.(catalog.Table); ok && slices.Equal(differing(after, a.want), []string{"PartitionBy"}) && s.remake(t, a.desired.(catalog.Table), "to change how it is partitioned") {
			return
		}
		s.refuse(a.desired.ID(), "%s cannot be changed in place (%s), and making it again would lose what it holds",
			id, strings.ToLower(strings.Join(differing(after, a.want), ", ")))
		return
	}
	delete(s.altering, a.desired.ID())
	s.remove(id)
}

// refuse records why there is no plan, with the place of the declaration.
func (s *state) refuse(id catalog.ID, format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	if pos := s.position(id); !pos.IsZero() {
		msg = pos.String() + ": " + msg
	}
	s.errs = append(s.errs, fmt.Errorf("%s", msg))
}

func (s *state) position(id catalog.ID) catalog.Pos {
	if pos := s.desired.Place(id); !pos.IsZero() {
		return pos
	}
	if parent, ok := s.desired.Parent(id); ok {
		return s.position(parent)
	}
	return catalog.Pos{}
}

// keepsData reports whether an object holds what a drop would lose, so that it is
// never dropped in order to be made again.
func keepsData(o catalog.Object) bool {
	switch o := o.(type) {
	case catalog.Table:
		return o.Server == "" // the rows of a foreign table are elsewhere
	case catalog.Sequence, catalog.Schema, catalog.Extension, catalog.Role, catalog.BaseType, catalog.Subscription:
		return true
	case catalog.Column:
		return o.Generated.IsZero()
	}
	return false
}

// remove marks a current object as dropped, and what PostgreSQL drops silently with it.
func (s *state) remove(id catalog.ID) {
	if _, ok := s.gone[id]; ok {
		return
	}
	s.gone[id] = id
	s.fell(id, id)
}

// fell marks what falls with id under the statement that drops root. What had a
// statement of its own loses it.
func (s *state) fell(id, root catalog.ID) {
	for _, f := range s.falling(id) {
		if f == root || s.early[f] || s.gone[f] == root {
			continue
		}
		s.gone[f] = root
		s.fell(f, root)
	}
}

// dropper is the object whose statement drops id. Not ok if id stays.
func (s *state) dropper(id catalog.ID) (catalog.ID, bool) {
	by, ok := s.gone[id]
	for ok && s.gone[by] != by {
		by = s.gone[by]
	}
	return by, ok
}

// falling lists what PostgreSQL drops together with a current object without
// being told CASCADE.
func (s *state) falling(id catalog.ID) []catalog.ID {
	var out []catalog.ID
	for _, c := range s.current.Children(id) {
		if c.Kind != catalog.KindUserMapping {
			out = append(out, c)
		}
	}
	for _, u := range s.current.Users(id) {
		if s.fallsWith(u, id) {
			out = append(out, u)
		}
	}
	if id.Kind == catalog.KindSchema {
		for d := range s.current.All() {
			if d.Kind == catalog.KindDefaultPrivilege && d.Schema == id.Name {
				out = append(out, d)
			}
		}
	}
	return append(out, s.heirs(id)...)
}

// fallsWith reports whether u, which depends on id, is dropped silently with it.
func (s *state) fallsWith(u, id catalog.ID) bool {
	switch o := s.current.Get(u).(type) {
	case catalog.Statistics:
		return id.Kind == catalog.KindTable || id.Kind == catalog.KindColumn
	case catalog.PublicationTable:
		return id.Kind == catalog.KindTable
	case catalog.Sequence:
		_, remade := s.remadeTable(id)
		return o.OwnedBy.ID() == id && (s.desired.Get(s.desiredID(u)) == nil || remade && o.Identity)
	case catalog.Index:
		return id.Kind == catalog.KindColumn || id.Kind == catalog.KindIndex && o.Parent == (catalog.QName{Schema: id.Schema, Name: id.Name}) && !s.staysOnLeaving(u, id)
	case catalog.Constraint:
		return id.Kind == catalog.KindColumn && o.Schema == id.Schema && o.Table == id.Table || id.Kind == catalog.KindConstraint && o.Inherited && o.Type != catalog.ForeignKey && !s.staysOnLeaving(u, id)
	case catalog.Table:
		if o.Server != "" && !s.remade[id].IsZero() {
			return false // goes before the rows are kept aside
		}
		return id.Kind == catalog.KindTable && o.PartitionOf.Parent == (catalog.QName{Schema: id.Schema, Name: id.Name}) && (!s.desired.Has(u) || !s.remade[u].IsZero())
	}
	return false
}

// heirs lists the inherited twins of a current object in child tables and partitions.
func (s *state) heirs(id catalog.ID) []catalog.ID {
	switch id.Kind {
	case catalog.KindColumn, catalog.KindConstraint, catalog.KindTrigger:
	default:
		return nil
	}
	if twins := s.onlyColumn(id); len(twins) > 0 {
		return nil
	}
	var out []catalog.ID
	own, _ := s.current.Get(id).(catalog.Constraint)
	for _, child := range s.childTables(id.Schema, id.Table) {
		switch t := (catalog.ID{Kind: catalog.KindTable, Schema: child.Schema, Name: child.Name}); {
		case !s.remade[t].IsZero() && s.remade[t] != s.remade[catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}]:
			continue // is dropped by itself
		case id.Kind != catalog.KindTrigger && s.leavesParent(t, id):
			s.orderSteps(step{id: s.desiredID(t)}, step{drop: true, id: id})
			continue
		}
		if own.HasIndex() {
			// What the key of a partition is called is its own affair.
			for _, c := range s.current.Children(catalog.ID{Kind: catalog.KindTable, Schema: child.Schema, Name: child.Name}) {
				if k, ok := s.current.Get(c).(catalog.Constraint); ok && k.Inherited && sameDemand(own, k) {
					out = append(out, c)
				}
			}
			continue
		}
		twin := id
		twin.Schema, twin.Table = child.Schema, child.Name
		if o := s.current.Get(twin); o != nil && catalog.Inherited(o) {
			out = append(out, twin)
		}
	}
	return out
}

// staysOnLeaving reports whether something of a child table, which comes from its twin
// in the parent table, is kept because the child leaves that table before.
func (s *state) staysOnLeaving(u, twin catalog.ID) bool {
	table := catalog.ID{Kind: catalog.KindTable, Schema: u.Schema, Name: u.Table}
	if !s.leavesParent(table, twin) {
		return false
	}
	s.orderSteps(step{id: s.desiredID(table)}, step{drop: true, id: twin})
	s.orderSteps(step{id: s.desiredID(table)}, step{drop: true, id: u})
	return true
}

// goesOver reports whether the index or key of a partition, part of what is dropped, stays
// because the partition leaves before, and is as wanted: part of its like in another parent.
func (s *state) goesOver(user, used catalog.ID) bool {
	if user.Kind != used.Kind || user.Kind != catalog.KindIndex && user.Kind != catalog.KindConstraint || s.altering[s.desiredID(user)] != nil {
		return false
	}
	return catalog.Inherited(s.current.Get(user)) && s.staysOnLeaving(user, used)
}

// leavesParent reports whether a child table is kept and is not one of its parent any more,
// so that what it inherited, triggers apart, is its own from then on.
func (s *state) leavesParent(table, inParent catalog.ID) bool {
	table = s.desiredID(table)
	parent := catalog.QName{Schema: inParent.Schema, Name: inParent.Table}
	t, ok := s.desired.Get(table).(catalog.Table)
	return ok && s.altering[table] != nil && t.PartitionOf.Parent != parent && !slices.Contains(t.Inherits, parent)
}

// onlyColumn lists the inherited twins of a current column that goes from its table only,
// because a child table keeps it as its own. Other children lose it after that by
// themselves. None if the column goes from all.
func (s *state) onlyColumn(id catalog.ID) []catalog.ID {
	if id.Kind != catalog.KindColumn {
		return nil
	}
	var twins []catalog.ID
	kept := false
	for _, child := range s.childTables(id.Schema, id.Table) {
		twin := catalog.ID{Kind: catalog.KindColumn, Schema: child.Schema, Table: child.Name, Name: id.Name}
		if o, ok := s.current.Get(twin).(catalog.Column); !ok || !o.Inherited || s.leavesParent(catalog.ID{Kind: catalog.KindTable, Schema: child.Schema, Name: child.Name}, id) {
			continue
		}
		want, stays := s.desired.Get(twin).(catalog.Column)
		if t, ok := s.desired.Parent(twin); ok && stays && !want.Inherited && s.remade[t].IsZero() {
			kept = true
		}
		twins = append(twins, twin)
	}
	if !kept {
		return nil
	}
	return twins
}

// childTables lists the current tables that inherit from a table or are its partitions.
func (s *state) childTables(schema, name string) []catalog.QName {
	var out []catalog.QName
	parent := catalog.QName{Schema: schema, Name: name}
	for _, u := range s.current.Users(catalog.ID{Kind: catalog.KindTable, Schema: schema, Name: name}) {
		if t, ok := s.current.Get(u).(catalog.Table); ok && (t.PartitionOf.Parent == parent || slices.Contains(t.Inherits, parent)) {
			out = append(out, catalog.QName{Schema: t.Schema, Name: t.Name})
		}
	}
	return out
}

// spread carries replacement on to what PostgreSQL refuses to keep: users of what
// is dropped and blockers of what is altered are dropped before and made again after,
// unless their own alteration frees them. In the end everything that is gone and
// still desired is to be made, with all that hangs on it.
func (s *state) spread() {
	for _, id := range sortedIDs(s.gone) {
		if id.Kind == catalog.KindColumn && s.gone[id] == id {
			s.fell(id, id) // which child tables are made again is known only now
		}
	}
	s.freeRows()
	done := map[catalog.ID]bool{}
	for progress := true; progress; {
		progress = false
		for _, id := range sortedIDs(s.gone) {
			if !done[id] {
				done[id], progress = true, true
				s.clear(id)
			}
		}
		for _, id := range sortedIDs(s.altering) {
			a := s.altering[id]
			if a == nil || done[id] || s.isGone(a.current.ID()) {
				continue
			}
			done[id], progress = true, true
			for _, b := range a.blockers {
				s.yield(b, a.current.ID(), step{id: id})
			}
		}
	}
	for id := range s.gone {
		if to := s.desiredID(id); s.desired.Has(to) {
			s.making[to] = true
			delete(s.altering, to)
		}
	}
	for _, id := range sortedIDs(s.swapped) {
		for _, c := range s.current.Children(id) {
			delete(s.gone, c)
			delete(s.altering, c)
			if s.desired.Has(c) {
				s.making[c] = true
			}
		}
	}
}

func (s *state) isGone(id catalog.ID) bool { _, ok := s.gone[id]; return ok }

// clear makes all users of a current object that goes yield to its drop.
func (s *state) clear(id catalog.ID) {
	for _, u := range users(s.current, id) {
		s.yield(u, id, step{drop: true, id: id})
	}
	for _, c := range s.current.Children(id) {
		if c.Kind == catalog.KindUserMapping { // belongs to its server, and does not fall with it
			s.yield(c, id, step{drop: true, id: id})
		}
	}
}

// yield makes user give way to a step that it blocks.
func (s *state) yield(user, used catalog.ID, to step) {
	if s.isGone(user) {
		s.comeBack(user, to)
		return
	}
	if s.freeSequence(user, used) || s.goesOver(user, used) {
		return
	}
	if user.Kind == catalog.KindColumn && s.park(user, used, to) {
		return
	}
	id := s.desiredID(user)
	if _, ok := s.altering[id]; ok && !s.needs(id, s.desiredID(used)) && !s.overloadGoes(id) {
		s.orderSteps(step{id: id}, to)
		return
	}
	o := s.current.Get(user)
	if o == nil {
		return
	}
	if user.Kind == catalog.KindTable && s.park(user, used, to) {
		return
	}
	if keepsData(o) {
		s.refuse(id, "%s uses %s, which has to be dropped or made again; change the one before the other, in two migrations", user, used)
		return
	}
	s.reason[user] = used
	s.remove(user)
	s.comeBack(user, to)
}

// comeBack orders the drop of an object before a step, and its making, if it is
// still desired, after it.
func (s *state) comeBack(user catalog.ID, to step) {
	s.orderSteps(step{drop: true, id: user}, to)
	if id := s.desiredID(user); s.desired.Has(id) {
		s.orderSteps(to, step{id: id})
	}
}

// needs reports whether a desired object depends on another or belongs to it.
func (s *state) needs(id, dep catalog.ID) bool {
	if parent, ok := s.desired.Parent(id); ok && parent == dep {
		return true
	}
	using := users(s.desired, dep)
	// A default is of its column's type, whether its text says so or not: 'a' does not.
	column := catalog.ID{Kind: catalog.KindColumn, Schema: id.Schema, Table: id.Table, Name: id.Name}
	return slices.Contains(using, id) || id.Kind == catalog.KindDefault && slices.Contains(using, column)
}

// users lists what needs an object; for a view or a composite type also what needs a column of it.
func users(c *catalog.Catalog, id catalog.ID) []catalog.ID {
	out := c.Users(id)
	if id.Kind == catalog.KindView || id.Kind == catalog.KindComposite {
		for _, col := range c.ColumnsOf(id) {
			out = append(out, c.Users(col)...)
		}
	}
	return out
}
