package analyze

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// result is an analysed expression.
type result struct {
	node     node
	columns  []field // of a query
	troubles []trouble
	refs     []catalog.ID // in no particular order

	spellings []spelling
}

// analyze analyses a parsed expression in the context that its object and field give it.
func (e *env) analyze(src source, n *pg.Node) result {
	a := newAnalyzer(e, src.expr.Path)
	q := &query{}
	tree := a.inContext(src, n, q)
	return result{node: tree, columns: q.fields(), troubles: a.troubles, refs: a.references(src.object.ID()), spellings: a.spellings}
}

// resultKey is what the meaning of an expression depends on, if that is not the whole object.
type resultKey struct {
	kind                catalog.Kind
	schema, table, name string
	element             bool
	text, path          string
}

func (s source) key() (k resultKey, ok bool) {
	k = resultKey{text: s.expr.Text, path: s.expr.Path}
	switch o := s.object.(type) {
	case catalog.Default:
		k.kind, k.schema, k.table, k.name = catalog.KindDefault, o.Schema, o.Table, o.Column
	case catalog.Constraint:
		k.kind, k.schema, k.table, k.element = catalog.KindConstraint, o.Schema, o.Table, strings.HasPrefix(s.path, "Elements[")
	case catalog.Index:
		k.kind, k.schema, k.table, k.element = catalog.KindIndex, o.Schema, o.Table, strings.HasPrefix(s.path, "Elements[")
	case catalog.Policy:
		k.kind, k.schema, k.table = catalog.KindPolicy, o.Schema, o.Table
	case catalog.Trigger:
		k.kind, k.schema, k.table = catalog.KindTrigger, o.Schema, o.Table
	case catalog.View:
		k.kind, k.schema, k.name = catalog.KindView, o.Schema, o.Name
	default:
		return k, false
	}
	return k, true
}

// analyzeKept is analyze for the declared side, which asks again when it is compared.
// Places of troubles count from the start of the expression.
func (e *env) analyzeKept(src source, p parsed) result {
	analyze := func() result {
		r := e.analyze(src, p.tree)
		for i := range r.troubles {
			r.troubles[i].at -= int32(p.start)
		}
		return r
	}
	k, ok := src.key()
	if !ok {
		return analyze()
	}
	return e.kept.results.get(k, analyze)
}

// found returns the result that analyzeKept had.
func (e *env) found(src source) (result, bool) {
	k, ok := src.key()
	if !ok {
		return result{}, false
	}
	return e.kept.results.find(k)
}

// references are the objects referred to, without those that others of them imply, and without parts of the object itself.
func (a *analyzer) references(of catalog.ID) []catalog.ID {
	for _, id := range slices.Clone(a.refs.list()) {
		if id.Kind == catalog.KindColumn {
			a.refs.remove(catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table})
			a.refs.remove(catalog.ID{Kind: catalog.KindView, Schema: id.Schema, Name: id.Table})
			if of.Kind == catalog.KindTable && of.Schema == id.Schema && of.Name == id.Table {
				a.refs.remove(id)
			}
		}
	}
	for _, id := range a.rowTypes.list() {
		a.refs.add(id)
	}
	a.refs.remove(of)
	return a.refs.list()
}

// inContext chooses what names mean and what type is wanted. A query leaves its columns in out.
func (a *analyzer) inContext(src source, n *pg.Node, out *query) node {
	field := src.path
	switch o := src.object.(type) {
	case catalog.Default:
		if r := a.env.table(o.Schema, o.Table); r != nil {
			if f, ok := r.field(o.Column); ok {
				return a.bring(a.expr(n, &scope{}), f.typ, f.mods)
			}
		}
		c, ok := catalog.Find[catalog.Column](a.env.catalog, catalog.ColumnRef{Schema: o.Schema, Table: o.Table, Column: o.Column}.ID())
		if !ok {
			return a.trouble(-1, "column %s.%s.%s does not exist", o.Schema, o.Table, o.Column)
		}
		return a.stored(n, &scope{}, c.Type)
	case catalog.Column:
		return a.stored(n, a.tableScope(o.Schema, o.Table), o.Type)
	case catalog.Constraint:
		return a.conditionOrElement(field, n, a.tableScope(o.Schema, o.Table))
	case catalog.Index:
		return a.conditionOrElement(field, n, a.tableScope(o.Schema, o.Table))
	case catalog.Policy:
		return a.condition(n, a.tableScope(o.Schema, o.Table))
	case catalog.Trigger:
		return a.condition(n, a.oldNewScope(o.Schema, o.Table, false, false))
	case catalog.Routine:
		return a.inRoutine(o, field, n, out)
	case catalog.View:
		q := a.statement(valuesAsSelect(n), &scope{})
		out.columns = q.columns
		for _, c := range q.columns {
			a.referType(c.typ) // a view's columns have types as those of a table do
		}
		return q.node
	case catalog.Domain:
		return a.stored(n, &scope{}, o.Base)
	case catalog.DomainConstraint:
		return a.domainCheck(o, n)
	case catalog.Rule:
		return a.rule(o, n)
	case catalog.Table:
		if field == "PartitionOf.Bound" {
			return a.bound(o, n.GetPartitionBoundSpec())
		}
		return a.textIfUnknown(a.expr(n, a.tableScope(o.Schema, o.Name)))
	case catalog.PublicationTable:
		return a.condition(n, a.tableScope(o.Schema, o.Table))
	case catalog.Statistics:
		return a.textIfUnknown(a.expr(n, a.tableScope(o.Table.Schema, o.Table.Name)))
	}
	return a.trouble(-1, "expressions of %T are not analysed", src.object)
}

// stored is a value that is stored in a column of that type.
func (a *analyzer) stored(n *pg.Node, s *scope, t catalog.Type) node {
	p := t.Parts()
	return a.bring(a.expr(n, s), typ{p.Schema, p.Name, p.Array}, p.Mods)
}

// bring gives a value the type of what it is for. The server does not print the conversions
// that this takes, as it does those that somebody wrote.
func (a *analyzer) bring(e expr, t typ, mods string) expr {
	return unwritten(a.coerceTo(e, t, mods, assignment), e)
}

// unwritten marks the conversions around e.
func unwritten(converted, e expr) expr {
	if converted == e {
		return e
	}
	switch x := converted.(type) {
	case *constant:
		return x
	case *conversion:
		c := *x
		c.unwritten, c.arg = true, unwritten(x.arg, e)
		return &c
	}
	v := converted.value()
	return &special{typed: *v, what: "unwritten", args: []node{converted}}
}

// conditionOrElement is a condition, or an element of an index, which has its collation apart.
func (a *analyzer) conditionOrElement(field string, n *pg.Node, s *scope) node {
	if !strings.HasPrefix(field, "Elements[") {
		return a.condition(n, s)
	}
	e := a.textIfUnknown(a.expr(n, s))
	for {
		c, ok := e.(*collation)
		if !ok {
			return e
		}
		e = c.arg
	}
}

// tableScope sees the columns of one relation.
func (a *analyzer) tableScope(schema, name string) *scope {
	s := &scope{}
	if r := a.env.relation(schema, name); r != nil {
		s.items = []*item{a.relationItem(s, r, nil)}
		s.items[0].direct = true
	} else {
		a.missing(-1, "relation %s.%s does not exist", schema, name)
		s.items = []*item{{name: name, unknown: true, whole: unresolved("relation " + name)}}
	}
	return s
}

// oldNewScope sees OLD and NEW, their columns without them as said.
func (a *analyzer) oldNewScope(schema, name string, oldColumns, newColumns bool) *scope {
	s := &scope{}
	r := a.env.relation(schema, name)
	if r == nil {
		a.missing(-1, "relation %s.%s does not exist", schema, name)
		s.items = []*item{{name: "old", unknown: true, whole: unresolved("OLD")}, {name: "new", unknown: true, whole: unresolved("NEW")}}
		return s
	}
	o, n := a.relationItem(s, r, &pg.Alias{Aliasname: "old"}), a.relationItem(s, r, &pg.Alias{Aliasname: "new"})
	o.columnsHidden, n.columnsHidden = !oldColumns, !newColumns
	o.direct, n.direct = true, true
	s.items = []*item{o, n}
	return s
}

func (a *analyzer) inRoutine(o catalog.Routine, field string, n *pg.Node, out *query) node {
	if field == "SQLBody" {
		return a.body(o, n, out)
	}
	i, ok := indexIn(field)
	if !ok || i >= len(o.Params) {
		return a.trouble(-1, "%s is not a parameter's default", field)
	}
	t := typeOf(o.Params[i].Type)
	e := a.expr(n, &scope{})
	if polymorphic[t] {
		return e
	}
	return a.bring(e, t, "")
}

// indexIn is the i of "Elements[i].Expr".
func indexIn(field string) (int, bool) {
	_, rest, _ := strings.Cut(field, "[")
	number, _, ok := strings.Cut(rest, "]")
	i, err := strconv.Atoi(number)
	return i, ok && err == nil && i >= 0
}

func (a *analyzer) body(o catalog.Routine, n *pg.Node, out *query) node {
	a.parameters(o)
	return a.bodyStatement(n, out)
}

// parameters makes those of a routine known by name and number.
func (a *analyzer) parameters(o catalog.Routine) {
	a.routine = o.Name
	for _, p := range o.Params {
		if p.Mode == "out" || p.Mode == "table" {
			continue
		}
		t := typeOf(p.Type)
		a.params = append(a.params, &param{typed: typed{typ: t}, name: "$" + itoa(len(a.params)+1)})
		a.names = append(a.names, p.Name)
	}
}

func (a *analyzer) bodyStatement(n *pg.Node, out *query) node {
	if r := n.GetReturnStmt(); r != nil {
		return &clause{"RETURN", []node{a.textIfUnknown(a.expr(r.Returnval, &scope{}))}}
	}
	if l := n.GetList(); l != nil {
		body := &clause{what: "body"}
		for _, x := range l.Items {
			body.args = append(body.args, a.bodyStatement(x, out))
		}
		if len(body.args) == 1 {
			return body.args[0]
		}
		return body
	}
	q := a.statement(n, &scope{})
	out.columns = q.columns
	return q.node
}

func (a *analyzer) domainCheck(o catalog.DomainConstraint, n *pg.Node) node {
	d, ok := catalog.Find[catalog.Domain](a.env.catalog, catalog.ID{Kind: catalog.KindDomain, Schema: o.Schema, Name: o.Domain})
	if !ok {
		return a.trouble(-1, "domain %s.%s does not exist", o.Schema, o.Domain)
	}
	p := d.Base.Parts()
	a.domain = &param{typed: typed{typ: typ{p.Schema, p.Name, p.Array}, mods: p.Mods}, name: "VALUE"}
	return a.condition(n, &scope{})
}

// rule is transformRuleStmt.
func (a *analyzer) rule(o catalog.Rule, n *pg.Node) node {
	r := n.GetRuleStmt()
	if r == nil {
		return a.trouble(-1, "not a CREATE RULE")
	}
	out := &clause{what: fmt.Sprintf("RULE ON %s", r.Event)}
	if r.Instead {
		out.what += " INSTEAD"
	}
	if r.WhereClause != nil {
		insert := r.Event == pg.CmdType_CMD_INSERT
		s := a.oldNewScope(o.Schema, o.Table, !insert, insert)
		out.args = append(out.args, &clause{"WHERE", []node{a.condition(r.WhereClause, s)}})
	}
	for _, x := range r.Actions {
		out.args = append(out.args, a.statement(x, a.oldNewScope(o.Schema, o.Table, false, false)).node)
	}
	return out
}

// valuesAsSelect makes a SELECT of a view's VALUES: PostgreSQL prints it so if the view has column names of its own.
func valuesAsSelect(n *pg.Node) *pg.Node {
	x := n.GetSelectStmt()
	if x == nil || len(x.ValuesLists) == 0 {
		return n
	}
	values := &pg.Node{Node: &pg.Node_SelectStmt{SelectStmt: &pg.SelectStmt{ValuesLists: x.ValuesLists}}}
	from := &pg.RangeSubselect{Subquery: values, Alias: &pg.Alias{Aliasname: "*VALUES*"}}
	all := &pg.ColumnRef{Fields: []*pg.Node{{Node: &pg.Node_AStar{AStar: &pg.A_Star{}}}}}
	return &pg.Node{Node: &pg.Node_SelectStmt{SelectStmt: &pg.SelectStmt{
		TargetList: []*pg.Node{{Node: &pg.Node_ResTarget{ResTarget: &pg.ResTarget{Val: &pg.Node{Node: &pg.Node_ColumnRef{ColumnRef: all}}}}}},
		FromClause: []*pg.Node{{Node: &pg.Node_RangeSubselect{RangeSubselect: from}}},
		WithClause: x.WithClause, SortClause: x.SortClause, LimitCount: x.LimitCount, LimitOffset: x.LimitOffset, LimitOption: x.LimitOption,
	}}}
}
