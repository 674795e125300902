package planner

import (
	"strings"

	"bloom/catalog"
)

var triggerRule = rule[catalog.Trigger]{
	create: func(s *state, o catalog.Trigger) []Statement {
		return append(one(o.ID(), trigger("CREATE", o)), enableTrigger(s, o, "")...)
	},
	drop: func(s *state, o catalog.Trigger) []Statement {
		if o.Inherited && s.detached(o.ID()) {
			return nil
		}
		return one(o.ID(), sql("DROP TRIGGER ? ON ?", ident(o.Name), tableOf(o.ID())))
	},
	alter: func(s *state, o *catalog.Trigger, want catalog.Trigger) []Statement {
		var out []Statement
		if want.Inherited && !o.Inherited {
			s.orderSteps(step{drop: true, id: o.ID()}, step{id: catalog.ID{Kind: catalog.KindTable, Schema: o.Schema, Name: o.Table}})
			for _, elder := range s.elders(want.ID()) { // it stands in the way of the one that the parent's trigger brings
				s.orderSteps(step{drop: true, id: o.ID()}, step{id: elder})
			}
			return nil
		}
		if table, ok := s.desired.Parent(want.ID()); ok && o.Inherited && !want.Inherited && s.detached(o.ID()) {
			s.orderSteps(step{id: table}, step{id: want.ID()}) // the detached table has lost it
			*o = want
			return s.rules[catalog.KindTrigger].create(s, want)
		}
		o.Inherited = want.Inherited
		if o.Name != want.Name {
			out = append(out, do(want.ID(), sql("ALTER TRIGGER ? ON ? RENAME TO ?", ident(o.Name), tableOf(o.ID()), ident(want.Name))))
			o.Name = want.Name
		}
		probe := *o
		probe.Enabled = want.Enabled
		if len(differing(probe, want)) > 0 {
			if o.Constraint || want.Constraint {
				return nil
			}
			out = append(out, do(want.ID(), trigger("CREATE OR REPLACE", want)))
			*o = want
			o.Enabled = "" // a replaced trigger is enabled
		}
		out = append(out, enableTrigger(s, want, o.Enabled)...)
		o.Enabled = want.Enabled
		return out
	},
}

// detached reports whether the table of something current is a partition that stays
// and leaves its parent.
func (s *state) detached(id catalog.ID) bool {
	table := catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}
	t, ok := s.current.Get(table).(catalog.Table)
	p := t.PartitionOf.Parent
	return ok && !p.IsZero() && s.leavesParent(table, catalog.ID{Schema: p.Schema, Table: p.Name})
}

func trigger(verb string, o catalog.Trigger) fragment {
	var events []fragment
	for _, e := range o.Events {
		f := fragment{text: strings.ToUpper(e)}
		if e == "update" && len(o.UpdateColumns) > 0 {
			f = sql("? OF ?", f, names(o.UpdateColumns))
		}
		events = append(events, f)
	}
	parts := []fragment{
		sql("? ?TRIGGER ?", raw(verb), key(o.Constraint, "CONSTRAINT "), ident(o.Name)),
		sql("? ? ON ?", raw(strings.ToUpper(o.Timing)), join(events, " OR "), tableOf(o.ID())),
	}
	if !o.From.IsZero() {
		parts = append(parts, sql("FROM ?", o.From))
	}
	if o.Constraint {
		if t := timing(o.Deferrable, o.InitiallyDeferred, false); t.text != "" {
			parts = append(parts, t)
		}
	}
	if o.OldTable != "" || o.NewTable != "" {
		f := fragment{text: "REFERENCING"}
		if o.OldTable != "" {
			f = sql("? OLD TABLE AS ?", f, ident(o.OldTable))
		}
		if o.NewTable != "" {
			f = sql("? NEW TABLE AS ?", f, ident(o.NewTable))
		}
		parts = append(parts, f)
	}
	each := "FOR EACH STATEMENT"
	if o.Row {
		each = "FOR EACH ROW"
	}
	parts = append(parts, fragment{text: each})
	if !o.When.IsZero() {
		parts = append(parts, sql("WHEN (?)", o.When))
	}
	parts = append(parts, sql("EXECUTE FUNCTION ?(?)", o.Function, literals(o.Args)))
	return join(parts, "\n    ")
}

func literals(list []string) fragment {
	return join(each(list, func(s string) fragment { return sql("?", literal(s)) }), ", ")
}

func enableTrigger(s *state, o catalog.Trigger, have string) []Statement {
	if o.Enabled == have {
		return nil
	}
	var h Hazard
	if cur, ok := s.current.Get(o.ID()).(catalog.Trigger); o.Enabled == "disabled" && ok && cur.Enabled != "disabled" {
		h = s.hazard("TRIGGER_DISABLED", Security, o.ID(), o.Name+" no longer runs")
	}
	return one(o.ID(), sql("? ? TRIGGER ?", s.alterTable(tableOf(o.ID())), raw(enabledWord(o.Enabled)), ident(o.Name)), h)
}

var eventTriggerRule = rule[catalog.EventTrigger]{
	create: func(_ *state, o catalog.EventTrigger) []Statement {
		f := sql("CREATE EVENT TRIGGER ? ON ?", ident(o.Name), ident(o.Event))
		if len(o.Tags) > 0 {
			f = sql("?\n    WHEN TAG IN (?)", f, literals(o.Tags))
		}
		out := one(o.ID(), sql("?\n    EXECUTE FUNCTION ?()", f, o.Function))
		if o.Enabled != "" {
			out = append(out, do(o.ID(), sql("ALTER EVENT TRIGGER ? ?", ident(o.Name), raw(enabledWord(o.Enabled)))))
		}
		return out
	},
	drop: func(s *state, o catalog.EventTrigger) []Statement {
		return one(o.ID(), sql("DROP EVENT TRIGGER ?", ident(o.Name)), s.hazard("EVENT_TRIGGER_CHANGED", Security, o.ID(), o.Name+" no longer runs"))
	},
	alter: func(s *state, o *catalog.EventTrigger, want catalog.EventTrigger) []Statement {
		if o.Enabled == want.Enabled {
			return nil
		}
		o.Enabled = want.Enabled
		h := s.hazard("EVENT_TRIGGER_CHANGED", Security, o.ID(), "")
		h.Reason = o.Name + " runs at other times"
		return one(o.ID(), sql("ALTER EVENT TRIGGER ? ?", ident(o.Name), raw(enabledWord(want.Enabled))), h)
	},
}
