package parser

import (
	"slices"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

func (in *interpreter) createPolicy(n *pg.CreatePolicyStmt) error {
	rel, err := in.relation(n.GetTable())
	if err != nil {
		return err
	}
	roles, err := in.policyRoles(n.GetRoles())
	if err != nil {
		return err
	}
	p := catalog.Policy{
		Schema: rel.Schema, Table: rel.Name, Name: n.GetPolicyName(), Restrictive: !n.GetPermissive(), Command: n.GetCmdName(), Roles: roles,
		Using:     in.expr(n.GetQual(), parenthesised(in.stmt.tokens, "using")),
		WithCheck: in.expr(n.GetWithCheck(), parenthesised(in.stmt.tokens, "with", "check")),
	}
	return in.add(p, n.GetTable().GetLocation())
}

func (in *interpreter) policyRoles(list []*pg.Node) ([]string, error) {
	var roles []string
	for _, n := range list {
		name := in.role(n.GetRoleSpec())
		if name == catalog.Public {
			return []string{catalog.Public}, nil
		}
		if err := in.needRole(name, n.GetRoleSpec().GetLocation()); err != nil {
			return nil, err
		}
		if !slices.Contains(roles, name) {
			roles = append(roles, name)
		}
	}
	slices.Sort(roles)
	return roles, nil
}

func (in *interpreter) alterPolicy(n *pg.AlterPolicyStmt) error {
	rel, err := in.relation(n.GetTable())
	if err != nil {
		return err
	}
	id := catalog.Policy{Schema: rel.Schema, Table: rel.Name, Name: n.GetPolicyName()}.ID()
	p, ok := in.c.Get(id).(catalog.Policy)
	if !ok {
		return in.missing(0, "policy %q for table %q", id.Name, rel.Name)
	}
	if n.GetRoles() != nil {
		if p.Roles, err = in.policyRoles(n.GetRoles()); err != nil {
			return err
		}
	}
	if n.GetQual() != nil {
		p.Using = in.expr(n.GetQual(), parenthesised(in.stmt.tokens, "using"))
	}
	if n.GetWithCheck() != nil {
		p.WithCheck = in.expr(n.GetWithCheck(), parenthesised(in.stmt.tokens, "with", "check"))
	}
	in.put(p)
	return nil
}
