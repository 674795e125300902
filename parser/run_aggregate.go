package parser

import (
	"cmp"
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// number gives each row its number within its partition: row_number() OVER (…).
func (r *run) number(call *pg.FuncCall, scopes []*runScope) error {
	over := call.GetOver()
	if lastName(call) != "row_number" || over.GetName() != "" || over.GetRefname() != "" {
		return unknownf("window functions other than row_number are not evaluated")
	}
	ordered := slices.Clone(scopes)
	if err := r.sort(over.GetOrderClause(), ordered); err != nil {
		return err
	}
	count := map[string]int64{}
	if r.numbered == nil {
		r.numbered = map[*pg.FuncCall]map[*runScope]int64{}
	}
	r.numbered[call] = map[*runScope]int64{}
	for _, s := range ordered {
		key, err := r.exprs(over.GetPartitionClause(), s)
		if err != nil {
			return err
		}
		count[str(key)]++
		r.numbered[call][s] = count[str(key)]
	}
	return nil
}

// sort orders rows; statements that are run for each hardly depend on it.
func (r *run) sort(list []*pg.Node, scopes []*runScope) error {
	keys := map[*runScope][]any{}
	for _, s := range scopes {
		for _, n := range list {
			v, err := r.expr(n.GetSortBy().GetNode(), s)
			if err != nil {
				return err
			}
			keys[s] = append(keys[s], scalar(v))
		}
	}
	slices.SortStableFunc(scopes, func(a, b *runScope) int {
		for i := range keys[a] {
			c := compareValues(keys[a][i], keys[b][i])
			if list[i].GetSortBy().GetSortbyDir() == pg.SortByDir_SORTBY_DESC {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return nil
}

func compareValues(a, b any) int {
	x, isInt := a.(int64)
	y, isOther := b.(int64)
	if isInt && isOther {
		return cmp.Compare(x, y)
	}
	return strings.Compare(str(a), str(b))
}

func isAggregate(n *pg.Node) bool {
	call := n.GetFuncCall()
	return call != nil && slices.Contains([]string{"count", "array_agg", "string_agg", "bool_or", "bool_and"}, lastName(call))
}

func aggregates(s *pg.SelectStmt) bool {
	return len(s.GetTargetList()) > 0 && !slices.ContainsFunc(s.GetTargetList(), func(t *pg.Node) bool {
		return !isAggregate(t.GetResTarget().GetVal())
	})
}

func (r *run) aggregate(s *pg.SelectStmt, scopes []*runScope, outer *runScope) (row, error) {
	var w row
	for _, t := range s.GetTargetList() {
		call := t.GetResTarget().GetVal().GetFuncCall()
		if call.GetAggDistinct() || call.GetAggFilter() != nil {
			return w, unknownf("this aggregate is not evaluated")
		}
		ordered := slices.Clone(scopes)
		if err := r.sort(call.GetAggOrder(), ordered); err != nil {
			return w, err
		}
		var values []any
		for _, sc := range ordered {
			if call.GetAggStar() {
				values = append(values, true)
				continue
			}
			v, err := r.expr(call.GetArgs()[0], sc)
			if err != nil {
				return w, err
			}
			if v != nil || lastName(call) == "array_agg" {
				values = append(values, v)
			}
		}
		v, err := r.combine(call, values, outer)
		if err != nil {
			return w, err
		}
		w.names, w.values = append(w.names, cmp.Or(t.GetResTarget().GetName(), lastName(call))), append(w.values, v)
	}
	return w, nil
}

func (r *run) combine(call *pg.FuncCall, values []any, outer *runScope) (any, error) {
	if lastName(call) == "count" {
		return int64(len(values)), nil
	}
	if len(values) == 0 {
		return nil, nil
	}
	switch lastName(call) {
	case "array_agg":
		return values, nil
	case "bool_or":
		return slices.Contains(values, any(true)), nil
	case "bool_and":
		return !slices.Contains(values, any(false)), nil
	}
	sep, err := r.expr(call.GetArgs()[1], outer)
	if err != nil {
		return nil, err
	}
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = str(v)
	}
	return strings.Join(parts, str(sep)), nil
}
