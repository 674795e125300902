package catalog

// Operator mirrors pg_operator. Left is empty for a prefix operator.
type Operator struct {
	Schema, Name string
	Left, Right  Type
	Result       Type
	Function     QName
	Commutator   QName
	Negator      QName
	Restrict     QName
	Join         QName
	Hashes       bool
	Merges       bool
}

// ID identifies the operator by its name and argument types.
func (o Operator) ID() ID {
	return ID{Kind: KindOperator, Schema: o.Schema, Name: o.Name, Args: string(o.Left) + ", " + string(o.Right)}
}

// OperatorFamily mirrors pg_opfamily with its loose pg_amop and pg_amproc rows.
type OperatorFamily struct {
	Schema, Name string
	Method       string
	Members      []OperatorClassMember
}

// ID identifies the family by its access method and name.
func (o OperatorFamily) ID() ID {
	return ID{Kind: KindOperatorFamily, Schema: o.Schema, Name: o.Name, Args: o.Method}
}

// OperatorClass mirrors pg_opclass with its pg_amop and pg_amproc rows.
type OperatorClass struct {
	Schema, Name string
	Method       string
	Default      bool
	Type         Type
	Family       QName
	Storage      Type
	Members      []OperatorClassMember
}

// OperatorClassMember is one OPERATOR or FUNCTION of a class or family.
type OperatorClassMember struct {
	Number      int
	Operator    QName // or
	Function    QName
	Left, Right Type
	Args        string // function: its argument types
	SortFamily  QName  // FOR ORDER BY
}

// ID identifies the class by its access method and name.
func (o OperatorClass) ID() ID {
	return ID{Kind: KindOperatorClass, Schema: o.Schema, Name: o.Name, Args: o.Method}
}

// Cast mirrors pg_cast.
type Cast struct {
	Source, Target Type
	Context        string // "explicit", "assignment", "implicit"
	Method         string // "function", "inout", "binary"
	Function       QName
	FunctionArgs   string
}

// ID identifies the cast by its types.
func (o Cast) ID() ID {
	return ID{Kind: KindCast, Args: "(" + string(o.Source) + " as " + string(o.Target) + ")"}
}

// Conversion mirrors pg_conversion.
type Conversion struct {
	Schema, Name string
	From, To     string
	Function     QName
	Default      bool
}

// ID identifies the conversion by its name.
func (o Conversion) ID() ID { return ID{Kind: KindConversion, Schema: o.Schema, Name: o.Name} }
