package catalog

// Rule mirrors pg_rewrite, the _RETURN rules of views left out.
type Rule struct {
	Schema, Table, Name string
	Event               string // "select", "insert", "update", "delete"
	Instead             bool
	Definition          Expr   // the whole CREATE RULE statement
	Enabled             string // as Trigger.Enabled
}

// ID identifies the rule by its table and name.
func (o Rule) ID() ID {
	return ID{Kind: KindRule, Schema: o.Schema, Table: o.Table, Name: o.Name}
}
