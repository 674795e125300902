package analyze

import (
	"slices"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// operatorName is an operator's schema, if given, and name.
func operatorName(l []*pg.Node) (schema, name string) {
	schema, name = qualified(l)
	if name == "!=" {
		name = "<>"
	}
	return schema, name
}

// findOperator is oper and left_oper; left is zero for a prefix operator. Nil if there is none or more than one fits.
func (a *analyzer) findOperator(schema, name string, left, right typ) (o *operator, ambiguous bool) {
	found := a.env.kept.resolved.get(operatorKey{schema, name, left, right, a.pathText}, func() resolvedOperator {
		o, ambiguous := a.resolveOperator(schema, name, left, right)
		return resolvedOperator{o, ambiguous}
	})
	return found.operator, found.ambiguous
}

// operatorKey is all that the meaning of an operator depends on.
type operatorKey struct {
	schema, name string
	left, right  typ
	path         string
}

type resolvedOperator struct {
	operator  *operator
	ambiguous bool
}

func (a *analyzer) resolveOperator(schema, name string, left, right typ) (o *operator, ambiguous bool) {
	all := a.env.operatorsNamed(name)
	if o := a.exactOperator(all, schema, left, right); o != nil {
		return o, false
	}
	input := []typ{left, right}
	if left.IsZero() {
		input = input[1:]
	}
	cs := a.matching(input, a.visibleOperators(all, schema, left.IsZero()))
	switch len(cs) {
	case 0:
		return nil, false
	case 1:
		return cs[0].operator, false
	}
	if c := a.selectCandidate(input, cs); c != nil {
		return c.operator, false
	}
	return nil, true
}

// visibleOperators is OpernameGetCandidates: of operators for the same types the one that comes first in the path.
func (a *analyzer) visibleOperators(all []*operator, schema string, prefix bool) []candidate {
	var out []candidate
	for _, o := range all {
		at := a.inPath(schema, o.schema)
		if at < 0 || o.left.IsZero() != prefix {
			continue
		}
		c := candidate{operator: o, args: operands(o), position: at}
		i := slices.IndexFunc(out, func(have candidate) bool { return have.operator.left == o.left && have.operator.right == o.right })
		if i < 0 {
			out = append(out, c)
		} else if at < out[i].position {
			out[i] = c
		}
	}
	return out
}

func operands(o *operator) []typ {
	if o.left.IsZero() {
		return []typ{o.right}
	}
	return []typ{o.left, o.right}
}

// exactOperator is binary_oper_exact: an untyped literal is of the other operand's type.
func (a *analyzer) exactOperator(all []*operator, schema string, left, right typ) *operator {
	assumed := true
	switch {
	case left == tUnknown && right != tUnknown:
		left = right
	case right == tUnknown && left != tUnknown && !left.IsZero():
		right = left
	default:
		assumed = false
	}
	if o := a.operatorFor(all, schema, left, right); o != nil {
		return o
	}
	if base := a.env.base(left); assumed && base != left {
		return a.operatorFor(all, schema, base, base)
	}
	return nil
}

// operatorFor is the first operator in the path that is declared for the types.
func (a *analyzer) operatorFor(all []*operator, schema string, left, right typ) *operator {
	var found *operator
	first := 0
	for _, o := range all {
		if o.left != left || o.right != right {
			continue
		}
		if at := a.inPath(schema, o.schema); at >= 0 && (found == nil || at < first) {
			found, first = o, at
		}
	}
	return found
}

// operate is make_op. left is nil for a prefix operator.
func (a *analyzer) operate(at int32, schema, name string, left, right expr) expr {
	if left != nil && isOpaque(left) || isOpaque(right) {
		return unresolvedOperator(name, left, right)
	}
	lt := typ{}
	if left != nil {
		lt = left.value().typ
	}
	rt := right.value().typ
	o, ambiguous := a.findOperator(schema, name, lt, rt)
	if o == nil {
		a.noOperator(at, name, lt, rt, ambiguous)
		return unresolvedOperator(name, left, right)
	}
	a.refer(o.id)
	n := &operation{operator: o.String()}
	if left == nil {
		args, _, result := a.resolvePolymorphic([]typ{rt}, []typ{o.right}, o.result)
		n.right, n.typ = a.coerceType(right, args[0], "", implicit), result
		return n
	}
	args, _, result := a.resolvePolymorphic([]typ{lt, rt}, []typ{o.left, o.right}, o.result)
	n.left, n.right, n.typ = a.coerceType(left, args[0], "", implicit), a.coerceType(right, args[1], "", implicit), result
	return n
}

func unresolvedOperator(name string, left, right expr) expr {
	if left == nil {
		return unresolved("operator "+name, right)
	}
	return unresolved("operator "+name, left, right)
}

func (a *analyzer) noOperator(at int32, name string, left, right typ, ambiguous bool) {
	l := ""
	if !left.IsZero() {
		l = left.String() + " "
	}
	if ambiguous {
		a.unfit(at, "operator is not unique: %s%s %s", l, name, right)
	} else {
		a.unfit(at, "operator does not exist: %s%s %s", l, name, right)
	}
}

// operateArray is make_scalar_array_op: left OP ANY (right).
func (a *analyzer) operateArray(at int32, schema, name, form string, left, right expr) expr {
	if isOpaque(left) || isOpaque(right) {
		return unresolved("operator "+name+" "+form, left, right)
	}
	lt, rt, el := left.value().typ, right.value().typ, tUnknown
	if rt != tUnknown {
		var ok bool
		if el, ok = a.env.elementOf(rt); !ok {
			return a.trouble(at, "op ANY/ALL (array) requires array on right side")
		}
	}
	o, ambiguous := a.findOperator(schema, name, lt, el)
	if o == nil {
		a.noOperator(at, name, lt, el, ambiguous)
		return unresolved("operator "+name+" "+form, left, right)
	}
	a.refer(o.id)
	args, _, _ := a.resolvePolymorphic([]typ{lt, el}, []typ{o.left, o.right}, o.result)
	target := a.env.base(rt)
	if !polymorphic[o.right] || rt == tUnknown {
		target, _ = a.env.arrayTypeOf(args[1])
	}
	return &operation{
		typed: typed{typ: tBool}, form: form, operator: o.String(),
		left: a.coerceType(left, args[0], "", implicit), right: a.coerceType(right, target, "", implicit),
	}
}

// compareRows is make_row_comparison_op.
func (a *analyzer) compareRows(at int32, schema, name string, left, right []expr) expr {
	if len(left) != len(right) || len(left) == 0 {
		return a.trouble(at, "unequal number of entries in row expressions")
	}
	es := make([]expr, len(left))
	for i := range left {
		es[i] = a.operate(at, schema, name, left[i], right[i])
	}
	if len(es) == 1 {
		return es[0]
	}
	switch name {
	case "=":
		return combine("AND", es...)
	case "<>":
		return combine("OR", es...)
	}
	return &special{typed: typed{typ: tBool}, what: "row comparison " + name, args: nodes(es)}
}

// distinct is make_distinct_op and make_row_distinct_op.
func (a *analyzer) distinct(at int32, schema, name string, left, right expr) expr {
	l, ok1 := left.(*row)
	r, ok2 := right.(*row)
	if ok1 && ok2 {
		if len(l.args) != len(r.args) {
			return a.trouble(at, "unequal number of entries in row expressions")
		}
		if len(l.args) == 0 {
			return a.known(tBool, "false")
		}
		var es []expr
		for i := range l.args {
			es = append(es, a.distinct(at, schema, name, l.args[i], r.args[i]))
		}
		return combine("OR", es...)
	}
	e := a.operate(at, schema, name, left, right)
	if o, ok := e.(*operation); ok {
		o.form = "distinct"
		return o
	}
	return unresolved("distinct", e)
}
