package lint

import (
	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// lockRules are about statements that work through a table while others wait.
var lockRules = []*Rule{
	{
		Code: "TABLE_REWRITE", Level: Warning,
		What:      "a statement that writes a table in use anew",
		Reason:    "nobody reads or writes it meanwhile, which takes minutes for millions of rows",
		Fix:       "a new column of the new type, filled in steps; or allow it where the table is small",
		migration: rewrites,
	},
	{
		Code: "TABLE_SCAN_EXCLUSIVE", Level: Warning,
		What:      "a constraint that is checked while nobody can use the table",
		Reason:    "all of the table is read under a lock that stops readers and writers",
		Fix:       "ADD CONSTRAINT … NOT VALID, and VALIDATE CONSTRAINT in a later migration; for NOT NULL a CHECK (… IS NOT NULL) likewise, before",
		migration: scansExclusive,
	},
	{
		Code: "TABLE_SCAN_WRITES", Level: Warning,
		What:      "a foreign key or index that is made while writers wait",
		Reason:    "all of the table is read under a lock that stops writers",
		Fix:       "foreign keys: NOT VALID, and VALIDATE CONSTRAINT in a later migration; indexes: CONCURRENTLY, in a migration of their own",
		migration: scansWrites,
	},
	{
		Code: "UNIQUE_BUILT_EXCLUSIVE", Level: Warning,
		What:      "ADD UNIQUE or ADD PRIMARY KEY that builds its index",
		Reason:    "nobody reads or writes the table until the index is built",
		Fix:       "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … USING INDEX",
		migration: uniqueBuilt,
	},
	{
		Code: "INDEX_DROP_BLOCKS", Level: Note,
		What:   "DROP INDEX without CONCURRENTLY",
		Reason: "it waits for all who use the table, and all others wait behind it",
		Fix:    "DROP INDEX CONCURRENTLY, in a migration of its own",
		migration: func(s *statement, report found) {
			if n := s.Node().GetDropStmt(); n.GetRemoveType() == pg.ObjectType_OBJECT_INDEX && !n.GetConcurrent() {
				report(s.Pos, "drops index %s while others wait", listed(n.GetObjects()[0]))
			}
		},
	},
	{
		Code: "REINDEX_BLOCKS", Level: Warning,
		What:      "REINDEX, CLUSTER, VACUUM FULL or REFRESH MATERIALIZED VIEW without CONCURRENTLY",
		Reason:    "nobody can use the table or view until it is done",
		Fix:       "REINDEX … CONCURRENTLY, REFRESH … CONCURRENTLY, pg_repack",
		migration: rebuilds,
	},
	{
		Code: "DETACH_BLOCKS", Level: Warning,
		What:   "DETACH PARTITION without CONCURRENTLY",
		Reason: "nobody can use the partitioned table meanwhile, and it waits for all who do",
		Fix:    "DETACH PARTITION … CONCURRENTLY, in a migration of its own",
		migration: func(s *statement, report found) {
			s.forms(func(cmd *pg.AlterTableCmd, q catalog.QName) {
				if p := cmd.GetDef().GetPartitionCmd(); cmd.GetSubtype() == pg.AlterTableType_AT_DetachPartition && !p.GetConcurrent() {
					report(s.Pos, "detaches %s from %s while others wait", qname(p.GetName()), q)
				}
			})
		},
	},
	{
		Code: "DOMAIN_CONSTRAINT", Level: Warning,
		What:   "a constraint on a domain that is there",
		Reason: "every table with a column of it is read while writers wait, and NOT VALID is not kept for new values",
		Fix:    "NOT VALID and VALIDATE CONSTRAINT later, or a CHECK of the table",
		migration: func(s *statement, report found) {
			if n := s.Node().GetAlterDomainStmt(); n.GetSubtype() == "C" && !n.GetDef().GetConstraint().GetSkipValidation() {
				report(s.Pos, "every table with a column of domain %s is read", last(n.GetTypeName()))
			}
		},
	},
	{
		Code: "LARGE_BACKFILL", Level: Warning,
		What:   "UPDATE without WHERE",
		Reason: "every row is written and locked in one transaction",
		Fix:    "in steps of some thousand rows, outside of the migration",
		migration: func(s *statement, report found) {
			if n := s.Node().GetUpdateStmt(); n != nil && n.GetWhereClause() == nil && !s.isNew(qname(n.GetRelation())) {
				report(s.Pos, "writes all rows of %s", qname(n.GetRelation()))
			}
		},
	},
}

func rewrites(s *statement, report found) {
	s.forms(func(cmd *pg.AlterTableCmd, q catalog.QName) {
		switch cmd.GetSubtype() {
		case pg.AlterTableType_AT_AlterColumnType:
			if !widens(cmd.GetDef().GetColumnDef()) {
				report(s.Pos, "may write all of %s anew, for the new type of %s", q, cmd.GetName())
			}
		case pg.AlterTableType_AT_SetLogged, pg.AlterTableType_AT_SetAccessMethod, pg.AlterTableType_AT_SetTableSpace:
			report(s.Pos, "writes all of %s anew", q)
		case pg.AlterTableType_AT_AddColumn:
			if why := filled(cmd.GetDef().GetColumnDef()); why != "" {
				report(s.At(cmd.GetDef().GetColumnDef().GetLocation()), "writes all of %s anew: %s", q, why)
			}
		}
	})
}

// widens reports whether no row has to be written for a type, whatever it was: text
// and varchar without a limit take in every other text.
func widens(c *pg.ColumnDef) bool {
	name := last(c.GetTypeName().GetNames())
	return (name == "text" || name == "varchar" && len(c.GetTypeName().GetTypmods()) == 0) && c.GetRawDefault() == nil
}

// filled says why a new column has to be written into every row; "" if it has not.
func filled(c *pg.ColumnDef) string {
	switch last(c.GetTypeName().GetNames()) {
	case "serial", "bigserial", "smallserial", "serial2", "serial4", "serial8":
		return "every row gets a number of " + c.GetColname()
	}
	for _, k := range c.GetConstraints() {
		switch k := k.GetConstraint(); k.GetContype() {
		case pg.ConstrType_CONSTR_IDENTITY:
			return "every row gets a number of " + c.GetColname()
		case pg.ConstrType_CONSTR_GENERATED:
			return c.GetColname() + " is computed for every row"
		case pg.ConstrType_CONSTR_DEFAULT:
			if f := volatile(k.GetRawExpr()); f != "" {
				return f + "() is called for every row"
			}
		}
	}
	return ""
}

// lasting are functions whose value is the same for all rows of a statement.
var lasting = map[string]bool{"now": true, "current_date": true, "transaction_timestamp": true, "statement_timestamp": true, "current_setting": true,
	"uid": true, "jwt": true, "role": true, "current_user": true, "to_jsonb": true, "jsonb_build_object": true, "json_build_object": true,
	"jsonb_build_array": true, "array_fill": true, "lower": true, "upper": true, "timezone": true, "date_trunc": true, "coalesce": true, "make_interval": true}

// volatile is a function in a default that may give every row another value, "" if
// there is none. What is not known is taken for volatile.
func volatile(n *pg.Node) string {
	name := ""
	if n == nil {
		return ""
	}
	visit(n.ProtoReflect(), false, func(m message, _ bool) {
		if f, ok := m.Interface().(*pg.FuncCall); ok && !lasting[last(f.GetFuncname())] {
			name = last(f.GetFuncname())
		}
	})
	return name
}

func scansExclusive(s *statement, report found) {
	s.forms(func(cmd *pg.AlterTableCmd, q catalog.QName) {
		switch cmd.GetSubtype() {
		case pg.AlterTableType_AT_SetNotNull:
			report(s.Pos, "reads all of %s while everybody waits, for nulls in %s", q, cmd.GetName())
		case pg.AlterTableType_AT_AddConstraint:
			c := cmd.GetDef().GetConstraint()
			if (c.GetContype() == pg.ConstrType_CONSTR_CHECK || c.GetContype() == pg.ConstrType_CONSTR_EXCLUSION) && !c.GetSkipValidation() {
				report(s.Pos, "reads all of %s while everybody waits, for constraint %s", q, c.GetConname())
			}
		case pg.AlterTableType_AT_AddColumn:
			for _, k := range cmd.GetDef().GetColumnDef().GetConstraints() {
				if k.GetConstraint().GetContype() == pg.ConstrType_CONSTR_CHECK {
					report(s.Pos, "reads all of %s while everybody waits, for the check of %s", q, cmd.GetDef().GetColumnDef().GetColname())
				}
			}
		}
	})
}

func scansWrites(s *statement, report found) {
	if n := s.Node().GetIndexStmt(); n != nil && !n.GetConcurrent() && n.GetRelation().GetInh() && !s.isNew(qname(n.GetRelation())) {
		report(s.Pos, "builds an index of %s while writers wait", qname(n.GetRelation()))
	}
	s.forms(func(cmd *pg.AlterTableCmd, q catalog.QName) {
		if c := cmd.GetDef().GetConstraint(); cmd.GetSubtype() == pg.AlterTableType_AT_AddConstraint && c.GetContype() == pg.ConstrType_CONSTR_FOREIGN && !c.GetSkipValidation() {
			report(s.Pos, "reads all of %s while writers wait, there and in %s", q, qname(c.GetPktable()))
		}
		for _, k := range cmd.GetDef().GetColumnDef().GetConstraints() {
			if c := k.GetConstraint(); c.GetContype() == pg.ConstrType_CONSTR_FOREIGN {
				report(s.At(c.GetLocation()), "reads all of %s while writers wait, there and in %s", q, qname(c.GetPktable()))
			}
		}
	})
}

func uniqueBuilt(s *statement, report found) {
	s.forms(func(cmd *pg.AlterTableCmd, q catalog.QName) {
		unique := func(c *pg.Constraint) bool {
			return (c.GetContype() == pg.ConstrType_CONSTR_UNIQUE || c.GetContype() == pg.ConstrType_CONSTR_PRIMARY) && c.GetIndexname() == ""
		}
		if c := cmd.GetDef().GetConstraint(); cmd.GetSubtype() == pg.AlterTableType_AT_AddConstraint && unique(c) {
			report(s.Pos, "builds the index of a key of %s while everybody waits", q)
		}
		for _, k := range cmd.GetDef().GetColumnDef().GetConstraints() {
			if unique(k.GetConstraint()) {
				report(s.At(k.GetConstraint().GetLocation()), "builds the index of a key of %s while everybody waits", q)
			}
		}
	})
}

func rebuilds(s *statement, report found) {
	n := s.Node()
	switch {
	case n.GetReindexStmt() != nil && !option(n.GetReindexStmt().GetParams(), "concurrently"):
		report(s.Pos, "REINDEX lets everybody wait who writes, and many who read")
	case n.GetClusterStmt() != nil:
		report(s.Pos, "CLUSTER writes all of a table anew while everybody waits")
	case n.GetVacuumStmt().GetIsVacuumcmd() && option(n.GetVacuumStmt().GetOptions(), "full"):
		report(s.Pos, "VACUUM FULL writes all of a table anew while everybody waits")
	case n.GetRefreshMatViewStmt() != nil && !n.GetRefreshMatViewStmt().GetConcurrent() && !s.isNew(qname(n.GetRefreshMatViewStmt().GetRelation())):
		report(s.Pos, "nobody reads %s until it is filled", qname(n.GetRefreshMatViewStmt().GetRelation()))
	}
}

func option(list []*pg.Node, name string) bool {
	for _, o := range list {
		if o.GetDefElem().GetDefname() == name {
			return true
		}
	}
	return false
}
