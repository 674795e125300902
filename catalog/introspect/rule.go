package introspect

import (
	"strings"

	"bloom/catalog"
)

var rewriteRules = query[ruleRow]{name: "rules", sql: `
select oid, ev_class, rulename, ev_type, is_instead, ev_enabled, case when rulename <> '_RETURN' then pg_get_ruledef(oid) end
from pg_rewrite where oid >= 16384`,
	add: (*loader).addRule}

type ruleRow struct {
	OID, Relation oid
	Name          string
	Event         string
	Instead       bool
	Enabled       string
	Definition    string
}

func (l *loader) addRule(r ruleRow) error {
	rel := l.relations[r.Relation]
	if rel == nil {
		return nil
	}
	at := ref{pgRewrite, r.OID}
	if r.Name == "_RETURN" { // it is the view
		l.objects[at] = rel.object
		return nil
	}
	l.define(at, object{base: rel.base, extension: rel.extension}, catalog.Rule{
		Schema: rel.id.Schema, Table: rel.id.Name, Name: r.Name, Event: word(r.Event, "1", "select", "2", "update", "3", "insert", "4", "delete"),
		Instead: r.Instead, Definition: expr(strings.TrimSuffix(strings.TrimSpace(r.Definition), ";")), Enabled: enabled(r.Enabled),
	})
	return nil
}

func enabled(code string) string {
	return word(code, "O", "", "D", "disabled", "R", "replica", "A", "always")
}
