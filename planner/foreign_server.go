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
		if o.Wrapper != want.Wrapper || o.Type != want.Type || o.Version != want.Version && want.Version == "" {
			return nil
		}
		parts := []fragment{sql("ALTER SERVER ?", ident(o.Name))}
		if o.Version != want.Version {
			parts = append(parts, sql("VERSION ?", literal(want.Version)))
		}
		if strings.Join(o.Options, "\n") != strings.Join(want.Options, "\n") {
			parts = append(parts, changedForeignOptions(o.Options, want.Options))
		}
		*o = want
		return one(o.ID(), words(parts...))
	},
}

// An option that tells of a secret is known by a digest only, so bloom cannot write
// it: a mapping with a new or changed one is made by the text of the user's file.
var userMappingRule = rule[catalog.UserMapping]{
	create: func(s *state, o catalog.UserMapping) []Statement {
		s.refuseSecrets(o.ID(), o.Options)
		return one(o.ID(), words(sql("CREATE USER MAPPING FOR ? SERVER ?", role(o.User), ident(o.Server)), foreignOptionsClause(o.Options)))
	},
	drop: func(_ *state, o catalog.UserMapping) []Statement {
		return one(o.ID(), sql("DROP USER MAPPING FOR ? SERVER ?", role(o.User), ident(o.Server)))
	},
	alter: func(s *state, o *catalog.UserMapping, want catalog.UserMapping) []Statement {
		if len(newSecrets(o.Options, want.Options)) > 0 {
			return nil
		}
		f := sql("ALTER USER MAPPING FOR ? SERVER ? ?", role(o.User), ident(o.Server), changedForeignOptions(o.Options, want.Options))
		o.Options = want.Options
		return one(o.ID(), f)
	},
}

func (s *state) refuseSecrets(id catalog.ID, want []string) {
	for _, name := range newSecrets(nil, want) {
		s.refuse(id, "%s: option %s is a secret, which no migration may hold but in the words of the files; set it by hand", id, name)
	}
}

// newSecrets names the options wanted that tell of a secret and are not there.
func newSecrets(have, want []string) []string {
	var out []string
	for _, o := range want {
		if name, value, _ := strings.Cut(o, "="); strings.HasPrefix(value, "sha256:") && !slices.Contains(have, o) {
			out = append(out, name)
		}
	}
	return out
}

func foreignOptionsClause(list []string) fragment {
	if len(list) == 0 {
		return fragment{}
	}
	return sql("OPTIONS ?", foreignOptions(list))
}
