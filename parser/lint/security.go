package lint

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// securityRules are about row security and who gets at a table.
var securityRules = []*Rule{
	{
		Code: "RLS_MISSING", Level: Error,
		What:   "a table of an exposed schema, open to the API's roles, without row security",
		Reason: "whoever has the project's public key reads and writes all its rows",
		Fix:    "ALTER TABLE … ENABLE ROW LEVEL SECURITY, and policies for those who may",
		schema: rlsMissing,
	},
	{
		Code: "POLICY_WITHOUT_RLS", Level: Error,
		What:   "a table with policies and no row security",
		Reason: "policies do nothing as long as row security is off",
		Fix:    "ALTER TABLE … ENABLE ROW LEVEL SECURITY",
		schema: policyWithoutRLS,
	},
	{
		Code: "RLS_ENABLED_NO_POLICY", Level: Note,
		What:   "a table with row security and no policy",
		Reason: "nobody but the owner sees a row; that may be meant",
		Fix:    "declare a policy, or allow this where nobody is to get at the rows",
		schema: noPolicy,
	},
	{
		Code: "SENSITIVE_COLUMN", Level: Error,
		What:   "a column that by its name holds a secret, in a table that anybody reads",
		Reason: "no row security holds back the rows",
		Fix:    "enable row security, or move the column to a schema that is not exposed",
		schema: sensitiveColumn,
	},
}

// request are the roles that requests to the API run as; PUBLIC is everybody.
var request = []string{catalog.Public, "anon", "authenticated"}

// open reports whether requests have one of the privileges on an object, or any if none is named.
func (s *state) open(id catalog.ID, privileges ...string) bool {
	for _, role := range request {
		g, ok := s.Get(catalog.About(catalog.KindGrant, id, role)).(catalog.Grant)
		if !ok {
			continue
		}
		for _, p := range g.Privileges {
			if len(privileges) == 0 || slices.Contains(privileges, p.Name) {
				return true
			}
		}
	}
	return false
}

func (s *state) secured(schema, table string) bool {
	r, ok := s.Lookup(catalog.RowSecurity{Schema: schema, Table: table}.ID()).(catalog.RowSecurity)
	return ok && r.Enabled
}

// bare reports whether anybody who sends requests reads all of a table.
func (s *state) bare(t catalog.Table) bool {
	return t.Server == "" && s.isExposed(t.Schema) && !s.secured(t.Schema, t.Name) && s.open(t.ID())
}

func rlsMissing(s *state, report found) {
	each(s, func(t catalog.Table, at catalog.Pos) {
		if s.bare(t) {
			report(at, "table %s.%s has no row security, and requests get at it", t.Schema, t.Name)
		}
	})
}

// policies are those of each table that has some, in the order of their names.
func (s *state) policies() map[catalog.QName][]catalog.Policy {
	out := map[catalog.QName][]catalog.Policy{}
	for _, o := range s.All() {
		if p, ok := o.(catalog.Policy); ok {
			q := catalog.QName{Schema: p.Schema, Name: p.Table}
			out[q] = append(out[q], p)
		}
	}
	return out
}

func policyWithoutRLS(s *state, report found) {
	policies := s.policies()
	each(s, func(t catalog.Table, at catalog.Pos) {
		if list := policies[catalog.QName{Schema: t.Schema, Name: t.Name}]; len(list) > 0 && !s.secured(t.Schema, t.Name) {
			report(at, "table %s.%s has policies (%s), but row security is off", t.Schema, t.Name, list[0].Name)
		}
	})
}

func noPolicy(s *state, report found) {
	policies := s.policies()
	each(s, func(t catalog.Table, at catalog.Pos) {
		if s.secured(t.Schema, t.Name) && len(policies[catalog.QName{Schema: t.Schema, Name: t.Name}]) == 0 {
			report(at, "table %s.%s has row security and no policy: nobody but its owner sees a row", t.Schema, t.Name)
		}
	})
}

// secrets are words of names of columns that hold what nobody else may know.
var secrets = []string{"password", "passwd", "secret", "ssn", "social_security", "credit_card", "card_number", "cvv", "api_key", "access_token",
	"refresh_token", "private_key", "bank_account", "iban", "passport", "tax_id"}

func sensitiveColumn(s *state, report found) {
	each(s, func(c catalog.Column, at catalog.Pos) {
		t, ok := s.Get(catalog.ID{Kind: catalog.KindTable, Schema: c.Schema, Name: c.Table}).(catalog.Table)
		if !ok || !s.bare(t) {
			return
		}
		name := strings.ToLower(c.Name)
		if slices.ContainsFunc(secrets, func(w string) bool { return name == w || strings.Contains(name, w) && len(w) > 4 }) {
			report(at, "column %s.%s.%s can be read by whoever sends a request", c.Schema, c.Table, c.Name)
		}
	})
}
