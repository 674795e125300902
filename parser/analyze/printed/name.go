package printed

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// keywords are PostgreSQL 16's key words that are not names everywhere: as names, servers print them in quotes.
var keywords = wordSet(`all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case
	cast char character check coalesce collate collation column concurrently constraint create cross current_catalog current_date
	current_role current_schema current_time current_timestamp current_user dec decimal default deferrable desc distinct do else end
	except exists extract false fetch float for foreign freeze from full grant greatest group grouping having ilike in initially
	inner inout int integer intersect interval into is isnull join json_array json_arrayagg json_object json_objectagg lateral leading
	least left like limit localtime localtimestamp national natural nchar none normalize not notnull null nullif numeric offset on only
	or order out outer overlaps overlay placing position precision primary real references returning right row select session_user
	setof similar smallint some substring symmetric system_user table tablesample then time timestamp to trailing treat trim true union
	unique user using values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest
	xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable`)

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// columnOrSchema reads a name that is no key word; empty if there is none.
func (r *reader) columnOrSchema() string {
	t := r.tokens[r.i]
	if t.kind != quoted && (t.kind != name || keywords[t.text]) {
		return ""
	}
	r.i++
	return t.text
}

// path reads a qualified name.
func (r *reader) path() []*pg.Node {
	first := r.columnOrSchema()
	if first == "" {
		return nil
	}
	if !r.at(dot) {
		return names(first)
	}
	var parts [4]string
	parts[0] = first
	n := 1
	for r.take(dot) {
		t := r.next()
		if t.kind != name && t.kind != quoted || n == len(parts) {
			return nil
		}
		parts[n] = t.text
		n++
	}
	return names(parts[:n]...)
}

// named reads what begins with a name: a column, a call, or syntax of its own.
func (r *reader) named(t token) *pg.Node {
	if t.kind == name && keywords[t.text] {
		r.i++
		return r.keyword(t)
	}
	path := r.path()
	if path == nil {
		return nil
	}
	if !r.take(open) {
		return r.subscripted(columnRef(path, t.at))
	}
	if len(path) > 3 || t.kind == name && t.text == "operator" {
		return nil
	}
	if r.at(sign) && r.tokens[r.i].text == "*" && r.tokens[r.i+1].kind == closed {
		r.i += 2
		f := funcCall(path, nil, pg.CoercionForm_COERCE_EXPLICIT_CALL, t.at)
		f.GetFuncCall().AggStar = true
		return r.called(f)
	}
	args, ok := r.list(closed)
	if !ok {
		return nil
	}
	return r.called(funcCall(path, args, pg.CoercionForm_COERCE_EXPLICIT_CALL, t.at))
}

// called gives up on calls that are more than a name and arguments.
func (r *reader) called(f *pg.Node) *pg.Node {
	if r.isWord("filter") || r.isWord("over") || r.isWord("within") {
		return nil
	}
	return f
}

// keyword reads the expressions that begin with a key word.
func (r *reader) keyword(t token) *pg.Node {
	switch t.text {
	case "null":
		return nullConst(t.at)
	case "true", "false":
		return boolConst(t.text == "true", t.at)
	case "case":
		return r.caseExpr(t.at)
	case "exists":
		if sub := r.subselect(); sub != nil {
			return subLink(pg.SubLinkType_EXISTS_SUBLINK, nil, nil, sub, t.at)
		}
		return nil
	case "array":
		return r.array(t.at)
	}
	if op, ok := valueFunctions[t.text]; ok {
		if r.at(open) {
			return nil
		}
		return &pg.Node{Node: &pg.Node_SqlvalueFunction{SqlvalueFunction: &pg.SQLValueFunction{Op: op, Typmod: -1, Location: t.at}}}
	}
	switch t.text {
	case "coalesce", "greatest", "least", "nullif", "row":
		if !r.take(open) {
			return nil
		}
		if args, ok := r.list(closed); ok {
			return common(t, args)
		}
	}
	return nil
}

// common are the calls that have a grammar rule each.
func common(t token, args []*pg.Node) *pg.Node {
	if len(args) == 0 && t.text != "row" {
		return nil
	}
	switch t.text {
	case "coalesce":
		return &pg.Node{Node: &pg.Node_CoalesceExpr{CoalesceExpr: &pg.CoalesceExpr{Args: args, Location: t.at}}}
	case "greatest":
		return &pg.Node{Node: &pg.Node_MinMaxExpr{MinMaxExpr: &pg.MinMaxExpr{Op: pg.MinMaxOp_IS_GREATEST, Args: args, Location: t.at}}}
	case "least":
		return &pg.Node{Node: &pg.Node_MinMaxExpr{MinMaxExpr: &pg.MinMaxExpr{Op: pg.MinMaxOp_IS_LEAST, Args: args, Location: t.at}}}
	case "row":
		return &pg.Node{Node: &pg.Node_RowExpr{RowExpr: &pg.RowExpr{Args: args, RowFormat: pg.CoercionForm_COERCE_EXPLICIT_CALL, Location: t.at}}}
	}
	if len(args) != 2 {
		return nil
	}
	return aExpr(pg.A_Expr_Kind_AEXPR_NULLIF, names("="), args[0], args[1], t.at)
}

// array reads what follows ARRAY.
func (r *reader) array(at int32) *pg.Node {
	if r.at(open) {
		if sub := r.subselect(); sub != nil {
			return subLink(pg.SubLinkType_ARRAY_SUBLINK, nil, nil, sub, at)
		}
		return nil
	}
	if !r.take(openIndex) {
		return nil
	}
	elements, ok := r.list(closeIndex)
	if !ok {
		return nil
	}
	return &pg.Node{Node: &pg.Node_AArrayExpr{AArrayExpr: &pg.A_ArrayExpr{Elements: elements, Location: at}}}
}

var valueFunctions = map[string]pg.SQLValueFunctionOp{
	"current_date":      pg.SQLValueFunctionOp_SVFOP_CURRENT_DATE,
	"current_time":      pg.SQLValueFunctionOp_SVFOP_CURRENT_TIME,
	"current_timestamp": pg.SQLValueFunctionOp_SVFOP_CURRENT_TIMESTAMP,
	"localtime":         pg.SQLValueFunctionOp_SVFOP_LOCALTIME,
	"localtimestamp":    pg.SQLValueFunctionOp_SVFOP_LOCALTIMESTAMP,
	"current_role":      pg.SQLValueFunctionOp_SVFOP_CURRENT_ROLE,
	"current_user":      pg.SQLValueFunctionOp_SVFOP_CURRENT_USER,
	"session_user":      pg.SQLValueFunctionOp_SVFOP_SESSION_USER,
	"current_catalog":   pg.SQLValueFunctionOp_SVFOP_CURRENT_CATALOG,
	"current_schema":    pg.SQLValueFunctionOp_SVFOP_CURRENT_SCHEMA,
}
