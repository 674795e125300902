package catalog

// Index mirrors pg_index with its pg_class row, for indexes that no constraint owns.
type Index struct {
	Schema, Table, Name string
	Unique              bool
	Method              string // "btree", …
	Elements            []IndexElement
	Include             []string
	NullsNotDistinct    bool
	Predicate           Expr
	Options             []string // reloptions, "name=value", sorted
	Tablespace          string
	Parent              QName // partitioned index that it is attached to
	Only                bool  // on a partitioned table, not made on the partitions (ON ONLY)
	Statistics          []ElementStatistics
	Invalid             bool // not indisvalid: left by a failed CONCURRENTLY
}

// ElementStatistics is a statistics target of an expression of an index.
type ElementStatistics struct{ Element, Target int }

// IndexElement is one key of an index.
type IndexElement struct {
	Column         string // or
	Expr           Expr
	Collation      QName    // zero: the column's own
	Opclass        QName    // zero: the type's default for the method
	OpclassOptions []string // attoptions, "name=value"
	Desc           bool
	NullsFirst     bool // as it is, not as it is written: true for plain DESC
}

// ID identifies the index by its table and name.
func (o Index) ID() ID {
	return ID{Kind: KindIndex, Schema: o.Schema, Table: o.Table, Name: o.Name}
}
