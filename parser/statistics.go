package parser

import (
	"slices"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

func (in *interpreter) createStatistics(n *pg.CreateStatsStmt) error {
	rv := n.GetRelations()[0].GetRangeVar()
	rel, err := in.relation(rv)
	if err != nil {
		return err
	}
	s := catalog.Statistics{Table: catalog.QName{Schema: rel.Schema, Name: rel.Name}, Target: -1, Kinds: strs(n.GetStatTypes())}
	parts := in.statisticsTokens()
	var names []string
	for i, x := range n.GetExprs() {
		e := x.GetStatsElem()
		if e.GetName() != "" {
			if err := in.needColumn(rel, e.GetName(), rv.GetLocation()); err != nil {
				return err
			}
			s.Columns = append(s.Columns, e.GetName())
			names = append(names, e.GetName())
			continue
		}
		var own tokens
		if i < len(parts) {
			own = elementExpr(parts[i])
		}
		s.Exprs = append(s.Exprs, catalog.StatisticsExpr{Expr: in.expr(e.GetExpr(), own)})
		names = append(names, "expr")
	}
	slices.Sort(s.Columns)
	slices.Sort(s.Kinds)
	if len(s.Kinds) == 0 && len(n.GetExprs()) > 1 {
		s.Kinds = []string{"dependencies", "mcv", "ndistinct"}
	}
	if len(n.GetDefnames()) == 0 {
		s.Schema, s.Name = rel.Schema, in.chooseStatisticsName(rel, names)
	} else {
		q, err := in.creation(qualified(n.GetDefnames()), 0)
		if err != nil {
			return err
		}
		s.Schema, s.Name = q.Schema, q.Name
		if skip, err := in.taken(s.ID(), n.GetIfNotExists(), 0); skip || err != nil {
			return err
		}
	}
	in.put(s)
	in.own(s.ID())
	return nil
}

func (in *interpreter) statisticsTokens() []tokens {
	t := in.stmt.tokens
	on := t.find(0, "on")
	from := t.find(0, "from")
	if on < 0 || from < on {
		return nil
	}
	return t.from(on + 1).to(from - on - 1).split()
}

// chooseStatisticsName is ChooseExtendedStatisticName.
func (in *interpreter) chooseStatisticsName(rel catalog.ID, names []string) string {
	return catalog.ChooseName(rel.Name, catalog.NameAddition(names), "stat", func(name string) bool {
		return in.c.Lookup(catalog.Statistics{Schema: rel.Schema, Name: name}.ID()) != nil
	})
}

func (in *interpreter) alterStatistics(n *pg.AlterStatsStmt) error {
	id, err := in.need(qualified(n.GetDefnames()), 0, catalog.KindStatistics)
	if err != nil {
		return in.unless(n.GetMissingOk(), err)
	}
	if s, ok := in.c.Get(id).(catalog.Statistics); ok {
		s.Target = int(n.GetStxstattarget())
		in.put(s)
	}
	return nil
}

// copyStatistics is LIKE … INCLUDING STATISTICS.
func (in *interpreter) copyStatistics(source catalog.ID, t catalog.Table) {
	for _, user := range in.c.Users(source) {
		s, ok := in.c.Get(user).(catalog.Statistics)
		if !ok || s.Table.Name != source.Name {
			continue
		}
		s.Table = catalog.QName{Schema: t.Schema, Name: t.Name}
		names := slices.Clone(s.Columns)
		for range s.Exprs {
			names = append(names, "expr")
		}
		s.Schema, s.Name = t.Schema, in.chooseStatisticsName(t.ID(), names)
		in.put(s)
		in.own(s.ID())
	}
}
