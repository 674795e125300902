package catalog

// Domain mirrors pg_type for typtype 'd'.
type Domain struct {
	Schema, Name string
	Base         Type  // typbasetype with typtypmod
	Collation    QName // zero: the base type's own
	Default      Expr
	NotNull      bool
}

// ID identifies the domain by its name.
func (o Domain) ID() ID { return ID{Kind: KindDomain, Schema: o.Schema, Name: o.Name} }

// DomainConstraint mirrors pg_constraint where contypid is set: a CHECK.
type DomainConstraint struct {
	Schema, Domain, Name string
	Check                Expr
	NotValid             bool
}

// ID identifies the constraint by its domain and name.
func (o DomainConstraint) ID() ID {
	return ID{Kind: KindDomainConstraint, Schema: o.Schema, Table: o.Domain, Name: o.Name}
}
