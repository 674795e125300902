package parser

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

func (in *interpreter) createRule(n *pg.RuleStmt) error {
	rel, err := in.relation(n.GetRelation())
	if err != nil {
		return err
	}
	r := catalog.Rule{
		Schema: rel.Schema, Table: rel.Name, Name: n.GetRulename(), Instead: n.GetInstead(),
		Event: strings.ToLower(strings.TrimPrefix(n.GetEvent().String(), "CMD_")), Definition: in.slice(in.stmt.tokens),
	}
	if r.Name == "_RETURN" {
		return in.unsupported(0, "a rule that makes a table a view")
	}
	if have, ok := in.c.Get(r.ID()).(catalog.Rule); ok && n.GetReplace() {
		r.Enabled = have.Enabled
		if err := in.replaceable(r.ID(), 0); err != nil {
			return err
		}
		in.replace(r)
		return nil
	}
	return in.add(r, n.GetRelation().GetLocation())
}

func (in *interpreter) enableRule(rel catalog.ID, cmd *pg.AlterTableCmd) error {
	r, ok := in.c.Get(catalog.Rule{Schema: rel.Schema, Table: rel.Name, Name: cmd.GetName()}.ID()).(catalog.Rule)
	if !ok {
		return in.missing(0, "rule %q for relation %q", cmd.GetName(), rel.Name)
	}
	r.Enabled = enabledStates[cmd.GetSubtype()]
	in.put(r)
	return nil
}
