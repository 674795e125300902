package lint

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// viewRules are about what views show to whom.
var viewRules = []*Rule{
	{
		Code: "VIEW_BYPASSES_RLS", Level: Error,
		What:   "a view without security_invoker over tables with row security",
		Reason: "it reads with its owner's rights: policies do not hold back a row of it",
		Fix:    "CREATE VIEW … WITH (security_invoker = true), or keep it in a schema that is not exposed",
		schema: viewBypasses,
	},
	{
		Code: "AUTH_USERS_EXPOSED", Level: Error,
		What:   "a view of an exposed schema that reads auth.users",
		Reason: "whoever may read the view reads what the auth service keeps of users",
		Fix:    "keep what is shown in a table of your own, filled by a trigger",
		schema: authUsers,
	},
	{
		Code: "MATERIALIZED_VIEW_EXPOSED", Level: Warning,
		What:   "a materialized view that requests read",
		Reason: "it has no row security: who may read it reads all of it",
		Fix:    "REVOKE SELECT … FROM anon, authenticated, or keep it in a schema that is not exposed",
		schema: materializedView,
	},
}

// invoker reports whether a view reads with the rights of who asks.
func invoker(v catalog.View) bool {
	return slices.ContainsFunc(v.Options, func(o string) bool {
		name, value, _ := strings.Cut(strings.ToLower(o), "=")
		return name == "security_invoker" && slices.Contains([]string{"", "true", "on", "1", "yes"}, value)
	})
}

// reads lists the tables that a view reads, through other views too.
func (s *state) reads(id catalog.ID) []catalog.QName {
	var out []catalog.QName
	seen := map[catalog.ID]bool{}
	var walk func(catalog.ID)
	walk = func(id catalog.ID) {
		if seen[id] {
			return
		}
		seen[id] = true
		for _, dep := range s.Deps(id) {
			q := catalog.QName{Schema: dep.Schema, Name: dep.Name}
			if dep.Kind == catalog.KindColumn {
				q.Name = dep.Table
			}
			rel, ok := s.Relation(q.Schema, q.Name)
			switch {
			case !ok:
			case rel.Kind == catalog.KindView:
				walk(rel)
			case rel.Kind == catalog.KindTable && !slices.Contains(out, q):
				out = append(out, q)
			}
		}
	}
	walk(id)
	return out
}

func viewBypasses(s *state, report found) {
	each(s, func(v catalog.View, at catalog.Pos) {
		if v.Materialized || invoker(v) || !s.isExposed(v.Schema) || !s.open(v.ID()) {
			return
		}
		for _, q := range s.reads(v.ID()) {
			if s.secured(q.Schema, q.Name) {
				report(at, "view %s.%s shows rows of %s past its policies", v.Schema, v.Name, q)
				return
			}
		}
	})
}

func authUsers(s *state, report found) {
	each(s, func(v catalog.View, at catalog.Pos) {
		if s.isExposed(v.Schema) && s.open(v.ID()) && slices.Contains(s.reads(v.ID()), catalog.QName{Schema: "auth", Name: "users"}) {
			report(at, "view %s.%s shows auth.users to requests", v.Schema, v.Name)
		}
	})
}

func materializedView(s *state, report found) {
	each(s, func(v catalog.View, at catalog.Pos) {
		if v.Materialized && s.isExposed(v.Schema) && s.open(v.ID(), "SELECT") {
			report(at, "materialized view %s.%s is read by requests, without row security", v.Schema, v.Name)
		}
	})
}
