package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

func (in *interpreter) createRole(n *pg.CreateRoleStmt) error {
	r := catalog.Role{Name: n.GetRole(), Inherit: true, ConnLimit: -1, Login: n.GetStmtType() == pg.RoleStmtType_ROLESTMT_USER}
	if in.stmt.guard.duplicate && in.c.Lookup(r.ID()) != nil {
		return nil // any role of this name will do
	}
	if in.c.Has(r.ID()) {
		return in.duplicate(r.ID(), 0)
	}
	roleOptions(&r, n.GetOptions())
	in.put(r)
	in.hasRoles = in.hasRoles || in.c.Base != nil
	for _, d := range elems(n.GetOptions()) {
		for _, x := range d.GetArg().GetList().GetItems() {
			other := in.role(x.GetRoleSpec())
			switch d.GetDefname() {
			case "addroleto":
				in.put(newMember(other, r.Name))
			case "rolemembers", "adminmembers":
				m := newMember(r.Name, other)
				m.Admin = d.GetDefname() == "adminmembers"
				in.put(m)
			}
		}
	}
	return nil
}

func newMember(role, member string) catalog.RoleMember {
	return catalog.RoleMember{Role: role, Member: member, Inherit: true, Set: true}
}

// roleOptions sets attributes. A password is never kept.
func roleOptions(r *catalog.Role, options []*pg.Node) {
	for _, d := range elems(options) {
		switch d.GetDefname() {
		case "superuser":
			r.Superuser = isTrue(d)
		case "inherit":
			r.Inherit = isTrue(d)
		case "createrole":
			r.CreateRole = isTrue(d)
		case "createdb":
			r.CreateDB = isTrue(d)
		case "canlogin":
			r.Login = isTrue(d)
		case "isreplication":
			r.Replication = isTrue(d)
		case "bypassrls":
			r.BypassRLS = isTrue(d)
		case "connectionlimit":
			r.ConnLimit = int(number(d))
		case "validUntil":
			if r.ValidUntil = constText(d.GetArg()); r.ValidUntil == "infinity" {
				r.ValidUntil = ""
			}
		}
	}
}

// declaredRole is a role that the files themselves create. Others belong to the
// cluster, and what is done to them is not compared.
func (in *interpreter) declaredRole(name string) (catalog.Role, bool, error) {
	r, ok := in.c.Get(catalog.Role{Name: name}.ID()).(catalog.Role)
	if !ok {
		if err := in.needRole(name, 0); err != nil {
			return r, false, err
		}
		in.note("role %q is not created here: its attributes are left out", name)
	}
	return r, ok, nil
}

func (in *interpreter) alterRole(n *pg.AlterRoleStmt) error {
	r, ok, err := in.declaredRole(in.role(n.GetRole()))
	if err != nil || !ok {
		return err
	}
	roleOptions(&r, n.GetOptions())
	in.put(r)
	return nil
}

func (in *interpreter) alterRoleSet(n *pg.AlterRoleSetStmt) error {
	if n.GetDatabase() != "" || n.GetRole() == nil {
		return nil // of one database, or of all roles
	}
	r, ok, err := in.declaredRole(in.role(n.GetRole()))
	if err != nil || !ok {
		return err
	}
	r.Config = in.config(r.Config, n.GetSetstmt())
	slices.Sort(r.Config)
	in.put(r)
	return nil
}

func (in *interpreter) dropRole(n *pg.DropRoleStmt) error {
	for _, x := range n.GetRoles() {
		name := in.role(x.GetRoleSpec())
		id := catalog.Role{Name: name}.ID()
		if !in.c.Has(id) {
			if !n.GetMissingOk() && in.c.Lookup(id) == nil && in.hasRoles {
				return in.missing(0, "role %q", name)
			}
			continue
		}
		for _, other := range slices.Clone(in.c.IDs()) {
			if m, ok := in.c.Get(other).(catalog.RoleMember); ok && (m.Role == name || m.Member == name) {
				in.remove(other)
			}
		}
		in.remove(id)
	}
	return nil
}

func (in *interpreter) grantRole(n *pg.GrantRoleStmt) error {
	for _, g := range n.GetGrantedRoles() {
		role := g.GetAccessPriv().GetPrivName()
		if err := in.needRole(role, 0); err != nil {
			return err
		}
		for _, x := range n.GetGranteeRoles() {
			member := in.role(x.GetRoleSpec())
			if err := in.needRole(member, x.GetRoleSpec().GetLocation()); err != nil {
				return err
			}
			in.changeMember(newMember(role, member), n)
		}
	}
	return nil
}

func (in *interpreter) changeMember(m catalog.RoleMember, n *pg.GrantRoleStmt) {
	if have, ok := catalog.Find[catalog.RoleMember](in.c, m.ID()); ok {
		m = have
	}
	if !n.GetIsGrant() && len(n.GetOpt()) == 0 {
		in.remove(m.ID())
		return
	}
	for _, d := range elems(n.GetOpt()) {
		value := n.GetIsGrant() && isTrue(d)
		switch strings.ToLower(d.GetDefname()) {
		case "admin":
			m.Admin = value
		case "inherit":
			m.Inherit = value
		case "set":
			m.Set = value
		}
	}
	in.put(m)
}
