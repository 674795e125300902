package parser

// loop runs a loop. What it goes over does not matter if its statements change
// nothing of the schema.
func (r *run) loop(f plFunction, s plStatement, above int) (flow, error) {
	label, body := s.loopBody()
	if !r.anyEffect(body...) {
		r.skip(s)
		return flow{}, nil
	}
	next, err := r.rounds(s)
	if err != nil {
		return flow{}, err
	}
	for {
		more, err := next()
		if err != nil || !more {
			return flow{}, err
		}
		if r.steps++; r.steps > maxSteps {
			return flow{}, unknownf("it takes too long")
		}
		end, err := r.list(f, body, above)
		switch {
		case err != nil:
			return end, err
		case end.kind == flowReturn, end.label != "" && end.label != label:
			return end, nil
		case end.kind == flowExit:
			return flow{}, nil
		}
	}
}

// rounds gives a function that sets the loop's variables for the next round.
func (r *run) rounds(s plStatement) (func() (bool, error), error) {
	switch {
	case s.ForEach != nil:
		return r.overArray(s.ForEach)
	case s.ForSelect != nil:
		return r.overQuery(&s.ForSelect.Target, s.ForSelect.Query.Expr.Query)
	case s.ForDynamic != nil:
		sql, err := r.eval(s.ForDynamic.Query.Expr.Query)
		if err != nil {
			return nil, err
		}
		return r.overQuery(&s.ForDynamic.Target, str(sql))
	case s.ForInt != nil:
		return r.overRange(s.ForInt)
	case s.While != nil:
		return func() (bool, error) { return r.condition(s.While.Cond.Expr.Query) }, nil
	}
	return func() (bool, error) { return true, nil }, nil
}

func (r *run) overArray(s *plForEach) (func() (bool, error), error) {
	v, err := r.eval(s.Expr.Expr.Query)
	if err != nil {
		return nil, err
	}
	list, err := array(v)
	i := 0
	return func() (bool, error) {
		if i >= len(list) {
			return false, nil
		}
		r.vars[r.slots[s.Var]] = list[i]
		i++
		return true, nil
	}, err
}

func (r *run) overQuery(target *plTarget, query string) (func() (bool, error), error) {
	rows, err := r.query(query)
	vars := r.targets(target)
	i := 0
	return func() (bool, error) {
		if i >= len(rows) {
			return false, nil
		}
		r.assign(vars, rows[i])
		i++
		return true, nil
	}, err
}

// assign gives a row to variables. A single one may be a record or a scalar; it
// gets the row, whose only column it is when it is used as a scalar.
func (r *run) assign(vars []int, values row) {
	for i, v := range vars {
		switch {
		case len(vars) == 1:
			r.vars[v] = values
		case i < len(values.values):
			r.vars[v] = values.values[i]
		}
	}
}

func (r *run) overRange(s *plForInt) (func() (bool, error), error) {
	bounds := make([]int64, 2)
	for i, e := range []plExprNode{s.Lower, s.Upper} {
		v, err := r.eval(e.Expr.Query)
		if err != nil {
			return nil, err
		}
		n, ok := integer(v)
		if !ok {
			return nil, unknownf("a bound of a loop is no integer")
		}
		bounds[i] = n
	}
	vars, at, step := r.targets(&s.Target), bounds[0], int64(1)
	if s.Step != nil {
		v, err := r.eval(s.Step.Expr.Query)
		if err != nil {
			return nil, err
		}
		n, ok := integer(v)
		if !ok || n < 1 {
			return nil, unknownf("BY of something else than a positive integer is not evaluated")
		}
		step = n
	}
	if s.Reverse {
		step = -step
	}
	return func() (bool, error) {
		if step > 0 && at > bounds[1] || step < 0 && at < bounds[1] {
			return false, nil
		}
		for _, v := range vars {
			r.vars[v] = at
		}
		at += step
		return true, nil
	}, nil
}
