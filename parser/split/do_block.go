package split

import (
	"encoding/json"
	"regexp"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// IsBlock reports whether the statement is a DO block.
func (s Statement) IsBlock() bool { return s.node.GetDoStmt() != nil }

// ChangesSchema reports whether a DO block has statements about the schema.
func (s Statement) ChangesSchema() bool { return s.IsBlock() && lookInto(s.node.GetDoStmt()).schema }

// effects is what a DO block may do.
type effects struct {
	rows   bool // change rows; also where it cannot be told
	schema bool // change the schema
}

func lookInto(n *pg.DoStmt) effects {
	unknown := effects{rows: true, schema: true}
	var code string
	for _, arg := range n.GetArgs() {
		switch d := arg.GetDefElem(); d.GetDefname() {
		case "language":
			if d.GetArg().GetString_().GetSval() != "plpgsql" {
				return unknown
			}
		case "as":
			code = d.GetArg().GetString_().GetSval()
		}
	}
	tree, err := pg.ParsePlPgSqlToJSON("DO $bloom_do$" + code + "$bloom_do$")
	if err != nil {
		return unknown
	}
	var root any
	if err := json.Unmarshal([]byte(tree), &root); err != nil {
		return unknown
	}
	var e effects
	e.look(root)
	return e
}

// look walks PL/pgSQL's tree, in which a node is an object of its kind and its
// fields. Conditions and assignments are taken to change nothing.
func (e *effects) look(node any) {
	switch n := node.(type) {
	case []any:
		for _, each := range n {
			e.look(each)
		}
	case map[string]any:
		for kind, fields := range n {
			switch kind {
			case "PLpgSQL_stmt_execsql":
				e.sql(queryOf(fields, "sqlstmt"))
			case "PLpgSQL_stmt_perform":
				e.rows = e.rows || callsFunctions(queryOf(fields, "expr"))
			case "PLpgSQL_stmt_dynexecute":
				if schemaText.MatchString(queryOf(fields, "query")) {
					e.schema = true
				} else {
					e.rows = true
				}
			case "PLpgSQL_stmt_call":
				e.rows = true
			default:
				e.look(fields)
			}
		}
	}
}

// schemaText is an expression whose value begins as a statement about the schema.
var schemaText = regexp.MustCompile(`(?i)^(?:\s|SELECT\b|pg_catalog\.|format\s*\(|concat\s*\(|\()*(?:E|\$\w*\$)?'?\s*(?:CREATE|ALTER|DROP|GRANT|REVOKE|COMMENT|SECURITY|SET|RESET)\b`)

func queryOf(fields any, name string) string {
	stmt, _ := fields.(map[string]any)
	expr, _ := stmt[name].(map[string]any)
	inner, _ := expr["PLpgSQL_expr"].(map[string]any)
	text, _ := inner["query"].(string)
	return text
}

func (e *effects) sql(text string) {
	tree, err := pg.Parse(text)
	if err != nil || len(tree.GetStmts()) != 1 {
		e.rows = true
		return
	}
	switch node := tree.GetStmts()[0].GetStmt(); {
	case node.GetSelectStmt() != nil: // into a variable
		e.rows = e.rows || callsFunctions(text)
	case Statement{node: node}.TouchesRows():
		e.rows = true
	default:
		e.schema = true
	}
}

var functionCall = regexp.MustCompile(`(?i)\b(\w+)\s*\(`)

// callsFunctions reports whether a query calls functions other than such that
// are known to read only.
func callsFunctions(sql string) bool {
	for _, m := range functionCall.FindAllStringSubmatch(sql, -1) {
		switch name := strings.ToLower(m[1]); {
		case name == "exists", name == "in", name == "any", name == "and", name == "or", name == "not", name == "where", name == "select", name == "from", name == "values",
			name == "count", name == "max", name == "min", name == "format", name == "coalesce", name == "quote_ident", name == "quote_literal", name == "lower", name == "upper",
			name == "array_agg", name == "string_agg", name == "unnest", name == "set_config", name == "current_setting", strings.HasPrefix(name, "to_reg"),
			strings.HasPrefix(name, "pg_get_"), strings.HasPrefix(name, "has_"):
		default:
			return true
		}
	}
	return false
}
