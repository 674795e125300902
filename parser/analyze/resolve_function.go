package analyze

import (
	"slices"
	"strings"
)

// candidatesFor is FuncnameGetCandidates: the functions that a call with so many arguments may mean, each
// signature once, as the search_path shows it. names are those of the arguments, empty for positional ones.
func (a *analyzer) candidatesFor(schema, name string, nargs int, names []string, variadicCall bool) []candidate {
	var out []candidate
	seen := map[string]int{}
	named := slices.ContainsFunc(names, func(n string) bool { return n != "" })
	for _, f := range a.env.functionsNamed(name) {
		at := a.inPath(schema, f.schema)
		if at < 0 || f.kind == 'p' {
			continue
		}
		for _, c := range uses(f, nargs, names, named, variadicCall) {
			c.position = at
			key := signature("", "", c.args)
			if i, ok := seen[key]; !ok {
				seen[key] = len(out)
				out = append(out, c)
			} else if c.before(out[i]) {
				out[i] = c
			}
		}
	}
	return out
}

// before reports whether c hides o, which has the same argument types.
func (c candidate) before(o candidate) bool {
	switch {
	case c.position != o.position:
		return c.position < o.position
	case (c.variadic > 0) != (o.variadic > 0):
		return c.variadic == 0
	}
	return c.defaults < o.defaults
}

// uses lists the ways in which a call with so many arguments can use the function.
func uses(f *function, nargs int, names []string, named, variadicCall bool) []candidate {
	n := len(f.args)
	if named {
		if c, ok := usesNamed(f, nargs, names); ok {
			return []candidate{c}
		}
		return nil
	}
	var out []candidate
	switch {
	case n == nargs:
		out = append(out, candidate{function: f, args: f.args})
	case n > nargs && n-f.defaults <= nargs:
		out = append(out, candidate{function: f, args: f.args[:nargs], defaults: n - nargs})
	}
	if !f.variadic.IsZero() && !variadicCall && nargs >= n && n > 0 {
		args := slices.Clone(f.args[:n-1])
		for len(args) < nargs {
			args = append(args, f.variadic)
		}
		out = append(out, candidate{function: f, args: args, variadic: nargs - n + 1})
	}
	return out
}

// usesNamed is MatchNamedCall.
func usesNamed(f *function, nargs int, names []string) (candidate, bool) {
	c := candidate{function: f, defaults: len(f.args) - nargs}
	used := make([]bool, len(f.args))
	for i := range nargs {
		at := i
		if i < len(names) && names[i] != "" {
			at = slices.Index(f.names, names[i])
		}
		if at < 0 || at >= len(f.args) || used[at] {
			return c, false
		}
		used[at] = true
		c.order, c.args = append(c.order, at), append(c.args, f.args[at])
	}
	for i, u := range used {
		if !u && i < len(f.args)-f.defaults {
			return c, false
		}
	}
	return c, true
}

// chooseFunction is the search of func_get_detail among candidates.
func (a *analyzer) chooseFunction(types []typ, cs []candidate) (c *candidate, ambiguous bool) {
	for i := range cs {
		if slices.Equal(cs[i].args, types) {
			return &cs[i], false
		}
	}
	cs = a.matching(types, cs)
	switch len(cs) {
	case 0:
		return nil, false
	case 1:
		return &cs[0], false
	}
	c = a.selectCandidate(types, cs)
	return c, c == nil
}

// castFunction is the step of func_get_detail in which f(x) is a cast to a type named f.
func (a *analyzer) castFunction(schema, name string, source typ) (typ, bool) {
	t, ok := a.env.findType(schema, name, a.path)
	if !ok {
		return typ{}, false
	}
	if i := a.env.info(t); i == nil || i.kind == 'c' || i.kind == 'p' {
		return typ{}, false
	}
	if source == tUnknown {
		return t, true
	}
	switch m, _ := a.pathway(t, source, explicit); m {
	case relabel:
		return t, true
	case byText:
		category, _ := a.env.category(t)
		return t, category != 'S' || source != tRecord && !a.env.isComposite(source)
	}
	return typ{}, false
}

// invocation is what a call says besides the function's name and arguments.
type invocation struct {
	at          int32
	names       []string // of named arguments
	variadic    bool     // VARIADIC before the last argument
	star        bool
	distinct    bool
	decorated   bool // an aggregate's or window function's clauses: it cannot be a cast
	withinGroup bool
	direct      int // WITHIN GROUP: how many arguments are direct
	clauses     []node
	flags       string
	sqlSyntax   bool
}

// invoke is ParseFuncOrColumn for a function.
func (a *analyzer) invoke(schema, name string, args []expr, v invocation) expr {
	types := typesOf(args)
	cs := a.candidatesFor(schema, name, len(args), v.names, v.variadic)
	if slices.Contains(types, tOpaque) && len(cs) != 1 {
		return a.unresolvedCall(schema, name, args, v)
	}
	c, ambiguous := a.chooseFunctionOrCast(schema, name, types, cs, v)
	switch {
	case c != nil && c.function == nil:
		return a.coerceType(args[0], c.args[0], "", explicit)
	case c == nil:
		if len(args) == 1 && schema == "" {
			if e := a.fieldOf(args[0], name); e != nil {
				return e
			}
		}
		a.noFunction(schema, name, types, ambiguous, v)
		return a.unresolvedCall(schema, name, args, v)
	}
	return a.callFunction(c, args, types, v)
}

// chooseFunctionOrCast finds the function; a candidate without one stands for a cast to its args[0].
func (a *analyzer) chooseFunctionOrCast(schema, name string, types []typ, cs []candidate, v invocation) (*candidate, bool) {
	for i := range cs {
		if slices.Equal(cs[i].args, types) {
			return &cs[i], false
		}
	}
	if len(types) == 1 && !v.decorated && (len(v.names) == 0 || v.names[0] == "") {
		if t, ok := a.castFunction(schema, name, types[0]); ok {
			return &candidate{args: []typ{t}}, false
		}
	}
	return a.chooseFunction(types, cs)
}

func (a *analyzer) noFunction(schema, name string, types []typ, ambiguous bool, v invocation) {
	shown := signature(schema, name, types)
	if schema == "" {
		shown = strings.TrimPrefix(shown, ".")
	}
	switch {
	case ambiguous:
		a.unfit(v.at, "function %s is not unique", shown)
	case a.knowsFunction(schema, name):
		a.unfit(v.at, "function %s does not exist", shown)
	default:
		a.missing(v.at, "function %s does not exist", shown)
	}
}

// knowsFunction reports whether there is a function of that name, whatever its arguments.
func (a *analyzer) knowsFunction(schema, name string) bool {
	return slices.ContainsFunc(a.env.functionsNamed(name), func(f *function) bool { return a.inPath(schema, f.schema) >= 0 })
}

func (a *analyzer) unresolvedCall(schema, name string, args []expr, v invocation) expr {
	if schema != "" && schema != "pg_catalog" {
		name = schema + "." + name
	}
	if v.sqlSyntax && name != "substring" {
		v.flags += sqlSyntax
	}
	o := unresolved("function "+name+v.flags, args...)
	o.args = append(o.args, v.clauses...)
	return o
}

func (a *analyzer) callFunction(c *candidate, args []expr, types []typ, v invocation) expr {
	f := c.function
	a.refer(f.id)
	if v.withinGroup && f.variadic == tAny && v.direct*2 == len(args) {
		args = a.unifyPairs(args, v)
		types = typesOf(args)
	}
	declared, b, result := a.resolvePolymorphic(types, c.args, f.result)
	coerced := make([]expr, len(args))
	for i := range args {
		coerced[i] = a.coerceType(args[i], declared[i], "", implicit)
	}
	n := &call{function: f.String(), flags: v.flags, clauses: v.clauses, aggregate: f.kind == 'a'}
	n.typ = result
	n.fields = a.outFields(f, b)
	if v.sqlSyntax && n.function != plainlyPrinted {
		n.flags += sqlSyntax
	}
	switch {
	case c.order != nil:
		n.args, n.flags = inOrder(coerced, c.order), n.flags+skipped(c.order)
	case c.variadic > 0 && f.variadic != tAny:
		first := len(coerced) - c.variadic
		rest := &array{elements: coerced[first:]}
		rest.typ, _ = a.env.arrayTypeOf(coerced[first].value().typ)
		n.args, n.flags = append(slices.Clip(coerced[:first]), rest), n.flags+" variadic"
	default:
		n.args = coerced
		if v.variadic {
			n.flags += " variadic"
		}
	}
	return n
}

// outFields are the columns of a function that returns a record with OUT or TABLE parameters.
func (a *analyzer) outFields(f *function, b *bindings) []field {
	if len(f.outs) < 2 && f.result != tRecord {
		return nil
	}
	fields := make([]field, len(f.outs))
	for i, o := range f.outs {
		fields[i] = field{name: o.name, typ: b.actual(o.typ)}
		if o.name == "" {
			fields[i].name = "column" + itoa(i+1)
		}
	}
	return fields
}

// inOrder puts named arguments where their parameters are.
func inOrder(args []expr, order []int) []expr {
	at := make([]int, len(order))
	for i := range at {
		at[i] = i
	}
	slices.SortFunc(at, func(x, y int) int { return order[x] - order[y] })
	out := make([]expr, len(args))
	for i, x := range at {
		out[i] = args[x]
	}
	return out
}

// skipped says which parameters are given if some before the last given one are not.
func skipped(order []int) string {
	order = slices.Sorted(slices.Values(order))
	if len(order) == 0 || order[len(order)-1] == len(order)-1 {
		return ""
	}
	s := " parameters"
	for _, i := range order {
		s += " " + itoa(i+1)
	}
	return s
}

// unifyPairs is unify_hypothetical_args: a direct argument and the column it is compared with are of one type.
func (a *analyzer) unifyPairs(args []expr, v invocation) []expr {
	args = slices.Clone(args)
	for i := range v.direct {
		pair, _, _ := a.unify(v.at, "WITHIN GROUP", []expr{args[i], args[v.direct+i]})
		args[i], args[v.direct+i] = pair[0], pair[1]
	}
	return args
}
