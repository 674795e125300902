package parser

import (
	"slices"
	"strconv"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
	"bloom/catalog/builtin"
)

func (in *interpreter) createFunction(n *pg.CreateFunctionStmt) error {
	q, err := in.creation(qualified(n.GetFuncname()), 0)
	if err != nil {
		return err
	}
	r := catalog.Routine{Schema: q.Schema, Name: q.Name, Procedure: n.GetIsProcedure(), Volatility: "volatile", Parallel: "unsafe"}
	if r.Params, err = in.params(n.GetParameters()); err != nil {
		return err
	}
	if err := in.returns(&r, n); err != nil {
		return err
	}
	if err := in.routineOptions(&r, elems(n.GetOptions())); err != nil {
		return err
	}
	in.body(&r, n)
	for _, id := range in.routines(q) {
		if id.Args == r.ID().Args && id.Kind == catalog.KindAggregate {
			return in.duplicate(id, 0)
		}
	}
	if old, ok := in.c.Lookup(r.ID()).(catalog.Routine); ok {
		if !n.GetReplace() {
			return in.duplicate(r.ID(), 0)
		}
		return in.replaceRoutine(old, r)
	}
	in.put(r)
	in.own(r.ID())
	return in.grantAtCreation(r.ID())
}

func (in *interpreter) replaceRoutine(old, r catalog.Routine) error {
	if old.Procedure != r.Procedure || old.Returns != r.Returns || old.ReturnsSet != r.ReturnsSet {
		return in.errorf(0, "cannot change return type of existing function %s", r.ID().Path()).hint("drop it first")
	}
	if err := in.replaceable(r.ID(), 0); err != nil {
		return err
	}
	if !in.c.Has(r.ID()) {
		return in.errorf(0, "function %s belongs to the platform or an extension", r.ID().Path())
	}
	in.replace(r)
	return nil
}

var paramModes = map[pg.FunctionParameterMode]string{
	pg.FunctionParameterMode_FUNC_PARAM_OUT: "out", pg.FunctionParameterMode_FUNC_PARAM_INOUT: "inout",
	pg.FunctionParameterMode_FUNC_PARAM_VARIADIC: "variadic", pg.FunctionParameterMode_FUNC_PARAM_TABLE: "table",
}

func (in *interpreter) params(list []*pg.Node) ([]catalog.Param, error) {
	var parts []tokens
	if open := in.stmt.tokens.find(0, "("); open >= 0 {
		parts = in.stmt.tokens.inside(open).split()
	}
	var out []catalog.Param
	for i, n := range list {
		p := n.GetFunctionParameter()
		mode := paramModes[p.GetMode()]
		if mode == "" {
			mode = "in"
		}
		t, err := in.argType(p.GetArgType())
		if err != nil {
			return nil, err
		}
		param := catalog.Param{Name: p.GetName(), Mode: mode, Type: t}
		if p.GetDefexpr() != nil {
			var own tokens
			if i < len(parts) {
				own = paramDefault(parts[i])
			}
			param.Default = in.expr(p.GetDefexpr(), own)
		}
		out = append(out, param)
	}
	return out, nil
}

// paramDefault is what follows DEFAULT, =, or := in a parameter.
func paramDefault(t tokens) tokens {
	for i := 1; i < t.len(); i++ {
		if t.is(i, "default") || t.is(i, "=") {
			return t.from(i + 1)
		}
	}
	return tokens{s: t.s}
}

// returns sets the result: what RETURNS says, else what the out parameters make.
func (in *interpreter) returns(r *catalog.Routine, n *pg.CreateFunctionStmt) error {
	if t := n.GetReturnType(); t != nil {
		typ, err := in.argType(t)
		if err != nil {
			return err
		}
		r.Returns, r.ReturnsSet = typ, t.GetSetof()
		return nil
	}
	var outs []catalog.Type
	for _, p := range r.Params {
		if p.Mode == "out" || p.Mode == "inout" || p.Mode == "table" {
			outs = append(outs, p.Type)
			r.ReturnsSet = r.ReturnsSet || p.Mode == "table"
		}
	}
	switch {
	case r.Procedure && len(outs) == 0:
	case len(outs) == 1 && !r.Procedure:
		r.Returns = outs[0]
	case len(outs) > 0 && !r.Procedure:
		r.Returns = "record"
	}
	return nil
}

// routineOptions sets what the options say, of CREATE and ALTER.
func (in *interpreter) routineOptions(r *catalog.Routine, options []*pg.DefElem) error {
	cost, rows := r.Cost, r.Rows
	for _, d := range options {
		switch d.GetDefname() {
		case "language":
			r.Language = strings.ToLower(constText(d.GetArg()))
		case "volatility":
			r.Volatility = constText(d.GetArg())
		case "strict":
			r.Strict = isTrue(d)
		case "security":
			r.SecurityDefiner = isTrue(d)
		case "leakproof":
			r.Leakproof = isTrue(d)
		case "parallel":
			r.Parallel = constText(d.GetArg())
		case "window":
			r.Window = isTrue(d)
		case "cost":
			cost, _ = strconv.ParseFloat(constText(d.GetArg()), 64)
		case "rows":
			rows, _ = strconv.ParseFloat(constText(d.GetArg()), 64)
		case "set":
			r.Config = in.config(r.Config, d.GetArg().GetVariableSetStmt())
		case "support":
			q, err := in.functionNamed(qualified(d.GetArg().GetList().GetItems()), d.GetLocation())
			if err != nil {
				return err
			}
			r.Support = q
		case "transform":
			for _, t := range d.GetArg().GetList().GetItems() {
				typ, err := in.argType(t.GetTypeName())
				if err != nil {
					return err
				}
				r.Transforms = append(slices.Clip(r.Transforms), typ)
			}
		}
	}
	if r.Language == "" {
		r.Language = "sql"
	}
	if cost == 0 {
		cost = 100
		if r.Language == "c" || r.Language == "internal" {
			cost = 1
		}
	}
	if rows == 0 && r.ReturnsSet {
		rows = 1000
	}
	r.Cost, r.Rows = cost, rows
	return nil
}

// config applies a SET or RESET clause to a list of settings.
func (in *interpreter) config(have []string, v *pg.VariableSetStmt) []string {
	if v.GetKind() == pg.VariableSetKind_VAR_RESET_ALL {
		return nil
	}
	set := ""
	switch v.GetKind() {
	case pg.VariableSetKind_VAR_SET_VALUE:
		set = settingName(v.GetName()) + "=" + settingValue(v)
	case pg.VariableSetKind_VAR_SET_CURRENT:
		if v.GetName() == "search_path" {
			set = "search_path=" + in.stmt.session.path
		}
	}
	return withSetting(have, v.GetName(), set)
}

// withSetting puts a setting at the place of the one of that name, or behind all
// others (GUCArrayAdd); without a text it takes the one of that name out.
func withSetting(have []string, name, set string) []string {
	out := slices.Clone(have)
	i := slices.IndexFunc(out, func(s string) bool { return strings.HasPrefix(strings.ToLower(s), strings.ToLower(name)+"=") })
	switch {
	case i >= 0 && set != "":
		out[i] = set
	case i >= 0:
		out = slices.Delete(out, i, i+1)
	case set != "":
		out = append(out, set)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// body sets the source text, or the SQL body.
func (in *interpreter) body(r *catalog.Routine, n *pg.CreateFunctionStmt) {
	for _, d := range elems(n.GetOptions()) {
		if d.GetDefname() == "as" {
			items := strs(d.GetArg().GetList().GetItems())
			if len(items) > 1 {
				r.Library, r.Body = items[0], items[1]
			} else if r.Language == "c" {
				r.Library, r.Body = items[0], r.Name
			} else {
				r.Body = items[0]
			}
		}
	}
	if n.GetSqlBody() == nil {
		return
	}
	t := in.stmt.tokens
	at := t.find(0, "begin", "atomic")
	if at < 0 {
		at = t.find(0, "return")
	}
	if at >= 0 {
		r.SQLBody = in.slice(t.from(at))
	}
}

// routine finds a function, procedure or aggregate by name and arguments.
func (in *interpreter) routine(n *pg.ObjectWithArgs, typ pg.ObjectType) (catalog.ID, error) {
	q := qualified(n.GetObjname())
	fits := func(id catalog.ID) bool { return fitsType(in.c.Lookup(id), typ) }
	if n.GetArgsUnspecified() {
		return in.onlyRoutine(q, fits)
	}
	args, err := in.argTypes(n.GetObjargs())
	if err != nil {
		return catalog.ID{}, err
	}
	all := args
	if len(n.GetObjfuncargs()) > 0 { // as SQL has it, with the out arguments
		if params, err := in.params(n.GetObjfuncargs()); err == nil {
			args = catalog.Signature(params)
		}
	}
	var found catalog.ID
	ok := in.search(q, func(q catalog.QName) bool {
		for _, id := range in.routines(q) {
			if (id.Args == args || id.Args == all) && fits(id) {
				found = id
				return true
			}
		}
		return false
	})
	if !ok {
		if id, ok := in.knownFunction(q, args); ok {
			return id, nil
		}
		return found, in.missing(0, "%s %s(%s)", objectWord(typ), q, args)
	}
	return found, nil
}

// knownFunction is a function of PostgreSQL itself or of an extension. It is no
// object of the catalog, but privileges on it can be given.
func (in *interpreter) knownFunction(q catalog.QName, args string) (catalog.ID, bool) {
	known := func(f *builtin.Function, set *builtin.Set) bool {
		types := make([]string, len(f.Args))
		for i, a := range f.Args {
			n, ok := setType(in.set, a.Schema, a.Name)
			if !ok {
				n, _ = setType(set, a.Schema, a.Name)
			}
			types[i] = string(n.Type())
		}
		return strings.Join(types, ", ") == args
	}
	if q.Schema == "" || q.Schema == "pg_catalog" {
		for _, f := range in.set.Functions(q.Name) {
			if known(f, in.set) {
				return catalog.ID{Kind: catalog.KindRoutine, Schema: f.Name.Schema, Name: q.Name, Args: args}, true
			}
		}
	}
	var found catalog.ID
	ok := in.search(q, func(q catalog.QName) bool {
		for _, x := range in.extensionFacts() {
			for _, f := range x.set.Functions(q.Name) {
				if f.Name.Schema == q.Schema && known(f, x.set) {
					found = catalog.ID{Kind: catalog.KindRoutine, Schema: q.Schema, Name: q.Name, Args: args}
					return true
				}
			}
		}
		return false
	})
	return found, ok
}

func (in *interpreter) onlyRoutine(q catalog.QName, fits func(catalog.ID) bool) (catalog.ID, error) {
	var found []catalog.ID
	in.search(q, func(q catalog.QName) bool {
		for _, id := range in.routines(q) {
			if fits(id) {
				found = append(found, id)
			}
		}
		return len(found) > 0
	})
	switch len(found) {
	case 0:
		return catalog.ID{}, in.missing(0, "function %s", q)
	case 1:
		return found[0], nil
	}
	return catalog.ID{}, in.errorf(0, "function name %q is not unique", q).hint("say its arguments")
}

func (in *interpreter) argTypes(list []*pg.Node) (string, error) {
	parts := make([]string, 0, len(list))
	for _, n := range list {
		if n.GetTypeName() == nil {
			parts = append(parts, "*")
			continue
		}
		t, err := in.argType(n.GetTypeName())
		if err != nil {
			return "", err
		}
		parts = append(parts, string(t))
	}
	return strings.Join(parts, ", "), nil
}

func fitsType(o catalog.Object, typ pg.ObjectType) bool {
	switch o := o.(type) {
	case catalog.Routine:
		return typ == pg.ObjectType_OBJECT_ROUTINE || typ == pg.ObjectType_OBJECT_FUNCTION && !o.Procedure || typ == pg.ObjectType_OBJECT_PROCEDURE && o.Procedure
	case catalog.Aggregate:
		return typ == pg.ObjectType_OBJECT_ROUTINE || typ == pg.ObjectType_OBJECT_AGGREGATE || typ == pg.ObjectType_OBJECT_FUNCTION
	}
	return false
}

func (in *interpreter) alterFunction(n *pg.AlterFunctionStmt) error {
	id, err := in.routine(n.GetFunc(), n.GetObjtype())
	if err != nil {
		return err
	}
	r, ok := in.c.Get(id).(catalog.Routine)
	if !ok {
		return in.errorf(0, "%s is not the project's to change", id)
	}
	if err := in.routineOptions(&r, elems(n.GetActions())); err != nil {
		return err
	}
	in.put(r)
	return nil
}
