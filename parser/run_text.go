package parser

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// caseExpr is CASE … END.
func (r *run) caseExpr(c *pg.CaseExpr, s *runScope) (any, error) {
	tested, err := any(true), error(nil)
	if c.GetArg() != nil {
		if tested, err = r.expr(c.GetArg(), s); err != nil {
			return nil, plainly(err)
		}
	}
	for _, w := range c.GetArgs() {
		v, err := r.expr(w.GetCaseWhen().GetExpr(), s)
		if err != nil {
			return nil, plainly(err)
		}
		if v = scalar(v); v == nil || scalar(tested) == nil {
			continue
		}
		yes, err := equal(scalar(tested), v)
		if err != nil {
			return nil, err
		}
		if yes {
			return r.expr(w.GetCaseWhen().GetResult(), s)
		}
	}
	if c.GetDefresult() == nil {
		return nil, nil
	}
	return r.expr(c.GetDefresult(), s)
}

// callText evaluates functions of texts and of lists of them; not ok for others.
func callText(name string, args []any) (v any, ok bool) {
	if v, ok := cutText(name, args); ok {
		return v, true
	}
	switch {
	case len(args) == 1 && (name == "length" || name == "char_length"):
		return int64(len([]rune(str(args[0])))), true
	case len(args) == 2 && name == "string_to_array":
		list := []any{}
		if args[0] == "" {
			return list, true
		}
		for _, p := range strings.Split(str(args[0]), str(args[1])) {
			list = append(list, p)
		}
		return list, true
	case len(args) == 2 && name == "array_to_string":
		list, err := array(args[0])
		var parts []string
		for _, v := range list {
			if v != nil {
				parts = append(parts, str(v))
			}
		}
		return strings.Join(parts, str(args[1])), err == nil
	case len(args) == 2 && name == "strpos":
		before, _, found := strings.Cut(str(args[0]), str(args[1]))
		if !found {
			return int64(0), true
		}
		return int64(len([]rune(before)) + 1), true
	}
	return nil, false
}

// cutText evaluates the functions that give a part of a text.
func cutText(name string, args []any) (v any, ok bool) {
	if len(args) < 2 {
		return nil, false
	}
	text := str(args[0])
	runes := []rune(text)
	n, isNumber := integer(args[1])
	switch {
	case name == "left" || name == "right":
		if n < 0 {
			n = max(0, int64(len(runes))+n)
		}
		n = min(n, int64(len(runes)))
		if name == "left" {
			return string(runes[:n]), isNumber
		}
		return string(runes[int64(len(runes))-n:]), isNumber
	case (name == "substring" || name == "substr") && isNumber:
		from, to := n-1, int64(len(runes))
		if len(args) == 3 {
			length, ok := integer(args[2])
			if !ok || length < 0 {
				return nil, false
			}
			to = min(to, from+length)
		}
		from = min(max(0, from), int64(len(runes)))
		return string(runes[from:max(from, to)]), true
	case name == "split_part" && len(args) == 3:
		parts := strings.Split(text, str(args[1]))
		at, ok := integer(args[2])
		if at < 0 {
			at += int64(len(parts)) + 1
		}
		if at < 1 || at > int64(len(parts)) {
			return "", ok
		}
		return parts[at-1], ok
	case name == "ltrim":
		return strings.TrimLeft(text, str(args[1])), true
	case name == "rtrim":
		return strings.TrimRight(text, str(args[1])), true
	case name == "btrim":
		return strings.Trim(text, str(args[1])), true
	}
	return nil, false
}
