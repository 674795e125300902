package lint

import (
	"cmp"
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// typeRules are about the types of columns.
var typeRules = []*Rule{
	{
		Code: "TIMESTAMP_WITHOUT_ZONE", Level: Warning,
		What:      "a column of type timestamp without time zone",
		Reason:    "which moment it means depends on who reads it",
		Fix:       "timestamptz",
		statement: ofType("timestamp", "keeps no time zone"),
	},
	{
		Code: "CHAR_TYPE", Level: Warning,
		What:      "a column of type char(n)",
		Reason:    "it is filled up with blanks, which count in some comparisons and not in others",
		Fix:       "text",
		statement: ofType("bpchar", "is filled up with blanks"),
	},
	{
		Code: "MONEY_TYPE", Level: Warning,
		What:      "a column of type money",
		Reason:    "its currency and digits are those of the server's locale",
		Fix:       "numeric, with the currency in another column",
		statement: ofType("money", "depends on the server's locale"),
	},
	{
		Code: "REG_TYPE", Level: Warning,
		What:   "a column that holds an OID of the catalogs, as regproc does",
		Reason: "pg_upgrade refuses such a database",
		Fix:    "text",
		statement: ofType("regcollation regconfig regdictionary regnamespace regoper regoperator regproc regprocedure",
			"stops pg_upgrade"),
	},
	{
		Code: "SERIAL_COLUMN", Level: Note,
		What:      "a serial column",
		Reason:    "its sequence has privileges and an owner of its own, and can be written past",
		Fix:       "GENERATED ALWAYS AS IDENTITY",
		statement: ofType("serial bigserial smallserial serial4 serial8 serial2", "has a sequence with privileges of its own"),
	},
	{
		Code: "JSON_TYPE", Level: Note,
		What:      "a column of type json",
		Reason:    "it has no equality, so DISTINCT and GROUP BY fail, and it is parsed at every use",
		Fix:       "jsonb",
		statement: ofType("json", "has no equality"),
	},
	{
		Code: "VARCHAR_LIMIT", Level: Note, Optional: true,
		What:      "a column of type varchar(n)",
		Reason:    "a smaller limit rewrites the table; a CHECK can be changed without",
		Fix:       "text with CHECK (length(…) <= n)",
		statement: varcharLimit,
	},
	{
		Code: "SMALL_KEY", Level: Warning,
		What:      "a primary key that counts in 32 bits or less",
		Reason:    "after 2,147,483,647 rows, deleted ones counted, every INSERT fails; a wider type rewrites the table",
		Fix:       "bigint or uuid",
		statement: smallKey,
	},
}

// column is a column in CREATE TABLE or ALTER TABLE … ADD COLUMN or TYPE.
type column struct {
	*pg.ColumnDef
	table, name string
	location    int32
}

// columns are those that a statement defines or gives a type.
func (s *statement) columns() []column {
	var out []column
	create := s.Node().GetCreateStmt()
	for _, e := range create.GetTableElts() {
		if c := e.GetColumnDef(); c != nil {
			out = append(out, column{c, create.GetRelation().GetRelname(), c.GetColname(), c.GetLocation()})
		}
	}
	alter := s.Node().GetAlterTableStmt()
	for _, cmd := range alter.GetCmds() {
		cmd := cmd.GetAlterTableCmd()
		c := cmd.GetDef().GetColumnDef()
		if c == nil || cmd.GetSubtype() != pg.AlterTableType_AT_AddColumn && cmd.GetSubtype() != pg.AlterTableType_AT_AlterColumnType {
			continue
		}
		name := cmp.Or(c.GetColname(), cmd.GetName())
		location := c.GetLocation()
		if location <= 0 {
			location = c.GetTypeName().GetLocation()
		}
		out = append(out, column{c, alter.GetRelation().GetRelname(), name, location})
	}
	return out
}

// typeOf is the last name of a column's type, as the grammar spells it.
func typeOf(c column) string { return strings.ToLower(last(c.GetTypeName().GetNames())) }

func ofType(names, what string) func(*statement, found) {
	list := strings.Fields(names)
	return func(s *statement, report found) {
		for _, c := range s.columns() {
			if t := typeOf(c); slices.Contains(list, t) {
				report(s.At(c.location), "column %s.%s is of type %s, which %s", c.table, c.name, spelled(t), what)
			}
		}
	}
}

// spelled is a type as people write it.
func spelled(t string) string {
	switch t {
	case "bpchar":
		return "char"
	case "int4":
		return "int"
	case "int2":
		return "smallint"
	}
	return t
}

func varcharLimit(s *statement, report found) {
	for _, c := range s.columns() {
		if typeOf(c) == "varchar" && len(c.GetTypeName().GetTypmods()) > 0 {
			report(s.At(c.location), "column %s.%s has a length limit in its type", c.table, c.name)
		}
	}
}

// small are types of 32 bits and less.
var small = []string{"int4", "int2", "int", "integer", "smallint", "serial", "serial4", "smallserial", "serial2"}

func smallKey(s *statement, report found) {
	var keys []string
	for _, e := range s.Node().GetCreateStmt().GetTableElts() {
		if c := e.GetConstraint(); c.GetContype() == pg.ConstrType_CONSTR_PRIMARY && len(c.GetKeys()) == 1 {
			keys = words(c.GetKeys())
		}
	}
	for _, c := range s.columns() {
		if !slices.Contains(small, typeOf(c)) || len(c.GetTypeName().GetArrayBounds()) > 0 {
			continue
		}
		counts := strings.Contains(typeOf(c), "serial")
		primary := slices.Contains(keys, c.name)
		for _, k := range c.GetConstraints() {
			primary = primary || k.GetConstraint().GetContype() == pg.ConstrType_CONSTR_PRIMARY
			counts = counts || k.GetConstraint().GetContype() == pg.ConstrType_CONSTR_IDENTITY
		}
		if primary && counts {
			report(s.At(c.location), "key %s.%s counts in %s", c.table, c.name, spelled(typeOf(c)))
		}
	}
}
