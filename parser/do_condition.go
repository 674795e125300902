package parser

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// absent reports whether a condition says no more than that something is not
// there yet: the guard that people write around CREATE.
func absent(condition tokens) bool {
	if condition.len() == 0 {
		return false
	}
	tree, err := pg.Parse("SELECT " + condition.s[condition.list[0].start:condition.list[condition.len()-1].end])
	if err != nil || len(tree.GetStmts()) != 1 {
		return false
	}
	sel := tree.GetStmts()[0].GetStmt().GetSelectStmt()
	if len(sel.GetTargetList()) != 1 || len(sel.GetFromClause()) > 0 {
		return false
	}
	return saysAbsent(sel.GetTargetList()[0].GetResTarget().GetVal())
}

func saysAbsent(n *pg.Node) bool {
	switch {
	case n.GetBoolExpr() != nil:
		b := n.GetBoolExpr()
		for _, a := range b.GetArgs() {
			if b.GetBoolop() == pg.BoolExprType_NOT_EXPR && !saysPresent(a) || b.GetBoolop() != pg.BoolExprType_NOT_EXPR && !saysAbsent(a) {
				return false
			}
		}
		return true
	case n.GetNullTest() != nil:
		return n.GetNullTest().GetNulltesttype() == pg.NullTestType_IS_NULL && findsByName(n.GetNullTest().GetArg())
	case n.GetAExpr() != nil: // (SELECT count(*) FROM pg_…) = 0
		e := n.GetAExpr()
		return len(e.GetName()) == 1 && e.GetName()[0].GetString_().GetSval() == "=" && constText(e.GetRexpr()) == "0" &&
			readsCatalogs(e.GetLexpr().GetSubLink())
	}
	return false
}

func saysPresent(n *pg.Node) bool {
	if t := n.GetNullTest(); t != nil {
		return t.GetNulltesttype() == pg.NullTestType_IS_NOT_NULL && findsByName(t.GetArg())
	}
	link := n.GetSubLink()
	return link.GetSubLinkType() == pg.SubLinkType_EXISTS_SUBLINK && readsCatalogs(link)
}

// findsByName reports whether it is to_regclass('…') or another of its kind.
func findsByName(n *pg.Node) bool {
	call := n.GetFuncCall()
	if n.GetTypeCast() != nil {
		call = n.GetTypeCast().GetArg().GetFuncCall()
	}
	name := strs(call.GetFuncname())
	return len(name) > 0 && strings.HasPrefix(name[len(name)-1], "to_reg")
}

// readsCatalogs reports whether a subquery reads system catalogs and nothing else.
func readsCatalogs(link *pg.SubLink) bool {
	if link == nil {
		return false
	}
	relations, catalogs := 0, 0
	walk(link.GetSubselect(), func(n *pg.Node) {
		r := n.GetRangeVar()
		if r == nil {
			return
		}
		relations++
		if r.GetSchemaname() == "pg_catalog" || r.GetSchemaname() == "information_schema" || r.GetSchemaname() == "" && strings.HasPrefix(r.GetRelname(), "pg_") {
			catalogs++
		}
	})
	return relations > 0 && relations == catalogs
}
