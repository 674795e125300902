package catalog

// Sequence mirrors pg_sequence with its pg_class row. An identity column's
// sequence is one too: its statements are those of the column.
type Sequence struct {
	Schema, Name string
	Type         Type // seqtypid
	Start        int64
	Increment    int64
	Min, Max     int64
	Cache        int64
	Cycle        bool
	Unlogged     bool
	OwnedBy      ColumnRef // zero: none
	Identity     bool      // made by an identity column, which OwnedBy names
}

// ColumnRef names a column of a relation.
type ColumnRef struct{ Schema, Table, Column string }

// IsZero reports whether no column is named.
func (r ColumnRef) IsZero() bool { return r == ColumnRef{} }

// ID identifies the column.
func (r ColumnRef) ID() ID {
	return ID{Kind: KindColumn, Schema: r.Schema, Table: r.Table, Name: r.Column}
}

// ID identifies the sequence by its name.
func (o Sequence) ID() ID { return ID{Kind: KindSequence, Schema: o.Schema, Name: o.Name} }
