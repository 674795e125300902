package catalog

// Routine mirrors pg_proc for prokind 'f', 'p' and 'w'.
type Routine struct {
	Schema, Name    string
	Procedure       bool
	Window          bool
	Params          []Param
	Returns         Type // prorettype; empty for procedures
	ReturnsSet      bool // SETOF, or TABLE when there are parameters of mode "table"
	Language        string
	Volatility      string // "volatile", "stable", "immutable"
	Strict          bool
	SecurityDefiner bool
	Leakproof       bool
	Parallel        string  // "unsafe", "restricted", "safe"
	Cost            float64 // procost
	Rows            float64 // prorows; zero when no set is returned
	Support         QName
	Transforms      []Type
	Config          []string // proconfig, "name=value", as they were set one after the other
	Body            string   // prosrc: source text, or the symbol of a C function
	Library         string   // probin
	SQLBody         Expr     // prosqlbody: BEGIN ATOMIC … END or RETURN …
}

// Param is one parameter of a routine.
type Param struct {
	Name    string
	Mode    string // "in", "out", "inout", "variadic", "table"
	Type    Type
	Default Expr
}

// ID identifies the routine by its name and input types.
func (o Routine) ID() ID {
	return ID{Kind: KindRoutine, Schema: o.Schema, Name: o.Name, Args: Signature(o.Params)}
}

// Signature is the input types of a parameter list, ", " between them.
func Signature(params []Param) string {
	s := ""
	for _, p := range params {
		if p.Mode == "out" || p.Mode == "table" {
			continue
		}
		if s != "" {
			s += ", "
		}
		s += string(p.Type)
	}
	return s
}
