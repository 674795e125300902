package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// setDefault is ALTER COLUMN … SET DEFAULT and DROP DEFAULT.
func (a *alteration) setDefault(col catalog.Column) error {
	d := catalog.Default{Schema: col.Schema, Table: col.Table, Column: col.Name}
	var t tokens
	if i := a.tokens.find(0, "set", "default"); i >= 0 {
		t = a.tokens.from(i + 2)
	}
	d.Expr = a.in.defaultExpr(a.cmd.GetDef(), t, col.Type)
	if d.Expr.IsZero() {
		a.in.remove(d.ID())
		return nil
	}
	a.in.put(d)
	return nil
}

// setType is ALTER COLUMN … TYPE: what the type brought of its own goes back to
// what the new one brings, the default stays.
func (a *alteration) setType(col catalog.Column) error {
	def := a.cmd.GetDef().GetColumnDef()
	typ, err := a.in.typeOf(def.GetTypeName())
	if err != nil {
		return err
	}
	if col.Type.Base() != typ.Base() {
		col.Storage, col.Compression = "", ""
	}
	a.keepInstant(col, typ)
	col.Type, col.Collation = typ, catalog.QName{}
	if cc := def.GetCollClause(); cc != nil {
		if col.Collation, err = a.in.collation(cc.GetCollname(), cc.GetLocation()); err != nil {
			return err
		}
	}
	a.in.put(col)
	if col.Identity != "" {
		for _, s := range a.in.ownedSequences(col.ID()) {
			if s.Identity {
				options := []*pg.Node{{Node: &pg.Node_DefElem{DefElem: &pg.DefElem{Defname: "as", Arg: &pg.Node{Node: &pg.Node_TypeName{TypeName: def.GetTypeName()}}}}}}
				if err := a.in.sequenceOptions(&s, options, false); err != nil {
					return err
				}
				a.in.put(s)
			}
		}
	}
	return nil
}

// keepInstant has a date or time that is a column's default stay one of the old
// type, from which it is converted whenever it is used: a literal read as one of
// the new type could mean another instant.
func (a *alteration) keepInstant(col catalog.Column, typ catalog.Type) {
	isTime := func(t catalog.Type) bool {
		s := string(t.Base())
		return s == "date" || strings.HasPrefix(s, "timestamp")
	}
	if !isTime(col.Type) || !isTime(typ) || col.Type.Base() == typ.Base() {
		return
	}
	d, ok := catalog.Find[catalog.Default](a.in.c, catalog.Default{Schema: col.Schema, Table: col.Table, Column: col.Name}.ID())
	if text := strings.TrimSpace(d.Expr.Text); ok && strings.HasPrefix(text, "'") && strings.HasSuffix(text, "'") {
		d.Expr.Text = text + "::" + string(col.Type)
		a.in.put(d)
	}
}

// setColumn changes what is a field of the column.
func (a *alteration) setColumn(col catalog.Column) error {
	cmd := a.cmd
	switch cmd.GetSubtype() {
	case pg.AlterTableType_AT_SetNotNull:
		col.NotNull = true
	case pg.AlterTableType_AT_DropNotNull:
		col.NotNull = false
	case pg.AlterTableType_AT_DropExpression:
		if col.Generated.IsZero() && !a.missing {
			return a.in.errorf(0, "column %q of relation %q is not a stored generated column", col.Name, col.Table)
		}
		col.Generated = catalog.Expr{}
	case pg.AlterTableType_AT_SetStatistics:
		col.Statistics = -1
		if n := cmd.GetDef().GetInteger(); n != nil {
			col.Statistics = int(n.GetIval())
		}
	case pg.AlterTableType_AT_SetOptions:
		col.Options = withPairs(col.Options, cmd.GetDef().GetList().GetItems(), false)
	case pg.AlterTableType_AT_ResetOptions:
		col.Options = withPairs(col.Options, cmd.GetDef().GetList().GetItems(), true)
	case pg.AlterTableType_AT_SetStorage:
		col.Storage = columnStorage(constText(cmd.GetDef()), col.Type)
	case pg.AlterTableType_AT_SetCompression:
		col.Compression = compression(strings.ToLower(constText(cmd.GetDef())))
	case pg.AlterTableType_AT_AlterColumnGenericOptions:
		col.ServerOptions = withPairs(col.ServerOptions, cmd.GetDef().GetList().GetItems(), false)
	}
	a.in.put(col)
	return nil
}

func (a *alteration) addIdentity() error {
	con := a.cmd.GetDef().GetConstraint()
	col, err := a.in.tableColumn(a.rel, a.cmd.GetName(), 0)
	if err != nil {
		return err
	}
	if col.Identity != "" {
		return a.in.errorf(con.GetLocation(), "column %q of relation %q is already an identity column", col.Name, col.Table)
	}
	col.Identity = identityKind(con.GetGeneratedWhen())
	seq, err := a.in.columnSequence(col, con.GetOptions(), true)
	if err != nil {
		return err
	}
	a.in.put(col)
	a.in.putColumnSequence(seq)
	a.in.identityOnPartitions(col)
	return nil
}

func (a *alteration) setIdentity() error {
	col, err := a.in.tableColumn(a.rel, a.cmd.GetName(), 0)
	if err != nil {
		return err
	}
	var options []*pg.Node
	for _, n := range a.cmd.GetDef().GetList().GetItems() {
		if d := n.GetDefElem(); d.GetDefname() == "generated" {
			// The letter comes as a number: its character code.
			col.Identity = identityKind(string(rune(d.GetArg().GetInteger().GetIval())))
		} else {
			options = append(options, n)
		}
	}
	a.in.put(col)
	a.in.identityOnPartitions(col)
	for _, s := range a.in.ownedSequences(col.ID()) {
		if s.Identity {
			return a.in.changeSequence(s, options)
		}
	}
	return nil
}

func (a *alteration) dropIdentity() error {
	col, err := a.in.tableColumn(a.rel, a.cmd.GetName(), 0)
	if err != nil {
		return err
	}
	if col.Identity == "" && !a.missing {
		return a.in.errorf(0, "column %q of relation %q is not an identity column", col.Name, col.Table)
	}
	col.Identity = ""
	for _, s := range a.in.ownedSequences(col.ID()) {
		if s.Identity {
			a.in.remove(s.ID())
		}
	}
	a.in.put(col)
	a.in.identityOnPartitions(col)
	return nil
}

// setRowSecurity changes the flags; there is no object for neither.
func (in *interpreter) setRowSecurity(rel catalog.ID, t pg.AlterTableType) {
	o := catalog.RowSecurity{Schema: rel.Schema, Table: rel.Name}
	if have, ok := catalog.Find[catalog.RowSecurity](in.c, o.ID()); ok {
		o = have
	}
	switch t {
	case pg.AlterTableType_AT_EnableRowSecurity:
		o.Enabled = true
	case pg.AlterTableType_AT_DisableRowSecurity:
		o.Enabled = false
	case pg.AlterTableType_AT_ForceRowSecurity:
		o.Forced = true
	case pg.AlterTableType_AT_NoForceRowSecurity:
		o.Forced = false
	}
	if base := in.c.Base; base != nil && base.Lookup(o.ID()) == catalog.Object(o) {
		in.remove(o.ID())
		return
	}
	if o.Enabled || o.Forced {
		in.put(o)
		return
	}
	in.remove(o.ID())
}

// alterIndex is ALTER INDEX but for its name.
func (in *interpreter) alterIndex(n *pg.AlterTableStmt) error {
	id, ok := in.index(rangeName(n.GetRelation()))
	if !ok {
		return in.unless(n.GetMissingOk(), in.missing(n.GetRelation().GetLocation(), "index %q", rangeName(n.GetRelation())))
	}
	for _, c := range n.GetCmds() {
		cmd := c.GetAlterTableCmd()
		switch o := in.c.Get(id).(type) {
		case catalog.Index:
			if cmd.GetSubtype() == pg.AlterTableType_AT_AttachPartition {
				return in.attachIndex(o, cmd.GetDef().GetPartitionCmd().GetName())
			}
			if err := in.changeIndex(&o, cmd); err != nil {
				return err
			}
			in.put(o)
		case catalog.Constraint:
			if err := in.changeKeyIndex(&o, cmd); err != nil {
				return err
			}
			in.put(o)
		}
	}
	return nil
}

func (in *interpreter) changeIndex(o *catalog.Index, cmd *pg.AlterTableCmd) error {
	switch cmd.GetSubtype() {
	case pg.AlterTableType_AT_SetRelOptions:
		o.Options = withPairs(o.Options, cmd.GetDef().GetList().GetItems(), false)
	case pg.AlterTableType_AT_ResetRelOptions:
		o.Options = withPairs(o.Options, cmd.GetDef().GetList().GetItems(), true)
	case pg.AlterTableType_AT_SetTableSpace:
		o.Tablespace = tablespace(cmd.GetName())
	case pg.AlterTableType_AT_SetStatistics:
		st := catalog.ElementStatistics{Element: int(cmd.GetNum()), Target: int(cmd.GetDef().GetInteger().GetIval())}
		var list []catalog.ElementStatistics
		for _, have := range o.Statistics {
			if have.Element != st.Element {
				list = append(list, have)
			}
		}
		if st.Target >= 0 {
			list = append(list, st)
		}
		o.Statistics = list
	default:
		return in.unsupported(0, "ALTER INDEX … %s", strings.TrimPrefix(cmd.GetSubtype().String(), "AT_"))
	}
	return nil
}

func (in *interpreter) changeKeyIndex(o *catalog.Constraint, cmd *pg.AlterTableCmd) error {
	switch cmd.GetSubtype() {
	case pg.AlterTableType_AT_SetRelOptions:
		o.Options = withPairs(o.Options, cmd.GetDef().GetList().GetItems(), false)
	case pg.AlterTableType_AT_ResetRelOptions:
		o.Options = withPairs(o.Options, cmd.GetDef().GetList().GetItems(), true)
	case pg.AlterTableType_AT_SetTableSpace:
		o.Tablespace = tablespace(cmd.GetName())
	case pg.AlterTableType_AT_AttachPartition:
		id, ok := in.index(rangeName(cmd.GetDef().GetPartitionCmd().GetName()))
		if !ok {
			return in.missing(0, "index %q", rangeName(cmd.GetDef().GetPartitionCmd().GetName()))
		}
		if child, ok := in.c.Get(id).(catalog.Constraint); ok {
			child.Inherited = true
			in.put(child)
		}
	default:
		return in.unsupported(0, "ALTER INDEX … %s", strings.TrimPrefix(cmd.GetSubtype().String(), "AT_"))
	}
	return nil
}

// attachIndex is ALTER INDEX … ATTACH PARTITION. When all partitions have their
// part the index is one like any other.
func (in *interpreter) attachIndex(parent catalog.Index, rv *pg.RangeVar) error {
	id, ok := in.index(rangeName(rv))
	if !ok {
		return in.missing(rv.GetLocation(), "index %q", rangeName(rv))
	}
	child, ok := in.c.Get(id).(catalog.Index)
	if !ok {
		return in.errorf(rv.GetLocation(), "%s cannot be attached", id)
	}
	child.Parent = catalog.QName{Schema: parent.Schema, Name: parent.Name}
	in.put(child)
	in.completeIndex(parent)
	return nil
}

// completeIndex ends that an index is on the parent only, when all partitions
// have their part of it.
func (in *interpreter) completeIndex(parent catalog.Index) {
	q := catalog.QName{Schema: parent.Schema, Name: parent.Name}
	for _, p := range in.partitions(catalog.ID{Kind: catalog.KindTable, Schema: parent.Schema, Name: parent.Table}) {
		if !slices.ContainsFunc(childrenOf[catalog.Index](in, p.ID()), func(ix catalog.Index) bool { return ix.Parent == q }) {
			return
		}
	}
	if parent, ok := in.c.Get(parent.ID()).(catalog.Index); ok {
		parent.Only = false
		in.put(parent)
	}
}
