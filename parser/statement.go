package parser

import (
	"fmt"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// statement runs one statement. What it does to the catalog is in the file of
// the kind that the statement is about.
func (in *interpreter) statement(st *statement) error {
	switch n := st.node.GetNode().(type) {
	case *pg.Node_CreateSchemaStmt:
		return in.createSchema(n.CreateSchemaStmt)
	case *pg.Node_CreateExtensionStmt:
		return in.createExtension(n.CreateExtensionStmt)
	case *pg.Node_AlterExtensionStmt:
		return in.alterExtension(n.AlterExtensionStmt)
	case *pg.Node_DefineStmt:
		return in.define(n.DefineStmt)
	case *pg.Node_CreateEnumStmt:
		return in.createEnum(n.CreateEnumStmt)
	case *pg.Node_AlterEnumStmt:
		return in.alterEnum(n.AlterEnumStmt)
	case *pg.Node_CompositeTypeStmt:
		return in.createComposite(n.CompositeTypeStmt)
	case *pg.Node_CreateRangeStmt:
		return in.createRange(n.CreateRangeStmt)
	case *pg.Node_AlterTypeStmt:
		return in.alterType(n.AlterTypeStmt)
	case *pg.Node_CreateDomainStmt:
		return in.createDomain(n.CreateDomainStmt)
	case *pg.Node_AlterDomainStmt:
		return in.alterDomain(n.AlterDomainStmt)
	case *pg.Node_CreateSeqStmt:
		return in.createSequence(n.CreateSeqStmt)
	case *pg.Node_AlterSeqStmt:
		return in.alterSequence(n.AlterSeqStmt)
	case *pg.Node_CreateStmt:
		return in.createTable(n.CreateStmt)
	case *pg.Node_CreateForeignTableStmt:
		return in.createForeignTable(n.CreateForeignTableStmt)
	case *pg.Node_CreateTableAsStmt:
		return in.createTableAs(n.CreateTableAsStmt)
	case *pg.Node_AlterTableStmt:
		return in.alterTable(n.AlterTableStmt)
	case *pg.Node_IndexStmt:
		return in.createIndex(n.IndexStmt)
	case *pg.Node_CreateStatsStmt:
		return in.createStatistics(n.CreateStatsStmt)
	case *pg.Node_AlterStatsStmt:
		return in.alterStatistics(n.AlterStatsStmt)
	case *pg.Node_ViewStmt:
		return in.createView(n.ViewStmt)
	case *pg.Node_RefreshMatViewStmt:
		return in.refresh(n.RefreshMatViewStmt)
	case *pg.Node_RuleStmt:
		return in.createRule(n.RuleStmt)
	case *pg.Node_CreateFunctionStmt:
		return in.createFunction(n.CreateFunctionStmt)
	case *pg.Node_AlterFunctionStmt:
		return in.alterFunction(n.AlterFunctionStmt)
	case *pg.Node_AlterOperatorStmt:
		return in.alterOperator(n.AlterOperatorStmt)
	case *pg.Node_CreateOpClassStmt:
		return in.createOperatorClass(n.CreateOpClassStmt)
	case *pg.Node_CreateOpFamilyStmt:
		return in.createOperatorFamily(n.CreateOpFamilyStmt)
	case *pg.Node_AlterOpFamilyStmt:
		return in.alterOperatorFamily(n.AlterOpFamilyStmt)
	case *pg.Node_CreateCastStmt:
		return in.createCast(n.CreateCastStmt)
	case *pg.Node_CreateConversionStmt:
		return in.createConversion(n.CreateConversionStmt)
	case *pg.Node_AlterTsdictionaryStmt:
		return in.alterTextSearchDictionary(n.AlterTsdictionaryStmt)
	case *pg.Node_AlterTsconfigurationStmt:
		return in.alterTextSearchConfiguration(n.AlterTsconfigurationStmt)
	case *pg.Node_CreateTrigStmt:
		return in.createTrigger(n.CreateTrigStmt)
	case *pg.Node_CreateEventTrigStmt:
		return in.createEventTrigger(n.CreateEventTrigStmt)
	case *pg.Node_AlterEventTrigStmt:
		return in.alterEventTrigger(n.AlterEventTrigStmt)
	case *pg.Node_CreatePolicyStmt:
		return in.createPolicy(n.CreatePolicyStmt)
	case *pg.Node_AlterPolicyStmt:
		return in.alterPolicy(n.AlterPolicyStmt)
	case *pg.Node_CreatePublicationStmt:
		return in.createPublication(n.CreatePublicationStmt)
	case *pg.Node_AlterPublicationStmt:
		return in.alterPublication(n.AlterPublicationStmt)
	case *pg.Node_CreateSubscriptionStmt:
		return in.createSubscription(n.CreateSubscriptionStmt)
	case *pg.Node_DropSubscriptionStmt:
		return in.dropSubscription(n.DropSubscriptionStmt)
	case *pg.Node_CreateFdwStmt:
		return in.createForeignDataWrapper(n.CreateFdwStmt)
	case *pg.Node_AlterFdwStmt:
		return in.alterForeignDataWrapper(n.AlterFdwStmt)
	case *pg.Node_CreateForeignServerStmt:
		return in.createServer(n.CreateForeignServerStmt)
	case *pg.Node_AlterForeignServerStmt:
		return in.alterServer(n.AlterForeignServerStmt)
	case *pg.Node_CreateUserMappingStmt:
		return in.createUserMapping(n.CreateUserMappingStmt)
	case *pg.Node_AlterUserMappingStmt:
		return in.alterUserMapping(n.AlterUserMappingStmt)
	case *pg.Node_DropUserMappingStmt:
		return in.dropUserMapping(n.DropUserMappingStmt)
	case *pg.Node_CreateRoleStmt:
		return in.createRole(n.CreateRoleStmt)
	case *pg.Node_AlterRoleStmt:
		return in.alterRole(n.AlterRoleStmt)
	case *pg.Node_AlterRoleSetStmt:
		return in.alterRoleSet(n.AlterRoleSetStmt)
	case *pg.Node_DropRoleStmt:
		return in.dropRole(n.DropRoleStmt)
	case *pg.Node_GrantRoleStmt:
		return in.grantRole(n.GrantRoleStmt)
	case *pg.Node_GrantStmt:
		return in.grant(n.GrantStmt)
	case *pg.Node_AlterDefaultPrivilegesStmt:
		return in.alterDefaultPrivileges(n.AlterDefaultPrivilegesStmt)
	case *pg.Node_CommentStmt:
		return in.comment(n.CommentStmt)
	case *pg.Node_SecLabelStmt:
		return in.securityLabel(n.SecLabelStmt)
	case *pg.Node_AlterOwnerStmt:
		return in.alterOwner(n.AlterOwnerStmt)
	case *pg.Node_AlterObjectSchemaStmt:
		return in.setSchema(n.AlterObjectSchemaStmt)
	case *pg.Node_RenameStmt:
		return in.rename(n.RenameStmt)
	case *pg.Node_DropStmt:
		return in.drop(n.DropStmt)
	case *pg.Node_DropOwnedStmt:
		return in.dropOwned(n.DropOwnedStmt)
	case *pg.Node_ReassignOwnedStmt:
		return in.reassignOwned(n.ReassignOwnedStmt)
	case *pg.Node_DoStmt:
		return in.do(n.DoStmt)
	}
	return in.noDefinition(st)
}

// noDefinition handles statements that define nothing: settings have been dealt
// with (see session), data is none of ours, the rest is not modelled.
func (in *interpreter) noDefinition(st *statement) error {
	switch n := st.node.GetNode().(type) {
	case *pg.Node_VariableSetStmt, *pg.Node_VariableShowStmt, *pg.Node_TransactionStmt, *pg.Node_DiscardStmt, *pg.Node_LockStmt,
		*pg.Node_ConstraintsSetStmt, *pg.Node_NotifyStmt:
		return nil
	case *pg.Node_AlterDatabaseStmt, *pg.Node_AlterDatabaseSetStmt:
		in.note("settings of the database are not compared: set them by hand, on each database")
		return nil
	case *pg.Node_SelectStmt:
		if n.SelectStmt.GetIntoClause() != nil {
			return in.selectInto(n.SelectStmt)
		}
		if _, _, ok := setConfig(n.SelectStmt); ok {
			return nil
		}
		if err := in.calls(st.node); err != nil {
			return err
		}
		return in.data("SELECT")
	case *pg.Node_InsertStmt:
		return in.data("INSERT")
	case *pg.Node_UpdateStmt:
		return in.data("UPDATE")
	case *pg.Node_DeleteStmt:
		return in.data("DELETE")
	case *pg.Node_MergeStmt:
		return in.data("MERGE")
	case *pg.Node_TruncateStmt:
		return in.data("TRUNCATE")
	case *pg.Node_CopyStmt:
		return in.data("COPY")
	case *pg.Node_CallStmt:
		if err := in.calls(st.node); err != nil {
			return err
		}
		return in.data("CALL")
	case *pg.Node_ClusterStmt:
		return in.cluster(n.ClusterStmt)
	case *pg.Node_VacuumStmt:
		return in.data(strings.ToUpper(in.stmt.tokens.str(0))) // VACUUM or ANALYZE
	case *pg.Node_ReindexStmt:
		return in.data("REINDEX")
	case *pg.Node_CheckPointStmt, *pg.Node_AlterSystemStmt,
		*pg.Node_LoadStmt, *pg.Node_ListenStmt, *pg.Node_UnlistenStmt, *pg.Node_ExplainStmt, *pg.Node_PrepareStmt,
		*pg.Node_ExecuteStmt, *pg.Node_DeallocateStmt, *pg.Node_AlterCollationStmt:
		if in.replay {
			return nil
		}
		return in.errorf(0, "%s defines nothing", in.command()).hint("take it out of the declared files")
	}
	return in.errorf(0, "%s is not supported by bloom", in.command()).
		hint("put it into a migration of its own (bloom new NAME) and take it out of here")
}

// command is the first words of the statement, for messages.
func (in *interpreter) command() string {
	t := in.stmt.tokens
	var words []string
	for i := 0; i < t.len() && i < 3 && t.list[i].kind == word; i++ {
		words = append(words, strings.ToUpper(t.str(i)))
	}
	if len(words) == 0 {
		return "this statement"
	}
	return strings.Join(words, " ")
}

// unsupported says that a form of a statement is not modelled.
func (in *interpreter) unsupported(loc int32, format string, args ...any) error {
	return in.errorf(loc, "%s is not supported by bloom", fmt.Sprintf(format, args...)).
		hint("put it into a migration of its own (bloom new NAME) and take it out of here")
}
