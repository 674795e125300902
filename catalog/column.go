package catalog

// Column mirrors pg_attribute of a table. Its default is an object of its own.
type Column struct {
	Schema, Table, Name string
	Type                Type  // atttypid with atttypmod
	Collation           QName // attcollation; zero: the type's own
	NotNull             bool
	Generated           Expr     // attgenerated; for identity columns see Identity
	Virtual             bool     // the generated column is virtual
	Identity            string   // attidentity: "", "always", "by default"
	Storage             string   // attstorage: "plain", "main", "external", "extended"; empty: the type's own
	Compression         string   // attcompression: "pglz", "lz4"; empty: the default
	Statistics          int      // attstattarget; -1: the default
	Options             []string // attoptions, "name=value", sorted
	ServerOptions       []string // attfdwoptions, "name=value", sorted
	Inherited           bool     // only from parents: attislocal is false
}

// ID identifies the column by its table and name.
func (o Column) ID() ID {
	return ID{Kind: KindColumn, Schema: o.Schema, Table: o.Table, Name: o.Name}
}

// Default mirrors pg_attrdef of a column that is not generated.
type Default struct {
	Schema, Table, Column string
	Expr                  Expr
}

// ID identifies the default by its column.
func (o Default) ID() ID {
	return ID{Kind: KindDefault, Schema: o.Schema, Table: o.Table, Name: o.Column}
}
