package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// What changes for those who use an object that is made or altered.
func (s *state) consequences(id catalog.ID) []Hazard {
	before := s.current.Get(id)
	if a := s.altering[id]; a != nil {
		before = a.current
	}
	switch o := s.desired.Get(id).(type) {
	case catalog.Column:
		return s.columnConsequences(before, o)
	case catalog.Routine:
		return s.routineConsequences(before, o)
	case catalog.Policy:
		if cur, ok := before.(catalog.Policy); ok {
			return s.policyReplaced(cur, o)
		}
	case catalog.Grant:
		if cur, ok := before.(catalog.Grant); ok && !s.making[o.Target] {
			return []Hazard{s.taken(cur, o.Privileges)}
		}
	case catalog.Trigger:
		if cur, ok := before.(catalog.Trigger); ok && cur.Enabled == "disabled" && o.Enabled != "disabled" {
			return []Hazard{s.hazard("TRIGGER_ENABLED", Security, id, o.Name+" runs again")}
		}
	case catalog.UserMapping:
		return []Hazard{{Code: "FDW_USER_MAPPING", Level: Security, Object: id, Rows: -1, Reason: "whoever uses the mapping logs in at another server with what it holds"}}
	case catalog.View:
		if cur, ok := before.(catalog.View); ok && s.making[id] && !cur.Materialized && !o.Materialized {
			return []Hazard{s.hazard("RESULT_TYPE_CHANGED", Breaks, id, "the columns of "+nameOf(id).String()+" change: statements that clients have prepared on it fail once")}
		}
	}
	return nil
}

func (s *state) columnConsequences(before catalog.Object, o catalog.Column) []Hazard {
	cur, ok := before.(catalog.Column)
	id := o.ID()
	if !ok || o.Inherited || s.altering[id] == nil {
		return nil
	}
	var out []Hazard
	if cur.NotNull && !o.NotNull {
		out = append(out, s.hazard("DROP_NOT_NULL", Breaks, id, id.Path()+" may be NULL from now on: clients that do not expect it break"))
	}
	if cur.Collation != o.Collation {
		out = append(out, s.hazard("COLLATION_CHANGED", Slows, id, "the order and equality of "+id.Path()+" change; indexes over it are built anew"))
	}
	if cur.Type != o.Type && !s.empty(id) {
		h := s.hazard("STATS_LOST", Slows, id, "the statistics of "+id.Path()+" are gone: plans are bad until they are gathered again")
		if h.Code != "" {
			h.Wayout = "ANALYZE " + tableOf(id).SQL() + " after it"
		}
		out = append(out, h)
	}
	return out
}

func (s *state) routineConsequences(before catalog.Object, o catalog.Routine) []Hazard {
	cur, there := before.(catalog.Routine)
	id := o.ID()
	of := func(code string, level Level, reason, wayout string) Hazard {
		return Hazard{Code: code, Level: level, Object: id, Rows: -1, Reason: reason, Wayout: wayout}
	}
	var out []Hazard
	name := nameOf(id).String()
	if there && o.SecurityDefiner && !cur.SecurityDefiner {
		out = append(out, of("SECURITY_DEFINER_ADDED", Security, name+" runs with its owner's rights from now on, whoever calls it", ""))
	}
	if o.Leakproof && !cur.Leakproof {
		out = append(out, of("LEAKPROOF_ADDED", Security, name+" is called on rows before policies hide them", ""))
	}
	if !there && o.SecurityDefiner && s.desired.Has(catalog.About(catalog.KindGrant, id, catalog.Public)) && o.Returns != "trigger" {
		out = append(out, of("FUNCTION_PUBLIC_EXECUTE", Security, "every role may call "+name+", which runs with its owner's rights", "REVOKE EXECUTE ON FUNCTION … FROM PUBLIC, and grant it to who needs it"))
	}
	if there && s.making[id] {
		out = append(out, of("FUNCTION_SIGNATURE", Breaks, name+" is dropped and made again: it returns or takes something else than before", ""))
	}
	if !there && s.ambiguous(o) {
		out = append(out, of("AMBIGUOUS_OVERLOAD", Breaks, "calls that leave out what has a default fit another function "+name+" as well: function is not unique", "give it another name, or drop the other one"))
	}
	return out
}

// ambiguous reports whether a call can mean a routine and another one of its name,
// because of parameters that have defaults.
func (s *state) ambiguous(o catalog.Routine) bool {
	least := func(r catalog.Routine) (in []catalog.Type, required int) {
		for _, p := range r.Params {
			if p.Mode == "out" || p.Mode == "table" {
				continue
			}
			in = append(in, p.Type)
			if p.Default.IsZero() {
				required = len(in)
			}
		}
		return in, required
	}
	mine, need := least(o)
	for id, other := range s.desired.All() {
		r, ok := other.(catalog.Routine)
		if !ok || id == o.ID() || r.Schema != o.Schema || r.Name != o.Name {
			continue
		}
		theirs, needs := least(r)
		n := min(len(mine), len(theirs))
		if len(mine) != len(theirs) && max(need, needs) <= n && slices.Equal(mine[:n], theirs[:n]) {
			return true
		}
	}
	return false
}

// policyReplaced tells what a policy allows or forbids from now on, which is dropped
// and made again.
func (s *state) policyReplaced(cur, o catalog.Policy) []Hazard {
	if s.altering[o.ID()] != nil {
		if !cur.Restrictive && !subset(cur.Roles, o.Roles) {
			return []Hazard{s.narrowed(o.ID(), "policy "+o.Name+" no longer lets "+strings.Join(orPublic(cur.Roles), ", ")+" through")}
		}
		return nil
	}
	if cur.Command == o.Command && cur.Restrictive == o.Restrictive && cur.Using.Equal(o.Using) && cur.WithCheck.Equal(o.WithCheck) && slices.Equal(cur.Roles, o.Roles) {
		return nil
	}
	return []Hazard{s.hazard("POLICY_WIDENED", Security, o.ID(), "policy "+o.Name+" is another one from now on; see that it does not allow too much")}
}

func (s *state) narrowed(id catalog.ID, reason string) Hazard {
	return s.hazard("POLICY_NARROWED", Breaks, id, reason+": they see fewer rows of "+tableOf(id).String())
}

// taken tells of privileges that somebody no longer has.
func (s *state) taken(cur catalog.Grant, want []catalog.Privilege) Hazard {
	kept := byName(want)
	var lost []string
	for _, p := range cur.Privileges {
		if _, ok := kept[p.Name]; !ok {
			lost = append(lost, p.Name)
		}
	}
	if len(lost) == 0 {
		return Hazard{}
	}
	return s.hazard("REVOKE", Breaks, cur.Target, cur.Grantee+" loses "+strings.Join(lost, ", ")+" on "+cur.Target.Path())
}

// dropConsequences is what nobody finds any more who uses a current object that goes.
func (s *state) dropConsequences(id catalog.ID) []Hazard {
	if s.desired.Has(s.desiredID(id)) {
		return nil
	}
	name := nameOf(id).String()
	out := []Hazard{s.untracked(id)}
	switch o := s.current.Get(id).(type) {
	case catalog.Schema:
		out = append(out, Hazard{Code: "DROP_SCHEMA", Level: Breaks, Object: id, Rows: -1, Reason: "drops schema " + o.Name})
	case catalog.View:
		out = append(out, s.hazard("DROP_VIEW", Breaks, id, "queries that read "+name+" fail"))
	case catalog.Routine:
		h := Hazard{Code: "DROP_FUNCTION", Level: Breaks, Object: id, Rows: -1, Reason: "calls of " + name + " fail"}
		if s.otherSignature(o) {
			h.Code, h.Reason = "FUNCTION_SIGNATURE", "calls of "+name+" that pass what it took until now fail"
		}
		out = append(out, h)
	case catalog.Trigger:
		if !o.Inherited && !s.isGone(catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}) {
			out = append(out, s.hazard("DROP_TRIGGER", Breaks, id, o.Name+" no longer runs"))
		}
	case catalog.Policy:
		if !o.Restrictive {
			out = append(out, s.narrowed(id, "nobody is let through by policy "+o.Name+" any more"))
		}
	case catalog.Grant:
		if !s.isGone(o.Target) {
			out = append(out, s.taken(o, nil))
		}
	case catalog.Column:
		out = append(out, s.rowTypeUsed(o))
	}
	return out
}

// otherSignature reports whether a routine of that name with other parameters is there afterwards.
func (s *state) otherSignature(o catalog.Routine) bool {
	for id := range s.desired.All() {
		if id.Kind == catalog.KindRoutine && id.Schema == o.Schema && id.Name == o.Name && id.Args != o.ID().Args {
			return true
		}
	}
	return false
}

// rowTypeUsed tells of a column whose values are also in columns of the table's row type.
func (s *state) rowTypeUsed(o catalog.Column) Hazard {
	table := tableOf(o.ID())
	for _, u := range s.current.Users(catalog.ID{Kind: catalog.KindTable, Schema: table.Schema, Name: table.Name}) {
		c, ok := s.current.Get(u).(catalog.Column)
		if ok && c.Type.Parts().QName() == table && !s.isGone(u) {
			return s.hazard("ROWTYPE_COLUMN_DROPPED", DataLoss, o.ID(), u.Path()+" holds rows of "+table.String()+": they lose "+o.Name)
		}
	}
	return Hazard{}
}

// untracked tells of routines whose text mentions what goes: PostgreSQL does not
// know, and they fail when they are called.
func (s *state) untracked(id catalog.ID) Hazard {
	switch id.Kind {
	case catalog.KindTable, catalog.KindView, catalog.KindRoutine, catalog.KindSequence, catalog.KindEnum:
	default:
		return Hazard{}
	}
	var who []string
	for _, r := range s.mentions()[id.Name] {
		if r != id && s.desired.Has(r) && !s.making[r] && s.altering[r] == nil {
			who = append(who, nameOf(r).String())
		}
	}
	if len(who) == 0 {
		return Hazard{}
	}
	slices.Sort(who)
	if len(who) > 5 {
		who = append(who[:5], "…")
	}
	return Hazard{Code: "UNTRACKED_REFERENCE", Level: Breaks, Object: id, Rows: -1,
		Reason: "the text of " + strings.Join(slices.Compact(who), ", ") + " has the word " + id.Name + ": where that means this, calls fail", Wayout: "see to them in the same migration"}
}

// mentions is the desired routines whose string bodies have a word.
func (s *state) mentions() map[string][]catalog.ID {
	if s.bodies == nil {
		s.bodies = map[string][]catalog.ID{}
		for id, o := range s.desired.All() {
			r, ok := o.(catalog.Routine)
			if !ok || !r.SQLBody.IsZero() || r.Library != "" {
				continue
			}
			for _, w := range mentioned(r.Body) {
				s.bodies[w] = append(s.bodies[w], id)
			}
		}
	}
	return s.bodies
}
