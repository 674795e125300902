package catalog

// Schema mirrors pg_namespace.
type Schema struct{ Name string }

// ID identifies the schema by its name.
func (o Schema) ID() ID { return ID{Kind: KindSchema, Name: o.Name} }
