package parser

import (
	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// defaultExpr is the default of a column or domain of a type. One that is nothing but
// NULL is none.
func (in *interpreter) defaultExpr(n *pg.Node, t tokens, typ catalog.Type) catalog.Expr {
	if n == nil || in.plainNull(n, typ) {
		return catalog.Expr{}
	}
	return in.expr(n, t)
}

// plainNull reports whether an expression becomes a mere NULL of the type, which
// PostgreSQL does not store. What a conversion to another type, to the length of a
// type or to a domain is needed for is stored: it keeps the domain's own default away.
func (in *interpreter) plainNull(n *pg.Node, typ catalog.Type) bool {
	if c := n.GetCollateClause(); c != nil {
		return in.plainNull(c.GetArg(), typ)
	}
	name := typ.Parts()
	interval := name.Schema == "pg_catalog" && name.Name == "interval" && !name.Array // a NULL takes its fields and precision without a conversion
	if cast := n.GetTypeCast(); cast != nil {
		to, err := in.typeOf(cast.GetTypeName())
		return err == nil && (to == typ || interval && to.Base() == typ.Base()) && in.plainNull(cast.GetArg(), to)
	}
	if !n.GetAConst().GetIsnull() {
		return false
	}
	_, domain := catalog.Find[catalog.Domain](in.c, catalog.ID{Kind: catalog.KindDomain, Schema: name.Schema, Name: name.Name})
	return (!domain || name.Array) && (name.Mods == "" || interval)
}
