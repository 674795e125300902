package planner

import (
	"regexp"
	"strings"

	"bloom/catalog"
)

// rewriteRule is the rule for the kind that SQL calls a rule.
var rewriteRule = rule[catalog.Rule]{
	create: func(s *state, o catalog.Rule) []Statement {
		out := one(o.ID(), sql("?", o.Definition))
		return append(out, enableRule(s, o, "")...)
	},
	drop: func(_ *state, o catalog.Rule) []Statement {
		return one(o.ID(), sql("DROP RULE ? ON ?", ident(o.Name), tableOf(o.ID())))
	},
	alter: func(s *state, o *catalog.Rule, want catalog.Rule) []Statement {
		var out []Statement
		if o.Event == want.Event && (o.Definition != want.Definition || o.Instead != want.Instead) {
			out = one(want.ID(), orReplace(want.Definition))
			o.Definition, o.Instead = want.Definition, want.Instead
		}
		out = append(out, enableRule(s, want, o.Enabled)...)
		o.Enabled = want.Enabled
		return out
	},
}

var createRule = regexp.MustCompile(`(?is)^\s*create\s+(or\s+replace\s+)?rule\b`)

func orReplace(e catalog.Expr) fragment {
	e.Text = createRule.ReplaceAllString(e.Text, "CREATE OR REPLACE RULE")
	e.Text = strings.TrimRight(e.Text, "; \n")
	return sql("?", e)
}

func enableRule(s *state, o catalog.Rule, have string) []Statement {
	if o.Enabled == have {
		return nil
	}
	return one(o.ID(), sql("? ? RULE ?", s.alterTable(tableOf(o.ID())), raw(enabledWord(o.Enabled)), ident(o.Name)))
}

// enabledWord is what ALTER TABLE says to bring about the state of a trigger or rule.
func enabledWord(state string) string {
	switch state {
	case "disabled":
		return "DISABLE"
	case "replica":
		return "ENABLE REPLICA"
	case "always":
		return "ENABLE ALWAYS"
	}
	return "ENABLE"
}
