package lint

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// lossRules are about what a migration loses or opens.
var lossRules = []*Rule{
	{
		Code: "DROP_TABLE", Level: Warning,
		What:      "DROP TABLE of a table that is in use",
		Reason:    "its rows are gone, and clients that still use it fail",
		Fix:       "first take it out of use; rename it, and drop it in a later migration",
		migration: drops("table", pg.ObjectType_OBJECT_TABLE, pg.ObjectType_OBJECT_FOREIGN_TABLE),
	},
	{
		Code: "DROP_SCHEMA", Level: Warning,
		What:      "DROP SCHEMA",
		Reason:    "all that is in it goes, or the statement fails",
		Fix:       "drop what is in it one by one",
		migration: drops("schema", pg.ObjectType_OBJECT_SCHEMA),
	},
	{
		Code: "DROP_SEQUENCE", Level: Warning,
		What:      "DROP SEQUENCE",
		Reason:    "where it had counted to is lost",
		Fix:       "leave it until nothing uses it",
		migration: drops("sequence", pg.ObjectType_OBJECT_SEQUENCE),
	},
	{
		Code: "EXTENSION_DROPPED", Level: Warning,
		What:      "DROP EXTENSION",
		Reason:    "its types and functions go, and columns of its types with them",
		Fix:       "see that nothing uses it",
		migration: drops("extension", pg.ObjectType_OBJECT_EXTENSION),
	},
	{
		Code: "DROP_DATABASE", Level: Error,
		What:   "DROP DATABASE",
		Reason: "everything in it is gone",
		Fix:    "not in a migration",
		migration: func(s *statement, report found) {
			if n := s.Node().GetDropdbStmt(); n != nil {
				report(s.Pos, "drops database %s", n.GetDbname())
			}
		},
	},
	{
		Code: "DROP_COLUMN", Level: Warning,
		What:      "DROP COLUMN of a table that is in use",
		Reason:    "its values are gone, and clients that still name it fail",
		Fix:       "first a release that does not use it, then the migration",
		migration: alters(pg.AlterTableType_AT_DropColumn, "drops column %s of %s"),
	},
	{
		Code: "DROP_NOT_NULL", Level: Warning,
		What:      "DROP NOT NULL",
		Reason:    "clients that rely on a value may meet none",
		Fix:       "see that all of them can do without",
		migration: alters(pg.AlterTableType_AT_DropNotNull, "lets %s of %s be null"),
	},
	{
		Code: "DROP_CASCADE", Level: Error,
		What:      "CASCADE",
		Reason:    "it drops whatever depends on the object, also what was made by hand in the one database that counts",
		Fix:       "drop the dependents by their names",
		migration: cascades,
	},
	{
		Code: "TRUNCATE", Level: Error,
		What:   "TRUNCATE",
		Reason: "all rows are gone; with CASCADE those of other tables too",
		Fix:    "not in a migration; DELETE with a condition if some rows have to go",
		migration: func(s *statement, report found) {
			for _, r := range s.Node().GetTruncateStmt().GetRelations() {
				if q := qname(r.GetRangeVar()); !s.isNew(q) {
					report(s.At(r.GetRangeVar().GetLocation()), "removes all rows of %s", q)
				}
			}
		},
	},
	{
		Code: "DELETE_ALL", Level: Error,
		What:   "DELETE without WHERE",
		Reason: "all rows are gone",
		Fix:    "say which rows",
		migration: func(s *statement, report found) {
			if n := s.Node().GetDeleteStmt(); n != nil && n.GetWhereClause() == nil && !s.isNew(qname(n.GetRelation())) {
				report(s.Pos, "removes all rows of %s", qname(n.GetRelation()))
			}
		},
	},
	{
		Code: "TO_UNLOGGED", Level: Error,
		What:      "SET UNLOGGED",
		Reason:    "after a crash the table is empty, and replicas never have its rows",
		Fix:       "keep it logged",
		migration: alters(pg.AlterTableType_AT_SetUnLogged, "%.0sa crash empties %s"),
	},
	{
		Code: "RLS_DISABLED", Level: Error,
		What:      "DISABLE ROW LEVEL SECURITY",
		Reason:    "policies hold back no row any more",
		Fix:       "change the policies",
		migration: alters(pg.AlterTableType_AT_DisableRowSecurity, "%.0sno policy holds back the rows of %s"),
	},
	{
		Code: "GRANT_TO_PUBLIC", Level: Error,
		What:      "privileges on tables to PUBLIC",
		Reason:    "every role has them, those of tomorrow too",
		Fix:       "name the roles",
		migration: grants("every role", func(r *pg.RoleSpec) bool { return r.GetRoletype() == pg.RoleSpecType_ROLESPEC_PUBLIC }),
	},
	{
		Code: "GRANT_TO_ANON", Level: Warning,
		What:   "privileges to write tables to anon",
		Reason: "whoever has the project's public key has them",
		Fix:    "grant them to authenticated",
		migration: func(s *statement, report found) {
			if !writes(s.Node()) {
				return
			}
			grants("whoever has no login", func(r *pg.RoleSpec) bool { return r.GetRolename() == "anon" })(s, report)
		},
	},
}

func drops(what string, types ...pg.ObjectType) func(*statement, found) {
	return func(s *statement, report found) {
		n := s.Node().GetDropStmt()
		if n == nil || !slices.Contains(types, n.GetRemoveType()) {
			return
		}
		for _, o := range n.GetObjects() {
			if q := listed(o); !s.isNew(q) {
				report(s.Pos, "drops %s %s", what, q)
			}
		}
	}
}

// alters finds a form of ALTER TABLE on tables that are in use. The format takes the
// name in the form and the table.
func alters(form pg.AlterTableType, format string) func(*statement, found) {
	return func(s *statement, report found) {
		s.forms(func(cmd *pg.AlterTableCmd, q catalog.QName) {
			if cmd.GetSubtype() == form {
				report(s.Pos, format, cmd.GetName(), q)
			}
		})
	}
}

// forms calls f for each form of ALTER TABLE on a table that the migration did not make.
func (s *statement) forms(f func(*pg.AlterTableCmd, catalog.QName)) {
	n := s.Node().GetAlterTableStmt()
	if n == nil || n.GetObjtype() != pg.ObjectType_OBJECT_TABLE || s.isNew(qname(n.GetRelation())) {
		return
	}
	for _, c := range n.GetCmds() {
		f(c.GetAlterTableCmd(), qname(n.GetRelation()))
	}
}

func cascades(s *statement, report found) {
	n := s.Node()
	if d := n.GetDropStmt(); d != nil && d.GetBehavior() == pg.DropBehavior_DROP_CASCADE {
		report(s.Pos, "drops whatever depends on %s as well", listed(d.GetObjects()[0]))
	}
	for _, c := range n.GetAlterTableStmt().GetCmds() {
		drop := slices.Contains([]pg.AlterTableType{pg.AlterTableType_AT_DropColumn, pg.AlterTableType_AT_DropConstraint}, c.GetAlterTableCmd().GetSubtype())
		if drop && c.GetAlterTableCmd().GetBehavior() == pg.DropBehavior_DROP_CASCADE {
			report(s.Pos, "drops whatever depends on %s as well", c.GetAlterTableCmd().GetName())
		}
	}
	if t := n.GetTruncateStmt(); t != nil && t.GetBehavior() == pg.DropBehavior_DROP_CASCADE {
		report(s.Pos, "empties all tables that refer to it as well")
	}
}

// grant is the GRANT in a statement, also that of default privileges; nil if there is none.
func grant(n *pg.Node) *pg.GrantStmt {
	g := n.GetGrantStmt()
	if d := n.GetAlterDefaultPrivilegesStmt(); d != nil {
		g = d.GetAction()
	}
	if g == nil || !g.GetIsGrant() || g.GetObjtype() != pg.ObjectType_OBJECT_TABLE {
		return nil
	}
	return g
}

// writes reports whether a GRANT gives more than SELECT and REFERENCES.
func writes(n *pg.Node) bool {
	g := grant(n)
	if g == nil {
		return false
	}
	for _, p := range g.GetPrivileges() {
		if name := strings.ToLower(p.GetAccessPriv().GetPrivName()); name != "select" && name != "references" {
			return true
		}
	}
	return len(g.GetPrivileges()) == 0
}

func grants(whom string, is func(*pg.RoleSpec) bool) func(*statement, found) {
	return func(s *statement, report found) {
		for _, g := range grant(s.Node()).GetGrantees() {
			if is(g.GetRoleSpec()) {
				report(s.Pos, "gives %s privileges on tables", whom)
			}
		}
	}
}
