package catalog

// Collation mirrors pg_collation.
type Collation struct {
	Schema, Name     string
	Provider         string // collprovider: "libc", "icu", "builtin"
	Deterministic    bool
	LCCollate, CType string // collcollate, collctype (libc)
	Locale           string // colliculocale, colllocale
	Rules            string // collicurules
}

// ID identifies the collation by its name.
func (o Collation) ID() ID { return ID{Kind: KindCollation, Schema: o.Schema, Name: o.Name} }
