package catalog

// Role mirrors pg_authid, without passwords. Roles belong to the cluster: they
// are compared only where the files declare them.
type Role struct {
	Name        string
	Superuser   bool
	Inherit     bool
	CreateRole  bool
	CreateDB    bool
	Login       bool
	Replication bool
	BypassRLS   bool
	ConnLimit   int      // rolconnlimit; -1: no limit
	ValidUntil  string   // rolvaliduntil as text; empty: for ever
	Config      []string // pg_db_role_setting for all databases, "name=value", sorted
}

// ID identifies the role by its name.
func (o Role) ID() ID { return ID{Kind: KindRole, Name: o.Name} }

// RoleMember mirrors pg_auth_members: Member is a member of Role.
type RoleMember struct {
	Role, Member string
	Admin        bool
	Inherit, Set bool // PostgreSQL 16 and later; true before
}

// ID identifies the membership by both roles.
func (o RoleMember) ID() ID { return ID{Kind: KindRoleMember, Name: o.Role, Role: o.Member} }
