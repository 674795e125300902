package catalog

// Statistics mirrors pg_statistic_ext.
type Statistics struct {
	Schema, Name string
	Table        QName
	Kinds        []string // of "ndistinct", "dependencies", "mcv", sorted; all of them if none was named; empty for one expression
	Columns      []string // sorted
	Exprs        []StatisticsExpr
	Target       int // stxstattarget; -1: the default
}

// StatisticsExpr is an expression that statistics are kept of.
type StatisticsExpr struct{ Expr Expr }

// ID identifies the statistics object by its name.
func (o Statistics) ID() ID { return ID{Kind: KindStatistics, Schema: o.Schema, Name: o.Name} }
