package parser

import (
	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// role is the name that a role specification stands for.
func (in *interpreter) role(r *pg.RoleSpec) string { return in.stmt.role(r) }

// role is the name of a role in the statement.
func (st *statement) role(r *pg.RoleSpec) string {
	switch r.GetRoletype() {
	case pg.RoleSpecType_ROLESPEC_PUBLIC:
		return catalog.Public
	case pg.RoleSpecType_ROLESPEC_CURRENT_ROLE, pg.RoleSpecType_ROLESPEC_CURRENT_USER, pg.RoleSpecType_ROLESPEC_SESSION_USER:
		return st.session.role
	}
	return r.GetRolename()
}

// needRole reports a role that does not exist, where it is known which do.
func (in *interpreter) needRole(name string, loc int32) error {
	if !in.hasRoles || name == catalog.Public || name == in.o.Role || name == in.stmt.session.role {
		return nil
	}
	if in.c.Lookup(catalog.Role{Name: name}.ID()) == nil && !predefined(name) {
		return in.missing(loc, "role %q", name)
	}
	return nil
}

func predefined(role string) bool { return len(role) > 3 && role[:3] == "pg_" }

// own records who owns a new object: who runs the statement.
func (in *interpreter) own(id catalog.ID) {
	in.put(catalog.Owner{Target: id, Role: in.stmt.session.role, Given: in.stmt.session.role != in.o.Role})
}

// ownerOf is who owns an object, or the table that a part or a column's sequence belongs to.
func (in *interpreter) ownerOf(id catalog.ID) string {
	if o, ok := catalog.Find[catalog.Owner](in.c, catalog.About(catalog.KindOwner, id, "")); ok {
		return o.Role
	}
	if s, ok := catalog.Find[catalog.Sequence](in.c, id); ok && !s.OwnedBy.IsZero() {
		return in.ownerOf(s.OwnedBy.ID())
	}
	if id.Table != "" {
		if rel, ok := in.c.Relation(id.Schema, id.Table); ok {
			return in.ownerOf(rel)
		}
	}
	return in.o.Role
}

func (in *interpreter) alterOwner(n *pg.AlterOwnerStmt) error {
	switch n.GetObjectType() {
	case pg.ObjectType_OBJECT_DATABASE, pg.ObjectType_OBJECT_LARGEOBJECT, pg.ObjectType_OBJECT_TABLESPACE, pg.ObjectType_OBJECT_LANGUAGE:
		return nil
	}
	id, err := in.object(n.GetObjectType(), n.GetObject())
	if err != nil {
		return err
	}
	return in.changeOwner(id, n.GetNewowner())
}

func (in *interpreter) changeOwner(id catalog.ID, r *pg.RoleSpec) error {
	role := in.role(r)
	if err := in.needRole(role, r.GetLocation()); err != nil {
		return err
	}
	if s, ok := catalog.Find[catalog.Sequence](in.c, id); ok && !s.OwnedBy.IsZero() {
		return nil // it is its table's owner's
	}
	in.setOwner(id, role)
	return nil
}

// setOwner gives an object to a role. The old owner's privileges become the new
// one's (aclnewowner).
func (in *interpreter) setOwner(id catalog.ID, role string) {
	old := in.ownerOf(id)
	in.put(catalog.Owner{Target: id, Role: role, Given: true})
	if old == role {
		return
	}
	targets := []catalog.ID{id}
	for _, column := range in.c.ColumnsOf(id) {
		targets = append(targets, column)
		for _, s := range in.ownedSequences(column) {
			targets = append(targets, s.ID())
		}
	}
	for _, t := range targets {
		in.moveOwnerGrant(t, old, role)
	}
}

func (in *interpreter) moveOwnerGrant(target catalog.ID, old, role string) {
	was, reduced := in.c.Get(catalog.About(catalog.KindGrant, target, old)).(catalog.Grant)
	other, explicit := in.c.Get(catalog.About(catalog.KindGrant, target, role)).(catalog.Grant)
	if reduced {
		in.remove(was.ID())
	}
	if explicit {
		in.remove(other.ID())
	}
	if reduced || explicit && target.Kind == catalog.KindColumn {
		all := merge(was.Privileges, other.Privileges)
		for i := range all {
			all[i].Grantable = false // an owner may pass on whatever the ACL says of it
		}
		in.putGrant(catalog.Grant{Target: target, Grantee: role, Privileges: all}, role)
	}
}

func (in *interpreter) reassignOwned(n *pg.ReassignOwnedStmt) error {
	if !in.replay {
		return in.errorf(0, "REASSIGN OWNED declares nothing").hint("write ALTER … OWNER TO for each object")
	}
	for _, r := range n.GetRoles() {
		from := in.role(r.GetRoleSpec())
		for _, id := range append([]catalog.ID(nil), in.c.IDs()...) {
			if o, ok := in.c.Get(id).(catalog.Owner); ok && o.Role == from {
				in.setOwner(o.Target, in.role(n.GetNewrole()))
			}
		}
	}
	return nil
}

func (in *interpreter) dropOwned(n *pg.DropOwnedStmt) error {
	return in.unsupported(0, "DROP OWNED")
}
