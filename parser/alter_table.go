package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// alteration is one command of an ALTER TABLE.
type alteration struct {
	in      *interpreter
	rel     catalog.ID
	table   catalog.Table // zero if rel is none
	cmd     *pg.AlterTableCmd
	tokens  tokens // of this command alone; none if they cannot be told
	recurse bool   // to those that inherit: no ONLY
	missing bool   // a part that IF EXISTS names may be missing
}

func (in *interpreter) alterTable(n *pg.AlterTableStmt) error {
	rv := n.GetRelation()
	switch n.GetObjtype() {
	case pg.ObjectType_OBJECT_INDEX:
		return in.alterIndex(n)
	case pg.ObjectType_OBJECT_TYPE:
		return in.alterComposite(n)
	}
	if in.temp[rv.GetRelname()] && rv.GetSchemaname() == "" {
		return nil
	}
	rel, err := in.relation(rv)
	if err != nil {
		if _, isIndex := in.index(rangeName(rv)); isIndex {
			return in.alterIndex(n)
		}
		if n.GetMissingOk() && onlyDrops(n) {
			return nil // what is not there yet has nothing to drop
		}
		return in.unless(n.GetMissingOk(), err)
	}
	parts := in.commandTokens(len(n.GetCmds()), rv)
	list := make([]*alteration, len(n.GetCmds()))
	for i, c := range n.GetCmds() {
		cmd := c.GetAlterTableCmd()
		list[i] = &alteration{in: in, rel: rel, cmd: cmd, tokens: parts[i], recurse: rv.GetInh(), missing: cmd.GetMissingOk()}
	}
	slices.SortStableFunc(list, func(a, b *alteration) int { return a.pass() - b.pass() })
	for _, a := range list {
		a.table, _ = catalog.Find[catalog.Table](in.c, rel)
		if err := a.run(); err != nil {
			return err
		}
	}
	return nil
}

// onlyDrops reports whether all commands drop what may be missing.
func onlyDrops(n *pg.AlterTableStmt) bool {
	for _, c := range n.GetCmds() {
		cmd := c.GetAlterTableCmd()
		switch cmd.GetSubtype() {
		case pg.AlterTableType_AT_DropColumn, pg.AlterTableType_AT_DropConstraint, pg.AlterTableType_AT_DropIdentity, pg.AlterTableType_AT_DropExpression:
		case pg.AlterTableType_AT_ColumnDefault:
			if cmd.GetDef() != nil {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// pass is when PostgreSQL runs the command, whatever its place in the statement
// (AlterTablePass).
func (a *alteration) pass() int {
	switch a.cmd.GetSubtype() {
	case pg.AlterTableType_AT_DropColumn, pg.AlterTableType_AT_DropConstraint, pg.AlterTableType_AT_DropNotNull,
		pg.AlterTableType_AT_DropExpression, pg.AlterTableType_AT_DropIdentity:
		return 0
	case pg.AlterTableType_AT_ColumnDefault:
		if a.cmd.GetDef() == nil {
			return 0
		}
		return 3
	case pg.AlterTableType_AT_AlterColumnType:
		return 1
	case pg.AlterTableType_AT_AddColumn:
		return 2
	case pg.AlterTableType_AT_AddConstraint:
		switch a.cmd.GetDef().GetConstraint().GetContype() {
		case pg.ConstrType_CONSTR_PRIMARY, pg.ConstrType_CONSTR_UNIQUE, pg.ConstrType_CONSTR_EXCLUSION:
			return 4
		}
		return 5
	case pg.AlterTableType_AT_AddIdentity, pg.AlterTableType_AT_SetIdentity, pg.AlterTableType_AT_SetNotNull,
		pg.AlterTableType_AT_SetStatistics, pg.AlterTableType_AT_SetOptions, pg.AlterTableType_AT_SetStorage, pg.AlterTableType_AT_SetCompression:
		return 3
	}
	return 6
}

// commandTokens cuts the statement into the tokens of its commands.
func (in *interpreter) commandTokens(n int, rv *pg.RangeVar) []tokens {
	parts := in.tokensAt(rv.GetLocation()).split()
	if len(parts) != n {
		return make([]tokens, n)
	}
	return parts
}

func (a *alteration) run() error {
	if a.rel.Kind != catalog.KindTable {
		return a.runOther()
	}
	switch a.cmd.GetSubtype() {
	case pg.AlterTableType_AT_AddColumn:
		return a.addColumn()
	case pg.AlterTableType_AT_DropColumn:
		return a.dropColumn()
	case pg.AlterTableType_AT_AddConstraint:
		return a.addConstraint()
	case pg.AlterTableType_AT_AlterConstraint:
		return a.alterConstraint()
	case pg.AlterTableType_AT_ValidateConstraint:
		return a.validateConstraint()
	case pg.AlterTableType_AT_DropConstraint:
		return a.dropConstraint()
	case pg.AlterTableType_AT_AddIdentity:
		return a.addIdentity()
	case pg.AlterTableType_AT_SetIdentity:
		return a.setIdentity()
	case pg.AlterTableType_AT_DropIdentity:
		return a.dropIdentity()
	case pg.AlterTableType_AT_ColumnDefault:
		if a.tokens.find(0, "set", "expression") >= 0 {
			return a.columns(a.setExpression)
		}
		return a.columns(a.setDefault)
	case pg.AlterTableType_AT_AlterColumnType:
		return a.columns(a.setType)
	case pg.AlterTableType_AT_SetNotNull, pg.AlterTableType_AT_DropNotNull, pg.AlterTableType_AT_DropExpression:
		return a.columns(a.setColumn)
	case pg.AlterTableType_AT_SetStatistics, pg.AlterTableType_AT_SetOptions, pg.AlterTableType_AT_ResetOptions,
		pg.AlterTableType_AT_SetStorage, pg.AlterTableType_AT_SetCompression, pg.AlterTableType_AT_AlterColumnGenericOptions:
		return a.columns(a.setColumn)
	case pg.AlterTableType_AT_AttachPartition:
		return a.in.attach(a.table, a.cmd.GetDef().GetPartitionCmd())
	case pg.AlterTableType_AT_DetachPartition:
		return a.in.detach(a.table, a.cmd.GetDef().GetPartitionCmd())
	case pg.AlterTableType_AT_AddInherit:
		return a.in.addInherit(a.table, a.cmd.GetDef().GetRangeVar())
	case pg.AlterTableType_AT_DropInherit:
		return a.in.dropInherit(a.table, a.cmd.GetDef().GetRangeVar())
	}
	return a.runOther()
}

// runOther handles what is the same for relations of all kinds, and what is said
// of the table as a whole.
func (a *alteration) runOther() error {
	in := a.in
	switch t := a.cmd.GetSubtype(); t {
	case pg.AlterTableType_AT_ChangeOwner:
		return in.changeOwner(a.rel, a.cmd.GetNewowner())
	case pg.AlterTableType_AT_EnableRowSecurity, pg.AlterTableType_AT_DisableRowSecurity,
		pg.AlterTableType_AT_ForceRowSecurity, pg.AlterTableType_AT_NoForceRowSecurity:
		in.setRowSecurity(a.rel, t)
		return nil
	case pg.AlterTableType_AT_EnableTrig, pg.AlterTableType_AT_EnableAlwaysTrig, pg.AlterTableType_AT_EnableReplicaTrig, pg.AlterTableType_AT_DisableTrig,
		pg.AlterTableType_AT_EnableTrigAll, pg.AlterTableType_AT_DisableTrigAll, pg.AlterTableType_AT_EnableTrigUser, pg.AlterTableType_AT_DisableTrigUser:
		return in.enableTrigger(a.rel, a.cmd, a.recurse)
	case pg.AlterTableType_AT_EnableRule, pg.AlterTableType_AT_EnableAlwaysRule, pg.AlterTableType_AT_EnableReplicaRule, pg.AlterTableType_AT_DisableRule:
		return in.enableRule(a.rel, a.cmd)
	case pg.AlterTableType_AT_DetachPartitionFinalize:
		return nil
	}
	if err := a.namesIndex(); err != nil {
		return err
	}
	switch a.rel.Kind {
	case catalog.KindTable:
		return a.runTable()
	case catalog.KindView:
		return in.alterView(a.rel, a.cmd, a.tokens)
	case catalog.KindSequence:
		return in.alterSequenceTable(a.rel, a.cmd)
	}
	return in.errorf(0, "%s is not a table", a.rel)
}

// namesIndex demands of what names an index of the relation that there is one.
func (a *alteration) namesIndex() error {
	name := ""
	switch a.cmd.GetSubtype() {
	case pg.AlterTableType_AT_ClusterOn:
		name = a.cmd.GetName()
	case pg.AlterTableType_AT_ReplicaIdentity:
		name = a.cmd.GetDef().GetReplicaIdentityStmt().GetName()
	}
	if name == "" {
		return nil
	}
	if id, ok := a.in.indexes[catalog.QName{Schema: a.rel.Schema, Name: name}]; !ok || id.Table != a.rel.Name {
		return a.in.missing(0, "index %q of %s", name, a.rel)
	}
	return nil
}

func (a *alteration) runTable() error {
	cmd, done := a.cmd, true
	a.in.changeTable(a.rel, func(t *catalog.Table) {
		switch cmd.GetSubtype() {
		case pg.AlterTableType_AT_SetRelOptions:
			t.Options = withPairs(t.Options, cmd.GetDef().GetList().GetItems(), false)
		case pg.AlterTableType_AT_ResetRelOptions:
			t.Options = withPairs(t.Options, cmd.GetDef().GetList().GetItems(), true)
		case pg.AlterTableType_AT_GenericOptions:
			t.ServerOptions = withPairs(t.ServerOptions, cmd.GetDef().GetList().GetItems(), false)
		case pg.AlterTableType_AT_ClusterOn:
			t.ClusterOn = cmd.GetName()
		case pg.AlterTableType_AT_DropCluster:
			t.ClusterOn = ""
		case pg.AlterTableType_AT_SetLogged, pg.AlterTableType_AT_SetUnLogged:
			t.Unlogged = cmd.GetSubtype() == pg.AlterTableType_AT_SetUnLogged
			a.in.setUnlogged(t.ID(), t.Unlogged)
		case pg.AlterTableType_AT_SetAccessMethod:
			t.AccessMethod = accessMethod(cmd.GetName())
		case pg.AlterTableType_AT_SetTableSpace:
			t.Tablespace = tablespace(cmd.GetName())
		case pg.AlterTableType_AT_ReplicaIdentity:
			t.ReplicaIdentity = replicaIdentity(cmd.GetDef().GetReplicaIdentityStmt())
		case pg.AlterTableType_AT_DropOf:
			t.OfType = ""
		case pg.AlterTableType_AT_DropOids:
		default:
			done = false
		}
	})
	switch {
	case cmd.GetSubtype() == pg.AlterTableType_AT_AddOf:
		typ, err := a.in.typeOf(cmd.GetDef().GetTypeName())
		a.in.changeTable(a.rel, func(t *catalog.Table) { t.OfType = typ })
		return err
	case !done:
		return a.in.unsupported(0, "ALTER TABLE … %s", strings.TrimPrefix(cmd.GetSubtype().String(), "AT_"))
	}
	return nil
}

func tablespace(name string) string {
	if name == "pg_default" {
		return ""
	}
	return name
}

func replicaIdentity(n *pg.ReplicaIdentityStmt) catalog.ReplicaIdentity {
	switch n.GetIdentityType() {
	case "f":
		return catalog.ReplicaIdentity{Mode: "full"}
	case "n":
		return catalog.ReplicaIdentity{Mode: "nothing"}
	case "i":
		return catalog.ReplicaIdentity{Mode: "index", Index: n.GetName()}
	}
	return catalog.ReplicaIdentity{}
}

// addColumn adds a column here and to those that inherit; where one of them has it
// already it stays its own.
func (a *alteration) addColumn() error {
	in, def := a.in, a.cmd.GetDef().GetColumnDef()
	if in.c.Lookup(columnID(a.rel, def.GetColname())) != nil {
		if a.missing {
			return nil
		}
		return in.duplicate(columnID(a.rel, def.GetColname()), def.GetLocation())
	}
	c, err := in.column(def, a.rel.Schema, a.rel.Name, nil)
	if err != nil {
		return err
	}
	in.freeze(a.rel)
	if err := in.addColumn(a.table, c); err != nil {
		return err
	}
	if err := a.inheritColumn(a.rel, *c); err != nil {
		return err
	}
	for _, con := range c.constraints {
		if err := a.constraint(con); err != nil {
			return err
		}
	}
	return nil
}

func (a *alteration) inheritColumn(parent catalog.ID, c newColumn) error {
	for _, child := range a.in.inheritors(parent) {
		if a.in.c.Has(columnID(child.ID(), c.col.Name)) {
			continue
		}
		own := newColumn{col: c.col, def: c.def}
		own.col.Schema, own.col.Table, own.col.Inherited = child.Schema, child.Name, true
		if err := a.in.addColumn(child, &own); err != nil {
			return err
		}
		if err := a.inheritColumn(child.ID(), c); err != nil {
			return err
		}
	}
	return nil
}

func (a *alteration) addConstraint() error {
	con := a.cmd.GetDef().GetConstraint()
	if con.GetContype() == pg.ConstrType_CONSTR_NOTNULL {
		return a.in.unsupported(con.GetLocation(), "a NOT NULL constraint with a name")
	}
	return a.constraint(con)
}

func (a *alteration) constraint(con *pg.Constraint) error {
	switch con.GetContype() {
	case pg.ConstrType_CONSTR_CHECK:
		return a.in.addCheck(a.table, con)
	case pg.ConstrType_CONSTR_FOREIGN:
		return a.in.addForeignKey(a.rel, con, false)
	}
	return a.in.addKey(a.table, con, a.recurse)
}

func (a *alteration) namedConstraint() (catalog.Constraint, error) {
	c, ok := a.in.c.Get(catalog.Constraint{Schema: a.rel.Schema, Table: a.rel.Name, Name: a.cmd.GetName()}.ID()).(catalog.Constraint)
	if !ok {
		return c, a.in.missing(0, "constraint %q of relation %q", a.cmd.GetName(), a.rel.Name)
	}
	return c, nil
}

func (a *alteration) alterConstraint() error {
	con := a.cmd.GetDef().GetConstraint()
	a.cmd.Name = con.GetConname()
	c, err := a.namedConstraint()
	if err != nil {
		return err
	}
	a.eachConstraint(a.rel, c, func(c *catalog.Constraint) {
		switch {
		case a.tokens.find(0, "enforced") < 0:
			c.Deferrable, c.InitiallyDeferred = con.GetDeferrable(), con.GetInitdeferred()
		default:
			c.NotEnforced = a.tokens.find(0, "not", "enforced") >= 0
		}
	})
	return nil
}

// eachConstraint changes a constraint of a table and those that inherit it.
func (a *alteration) eachConstraint(rel catalog.ID, c catalog.Constraint, change func(*catalog.Constraint)) {
	for _, child := range a.in.inheritors(rel) {
		for _, have := range a.in.tableConstraints(child.ID()) {
			same := have
			same.Schema, same.Table, same.Name, same.Inherited, same.NotValid = c.Schema, c.Table, c.Name, c.Inherited, c.NotValid
			if have.Inherited && (c.Type == catalog.Check && have.Type == c.Type && have.Name == c.Name || c.Type == catalog.ForeignKey && equalObjects(same, c)) {
				a.eachConstraint(child.ID(), have, change)
			}
		}
	}
	change(&c)
	a.in.put(c)
}

func (a *alteration) validateConstraint() error {
	c, err := a.namedConstraint()
	if err != nil {
		return err
	}
	a.eachConstraint(a.rel, c, func(c *catalog.Constraint) { c.NotValid = false })
	return nil
}

// columns runs a command on a column of the table and of those that inherit it.
func (a *alteration) columns(run func(col catalog.Column) error) error {
	col, err := a.in.tableColumn(a.rel, a.cmd.GetName(), 0)
	if err != nil {
		return a.in.unless(a.missing, err)
	}
	return a.eachColumn(col, run)
}

func (a *alteration) eachColumn(col catalog.Column, run func(col catalog.Column) error) error {
	if err := run(col); err != nil {
		return err
	}
	if !a.recurse || !recursive(a.cmd.GetSubtype()) {
		return nil
	}
	for _, child := range a.in.inheritors(catalog.ID{Kind: catalog.KindTable, Schema: col.Schema, Name: col.Table}) {
		if own, ok := a.in.c.Get(columnID(child.ID(), col.Name)).(catalog.Column); ok {
			if err := a.eachColumn(own, run); err != nil {
				return err
			}
		}
	}
	return nil
}

// recursive reports whether an ALTER COLUMN goes on to those that inherit (ATPrepCmd).
func recursive(t pg.AlterTableType) bool {
	return t != pg.AlterTableType_AT_SetOptions && t != pg.AlterTableType_AT_ResetOptions &&
		t != pg.AlterTableType_AT_SetCompression && t != pg.AlterTableType_AT_AlterColumnGenericOptions
}

func (a *alteration) dropConstraint() error {
	c, err := a.namedConstraint()
	if err != nil {
		if a.missing {
			return nil
		}
		return err
	}
	if c.Inherited && a.in.parentHas(c) {
		return a.in.errorf(0, "cannot drop inherited constraint %q of relation %q", c.Name, c.Table)
	}
	return a.in.dropConstraint(c, a.cmd.GetBehavior() == pg.DropBehavior_DROP_CASCADE, a.recurse)
}

// dropColumn drops a column and what PostgreSQL drops with it.
func (a *alteration) dropColumn() error {
	col, err := a.in.tableColumn(a.rel, a.cmd.GetName(), 0)
	if err != nil {
		if a.missing {
			return nil
		}
		return err
	}
	return a.in.dropColumn(col, a.cmd.GetBehavior() == pg.DropBehavior_DROP_CASCADE, a.recurse)
}

func withoutName(list []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == name })
}
