package planner

import (
	"strings"

	"bloom/catalog"
)

var aggregateRule = rule[catalog.Aggregate]{
	create: func(_ *state, o catalog.Aggregate) []Statement {
		parts := aggregateOptions(o)
		return one(o.ID(), sql("CREATE AGGREGATE ?? (?)", nameOf(o.ID()), aggregateArgs(o), lines(parts)))
	},
	drop: dropNamed[catalog.Aggregate],
}

// aggregateArgs writes the arguments of an aggregate in parentheses.
func aggregateArgs(o catalog.Aggregate) fragment {
	if len(o.Params) == 0 {
		return fragment{text: "(*)"}
	}
	if o.Kind == "" {
		return sql("(?)", join(each(o.Params, param), ", "))
	}
	direct := join(each(o.Params[:min(o.Direct, len(o.Params))], param), ", ")
	ordered := join(each(o.Params[min(o.Direct, len(o.Params)):], param), ", ")
	return sql("(?)", words(direct, sql("ORDER BY ?", ordered)))
}

func aggregateOptions(o catalog.Aggregate) []fragment {
	var parts []fragment
	name := func(option string, q catalog.QName) {
		if !q.IsZero() {
			parts = append(parts, sql("? = ?", raw(option), q))
		}
	}
	flag := func(option string, set bool) {
		if set {
			parts = append(parts, sql("?", raw(option)))
		}
	}
	number := func(option string, n int) {
		if n != 0 {
			parts = append(parts, sql("? = ?", raw(option), n))
		}
	}
	modify := func(option, how, usual string) {
		if how != "" && how != usual {
			parts = append(parts, sql("? = ?", raw(option), raw(how)))
		}
	}
	usual := "read_only"
	if o.Kind != "" {
		usual = "read_write"
	}
	name("SFUNC", o.Transition)
	parts = append(parts, sql("STYPE = ?", o.StateType))
	number("SSPACE", o.StateSpace)
	name("FINALFUNC", o.Final)
	flag("FINALFUNC_EXTRA", o.FinalExtra)
	modify("FINALFUNC_MODIFY", o.FinalModify, usual)
	name("COMBINEFUNC", o.Combine)
	name("SERIALFUNC", o.Serial)
	name("DESERIALFUNC", o.Deserial)
	if o.HasInitial {
		parts = append(parts, sql("INITCOND = ?", literal(o.InitialValue)))
	}
	if !o.MovingTransition.IsZero() {
		name("MSFUNC", o.MovingTransition)
		name("MINVFUNC", o.MovingInverse)
		parts = append(parts, sql("MSTYPE = ?", o.MovingStateType))
		number("MSSPACE", o.MovingStateSpace)
		name("MFINALFUNC", o.MovingFinal)
		flag("MFINALFUNC_EXTRA", o.MovingFinalExtra)
		modify("MFINALFUNC_MODIFY", o.MovingFinalModify, usual)
		if o.HasMovingInitial {
			parts = append(parts, sql("MINITCOND = ?", literal(o.MovingInitialValue)))
		}
	}
	if !o.SortOperator.IsZero() {
		parts = append(parts, sql("SORTOP = ?", operatorName(o.SortOperator)))
	}
	if o.Parallel != "" && o.Parallel != "unsafe" {
		parts = append(parts, sql("PARALLEL = ?", raw(strings.ToUpper(o.Parallel))))
	}
	flag("HYPOTHETICAL", o.Kind == "hypothetical-set")
	return parts
}
