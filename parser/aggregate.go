package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

func (in *interpreter) createAggregate(n *pg.DefineStmt) error {
	q, err := in.creationOf(n.GetDefnames())
	if err != nil {
		return err
	}
	a := catalog.Aggregate{Schema: q.Schema, Name: q.Name, Parallel: "unsafe"}
	if err := in.aggregateParams(&a, n); err != nil {
		return err
	}
	for _, d := range elems(n.GetDefinition()) {
		if err := in.aggregateOption(&a, d, n.GetOldstyle()); err != nil {
			return err
		}
	}
	a.FinalModify, a.MovingFinalModify = finalModify(a, a.FinalModify), finalModify(a, a.MovingFinalModify)
	a.Returns = a.StateType
	if !a.Final.IsZero() {
		if a.Returns, err = in.finalType(a); err != nil {
			return err
		}
	}
	if in.c.Has(a.ID()) {
		if !n.GetReplace() {
			return in.duplicate(a.ID(), 0)
		}
		if err := in.replaceable(a.ID(), 0); err != nil {
			return err
		}
		in.replace(a)
		return nil
	}
	in.put(a)
	in.own(a.ID())
	return in.grantAtCreation(a.ID())
}

// finalModify is the default of FINALFUNC_MODIFY, which depends on the kind.
func finalModify(a catalog.Aggregate, given string) string {
	switch {
	case given != "":
		return given
	case a.Kind != "":
		return "read_write"
	}
	return "read_only"
}

// aggregateParams reads the arguments: a list, and the number of direct ones or -1.
func (in *interpreter) aggregateParams(a *catalog.Aggregate, n *pg.DefineStmt) error {
	if n.GetOldstyle() {
		for _, d := range elems(n.GetDefinition()) {
			if strings.EqualFold(d.GetDefname(), "basetype") && !strings.EqualFold(constText(d.GetArg()), "any") {
				t, err := in.argType(d.GetArg().GetTypeName())
				if err != nil {
					return err
				}
				a.Params = []catalog.Param{{Mode: "in", Type: t}}
			}
		}
		return nil
	}
	if len(n.GetArgs()) != 2 {
		return nil
	}
	direct := n.GetArgs()[1].GetInteger().GetIval()
	if direct >= 0 {
		a.Kind, a.Direct = "ordered-set", int(direct)
	}
	var err error
	a.Params, err = in.params(n.GetArgs()[0].GetList().GetItems())
	return err
}

func (in *interpreter) aggregateOption(a *catalog.Aggregate, d *pg.DefElem, oldStyle bool) error {
	functions := map[string]*catalog.QName{
		"sfunc": &a.Transition, "sfunc1": &a.Transition, "finalfunc": &a.Final, "combinefunc": &a.Combine, "serialfunc": &a.Serial,
		"deserialfunc": &a.Deserial, "msfunc": &a.MovingTransition, "minvfunc": &a.MovingInverse, "mfinalfunc": &a.MovingFinal,
	}
	texts := map[string]*string{
		"finalfunc_modify": &a.FinalModify, "mfinalfunc_modify": &a.MovingFinalModify, "parallel": &a.Parallel,
	}
	name := strings.ToLower(d.GetDefname())
	var err error
	switch {
	case functions[name] != nil:
		*functions[name], err = in.definedFunction(d)
	case texts[name] != nil:
		*texts[name] = strings.ToLower(constText(d.GetArg()))
	case name == "stype" || name == "stype1":
		a.StateType, err = in.argType(d.GetArg().GetTypeName())
	case name == "mstype":
		a.MovingStateType, err = in.argType(d.GetArg().GetTypeName())
	case name == "sspace":
		a.StateSpace = int(number(d))
	case name == "msspace":
		a.MovingStateSpace = int(number(d))
	case name == "finalfunc_extra":
		a.FinalExtra = isTrue(d)
	case name == "mfinalfunc_extra":
		a.MovingFinalExtra = isTrue(d)
	case name == "initcond" || name == "initcond1":
		a.InitialValue, a.HasInitial = constText(d.GetArg()), true
	case name == "minitcond":
		a.MovingInitialValue, a.HasMovingInitial = constText(d.GetArg()), true
	case name == "hypothetical":
		if isTrue(d) {
			a.Kind = "hypothetical-set"
		}
	case name == "sortop":
		a.SortOperator, err = in.operatorNamed(operatorName(d), d.GetLocation())
	case name == "basetype" && oldStyle:
	default:
		err = in.errorf(d.GetLocation(), "aggregate attribute %q not recognized", d.GetDefname())
	}
	return err
}

// finalType is the result of the final function, found by the state's type.
func (in *interpreter) finalType(a catalog.Aggregate) (catalog.Type, error) {
	for _, id := range in.routines(a.Final) {
		if r, ok := catalog.Find[catalog.Routine](in.c, id); ok {
			args := strings.Split(id.Args, ", ")
			if args[0] == string(a.StateType) || len(in.routines(a.Final)) == 1 {
				return r.Returns, nil
			}
		}
	}
	want := a.StateType.Parts()
	for _, f := range in.set.Functions(a.Final.Name) {
		if len(f.Args) > 0 && f.Args[0].Name == want.Name || want.Array && len(f.Args) > 0 && f.Args[0].Name == "_"+want.Name ||
			len(f.Args) > 0 && strings.HasPrefix(f.Args[0].Name, "any") {
			if t := in.set.Type(f.Result); t != nil {
				if slices.Contains([]string{"anyarray", "anyelement", "anycompatiblearray", "anycompatible"}, t.Name.Name) {
					return a.StateType, nil
				}
				n, _ := setType(in.set, t.Name.Schema, t.Name.Name)
				return n.Type(), nil
			}
		}
	}
	return "", in.missing(0, "final function %s(%s)", a.Final, a.StateType)
}
