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
	for _, p := range analyze.Resolve(in.c, in.trees) {
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
	switch id.Kind {
	case catalog.KindTable, catalog.KindView, catalog.KindSequence, catalog.KindColumn, catalog.KindRoutine, catalog.KindAggregate,
		catalog.KindOperator, catalog.KindEnum, catalog.KindComposite, catalog.KindRange, catalog.KindDomain, catalog.KindBaseType,
		catalog.KindCollation, catalog.KindTextSearchConfiguration, catalog.KindExtension:
	default:
		return // no expression can name it
	}
	name := strings.ToLower(id.Name)
	if id.Table != "" {
		name = strings.ToLower(id.Table)
	}
	in.resolveSome(func(text string) bool { return id.Kind == catalog.KindExtension || strings.Contains(text, name) })
}

func (in *interpreter) resolveSome(mentioned func(text string) bool) {
	var ids []catalog.ID
	for id, text := range in.unresolved {
		if text == "" {
			if text = exprText(in.c.Get(id)); text == "" {
				delete(in.unresolved, id)
				continue
			}
			in.unresolved[id] = text
		}
		if mentioned(text) {
			ids = append(ids, id)
			delete(in.unresolved, id)
		}
	}
	if len(ids) > 0 {
		analyze.ResolveOnly(in.c, ids)
	}
}

// exprText is all expressions of an object in lower case.
func exprText(o catalog.Object) string {
	if o == nil {
		return ""
	}
	var b strings.Builder
	for _, f := range catalog.Exprs(o) {
		b.WriteString(strings.ToLower(f.Expr.Text))
		b.WriteByte('\n')
	}
	return b.String()
}
