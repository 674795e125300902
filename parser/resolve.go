package parser

import (
	"strings"

	"bloom/catalog"
	"bloom/parser/analyze"
)

// hasExprs reports whether objects of a kind can hold expressions.
func hasExprs(k catalog.Kind) bool {
	switch k {
	case catalog.KindColumn, catalog.KindDefault, catalog.KindConstraint, catalog.KindIndex, catalog.KindTable, catalog.KindPolicy,
		catalog.KindTrigger, catalog.KindRoutine, catalog.KindView, catalog.KindDomain, catalog.KindDomainConstraint, catalog.KindRule,
		catalog.KindPublicationTable, catalog.KindStatistics, catalog.KindAggregate:
		return true
	}
	return false
}

// resolve adds what only the analysis of expressions tells, and reports what it
// finds wrong in them.
func (in *interpreter) resolve() {
	for _, p := range analyze.Resolve(in.c) {
		in.errors = append(in.errors, &Error{Pos: p.Pos, Msg: p.Msg})
	}
}

// resolveRest is resolve for what has changed, errors left out: what has been
// run once is right.
func (in *interpreter) resolveRest() {
	in.resolveSome(func(string) bool { return true })
}

// resolveUsers makes sure that what needs an object through an expression is
// known before that decides what falls. Who needs it must mention its name.
func (in *interpreter) resolveUsers(id catalog.ID) {
	name := id.Name
	if id.Table != "" {
		name = id.Table
	}
	name = strings.ToLower(name)
	in.resolveSome(func(text string) bool { return strings.Contains(strings.ToLower(text), name) })
}

func (in *interpreter) resolveSome(mentioned func(text string) bool) {
	var ids []catalog.ID
	for id := range in.unresolved {
		o := in.c.Get(id)
		if o == nil {
			delete(in.unresolved, id)
			continue
		}
		for _, f := range catalog.Exprs(o) {
			if mentioned(f.Expr.Text) {
				ids = append(ids, id)
				delete(in.unresolved, id)
				break
			}
		}
	}
	if len(ids) > 0 {
		analyze.ResolveOnly(in.c, ids)
	}
}
