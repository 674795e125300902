package lint

import (
	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// columnRules are about new columns and constraints that the rows may not fit.
var columnRules = []*Rule{
	{
		Code: "ADD_REQUIRED_COLUMN", Level: Error,
		What:      "a new column that is NOT NULL and has no default",
		Reason:    "it fails if the table has a row, and so do clients that do not know the column",
		Fix:       "give it a default; or add it, fill it, and set NOT NULL in a later migration",
		migration: requiredColumn,
	},
	{
		Code: "NOT_ROBUST", Level: Note, Optional: true,
		What:      "CREATE or DROP without IF [NOT] EXISTS",
		Reason:    "a migration that failed half-way, outside of a transaction, cannot be run again",
		Fix:       "IF NOT EXISTS, IF EXISTS",
		migration: notRobust,
	},
}

func requiredColumn(s *statement, report found) {
	s.forms(func(cmd *pg.AlterTableCmd, q catalog.QName) {
		c := cmd.GetDef().GetColumnDef()
		if cmd.GetSubtype() != pg.AlterTableType_AT_AddColumn || filled(c) != "" {
			return
		}
		required, given := false, false
		for _, k := range c.GetConstraints() {
			switch k.GetConstraint().GetContype() {
			case pg.ConstrType_CONSTR_NOTNULL, pg.ConstrType_CONSTR_PRIMARY:
				required = true
			case pg.ConstrType_CONSTR_DEFAULT:
				given = true
			}
		}
		if required && !given {
			report(s.At(c.GetLocation()), "rows of %s have no value for %s", q, c.GetColname())
		}
	})
}

func notRobust(s *statement, report found) {
	n := s.Node()
	switch {
	case n.GetCreateStmt() != nil && !n.GetCreateStmt().GetIfNotExists(),
		n.GetIndexStmt() != nil && !n.GetIndexStmt().GetIfNotExists(),
		n.GetCreateSchemaStmt() != nil && !n.GetCreateSchemaStmt().GetIfNotExists(),
		n.GetCreateExtensionStmt() != nil && !n.GetCreateExtensionStmt().GetIfNotExists(),
		n.GetDropStmt() != nil && !n.GetDropStmt().GetMissingOk():
		report(s.Pos, "fails if it is run again")
	}
}
