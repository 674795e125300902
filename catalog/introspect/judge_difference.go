package introspect

import (
	"errors"
	"strconv"

	"bloom/catalog"
)

// withNames gives a view's query the names of the view's columns: those in a
// column list, or given later, are not in the query. Of another object's value it
// marks the conversions that are not printed.
func withNames(query *treeNode, o catalog.Object) (*treeNode, error) {
	v, ok := o.(catalog.View)
	if !ok || len(v.Columns) == 0 {
		return markUnwritten(query), nil
	}
	list := query.field("targetList")
	if !list.isList() {
		return nil, errShape("target list")
	}
	named := &treeNode{tag: "("}
	next := 0
	for _, entry := range list.items {
		if entry.value("resjunk") == "false" && next < len(v.Columns) {
			entry = entry.copy()
			entry.set("resname", &treeNode{atom: strconv.Quote(v.Columns[next].Name)})
			next++
		} else if r := entry.field("resname"); r != nil && r.atom != "<>" {
			entry = entry.copy()
			entry.set("resname", &treeNode{atom: strconv.Quote(unescape(r.atom))})
		}
		named.items = append(named.items, entry)
	}
	if next < len(v.Columns) {
		return nil, errors.New("the view has more column names than its query has columns")
	}
	query = query.copy()
	query.set("targetList", named)
	return query, nil
}

// unescape reads a word as outToken wrote it.
func unescape(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}

// difference says, for people, where two trees differ first.
func difference(current, desired *treeNode) string {
	what := firstDifference(current, desired, "")
	if what == "" {
		what = "something"
	}
	return "the server reads the two texts differently: " + what
}

// firstDifference walks both trees; in is the tag of the node around them.
func firstDifference(a, b *treeNode, in string) string {
	switch {
	case a.tag != b.tag:
		return namedNode(a) + " on the server, " + namedNode(b) + " declared"
	case a.tag == "":
		return ""
	case a.isList():
		for i := range min(len(a.items), len(b.items)) {
			if d := differenceAt(a.items[i], b.items[i], in, ""); d != "" {
				return d
			}
		}
		if len(a.items) != len(b.items) {
			return strconv.Itoa(len(a.items)) + " parts of " + namedTag(in) + " on the server, " + strconv.Itoa(len(b.items)) + " declared"
		}
		return ""
	}
	for i := range min(len(a.fields), len(b.fields)) {
		if d := differenceAt(a.fields[i].value, b.fields[i].value, a.tag, a.fields[i].name); d != "" {
			return d
		}
	}
	return ""
}

func differenceAt(a, b *treeNode, in, field string) string {
	if a.equal(b) {
		return ""
	}
	if d := firstDifference(a, b, in); d != "" {
		return d
	}
	if field == "resname" {
		return "column " + a.atom + " on the server, " + b.atom + " declared"
	}
	return "another " + namedTag(in)
}

func namedNode(n *treeNode) string {
	if n.tag == "" {
		return "nothing"
	}
	return namedTag(n.tag)
}

// tagNames are words for the nodes that people know.
var tagNames = map[string]string{
	"VAR": "column", "CONST": "constant", "FUNCEXPR": "function", "OPEXPR": "operator", "SCALARARRAYOPEXPR": "IN or ANY",
	"BOOLEXPR": "AND, OR or NOT", "SUBLINK": "sub-select", "CASEEXPR": "CASE", "CASEWHEN": "WHEN", "COALESCEEXPR": "COALESCE", "NULLTEST": "IS NULL",
	"BOOLEANTEST": "IS TRUE", "RELABELTYPE": "cast", "COERCEVIAIO": "cast", "ARRAYCOERCEEXPR": "cast", "COERCETODOMAIN": "cast",
	"COLLATEEXPR": "COLLATE", "ARRAYEXPR": "ARRAY", "ROWEXPR": "ROW", "AGGREF": "aggregate", "WINDOWFUNC": "window function",
	"DISTINCTEXPR": "IS DISTINCT FROM", "NULLIFEXPR": "NULLIF", "MINMAXEXPR": "GREATEST or LEAST", "RANGETBLENTRY": "relation in FROM",
	"JOINEXPR": "join", "TARGETENTRY": "output column", "SORTGROUPCLAUSE": "ORDER BY or GROUP BY", "QUERY": "query",
	"COMMONTABLEEXPR": "WITH", "SUBSCRIPTINGREF": "subscript", "FIELDSELECT": "field", "SQLVALUEFUNCTION": "CURRENT_… value",
	"COERCETODOMAINVALUE": "VALUE", "FROMEXPR": "FROM or WHERE", "(": "list",
}

func namedTag(tag string) string {
	if name, ok := tagNames[tag]; ok {
		return name
	}
	return tag
}
