package parser

import (
	"slices"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// inheritors are the tables that inherit directly from a table: partitions and children.
func (in *interpreter) inheritors(id catalog.ID) []catalog.Table {
	var out []catalog.Table
	q := catalog.QName{Schema: id.Schema, Name: id.Name}
	for _, user := range in.c.Users(id) {
		if t, ok := in.c.Get(user).(catalog.Table); ok && (t.PartitionOf.Parent == q || slices.Contains(t.Inherits, q)) {
			out = append(out, t)
		}
	}
	return out
}

func (in *interpreter) partitions(id catalog.ID) []catalog.Table {
	return slices.DeleteFunc(in.inheritors(id), func(t catalog.Table) bool { return t.PartitionOf.Parent.IsZero() })
}

// attachParts gives a new or attached partition the indexes, keys, foreign keys
// and row triggers of its parent, where it has none that match.
func (in *interpreter) attachParts(parent catalog.QName, part catalog.ID) error {
	from := catalog.ID{Kind: catalog.KindTable, Schema: parent.Schema, Name: parent.Name}
	for _, c := range in.tableConstraints(from) {
		if c.HasIndex() {
			if err := in.keyOnPartition(c, part, nil); err != nil {
				return err
			}
		}
	}
	for _, ix := range childrenOf[catalog.Index](in, from) {
		if err := in.indexOnPartition(ix, part); err != nil {
			return err
		}
	}
	for _, c := range in.tableConstraints(from) {
		if c.Type == catalog.ForeignKey {
			if err := in.foreignKeyOnPartition(part, c, in.c.Unnamed(c.ID())); err != nil {
				return err
			}
		}
	}
	for _, tr := range childrenOf[catalog.Trigger](in, from) {
		in.triggerOnPartition(tr, part)
	}
	return nil
}

func (in *interpreter) keyOnPartitions(table catalog.ID, c catalog.Constraint, addition []string) error {
	for _, p := range in.partitions(table) {
		if err := in.keyOnPartition(c, p.ID(), addition); err != nil {
			return err
		}
	}
	return nil
}

// keyOnPartition attaches a matching constraint of the partition, or makes one
// with a name of PostgreSQL's choice.
func (in *interpreter) keyOnPartition(c catalog.Constraint, part catalog.ID, addition []string) error {
	own := c
	own.Schema, own.Table, own.Inherited = part.Schema, part.Name, true
	for _, have := range in.tableConstraints(part) {
		same := have
		same.Name, same.Inherited, same.Options, same.Tablespace = c.Name, true, own.Options, own.Tablespace
		same.Schema, same.Table = own.Schema, own.Table
		if have.Type == c.Type && equalObjects(same, own) {
			have.Inherited = true
			in.put(have)
			return in.keyOnPartitions(part, have, addition)
		}
	}
	if addition == nil {
		addition = c.Columns
		for _, e := range c.Elements {
			addition = append(slices.Clip(addition), elementName(e.IndexElement))
		}
	}
	label := map[catalog.ConstraintType]string{catalog.PrimaryKey: "pkey", catalog.Unique: "key", catalog.Exclusion: "excl"}[c.Type]
	own.Name = in.chooseKeyName(own, label, addition)
	in.putKey(own, true)
	return in.keyOnPartitions(part, own, addition)
}

// elementName is what an element of an index is called in a chosen name.
func elementName(e catalog.IndexElement) string {
	if e.Column != "" {
		return e.Column
	}
	if name, _ := figureColumnName(parseExpr(e.Expr.Text)); name != "" {
		return name
	}
	return "expr"
}

func (in *interpreter) indexOnPartitions(table catalog.ID, ix catalog.Index) error {
	for _, p := range in.partitions(table) {
		if err := in.indexOnPartition(ix, p.ID()); err != nil {
			return err
		}
	}
	return nil
}

// indexOnPartition attaches a matching index of the partition, or makes one.
func (in *interpreter) indexOnPartition(ix catalog.Index, part catalog.ID) error {
	parent := catalog.QName{Schema: ix.Schema, Name: ix.Name}
	for _, have := range childrenOf[catalog.Index](in, part) {
		if have.Parent.IsZero() && sameIndex(have, ix) {
			have.Parent = parent
			in.put(have)
			return in.indexOnPartitions(part, have)
		}
	}
	if in.keyServes(ix, part) {
		return nil
	}
	own := ix
	own.Schema, own.Table, own.Parent, own.Only, own.Statistics = part.Schema, part.Name, parent, false, nil
	var names []string
	for _, e := range ix.Elements {
		names = append(names, elementName(e))
	}
	own.Name = in.chooseRelationName(own.Table, catalog.NameAddition(catalog.DistinctNames(append(names, ix.Include...))), "idx", own.Schema, false)
	in.put(own)
	in.unnamed(own.ID())
	return in.indexOnPartitions(part, own)
}

// keyServes reports whether the index of a key of the partition is what the
// parent's unique index asks for.
func (in *interpreter) keyServes(ix catalog.Index, part catalog.ID) bool {
	if !ix.Unique || ix.Method != "btree" || !ix.Predicate.IsZero() {
		return false
	}
	for _, c := range in.tableConstraints(part) {
		if c.Type != catalog.PrimaryKey && c.Type != catalog.Unique || c.Inherited || c.NullsNotDistinct != ix.NullsNotDistinct {
			continue
		}
		same := slices.EqualFunc(c.Columns, ix.Elements, func(col string, e catalog.IndexElement) bool {
			return sameElement(e, catalog.IndexElement{Column: col})
		})
		if same && slices.Equal(c.Include, ix.Include) {
			return true
		}
	}
	return false
}

func (in *interpreter) foreignKeyOnPartitions(table catalog.ID, c catalog.Constraint, unnamed bool) error {
	for _, p := range in.partitions(table) {
		if err := in.foreignKeyOnPartition(p.ID(), c, unnamed); err != nil {
			return err
		}
	}
	return nil
}

func (in *interpreter) foreignKeyOnPartition(part catalog.ID, c catalog.Constraint, unnamed bool) error {
	own := c
	own.Schema, own.Table, own.Inherited = part.Schema, part.Name, true
	for _, have := range in.tableConstraints(part) {
		same := have
		same.Name, same.Inherited, same.NotValid = own.Name, true, own.NotValid
		if have.Type == catalog.ForeignKey && equalObjects(same, own) {
			have.Inherited = true
			in.put(have)
			return in.foreignKeyOnPartitions(part, have, unnamed)
		}
	}
	if in.c.Has(own.ID()) {
		own.Name = in.chooseConstraintName(own.Table, catalog.NameAddition(own.Columns), "fkey", own.Schema)
		unnamed = true
	}
	in.putConstraint(own, unnamed)
	return in.foreignKeyOnPartitions(part, own, unnamed)
}

// triggerOnPartition clones a row trigger.
func (in *interpreter) triggerOnPartition(tr catalog.Trigger, part catalog.ID) {
	if !tr.Row {
		return
	}
	tr.Schema, tr.Table, tr.Inherited = part.Schema, part.Name, true
	if in.c.Has(tr.ID()) {
		return
	}
	in.put(tr)
	for _, p := range in.partitions(part) {
		in.triggerOnPartition(tr, p.ID())
	}
}

// attach is ATTACH PARTITION.
func (in *interpreter) attach(parent catalog.Table, cmd *pg.PartitionCmd) error {
	part, err := in.table(cmd.GetName())
	if err != nil {
		return err
	}
	if parent.PartitionBy.Strategy == "" {
		return in.missing(cmd.GetName().GetLocation(), "partition key of table %q", parent.Name)
	}
	if !part.PartitionOf.Parent.IsZero() {
		return in.errorf(cmd.GetName().GetLocation(), "%q is already a partition", part.Name)
	}
	part.PartitionOf = catalog.Partition{Parent: catalog.QName{Schema: parent.Schema, Name: parent.Name}, Bound: in.bound(cmd.GetBound())}
	in.put(part)
	for _, name := range part.Columns {
		col, ok := in.c.Get(columnID(part.ID(), name)).(catalog.Column)
		if !ok {
			continue
		}
		above, ok := catalog.Find[catalog.Column](in.c, columnID(parent.ID(), name))
		if !ok {
			return in.errorf(cmd.GetName().GetLocation(), "table %q contains column %q not found in parent %q", part.Name, name, parent.Name)
		}
		col.Inherited = true
		if in.partitionsHaveIdentity() {
			col.Identity = above.Identity
		}
		in.put(col)
	}
	for _, c := range in.tableConstraints(parent.ID()) {
		own, ok := in.c.Get(catalog.Constraint{Schema: part.Schema, Table: part.Name, Name: c.Name}.ID()).(catalog.Constraint)
		if ok && c.Type == catalog.Check {
			own.Inherited = true
			in.put(own)
		}
	}
	return in.attachParts(part.PartitionOf.Parent, part.ID())
}

// detach is DETACH PARTITION: what was inherited becomes the table's own, cloned
// triggers go.
func (in *interpreter) detach(parent catalog.Table, cmd *pg.PartitionCmd) error {
	part, err := in.table(cmd.GetName())
	if err != nil {
		return err
	}
	part.PartitionOf = catalog.Partition{}
	in.put(part)
	in.disinherit(part.ID(), nil)
	if in.partitionsHaveIdentity() {
		in.forgetIdentity(part.ID())
	}
	for _, ix := range childrenOf[catalog.Index](in, part.ID()) {
		if !ix.Parent.IsZero() {
			ix.Parent = catalog.QName{}
			in.put(ix)
		}
	}
	in.dropInheritedTriggers(parent.ID(), part.ID())
	return nil
}

// partitionsHaveIdentity: an identity column is one in the partitions too, with
// the sequence of the parent, since PostgreSQL 17.
func (in *interpreter) partitionsHaveIdentity() bool {
	major := in.c.Version.Major()
	return major == 0 || major >= 17
}

func (in *interpreter) forgetIdentity(part catalog.ID) {
	for _, col := range childrenOf[catalog.Column](in, part) {
		if col.Identity != "" && len(in.ownedSequences(col.ID())) == 0 {
			col.Identity = ""
			in.put(col)
		}
	}
	for _, p := range in.partitions(part) {
		in.forgetIdentity(p.ID())
	}
}

// identityOnPartitions gives the partitions' column the identity that it has in the table.
func (in *interpreter) identityOnPartitions(col catalog.Column) {
	if !in.partitionsHaveIdentity() {
		return
	}
	for _, p := range in.partitions(catalog.ID{Kind: catalog.KindTable, Schema: col.Schema, Name: col.Table}) {
		if own, ok := in.c.Get(columnID(p.ID(), col.Name)).(catalog.Column); ok {
			own.Identity = col.Identity
			in.put(own)
			in.identityOnPartitions(own)
		}
	}
}

func (in *interpreter) dropInheritedTriggers(parent, part catalog.ID) {
	for _, tr := range childrenOf[catalog.Trigger](in, part) {
		above := tr
		above.Schema, above.Table = parent.Schema, parent.Name
		if tr.Inherited && in.c.Lookup(above.ID()) != nil {
			in.remove(tr.ID())
			for _, p := range in.partitions(part) {
				in.dropInheritedTriggers(part, p.ID())
			}
		}
	}
}

// disinherit makes columns and constraints the table's own unless a parent that
// is left has them too.
func (in *interpreter) disinherit(table catalog.ID, left []catalog.QName) {
	has := func(id catalog.ID) bool {
		return slices.ContainsFunc(left, func(p catalog.QName) bool {
			id.Schema, id.Table = p.Schema, p.Name
			return in.c.Lookup(id) != nil
		})
	}
	for _, col := range childrenOf[catalog.Column](in, table) {
		if col.Inherited && !has(col.ID()) {
			col.Inherited = false
			in.put(col)
		}
	}
	for _, c := range in.tableConstraints(table) {
		if c.Inherited && !has(c.ID()) {
			c.Inherited = false
			in.put(c)
		}
	}
}

// addInherit is ALTER TABLE … INHERIT.
func (in *interpreter) addInherit(t catalog.Table, rv *pg.RangeVar) error {
	parent, err := in.table(rv)
	if err != nil {
		return err
	}
	q := catalog.QName{Schema: parent.Schema, Name: parent.Name}
	in.changeTable(t.ID(), func(t *catalog.Table) { t.Inherits = append(slices.Clip(t.Inherits), q) })
	return nil
}

// dropInherit is ALTER TABLE … NO INHERIT.
func (in *interpreter) dropInherit(t catalog.Table, rv *pg.RangeVar) error {
	parent, err := in.table(rv)
	if err != nil {
		return err
	}
	q := catalog.QName{Schema: parent.Schema, Name: parent.Name}
	left := slices.DeleteFunc(slices.Clone(t.Inherits), func(p catalog.QName) bool { return p == q })
	in.changeTable(t.ID(), func(t *catalog.Table) { t.Inherits = left })
	in.disinherit(t.ID(), left)
	return nil
}
