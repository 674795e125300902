package catalog

// Constraint mirrors pg_constraint where conrelid is set. NOT NULL is a field of
// the column.
type Constraint struct {
	Schema, Table, Name string
	Type                ConstraintType
	Columns             []string // key, referencing or unique columns; for exclusion see Elements

	// check
	Check     Expr
	NoInherit bool

	// foreign key
	RefTable   QName
	RefColumns []string
	Match      string // "" (simple), "full"
	OnUpdate   string // "" (no action), "restrict", "cascade", "set null", "set default"
	OnDelete   string
	// OnDeleteColumns is the column list of ON DELETE SET NULL (…).
	OnDeleteColumns []string
	Period          bool // PERIOD, PostgreSQL 18

	// primary key, unique, exclusion: the index behind it
	Include          []string
	NullsNotDistinct bool
	WithoutOverlaps  bool   // PostgreSQL 18
	Method           string // exclusion: access method
	Elements         []ExclusionElement
	Predicate        Expr
	Options          []string // reloptions of the index, "name=value", sorted
	Tablespace       string

	Deferrable        bool
	InitiallyDeferred bool
	NotValid          bool
	NotEnforced       bool // PostgreSQL 18
	Inherited         bool // only from a parent table: conislocal is false
}

// ConstraintType mirrors pg_constraint.contype.
type ConstraintType string

const (
	PrimaryKey ConstraintType = "primary key"
	Unique     ConstraintType = "unique"
	Check      ConstraintType = "check"
	ForeignKey ConstraintType = "foreign key"
	Exclusion  ConstraintType = "exclude"
)

// ExclusionElement is one element of an EXCLUDE constraint.
type ExclusionElement struct {
	IndexElement
	Operator QName
}

// ID identifies the constraint by its table and name.
func (o Constraint) ID() ID {
	return ID{Kind: KindConstraint, Schema: o.Schema, Table: o.Table, Name: o.Name}
}

// HasIndex reports whether the constraint is enforced by an index of its name.
func (o Constraint) HasIndex() bool {
	return o.Type == PrimaryKey || o.Type == Unique || o.Type == Exclusion
}
