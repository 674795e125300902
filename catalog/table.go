package catalog

// Table mirrors pg_class for relkind 'r', 'p' and 'f'. Its columns, constraints
// and row security are objects of their own.
type Table struct {
	Schema, Name    string
	Unlogged        bool     // relpersistence 'u'
	AccessMethod    string   // relam; empty: heap
	Tablespace      string   // reltablespace; empty: the database's
	Options         []string // reloptions and toast.*, "name=value", sorted
	ReplicaIdentity ReplicaIdentity
	ClusterOn       string // index with indisclustered
	PartitionBy     PartitionKey
	PartitionOf     Partition
	Inherits        []QName  // parents, in order; not for partitions
	OfType          Type     // reloftype
	Server          string   // foreign table: its server
	ServerOptions   []string // ftoptions, "name=value", sorted
	Columns         ColumnOrder
}

// ID identifies the table by its name.
func (o Table) ID() ID { return ID{Kind: KindTable, Schema: o.Schema, Name: o.Name} }

// ColumnOrder is the names of a table's columns in their order. The order is no
// difference: it cannot be changed.
type ColumnOrder []string

// Equal is true: the columns themselves are compared, not their order.
func (ColumnOrder) Equal(ColumnOrder) bool { return true }

// ReplicaIdentity mirrors pg_class.relreplident.
type ReplicaIdentity struct {
	Mode  string // "" (default), "full", "nothing", "index"
	Index string // for "index"
}

// PartitionKey mirrors pg_partitioned_table. The zero key: not partitioned.
type PartitionKey struct {
	Strategy string // "list", "range", "hash"
	Elements []PartitionElement
}

// PartitionElement is one column or expression of a partition key.
type PartitionElement struct {
	Column    string // or
	Expr      Expr
	Collation QName // zero: the column's own
	Opclass   QName // zero: the type's default
}

// Partition says of which table, and with which bound, a table is a partition.
type Partition struct {
	Parent QName
	Bound  Expr // as in FOR VALUES …, or DEFAULT
}

// RowSecurity mirrors pg_class.relrowsecurity and relforcerowsecurity. It is in
// the catalog only if one of them is set.
type RowSecurity struct {
	Schema, Table   string
	Enabled, Forced bool
}

// ID identifies the flags by their table.
func (o RowSecurity) ID() ID {
	return ID{Kind: KindRowSecurity, Schema: o.Schema, Table: o.Table}
}
