package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

var foreignDataWrapperRule = rule[catalog.ForeignDataWrapper]{
	create: func(_ *state, o catalog.ForeignDataWrapper) []Statement {
		parts := []fragment{sql("CREATE FOREIGN DATA WRAPPER ?", ident(o.Name))}
		if !o.Handler.IsZero() {
			parts = append(parts, sql("HANDLER ?", o.Handler))
		}
		if !o.Validator.IsZero() {
			parts = append(parts, sql("VALIDATOR ?", o.Validator))
		}
		return one(o.ID(), words(append(parts, foreignOptionsClause(o.Options))...))
	},
	drop: dropNamed[catalog.ForeignDataWrapper],
	alter: func(_ *state, o *catalog.ForeignDataWrapper, want catalog.ForeignDataWrapper) []Statement {
		parts := []fragment{sql("ALTER FOREIGN DATA WRAPPER ?", ident(o.Name))}
		function := func(word string, have, want catalog.QName) {
			switch {
			case have == want:
			case want.IsZero():
				parts = append(parts, fragment{text: "NO " + word})
			default:
				parts = append(parts, sql("? ?", raw(word), want))
			}
		}
		function("HANDLER", o.Handler, want.Handler)
		function("VALIDATOR", o.Validator, want.Validator)
		if strings.Join(o.Options, "\n") != strings.Join(want.Options, "\n") {
			parts = append(parts, changedForeignOptions(o.Options, want.Options))
		}
		*o = want
		return one(o.ID(), words(parts...))
	},
}

var serverRule = rule[catalog.Server]{
	create: func(_ *state, o catalog.Server) []Statement {
		parts := []fragment{sql("CREATE SERVER ?", ident(o.Name))}
		if o.Type != "" {
			parts = append(parts, sql("TYPE ?", literal(o.Type)))
		}
		if o.Version != "" {
			parts = append(parts, sql("VERSION ?", literal(o.Version)))
		}
		parts = append(parts, sql("FOREIGN DATA WRAPPER ?", ident(o.Wrapper)), foreignOptionsClause(o.Options))
		return one(o.ID(), words(parts...))
	},
	drop: dropNamed[catalog.Server],
	alter: func(s *state, o *catalog.Server, want catalog.Server) []Statement {
		if o.Wrapper != want.Wrapper || o.Type != want.Type {
			return nil
		}
		parts := []fragment{sql("ALTER SERVER ?", ident(o.Name))}
		if o.Version != want.Version {
			if want.Version == "" {
				s.refuse(want.ID(), "PostgreSQL cannot take the version of server %s away; declare VERSION '%s'", want.Name, o.Version)
			}
			parts = append(parts, sql("VERSION ?", literal(want.Version)))
		}
		if strings.Join(o.Options, "\n") != strings.Join(want.Options, "\n") {
			parts = append(parts, changedForeignOptions(o.Options, want.Options))
		}
		*o = want
		return one(o.ID(), words(parts...))
	},
}

// An option that tells of a secret is known by a digest only, so bloom cannot
// write it: it has the text of the user's file for a new mapping and nothing for
// a changed one.
var userMappingRule = rule[catalog.UserMapping]{
	create: func(s *state, o catalog.UserMapping) []Statement {
		s.refuseSecrets(o.ID(), nil, o.Options)
		return one(o.ID(), words(sql("CREATE USER MAPPING FOR ? SERVER ?", role(o.User), ident(o.Server)), foreignOptionsClause(o.Options)))
	},
	drop: func(_ *state, o catalog.UserMapping) []Statement {
		return one(o.ID(), sql("DROP USER MAPPING FOR ? SERVER ?", role(o.User), ident(o.Server)))
	},
	alter: func(s *state, o *catalog.UserMapping, want catalog.UserMapping) []Statement {
		s.refuseSecrets(o.ID(), o.Options, want.Options)
		f := sql("ALTER USER MAPPING FOR ? SERVER ? ?", role(o.User), ident(o.Server), changedForeignOptions(o.Options, want.Options))
		o.Options = want.Options
		return one(o.ID(), f)
	},
}

func (s *state) refuseSecrets(id catalog.ID, have, want []string) {
	for _, o := range want {
		if name, value, _ := strings.Cut(o, "="); strings.HasPrefix(value, "sha256:") && !slices.Contains(have, o) {
			s.refuse(id, "%s: option %s is a secret, which no migration may hold; set it by hand", id, name)
		}
	}
}

func foreignOptionsClause(list []string) fragment {
	if len(list) == 0 {
		return fragment{}
	}
	return sql("OPTIONS ?", foreignOptions(list))
}
