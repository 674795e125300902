package lint

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// policyRules are about what policies say.
var policyRules = []*Rule{
	{
		Code: "POLICY_WITHOUT_TO", Level: Warning,
		What:   "a policy without TO",
		Reason: "it is for everybody, and is tried for every role at every row, anonymous ones too",
		Fix:    "say for whom: TO authenticated",
		schema: policyWithoutTo,
	},
	{
		Code: "POLICY_CALL_PER_ROW", Level: Warning,
		What:   "`auth.uid()`, `auth.jwt()`, `auth.role()`, `auth.email()` or `current_setting()` in a policy, not in a sub-select",
		Reason: "it is called for every row; in a sub-select it is called once for a statement",
		Fix:    "write (SELECT auth.uid()) in place of auth.uid()",
		schema: callPerRow,
	},
	{
		Code: "POLICIES_OVERLAP", Level: Warning,
		What:   "several permissive policies of a table for the same command and role",
		Reason: "each of them is tried at every row; together they allow what any of them does",
		Fix:    "make one policy of them, with OR",
		schema: policiesOverlap,
	},
	{
		Code: "POLICY_USER_METADATA", Level: Error,
		What:   "a policy that trusts user_metadata",
		Reason: "users write their own user_metadata, and so give themselves what the policy allows",
		Fix:    "use app_metadata, which they cannot write, or a table",
		schema: userMetadata,
	},
	{
		Code: "POLICY_ALWAYS_TRUE", Level: Warning,
		What:   "a policy that lets requests write any row",
		Reason: "`true` for INSERT, UPDATE, DELETE or ALL is as good as no row security",
		Fix:    "say which rows",
		schema: alwaysTrue,
	},
}

func policyWithoutTo(s *state, report found) {
	each(s, func(p catalog.Policy, at catalog.Pos) {
		if len(p.Roles) == 0 || slices.Equal(p.Roles, []string{catalog.Public}) {
			report(at, "policy %s on %s.%s is for everybody", p.Name, p.Schema, p.Table)
		}
	})
}

// slow are functions that give the same for all rows of a statement.
var slow = []string{"auth.uid", "auth.jwt", "auth.role", "auth.email", "current_setting", "pg_catalog.current_setting"}

func callPerRow(s *state, report found) {
	each(s, func(p catalog.Policy, at catalog.Pos) {
		for _, e := range []catalog.Expr{p.Using, p.WithCheck} {
			var seen []string
			for _, c := range calls(e) {
				if c.once || !slices.Contains(slow, c.name) || slices.Contains(seen, c.name) {
					continue
				}
				seen = append(seen, c.name)
				place := within(e, c.location)
				if place.IsZero() {
					place = at
				}
				report(place, "policy %s on %s.%s calls %s() for every row", p.Name, p.Schema, p.Table, c.name)
			}
		}
	})
}

func policiesOverlap(s *state, report found) {
	for _, list := range s.policies() {
		for i, p := range list {
			at := s.place(p.ID())
			if at.IsZero() || p.Restrictive {
				continue
			}
			for _, other := range list[:i] {
				if role := sharedRole(p.Roles, other.Roles); !other.Restrictive && role != "" && sharedCommand(p.Command, other.Command) {
					report(at, "policy %s on %s.%s and policy %s are both for %s and %s", p.Name, p.Schema, p.Table, other.Name, command(p.Command, other.Command), role)
					break
				}
			}
		}
	}
}

func sharedCommand(a, b string) bool { return a == b || a == "all" || b == "all" }

func command(a, b string) string {
	if a == "all" {
		a = b
	}
	return strings.ToUpper(a)
}

// sharedRole is a role that two policies are both for, "" if there is none.
func sharedRole(a, b []string) string {
	for _, pair := range [][2][]string{{a, b}, {b, a}} {
		for _, r := range pair[0] {
			if slices.Contains(pair[1], r) || slices.Contains(pair[1], catalog.Public) {
				return r
			}
		}
	}
	return ""
}

func userMetadata(s *state, report found) {
	each(s, func(p catalog.Policy, at catalog.Pos) {
		for _, e := range []catalog.Expr{p.Using, p.WithCheck} {
			for _, word := range []string{"user_metadata", "raw_user_meta_data"} {
				if i := strings.Index(e.Text, word); i >= 0 {
					place := within(e, int32(i))
					if place.IsZero() {
						place = at
					}
					report(place, "policy %s on %s.%s trusts %s, which users write themselves", p.Name, p.Schema, p.Table, word)
					break
				}
			}
		}
	})
}

func alwaysTrue(s *state, report found) {
	each(s, func(p catalog.Policy, at catalog.Pos) {
		requests := slices.ContainsFunc(p.Roles, func(r string) bool { return slices.Contains(request, r) })
		if p.Restrictive || p.Command == "select" || !requests {
			return
		}
		check := p.WithCheck
		if check.IsZero() {
			check = p.Using
		}
		for _, e := range []catalog.Expr{p.Using, check} {
			if strings.EqualFold(strings.Trim(e.Text, "() \n\t"), "true") {
				report(at, "policy %s on %s.%s lets %s write any row", p.Name, p.Schema, p.Table, strings.Join(p.Roles, ", "))
				return
			}
		}
	})
}
