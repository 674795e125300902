package analyze

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// with is WITH.
func (a *analyzer) with(w *pg.WithClause, s *scope) node {
	if w == nil {
		return nil
	}
	n := &clause{what: "WITH"}
	if w.Recursive {
		n.what = "WITH RECURSIVE"
	}
	for i, x := range w.Ctes {
		c := x.GetCommonTableExpr()
		item := &cte{name: c.GetCtename(), id: itoa(s.depth) + "." + itoa(i+1)}
		names := nameParts(c.GetAliascolnames())
		a.spellings = append(a.spellings, spelling{name: item.name, written: true, columns: names, given: len(names)})
		var q *query
		if sel := c.GetCtequery().GetSelectStmt(); w.Recursive && sel != nil && sel.Op != pg.SetOperation_SETOP_NONE {
			q = a.recursive(sel, s, item, names)
		} else {
			q = a.statement(c.GetCtequery(), s.inner())
			item.fields = named(q.fields(), names)
			s.ctes = append(s.ctes, item)
		}
		part := &clause{"item " + materialized(c.GetCtematerialized()), []node{q.node}}
		part.args = append(part.args, a.searchAndCycle(c, item, s)...)
		n.args = append(n.args, part)
	}
	return n
}

func materialized(m pg.CTEMaterialize) string {
	switch m {
	case pg.CTEMaterialize_CTEMaterializeAlways:
		return "MATERIALIZED"
	case pg.CTEMaterialize_CTEMaterializeNever:
		return "NOT MATERIALIZED"
	}
	return ""
}

func named(fs []field, names []string) []field {
	for i := range fs {
		if i < len(names) {
			fs[i].name = names[i]
		}
	}
	return fs
}

// recursive is a recursive item of WITH: its columns are those of the first part, which does not see it.
func (a *analyzer) recursive(x *pg.SelectStmt, s *scope, item *cte, names []string) *query {
	inner := s.inner()
	with := a.with(x.WithClause, inner)
	q := a.setOperationWith(x, inner, func(first *query) {
		a.resolveOutputs(first)
		item.fields = named(first.fields(), names)
		s.ctes = append(s.ctes, item)
	})
	if with != nil {
		q.node.args = append([]node{with}, q.node.args...)
	}
	a.resolveOutputs(q)
	item.fields = named(q.fields(), names)
	return q
}

// searchAndCycle adds the columns of SEARCH and CYCLE to an item of WITH.
func (a *analyzer) searchAndCycle(c *pg.CommonTableExpr, item *cte, s *scope) []node {
	var out []node
	if x := c.GetSearchClause(); x != nil {
		n := &clause{what: "SEARCH DEPTH FIRST BY " + strings.Join(nameParts(x.SearchColList), ", ") + " SET " + x.SearchSeqColumn}
		t := arrayOf(tRecord)
		if x.SearchBreadthFirst {
			n.what, t = strings.Replace(n.what, "DEPTH", "BREADTH", 1), tRecord
		}
		item.fields = append(item.fields, field{name: x.SearchSeqColumn, typ: t})
		out = append(out, n)
	}
	if x := c.GetCycleClause(); x != nil {
		n := &clause{what: "CYCLE " + strings.Join(nameParts(x.CycleColList), ", ") + " SET " + x.CycleMarkColumn + " USING " + x.CyclePathColumn}
		marks := []expr{a.known(tBool, "true"), a.known(tBool, "false")}
		if x.CycleMarkValue != nil {
			marks[0] = a.expr(x.CycleMarkValue, s)
		}
		if x.CycleMarkDefault != nil {
			marks[1] = a.expr(x.CycleMarkDefault, s)
		}
		marks, t, mods := a.unify(c.Location, "CYCLE", marks)
		n.args = nodes(marks)
		item.fields = append(item.fields, field{name: x.CycleMarkColumn, typ: t, mods: mods}, field{name: x.CyclePathColumn, typ: arrayOf(tRecord)})
		out = append(out, n)
	}
	return out
}
