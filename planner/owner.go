package planner

import "bloom/catalog"

var ownerRule = rule[catalog.Owner]{
	create: func(s *state, o catalog.Owner) []Statement {
		if o.Role == "" || o.Role == s.role || !bool(o.Given) && o.Role == s.desired.Role {
			return nil // what is made belongs to who makes it
		}
		return setOwner(s, o)
	},
	drop: func(*state, catalog.Owner) []Statement { return nil },
	alter: func(s *state, o *catalog.Owner, want catalog.Owner) []Statement {
		o.Role = want.Role
		if want.Role == "" {
			return nil
		}
		return setOwner(s, want)
	},
}

func setOwner(s *state, o catalog.Owner) []Statement {
	var h Hazard
	if _, there := s.current.Get(o.ID()).(catalog.Owner); there && !s.making[o.Target] {
		h = s.hazard("OWNER_CHANGED", Security, o.Target, "from now on "+o.Role+" owns "+o.Target.Path())
	}
	return one(o.ID(), sql("ALTER ? OWNER TO ?", object(s.desired, o.Target), ident(o.Role)), h)
}
