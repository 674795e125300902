package parser

import "bloom/catalog"

// Grantees are the roles and default privileges that a script's statements about
// privileges name: those which the files mean to decide.
type Grantees struct {
	Objects  map[string]bool     // by GRANT and REVOKE
	Defaults map[catalog.ID]bool // by ALTER DEFAULT PRIVILEGES: the entries it sets
}

// Grantees finds the roles that privileges are given to or taken from. They are
// known once the script has been declared or replayed.
func (s *Script) Grantees() Grantees {
	g := Grantees{Objects: map[string]bool{}, Defaults: map[catalog.ID]bool{}}
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
	if n := st.node.GetAlterDefaultPrivilegesStmt(); n != nil {
		for _, d := range defaultPrivilegeKeys(n, st.role) {
			g.Defaults[d.ID()] = true
		}
	}
	for _, r := range st.node.GetGrantStmt().GetGrantees() {
		g.Objects[st.role(r.GetRoleSpec())] = true
	}
}
