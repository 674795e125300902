package planner

import "bloom/catalog"

// A default privilege without a schema is the whole entry, so its built-in part
// counts as given; one with a schema is only what is added.
var defaultPrivilegeRule = rule[catalog.DefaultPrivilege]{
	create: func(s *state, o catalog.DefaultPrivilege) []Statement {
		return s.defaultPrivilegeStatements(o, s.builtinDefault(o), o.Privileges)
	},
	drop: func(s *state, o catalog.DefaultPrivilege) []Statement {
		return s.defaultPrivilegeStatements(o, o.Privileges, s.builtinDefault(o))
	},
	alter: func(s *state, o *catalog.DefaultPrivilege, want catalog.DefaultPrivilege) []Statement {
		out := s.defaultPrivilegeStatements(want, o.Privileges, want.Privileges)
		o.Privileges = want.Privileges
		return out
	},
}

// builtinDefault is what the grantee has when nobody changed the default privileges.
func (s *state) builtinDefault(o catalog.DefaultPrivilege) []catalog.Privilege {
	if o.Schema == "" && o.Grantee == o.Owner {
		return allPrivileges(o.Objects, s.current.Version)
	}
	if o.Schema != "" || o.Grantee != catalog.Public {
		return nil
	}
	switch o.Objects {
	case catalog.KindRoutine:
		return []catalog.Privilege{{Name: "EXECUTE"}}
	case catalog.KindEnum:
		return []catalog.Privilege{{Name: "USAGE"}}
	}
	return nil
}

var defaultObjects = map[catalog.Kind]string{
	catalog.KindTable: "TABLES", catalog.KindSequence: "SEQUENCES", catalog.KindRoutine: "FUNCTIONS",
	catalog.KindEnum: "TYPES", catalog.KindSchema: "SCHEMAS", catalog.KindLargeObject: "LARGE OBJECTS",
}

func (s *state) defaultPrivilegeStatements(o catalog.DefaultPrivilege, have, want []catalog.Privilege) []Statement {
	// The same comparison as for one object, written after the clause that says for whose objects.
	target := catalog.ID{Kind: o.Objects}
	prefix := sql("ALTER DEFAULT PRIVILEGES FOR ROLE ?", ident(o.Owner))
	if o.Schema != "" {
		prefix = sql("? IN SCHEMA ?", prefix, ident(o.Schema))
	}
	var out []Statement
	for _, part := range privilegeParts(have, want) {
		h := Hazard{}
		if part.grants {
			h = s.exposure(catalog.ID{Kind: catalog.KindSchema, Name: o.Schema}, o.Grantee, part.list)
			h.Reason = "from now on " + h.Reason
		}
		out = append(out, do(o.ID(), sql("? ? ? ON ? ? ??", prefix, raw(part.verb), s.privilegeList(target, part.list),
			raw(defaultObjects[o.Objects]), raw(part.to), role(o.Grantee), raw(part.suffix)), h))
	}
	return out
}
