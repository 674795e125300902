package split

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"bloom/catalog"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// CreatesIndex is what CREATE INDEX CONCURRENTLY makes. The index is in the
// schema of its table, whose name may be all that is known.
func (s Statement) CreatesIndex() (index string, table catalog.QName, ok bool) {
	n := s.node.GetIndexStmt()
	if n == nil || !n.GetConcurrent() {
		return "", catalog.QName{}, false
	}
	return n.GetIdxname(), qname(n.GetRelation()), true
}

// IfNotExists says whether a CREATE INDEX lets an existing one stand.
func (s Statement) IfNotExists() bool { return s.node.GetIndexStmt().GetIfNotExists() }

// DropsIndexes are the indexes of DROP INDEX CONCURRENTLY.
func (s Statement) DropsIndexes() (names []catalog.QName, ok bool) {
	n := s.node.GetDropStmt()
	if n == nil || n.GetRemoveType() != pg.ObjectType_OBJECT_INDEX || !n.GetConcurrent() {
		return nil, false
	}
	for _, object := range n.GetObjects() {
		items := object.GetList().GetItems()
		var name catalog.QName
		if k := len(items); k > 0 {
			name.Name = items[k-1].GetString_().GetSval()
			if k > 1 {
				name.Schema = items[k-2].GetString_().GetSval()
			}
		}
		names = append(names, name)
	}
	return names, true
}

// Detaches are the tables of ALTER TABLE … DETACH PARTITION … CONCURRENTLY.
func (s Statement) Detaches() (table, partition catalog.QName, ok bool) {
	n := s.node.GetAlterTableStmt()
	for _, c := range n.GetCmds() {
		if p := c.GetAlterTableCmd().GetDef().GetPartitionCmd(); p.GetConcurrent() {
			return qname(n.GetRelation()), qname(p.GetName()), true
		}
	}
	return table, partition, false
}

// Makes is the database, tablespace or subscription that a statement makes or
// drops, as the query that finds it.
func (s Statement) Makes() (query, name string, drop, ok bool) {
	const database, tablespace, subscription = "SELECT FROM pg_database WHERE datname = $1",
		"SELECT FROM pg_tablespace WHERE spcname = $1",
		"SELECT FROM pg_subscription WHERE subname = $1 AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
	switch n := s.node.GetNode().(type) {
	case *pg.Node_CreatedbStmt:
		return database, n.CreatedbStmt.GetDbname(), false, true
	case *pg.Node_DropdbStmt:
		return database, n.DropdbStmt.GetDbname(), true, true
	case *pg.Node_CreateTableSpaceStmt:
		return tablespace, n.CreateTableSpaceStmt.GetTablespacename(), false, true
	case *pg.Node_DropTableSpaceStmt:
		return tablespace, n.DropTableSpaceStmt.GetTablespacename(), true, true
	case *pg.Node_CreateSubscriptionStmt:
		return subscription, n.CreateSubscriptionStmt.GetSubname(), false, true
	case *pg.Node_DropSubscriptionStmt:
		return subscription, n.DropSubscriptionStmt.GetSubname(), true, true
	}
	return "", "", false, false
}

// AddsValue is the label that ALTER TYPE … ADD VALUE adds. It can't be used in
// the transaction that added it.
func (s Statement) AddsValue() (label string, ok bool) {
	n := s.node.GetAlterEnumStmt()
	if n == nil || n.GetOldVal() != "" {
		return "", false
	}
	return n.GetNewVal(), true
}

var batchLine = regexp.MustCompile(`(?m)^--[ \t]*bloom:batches ([1-9][0-9]{0,6})[ \t]*$`)

// Batches is the table of an UPDATE that is to be done in batches, and how many of its
// pages at a time; what bloom diff writes above it says so.
func (s Statement) Batches() (table catalog.QName, pages int, ok bool) {
	m := batchLine.FindStringSubmatch(s.Text)
	n := s.node.GetUpdateStmt()
	if m == nil || n.GetWhereClause() == nil || n.GetWhereClause().GetBoolExpr().GetBoolop() == pg.BoolExprType_OR_EXPR || len(n.GetFromClause())+len(n.GetReturningList()) > 0 || n.GetRelation().GetAlias() != nil {
		return catalog.QName{}, 0, false
	}
	pages, err := strconv.Atoi(m[1])
	return qname(n.GetRelation()), pages, err == nil
}

// SetsSession says whether it is a SET or RESET that lasts longer than a transaction.
func (s Statement) SetsSession() bool {
	n := s.node.GetVariableSetStmt()
	return n != nil && !n.GetIsLocal() && n.GetName() != "TRANSACTION"
}

// Mentions says whether the text has a string of this value.
func (s Statement) Mentions(value string) bool {
	return strings.Contains(s.Text, strings.ReplaceAll(value, "'", "''"))
}

func qname(r *pg.RangeVar) catalog.QName {
	return catalog.QName{Schema: r.GetSchemaname(), Name: r.GetRelname()}
}

// Words are a text's tokens without comments and letter case, for finding out
// whether two texts say the same. (pg_query's fingerprint leaves out constants,
// so that a changed default would go unseen.)
func Words(text string) string {
	text = strings.TrimPrefix(text, byteOrderMark)
	result, err := pg.Scan(text)
	if err != nil {
		return text
	}
	var b strings.Builder
	for _, token := range result.GetTokens() {
		if isComment(token) || token.GetToken() == pg.Token_ASCII_59 {
			continue
		}
		word := text[token.GetStart():token.GetEnd()]
		if token.GetToken() != pg.Token_SCONST && token.GetToken() != pg.Token_USCONST && word[0] != '"' {
			word = strings.ToLower(word)
		}
		fmt.Fprintf(&b, "%d:%s ", len(word), word)
	}
	return b.String()
}

// WithoutConstants is a query without comments and without what a user put
// into it, for showing to others; empty where these can't be told apart.
func WithoutConstants(query string) string {
	result, err := pg.Scan(query)
	if err != nil {
		return ""
	}
	var words []string
	for _, token := range result.GetTokens() {
		switch token.GetToken() {
		case pg.Token_SQL_COMMENT, pg.Token_C_COMMENT:
		case pg.Token_SCONST, pg.Token_USCONST, pg.Token_BCONST, pg.Token_XCONST, pg.Token_ICONST, pg.Token_FCONST:
			words = append(words, "?")
		default:
			words = append(words, query[token.GetStart():token.GetEnd()])
		}
	}
	return strings.Join(words, " ")
}

// TouchesRows says whether the statement is about rows, or does what only running
// it can tell, rather than about the schema.
func (s Statement) TouchesRows() bool {
	switch n := s.node.GetNode().(type) {
	case *pg.Node_InsertStmt, *pg.Node_UpdateStmt, *pg.Node_DeleteStmt, *pg.Node_MergeStmt, *pg.Node_TruncateStmt,
		*pg.Node_CopyStmt, *pg.Node_CallStmt, *pg.Node_RefreshMatViewStmt:
		return true
	case *pg.Node_DoStmt:
		return lookInto(n.DoStmt).rows
	case *pg.Node_SelectStmt:
		return n.SelectStmt.GetIntoClause() == nil
	}
	return false
}
