package split

import (
	"regexp"
	"slices"
	"strings"

	"bloom/catalog"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// Danger is what a statement loses, opens or blocks, under the code that bloom
// diff gives it.
type Danger struct {
	Code     string
	Relation catalog.QName // what it is about, as it is written; zero if that is no relation
	Reason   string
	// Blocks is set if it works through the relation while others wait: how bad
	// that is depends on its size.
	Blocks bool
}

var hazardLine = regexp.MustCompile(`(?m)^--[ \t]*hazard ([A-Z_]+): (.*)$`)

// Announced are the hazards that comments above a statement tell, as bloom diff writes them.
func (s Statement) Announced() []Danger {
	var out []Danger
	for _, m := range hazardLine.FindAllStringSubmatch(s.Text, -1) {
		out = append(out, Danger{Code: m[1], Reason: m[2]})
	}
	return out
}

// Dangers are what the parse tree of a statement tells.
func (s Statement) Dangers() []Danger {
	switch {
	case s.node.GetDropStmt() != nil:
		return dropDangers(s.node.GetDropStmt())
	case s.node.GetTruncateStmt() != nil:
		var out []Danger
		for _, r := range s.node.GetTruncateStmt().GetRelations() {
			out = append(out, lose("TRUNCATE", qname(r.GetRangeVar()), "removes all rows of"))
		}
		return out
	case s.node.GetDeleteStmt() != nil && s.node.GetDeleteStmt().GetWhereClause() == nil:
		return []Danger{lose("DELETE_ALL", qname(s.node.GetDeleteStmt().GetRelation()), "removes all rows of")}
	case s.node.GetAlterTableStmt() != nil:
		return alterDangers(s.node.GetAlterTableStmt())
	case s.node.GetIndexStmt() != nil && !s.node.GetIndexStmt().GetConcurrent():
		r := s.node.GetIndexStmt().GetRelation()
		if r.GetInh() {
			return []Danger{block("TABLE_SCAN_WRITES", qname(r), "builds an index while writers wait of")}
		}
	case s.node.GetDoStmt() != nil:
		return s.remakeDanger()
	case s.node.GetGrantStmt() != nil:
		return grantDangers(s.node.GetGrantStmt())
	case s.node.GetAlterDefaultPrivilegesStmt() != nil:
		return grantDangers(s.node.GetAlterDefaultPrivilegesStmt().GetAction())
	}
	return nil
}

var lockBlock = regexp.MustCompile(`(?is)\bDO\s+\$\$\s*BEGIN\s+(LOCK\s+TABLE\s[^;]*);\s*END\s*\$\$`)

// remakeDanger is the one of a block that locks a table which bloom makes again.
func (s Statement) remakeDanger() []Danger {
	m := lockBlock.FindStringSubmatch(s.Text)
	if m == nil || !slices.ContainsFunc(s.Announced(), func(d Danger) bool { return d.Code == "TABLE_REWRITE" }) {
		return nil
	}
	var out []Danger
	for _, l := range Locks(m[1]) {
		out = append(out, block("TABLE_REWRITE", l.Relation, "makes again, while everybody waits, all of"))
	}
	return out
}

func lose(code string, rel catalog.QName, verb string) Danger {
	return Danger{Code: code, Relation: rel, Reason: verb + " " + rel.String()}
}

func block(code string, rel catalog.QName, verb string) Danger {
	d := lose(code, rel, verb)
	d.Blocks = true
	return d
}

func dropDangers(n *pg.DropStmt) []Danger {
	codes := map[pg.ObjectType]string{
		pg.ObjectType_OBJECT_TABLE: "DROP_TABLE", pg.ObjectType_OBJECT_FOREIGN_TABLE: "DROP_TABLE",
		pg.ObjectType_OBJECT_SEQUENCE: "DROP_SEQUENCE", pg.ObjectType_OBJECT_EXTENSION: "EXTENSION_DROPPED",
	}
	var out []Danger
	if n.GetBehavior() == pg.DropBehavior_DROP_CASCADE {
		out = append(out, Danger{Code: "DROP_CASCADE", Reason: "drops whatever depends on it as well"})
	}
	code := codes[n.GetRemoveType()]
	if code == "" {
		return out
	}
	for _, object := range n.GetObjects() {
		out = append(out, lose(code, objectName(object), "drops"))
	}
	return out
}

// objectName is the name in an object list, with its schema if that is written.
func objectName(n *pg.Node) catalog.QName {
	items := n.GetList().GetItems()
	if len(items) == 0 {
		return catalog.QName{Name: n.GetString_().GetSval()}
	}
	name := catalog.QName{Name: items[len(items)-1].GetString_().GetSval()}
	if len(items) > 1 {
		name.Schema = items[len(items)-2].GetString_().GetSval()
	}
	return name
}

func alterDangers(n *pg.AlterTableStmt) []Danger {
	if n.GetObjtype() != pg.ObjectType_OBJECT_TABLE {
		return nil
	}
	rel := qname(n.GetRelation())
	var out []Danger
	for _, c := range n.GetCmds() {
		cmd := c.GetAlterTableCmd()
		switch cmd.GetSubtype() {
		case pg.AlterTableType_AT_DropColumn:
			out = append(out, lose("DROP_COLUMN", rel, "drops column "+cmd.GetName()+" of"))
			if cmd.GetBehavior() == pg.DropBehavior_DROP_CASCADE {
				out = append(out, Danger{Code: "DROP_CASCADE", Reason: "drops whatever depends on the column as well"})
			}
		case pg.AlterTableType_AT_DisableRowSecurity:
			out = append(out, lose("RLS_DISABLED", rel, "no policy holds back the rows of"))
		case pg.AlterTableType_AT_NoForceRowSecurity:
			out = append(out, lose("RLS_NOT_FORCED", rel, "the owner is no longer held by the policies of"))
		case pg.AlterTableType_AT_SetUnLogged:
			out = append(out, lose("TO_UNLOGGED", rel, "a crash empties"))
		case pg.AlterTableType_AT_SetNotNull:
			out = append(out, block("TABLE_SCAN_EXCLUSIVE", rel, "reads, while everybody waits, all of"))
		case pg.AlterTableType_AT_AlterColumnType:
			out = append(out, block("TABLE_REWRITE", rel, "may write anew, while everybody waits, all of"))
		case pg.AlterTableType_AT_AddConstraint:
			if d, ok := constraintDanger(cmd.GetDef().GetConstraint(), rel); ok {
				out = append(out, d)
			}
		}
	}
	return out
}

func constraintDanger(c *pg.Constraint, rel catalog.QName) (Danger, bool) {
	if c.GetSkipValidation() || c.GetIndexname() != "" {
		return Danger{}, false
	}
	if c.GetContype() == pg.ConstrType_CONSTR_FOREIGN {
		return block("TABLE_SCAN_WRITES", rel, "reads, while writers wait, all of"), true
	}
	return block("TABLE_SCAN_EXCLUSIVE", rel, "works, while everybody waits, through all of"), true
}

// grantDangers tells of tables that everybody can get at.
func grantDangers(n *pg.GrantStmt) []Danger {
	if !n.GetIsGrant() || n.GetObjtype() != pg.ObjectType_OBJECT_TABLE {
		return nil
	}
	var rel catalog.QName
	where := "tables"
	if objects := n.GetObjects(); len(objects) == 1 && n.GetTargtype() == pg.GrantTargetType_ACL_TARGET_OBJECT {
		rel = qname(objects[0].GetRangeVar())
		where = rel.String()
	}
	var out []Danger
	for _, g := range n.GetGrantees() {
		switch r := g.GetRoleSpec(); {
		case r.GetRoletype() == pg.RoleSpecType_ROLESPEC_PUBLIC:
			out = append(out, Danger{Code: "GRANT_TO_PUBLIC", Relation: rel, Reason: "gives every role privileges on " + where})
		case r.GetRolename() == "anon":
			out = append(out, Danger{Code: "GRANT_TO_ANON", Relation: rel, Reason: "gives whoever has no login privileges on " + where})
		}
	}
	return out
}

// Relations are the relations that a statement makes or gives another name: nobody
// relies on them yet.
func (s Statement) Relations() []catalog.QName {
	var out []catalog.QName
	for _, r := range []*pg.RangeVar{
		s.node.GetCreateStmt().GetRelation(), s.node.GetCreateTableAsStmt().GetInto().GetRel(), s.node.GetViewStmt().GetView(),
		s.node.GetCreateSeqStmt().GetSequence(), s.node.GetCreateForeignTableStmt().GetBaseStmt().GetRelation(),
	} {
		if r != nil {
			out = append(out, qname(r))
		}
	}
	if n := s.node.GetRenameStmt(); n.GetRenameType() == pg.ObjectType_OBJECT_SEQUENCE {
		out = append(out, catalog.QName{Schema: n.GetRelation().GetSchemaname(), Name: n.GetNewname()})
	}
	return slices.DeleteFunc(out, func(q catalog.QName) bool { return strings.TrimSpace(q.Name) == "" })
}

var keptLine = regexp.MustCompile(`(?m)^--[ \t]*bloom:kept ([A-Z_]+)\b`)

// Kept are the codes of what a statement seems to lose or open and does not, for other
// statements of the same file see to that: bloom diff says so of the steps that it takes.
func (s Statement) Kept() []string {
	var out []string
	for _, m := range keptLine.FindAllStringSubmatch(s.Text, -1) {
		out = append(out, m[1])
	}
	return out
}

var checkLine = regexp.MustCompile(`(?m)^--[ \t]*bloom:check ([A-Z_]+) (.*(?:\n-- \|.*)*)$`)

// Check is a query that lists rows on which a statement fails, or whose values it changes.
type Check struct {
	Code   string // of the hazard
	Query  string
	Reason string // what the hazard says
}

// Checks are the queries that comments above a statement give, as bloom diff writes them.
func (s Statement) Checks() []Check {
	var out []Check
	announced := s.Announced()
	for _, m := range checkLine.FindAllStringSubmatch(s.Text, -1) {
		c := Check{Code: m[1], Query: strings.ReplaceAll(m[2], "\n-- |", "\n")}
		if i := slices.IndexFunc(announced, func(d Danger) bool { return d.Code == c.Code }); i >= 0 {
			c.Reason = announced[i].Reason
			announced = slices.Delete(announced, i, i+1)
		}
		out = append(out, c)
	}
	return out
}

var guardLine = regexp.MustCompile(`(?m)^--[ \t]*bloom:guard[ \t]*$`)

// Guards reports whether the statement only looks whether those before it did what they say.
func (s Statement) Guards() bool {
	return s.node.GetSelectStmt() != nil && guardLine.MatchString(s.Text)
}

// SetsPath reports whether the statement sets or resets search_path.
func (s Statement) SetsPath() bool {
	return s.SetsSession() && s.node.GetVariableSetStmt().GetName() == "search_path"
}
