package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"google.golang.org/protobuf/proto"

	"bloom/catalog"
	"bloom/parser/analyze"
)

func (in *interpreter) createView(n *pg.ViewStmt) error {
	rv := n.GetView()
	if in.temporary(rv) {
		return nil
	}
	q, err := in.creation(rangeName(rv), rv.GetLocation())
	if err != nil {
		return err
	}
	v := catalog.View{Schema: q.Schema, Name: q.Name, Options: pairs(n.GetOptions())}
	switch n.GetWithCheckOption() {
	case pg.ViewCheckOption_LOCAL_CHECK_OPTION:
		v.Options = append(v.Options, "check_option=local")
	case pg.ViewCheckOption_CASCADED_CHECK_OPTION:
		v.Options = append(v.Options, "check_option=cascaded")
	}
	slices.Sort(v.Options)
	v.Query = in.query(n.GetQuery(), rv, [][]string{{"with", "check", "option"}, {"with", "local", "check", "option"}, {"with", "cascaded", "check", "option"}})
	v.Columns = in.viewColumns(n.GetAliases(), n.GetQuery())
	if have, ok := in.c.Lookup(v.ID()).(catalog.View); ok && n.GetReplace() && !have.Materialized {
		if err := in.replaceable(v.ID(), rv.GetLocation()); err != nil {
			return err
		}
		in.freeze(v.ID())
		in.replace(v)
		return nil
	}
	if err := in.free(q, rv.GetLocation()); err != nil {
		return err
	}
	in.put(v)
	in.own(v.ID())
	return in.grantAtCreation(v.ID())
}

// replaceable reports an error if two files define the object: which of them is
// to hold would depend on their order.
func (in *interpreter) replaceable(id catalog.ID, loc int32) error {
	if src := in.c.Source(id); !in.replay && src != nil && src.Pos.File != in.stmt.file.name && !sameText(src.Text, in.src.Text) {
		return in.duplicate(id, loc)
	}
	return nil
}

// query is the text of a view's query: what follows AS, up to one of the clauses
// that can end the statement.
func (in *interpreter) query(n *pg.Node, rv *pg.RangeVar, ends [][]string) catalog.Expr {
	t := in.tokensAt(rv.GetLocation())
	as := t.find(0, "as")
	recursive := in.stmt.tokens.find(0, "recursive")
	if as < 0 || recursive >= 0 && recursive < in.stmt.tokens.find(0, "view") {
		return catalog.Expr{Text: deparse(n), Path: in.stmt.session.path, Pos: in.at(rv.GetLocation())}
	}
	t = t.from(as + 1)
	for _, words := range ends {
		if i := t.len() - len(words); i > 0 && t.are(i, words...) {
			t = t.to(i)
		}
	}
	return in.slice(t)
}

// viewColumns are the names that are known without analysis.
func (in *interpreter) viewColumns(aliases []*pg.Node, query *pg.Node) catalog.ViewColumns {
	var out catalog.ViewColumns
	for _, name := range strs(aliases) {
		out = append(out, catalog.ViewColumn{Name: name})
	}
	return out
}

// createTableAs is CREATE MATERIALIZED VIEW, or CREATE TABLE … AS.
func (in *interpreter) createTableAs(n *pg.CreateTableAsStmt) error {
	into := n.GetInto()
	rv := into.GetRel()
	if in.temporary(rv) {
		return nil
	}
	if n.GetObjtype() != pg.ObjectType_OBJECT_MATVIEW {
		query := in.query(n.GetQuery(), rv, [][]string{{"with", "data"}, {"with", "no", "data"}})
		return in.tableAs(into, query, n.GetIfNotExists())
	}
	q, err := in.creation(rangeName(rv), rv.GetLocation())
	if err != nil {
		return err
	}
	v := catalog.View{
		Schema: q.Schema, Name: q.Name, Materialized: true, Options: pairs(into.GetOptions()), AccessMethod: accessMethod(into.GetAccessMethod()),
		Tablespace: tablespace(into.GetTableSpaceName()), NotPopulated: into.GetSkipData(), Columns: in.viewColumns(into.GetColNames(), n.GetQuery()),
		Query: in.query(n.GetQuery(), rv, [][]string{{"with", "data"}, {"with", "no", "data"}}),
	}
	if skip, err := in.taken(v.ID(), n.GetIfNotExists(), rv.GetLocation()); skip || err != nil {
		return err
	}
	if err := in.free(q, rv.GetLocation()); err != nil {
		return err
	}
	in.put(v)
	in.own(v.ID())
	return in.grantAtCreation(v.ID())
}

func (in *interpreter) selectInto(n *pg.SelectStmt) error {
	rv := n.GetIntoClause().GetRel()
	if in.temporary(rv) {
		return nil
	}
	query := proto.Clone(n).(*pg.SelectStmt)
	query.IntoClause = nil
	text := deparse(&pg.Node{Node: &pg.Node_SelectStmt{SelectStmt: query}})
	return in.tableAs(n.GetIntoClause(), catalog.Expr{Text: text, Path: in.stmt.session.path, Pos: in.at(rv.GetLocation())}, false)
}

// tableAs makes a table with the columns that a query gives out.
func (in *interpreter) tableAs(into *pg.IntoClause, query catalog.Expr, ifNotExists bool) error {
	rv := into.GetRel()
	q, err := in.creation(rangeName(rv), rv.GetLocation())
	if err != nil {
		return err
	}
	b := &newTable{in: in, columns: map[string]*newColumn{}, table: catalog.Table{
		Schema: q.Schema, Name: q.Name, Unlogged: rv.GetRelpersistence() == "u", AccessMethod: accessMethod(into.GetAccessMethod()),
		Tablespace: tablespace(into.GetTableSpaceName()), Options: pairs(withoutOids(into.GetOptions())),
	}}
	if skip, err := in.taken(b.table.ID(), ifNotExists, rv.GetLocation()); skip || err != nil {
		return err
	}
	if err := in.free(q, rv.GetLocation()); err != nil {
		return err
	}
	columns, err := analyze.QueryColumns(in.c, query)
	if err != nil {
		return in.missing(rv.GetLocation(), "what the query of table %q names: %s: it", q, err)
	}
	names := strs(into.GetColNames())
	for i, c := range columns {
		if i < len(names) {
			c.Name = names[i]
		}
		if c.Type == "" {
			return in.errorf(rv.GetLocation(), "the type of column %q of the query is not known", c.Name).hint("write CREATE TABLE with its columns")
		}
		b.add(&newColumn{col: catalog.Column{Schema: q.Schema, Table: q.Name, Name: c.Name, Type: c.Type, Statistics: -1}})
	}
	return b.put(nil)
}

func (in *interpreter) refresh(n *pg.RefreshMatViewStmt) error {
	id, err := in.relation(n.GetRelation())
	if err != nil {
		return err
	}
	if v, ok := in.c.Get(id).(catalog.View); ok {
		v.NotPopulated = n.GetSkipData()
		in.put(v)
	}
	return nil
}

// alterView is ALTER VIEW and ALTER MATERIALIZED VIEW but for name and owner.
func (in *interpreter) alterView(id catalog.ID, cmd *pg.AlterTableCmd, t tokens) error {
	v, ok := in.c.Get(id).(catalog.View)
	if !ok {
		return in.errorf(0, "%s is not the project's to change", id)
	}
	switch cmd.GetSubtype() {
	case pg.AlterTableType_AT_SetRelOptions:
		v.Options = withPairs(v.Options, cmd.GetDef().GetList().GetItems(), false)
	case pg.AlterTableType_AT_ResetRelOptions:
		v.Options = withPairs(v.Options, cmd.GetDef().GetList().GetItems(), true)
	case pg.AlterTableType_AT_SetAccessMethod:
		v.AccessMethod = accessMethod(cmd.GetName())
	case pg.AlterTableType_AT_SetTableSpace:
		v.Tablespace = tablespace(cmd.GetName())
	case pg.AlterTableType_AT_ClusterOn:
		v.ClusterOn = cmd.GetName()
	case pg.AlterTableType_AT_DropCluster:
		v.ClusterOn = ""
	case pg.AlterTableType_AT_ColumnDefault:
		d := catalog.Default{Schema: v.Schema, Table: v.Name, Column: cmd.GetName()}
		var own tokens
		if i := t.find(0, "set", "default"); i >= 0 {
			own = t.from(i + 2)
		}
		if d.Expr = in.defaultExpr(cmd.GetDef(), own, v.Columns.Type(cmd.GetName())); d.Expr.IsZero() {
			in.remove(d.ID())
		} else {
			in.put(d)
		}
		return nil
	default:
		return in.unsupported(0, "ALTER VIEW … %s", strings.TrimPrefix(cmd.GetSubtype().String(), "AT_"))
	}
	in.put(v)
	return nil
}

// alterSequenceTable is what ALTER SEQUENCE shares with ALTER TABLE.
func (in *interpreter) alterSequenceTable(id catalog.ID, cmd *pg.AlterTableCmd) error {
	s, ok := in.c.Get(id).(catalog.Sequence)
	if !ok {
		return in.errorf(0, "%s is not the project's to change", id)
	}
	switch cmd.GetSubtype() {
	case pg.AlterTableType_AT_SetLogged, pg.AlterTableType_AT_SetUnLogged:
		s.Unlogged = cmd.GetSubtype() == pg.AlterTableType_AT_SetUnLogged
	default:
		return in.unsupported(0, "ALTER SEQUENCE … %s", strings.TrimPrefix(cmd.GetSubtype().String(), "AT_"))
	}
	in.put(s)
	return nil
}
