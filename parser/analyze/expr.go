package analyze

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// expr is transformExprRecurse: one line per kind of node.
func (a *analyzer) expr(n *pg.Node, s *scope) expr {
	if !a.enter() {
		a.leave()
		return a.trouble(-1, "the expression is nested too deeply")
	}
	defer a.leave()
	switch x := n.GetNode().(type) {
	case *pg.Node_AConst:
		return a.literalNode(x.AConst)
	case *pg.Node_ColumnRef:
		return a.columnRef(x.ColumnRef, s)
	case *pg.Node_ParamRef:
		return a.paramRef(x.ParamRef)
	case *pg.Node_TypeCast:
		return a.typeCast(x.TypeCast, s)
	case *pg.Node_CollateClause:
		return a.collate(x.CollateClause, s)
	case *pg.Node_FuncCall:
		return a.funcCall(x.FuncCall, s)
	case *pg.Node_AExpr:
		return a.aExpr(x.AExpr, s)
	case *pg.Node_BoolExpr:
		return a.boolExpr(x.BoolExpr, s)
	case *pg.Node_NullTest:
		return a.nullTest(x.NullTest, s)
	case *pg.Node_BooleanTest:
		return a.booleanTest(x.BooleanTest, s)
	case *pg.Node_CaseExpr:
		return a.caseExpr(x.CaseExpr, s)
	case *pg.Node_CoalesceExpr:
		return a.commonExpr("COALESCE", x.CoalesceExpr.Location, x.CoalesceExpr.Args, s)
	case *pg.Node_MinMaxExpr:
		what := "GREATEST"
		if x.MinMaxExpr.Op == pg.MinMaxOp_IS_LEAST {
			what = "LEAST"
		}
		return a.commonExpr(what, x.MinMaxExpr.Location, x.MinMaxExpr.Args, s)
	case *pg.Node_SqlvalueFunction:
		return sqlValueFunction(x.SqlvalueFunction)
	case *pg.Node_AArrayExpr:
		return a.arrayExpr(x.AArrayExpr, s, nil)
	case *pg.Node_RowExpr:
		return a.rowExpr(x.RowExpr.Args, s)
	case *pg.Node_SubLink:
		return a.subLink(x.SubLink, s)
	case *pg.Node_AIndirection:
		return a.indirection(x.AIndirection, s)
	case *pg.Node_GroupingFunc:
		return &special{typed: typed{typ: tInt4}, what: "GROUPING", args: nodes(a.exprs(x.GroupingFunc.Args, s))}
	case *pg.Node_NamedArgExpr:
		return a.expr(x.NamedArgExpr.Arg, s)
	case *pg.Node_SetToDefault:
		return &special{typed: typed{typ: tUnknown}, what: "DEFAULT"}
	case *pg.Node_CurrentOfExpr:
		return a.trouble(-1, "WHERE CURRENT OF is not supported")
	}
	if e, ok := a.xmlExpr(n, s); ok {
		return e
	}
	if e, ok := a.jsonExpr(n, s); ok {
		return e
	}
	return a.trouble(-1, "%s is not supported", nodeName(n))
}

// nodeName is the kind of a parse node, for messages.
func nodeName(n *pg.Node) string {
	if n == nil || n.Node == nil {
		return "an empty node"
	}
	m := n.ProtoReflect()
	d := m.WhichOneof(m.Descriptor().Oneofs().Get(0))
	return string(d.Name())
}

func (a *analyzer) exprs(l []*pg.Node, s *scope) []expr {
	var out []expr
	for _, n := range l {
		out = append(out, a.expr(n, s))
	}
	return out
}

// boolExprNode analyses a condition.
func (a *analyzer) condition(n *pg.Node, s *scope) expr { return a.coerceBool(a.expr(n, s)) }

// columnRef is transformColumnRef.
func (a *analyzer) columnRef(c *pg.ColumnRef, s *scope) expr {
	fields := c.Fields
	if len(fields) > 0 && fields[len(fields)-1].GetAStar() != nil {
		if len(fields) == 1 {
			return a.trouble(c.Location, "* is not an expression")
		}
		return a.wholeRow(c, nameParts(fields[:len(fields)-1]), s)
	}
	names := nameParts(fields)
	var e expr
	switch len(names) {
	case 1:
		e = a.simpleName(names[0], c.Location, s)
	case 2:
		e = a.dottedName("", names[0], names[1], c.Location, s)
	case 3:
		e = a.dottedName(names[0], names[1], names[2], c.Location, s)
	case 4:
		e = a.dottedName(names[1], names[2], names[3], c.Location, s)
	}
	if e == nil {
		e = a.paramName(names)
	}
	if e == nil {
		if !s.seesUnknown() {
			a.noColumn(c.Location, "column %s does not exist", strings.Join(names, "."))
		}
		return unresolved("column " + strings.Join(names, "."))
	}
	return e
}

func (a *analyzer) simpleName(name string, at int32, s *scope) expr {
	if a.domain != nil && name == "value" {
		return a.domain
	}
	if e := a.findColumn(s, at, name); e != nil {
		return e
	}
	if it := s.findItem("", name); it != nil && len(a.names) == 0 {
		return it.whole
	} else if it != nil && a.paramName([]string{name}) == nil {
		return it.whole
	}
	return nil
}

func (a *analyzer) dottedName(schema, relation, name string, at int32, s *scope) expr {
	it := s.findItem(schema, relation)
	if it == nil {
		return nil
	}
	if e, twice := it.column(name); twice {
		return a.trouble(at, "column reference %q is ambiguous", name)
	} else if e != nil {
		fields := 2
		if schema != "" {
			fields = 3
		}
		a.occur(it, at, fields, name, e)
		a.referColumns(e)
		return e
	}
	if e := it.systemColumn(name); e != nil {
		return e
	}
	if a.knowsFunction("", name) { // t.f is f(t)
		return a.invoke("", name, []expr{it.whole}, invocation{at: at})
	}
	return nil
}

// paramName is a parameter of the function whose body this is: name, function.name, name.field.
func (a *analyzer) paramName(names []string) expr {
	find := func(name string) expr {
		for i, p := range a.names {
			if p != "" && p == name {
				return a.params[i]
			}
		}
		return nil
	}
	switch {
	case len(a.names) == 0 || len(names) == 0:
		return nil
	case len(names) == 1:
		return find(names[0])
	case names[0] == a.routine && find(names[1]) != nil:
		if len(names) == 3 {
			return a.fieldOf(find(names[1]), names[2])
		}
		return find(names[1])
	case len(names) == 2 && find(names[0]) != nil:
		return a.fieldOf(find(names[0]), names[1])
	}
	return nil
}

func (a *analyzer) paramRef(p *pg.ParamRef) expr {
	if i := int(p.Number) - 1; i >= 0 && i < len(a.params) {
		return a.params[i]
	}
	return a.trouble(p.Location, "there is no parameter $%d", p.Number)
}

// wholeRow is t.* where a value is wanted.
func (a *analyzer) wholeRow(c *pg.ColumnRef, names []string, s *scope) expr {
	schema, name := "", names[len(names)-1]
	if len(names) > 1 {
		schema = names[len(names)-2]
	}
	if it := s.findItem(schema, name); it != nil {
		return it.whole
	}
	return a.columnRef(&pg.ColumnRef{Fields: c.Fields[:len(c.Fields)-1], Location: c.Location}, s)
}

// fieldOf is ParseComplexProjection: a field of a composite value, nil if there is none of that name.
func (a *analyzer) fieldOf(e expr, name string) expr {
	fields := a.fieldsOf(e)
	for i, f := range fields {
		if f.name == name {
			return a.fieldAt(e, i, f)
		}
	}
	return nil
}

// fieldsOf are the fields of a composite value; nil if it is none or they are not known.
func (a *analyzer) fieldsOf(e expr) []field {
	v := e.value()
	if v.fields != nil {
		return v.fields
	}
	return a.env.fieldsOf(v.typ)
}

func (a *analyzer) fieldAt(e expr, i int, f field) expr {
	if w, ok := e.(*wholeRow); ok { // t.c of a composite value that is a row of the query is the column
		return a.rowColumn(w, i, f)
	}
	n := &selection{typed: typed{typ: f.typ, mods: f.mods, fields: f.fields}, arg: e, name: f.name}
	if e.value().fields != nil {
		n.name = itoa(i + 1) // the names of a record's fields are no part of it
	} else {
		a.referField(e.value().typ, f.name)
	}
	return n
}

func (a *analyzer) rowColumn(w *wholeRow, i int, f field) expr {
	c := &column{typed: typed{typ: f.typ, mods: f.mods, fields: f.fields}, depth: w.depth, entry: w.entry, name: f.name, shown: w.shown + "." + f.name}
	if w.typ == tRecord {
		c.name = itoa(i + 1)
	} else {
		a.referField(w.typ, f.name)
	}
	return c
}

// referField records the use of a column of a relation's row type.
func (a *analyzer) referField(t typ, name string) {
	if r := a.env.relation(t.Schema, t.Name); r != nil && !t.Array {
		a.refer(columnID(r, name))
	}
}

func (a *analyzer) typeCast(x *pg.TypeCast, s *scope) expr {
	t, mods, ok := a.typeName(x.TypeName)
	if !ok {
		return unresolved("cast", a.expr(x.Arg, s))
	}
	if ar := x.Arg.GetAArrayExpr(); ar != nil {
		base, baseMods := a.env.baseOf(t)
		if base == t {
			baseMods = mods
		}
		if el, ok := a.env.elementOf(base); ok {
			return a.castTo(x.Location, a.arrayExpr(ar, s, &arrayTarget{base, el, baseMods}), t, mods)
		}
	}
	return a.castTo(x.Location, a.expr(x.Arg, s), t, mods)
}

func (a *analyzer) castTo(at int32, e expr, t typ, mods string) expr {
	before := len(a.troubles)
	e = a.coerceTo(e, t, mods, explicit)
	for i := before; i < len(a.troubles); i++ {
		if a.troubles[i].at < 0 {
			a.troubles[i].at = at
		}
	}
	return e
}

func (a *analyzer) collate(x *pg.CollateClause, s *scope) expr {
	e := a.textIfUnknown(a.expr(x.Arg, s))
	schema, name := qualified(x.Collname)
	q, id, ok := a.env.findCollation(schema, name, a.path)
	if !ok {
		// the collations of an operating system are not known: the name has to do
		q.Name = name
		if schema != "" {
			q.Schema = schema
		}
	}
	a.refer(id)
	v := e.value()
	return &collation{typed: typed{typ: v.typ, mods: v.mods}, name: q, arg: e}
}

// commonExpr is COALESCE, GREATEST and LEAST.
func (a *analyzer) commonExpr(what string, at int32, args []*pg.Node, s *scope) expr {
	es, t, mods := a.unify(at, what, a.exprs(args, s))
	return &special{typed: typed{typ: t, mods: mods}, what: what, args: nodes(es)}
}

var sqlValueFunctions = map[pg.SQLValueFunctionOp]struct {
	name string
	typ  typ
}{
	pg.SQLValueFunctionOp_SVFOP_CURRENT_DATE:        {"CURRENT_DATE", tDate},
	pg.SQLValueFunctionOp_SVFOP_CURRENT_TIME:        {"CURRENT_TIME", tTimetz},
	pg.SQLValueFunctionOp_SVFOP_CURRENT_TIME_N:      {"CURRENT_TIME", tTimetz},
	pg.SQLValueFunctionOp_SVFOP_CURRENT_TIMESTAMP:   {"CURRENT_TIMESTAMP", tTimestamptz},
	pg.SQLValueFunctionOp_SVFOP_CURRENT_TIMESTAMP_N: {"CURRENT_TIMESTAMP", tTimestamptz},
	pg.SQLValueFunctionOp_SVFOP_LOCALTIME:           {"LOCALTIME", tTime},
	pg.SQLValueFunctionOp_SVFOP_LOCALTIME_N:         {"LOCALTIME", tTime},
	pg.SQLValueFunctionOp_SVFOP_LOCALTIMESTAMP:      {"LOCALTIMESTAMP", tTimestamp},
	pg.SQLValueFunctionOp_SVFOP_LOCALTIMESTAMP_N:    {"LOCALTIMESTAMP", tTimestamp},
	pg.SQLValueFunctionOp_SVFOP_CURRENT_ROLE:        {"CURRENT_ROLE", tName},
	pg.SQLValueFunctionOp_SVFOP_CURRENT_USER:        {"CURRENT_USER", tName},
	pg.SQLValueFunctionOp_SVFOP_USER:                {"USER", tName},
	pg.SQLValueFunctionOp_SVFOP_SESSION_USER:        {"SESSION_USER", tName},
	pg.SQLValueFunctionOp_SVFOP_CURRENT_CATALOG:     {"CURRENT_CATALOG", tName},
	pg.SQLValueFunctionOp_SVFOP_CURRENT_SCHEMA:      {"CURRENT_SCHEMA", tName},
}

func sqlValueFunction(f *pg.SQLValueFunction) expr {
	v := sqlValueFunctions[f.Op]
	e := &special{typed: typed{typ: v.typ}, what: v.name}
	if f.Typmod >= 0 && strings.HasSuffix(f.Op.String(), "_N") {
		e.mods = itoa(int(f.Typmod))
		e.what += "(" + e.mods + ")"
	}
	return e
}
