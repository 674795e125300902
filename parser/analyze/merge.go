package analyze

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

// merge is transformMergeStmt.
func (a *analyzer) merge(x *pg.MergeStmt, s *scope) *query {
	n := &clause{what: "MERGE"}
	q := &query{node: n}
	if w := a.with(x.WithClause, s); w != nil {
		n.args = append(n.args, w)
	}
	r, it, rel := a.dmlTarget(x.Relation, s)
	n.args = append(n.args, rel)
	source, items := a.fromItem(x.SourceRelation, s)
	n.args = append(n.args, &clause{"USING", []node{source}})
	if r == nil {
		return q
	}
	outer := s.items
	s.add(it)
	s.add(items...)
	both := s.items
	n.args = append(n.args, &clause{"ON", []node{a.condition(x.JoinCondition, s)}})
	for _, w := range x.MergeWhenClauses {
		c := w.GetMergeWhenClause()
		visible := both
		if !c.GetMatched() { // there is no row of the target
			visible = append(outer[:len(outer):len(outer)], items...)
		}
		s.with(visible, func() { n.args = append(n.args, a.mergeWhen(c, r, s)) })
	}
	return q
}

func (a *analyzer) mergeWhen(c *pg.MergeWhenClause, r *relation, s *scope) node {
	n := &clause{what: "WHEN NOT MATCHED " + c.GetCommandType().String()}
	if c.GetMatched() {
		n.what = "WHEN MATCHED " + c.GetCommandType().String()
	}
	if c.GetCondition() != nil {
		n.args = append(n.args, &clause{"AND", []node{a.condition(c.Condition, s)}})
	}
	switch c.GetCommandType() {
	case pg.CmdType_CMD_UPDATE:
		n.args = append(n.args, a.setList(c.TargetList, r, s)...)
	case pg.CmdType_CMD_INSERT:
		places := a.insertColumns(&pg.InsertStmt{Cols: c.TargetList}, r, s)
		for i, e := range a.rowArgs(c.Values, s) {
			if i < len(places) {
				n.args = append(n.args, a.assign(places[i], e))
			}
		}
	}
	return n
}
