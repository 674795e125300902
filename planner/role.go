package planner

import (
	"strings"

	"bloom/catalog"
)

var roleRule = rule[catalog.Role]{
	create: func(_ *state, o catalog.Role) []Statement {
		plain := catalog.Role{Name: o.Name, Inherit: true, ConnLimit: -1}
		out := one(o.ID(), words(sql("CREATE ROLE ?", ident(o.Name)), roleOptions(plain, o)))
		return append(out, roleConfig(plain, o)...)
	},
	drop: func(_ *state, o catalog.Role) []Statement { return one(o.ID(), sql("DROP ROLE ?", ident(o.Name))) },
	alter: func(s *state, o *catalog.Role, want catalog.Role) []Statement {
		var out []Statement
		if f := roleOptions(*o, want); f.text != "" {
			var h Hazard
			if want.Superuser && !o.Superuser || want.BypassRLS && !o.BypassRLS {
				h = s.hazard("ROLE_WIDENED", Security, o.ID(), "policies no longer hold role "+o.Name)
			}
			out = one(o.ID(), sql("ALTER ROLE ? ?", ident(o.Name), f), h)
		}
		out = append(out, roleConfig(*o, want)...)
		*o = want
		return out
	},
}

// roleOptions writes the attributes in which a role differs from what it has.
func roleOptions(have, want catalog.Role) fragment {
	var parts []fragment
	flag := func(h, w bool, word string) {
		switch {
		case h == w:
		case w:
			parts = append(parts, fragment{text: word})
		default:
			parts = append(parts, fragment{text: "NO" + word})
		}
	}
	flag(have.Superuser, want.Superuser, "SUPERUSER")
	flag(have.Inherit, want.Inherit, "INHERIT")
	flag(have.CreateRole, want.CreateRole, "CREATEROLE")
	flag(have.CreateDB, want.CreateDB, "CREATEDB")
	flag(have.Login, want.Login, "LOGIN")
	flag(have.Replication, want.Replication, "REPLICATION")
	flag(have.BypassRLS, want.BypassRLS, "BYPASSRLS")
	if have.ConnLimit != want.ConnLimit {
		parts = append(parts, sql("CONNECTION LIMIT ?", want.ConnLimit))
	}
	if have.ValidUntil != want.ValidUntil {
		until := want.ValidUntil
		if until == "" {
			until = "infinity"
		}
		parts = append(parts, sql("VALID UNTIL ?", literal(until)))
	}
	return words(parts...)
}

func roleConfig(have, want catalog.Role) []Statement {
	var out []Statement
	set, reset := changedOptions(have.Config, want.Config)
	for _, c := range set {
		name, value, _ := strings.Cut(c, "=")
		out = append(out, do(want.ID(), sql("ALTER ROLE ? SET ? TO ?", ident(want.Name), optionName(name), configValue(name, value))))
	}
	for _, name := range reset {
		out = append(out, do(want.ID(), sql("ALTER ROLE ? RESET ?", ident(want.Name), optionName(name))))
	}
	return out
}

var roleMemberRule = rule[catalog.RoleMember]{
	create: func(s *state, o catalog.RoleMember) []Statement {
		h := s.hazard("MEMBERSHIP_GRANTED", Security, o.ID(), o.Member+" gets what "+o.Role+" may")
		return one(o.ID(), grantMembership(s, o), h)
	},
	drop: func(_ *state, o catalog.RoleMember) []Statement {
		return one(o.ID(), sql("REVOKE ? FROM ?", ident(o.Role), ident(o.Member)))
	},
	alter: func(s *state, o *catalog.RoleMember, want catalog.RoleMember) []Statement {
		if s.current.Version.HasMembershipOptions() {
			*o = want
			return one(o.ID(), grantMembership(s, want))
		}
		if o.Admin && !want.Admin {
			o.Admin = false
			return one(o.ID(), sql("REVOKE ADMIN OPTION FOR ? FROM ?", ident(o.Role), ident(o.Member)))
		}
		o.Admin = want.Admin
		return one(o.ID(), grantMembership(s, want))
	},
}

func grantMembership(s *state, o catalog.RoleMember) fragment {
	f := sql("GRANT ? TO ?", ident(o.Role), ident(o.Member))
	if s.current.Version.Major() >= 16 {
		return sql("? WITH ADMIN ?, INHERIT ?, SET ?", f, truth(o.Admin), truth(o.Inherit), truth(o.Set))
	}
	return words(f, key(o.Admin, "WITH ADMIN OPTION"))
}

func truth(b bool) raw {
	if b {
		return "TRUE"
	}
	return "FALSE"
}
