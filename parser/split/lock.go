package split

import (
	"slices"

	"bloom/catalog"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// Locks are what a statement's text says that it locks, the relations as it names
// them: what PostgreSQL takes before it works, but for ACCESS SHARE. What only the
// catalogs know (partitions, the other side of foreign keys) is left to the reader.
func (s Statement) Locks() []catalog.Lock {
	switch n := s.node.GetNode().(type) {
	case *pg.Node_AlterTableStmt:
		return alterLocks(n.AlterTableStmt)
	case *pg.Node_CreateStmt:
		return createLocks(n.CreateStmt)
	case *pg.Node_DropStmt:
		return dropLocks(n.DropStmt)
	case *pg.Node_RenameStmt:
		if r := n.RenameStmt; r.GetRenameType() != pg.ObjectType_OBJECT_INDEX && r.GetRelation() != nil {
			return []catalog.Lock{{Relation: qname(r.GetRelation()), Mode: catalog.AccessExclusive, Heirs: r.GetRelation().GetInh() && (r.GetRenameType() == pg.ObjectType_OBJECT_COLUMN || r.GetRenameType() == pg.ObjectType_OBJECT_TABCONSTRAINT)}}
		}
	case *pg.Node_IndexStmt:
		mode := catalog.Share
		if n.IndexStmt.GetConcurrent() {
			mode = catalog.ShareUpdateExclusive
		}
		return []catalog.Lock{{Relation: qname(n.IndexStmt.GetRelation()), Mode: mode, Heirs: n.IndexStmt.GetRelation().GetInh()}}
	case *pg.Node_CreateTrigStmt:
		return []catalog.Lock{{Relation: qname(n.CreateTrigStmt.GetRelation()), Mode: catalog.ShareRowExclusive, Heirs: true}}
	case *pg.Node_CommentStmt:
		return commentLocks(n.CommentStmt)
	}
	if r, mode := s.oneLock(); r != nil {
		return []catalog.Lock{{Relation: qname(r), Mode: mode}}
	}
	return s.listLocks()
}

// Locks are those of the statements of a text, which parses.
func Locks(text string) []catalog.Lock {
	statements, err := File("", text)
	if err != nil {
		return nil
	}
	var out []catalog.Lock
	for _, s := range statements {
		out = append(out, s.Locks()...)
	}
	return out
}

// oneLock is that of statements that lock one relation, always alike.
func (s Statement) oneLock() (*pg.RangeVar, catalog.LockMode) {
	switch n := s.node.GetNode().(type) {
	case *pg.Node_AlterObjectSchemaStmt:
		return n.AlterObjectSchemaStmt.GetRelation(), catalog.AccessExclusive
	case *pg.Node_RuleStmt:
		return n.RuleStmt.GetRelation(), catalog.AccessExclusive
	case *pg.Node_CreatePolicyStmt:
		return n.CreatePolicyStmt.GetTable(), catalog.AccessExclusive
	case *pg.Node_AlterPolicyStmt:
		return n.AlterPolicyStmt.GetTable(), catalog.AccessExclusive
	case *pg.Node_ViewStmt:
		return n.ViewStmt.GetView(), catalog.AccessExclusive
	case *pg.Node_AlterSeqStmt:
		return n.AlterSeqStmt.GetSequence(), catalog.ShareRowExclusive
	case *pg.Node_RefreshMatViewStmt:
		if n.RefreshMatViewStmt.GetConcurrent() {
			return n.RefreshMatViewStmt.GetRelation(), catalog.Exclusive
		}
		return n.RefreshMatViewStmt.GetRelation(), catalog.AccessExclusive
	case *pg.Node_UpdateStmt:
		return n.UpdateStmt.GetRelation(), catalog.RowExclusive
	case *pg.Node_DeleteStmt:
		return n.DeleteStmt.GetRelation(), catalog.RowExclusive
	case *pg.Node_InsertStmt:
		return n.InsertStmt.GetRelation(), catalog.RowExclusive
	}
	return nil, catalog.NoLock
}

// listLocks are those of statements that name several relations.
func (s Statement) listLocks() []catalog.Lock {
	var list []*pg.Node
	mode, heirs := catalog.ShareUpdateExclusive, false
	switch n := s.node.GetNode().(type) {
	case *pg.Node_CreatePublicationStmt:
		list, heirs = publicationTables(n.CreatePublicationStmt.GetPubobjects()), true
	case *pg.Node_AlterPublicationStmt:
		list, heirs = publicationTables(n.AlterPublicationStmt.GetPubobjects()), true
	case *pg.Node_CreateStatsStmt:
		list = n.CreateStatsStmt.GetRelations()
	case *pg.Node_TruncateStmt:
		list, mode = n.TruncateStmt.GetRelations(), catalog.AccessExclusive
	case *pg.Node_LockStmt:
		list, mode, heirs = n.LockStmt.GetRelations(), catalog.LockMode(n.LockStmt.GetMode()), true
	}
	var out []catalog.Lock
	for _, r := range list {
		out = append(out, catalog.Lock{Relation: qname(r.GetRangeVar()), Mode: mode, Heirs: heirs && r.GetRangeVar().GetInh()})
	}
	return out
}

func publicationTables(objects []*pg.Node) []*pg.Node {
	var out []*pg.Node
	for _, o := range objects {
		if t := o.GetPublicationObjSpec().GetPubtable(); t != nil {
			out = append(out, &pg.Node{Node: &pg.Node_RangeVar{RangeVar: t.GetRelation()}})
		}
	}
	return out
}

func commentLocks(n *pg.CommentStmt) []catalog.Lock {
	switch n.GetObjtype() {
	case pg.ObjectType_OBJECT_TABLE, pg.ObjectType_OBJECT_VIEW, pg.ObjectType_OBJECT_MATVIEW, pg.ObjectType_OBJECT_SEQUENCE, pg.ObjectType_OBJECT_FOREIGN_TABLE:
		return []catalog.Lock{{Relation: objectName(n.GetObject()), Mode: catalog.ShareUpdateExclusive}}
	case pg.ObjectType_OBJECT_COLUMN:
		return []catalog.Lock{{Relation: ownerName(n.GetObject()), Mode: catalog.ShareUpdateExclusive}}
	}
	return nil
}

// ownerName is the relation in the name of something that belongs to one.
func ownerName(n *pg.Node) catalog.QName {
	items := slices.Clone(n.GetList().GetItems())
	if len(items) < 2 {
		return catalog.QName{}
	}
	return objectName(&pg.Node{Node: &pg.Node_List{List: &pg.List{Items: items[:len(items)-1]}}})
}

func dropLocks(n *pg.DropStmt) []catalog.Lock {
	var out []catalog.Lock
	for _, o := range n.GetObjects() {
		switch n.GetRemoveType() {
		case pg.ObjectType_OBJECT_TABLE, pg.ObjectType_OBJECT_FOREIGN_TABLE:
			out = append(out, catalog.Lock{Relation: objectName(o), Mode: catalog.AccessExclusive, Heirs: true, Whole: true})
		case pg.ObjectType_OBJECT_VIEW, pg.ObjectType_OBJECT_MATVIEW, pg.ObjectType_OBJECT_SEQUENCE:
			out = append(out, catalog.Lock{Relation: objectName(o), Mode: catalog.AccessExclusive})
		case pg.ObjectType_OBJECT_TRIGGER, pg.ObjectType_OBJECT_POLICY, pg.ObjectType_OBJECT_RULE:
			out = append(out, catalog.Lock{Relation: ownerName(o), Mode: catalog.AccessExclusive, Heirs: n.GetRemoveType() == pg.ObjectType_OBJECT_TRIGGER})
		case pg.ObjectType_OBJECT_INDEX:
			mode := catalog.AccessExclusive
			if n.GetConcurrent() {
				mode = catalog.ShareUpdateExclusive
			}
			out = append(out, catalog.Lock{Relation: objectName(o), Mode: mode, Heirs: true}) // the index: its table is known to the catalogs
		}
	}
	return out
}

func createLocks(n *pg.CreateStmt) []catalog.Lock {
	var out []catalog.Lock
	mode := catalog.ShareUpdateExclusive
	if n.GetPartbound() != nil {
		mode = catalog.AccessExclusive
	}
	for _, r := range n.GetInhRelations() {
		out = append(out, catalog.Lock{Relation: qname(r.GetRangeVar()), Mode: mode})
	}
	elements := append(slices.Clone(n.GetTableElts()), n.GetConstraints()...)
	for _, e := range elements {
		out = append(out, referenceLocks(append(slices.Clone(e.GetColumnDef().GetConstraints()), e)...)...)
	}
	return slices.DeleteFunc(out, func(l catalog.Lock) bool { return l.Relation == qname(n.GetRelation()) })
}

// referenceLocks are those on tables that foreign keys refer to.
func referenceLocks(constraints ...*pg.Node) []catalog.Lock {
	var out []catalog.Lock
	for _, c := range constraints {
		if k := c.GetConstraint(); k.GetContype() == pg.ConstrType_CONSTR_FOREIGN {
			out = append(out, catalog.Lock{Relation: qname(k.GetPktable()), Mode: catalog.ShareRowExclusive, Heirs: true})
		}
	}
	return out
}

// alterLocks: the strongest of the parts counts, as in PostgreSQL's AlterTableGetLockLevel.
func alterLocks(n *pg.AlterTableStmt) []catalog.Lock {
	if n.GetObjtype() == pg.ObjectType_OBJECT_INDEX || n.GetObjtype() == pg.ObjectType_OBJECT_TYPE {
		return nil
	}
	var out []catalog.Lock
	for _, c := range n.GetCmds() {
		cmd := c.GetAlterTableCmd()
		own := catalog.Lock{Relation: qname(n.GetRelation()), Mode: commandLock(n, cmd), Heirs: n.GetRelation().GetInh() && recurses(cmd)}
		switch cmd.GetSubtype() {
		case pg.AlterTableType_AT_DropColumn, pg.AlterTableType_AT_AlterColumnType, pg.AlterTableType_AT_DropIdentity, pg.AlterTableType_AT_SetIdentity:
			own.Column = cmd.GetName()
			own.Heirs = own.Heirs || cmd.GetSubtype() == pg.AlterTableType_AT_DropColumn // with ONLY it becomes theirs
		case pg.AlterTableType_AT_DropConstraint:
			own.Constraint = cmd.GetName()
		case pg.AlterTableType_AT_AddConstraint:
			out = append(out, referenceLocks(cmd.GetDef())...)
		case pg.AlterTableType_AT_AddColumn:
			out = append(out, referenceLocks(cmd.GetDef().GetColumnDef().GetConstraints()...)...)
		case pg.AlterTableType_AT_AttachPartition:
			out = append(out, catalog.Lock{Relation: qname(cmd.GetDef().GetPartitionCmd().GetName()), Mode: catalog.AccessExclusive})
		case pg.AlterTableType_AT_DetachPartition: // CONCURRENTLY, too, in its second transaction
			out = append(out, catalog.Lock{Relation: qname(cmd.GetDef().GetPartitionCmd().GetName()), Mode: catalog.AccessExclusive})
		case pg.AlterTableType_AT_AddInherit:
			out = append(out, catalog.Lock{Relation: qname(cmd.GetDef().GetRangeVar()), Mode: catalog.ShareUpdateExclusive})
		}
		out = append(out, own)
	}
	return out
}

func commandLock(n *pg.AlterTableStmt, cmd *pg.AlterTableCmd) catalog.LockMode {
	switch cmd.GetSubtype() {
	case pg.AlterTableType_AT_SetStatistics, pg.AlterTableType_AT_SetOptions, pg.AlterTableType_AT_ResetOptions, pg.AlterTableType_AT_ClusterOn,
		pg.AlterTableType_AT_DropCluster, pg.AlterTableType_AT_ValidateConstraint, pg.AlterTableType_AT_AttachPartition:
		return catalog.ShareUpdateExclusive
	case pg.AlterTableType_AT_DetachPartition:
		if cmd.GetDef().GetPartitionCmd().GetConcurrent() {
			return catalog.ShareUpdateExclusive
		}
	case pg.AlterTableType_AT_EnableTrig, pg.AlterTableType_AT_EnableAlwaysTrig, pg.AlterTableType_AT_EnableReplicaTrig, pg.AlterTableType_AT_DisableTrig,
		pg.AlterTableType_AT_EnableTrigAll, pg.AlterTableType_AT_DisableTrigAll, pg.AlterTableType_AT_EnableTrigUser, pg.AlterTableType_AT_DisableTrigUser:
		return catalog.ShareRowExclusive
	case pg.AlterTableType_AT_AddConstraint:
		if cmd.GetDef().GetConstraint().GetContype() == pg.ConstrType_CONSTR_FOREIGN {
			return catalog.ShareRowExclusive
		}
	case pg.AlterTableType_AT_SetRelOptions, pg.AlterTableType_AT_ResetRelOptions:
		if n.GetObjtype() != pg.ObjectType_OBJECT_VIEW && !slices.ContainsFunc(cmd.GetDef().GetList().GetItems(), func(o *pg.Node) bool { return o.GetDefElem().GetDefname() == "user_catalog_table" }) {
			return catalog.ShareUpdateExclusive
		}
	}
	return catalog.AccessExclusive
}

// recurses reports whether a part of ALTER TABLE is done to partitions and children as well.
func recurses(cmd *pg.AlterTableCmd) bool {
	switch cmd.GetSubtype() {
	case pg.AlterTableType_AT_AddColumn, pg.AlterTableType_AT_DropColumn, pg.AlterTableType_AT_AlterColumnType, pg.AlterTableType_AT_ColumnDefault,
		pg.AlterTableType_AT_SetNotNull, pg.AlterTableType_AT_DropNotNull, pg.AlterTableType_AT_SetStatistics, pg.AlterTableType_AT_SetStorage, pg.AlterTableType_AT_SetCompression,
		pg.AlterTableType_AT_AddConstraint, pg.AlterTableType_AT_DropConstraint, pg.AlterTableType_AT_ValidateConstraint, pg.AlterTableType_AT_AlterConstraint,
		pg.AlterTableType_AT_DropExpression, pg.AlterTableType_AT_EnableTrig, pg.AlterTableType_AT_DisableTrig, pg.AlterTableType_AT_EnableAlwaysTrig, pg.AlterTableType_AT_EnableReplicaTrig:
		return true
	}
	return false
}
