package analyze

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

// caseExpr is transformCaseExpr. The type of the result is looked for from the ELSE on.
func (a *analyzer) caseExpr(x *pg.CaseExpr, s *scope) expr {
	n := &special{what: "CASE"}
	var tested expr
	if x.Arg != nil {
		arg := a.textIfUnknown(a.expr(x.Arg, s))
		v := arg.value()
		tested = &param{typed: typed{typ: v.typ, mods: v.mods, fields: v.fields}, name: "of CASE"}
		n.args = append(n.args, &clause{"of", []node{arg}})
	}
	results := []expr{null(tUnknown)}
	if x.Defresult != nil {
		results[0] = a.expr(x.Defresult, s)
	}
	var conditions []expr
	for _, w := range x.Args {
		when := w.GetCaseWhen()
		c := a.expr(when.GetExpr(), s)
		if tested != nil {
			c = a.operate(when.GetLocation(), "", "=", tested, c)
		}
		conditions = append(conditions, a.coerceBool(c))
		results = append(results, a.expr(when.GetResult(), s))
	}
	results, t, mods := a.unify(x.Location, "CASE", results)
	n.typed = typed{typ: t, mods: mods}
	for i, c := range conditions {
		n.args = append(n.args, &clause{"WHEN", []node{c, results[i+1]}})
	}
	n.args = append(n.args, &clause{"ELSE", []node{results[0]}})
	return n
}
