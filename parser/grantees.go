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
	// Dumped are the objects that a dump for the platform makes, and Loaded the privileges on them after it was run there,
	// as against those that it names.
	Dumped map[catalog.ID]bool
	Loaded map[catalog.ID]catalog.Grant
}

// Grantees finds the roles that privileges are given to or taken from. They are
// known once the script has been declared or replayed.
func (s *Script) Grantees() Grantees {
	g := Grantees{Objects: map[string]bool{}, Defaults: map[catalog.ID]bool{}, Dumped: s.objects, Loaded: s.grants}
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
			// What is run on the platform leaves its default privileges in force.
			if st.file.origin() == dumped || id.Role != "" {
				g.Defaults[id] = true
			}
		}
	}
	for _, r := range st.node.GetGrantStmt().GetGrantees() {
		g.Objects[st.role(r.GetRoleSpec())] = true
	}
}

// And gives what either names.
func (g Grantees) And(h Grantees) Grantees {
	both := Grantees{Objects: map[string]bool{}, Defaults: map[catalog.ID]bool{}, Dumped: map[catalog.ID]bool{}, Loaded: map[catalog.ID]catalog.Grant{}}
	for _, x := range []Grantees{g, h} {
		maps.Copy(both.Objects, x.Objects)
		maps.Copy(both.Defaults, x.Defaults)
		maps.Copy(both.Dumped, x.Dumped)
		maps.Copy(both.Loaded, x.Loaded)
	}
	return both
}
