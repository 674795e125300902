package introspect

import "bloom/catalog"

var statistics = query[statisticsRow]{name: "statistics", sql: `
select oid, stxname, stxnamespace, stxowner, stxrelid, stxkeys, stxkind, coalesce(stxstattarget, -1)::int4,
       case when stxexprs is not null then pg_get_statisticsobjdef_expressions(oid) end
from pg_statistic_ext`,
	add: (*loader).addStatistics}

type statisticsRow struct {
	OID           oid
	Name          string
	Schema, Owner oid
	Relation      oid
	Columns       []int
	Kinds         []string
	Target        int
	Exprs         []string
}

func (l *loader) addStatistics(r statisticsRow) error {
	at := ref{pgStatistic, r.OID}
	s, o, ok := l.locate(at, r.Schema)
	if rel := l.relations[r.Relation]; rel == nil || !ok {
		return nil
	} else if rel.base {
		o.base = true
	}
	v := catalog.Statistics{
		Schema: s.name, Name: r.Name, Table: l.relationName(r.Relation), Columns: sorted(l.columnNames(r.Relation, r.Columns)), Target: r.Target,
	}
	for _, k := range r.Kinds {
		if k != "e" {
			v.Kinds = append(v.Kinds, word(k, "d", "ndistinct", "f", "dependencies", "m", "mcv"))
		}
	}
	v.Kinds = sorted(v.Kinds)
	for _, e := range r.Exprs {
		v.Exprs = append(v.Exprs, catalog.StatisticsExpr{Expr: expr(e)})
	}
	o = l.define(at, o, v)
	l.own(o, r.Owner)
	l.needSchema(o, s.name)
	return nil
}
