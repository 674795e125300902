package parser

import (
	"slices"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// Bits of CreateTrigStmt.timing and events (catalog/pg_trigger.h).
const (
	triggerBefore   = 1 << 1
	triggerInsert   = 1 << 2
	triggerDelete   = 1 << 3
	triggerUpdate   = 1 << 4
	triggerTruncate = 1 << 5
	triggerInstead  = 1 << 6
)

func (in *interpreter) createTrigger(n *pg.CreateTrigStmt) error {
	if in.temp[n.GetRelation().GetRelname()] {
		return nil
	}
	rel, err := in.relation(n.GetRelation())
	if err != nil {
		return err
	}
	tr := catalog.Trigger{
		Schema: rel.Schema, Table: rel.Name, Name: n.GetTrigname(), Timing: "after", Row: n.GetRow(), Args: strs(n.GetArgs()),
		UpdateColumns: strs(n.GetColumns()), Constraint: n.GetIsconstraint(), Deferrable: n.GetDeferrable(), InitiallyDeferred: n.GetInitdeferred(),
	}
	switch {
	case n.GetTiming()&triggerBefore != 0:
		tr.Timing = "before"
	case n.GetTiming()&triggerInstead != 0:
		tr.Timing = "instead of"
	}
	for _, e := range []struct {
		bit  int32
		name string
	}{{triggerInsert, "insert"}, {triggerDelete, "delete"}, {triggerUpdate, "update"}, {triggerTruncate, "truncate"}} {
		if n.GetEvents()&e.bit != 0 {
			tr.Events = append(tr.Events, e.name)
		}
	}
	if err := in.triggerParts(&tr, rel, n); err != nil {
		return err
	}
	if in.c.Has(tr.ID()) && n.GetReplace() {
		if err := in.replaceable(tr.ID(), 0); err != nil {
			return err
		}
		in.replace(tr) // enabled, whatever it was
	} else if err := in.add(tr, 0); err != nil {
		return err
	}
	for _, p := range in.partitions(rel) {
		in.triggerOnPartition(tr, p.ID())
	}
	return nil
}

func (in *interpreter) triggerParts(tr *catalog.Trigger, rel catalog.ID, n *pg.CreateTrigStmt) error {
	var err error
	if tr.Function, err = in.function(n.GetFuncname(), 0); err != nil {
		return err
	}
	for _, col := range tr.UpdateColumns {
		if err := in.needColumn(rel, col, 0); err != nil {
			return err
		}
	}
	if len(tr.UpdateColumns) == 0 {
		tr.UpdateColumns = nil
	}
	if len(tr.Args) == 0 {
		tr.Args = nil
	}
	if n.GetConstrrel() != nil {
		from, err := in.relation(n.GetConstrrel())
		if err != nil {
			return err
		}
		tr.From = catalog.QName{Schema: from.Schema, Name: from.Name}
	}
	for _, x := range n.GetTransitionRels() {
		if t := x.GetTriggerTransition(); t.GetIsNew() {
			tr.NewTable = t.GetName()
		} else {
			tr.OldTable = t.GetName()
		}
	}
	tr.When = in.expr(n.GetWhenClause(), parenthesised(in.stmt.tokens, "when"))
	return nil
}

// enabledStates are the states that ALTER TABLE … TRIGGER and RULE give.
var enabledStates = map[pg.AlterTableType]string{
	pg.AlterTableType_AT_DisableTrig: "disabled", pg.AlterTableType_AT_DisableTrigAll: "disabled", pg.AlterTableType_AT_DisableTrigUser: "disabled",
	pg.AlterTableType_AT_EnableReplicaTrig: "replica", pg.AlterTableType_AT_EnableAlwaysTrig: "always",
	pg.AlterTableType_AT_DisableRule: "disabled", pg.AlterTableType_AT_EnableReplicaRule: "replica", pg.AlterTableType_AT_EnableAlwaysRule: "always",
}

func (in *interpreter) enableTrigger(rel catalog.ID, cmd *pg.AlterTableCmd, recurse bool) error {
	found := false
	for _, tr := range childrenOf[catalog.Trigger](in, rel) {
		if cmd.GetName() == "" || tr.Name == cmd.GetName() {
			found = true
			if tr.Enabled = enabledStates[cmd.GetSubtype()]; in.c.Has(tr.ID()) {
				in.put(tr)
			}
		}
	}
	if !found && cmd.GetName() != "" {
		return in.missing(0, "trigger %q for table %q", cmd.GetName(), rel.Name)
	}
	if recurse {
		for _, p := range in.partitions(rel) {
			if cmd.GetName() == "" || in.c.Has(catalog.Trigger{Schema: p.Schema, Table: p.Name, Name: cmd.GetName()}.ID()) {
				if err := in.enableTrigger(p.ID(), cmd, true); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (in *interpreter) createEventTrigger(n *pg.CreateEventTrigStmt) error {
	t := catalog.EventTrigger{Name: n.GetTrigname(), Event: n.GetEventname()}
	for _, d := range elems(n.GetWhenclause()) {
		if d.GetDefname() == "tag" {
			t.Tags = append(t.Tags, strs(d.GetArg().GetList().GetItems())...)
		}
	}
	slices.Sort(t.Tags)
	var err error
	if t.Function, err = in.function(n.GetFuncname(), 0); err != nil {
		return err
	}
	if err := in.add(t, 0); err != nil {
		return err
	}
	in.own(t.ID())
	return nil
}

func (in *interpreter) alterEventTrigger(n *pg.AlterEventTrigStmt) error {
	t, ok := in.c.Get(catalog.EventTrigger{Name: n.GetTrigname()}.ID()).(catalog.EventTrigger)
	if !ok {
		return in.missing(0, "event trigger %q", n.GetTrigname())
	}
	t.Enabled = map[string]string{"D": "disabled", "R": "replica", "A": "always"}[n.GetTgenabled()]
	in.put(t)
	return nil
}
