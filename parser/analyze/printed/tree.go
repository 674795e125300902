package printed

import pg "github.com/pganalyze/pg_query_go/v5"

// The nodes that expressions have most are made with what is around them in one piece of memory.

func names(parts ...string) []*pg.Node {
	type text struct {
		node pg.Node
		kind pg.Node_String_
		s    pg.String
	}
	room := make([]text, len(parts))
	out := make([]*pg.Node, len(parts))
	for i, p := range parts {
		t := &room[i]
		t.s.Sval, t.kind.String_, t.node.Node, out[i] = p, &t.s, &t.kind, &t.node
	}
	return out
}

type constant struct {
	node pg.Node
	kind pg.Node_AConst
	c    pg.A_Const
}

func newConstant(at int32) *constant {
	c := &constant{}
	c.c.Location, c.kind.AConst, c.node.Node = at, &c.c, &c.kind
	return c
}

func stringConst(text string, at int32) *pg.Node {
	c := newConstant(at)
	c.c.Val = &pg.A_Const_Sval{Sval: &pg.String{Sval: text}}
	return &c.node
}

func intConst(i int32, at int32) *pg.Node {
	c := newConstant(at)
	c.c.Val = &pg.A_Const_Ival{Ival: &pg.Integer{Ival: i}}
	return &c.node
}

func floatConst(text string, at int32) *pg.Node {
	c := newConstant(at)
	c.c.Val = &pg.A_Const_Fval{Fval: &pg.Float{Fval: text}}
	return &c.node
}

func boolConst(b bool, at int32) *pg.Node {
	c := newConstant(at)
	c.c.Val = &pg.A_Const_Boolval{Boolval: &pg.Boolean{Boolval: b}}
	return &c.node
}

func nullConst(at int32) *pg.Node {
	c := newConstant(at)
	c.c.Isnull = true
	return &c.node
}

func integer(i int32) *pg.Node {
	return &pg.Node{Node: &pg.Node_Integer{Integer: &pg.Integer{Ival: i}}}
}

func columnRef(path []*pg.Node, at int32) *pg.Node {
	n := &struct {
		node pg.Node
		kind pg.Node_ColumnRef
		c    pg.ColumnRef
	}{}
	n.c.Fields, n.c.Location, n.kind.ColumnRef, n.node.Node = path, at, &n.c, &n.kind
	return &n.node
}

func typeCast(arg *pg.Node, t *pg.TypeName, at int32) *pg.Node {
	n := &struct {
		node pg.Node
		kind pg.Node_TypeCast
		c    pg.TypeCast
	}{}
	n.c.Arg, n.c.TypeName, n.c.Location, n.kind.TypeCast, n.node.Node = arg, t, at, &n.c, &n.kind
	return &n.node
}

func funcCall(path, args []*pg.Node, form pg.CoercionForm, at int32) *pg.Node {
	n := &struct {
		node pg.Node
		kind pg.Node_FuncCall
		f    pg.FuncCall
	}{}
	n.f.Funcname, n.f.Args, n.f.Funcformat, n.f.Location, n.kind.FuncCall, n.node.Node = path, args, form, at, &n.f, &n.kind
	return &n.node
}

func aExpr(kind pg.A_Expr_Kind, op []*pg.Node, left, right *pg.Node, at int32) *pg.Node {
	n := &struct {
		node pg.Node
		kind pg.Node_AExpr
		e    pg.A_Expr
	}{}
	n.e.Kind, n.e.Name, n.e.Lexpr, n.e.Rexpr, n.e.Location, n.kind.AExpr, n.node.Node = kind, op, left, right, at, &n.e, &n.kind
	return &n.node
}

func boolExpr(op pg.BoolExprType, at int32, args ...*pg.Node) *pg.Node {
	n := &struct {
		node pg.Node
		kind pg.Node_BoolExpr
		b    pg.BoolExpr
	}{}
	n.b.Boolop, n.b.Args, n.b.Location, n.kind.BoolExpr, n.node.Node = op, args, at, &n.b, &n.kind
	return &n.node
}

func nullTest(arg *pg.Node, not bool, at int32) *pg.Node {
	t := pg.NullTestType_IS_NULL
	if not {
		t = pg.NullTestType_IS_NOT_NULL
	}
	return &pg.Node{Node: &pg.Node_NullTest{NullTest: &pg.NullTest{Arg: arg, Nulltesttype: t, Location: at}}}
}

func booleanTest(arg *pg.Node, t pg.BoolTestType, at int32) *pg.Node {
	return &pg.Node{Node: &pg.Node_BooleanTest{BooleanTest: &pg.BooleanTest{Arg: arg, Booltesttype: t, Location: at}}}
}

func subLink(t pg.SubLinkType, test *pg.Node, op []*pg.Node, sub *pg.Node, at int32) *pg.Node {
	return &pg.Node{Node: &pg.Node_SubLink{SubLink: &pg.SubLink{SubLinkType: t, Testexpr: test, OperName: op, Subselect: sub, Location: at}}}
}

func collate(arg *pg.Node, path []*pg.Node, at int32) *pg.Node {
	return &pg.Node{Node: &pg.Node_CollateClause{CollateClause: &pg.CollateClause{Arg: arg, Collname: path, Location: at}}}
}

func indirection(arg *pg.Node, parts []*pg.Node) *pg.Node {
	return &pg.Node{Node: &pg.Node_AIndirection{AIndirection: &pg.A_Indirection{Arg: arg, Indirection: parts}}}
}

func index(i *pg.Node) *pg.Node {
	return &pg.Node{Node: &pg.Node_AIndices{AIndices: &pg.A_Indices{Uidx: i}}}
}
