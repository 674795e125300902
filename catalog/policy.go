package catalog

// Policy mirrors pg_policy.
type Policy struct {
	Schema, Table, Name string
	Restrictive         bool     // not polpermissive
	Command             string   // polcmd: "all", "select", "insert", "update", "delete"
	Roles               []string // polroles, sorted; "public" for everybody
	Using               Expr     // polqual
	WithCheck           Expr     // polwithcheck
}

// ID identifies the policy by its table and name.
func (o Policy) ID() ID {
	return ID{Kind: KindPolicy, Schema: o.Schema, Table: o.Table, Name: o.Name}
}
