package analyze

// candidate is a function or operator that a call may mean.
type candidate struct {
	function *function
	operator *operator
	args     []typ // as this call would use them: without defaults, variadic ones expanded
	position int   // in the search_path
	variadic int   // how many arguments become the variadic array
	defaults int
	order    []int // parameter of each argument if some are named
}

// matching is func_match_argtypes.
func (a *analyzer) matching(input []typ, cs []candidate) []candidate {
	var out []candidate
	for _, c := range cs {
		if a.canCoerceAll(input, c.args) {
			out = append(out, c)
		}
	}
	return out
}

func (a *analyzer) canCoerceAll(input, args []typ) bool {
	generic := false
	for i, t := range input {
		if !a.canCoerce(t, args[i], implicit) {
			return false
		}
		generic = generic || polymorphic[args[i]]
	}
	return !generic || a.consistent(input, args)
}

// best keeps the candidates with the highest score, in their order.
func best(cs []candidate, score func(candidate) int) []candidate {
	var out []candidate
	most := 0
	for _, c := range cs {
		switch n := score(c); {
		case n > most || len(out) == 0:
			most, out = n, []candidate{c}
		case n == most:
			out = append(out, c)
		}
	}
	return out
}

// selectCandidate is func_select_candidate; nil if it cannot decide.
func (a *analyzer) selectCandidate(input []typ, cs []candidate) *candidate {
	bases, unknowns := make([]typ, len(input)), 0
	for i, t := range input {
		bases[i] = t
		if t == tUnknown {
			unknowns++
		} else {
			bases[i] = a.env.base(t)
		}
	}
	cs = best(cs, func(c candidate) int {
		n := 0
		for i, t := range bases {
			if t != tUnknown && c.args[i] == t {
				n++
			}
		}
		return n
	})
	if len(cs) == 1 {
		return &cs[0]
	}
	cs = best(cs, func(c candidate) int {
		n := 0
		for i, t := range bases {
			if t != tUnknown && (c.args[i] == t || a.preferredIn(t, c.args[i])) {
				n++
			}
		}
		return n
	})
	if len(cs) == 1 {
		return &cs[0]
	}
	if unknowns == 0 {
		return nil
	}
	cs = a.voteUnknowns(bases, cs)
	if len(cs) == 1 {
		return &cs[0]
	}
	return a.assumeSame(bases, unknowns, cs)
}

// preferredIn reports whether t is a preferred type of the category of input (IsPreferredType).
func (a *analyzer) preferredIn(input, t typ) bool {
	c, _ := a.env.category(input)
	tc, preferred := a.env.category(t)
	return preferred && c == tc
}

// voteUnknowns chooses a category for each untyped literal, strings first, and keeps the candidates that
// take it.
func (a *analyzer) voteUnknowns(bases []typ, cs []candidate) []candidate {
	categories, preferred := make([]byte, len(bases)), make([]bool, len(bases))
	for i, t := range bases {
		if t != tUnknown {
			continue
		}
		conflict := false
		for _, c := range cs {
			category, p := a.env.category(c.args[i])
			switch {
			case categories[i] == 0:
				categories[i], preferred[i] = category, p
			case category == categories[i]:
				preferred[i] = preferred[i] || p
			case category == 'S':
				categories[i], preferred[i] = category, p
			default:
				conflict = true
			}
		}
		if conflict && categories[i] != 'S' {
			return cs
		}
	}
	var out []candidate
	for _, c := range cs {
		keep := true
		for i, t := range bases {
			if t != tUnknown {
				continue
			}
			category, p := a.env.category(c.args[i])
			keep = keep && category == categories[i] && (p || !preferred[i])
		}
		if keep {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return cs
	}
	return out
}

// assumeSame takes untyped literals to be of the one type that all other arguments have.
func (a *analyzer) assumeSame(bases []typ, unknowns int, cs []candidate) *candidate {
	if unknowns == len(bases) {
		return nil
	}
	known := tUnknown
	for _, t := range bases {
		switch {
		case t == tUnknown:
		case known == tUnknown:
			known = t
		case known != t:
			return nil
		}
	}
	all := make([]typ, len(bases))
	for i := range all {
		all[i] = known
	}
	var found *candidate
	for i, c := range cs {
		if a.canCoerceAll(all, c.args) {
			if found != nil {
				return nil
			}
			found = &cs[i]
		}
	}
	return found
}

// inPath returns where in the search_path a schema is, -1 if it is not in it. With a schema given, only that
// one counts.
func (a *analyzer) inPath(asked, schema string) int {
	if asked != "" {
		if asked == schema {
			return 0
		}
		return -1
	}
	for i, s := range a.path {
		if s == schema {
			return i
		}
	}
	return -1
}
