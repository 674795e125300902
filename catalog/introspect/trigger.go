package introspect

import (
	"strings"

	"bloom/catalog"
)

// A condition can only be had with the whole definition.
var triggers = query[triggerRow]{name: "triggers", sql: `
select t.oid, t.tgrelid, t.tgname, t.tgfoid, t.tgtype, t.tgenabled, t.tgconstraint, t.tgdeferrable, t.tginitdeferred, t.tgconstrrelid,
       t.tgattr, t.tgargs, t.tgoldtable, t.tgnewtable, t.tgparentid <> 0, case when t.tgqual is not null then pg_get_triggerdef(t.oid) end
from pg_trigger t where t.oid >= 16384 and not t.tgisinternal`,
	add: (*loader).addTrigger}

type triggerRow struct {
	OID, Relation        oid
	Name                 string
	Function             oid
	Type                 int
	Enabled              string
	Constraint           oid
	Deferrable, Deferred bool
	From                 oid
	Columns              []int
	Args                 []byte
	OldTable, NewTable   string
	Inherited            bool
	Definition           string
}

// The bits of pg_trigger.tgtype.
const (
	triggerForRow   = 1 << 0
	triggerBefore   = 1 << 1
	triggerInsert   = 1 << 2
	triggerDelete   = 1 << 3
	triggerUpdate   = 1 << 4
	triggerTruncate = 1 << 5
	triggerInstead  = 1 << 6
)

func (l *loader) addTrigger(r triggerRow) error {
	rel := l.relations[r.Relation]
	if rel == nil {
		return nil
	}
	t := catalog.Trigger{
		Schema: rel.id.Schema, Table: rel.id.Name, Name: r.Name, Timing: "after", UpdateColumns: l.columnNames(r.Relation, r.Columns),
		Row: r.Type&triggerForRow != 0, Function: l.routines[r.Function].QName, Args: triggerArgs(r.Args), OldTable: r.OldTable, NewTable: r.NewTable,
		Constraint: r.Constraint != 0, Deferrable: r.Deferrable, InitiallyDeferred: r.Deferred, From: l.relationName(r.From),
		Enabled: enabled(r.Enabled), Inherited: r.Inherited, When: expr(triggerWhen(r.Definition)),
	}
	switch {
	case r.Type&triggerBefore != 0:
		t.Timing = "before"
	case r.Type&triggerInstead != 0:
		t.Timing = "instead of"
	}
	for _, e := range []struct {
		bit  int
		name string
	}{{triggerInsert, "insert"}, {triggerDelete, "delete"}, {triggerUpdate, "update"}, {triggerTruncate, "truncate"}} {
		if r.Type&e.bit != 0 {
			t.Events = append(t.Events, e.name)
		}
	}
	o := object{base: rel.base && !l.projectTrigger(rel, r.Function), extension: rel.extension}
	o = l.define(ref{pgTrigger, r.OID}, o, t)
	if r.Constraint != 0 {
		l.objects[ref{pgConstraint, r.Constraint}] = o
	}
	return nil
}

// projectTrigger reports whether a trigger on a table in Base is the project's:
// its function is.
func (l *loader) projectTrigger(rel *relation, function oid) bool {
	f, ok := l.objects[ref{pgProc, function}]
	return ok && !f.base && rel.extension == 0
}

// triggerArgs splits pg_trigger.tgargs: each argument ends with a zero byte.
func triggerArgs(b []byte) []string {
	if len(b) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(b), "\x00"), "\x00")
}

// triggerWhen takes the condition out of a CREATE TRIGGER statement as the server prints it.
func triggerWhen(definition string) string {
	for i := 0; i < len(definition); i++ {
		switch c := definition[i]; {
		case c == '"' || c == '\'':
			i = quoteEnd(definition, i)
		case c == ' ' && strings.HasPrefix(definition[i:], " WHEN ("):
			start := i + len(" WHEN (")
			return definition[start:parenthesisEnd(definition, start)]
		}
	}
	return ""
}

// parenthesisEnd is where the parenthesis closes that opened before start.
func parenthesisEnd(text string, start int) int {
	depth := 1
	for i := start; i < len(text); i++ {
		switch text[i] {
		case '\'', '"':
			i = quoteEnd(text, i)
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(text)
}

// Triggers that enforce a constraint can be disabled, and enforce nothing then.
var constraintTriggers = query[constraintTriggerRow]{name: "disabled triggers of constraints", sql: `
select t.tgrelid, k.conname from pg_trigger t join pg_constraint k on k.oid = t.tgconstraint
where t.tgisinternal and t.tgenabled <> 'O' and t.oid >= 16384`,
	add: func(l *loader, r constraintTriggerRow) error {
		if rel := l.relations[r.Relation]; rel != nil && !rel.base {
			l.unmodelled("disabled triggers of constraint %s on %s", r.Constraint, rel.id.Path())
		}
		return nil
	}}

type constraintTriggerRow struct {
	Relation   oid
	Constraint string
}

var eventTriggers = query[eventTriggerRow]{name: "event triggers", sql: `
select oid, evtname, evtowner, evtevent, evttags, evtfoid, evtenabled from pg_event_trigger`,
	add: (*loader).addEventTrigger}

type eventTriggerRow struct {
	OID      oid
	Name     string
	Owner    oid
	Event    string
	Tags     []string
	Function oid
	Enabled  string
}

func (l *loader) addEventTrigger(r eventTriggerRow) error {
	at := ref{pgEventTrigger, r.OID}
	o := object{extension: l.members[at]}
	o.base = o.extension != 0 || l.scope.EventTrigger != nil && l.scope.EventTrigger(r.Name, l.roles[r.Owner])
	o = l.define(at, o, catalog.EventTrigger{
		Name: r.Name, Event: r.Event, Tags: sorted(r.Tags), Function: l.routines[r.Function].QName, Enabled: enabled(r.Enabled)})
	l.own(o, r.Owner)
	return nil
}
