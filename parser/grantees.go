package parser

import (
	"maps"

	"bloom/catalog"
)

// Grantees are the roles and default privileges that a script's statements about
// privileges name: those which the files mean to decide.
type Grantees struct {
	Objects  map[string]bool     // by GRANT and REVOKE
	Defaults map[catalog.ID]bool // by ALTER DEFAULT PRIVILEGES, see Decided
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
		for _, id := range decidedDefaults(n, st.role) {
			g.Defaults[id] = true
		}
	}
	for _, r := range st.node.GetGrantStmt().GetGrantees() {
		g.Objects[st.role(r.GetRoleSpec())] = true
	}
}

// And gives what either names.
func (g Grantees) And(h Grantees) Grantees {
	both := Grantees{Objects: map[string]bool{}, Defaults: map[catalog.ID]bool{}}
	for _, x := range []Grantees{g, h} {
		maps.Copy(both.Objects, x.Objects)
		maps.Copy(both.Defaults, x.Defaults)
	}
	return both
}
