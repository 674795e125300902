package parser

import (
	"slices"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

func (in *interpreter) drop(n *pg.DropStmt) error {
	cascade := n.GetBehavior() == pg.DropBehavior_DROP_CASCADE
	var ids []catalog.ID
	for _, o := range n.GetObjects() {
		if rel := nameOf(o); rel.Schema == "" && in.temp[rel.Name] {
			continue
		}
		id, err := in.object(n.GetRemoveType(), o)
		if e, ok := err.(*Error); ok && e.missing && n.GetMissingOk() {
			// What does not exist yet, but is declared later, is not to be dropped either.
			continue
		}
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	for _, id := range ids {
		if err := in.dropObject(id, cascade, ids); err != nil {
			return err
		}
	}
	return nil
}

// dropObject drops an object named in a DROP. Objects that are named with it do
// not stand in the way.
func (in *interpreter) dropObject(id catalog.ID, cascade bool, along []catalog.ID) error {
	switch o := in.c.Get(id).(type) {
	case catalog.Constraint:
		return in.errorf(0, "cannot drop index %s because constraint %s requires it", o.Name, o.Name).hint("drop the constraint")
	case catalog.Trigger:
		if o.Inherited {
			return in.errorf(0, "cannot drop trigger %q of a partition: the parent table's requires it", o.Name)
		}
	case catalog.Sequence:
		if o.Identity {
			return in.errorf(0, "cannot drop sequence %s because an identity column requires it", o.ID().Path())
		}
	}
	if id.Kind == catalog.KindSchema {
		in.dropped[id.Name] = true
	}
	if !in.c.Has(id) {
		if id.Kind == catalog.KindPublication {
			in.unpublishAll(id)
		}
		return nil // the platform's, or implied
	}
	return in.fall(id, cascade, along)
}

// fall removes an object with all that falls with it. What only CASCADE takes
// along stands in the way without it.
func (in *interpreter) fall(id catalog.ID, cascade bool, along []catalog.ID) error {
	set := map[catalog.ID]bool{}
	order := in.collect(id, set)
	for i := 0; i < len(order); i++ {
		in.resolveUsers(order[i])
		for _, user := range in.users(order[i]) {
			if set[user] || !in.c.Has(user) {
				continue
			}
			if !cascade && !in.auto(user, order[i]) && !slices.Contains(along, user) && !in.partOfAny(user, along) {
				return in.errorf(0, "cannot drop %s because %s depends on it", id, user).hint("drop that first, or use CASCADE")
			}
			order = append(order, in.collect(user, set)...)
		}
	}
	for _, gone := range slices.Backward(order) {
		if gone.Kind == catalog.KindColumn {
			in.forgetColumn(gone)
		}
		in.remove(gone)
	}
	return nil
}

// users lists what needs an object. Of a view also what needs its columns, which
// are no objects themselves.
func (in *interpreter) users(id catalog.ID) []catalog.ID {
	out := in.c.Users(id)
	if v, ok := in.c.Get(id).(catalog.View); ok {
		for _, c := range v.Columns {
			out = append(out, in.c.Users(columnID(id, c.Name))...)
		}
	}
	return out
}

// collect lists an object, its parts, and what is in it if it is a schema.
func (in *interpreter) collect(id catalog.ID, set map[catalog.ID]bool) []catalog.ID {
	if set[id] {
		return nil
	}
	set[id] = true
	out := []catalog.ID{id}
	for _, child := range in.c.Children(id) {
		out = append(out, in.collect(child, set)...)
	}
	for _, d := range in.ownedSequencesOf(id) {
		out = append(out, in.collect(d, set)...)
	}
	for _, d := range in.clonesOf(id) {
		out = append(out, in.collect(d, set)...)
	}
	if id.Kind == catalog.KindSchema {
		for d := range in.c.All() {
			if d.Kind == catalog.KindDefaultPrivilege && d.Schema == id.Name {
				out = append(out, in.collect(d, set)...)
			}
		}
	}
	return out
}

// clonesOf lists what partitions have of a trigger.
func (in *interpreter) clonesOf(id catalog.ID) []catalog.ID {
	if id.Kind != catalog.KindTrigger {
		return nil
	}
	var out []catalog.ID
	for _, p := range in.partitions(catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}) {
		clone := id
		clone.Schema, clone.Table = p.Schema, p.Name
		if tr, ok := in.c.Get(clone).(catalog.Trigger); ok && tr.Inherited {
			out = append(out, clone)
		}
	}
	return out
}

func (in *interpreter) ownedSequencesOf(id catalog.ID) []catalog.ID {
	if id.Kind != catalog.KindColumn {
		return nil
	}
	var out []catalog.ID
	for _, s := range in.ownedSequences(id) {
		out = append(out, s.ID())
	}
	return out
}

// partOfAny reports whether an object belongs to one of those.
func (in *interpreter) partOfAny(id catalog.ID, ids []catalog.ID) bool {
	for {
		parent, ok := in.c.Parent(id)
		if !ok {
			return false
		}
		if slices.Contains(ids, parent) {
			return true
		}
		id = parent
	}
}

// auto reports whether an object goes without CASCADE when what it needs goes
// (DEPENDENCY_AUTO and DEPENDENCY_INTERNAL).
func (in *interpreter) auto(user, gone catalog.ID) bool {
	switch o := in.c.Get(user).(type) {
	case catalog.Table:
		return !o.PartitionOf.Parent.IsZero() && gone.Kind == catalog.KindTable && o.PartitionOf.Parent.Name == gone.Name
	case catalog.Index, catalog.Statistics, catalog.PublicationTable, catalog.PublicationSchema:
		return true
	case catalog.Constraint:
		return gone.Kind == catalog.KindColumn && gone.Schema == o.Schema && gone.Table == o.Table || gone.Kind == catalog.KindConstraint && o.Inherited
	case catalog.Trigger:
		return gone.Kind == catalog.KindTrigger && o.Inherited
	case catalog.Sequence:
		return gone.Kind == catalog.KindColumn
	}
	return false
}

// forgetColumn takes a column out of its table's order.
func (in *interpreter) forgetColumn(id catalog.ID) {
	table := catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}
	in.changeTable(table, func(t *catalog.Table) { t.Columns = withoutName(t.Columns, id.Name) })
}

// dropColumn is ALTER TABLE … DROP COLUMN.
func (in *interpreter) dropColumn(col catalog.Column, cascade, recurse bool) error {
	table := catalog.ID{Kind: catalog.KindTable, Schema: col.Schema, Name: col.Table}
	if col.Inherited && in.parentsHaveColumn(table, col.Name) {
		return in.errorf(0, "cannot drop inherited column %q", col.Name)
	}
	for _, id := range in.mentioning(table, col.Name) {
		if in.c.Has(id) {
			if err := in.fall(id, cascade, nil); err != nil {
				return err
			}
		}
	}
	if !cascade {
		if user, ok := in.needsColumn(table, col.Name); ok {
			return in.errorf(0, "cannot drop column %q of table %q because %s depends on it", col.Name, col.Table, user).hint("drop that first, or use CASCADE")
		}
	} else {
		for user, ok := in.needsColumn(table, col.Name); ok; user, ok = in.needsColumn(table, col.Name) {
			if err := in.fall(user, true, nil); err != nil {
				return err
			}
		}
	}
	if in.replay {
		in.dropFromAliases(col.ID())
	}
	if err := in.fall(col.ID(), cascade, nil); err != nil {
		return err
	}
	in.forgetColumn(col.ID())
	return in.dropInheritedColumn(table, col.Name, cascade, recurse)
}

func (in *interpreter) dropInheritedColumn(table catalog.ID, name string, cascade, recurse bool) error {
	for _, child := range in.inheritors(table) {
		own, ok := in.c.Get(columnID(child.ID(), name)).(catalog.Column)
		if !ok || !own.Inherited || in.parentsHaveColumn(child.ID(), name) {
			continue
		}
		if !recurse {
			own.Inherited = false
			in.put(own)
			continue
		}
		if err := in.dropColumn(own, cascade, true); err != nil {
			return err
		}
	}
	return nil
}

// parents are the tables that a table inherits from.
func (in *interpreter) parents(table catalog.ID) []catalog.QName {
	t, ok := catalog.Find[catalog.Table](in.c, table)
	if !ok {
		return nil
	}
	if !t.PartitionOf.Parent.IsZero() {
		return []catalog.QName{t.PartitionOf.Parent}
	}
	return t.Inherits
}

func (in *interpreter) parentsHaveColumn(table catalog.ID, name string) bool {
	return slices.ContainsFunc(in.parents(table), func(p catalog.QName) bool {
		return in.c.Lookup(catalog.ID{Kind: catalog.KindColumn, Schema: p.Schema, Table: p.Name, Name: name}) != nil
	})
}

// parentHas reports whether a parent has the constraint that this one came from.
func (in *interpreter) parentHas(c catalog.Constraint) bool {
	table := catalog.ID{Kind: catalog.KindTable, Schema: c.Schema, Name: c.Table}
	return slices.ContainsFunc(in.parents(table), func(p catalog.QName) bool {
		for _, above := range in.tableConstraints(catalog.ID{Kind: catalog.KindTable, Schema: p.Schema, Name: p.Name}) {
			if sameOrigin(above, c) {
				return true
			}
		}
		return false
	})
}

// sameOrigin reports whether an inherited constraint is that of the parent.
func sameOrigin(above, c catalog.Constraint) bool {
	if above.Type != c.Type {
		return false
	}
	if c.Type == catalog.Check {
		return above.Name == c.Name
	}
	return slices.Equal(above.Columns, c.Columns) && above.RefTable == c.RefTable && slices.Equal(above.RefColumns, c.RefColumns)
}

// dropConstraint drops a constraint here and where it was inherited.
func (in *interpreter) dropConstraint(c catalog.Constraint, cascade, recurse bool) error {
	if err := in.fall(c.ID(), cascade, nil); err != nil {
		return err
	}
	for _, child := range in.inheritors(catalog.ID{Kind: catalog.KindTable, Schema: c.Schema, Name: c.Table}) {
		for _, own := range in.tableConstraints(child.ID()) {
			if !own.Inherited || !sameOrigin(c, own) || in.parentHas(own) {
				continue
			}
			if !recurse {
				own.Inherited = false
				in.put(own)
				continue
			}
			if err := in.dropConstraint(own, cascade, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// mentioning lists what falls with a column: keys, checks, indexes and
// statistics that mention it, in expressions too.
func (in *interpreter) mentioning(table catalog.ID, column string) []catalog.ID {
	var out []catalog.ID
	for _, c := range in.tableConstraints(table) {
		if slices.Contains(c.Columns, column) || slices.Contains(c.Include, column) || in.mentions(c, column) {
			out = append(out, c.ID())
		}
	}
	for _, ix := range childrenOf[catalog.Index](in, table) {
		keyed := slices.ContainsFunc(ix.Elements, func(e catalog.IndexElement) bool { return e.Column == column })
		if keyed || slices.Contains(ix.Include, column) || in.mentions(ix, column) {
			out = append(out, ix.ID())
		}
	}
	for _, user := range in.c.Users(table) {
		if s, ok := in.c.Get(user).(catalog.Statistics); ok && (slices.Contains(s.Columns, column) || in.mentions(s, column)) {
			out = append(out, user)
		}
	}
	return out
}

// needsColumn is something of the same table that stands in the way of dropping
// a column: a policy, a trigger, a generated column.
func (in *interpreter) needsColumn(table catalog.ID, column string) (catalog.ID, bool) {
	for _, child := range in.c.Children(table) {
		switch o := in.c.Get(child).(type) {
		case catalog.Trigger:
			if slices.Contains(o.UpdateColumns, column) {
				return child, true
			}
		case catalog.Column:
			if o.Name != column && !o.Generated.IsZero() && in.mentions(o, column) {
				return child, true
			}
		}
	}
	return catalog.ID{}, false
}

// mentions reports whether an expression over its own table names the column.
func (in *interpreter) mentions(o catalog.Object, column string) bool {
	for _, f := range catalog.Exprs(o) {
		if slices.Contains(columnRefs(parseExpr(f.Expr.Text)), column) {
			return true
		}
	}
	return false
}
