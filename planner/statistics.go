package planner

import "bloom/catalog"

var statisticsRule = rule[catalog.Statistics]{
	create: func(_ *state, o catalog.Statistics) []Statement {
		f := sql("CREATE STATISTICS ?", nameOf(o.ID()))
		if n := len(o.Kinds); n > 0 && n < 3 {
			f = sql("? (?)", f, names(o.Kinds))
		}
		var keys []fragment
		for _, c := range o.Columns {
			keys = append(keys, sql("?", ident(c)))
		}
		for _, e := range o.Exprs {
			keys = append(keys, sql("(?)", e.Expr))
		}
		out := one(o.ID(), sql("? ON ? FROM ?", f, join(keys, ", "), o.Table))
		if o.Target != -1 {
			out = append(out, do(o.ID(), sql("ALTER STATISTICS ? SET STATISTICS ?", nameOf(o.ID()), o.Target)))
		}
		return out
	},
	drop: dropNamed[catalog.Statistics],
	alter: func(_ *state, o *catalog.Statistics, want catalog.Statistics) []Statement {
		if o.Target == want.Target {
			return nil
		}
		o.Target = want.Target
		return one(o.ID(), sql("ALTER STATISTICS ? SET STATISTICS ?", nameOf(o.ID()), want.Target))
	},
}
