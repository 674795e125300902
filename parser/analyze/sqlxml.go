package analyze

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// xmlExpr is an expression of SQL/XML; not ok if the node is none.
func (a *analyzer) xmlExpr(n *pg.Node, s *scope) (expr, bool) {
	switch x := n.GetNode().(type) {
	case *pg.Node_XmlExpr:
		return a.xmlFunction(x.XmlExpr, s), true
	case *pg.Node_XmlSerialize:
		return a.xmlSerialize(x.XmlSerialize, s), true
	}
	return nil, false
}

func (a *analyzer) xmlFunction(x *pg.XmlExpr, s *scope) expr {
	op := strings.TrimPrefix(x.Op.String(), "IS_")
	n := &special{typed: typed{typ: tXML}, what: op}
	if x.Name != "" {
		n.what += " " + x.Name
	}
	if x.Op == pg.XmlExprOp_IS_XMLPARSE {
		n.what += " " + x.Xmloption.String()
	}
	if x.Op == pg.XmlExprOp_IS_DOCUMENT {
		n.typ = tBool
	}
	for _, named := range x.NamedArgs {
		t := named.GetResTarget()
		name := t.GetName()
		if name == "" {
			name = columnName(t.GetVal())
		}
		n.args = append(n.args, &clause{"AS " + name, []node{a.textIfUnknown(a.expr(t.GetVal(), s))}})
	}
	for i, arg := range x.Args {
		n.args = append(n.args, a.xmlArg(x.Op, i, a.expr(arg, s)))
	}
	return n
}

// xmlArg gives an argument the type that its place demands (transformXmlExpr).
func (a *analyzer) xmlArg(op pg.XmlExprOp, i int, e expr) expr {
	switch {
	case op == pg.XmlExprOp_IS_XMLCONCAT, op == pg.XmlExprOp_IS_DOCUMENT, op == pg.XmlExprOp_IS_XMLROOT && i == 0:
		return a.coerceTo(e, tXML, "", assignment)
	case op == pg.XmlExprOp_IS_XMLPARSE && i == 0, op == pg.XmlExprOp_IS_XMLPI, op == pg.XmlExprOp_IS_XMLROOT && i == 1:
		return a.coerceTo(e, tText, "", assignment)
	case op == pg.XmlExprOp_IS_XMLPARSE:
		return a.coerceBool(e)
	case op == pg.XmlExprOp_IS_XMLROOT:
		return a.coerceTo(e, tInt4, "", assignment)
	}
	return a.textIfUnknown(e)
}

func (a *analyzer) xmlSerialize(x *pg.XmlSerialize, s *scope) expr {
	t, mods, ok := a.typeName(x.TypeName)
	arg := a.coerceTo(a.expr(x.Expr, s), tXML, "", assignment)
	if !ok {
		return unresolved("XMLSERIALIZE", arg)
	}
	n := &special{typed: typed{typ: tText}, what: "XMLSERIALIZE " + x.Xmloption.String(), args: []node{arg}}
	if x.Indent {
		n.what += " INDENT"
	}
	return a.coerceTo(n, t, mods, implicit)
}

// xmlTable is transformRangeTableFunc.
func (a *analyzer) xmlTable(x *pg.RangeTableFunc, s *scope) (node, []*item) {
	n := &clause{what: "XMLTABLE"}
	for _, ns := range x.Namespaces {
		t := ns.GetResTarget()
		n.args = append(n.args, &clause{"namespace " + t.GetName(), []node{a.coerceTo(a.expr(t.GetVal(), s), tText, "", assignment)}})
	}
	n.args = append(n.args, a.coerceTo(a.expr(x.Rowexpr, s), tText, "", assignment), a.coerceTo(a.expr(x.Docexpr, s), tXML, "", assignment))
	var fields []field
	for _, c := range x.Columns {
		d := c.GetRangeTableFuncCol()
		f := field{name: d.GetColname(), typ: tInt4}
		if !d.GetForOrdinality() && d.GetTypeName() != nil {
			f.typ, f.mods, _ = a.typeName(d.TypeName)
		}
		column := &clause{what: "column " + f.name + " " + withMods(f.typ, f.mods)}
		if d.GetForOrdinality() {
			column.what += " FOR ORDINALITY"
		}
		if d.GetIsNotNull() {
			column.what += " NOT NULL"
		}
		if d.GetColexpr() != nil {
			column.args = append(column.args, &clause{"PATH", []node{a.coerceTo(a.expr(d.Colexpr, s), tText, "", assignment)}})
		}
		if d.GetColdefexpr() != nil {
			column.args = append(column.args, &clause{"DEFAULT", []node{a.coerceTo(a.expr(d.Coldefexpr, s), f.typ, f.mods, assignment)}})
		}
		n.args, fields = append(n.args, column), append(fields, f)
	}
	return n, []*item{a.rowItem(s, "xmltable", fields, x.Alias)}
}
