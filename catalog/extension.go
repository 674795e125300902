package catalog

// Extension mirrors pg_extension.
type Extension struct {
	Name    string
	Schema  string // extnamespace; empty: the declaration leaves it to the extension
	Version string // extversion; empty: the declaration takes any
	Fixed   bool   // not extrelocatable: it stays in its schema; in a declaration, that it has to be where this says, even if it is made again for that
}

// ID identifies the extension by its name.
func (o Extension) ID() ID { return ID{Kind: KindExtension, Name: o.Name} }

// Settle takes from the current extension what the declaration leaves open.
func (o Extension) Settle(current Object) Object {
	if cur, ok := current.(Extension); ok {
		if o.Schema == "" || cur.Fixed && !o.Fixed {
			o.Schema = cur.Schema
		}
		if o.Version == "" {
			o.Version = cur.Version
		}
		o.Fixed = cur.Fixed
	}
	return o
}
