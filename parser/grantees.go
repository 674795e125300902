package parser

import (
	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// Grantees are the roles that a script's statements about privileges name: those
// whose privileges the files mean to decide.
type Grantees struct {
	Objects  map[string]bool // by GRANT and REVOKE
	Defaults map[string]bool // by ALTER DEFAULT PRIVILEGES
}

// Grantees finds the roles that privileges are given to or taken from. Those in
// DO blocks are known once the script has been declared.
func (s *Script) Grantees() Grantees {
	g := Grantees{Objects: map[string]bool{}, Defaults: map[string]bool{}}
	for _, f := range s.files {
		for _, st := range f.statements {
			g.add(st)
			for _, inner := range s.inner[st] {
				g.add(inner)
			}
		}
	}
	return g
}

func (g Grantees) add(st *statement) {
	grant, names := st.node.GetGrantStmt(), g.Objects
	if d := st.node.GetAlterDefaultPrivilegesStmt(); d != nil {
		grant, names = d.GetAction(), g.Defaults
	}
	for _, r := range grant.GetGrantees() {
		names[granteeName(r.GetRoleSpec())] = true
	}
}

func granteeName(r *pg.RoleSpec) string {
	if r.GetRoletype() == pg.RoleSpecType_ROLESPEC_PUBLIC {
		return catalog.Public
	}
	return r.GetRolename()
}
