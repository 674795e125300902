package main

import (
	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// The contexts in this file are only read: there is no way to ask about another text without making the whole anew.

// exclusionSlots are the elements and the predicate of an exclusion constraint.
func (c *collector) exclusionSlots(schema, table string, k *pg.Constraint) []slot {
	read := " FROM pg_constraint JOIN pg_index ON indexrelid = conindid WHERE conname = " + catalog.QuoteLiteral(k.Conname)
	var out []slot
	for i, n := range k.Exclusions {
		e := n.GetList().GetItems()[0].GetIndexElem()
		if e.GetExpr() == nil {
			continue
		}
		o := catalog.Constraint{Schema: schema, Table: table, Name: k.Conname, Type: catalog.Exclusion, Elements: make([]catalog.ExclusionElement, i+1)}
		out = append(out, slot{object: o, path: "Elements[" + itoa(i) + "].IndexElement.Expr", tree: e.Expr,
			probe: probe{read: "SELECT pg_get_indexdef(indexrelid, " + itoa(i+1) + ", true)" + read}})
	}
	if k.WhereClause != nil {
		o := catalog.Constraint{Schema: schema, Table: table, Name: k.Conname, Type: catalog.Exclusion}
		out = append(out, slot{object: o, path: "Predicate", tree: k.WhereClause, probe: probe{read: "SELECT pg_get_expr(indpred, indrelid)" + read}})
	}
	return out
}

func (c *collector) statisticsSlots(x *pg.CreateStatsStmt) []slot {
	if len(x.Relations) != 1 || len(x.Defnames) == 0 {
		return nil
	}
	schema, table := c.relation(x.Relations[0].GetRangeVar())
	name := x.Defnames[len(x.Defnames)-1].GetString_().GetSval()
	var out []slot
	n := 0
	for _, e := range x.Exprs {
		expr := e.GetStatsElem().GetExpr()
		if expr == nil {
			continue
		}
		o := catalog.Statistics{Schema: schema, Name: name, Table: catalog.QName{Schema: schema, Name: table}, Exprs: make([]catalog.StatisticsExpr, n+1)}
		out = append(out, slot{object: o, path: "Exprs[" + itoa(n) + "].Expr", tree: expr, probe: probe{
			read: "SELECT (pg_get_statisticsobjdef_expressions(oid))[" + itoa(n+1) + "] FROM pg_statistic_ext WHERE stxname = " + catalog.QuoteLiteral(name),
		}})
		n++
	}
	return out
}

func (c *collector) publicationSlots(x *pg.CreatePublicationStmt) []slot {
	var out []slot
	for _, n := range x.Pubobjects {
		t := n.GetPublicationObjSpec().GetPubtable()
		if t == nil || t.WhereClause == nil {
			continue
		}
		schema, table := c.relation(t.Relation)
		out = append(out, slot{
			object: catalog.PublicationTable{Publication: x.Pubname, Schema: schema, Table: table}, path: "Where", tree: t.WhereClause,
			probe: probe{read: "SELECT pg_get_expr(prqual, prrelid) FROM pg_publication_rel WHERE prrelid = to_regclass(" + catalog.QuoteLiteral(qualified(schema, table)) + ")"},
		})
	}
	return out
}
