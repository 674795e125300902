package main

import (
	pg "github.com/pganalyze/pg_query_go/v5"
	"google.golang.org/protobuf/proto"

	"bloom/catalog"
)

// slot is an expression in a statement: whose it is, and how to ask the server about a text in its place.
type slot struct {
	object     catalog.Object
	path       string
	tree       *pg.Node
	searchPath string
	probe      probe
}

// slots lists the expressions of a statement that has been run.
func (c *collector) slots(n *pg.Node) []slot {
	switch x := n.Node.(type) {
	case *pg.Node_CreateStmt:
		return c.tableSlots(x.CreateStmt)
	case *pg.Node_AlterTableStmt:
		return c.alterSlots(x.AlterTableStmt)
	case *pg.Node_IndexStmt:
		return c.indexSlots(x.IndexStmt)
	case *pg.Node_CreatePolicyStmt:
		return c.policySlots(x.CreatePolicyStmt)
	case *pg.Node_CreateTrigStmt:
		return c.triggerSlots(x.CreateTrigStmt)
	case *pg.Node_ViewStmt:
		return c.viewSlots(x.ViewStmt.View, x.ViewStmt.Query, x.ViewStmt.Aliases, false)
	case *pg.Node_CreateTableAsStmt:
		if x.CreateTableAsStmt.Objtype == pg.ObjectType_OBJECT_MATVIEW {
			return c.viewSlots(x.CreateTableAsStmt.Into.Rel, x.CreateTableAsStmt.Query, x.CreateTableAsStmt.Into.ColNames, true)
		}
	case *pg.Node_CreateFunctionStmt:
		return c.functionSlots(x.CreateFunctionStmt)
	case *pg.Node_CreateDomainStmt:
		return c.domainSlots(x.CreateDomainStmt)
	case *pg.Node_CreateStatsStmt:
		return c.statisticsSlots(x.CreateStatsStmt)
	case *pg.Node_CreatePublicationStmt:
		return c.publicationSlots(x.CreatePublicationStmt)
	case *pg.Node_RuleStmt:
		return c.ruleSlots(x.RuleStmt)
	}
	return nil
}

// relation finds the schema of a relation that a statement names.
func (c *collector) relation(v *pg.RangeVar) (schema, name string) {
	if v.Schemaname != "" {
		return v.Schemaname, v.Relname
	}
	return c.value("SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)", catalog.Quote(v.Relname)), v.Relname
}

func (c *collector) tableSlots(x *pg.CreateStmt) []slot {
	schema, table := c.relation(x.Relation)
	if schema == "" || x.Relation.Relpersistence == "t" {
		return nil
	}
	var out []slot
	for _, el := range x.TableElts {
		out = append(out, c.elementSlots(schema, table, el)...)
	}
	if x.Partbound != nil && len(x.InhRelations) == 1 {
		ps, pn := c.relation(x.InhRelations[0].GetRangeVar())
		o := catalog.Table{Schema: schema, Name: table}
		o.PartitionOf.Parent = catalog.QName{Schema: ps, Name: pn}
		out = append(out, slot{
			object: o, path: "PartitionOf.Bound", tree: &pg.Node{Node: &pg.Node_PartitionBoundSpec{PartitionBoundSpec: x.Partbound}},
			probe: probe{read: "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = to_regclass('" + qualified(schema, table) + "')"},
		})
	}
	return out
}

func (c *collector) elementSlots(schema, table string, el *pg.Node) []slot {
	if d := el.GetColumnDef(); d != nil {
		var out []slot
		for _, k := range d.Constraints {
			out = append(out, c.constraintSlots(schema, table, d.Colname, k.GetConstraint())...)
		}
		return out
	}
	return c.constraintSlots(schema, table, "", el.GetConstraint())
}

func (c *collector) constraintSlots(schema, table, column string, k *pg.Constraint) []slot {
	if k != nil && k.Contype == pg.ConstrType_CONSTR_EXCLUSION && k.Conname != "" {
		return c.exclusionSlots(schema, table, k)
	}
	if k == nil || k.RawExpr == nil {
		return nil
	}
	t := qualified(schema, table)
	switch k.Contype {
	case pg.ConstrType_CONSTR_CHECK:
		return []slot{{
			object: catalog.Constraint{Schema: schema, Table: table, Name: "probe", Type: catalog.Check}, path: "Check", tree: k.RawExpr,
			probe: probe{"ALTER TABLE " + t + " ADD CONSTRAINT zz_probe CHECK (", ") NOT VALID",
				"SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'zz_probe'"},
		}}
	case pg.ConstrType_CONSTR_DEFAULT:
		return []slot{c.defaultSlot(schema, table, column, k.RawExpr)}
	case pg.ConstrType_CONSTR_GENERATED:
		typ := c.columnType(schema, table, column)
		return []slot{{
			object: catalog.Column{Schema: schema, Table: table, Name: column, Type: catalog.Type(typ)}, path: "Generated", tree: k.RawExpr,
			probe: probe{"ALTER TABLE " + t + " ADD COLUMN zz_probe " + typ + " GENERATED ALWAYS AS (", ") STORED", defaultText(t, "zz_probe")},
		}}
	}
	return nil
}

func (c *collector) columnType(schema, table, column string) string {
	return c.bare(`SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2`,
		qualified(schema, table), column)
}

func (c *collector) defaultSlot(schema, table, column string, tree *pg.Node) slot {
	t := qualified(schema, table)
	return slot{
		object: catalog.Default{Schema: schema, Table: table, Column: column}, path: "Expr", tree: tree,
		probe: probe{"ALTER TABLE " + t + " ALTER COLUMN " + catalog.Quote(column) + " SET DEFAULT (", ")", defaultText(t, column)},
	}
}

func defaultText(table, column string) string {
	return "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum WHERE adrelid = to_regclass(" +
		catalog.QuoteLiteral(table) + ") AND attname = " + catalog.QuoteLiteral(column)
}

func (c *collector) alterSlots(x *pg.AlterTableStmt) []slot {
	schema, table := c.relation(x.Relation)
	if schema == "" || x.Objtype != pg.ObjectType_OBJECT_TABLE {
		return nil
	}
	var out []slot
	for _, n := range x.Cmds {
		cmd := n.GetAlterTableCmd()
		switch {
		case cmd == nil || cmd.Def == nil:
		case cmd.Subtype == pg.AlterTableType_AT_ColumnDefault:
			out = append(out, c.defaultSlot(schema, table, cmd.Name, cmd.Def))
		case cmd.Subtype == pg.AlterTableType_AT_AddColumn, cmd.Subtype == pg.AlterTableType_AT_AddConstraint:
			out = append(out, c.elementSlots(schema, table, cmd.Def)...)
		}
	}
	return out
}

func (c *collector) indexSlots(x *pg.IndexStmt) []slot {
	schema, table := c.relation(x.Relation)
	if schema == "" {
		return nil
	}
	make_ := func() *pg.IndexStmt {
		s := proto.Clone(x).(*pg.IndexStmt)
		s.Idxname, s.Concurrent, s.IfNotExists, s.Unique = "zz_probe", false, false, false
		return s
	}
	var out []slot
	o := catalog.Index{Schema: schema, Table: table, Name: "probe"}
	for i, n := range x.IndexParams {
		if e := n.GetIndexElem(); e != nil && e.Expr != nil {
			s := make_()
			s.IndexParams[i].GetIndexElem().Expr = marker()
			el := o
			el.Elements = make([]catalog.IndexElement, i+1)
			out = append(out, slot{
				object: el, path: "Elements[" + itoa(i) + "].Expr", tree: e.Expr,
				probe: around(s, "SELECT pg_get_indexdef(indexrelid, "+itoa(i+1)+", true) FROM pg_index WHERE indexrelid::regclass::text LIKE '%zz_probe'"),
			})
		}
	}
	if x.WhereClause != nil {
		s := make_()
		s.WhereClause = marker()
		out = append(out, slot{
			object: o, path: "Predicate", tree: x.WhereClause,
			probe: around(s, "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid::regclass::text LIKE '%zz_probe'"),
		})
	}
	return out
}

func (c *collector) policySlots(x *pg.CreatePolicyStmt) []slot {
	schema, table := c.relation(x.Table)
	if schema == "" {
		return nil
	}
	var out []slot
	o := catalog.Policy{Schema: schema, Table: table, Name: "probe"}
	t := qualified(schema, table)
	if x.Qual != nil {
		out = append(out, slot{object: o, path: "Using", tree: x.Qual, probe: probe{
			"CREATE POLICY zz_probe ON " + t + " USING (", ")", "SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polname = 'zz_probe'",
		}})
	}
	if x.WithCheck != nil {
		out = append(out, slot{object: o, path: "WithCheck", tree: x.WithCheck, probe: probe{
			"CREATE POLICY zz_probe ON " + t + " FOR INSERT WITH CHECK (", ")", "SELECT pg_get_expr(polwithcheck, polrelid) FROM pg_policy WHERE polname = 'zz_probe'",
		}})
	}
	return out
}

func (c *collector) triggerSlots(x *pg.CreateTrigStmt) []slot {
	schema, table := c.relation(x.Relation)
	if x.WhenClause == nil || schema == "" {
		return nil
	}
	s := proto.Clone(x).(*pg.CreateTrigStmt)
	s.Trigname, s.Replace = "zz_probe", false
	s.Relation.Schemaname = schema
	s.WhenClause = marker()
	p := around(s, "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'zz_probe'")
	return []slot{{object: catalog.Trigger{Schema: schema, Table: table, Name: "probe"}, path: "When", tree: x.WhenClause, probe: p}}
}

func (c *collector) viewSlots(v *pg.RangeVar, query *pg.Node, aliases []*pg.Node, materialized bool) []slot {
	schema, _ := c.relation(v)
	if schema == "" || v.Relpersistence == "t" {
		return nil
	}
	o := catalog.View{Schema: schema, Name: "zz_probe", Materialized: materialized}
	names := ""
	for i, a := range aliases {
		name := a.GetString_().GetSval()
		o.Columns = append(o.Columns, catalog.ViewColumn{Name: name})
		if i > 0 {
			names += ", "
		}
		names += catalog.Quote(name)
	}
	if names != "" {
		names = " (" + names + ")"
	}
	return []slot{{object: o, path: "Query", tree: query, probe: probe{
		"CREATE VIEW " + qualified(schema, "zz_probe") + names + " AS ", "", "SELECT pg_get_viewdef('" + qualified(schema, "zz_probe") + "'::regclass)",
	}}}
}

func (c *collector) functionSlots(x *pg.CreateFunctionStmt) []slot {
	var out []slot
	o := catalog.Routine{Schema: "public", Name: "zz_probe", Procedure: x.IsProcedure}
	named := proto.Clone(x).(*pg.CreateFunctionStmt)
	schema := "public"
	if len(x.Funcname) > 1 {
		schema = x.Funcname[0].GetString_().GetSval()
	} else if s := c.value("SELECT current_schema()"); s != "" {
		schema = s
	}
	o.Schema = schema
	for _, p := range x.Parameters {
		f := p.GetFunctionParameter()
		t := c.typeText(f.ArgType)
		mode := map[pg.FunctionParameterMode]string{
			pg.FunctionParameterMode_FUNC_PARAM_OUT: "out", pg.FunctionParameterMode_FUNC_PARAM_INOUT: "inout",
			pg.FunctionParameterMode_FUNC_PARAM_VARIADIC: "variadic", pg.FunctionParameterMode_FUNC_PARAM_TABLE: "table",
		}[f.Mode]
		o.Params = append(o.Params, catalog.Param{Name: f.Name, Mode: mode, Type: catalog.Type(t).Base()})
	}
	for i, p := range x.Parameters {
		f := p.GetFunctionParameter()
		if f.Defexpr == nil {
			continue
		}
		out = append(out, slot{object: o, path: "Params[" + itoa(i) + "].Default", tree: f.Defexpr, probe: probe{
			"CREATE FUNCTION " + qualified(schema, "zz_probe") + "(a " + string(o.Params[i].Type) + " DEFAULT (", ")) RETURNS void LANGUAGE sql AS ''",
			"SELECT pg_get_function_arg_default(oid, 1) FROM pg_proc WHERE proname = 'zz_probe'",
		}})
	}
	if x.SqlBody != nil {
		named.Funcname = []*pg.Node{str(schema), str("zz_probe")}
		named.SqlBody = nil
		create := deparse(named)
		out = append(out, slot{object: o, path: "SQLBody", tree: x.SqlBody, probe: probe{
			create + " ", "", "SELECT pg_get_function_sqlbody(oid) FROM pg_proc WHERE proname = 'zz_probe'",
		}})
	}
	return out
}

// typeText is a type as format_type prints it.
func (c *collector) typeText(t *pg.TypeName) string {
	cast := &pg.Node{Node: &pg.Node_TypeCast{TypeCast: &pg.TypeCast{Arg: nullNode(), TypeName: t}}}
	oid := c.value("SELECT pg_typeof(" + deparseExpr(cast) + ")::oid::text")
	return c.bare("SELECT format_type($1::text::oid, NULL)", oid)
}

func (c *collector) domainSlots(x *pg.CreateDomainStmt) []slot {
	names := x.Domainname
	name := names[len(names)-1].GetString_().GetSval()
	schema := ""
	if len(names) > 1 {
		schema = names[0].GetString_().GetSval()
	} else {
		schema = c.value("SELECT n.nspname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = to_regtype($1)", catalog.Quote(name))
	}
	d := qualified(schema, name)
	base := catalog.Type(c.bare("SELECT format_type(typbasetype, typtypmod) FROM pg_type WHERE oid = to_regtype($1)", d))
	var out []slot
	for _, n := range x.Constraints {
		k := n.GetConstraint()
		switch {
		case k == nil || k.RawExpr == nil:
		case k.Contype == pg.ConstrType_CONSTR_CHECK:
			out = append(out, slot{object: catalog.DomainConstraint{Schema: schema, Domain: name, Name: "probe"}, path: "Check", tree: k.RawExpr, probe: probe{
				"ALTER DOMAIN " + d + " ADD CONSTRAINT zz_probe CHECK (", ") NOT VALID", "SELECT pg_get_expr(conbin, 0) FROM pg_constraint WHERE conname = 'zz_probe'",
			}})
		case k.Contype == pg.ConstrType_CONSTR_DEFAULT:
			out = append(out, slot{object: catalog.Domain{Schema: schema, Name: name, Base: base}, path: "Default", tree: k.RawExpr, probe: probe{
				"ALTER DOMAIN " + d + " SET DEFAULT (", ")", "SELECT typdefault FROM pg_type WHERE oid = '" + d + "'::regtype",
			}})
		}
	}
	return out
}

func (c *collector) ruleSlots(x *pg.RuleStmt) []slot {
	schema, table := c.relation(x.Relation)
	if schema == "" {
		return nil
	}
	s := proto.Clone(x).(*pg.RuleStmt)
	s.Rulename, s.Replace = "zz_probe", false
	return []slot{{object: catalog.Rule{Schema: schema, Table: table, Name: "probe"}, path: "Definition", tree: &pg.Node{Node: &pg.Node_RuleStmt{RuleStmt: s}}, probe: probe{
		"", "", "SELECT pg_get_ruledef(oid) FROM pg_rewrite WHERE rulename = 'zz_probe'",
	}}}
}
