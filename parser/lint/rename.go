package lint

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

// renameRules are about names that clients use.
var renameRules = []*Rule{
	{
		Code: "RENAME_TABLE", Level: Warning,
		What:      "a table or view under a new name",
		Reason:    "clients that use the old name fail until they are all new",
		Fix:       "a view with the old name, dropped in a later migration",
		migration: renames("table %s", pg.ObjectType_OBJECT_TABLE, pg.ObjectType_OBJECT_VIEW, pg.ObjectType_OBJECT_MATVIEW),
	},
	{
		Code: "RENAME_COLUMN", Level: Warning,
		What:      "a column under a new name",
		Reason:    "clients that use the old name fail until they are all new",
		Fix:       "a new column, filled and kept up by a trigger, and the old one dropped in a later migration",
		migration: renames("column %s", pg.ObjectType_OBJECT_COLUMN),
	},
	{
		Code: "SET_SCHEMA", Level: Warning,
		What:   "a table in another schema",
		Reason: "clients that use the old name fail until they are all new",
		Fix:    "a view in the old schema, dropped in a later migration",
		migration: func(s *statement, report found) {
			n := s.Node().GetAlterObjectSchemaStmt()
			if n.GetRelation() != nil && !s.isNew(qname(n.GetRelation())) {
				report(s.Pos, "%s goes to schema %s", qname(n.GetRelation()), n.GetNewschema())
			}
		},
	},
	{
		Code: "ENUM_VALUE_UNORDERED", Level: Note,
		What:   "ADD VALUE without BEFORE or AFTER",
		Reason: "the value comes last, and ORDER BY and < go by the order",
		Fix:    "ADD VALUE … AFTER …",
		migration: func(s *statement, report found) {
			n := s.Node().GetAlterEnumStmt()
			if n != nil && n.GetOldVal() == "" && n.GetNewValNeighbor() == "" {
				report(s.Pos, "value %s comes last", n.GetNewVal())
			}
		},
	},
	{
		Code: "RENAME_ENUM_VALUE", Level: Warning,
		What:   "a value of an enum under a new name",
		Reason: "clients that send or expect the old one fail",
		Fix:    "see that none does",
		migration: func(s *statement, report found) {
			if n := s.Node().GetAlterEnumStmt(); n.GetOldVal() != "" {
				report(s.Pos, "value %s becomes %s", n.GetOldVal(), n.GetNewVal())
			}
		},
	},
}

func renames(format string, types ...pg.ObjectType) func(*statement, found) {
	return func(s *statement, report found) {
		n := s.Node().GetRenameStmt()
		if n == nil || s.isNew(qname(n.GetRelation())) {
			return
		}
		for _, t := range types {
			if n.GetRenameType() != t {
				continue
			}
			old := qname(n.GetRelation()).String()
			if t == pg.ObjectType_OBJECT_COLUMN {
				old += "." + n.GetSubname()
			}
			report(s.Pos, format+" becomes %s", old, n.GetNewname())
		}
	}
}
