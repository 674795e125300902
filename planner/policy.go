package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

var policyRule = rule[catalog.Policy]{
	create: func(s *state, o catalog.Policy) []Statement {
		parts := []fragment{sql("CREATE POLICY ? ON ?", ident(o.Name), tableOf(o.ID()))}
		if o.Restrictive {
			parts = append(parts, fragment{text: "AS RESTRICTIVE"})
		}
		if o.Command != "all" {
			parts = append(parts, sql("FOR ?", raw(strings.ToUpper(o.Command))))
		}
		if !everybody(o.Roles) {
			parts = append(parts, sql("TO ?", roles(o.Roles)))
		}
		parts = append(parts, policyConditions(o.Using, o.WithCheck)...)
		return one(o.ID(), join(parts, "\n    "), s.policyAdded(o))
	},
	drop: func(s *state, o catalog.Policy) []Statement {
		var h Hazard
		if o.Restrictive && !s.desired.Has(s.desiredID(o.ID())) {
			h = s.hazard("POLICY_WIDENED", Security, o.ID(), "what restrictive policy "+o.Name+" held back is allowed")
		}
		return one(o.ID(), sql("DROP POLICY ? ON ?", ident(o.Name), tableOf(o.ID())), h)
	},
	alter: alterPolicy,
}

// policyConditions writes USING and WITH CHECK, each on a line.
func policyConditions(using, check catalog.Expr) []fragment {
	var parts []fragment
	if !using.IsZero() {
		parts = append(parts, sql("USING (?)", using))
	}
	if !check.IsZero() {
		parts = append(parts, sql("WITH CHECK (?)", check))
	}
	return parts
}

func everybody(roles []string) bool {
	return len(roles) == 0 || slices.Equal(roles, []string{catalog.Public})
}

// alterPolicy changes roles and conditions. A condition cannot be taken away, nor the
// command or kind changed: the policy is then made again.
func alterPolicy(s *state, o *catalog.Policy, want catalog.Policy) []Statement {
	id := want.ID()
	if o.Command != want.Command || o.Restrictive != want.Restrictive ||
		!o.Using.IsZero() && want.Using.IsZero() || !o.WithCheck.IsZero() && want.WithCheck.IsZero() {
		return nil
	}
	var out []Statement
	if o.Name != want.Name {
		out = append(out, do(id, sql("ALTER POLICY ? ON ? RENAME TO ?", ident(o.Name), tableOf(id), ident(want.Name))))
	}
	parts := []fragment{sql("ALTER POLICY ? ON ?", ident(want.Name), tableOf(id))}
	if !slices.Equal(o.Roles, want.Roles) {
		parts = append(parts, sql("TO ?", roles(orPublic(want.Roles))))
	}
	var using, check catalog.Expr
	if o.Using != want.Using {
		using = want.Using
	}
	if o.WithCheck != want.WithCheck {
		check = want.WithCheck
	}
	if parts = append(parts, policyConditions(using, check)...); len(parts) > 1 {
		out = append(out, do(id, join(parts, "\n    "), s.policyChanged(*o, want)))
	}
	o.Name, o.Roles, o.Using, o.WithCheck = want.Name, want.Roles, want.Using, want.WithCheck
	return out
}

func orPublic(roles []string) []string {
	if len(roles) == 0 {
		return []string{catalog.Public}
	}
	return roles
}

// policyAdded warns of a permissive policy on a table that is in use.
func (s *state) policyAdded(o catalog.Policy) Hazard {
	id := o.ID()
	if o.Restrictive || s.current.Has(id) {
		return Hazard{}
	}
	return s.hazard("POLICY_WIDENED", Security, id, strings.Join(orPublic(o.Roles), ", ")+" may "+o.Command+" more rows of "+tableOf(id).String())
}

// policyChanged warns of a changed condition, which may allow more than before.
func (s *state) policyChanged(o, want catalog.Policy) Hazard {
	what := "other rows"
	switch {
	case o.Using == want.Using && o.WithCheck == want.WithCheck && subset(want.Roles, o.Roles):
		return Hazard{}
	case o.Using == want.Using && o.WithCheck == want.WithCheck:
		what = "other roles"
	}
	return s.hazard("POLICY_WIDENED", Security, want.ID(), "the policy allows "+what+" than before; see that it is not too much")
}

func subset(some, all []string) bool {
	return everybody(all) || !everybody(some) && !slices.ContainsFunc(some, func(r string) bool { return !slices.Contains(all, r) })
}
