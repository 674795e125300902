package parser

import (
	"slices"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// tableConstraints are the constraints of a table in order of their names, from
// Base as well.
func (in *interpreter) tableConstraints(id catalog.ID) []catalog.Constraint {
	return childrenOf[catalog.Constraint](in, id)
}

// childrenOf are the parts of a relation that are of type T.
func childrenOf[T catalog.Object](in *interpreter, id catalog.ID) []T {
	var out []T
	for c := in.c; c != nil; c = c.Base {
		for _, child := range c.Children(id) {
			if o, ok := c.Get(child).(T); ok {
				out = append(out, o)
			}
		}
	}
	return out
}

// nameConstraint gives a constraint the name that is written, or PostgreSQL's choice.
func (in *interpreter) nameConstraint(c *catalog.Constraint, given string, loc int32, choose func() string) (unnamed bool, err error) {
	c.Name = given
	if given == "" {
		c.Name = choose()
		return true, nil
	}
	if in.c.Lookup(c.ID()) != nil {
		return false, in.duplicate(c.ID(), loc)
	}
	if c.HasIndex() {
		return false, in.free(catalog.QName{Schema: c.Schema, Name: c.Name}, loc)
	}
	return false, nil
}

func (in *interpreter) putConstraint(c catalog.Constraint, unnamed bool) {
	in.put(c)
	if unnamed {
		in.unnamed(c.ID())
	}
}

// addCheck adds a check to a table and to those that inherit from it.
func (in *interpreter) addCheck(t catalog.Table, n *pg.Constraint) error {
	c := catalog.Constraint{
		Schema: t.Schema, Table: t.Name, Type: catalog.Check, NoInherit: n.GetIsNoInherit(),
		Check: in.expr(n.GetRawExpr(), parenthesised(in.tokensAt(n.GetLocation()), "check")),
	}
	c.NotEnforced = in.says(n, "not", "enforced")
	c.NotValid = n.GetSkipValidation() && in.c.Has(t.ID()) && !in.isNew(t.ID())
	columns := columnRefs(n.GetRawExpr())
	for _, col := range columns {
		if _, err := in.tableColumn(t.ID(), col, leftmost(n.GetRawExpr())); err != nil && !isSystemColumn(col) && col != t.Name {
			return err
		}
	}
	inherited := in.inheritedCheck(t.ID(), n.GetConname())
	if inherited != nil {
		c.Name = inherited.Name
		in.put(c)
		return nil
	}
	unnamed, err := in.nameConstraint(&c, n.GetConname(), n.GetLocation(), func() string {
		column := ""
		if len(columns) == 1 {
			column = columns[0]
		}
		return in.chooseConstraintName(t.Name, column, "check", t.Schema)
	})
	if err != nil {
		return err
	}
	in.putConstraint(c, unnamed)
	in.place(c.ID(), n.GetLocation())
	if !c.NoInherit {
		in.inheritCheck(t.ID(), c, unnamed)
	}
	return nil
}

// inheritedCheck is a check that came from a parent and that the table may define itself.
func (in *interpreter) inheritedCheck(id catalog.ID, name string) *catalog.Constraint {
	c, ok := in.c.Get(catalog.Constraint{Schema: id.Schema, Table: id.Name, Name: name}.ID()).(catalog.Constraint)
	if ok && c.Inherited && c.Type == catalog.Check {
		return &c
	}
	return nil
}

func (in *interpreter) inheritCheck(parent catalog.ID, c catalog.Constraint, unnamed bool) {
	for _, child := range in.inheritors(parent) {
		own := c
		own.Schema, own.Table, own.Inherited = child.Schema, child.Name, true
		if in.c.Has(own.ID()) {
			continue
		}
		in.putConstraint(own, unnamed)
		in.inheritCheck(child.ID(), c, unnamed)
	}
}

func isSystemColumn(name string) bool {
	switch name {
	case "tableoid", "ctid", "xmin", "xmax", "cmin", "cmax":
		return true
	}
	return false
}

// isNew reports whether the statement itself makes the object.
func (in *interpreter) isNew(id catalog.ID) bool {
	for _, u := range in.journal {
		if u.id == id {
			return u.object == nil
		}
	}
	return false
}

// addKey adds a primary key, unique or exclusion constraint to a table and its partitions.
func (in *interpreter) addKey(t catalog.Table, n *pg.Constraint, recurse bool) error {
	c := catalog.Constraint{
		Schema: t.Schema, Table: t.Name, Columns: strs(n.GetKeys()), Include: strs(n.GetIncluding()), NullsNotDistinct: n.GetNullsNotDistinct(),
		Options: pairs(n.GetOptions()), Tablespace: tablespace(n.GetIndexspace()), Deferrable: n.GetDeferrable(), InitiallyDeferred: n.GetInitdeferred(),
	}
	if len(c.Include) == 0 {
		c.Include = nil
	}
	c.WithoutOverlaps = in.keySays(n, "without", "overlaps")
	label, addition := "key", c.Columns
	switch n.GetContype() {
	case pg.ConstrType_CONSTR_PRIMARY:
		c.Type, label = catalog.PrimaryKey, "pkey"
		if err := in.onlyPrimaryKey(t, n.GetLocation()); err != nil {
			return err
		}
	case pg.ConstrType_CONSTR_UNIQUE:
		c.Type = catalog.Unique
	default:
		c.Type, label = catalog.Exclusion, "excl"
		if err := in.exclusion(&c, n); err != nil {
			return err
		}
		addition = exclusionNames(n)
	}
	for _, col := range append(slices.Clone(c.Columns), c.Include...) {
		if _, err := in.tableColumn(t.ID(), col, n.GetLocation()); err != nil {
			return err
		}
	}
	if n.GetIndexname() != "" {
		return in.useIndex(t, c, n)
	}
	unnamed, err := in.nameConstraint(&c, n.GetConname(), n.GetLocation(), func() string { return in.chooseKeyName(c, label, addition) })
	if err != nil {
		return err
	}
	in.putKey(c, unnamed)
	in.place(c.ID(), n.GetLocation())
	if !recurse {
		return nil
	}
	return in.keyOnPartitions(t.ID(), c, addition)
}

func (in *interpreter) chooseKeyName(c catalog.Constraint, label string, columns []string) string {
	if c.Type == catalog.PrimaryKey {
		return in.chooseRelationName(c.Table, "", label, c.Schema, true)
	}
	return in.chooseRelationName(c.Table, catalog.NameAddition(append(slices.Clone(columns), c.Include...)), label, c.Schema, true)
}

func (in *interpreter) onlyPrimaryKey(t catalog.Table, loc int32) error {
	for _, have := range in.tableConstraints(t.ID()) {
		if have.Type == catalog.PrimaryKey {
			e := in.errorf(loc, "multiple primary keys for table %q are not allowed", t.Name)
			if at := in.c.Pos(have.ID()); !at.IsZero() {
				e.hint("the other one is at %s", at)
			}
			return e
		}
	}
	return nil
}

// putKey adds the constraint; a primary key's columns become NOT NULL.
func (in *interpreter) putKey(c catalog.Constraint, unnamed bool) {
	if c.Type == catalog.PrimaryKey {
		for _, name := range c.Columns {
			in.setNotNull(catalog.ID{Kind: catalog.KindTable, Schema: c.Schema, Name: c.Table}, name)
		}
	}
	in.putConstraint(c, unnamed)
}

func (in *interpreter) setNotNull(table catalog.ID, column string) {
	if col, ok := in.c.Get(columnID(table, column)).(catalog.Column); ok && !col.NotNull {
		col.NotNull = true
		in.put(col)
	}
}

func exclusionNames(n *pg.Constraint) []string {
	var list []*pg.IndexElem
	for _, x := range n.GetExclusions() {
		list = append(list, x.GetList().GetItems()[0].GetIndexElem())
	}
	return indexColumnNames(list)
}

func (in *interpreter) exclusion(c *catalog.Constraint, n *pg.Constraint) error {
	c.Columns, c.Method = nil, n.GetAccessMethod()
	if c.Method == "" {
		c.Method = "btree"
	}
	t := in.tokensAt(n.GetLocation()).from(1)
	if i := t.find(0, "exclude"); i >= 0 {
		t = t.from(i + 1)
	}
	open := t.find(0, "(")
	parts := t.inside(max(open, 0)).split()
	table := catalog.ID{Kind: catalog.KindTable, Schema: c.Schema, Name: c.Table}
	for i, x := range n.GetExclusions() {
		items := x.GetList().GetItems()
		var part tokens
		if i < len(parts) {
			part = parts[i]
		}
		el, err := in.indexElement(table, c.Method, items[0].GetIndexElem(), part)
		if err != nil {
			return err
		}
		op, err := in.operatorNamed(qualified(items[1].GetList().GetItems()), n.GetLocation())
		if err != nil {
			return err
		}
		c.Elements = append(c.Elements, catalog.ExclusionElement{IndexElement: el, Operator: op})
	}
	if n.GetWhereClause() != nil && open >= 0 {
		c.Predicate = in.expr(n.GetWhereClause(), parenthesised(t.from(t.close(open)), "where"))
	}
	return nil
}

// useIndex is ADD CONSTRAINT … USING INDEX: the index becomes the constraint's
// and takes its name.
func (in *interpreter) useIndex(t catalog.Table, c catalog.Constraint, n *pg.Constraint) error {
	ix, ok := in.c.Get(catalog.Index{Schema: t.Schema, Table: t.Name, Name: n.GetIndexname()}.ID()).(catalog.Index)
	if !ok {
		return in.missing(n.GetLocation(), "index %q of table %q", n.GetIndexname(), t.Name)
	}
	if !ix.Unique || !ix.Predicate.IsZero() {
		return in.errorf(n.GetLocation(), "index %q is not unique or is partial", ix.Name)
	}
	for _, e := range ix.Elements {
		c.Columns = append(c.Columns, e.Column)
	}
	c.Include, c.NullsNotDistinct, c.Options, c.Tablespace = ix.Include, ix.NullsNotDistinct, ix.Options, ix.Tablespace
	c.Name = n.GetConname()
	if c.Name == "" {
		c.Name = ix.Name
	}
	var comment catalog.Comment
	if o, ok := in.c.Get(catalog.About(catalog.KindComment, ix.ID(), "")).(catalog.Comment); ok {
		comment = o
	}
	in.remove(ix.ID())
	in.putKey(c, false)
	if comment.Text != "" {
		// PostgreSQL keeps it as the index's; bloom knows the index by its constraint only.
		comment.Target = c.ID()
		in.put(comment)
	}
	return nil
}

// actions are the letters of ON UPDATE and ON DELETE.
var actions = map[string]string{"r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}

// addForeignKey adds a foreign key, later if what it references is still missing.
func (in *interpreter) addForeignKey(table catalog.ID, n *pg.Constraint, creating bool) error {
	// The name is chosen now: it may depend on what else the statement makes.
	stmt, src := in.stmt, in.src
	return in.deferMissing(func() error {
		in.stmt, in.src = stmt, src
		return in.foreignKey(table, n, creating)
	})
}

func (in *interpreter) foreignKey(table catalog.ID, n *pg.Constraint, creating bool) error {
	ref, err := in.table(n.GetPktable())
	if err != nil {
		return err
	}
	c := catalog.Constraint{
		Schema: table.Schema, Table: table.Name, Type: catalog.ForeignKey, Columns: strs(n.GetFkAttrs()),
		RefTable: catalog.QName{Schema: ref.Schema, Name: ref.Name}, RefColumns: strs(n.GetPkAttrs()),
		OnUpdate: actions[n.GetFkUpdAction()], OnDelete: actions[n.GetFkDelAction()],
		Deferrable: n.GetDeferrable(), InitiallyDeferred: n.GetInitdeferred(), NotValid: n.GetSkipValidation() && !creating,
	}
	c.NotEnforced, c.Period = in.says(n, "not", "enforced"), in.keySays(n, "period")
	if n.GetFkMatchtype() == "f" {
		c.Match = "full"
	}
	if cols := strs(n.GetFkDelSetCols()); len(cols) > 0 {
		c.OnDeleteColumns = cols
	}
	if err := in.checkForeignKey(&c, ref, n); err != nil {
		return err
	}
	unnamed, err := in.nameConstraint(&c, n.GetConname(), n.GetLocation(), func() string {
		return in.chooseConstraintName(c.Table, catalog.NameAddition(c.Columns), "fkey", c.Schema)
	})
	if err != nil {
		return err
	}
	in.putConstraint(c, unnamed)
	in.place(c.ID(), n.GetLocation())
	return in.foreignKeyOnPartitions(table, c, unnamed)
}

// checkForeignKey fills the referenced columns in and makes sure that there is a key over them.
func (in *interpreter) checkForeignKey(c *catalog.Constraint, ref catalog.Table, n *pg.Constraint) error {
	for _, col := range c.Columns {
		if _, err := in.tableColumn(catalog.ID{Schema: c.Schema, Name: c.Table}, col, n.GetLocation()); err != nil {
			return err
		}
	}
	loc := n.GetPktable().GetLocation()
	if len(c.RefColumns) == 0 {
		for _, have := range in.tableConstraints(ref.ID()) {
			if have.Type == catalog.PrimaryKey {
				c.RefColumns = have.Columns
			}
		}
		if len(c.RefColumns) == 0 {
			return in.missing(loc, "primary key of referenced table %q", c.RefTable)
		}
	}
	for _, col := range c.RefColumns {
		if _, err := in.tableColumn(ref.ID(), col, loc); err != nil {
			return err
		}
	}
	if len(c.RefColumns) != len(c.Columns) {
		return in.errorf(n.GetLocation(), "number of referencing and referenced columns for foreign key disagree")
	}
	if _, ok := in.referencedKey(*c); !ok && in.c.Has(ref.ID()) {
		e := in.missing(loc, "a key over (%s) of referenced table %q", joined(c.RefColumns), c.RefTable)
		return e.hint("a foreign key needs a primary key or unique constraint over the columns it references")
	}
	return nil
}

// referencedKey is the constraint or unique index that a foreign key relies on.
func (in *interpreter) referencedKey(c catalog.Constraint) (catalog.ID, bool) {
	table := catalog.ID{Kind: catalog.KindTable, Schema: c.RefTable.Schema, Name: c.RefTable.Name}
	want := slices.Sorted(slices.Values(c.RefColumns))
	var found catalog.ID
	for _, have := range in.tableConstraints(table) {
		if (have.Type == catalog.PrimaryKey || have.Type == catalog.Unique) && !have.Deferrable &&
			slices.Equal(slices.Sorted(slices.Values(have.Columns)), want) && (found.IsZero() || have.Type == catalog.PrimaryKey) {
			found = have.ID()
		}
	}
	if !found.IsZero() {
		return found, true
	}
	for _, ix := range childrenOf[catalog.Index](in, table) {
		if !ix.Unique || !ix.Predicate.IsZero() {
			continue
		}
		var cols []string
		for _, e := range ix.Elements {
			cols = append(cols, e.Column)
		}
		if slices.Equal(slices.Sorted(slices.Values(cols)), want) {
			return ix.ID(), true
		}
	}
	return catalog.ID{}, false
}
