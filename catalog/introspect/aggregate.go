package introspect

import "bloom/catalog"

var aggregates = query[aggregateRow]{name: "aggregates", sql: `
select aggfnoid::oid, aggkind, aggnumdirectargs, aggtransfn::oid, aggfinalfn::oid, aggcombinefn::oid, aggserialfn::oid, aggdeserialfn::oid,
       aggmtransfn::oid, aggminvtransfn::oid, aggmfinalfn::oid, aggfinalextra, aggmfinalextra, aggfinalmodify, aggmfinalmodify,
       aggsortop, aggtranstype, aggtransspace, aggmtranstype, aggmtransspace,
       agginitval, agginitval is not null, aggminitval, aggminitval is not null
from pg_aggregate where aggfnoid::oid >= 16384`,
	add: (*loader).addAggregate}

type aggregateRow struct {
	Routine                                      oid
	Kind                                         string
	Direct                                       int
	Transition, Final, Combine, Serial, Deserial oid
	MovingTransition, MovingInverse, MovingFinal oid
	FinalExtra, MovingFinalExtra                 bool
	FinalModify, MovingFinalModify               string
	SortOperator, State                          oid
	StateSpace                                   int
	MovingState                                  oid
	MovingStateSpace                             int
	Initial                                      string
	HasInitial                                   bool
	MovingInitial                                string
	HasMovingInitial                             bool
}

func (l *loader) addAggregate(r aggregateRow) error {
	o, ok := l.objects[ref{pgProc, r.Routine}]
	if !ok {
		return nil
	}
	v, ok := catalog.Find[catalog.Aggregate](l.cat, o.id)
	if !ok {
		return nil
	}
	modify := func(code string) string { return word(code, "r", "read_only", "s", "shareable", "w", "read_write") }
	name := func(id oid) catalog.QName { return l.routines[id].QName }
	v.Kind = word(r.Kind, "n", "", "o", "ordered-set", "h", "hypothetical-set")
	v.Direct = r.Direct
	v.Transition, v.StateType, v.StateSpace = name(r.Transition), l.typeText(r.State), r.StateSpace
	v.Final, v.FinalExtra, v.FinalModify = name(r.Final), r.FinalExtra, modify(r.FinalModify)
	v.Combine, v.Serial, v.Deserial = name(r.Combine), name(r.Serial), name(r.Deserial)
	v.InitialValue, v.HasInitial = r.Initial, r.HasInitial
	v.MovingTransition, v.MovingInverse = name(r.MovingTransition), name(r.MovingInverse)
	v.MovingStateType, v.MovingStateSpace = l.typeText(r.MovingState), r.MovingStateSpace
	v.MovingFinal, v.MovingFinalExtra, v.MovingFinalModify = name(r.MovingFinal), r.MovingFinalExtra, modify(r.MovingFinalModify)
	v.MovingInitialValue, v.HasMovingInitial = r.MovingInitial, r.HasMovingInitial
	v.SortOperator = l.operators[r.SortOperator]
	l.put(o.base, v)
	return nil
}
