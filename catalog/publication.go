package catalog

// Publication mirrors pg_publication.
type Publication struct {
	Name                             string
	AllTables                        bool
	Insert, Update, Delete, Truncate bool
	ViaRoot                          bool
	GeneratedColumns                 bool // publish_generated_columns = stored, PostgreSQL 18
}

// ID identifies the publication by its name.
func (o Publication) ID() ID { return ID{Kind: KindPublication, Name: o.Name} }

// PublicationTable mirrors pg_publication_rel.
type PublicationTable struct {
	Publication   string
	Schema, Table string
	Columns       []string // sorted; empty: all
	Where         Expr
}

// ID identifies the membership by publication and table.
func (o PublicationTable) ID() ID {
	return ID{Kind: KindPublicationTable, Schema: o.Schema, Table: o.Table, Role: o.Publication}
}

// PublicationSchema mirrors pg_publication_namespace.
type PublicationSchema struct{ Publication, Schema string }

// ID identifies the membership by publication and schema.
func (o PublicationSchema) ID() ID {
	return ID{Kind: KindPublicationSchema, Schema: o.Schema, Role: o.Publication}
}

// Subscription mirrors pg_subscription, without its connection string. It is
// reported, never changed.
type Subscription struct {
	Name         string
	Enabled      bool
	Publications []string // sorted
}

// ID identifies the subscription by its name.
func (o Subscription) ID() ID { return ID{Kind: KindSubscription, Name: o.Name} }
