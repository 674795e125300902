package builtin

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// Function is a row of pg_proc: a function, procedure, aggregate or window function.
type Function struct {
	Name     catalog.QName
	Kind     byte            // prokind: f, p, a, w
	Args     []catalog.QName // proargtypes: the types of the input arguments
	Result   catalog.QName   // prorettype
	Set      bool            // proretset
	Variadic catalog.QName   // provariadic: the element type; empty if not variadic
	Defaults int             // pronargdefaults: how many of the last input arguments can be left out
	Volatile byte            // provolatile: i, s, v
	Strict   bool            // proisstrict

	// All are the arguments with their modes and names, output arguments included, in the order of the
	// declaration. Nil if the arguments have neither names nor modes; then Args says it all.
	All []Arg

	// AggKind is pg_aggregate.aggkind: n normal, o ordered-set, h hypothetical-set; 0 if not an
	// aggregate. Direct is the number of direct arguments (aggnumdirectargs).
	AggKind byte
	Direct  int
}

// Arg is an argument of a function.
type Arg struct {
	Name string        // proargnames; empty if it has none
	Mode byte          // proargmodes: i in, o out, b inout, v variadic, t table
	Type catalog.QName // proallargtypes
}

// Functions returns the functions with that name, of all schemas.
func (s *Set) Functions(name string) []*Function {
	return find(s, &s.functions, "function", name, func(r *row) *Function { return decodeFunction(name, r) }, sameFunction)
}

func sameFunction(a, b *Function) bool { return a.Name == b.Name && slices.Equal(a.Args, b.Args) }

func decodeFunction(name string, r *row) *Function {
	f := &Function{
		Name:     r.in(name),
		Kind:     r.byte(),
		Args:     r.names(),
		Result:   r.name(),
		Set:      r.flag(),
		Variadic: r.name(),
		Defaults: r.number(0),
		Volatile: r.byte(),
		Strict:   r.flag(),
	}
	modes, names, types := r.next(), r.next(), r.names()
	if types == nil {
		types = f.Args
	}
	if modes != "" || names != "" {
		f.All = make([]Arg, len(types))
		argNames := strings.Split(names, ",")
		for i, t := range types {
			f.All[i] = Arg{Mode: 'i', Type: t}
			if modes != "" {
				f.All[i].Mode = modes[i]
			}
			if i < len(argNames) {
				f.All[i].Name = argNames[i]
			}
		}
	}
	if f.Kind == 'a' {
		f.AggKind = 'n'
		if agg := r.next(); agg != "" {
			f.AggKind = agg[0]
			f.Direct = (&row{rest: agg[1:]}).number(0)
		}
	}
	return f
}

// Operator is a row of pg_operator.
type Operator struct {
	Name     catalog.QName
	Left     catalog.QName // oprleft; empty for a prefix operator
	Right    catalog.QName // oprright
	Result   catalog.QName // oprresult
	Function catalog.QName // oprcode; its arguments are the operands
}

// Operators returns the operators with that name, of all schemas.
func (s *Set) Operators(name string) []*Operator {
	return find(s, &s.operators, "operator", name, func(r *row) *Operator {
		return &Operator{Name: r.in(name), Left: r.name(), Right: r.name(), Result: r.name(), Function: r.name()}
	}, sameOperator)
}

func sameOperator(a, b *Operator) bool {
	return a.Name == b.Name && a.Left == b.Left && a.Right == b.Right
}
