package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
	"bloom/catalog/builtin"
)

func columnID(relation catalog.ID, name string) catalog.ID {
	return catalog.ID{Kind: catalog.KindColumn, Schema: relation.Schema, Table: relation.Name, Name: name}
}

func defaultID(column catalog.ID) catalog.ID {
	column.Kind = catalog.KindDefault
	return column
}

// newColumn is a column with what its definition makes besides.
type newColumn struct {
	col         catalog.Column
	def         catalog.Expr
	serial      bool
	identity    []*pg.Node       // options of the identity's sequence
	constraints []*pg.Constraint // checks and keys, as the table's
	own         bool             // the statement itself defines it
	loc         int32            // of the definition
}

// column reads a column definition. Over an inherited column or one of a type
// only what the definition says is changed.
func (in *interpreter) column(def *pg.ColumnDef, schema, table string, inherited *newColumn) (*newColumn, error) {
	c := &newColumn{col: catalog.Column{Schema: schema, Table: table, Name: def.GetColname(), Statistics: -1}}
	if inherited != nil {
		*c = *inherited
	}
	if t := def.GetTypeName(); t != nil {
		if err := in.columnType(c, t); err != nil {
			return nil, err
		}
	}
	if cc := def.GetCollClause(); cc != nil {
		q, err := in.collation(cc.GetCollname(), cc.GetLocation())
		if err != nil {
			return nil, err
		}
		c.col.Collation = q
	}
	c.col.Storage = columnStorage(def.GetStorageName(), c.col.Type)
	c.col.Compression = compression(def.GetCompression())
	c.col.ServerOptions = pairs(def.GetFdwoptions())
	c.col.NotNull = c.col.NotNull || def.GetIsNotNull()
	c.loc = def.GetLocation()
	return c, in.columnConstraints(c, def)
}

func (in *interpreter) columnType(c *newColumn, t *pg.TypeName) error {
	if names := strs(t.GetNames()); len(names) == 1 && serialTypes[names[0]] != "" {
		if len(t.GetArrayBounds()) > 0 {
			return in.errorf(t.GetLocation(), "array of serial is not implemented")
		}
		c.col.Type, c.serial, c.col.NotNull = serialTypes[names[0]], true, true
		return nil
	}
	typ, err := in.typeOf(t)
	if err != nil {
		return err
	}
	if t.GetSetof() {
		return in.errorf(t.GetLocation(), "column %q cannot be declared SETOF", c.col.Name)
	}
	c.col.Type = typ
	return nil
}

// columnConstraints reads the constraints of a column. Keys and checks become
// the table's; DEFERRABLE and the like belong to the one before.
func (in *interpreter) columnConstraints(c *newColumn, def *pg.ColumnDef) error {
	var last *pg.Constraint
	key := []*pg.Node{pg.MakeStrNode(def.GetColname())}
	for _, n := range def.GetConstraints() {
		con := n.GetConstraint()
		switch con.GetContype() {
		case pg.ConstrType_CONSTR_NOTNULL:
			c.col.NotNull = true
		case pg.ConstrType_CONSTR_NULL:
			if c.serial {
				return in.errorf(con.GetLocation(), "conflicting NULL/NOT NULL declarations for column %q", c.col.Name)
			}
		case pg.ConstrType_CONSTR_DEFAULT:
			c.def = in.defaultExpr(con.GetRawExpr(), in.defaultTokens(con), c.col.Type)
		case pg.ConstrType_CONSTR_IDENTITY:
			c.col.Identity, c.identity, c.col.NotNull = identityKind(con.GetGeneratedWhen()), con.GetOptions(), true
			if c.identity == nil {
				c.identity = []*pg.Node{}
			}
		case pg.ConstrType_CONSTR_GENERATED:
			t := in.tokensAt(con.GetLocation())
			c.col.Generated = in.expr(con.GetRawExpr(), parenthesised(t, "as"))
			c.col.Virtual = in.says(con, "virtual")
			c.def = catalog.Expr{}
		case pg.ConstrType_CONSTR_ATTR_DEFERRABLE, pg.ConstrType_CONSTR_ATTR_NOT_DEFERRABLE,
			pg.ConstrType_CONSTR_ATTR_DEFERRED, pg.ConstrType_CONSTR_ATTR_IMMEDIATE:
			if last != nil {
				setDeferrable(last, con.GetContype())
			}
		case pg.ConstrType_CONSTR_FOREIGN:
			con.FkAttrs, last = key, con
			c.constraints = append(c.constraints, con)
		case pg.ConstrType_CONSTR_CHECK:
			last = con
			c.constraints = append(c.constraints, con)
		default:
			con.Keys, last = key, con
			c.constraints = append(c.constraints, con)
		}
	}
	return nil
}

func setDeferrable(c *pg.Constraint, attr pg.ConstrType) {
	switch attr {
	case pg.ConstrType_CONSTR_ATTR_DEFERRABLE:
		c.Deferrable = true
	case pg.ConstrType_CONSTR_ATTR_NOT_DEFERRABLE:
		c.Deferrable = false
	case pg.ConstrType_CONSTR_ATTR_DEFERRED:
		c.Deferrable, c.Initdeferred = true, true
	case pg.ConstrType_CONSTR_ATTR_IMMEDIATE:
		c.Initdeferred = false
	}
}

func identityKind(when string) string {
	if when == "d" {
		return "by default"
	}
	return "always"
}

// columnStorage is the storage if it is not what the type has anyway.
func columnStorage(name string, t catalog.Type) string {
	name = strings.ToLower(name)
	if name == "default" || name == typeStorage(t) {
		return ""
	}
	return name
}

// typeStorage is pg_type.typstorage.
func typeStorage(t catalog.Type) string {
	n := t.Parts()
	if n.Array || n.Schema != "pg_catalog" {
		return "extended"
	}
	switch n.Name {
	case "numeric", "inet", "cidr":
		return "main"
	case "text", "varchar", "bpchar", "bytea", "json", "jsonb", "xml", "bit", "varbit", "path", "polygon", "tsvector",
		"int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "jsonpath", "refcursor":
		return "extended"
	}
	return "plain"
}

func compression(name string) string {
	if name == "default" {
		return ""
	}
	return name
}

// place records where in the statement an object is declared.
func (in *interpreter) place(id catalog.ID, loc int32) {
	if loc > 0 && in.c.Source(id) == in.src {
		in.c.SetPlace(id, in.at(loc))
	}
}

// putColumn adds a column with its default and its sequence.
func (in *interpreter) putColumn(c *newColumn) error {
	var seq catalog.Sequence
	var err error
	if c.serial || c.identity != nil {
		if seq, err = in.columnSequence(c.col, c.identity, c.identity != nil); err != nil {
			return err
		}
	}
	in.put(c.col)
	in.place(c.col.ID(), c.loc)
	if seq.Name != "" {
		in.putColumnSequence(seq)
		if c.serial && c.def.IsZero() {
			c.def = nextval(seq)
		}
	}
	if !c.def.IsZero() && c.col.Generated.IsZero() {
		in.put(catalog.Default{Schema: c.col.Schema, Table: c.col.Table, Column: c.col.Name, Expr: c.def})
		in.place(catalog.Default{Schema: c.col.Schema, Table: c.col.Table, Column: c.col.Name}.ID(), c.loc)
	}
	return nil
}

// tableColumn finds a column of a table.
func (in *interpreter) tableColumn(rel catalog.ID, name string, loc int32) (catalog.Column, error) {
	col, ok := catalog.Find[catalog.Column](in.c, columnID(rel, name))
	if !ok {
		return col, in.missing(loc, "column %q of relation %q", name, catalog.QName{Schema: rel.Schema, Name: rel.Name})
	}
	return col, nil
}

// collation is the name of a collation; the database's default is none.
func (in *interpreter) collation(names []*pg.Node, loc int32) (catalog.QName, error) {
	q := qualified(names)
	if q.IsZero() || q.Name == "default" {
		return catalog.QName{}, nil
	}
	if id, ok := in.lookup(q, catalog.KindCollation); ok && q.Schema != "pg_catalog" {
		return catalog.QName{Schema: id.Schema, Name: id.Name}, nil
	}
	if q.Schema != "" && q.Schema != "pg_catalog" {
		return q, in.missing(loc, "collation %q", q)
	}
	// Those of the operating system and of ICU are not known by name.
	looksForeign := strings.ContainsAny(q.Name, "_.-") || in.set.Collation(builtin.Pg(q.Name)) != nil
	if !looksForeign {
		return q, in.missing(loc, "collation %q", q)
	}
	return catalog.QName{Schema: "pg_catalog", Name: q.Name}, nil
}

// addColumn is ALTER TABLE ADD COLUMN, for one table.
func (in *interpreter) addColumn(t catalog.Table, c *newColumn) error {
	in.changeTable(t.ID(), func(t *catalog.Table) { t.Columns = append(slices.Clip(t.Columns), c.col.Name) })
	return in.putColumn(c)
}
