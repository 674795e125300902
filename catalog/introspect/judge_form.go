package introspect

import (
	"fmt"

	"bloom/catalog"
)

// The forms of statement that texts are put into. A text may end in a comment,
// so what comes after it is on a line of its own. Nothing of this is run.

func where(from string) func(string) string {
	return func(text string) string { return "SELECT 1 FROM " + from + " WHERE (" + text + "\n)" }
}

func selectFrom(from string) func(string) string {
	return func(text string) string { return "SELECT (" + text + "\n) FROM " + from }
}

func insertInto(rel catalog.QName, column string) func(string) string {
	return func(text string) string {
		return "INSERT INTO " + rel.SQL() + " (" + catalog.Quote(column) + ") VALUES ((" + text + "\n))"
	}
}

func assignTo(rel catalog.QName, column string) func(string) string {
	return func(text string) string {
		return "UPDATE ONLY " + rel.SQL() + " SET " + catalog.Quote(column) + " = (" + text + "\n)"
	}
}

func xmlTable(t catalog.Type) func(string) string {
	return func(text string) string {
		return "SELECT 1 FROM XMLTABLE('/' PASSING (NULL::xml) COLUMNS c " + string(t) + " DEFAULT (" + text + "\n))"
	}
}

// Where the text is found again in the statement's tree.

func errShape(what string) error { return fmt.Errorf("the server's tree has no %s", what) }

func quals(query *treeNode) (*treeNode, error) {
	q := query.field("jointree").field("quals")
	if q == nil || q.tag == "" {
		return nil, errShape("WHERE")
	}
	return q, nil
}

func firstTarget(query *treeNode) (*treeNode, error) {
	list := query.field("targetList")
	if !list.isList() || len(list.items) != 1 || list.items[0].tag != "TARGETENTRY" || list.items[0].field("expr") == nil {
		return nil, errShape("single value")
	}
	return list.items[0].field("expr"), nil
}

func tableFuncDefault(query *treeNode) (*treeNode, error) {
	tables := query.field("rtable")
	if !tables.isList() || len(tables.items) != 1 {
		return nil, errShape("single table")
	}
	defaults := tables.items[0].field("tablefunc").field("coldefexprs")
	if !defaults.isList() || len(defaults.items) != 1 {
		return nil, errShape("single default")
	}
	return defaults.items[0], nil
}

// domainQuals puts VALUE in where the column that stands for it is.
func domainQuals(query *treeNode) (*treeNode, error) {
	q, err := quals(query)
	if err != nil {
		return nil, err
	}
	return mapTree(q, func(n *treeNode) *treeNode {
		if n.tag != "VAR" || n.value("varno") != "1" || n.value("varattno") != "1" || n.value("varlevelsup") != "0" {
			return n
		}
		return &treeNode{tag: "COERCETODOMAINVALUE", fields: []treeField{
			{"typeId", n.field("vartype")}, {"typeMod", n.field("vartypmod")}, {"collation", n.field("varcollid")},
		}}
	}), nil
}

// mapTree replaces nodes, from the leaves up. It changes n.
func mapTree(n *treeNode, f func(*treeNode) *treeNode) *treeNode {
	for i, item := range n.items {
		n.items[i] = mapTree(item, f)
	}
	for i := range n.fields {
		n.fields[i].value = mapTree(n.fields[i].value, f)
	}
	if n.tag == "" || n.tag == "(" {
		return n
	}
	return f(n)
}
