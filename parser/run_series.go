package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// series is the values that a function in FROM gives.
func (r *run) series(call *pg.FuncCall, s *runScope) ([]any, error) {
	args, err := r.exprs(call.GetArgs(), s)
	if err != nil {
		return nil, err
	}
	switch name := lastName(call); {
	case name == "unnest" && len(args) == 1:
		return array(args[0])
	case name == "generate_series" && (len(args) == 2 || len(args) == 3):
		return numbers(args)
	case len(args) == 2 && (name == "string_to_table" && args[1] != nil || name == "regexp_split_to_table" && literalPattern(str(args[1]))):
		var out []any
		for _, part := range strings.Split(str(args[0]), str(args[1])) {
			out = append(out, part)
		}
		return out, nil
	}
	return nil, unknownf("this function in FROM is not evaluated")
}

// literalPattern reports whether a regular expression matches just its own text.
func literalPattern(p string) bool { return p != "" && !strings.ContainsAny(p, `\.[]{}()*+?^$|`) }

// numbers is generate_series of integers.
func numbers(args []any) ([]any, error) {
	bounds := []int64{0, 0, 1}
	for i, a := range args {
		n, ok := integer(scalar(a))
		if !ok {
			return nil, unknownf("generate_series of something else than integers is not evaluated")
		}
		bounds[i] = n
	}
	at, last, step := bounds[0], bounds[1], bounds[2]
	if step == 0 || (last-at)/step > maxSteps {
		return nil, unknownf("it takes too long")
	}
	var out []any
	for ; step > 0 && at <= last || step < 0 && at >= last; at += step {
		out = append(out, at)
	}
	return out, nil
}

// indirection is an element of an array, or a field of a record.
func (r *run) indirection(n *pg.A_Indirection, s *runScope) (any, error) {
	v, err := r.expr(n.GetArg(), s)
	for _, i := range n.GetIndirection() {
		if err != nil {
			return nil, err
		}
		switch index := i.GetAIndices(); {
		case index != nil && !index.GetIsSlice():
			v, err = r.element(v, index.GetUidx(), s)
		case i.GetString_() != nil:
			w, ok := v.(row)
			at := slices.Index(w.names, i.GetString_().GetSval())
			if !ok || at < 0 {
				return nil, unknownf("field %s is not known", i.GetString_().GetSval())
			}
			v, err = known(w.values[at])
		default:
			return nil, unknownf("this part of a value is not evaluated")
		}
	}
	return v, err
}

func (r *run) element(v any, index *pg.Node, s *runScope) (any, error) {
	list, err := array(v)
	if err != nil {
		return nil, err
	}
	at, err := r.expr(index, s)
	if err != nil {
		return nil, err
	}
	i, ok := integer(scalar(at))
	if !ok {
		return nil, unknownf("a subscript is no integer")
	}
	if i < 1 || int(i) > len(list) {
		return nil, nil
	}
	return known(list[i-1])
}
