package catalog

// Type is a type's name with its modifiers as format_type prints it under an
// empty search_path: "integer", "character varying(20)", "public.status[]".
type Type string

// Enum mirrors pg_type and pg_enum for typtype 'e'.
type Enum struct {
	Schema, Name string
	Labels       []string // in sort order
}

// ID identifies the enum by its name.
func (o Enum) ID() ID { return ID{Kind: KindEnum, Schema: o.Schema, Name: o.Name} }

// Composite mirrors a free-standing composite type (pg_class.relkind 'c').
type Composite struct {
	Schema, Name string
	Attributes   []Attribute
}

// Attribute is one field of a composite type.
type Attribute struct {
	Name      string
	Type      Type
	Collation QName // zero: the type's own
}

// ID identifies the type by its name.
func (o Composite) ID() ID { return ID{Kind: KindComposite, Schema: o.Schema, Name: o.Name} }

// Range mirrors pg_range.
type Range struct {
	Schema, Name string
	Subtype      Type
	Opclass      QName // zero: the subtype's default
	Collation    QName // zero: the subtype's own
	Canonical    QName // function; zero: none
	Diff         QName // subtype_diff function; zero: none
	Multirange   QName // name of the multirange type
}

// ID identifies the type by its name.
func (o Range) ID() ID { return ID{Kind: KindRange, Schema: o.Schema, Name: o.Name} }

// Settle takes from the current range what the declaration leaves open.
func (o Range) Settle(current Object) Object {
	if cur, ok := current.(Range); ok && o.Multirange.IsZero() {
		o.Multirange = cur.Multirange
	}
	return o
}

// BaseType mirrors pg_type for typtype 'b' and 'p', for types that are neither
// built in nor arrays: mostly those of extensions, which the analyser has to know.
type BaseType struct {
	Schema, Name string
	Category     string // typcategory
	Preferred    bool   // typispreferred
	Element      Type   // typelem; empty: none
	Subscript    bool   // can be subscripted
	Collatable   bool   // typcollation is not zero
	Pseudo       bool   // typtype 'p'
}

// ID identifies the type by its name.
func (o BaseType) ID() ID { return ID{Kind: KindBaseType, Schema: o.Schema, Name: o.Name} }
