package catalog

// View mirrors pg_class for relkind 'v' and 'm' with its query in pg_rewrite.
type View struct {
	Schema, Name string
	Materialized bool
	Query        Expr
	Columns      ViewColumns // names and types in order; types may be empty on the declared side until analysed
	Options      []string    // reloptions: security_invoker, security_barrier, check_option, fillfactor, …; "name=value", sorted
	AccessMethod string      // materialized: relam; empty: heap
	Tablespace   string      // materialized
	NotPopulated bool        // materialized: WITH NO DATA
	ClusterOn    string      // materialized: index with indisclustered
}

// ID identifies the view by its name.
func (o View) ID() ID { return ID{Kind: KindView, Schema: o.Schema, Name: o.Name} }

// ViewColumn is an output column of a view.
type ViewColumn struct {
	Name string
	Type Type
}

// ViewColumns is what a view's query gives out.
type ViewColumns []ViewColumn

// Type is that of the column of a name; empty if that is not known.
func (cs ViewColumns) Type(name string) Type {
	for _, c := range cs {
		if c.Name == name {
			return c.Type
		}
	}
	return ""
}

// Equal is true: the columns follow from the query, which is compared together
// with its column names.
func (ViewColumns) Equal(ViewColumns) bool { return true }

// Settle: whether a materialized view is filled is data, not schema.
func (o View) Settle(current Object) Object {
	if cur, ok := current.(View); ok {
		o.NotPopulated = cur.NotPopulated
	}
	return o
}
