package catalog

// Aggregate mirrors pg_aggregate with its pg_proc row.
type Aggregate struct {
	Schema, Name       string
	Kind               string // "" (plain), "ordered-set", "hypothetical-set"
	Params             []Param
	Direct             int // aggnumdirectargs
	Returns            Type
	Transition         QName
	StateType          Type
	StateSpace         int
	Final              QName
	FinalExtra         bool
	FinalModify        string // "read_only", "shareable", "read_write"
	Combine            QName
	Serial             QName
	Deserial           QName
	InitialValue       string
	HasInitial         bool
	MovingTransition   QName
	MovingInverse      QName
	MovingStateType    Type
	MovingStateSpace   int
	MovingFinal        QName
	MovingFinalExtra   bool
	MovingFinalModify  string
	MovingInitialValue string
	HasMovingInitial   bool
	SortOperator       QName
	Parallel           string
}

// ID identifies the aggregate by its name and argument types.
func (o Aggregate) ID() ID {
	return ID{Kind: KindAggregate, Schema: o.Schema, Name: o.Name, Args: Signature(o.Params)}
}
