package split

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// Kind is what running a statement needs.
type Kind int

// Kinds of statements.
const (
	Comment       Kind = iota // nothing to run
	Ordinary                  // runs in a transaction
	Alone                     // can't run in a transaction
	Begin                     // BEGIN, START TRANSACTION
	Commit                    // COMMIT, END
	Rollback                  // ROLLBACK, ABORT
	Savepoint                 // SAVEPOINT, RELEASE, ROLLBACK TO: harmless in a transaction
	TwoPhase                  // PREPARE TRANSACTION, …; COMMIT AND CHAIN
	CopyFromStdin             // its data are no SQL
)

// kindOf classifies; what PostgreSQL lets run outside of a transaction only is
// what its sources call PreventInTransactionBlock.
func kindOf(node *pg.Node) Kind {
	switch n := node.GetNode().(type) {
	case *pg.Node_TransactionStmt:
		return transactionKind(n.TransactionStmt)
	case *pg.Node_CopyStmt:
		if n.CopyStmt.GetIsFrom() && n.CopyStmt.GetFilename() == "" && !n.CopyStmt.GetIsProgram() {
			return CopyFromStdin
		}
	}
	if alone(node) {
		return Alone
	}
	return Ordinary
}

func transactionKind(t *pg.TransactionStmt) Kind {
	if t.GetChain() {
		return TwoPhase
	}
	switch t.GetKind() {
	case pg.TransactionStmtKind_TRANS_STMT_BEGIN, pg.TransactionStmtKind_TRANS_STMT_START:
		return Begin
	case pg.TransactionStmtKind_TRANS_STMT_COMMIT:
		return Commit
	case pg.TransactionStmtKind_TRANS_STMT_ROLLBACK:
		return Rollback
	case pg.TransactionStmtKind_TRANS_STMT_SAVEPOINT, pg.TransactionStmtKind_TRANS_STMT_RELEASE, pg.TransactionStmtKind_TRANS_STMT_ROLLBACK_TO:
		return Savepoint
	}
	return TwoPhase
}

func alone(node *pg.Node) bool {
	switch n := node.GetNode().(type) {
	case *pg.Node_IndexStmt:
		return n.IndexStmt.GetConcurrent()
	case *pg.Node_DropStmt:
		return n.DropStmt.GetConcurrent()
	case *pg.Node_ReindexStmt:
		return reindexesAlone(n.ReindexStmt)
	case *pg.Node_VacuumStmt:
		return n.VacuumStmt.GetIsVacuumcmd()
	case *pg.Node_ClusterStmt:
		return n.ClusterStmt.GetRelation() == nil
	case *pg.Node_AlterSystemStmt, *pg.Node_CreatedbStmt, *pg.Node_DropdbStmt,
		*pg.Node_CreateTableSpaceStmt, *pg.Node_DropTableSpaceStmt, *pg.Node_DropSubscriptionStmt:
		return true
	case *pg.Node_AlterDatabaseStmt:
		return slices.ContainsFunc(n.AlterDatabaseStmt.GetOptions(), func(o *pg.Node) bool { return o.GetDefElem().GetDefname() == "tablespace" })
	case *pg.Node_CreateSubscriptionStmt:
		return !switchedOff(n.CreateSubscriptionStmt.GetOptions(), "connect", "create_slot")
	case *pg.Node_AlterSubscriptionStmt:
		switch n.AlterSubscriptionStmt.GetKind() {
		case pg.AlterSubscriptionType_ALTER_SUBSCRIPTION_REFRESH:
			return true
		case pg.AlterSubscriptionType_ALTER_SUBSCRIPTION_SET_PUBLICATION, pg.AlterSubscriptionType_ALTER_SUBSCRIPTION_ADD_PUBLICATION, pg.AlterSubscriptionType_ALTER_SUBSCRIPTION_DROP_PUBLICATION:
			return !switchedOff(n.AlterSubscriptionStmt.GetOptions(), "refresh")
		}
	case *pg.Node_AlterTableStmt:
		return slices.ContainsFunc(n.AlterTableStmt.GetCmds(), func(c *pg.Node) bool {
			return c.GetAlterTableCmd().GetSubtype() == pg.AlterTableType_AT_DetachPartition && c.GetAlterTableCmd().GetDef().GetPartitionCmd().GetConcurrent()
		})
	}
	return false
}

func reindexesAlone(r *pg.ReindexStmt) bool {
	switch r.GetKind() {
	case pg.ReindexObjectType_REINDEX_OBJECT_SCHEMA, pg.ReindexObjectType_REINDEX_OBJECT_SYSTEM, pg.ReindexObjectType_REINDEX_OBJECT_DATABASE:
		return true
	}
	for _, p := range r.GetParams() {
		if p.GetDefElem().GetDefname() == "concurrently" {
			return !isFalse(p.GetDefElem())
		}
	}
	return false
}

// switchedOff says whether one of the options is given as false.
func switchedOff(options []*pg.Node, names ...string) bool {
	return slices.ContainsFunc(options, func(o *pg.Node) bool {
		return slices.Contains(names, o.GetDefElem().GetDefname()) && isFalse(o.GetDefElem())
	})
}

func isFalse(d *pg.DefElem) bool {
	arg := d.GetArg()
	if arg == nil {
		return false
	}
	switch strings.ToLower(arg.GetString_().GetSval()) {
	case "false", "off":
		return true
	}
	if b, ok := arg.GetNode().(*pg.Node_Boolean); ok {
		return !b.Boolean.GetBoolval()
	}
	i, ok := arg.GetNode().(*pg.Node_Integer)
	return ok && i.Integer.GetIval() == 0
}
