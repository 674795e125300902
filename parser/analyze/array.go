package analyze

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

// arrayTarget is the type that an ARRAY[…] is cast to.
type arrayTarget struct {
	array, element typ
	mods           string
}

// arrayExpr is transformArrayExpr.
func (a *analyzer) arrayExpr(x *pg.A_ArrayExpr, s *scope, target *arrayTarget) expr {
	n := &array{}
	nested := false
	for _, el := range x.Elements {
		if sub := el.GetAArrayExpr(); sub != nil {
			if !a.enter() {
				a.leave()
				return a.trouble(x.Location, "the array is nested too deeply")
			}
			n.elements = append(n.elements, a.arrayExpr(sub, s, target))
			a.leave()
			nested = true
			continue
		}
		e := a.expr(el, s)
		if t := e.value().typ; t != tInt2vector && t != tOidvector {
			i := a.env.info(t)
			nested = nested || i != nil && i.array
		}
		n.elements = append(n.elements, e)
	}
	if target != nil {
		t := target.element
		if nested {
			t = target.array
		}
		for i, e := range n.elements {
			n.elements[i] = a.coerceTo(e, t, target.mods, explicit)
		}
		n.typed = typed{typ: target.array, mods: target.mods}
		if len(n.elements) == 0 {
			n.mods = "" // nothing has the modifiers
		}
		return n
	}
	if len(n.elements) == 0 {
		return a.trouble(x.Location, "cannot determine type of empty array")
	}
	es, t, mods := a.unify(x.Location, "ARRAY", n.elements)
	n.elements, n.mods, n.typ = es, mods, t
	if t == tOpaque {
		return n
	}
	if !nested {
		at, ok := a.env.arrayTypeOf(t)
		if !ok {
			return a.trouble(x.Location, "could not find array type for data type %s", t)
		}
		n.typ = at
	}
	return n
}

// indirection is transformIndirection: subscripts and fields.
func (a *analyzer) indirection(x *pg.A_Indirection, s *scope) expr {
	e := a.expr(x.Arg, s)
	var subscripts []*pg.A_Indices
	for _, n := range x.Indirection {
		switch i := n.GetNode().(type) {
		case *pg.Node_AIndices:
			subscripts = append(subscripts, i.AIndices)
		case *pg.Node_String_:
			e = a.subscript(e, subscripts, s)
			subscripts = nil
			e = a.selectField(e, i.String_.Sval)
		default:
			return a.trouble(-1, "row expansion is not supported here")
		}
	}
	return a.subscript(e, subscripts, s)
}

func (a *analyzer) selectField(e expr, name string) expr {
	if isOpaque(e) {
		return unresolved("field "+name, e)
	}
	if f := a.fieldOf(e, name); f != nil {
		return f
	}
	if a.knowsFunction("", name) {
		return a.invoke("", name, []expr{e}, invocation{at: -1})
	}
	a.noColumn(-1, "column %s does not exist in data type %s", name, e.value().typ)
	return unresolved("field "+name, e)
}

// subscript is transformContainerSubscripts.
func (a *analyzer) subscript(e expr, subscripts []*pg.A_Indices, s *scope) expr {
	if len(subscripts) == 0 {
		return e
	}
	if isOpaque(e) {
		return unresolved("subscript", e)
	}
	container := a.env.base(e.value().typ)
	info := a.env.info(container)
	n := &special{typed: typed{typ: container, mods: e.value().mods}, what: "subscript", args: []node{e}}
	slice := false
	for _, i := range subscripts {
		slice = slice || i.IsSlice
	}
	index := func(x *pg.Node) node {
		if x == nil {
			return &clause{what: "open"}
		}
		return a.subscriptIndex(container, info, a.expr(x, s))
	}
	for _, i := range subscripts {
		switch {
		case i.IsSlice:
			n.args = append(n.args, &clause{"slice", []node{index(i.Lidx), index(i.Uidx)}})
		case slice: // in a slice [n] is [1:n]
			n.args = append(n.args, &clause{"slice", []node{a.known(tInt4, "1"), index(i.Uidx)}})
		default:
			n.args = append(n.args, index(i.Uidx))
		}
	}
	switch {
	case info == nil || info.subscript == "" && !info.array:
		return a.trouble(-1, "cannot subscript type %s", container)
	case !slice && (info.array || info.subscript == "raw") && !info.element.IsZero():
		n.typ = info.element
	}
	return n
}

func (a *analyzer) subscriptIndex(container typ, info *typeInfo, e expr) node {
	switch {
	case container == tJSONB:
		t := e.value().typ
		if t != tUnknown && a.canCoerce(t, tInt4, implicit) {
			return a.coerceTo(e, tInt4, "", implicit)
		}
		return a.coerceTo(e, tText, "", implicit)
	case info != nil && info.subscript == "other":
		return a.coerceTo(e, tText, "", assignment)
	}
	return a.coerceTo(e, tInt4, "", assignment)
}
