package printed

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

// opensSelect reports whether a sub-select comes next.
func (r *reader) opensSelect() bool {
	return r.at(open) && r.tokens[r.i+1].kind == name && r.tokens[r.i+1].text == "select"
}

// subselect reads a query of targets, relations and a condition in parentheses.
func (r *reader) subselect() *pg.Node {
	if !r.opensSelect() {
		return nil
	}
	r.i += 2
	s := &pg.SelectStmt{LimitOption: pg.LimitOption_LIMIT_OPTION_DEFAULT, Op: pg.SetOperation_SETOP_NONE}
	for more := true; more; more = r.take(comma) {
		t := r.target()
		if t == nil {
			return nil
		}
		s.TargetList = append(s.TargetList, t)
	}
	if r.takeWords("from") {
		for more := true; more; more = r.take(comma) {
			f := r.fromItem()
			if f == nil {
				return nil
			}
			s.FromClause = append(s.FromClause, f)
		}
	}
	if r.takeWords("where") {
		if s.WhereClause = r.expr(); s.WhereClause == nil {
			return nil
		}
	}
	if !r.take(closed) {
		return nil
	}
	return &pg.Node{Node: &pg.Node_SelectStmt{SelectStmt: s}}
}

func (r *reader) target() *pg.Node {
	t := &pg.ResTarget{Location: r.here()}
	if t.Val = r.expr(); t.Val == nil {
		return nil
	}
	if r.takeWords("as") {
		label := r.next()
		if label.kind != name && label.kind != quoted {
			return nil
		}
		t.Name = label.text
	}
	return &pg.Node{Node: &pg.Node_ResTarget{ResTarget: t}}
}

// fromItem reads a relation, or a join in parentheses.
func (r *reader) fromItem() *pg.Node {
	if r.nesting++; r.nesting > maxNesting {
		return nil
	}
	defer func() { r.nesting-- }()
	if r.take(open) {
		return r.join()
	}
	v := &pg.RangeVar{Location: r.here(), Inh: true, Relpersistence: "p"}
	first := r.columnOrSchema()
	if first == "" {
		return nil
	}
	v.Relname = first
	if r.take(dot) {
		t := r.next()
		if t.kind != name && t.kind != quoted {
			return nil
		}
		v.Schemaname, v.Relname = first, t.text
	}
	if t := r.tokens[r.i]; t.kind == quoted || t.kind == name && !keywords[t.text] {
		r.i++
		v.Alias = &pg.Alias{Aliasname: t.text}
		if r.at(open) {
			return nil
		}
	}
	return &pg.Node{Node: &pg.Node_RangeVar{RangeVar: v}}
}

// join reads a JOIN b ON (…) after its opening parenthesis.
func (r *reader) join() *pg.Node {
	j := &pg.JoinExpr{Jointype: pg.JoinType_JOIN_INNER}
	if j.Larg = r.fromItem(); j.Larg == nil {
		return nil
	}
	switch {
	case r.takeWords("join"):
	case r.takeWords("left", "join"):
		j.Jointype = pg.JoinType_JOIN_LEFT
	case r.takeWords("right", "join"):
		j.Jointype = pg.JoinType_JOIN_RIGHT
	default:
		return nil
	}
	if j.Rarg = r.fromItem(); j.Rarg == nil || !r.takeWords("on") {
		return nil
	}
	if j.Quals = r.expr(); j.Quals == nil || !r.take(closed) {
		return nil
	}
	return &pg.Node{Node: &pg.Node_JoinExpr{JoinExpr: j}}
}
