package parser

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// row is what a query gives.
type row struct {
	names  []string
	values []any
}

func (w row) column(name string) (any, bool) {
	if i := slices.Index(w.names, name); i >= 0 {
		return w.values[i], true
	}
	return nil, false
}

// scope is the rows in reach of an expression: those of the query's own FROM by
// their aliases, then those of the queries around it.
type runScope struct {
	aliases []string
	rows    []row
	outer   *runScope
}

func (s *runScope) with(alias string, w row) *runScope {
	return &runScope{append(slices.Clone(s.aliases), alias), append(slices.Clone(s.rows), w), s.outer}
}

// query runs a SELECT over system catalogs.
func (r *run) query(sql string) ([]row, error) {
	tree, err := pg.Parse(sql)
	if err != nil || len(tree.GetStmts()) != 1 || tree.GetStmts()[0].GetStmt().GetSelectStmt() == nil {
		return nil, unknownf("what %q gives is not known", firstLine(sql))
	}
	return r.selectRows(tree.GetStmts()[0].GetStmt().GetSelectStmt(), nil)
}

// selectRows runs a SELECT. With an error it returns the rows that are sure.
func (r *run) selectRows(s *pg.SelectStmt, outer *runScope) ([]row, error) {
	switch {
	case len(s.GetValuesLists()) > 0:
		return r.valueRows(s, outer)
	case s.GetOp() == pg.SetOperation_SETOP_UNION && s.GetWithClause() == nil && len(s.GetSortClause()) == 0 && s.GetLimitCount() == nil:
		return r.union(s, outer)
	case s.GetOp() != pg.SetOperation_SETOP_NONE, s.GetWithClause() != nil, len(s.GetGroupClause()) > 0, s.GetHavingClause() != nil, s.GetLimitOffset() != nil:
		return nil, unknownf("queries with UNION, WITH, GROUP BY or OFFSET are not evaluated")
	}
	scopes := []*runScope{{outer: outer}}
	var err error
	for _, item := range s.GetFromClause() {
		if scopes, err = r.from(item, scopes); err != nil {
			return nil, err
		}
	}
	if scopes, err = r.where(s.GetWhereClause(), scopes); err != nil {
		rows, _ := r.project(s, scopes)
		return rows, err
	}
	if aggregates(s) {
		w, err := r.aggregate(s, scopes, outer)
		return []row{w}, err
	}
	if err := r.sort(s.GetSortClause(), scopes); err != nil {
		return nil, err
	}
	rows, err := r.project(s, scopes)
	if err != nil || s.GetLimitCount() == nil {
		return rows, err
	}
	n, ok := integer(constText(s.GetLimitCount()))
	if !ok {
		return nil, unknownf("LIMIT is not evaluated")
	}
	return rows[:min(int(n), len(rows))], nil
}

// union is the rows of two queries, each once unless all are wanted.
func (r *run) union(s *pg.SelectStmt, outer *runScope) ([]row, error) {
	left, err := r.selectRows(s.GetLarg(), outer)
	if err != nil {
		return nil, err
	}
	right, err := r.selectRows(s.GetRarg(), outer)
	if err != nil {
		return nil, err
	}
	var out []row
	seen := map[string]bool{}
	for _, w := range append(left, right...) {
		for _, v := range w.values {
			if _, err := known(v); err != nil {
				return nil, err
			}
		}
		if len(left) > 0 {
			w.names = left[0].names
		}
		k := str(w.values)
		if s.GetAll() || !seen[k] {
			out = append(out, w)
		}
		seen[k] = true
	}
	return out, nil
}

func (r *run) where(n *pg.Node, scopes []*runScope) ([]*runScope, error) {
	if n == nil {
		return scopes, nil
	}
	var out []*runScope
	var unknown error
	for _, s := range scopes {
		v, err := r.expr(n, s)
		if err != nil {
			unknown = err
		} else if v == true {
			out = append(out, s)
		}
	}
	return out, unknown
}

func (r *run) valueRows(s *pg.SelectStmt, outer *runScope) ([]row, error) {
	var out []row
	for _, list := range s.GetValuesLists() {
		var w row
		for i, n := range list.GetList().GetItems() {
			v, err := r.expr(n, outer)
			if err != nil {
				return nil, err
			}
			w.names, w.values = append(w.names, "column"+str(int64(i+1))), append(w.values, v)
		}
		out = append(out, w)
	}
	return out, nil
}

// from joins an item of FROM to the rows so far.
func (r *run) from(n *pg.Node, scopes []*runScope) ([]*runScope, error) {
	if j := n.GetJoinExpr(); j != nil {
		return r.join(j, scopes)
	}
	var out []*runScope
	for _, s := range scopes {
		alias, rows, err := r.item(n, s)
		if err != nil {
			return nil, err
		}
		for _, w := range rows {
			out = append(out, s.with(alias, w))
		}
		if len(out) > maxSteps {
			return nil, unknownf("it takes too long")
		}
	}
	return out, nil
}

func (r *run) join(j *pg.JoinExpr, scopes []*runScope) ([]*runScope, error) {
	left, err := r.from(j.GetLarg(), scopes)
	if err != nil {
		return nil, err
	}
	if j.GetIsNatural() || len(j.GetUsingClause()) > 0 || j.GetJointype() != pg.JoinType_JOIN_INNER && j.GetJointype() != pg.JoinType_JOIN_LEFT {
		return nil, unknownf("this form of JOIN is not evaluated")
	}
	var out []*runScope
	for _, l := range left {
		both, err := r.from(j.GetRarg(), []*runScope{l})
		if err != nil {
			return nil, err
		}
		if both, err = r.where(j.GetQuals(), both); err != nil {
			return nil, err
		}
		if len(both) == 0 && j.GetJointype() == pg.JoinType_JOIN_LEFT {
			alias, empty, err := r.nullRow(j.GetRarg())
			if err != nil {
				return nil, err
			}
			both = []*runScope{l.with(alias, empty)}
		}
		out = append(out, both...)
	}
	return out, nil
}

// nullRow is what a LEFT JOIN has in the place of a row.
func (r *run) nullRow(n *pg.Node) (alias string, w row, err error) {
	v := n.GetRangeVar()
	if v == nil {
		return "", w, unknownf("a LEFT JOIN without a match is not evaluated")
	}
	w.names, _, err = r.system(v.GetSchemaname(), v.GetRelname())
	w.values = make([]any, len(w.names))
	return cmp.Or(v.GetAlias().GetAliasname(), v.GetRelname()), w, err
}

// item is the rows of a table, a subquery or a function in FROM.
func (r *run) item(n *pg.Node, s *runScope) (string, []row, error) {
	switch {
	case n.GetRangeVar() != nil:
		v := n.GetRangeVar()
		_, rows, err := r.system(v.GetSchemaname(), v.GetRelname())
		return cmp.Or(v.GetAlias().GetAliasname(), v.GetRelname()), rows, err
	case n.GetRangeSubselect() != nil:
		sub := n.GetRangeSubselect()
		rows, err := r.selectRows(sub.GetSubquery().GetSelectStmt(), s)
		return sub.GetAlias().GetAliasname(), renamed(rows, strs(sub.GetAlias().GetColnames())), err
	case n.GetRangeFunction() != nil:
		f := n.GetRangeFunction()
		call := firstCall(f)
		if call == nil {
			return "", nil, unknownf("this function in FROM is not evaluated")
		}
		name := cmp.Or(f.GetAlias().GetAliasname(), lastName(call))
		list, err := r.series(call, s)
		var rows []row
		for i, x := range list {
			w := row{[]string{name}, []any{x}}
			if f.GetOrdinality() {
				w = row{[]string{name, "ordinality"}, []any{x, int64(i + 1)}}
			}
			rows = append(rows, w)
		}
		return name, renamed(rows, strs(f.GetAlias().GetColnames())), err
	}
	return "", nil, unknownf("this item of FROM is not evaluated")
}

func firstCall(f *pg.RangeFunction) *pg.FuncCall {
	if len(f.GetFunctions()) != 1 || len(f.GetFunctions()[0].GetList().GetItems()) == 0 {
		return nil
	}
	return f.GetFunctions()[0].GetList().GetItems()[0].GetFuncCall()
}

func renamed(rows []row, names []string) []row {
	for i, w := range rows {
		w.names = slices.Clone(w.names)
		copy(w.names, names)
		rows[i] = w
	}
	return rows
}

func (r *run) project(s *pg.SelectStmt, scopes []*runScope) ([]row, error) {
	for _, t := range s.GetTargetList() {
		if call := t.GetResTarget().GetVal().GetFuncCall(); call.GetOver() != nil {
			if err := r.number(call, scopes); err != nil {
				return nil, err
			}
		}
	}
	var out []row
	for _, sc := range scopes {
		var w row
		expanded := false
		for _, t := range s.GetTargetList() {
			val := t.GetResTarget().GetVal()
			if stars := starOf(val, sc); stars != nil {
				for _, star := range stars {
					w.names, w.values = append(w.names, star.names...), append(w.values, star.values...)
				}
				continue
			}
			if call := val.GetFuncCall(); call != nil && lastName(call) == "unnest" && len(s.GetTargetList()) == 1 && len(call.GetArgs()) == 1 {
				v, err := r.expr(call.GetArgs()[0], sc)
				if err != nil {
					return nil, err
				}
				list, err := array(v)
				if err != nil {
					return nil, err
				}
				for _, x := range list {
					out = append(out, row{[]string{cmp.Or(t.GetResTarget().GetName(), "unnest")}, []any{x}})
				}
				expanded = true
				continue
			}
			v, err := r.expr(val, sc)
			if hidden := (*unknownError)(nil); errors.As(err, &hidden) && len(s.GetDistinctClause()) == 0 {
				v, err = hidden, nil // it matters only if it is used
			}
			if err != nil {
				return nil, err
			}
			w.names, w.values = append(w.names, cmp.Or(t.GetResTarget().GetName(), outputName(val))), append(w.values, v)
		}
		if !expanded {
			out = append(out, w)
		}
	}
	if len(s.GetDistinctClause()) > 0 {
		seen := map[string]bool{}
		out = slices.DeleteFunc(out, func(w row) bool {
			k := str(w.values)
			was := seen[k]
			seen[k] = true
			return was
		})
	}
	return out, nil
}

// starOf is what * or alias.* stands for.
func starOf(n *pg.Node, s *runScope) []row {
	fields := n.GetColumnRef().GetFields()
	if len(fields) == 0 || fields[len(fields)-1].GetAStar() == nil {
		return nil
	}
	if len(fields) == 1 {
		return s.rows
	}
	if i := slices.Index(s.aliases, fields[0].GetString_().GetSval()); i >= 0 {
		return s.rows[i : i+1]
	}
	return nil
}

func outputName(n *pg.Node) string {
	switch {
	case n.GetColumnRef() != nil:
		f := strs(n.GetColumnRef().GetFields())
		return f[len(f)-1]
	case n.GetTypeCast() != nil:
		return outputName(n.GetTypeCast().GetArg())
	case n.GetFuncCall() != nil:
		return lastName(n.GetFuncCall())
	}
	return "?column?"
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}
