package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// newTable is a table while its CREATE statement is read.
type newTable struct {
	in          *interpreter
	table       catalog.Table
	columns     map[string]*newColumn
	order       []string
	constraints []*pg.Constraint // of the table, then of its columns, as they stand
	checks      []catalog.Constraint
	likes       []like
}

func (in *interpreter) createTable(n *pg.CreateStmt) error {
	_, err := in.makeTable(n, nil)
	return err
}

func (in *interpreter) createForeignTable(n *pg.CreateForeignTableStmt) error {
	if _, err := in.existing(catalog.Server{Name: n.GetServername()}.ID()); err != nil {
		return err
	}
	_, err := in.makeTable(n.GetBaseStmt(), func(t *catalog.Table) {
		t.Server, t.ServerOptions = n.GetServername(), pairs(n.GetOptions())
	})
	return err
}

func (in *interpreter) makeTable(n *pg.CreateStmt, adjust func(*catalog.Table)) (catalog.ID, error) {
	rv := n.GetRelation()
	if in.temporary(rv) {
		return catalog.ID{}, nil
	}
	q, err := in.creation(rangeName(rv), rv.GetLocation())
	if err != nil {
		return catalog.ID{}, err
	}
	b := &newTable{in: in, columns: map[string]*newColumn{}}
	b.table = catalog.Table{
		Schema: q.Schema, Name: q.Name, Unlogged: rv.GetRelpersistence() == "u", AccessMethod: accessMethod(n.GetAccessMethod()),
		Tablespace: tablespace(n.GetTablespacename()), Options: pairs(withoutOids(n.GetOptions())),
	}
	if adjust != nil {
		adjust(&b.table)
	}
	id := b.table.ID()
	if skip, err := in.taken(id, n.GetIfNotExists(), rv.GetLocation()); skip || err != nil {
		return id, err
	}
	if err := in.free(q, rv.GetLocation()); err != nil {
		if _, isRelation := in.c.Relation(q.Schema, q.Name); isRelation && n.GetIfNotExists() {
			return id, nil
		}
		return id, err
	}
	for _, step := range []func(*pg.CreateStmt) error{b.parents, b.elements, b.partitionKey, b.put, b.putChecks, b.fromParent, b.putKeys, b.copyLikes} {
		if err := step(n); err != nil {
			return id, err
		}
	}
	return id, nil
}

// temporary notes a table that is gone with the session and reports that there is
// nothing to be done.
func (in *interpreter) temporary(rv *pg.RangeVar) bool {
	if rv.GetRelpersistence() != "t" {
		return rv.GetSchemaname() == "pg_temp"
	}
	in.temp[rv.GetRelname()] = true
	if !in.replay {
		in.note("temporary relation %q left out: it is gone with the session", rv.GetRelname())
	}
	return true
}

func accessMethod(name string) string {
	if name == "heap" {
		return ""
	}
	return name
}

func withoutOids(options []*pg.Node) []*pg.Node {
	return slices.DeleteFunc(slices.Clone(options), func(n *pg.Node) bool { return n.GetDefElem().GetDefname() == "oids" })
}

// add puts a column at the end.
func (b *newTable) add(c *newColumn) {
	b.columns[c.col.Name] = c
	b.order = append(b.order, c.col.Name)
}

// parents takes the columns of inherited tables, of the partitioned table or of
// the type over (MergeAttributes).
func (b *newTable) parents(n *pg.CreateStmt) error {
	for _, p := range n.GetInhRelations() {
		parent, err := b.in.table(p.GetRangeVar())
		if err != nil {
			return err
		}
		q := catalog.QName{Schema: parent.Schema, Name: parent.Name}
		if n.GetPartbound() != nil {
			b.table.PartitionOf = catalog.Partition{Parent: q, Bound: b.in.bound(n.GetPartbound())}
		} else {
			b.table.Inherits = append(b.table.Inherits, q)
		}
		if err := b.inherit(parent, n.GetPartbound() != nil, p.GetRangeVar().GetLocation()); err != nil {
			return err
		}
	}
	if t := n.GetOfTypename(); t != nil {
		return b.ofType(t)
	}
	return nil
}

func (b *newTable) inherit(parent catalog.Table, partition bool, loc int32) error {
	for _, name := range parent.Columns {
		col, ok := catalog.Find[catalog.Column](b.in.c, columnID(parent.ID(), name))
		if !ok {
			continue
		}
		def, _ := catalog.Find[catalog.Default](b.in.c, catalog.Default{Schema: col.Schema, Table: col.Table, Column: name}.ID())
		if have := b.columns[name]; have != nil {
			if have.col.Type != col.Type {
				return b.in.errorf(loc, "inherited column %q has a type conflict: %s versus %s", name, have.col.Type, col.Type)
			}
			have.col.NotNull = have.col.NotNull || col.NotNull
			continue
		}
		identity := col.Identity
		col.Schema, col.Table, col.Inherited, col.Identity = b.table.Schema, b.table.Name, true, ""
		col.Statistics, col.Options, col.ServerOptions = -1, nil, nil
		if partition && b.in.partitionsHaveIdentity() {
			col.Identity = identity
		}
		b.add(&newColumn{col: col, def: def.Expr})
	}
	for _, con := range b.in.tableConstraints(parent.ID()) {
		if con.Type == catalog.Check && !con.NoInherit && !slices.ContainsFunc(b.checks, func(c catalog.Constraint) bool { return c.Name == con.Name }) {
			con.Schema, con.Table, con.Inherited = b.table.Schema, b.table.Name, true
			b.checks = append(b.checks, con)
		}
	}
	return nil
}

// ofType takes the columns of a composite type over.
func (b *newTable) ofType(t *pg.TypeName) error {
	typ, err := b.in.typeOf(t)
	if err != nil {
		return err
	}
	q := typ.Parts().QName()
	comp, ok := catalog.Find[catalog.Composite](b.in.c, catalog.Composite{Schema: q.Schema, Name: q.Name}.ID())
	if !ok {
		return b.in.errorf(t.GetLocation(), "type %s is not a composite type", typ)
	}
	b.table.OfType = typ
	for _, a := range comp.Attributes {
		b.add(&newColumn{col: catalog.Column{Schema: b.table.Schema, Table: b.table.Name, Name: a.Name, Type: a.Type, Collation: a.Collation, Statistics: -1}})
	}
	return nil
}

// elements reads columns, constraints and LIKE clauses in their order.
func (b *newTable) elements(n *pg.CreateStmt) error {
	for _, e := range append(slices.Clone(n.GetTableElts()), n.GetConstraints()...) {
		var err error
		switch {
		case e.GetColumnDef() != nil:
			err = b.column(e.GetColumnDef(), n.GetPartbound() != nil)
		case e.GetConstraint() != nil:
			b.constraints = append(b.constraints, e.GetConstraint())
		case e.GetTableLikeClause() != nil:
			err = b.like(e.GetTableLikeClause())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *newTable) column(def *pg.ColumnDef, partition bool) error {
	have := b.columns[def.GetColname()]
	if have != nil && have.own {
		return b.in.errorf(def.GetLocation(), "column %q is declared twice", def.GetColname())
	}
	c, err := b.in.column(def, b.table.Schema, b.table.Name, have)
	if err != nil {
		return err
	}
	c.own = true
	c.col.Inherited = partition && have != nil
	if have == nil {
		b.add(c)
	} else {
		b.columns[def.GetColname()] = c
	}
	b.constraints = append(b.constraints, c.constraints...)
	return nil
}

func (b *newTable) partitionKey(n *pg.CreateStmt) error {
	spec := n.GetPartspec()
	if spec == nil {
		return nil
	}
	key := catalog.PartitionKey{Strategy: strings.ToLower(strings.TrimPrefix(spec.GetStrategy().String(), "PARTITION_STRATEGY_"))}
	method := "btree"
	if key.Strategy == "hash" {
		method = "hash"
	}
	parts := parenthesised(b.in.tokensAt(spec.GetLocation()), "partition", "by", key.Strategy).split()
	for i, p := range spec.GetPartParams() {
		e := p.GetPartitionElem()
		el := catalog.PartitionElement{Column: e.GetName()}
		var typ catalog.Type
		if el.Column != "" {
			c := b.columns[el.Column]
			if c == nil {
				return b.in.errorf(e.GetLocation(), "column %q named in partition key does not exist", el.Column)
			}
			typ = c.col.Type
		} else {
			var t tokens
			if i < len(parts) {
				t = elementExpr(parts[i])
			}
			el.Expr = b.in.expr(e.GetExpr(), t)
		}
		var err error
		if el.Collation, err = b.in.collation(e.GetCollation(), e.GetLocation()); err != nil {
			return err
		}
		if el.Opclass, err = b.in.opclass(e.GetOpclass(), method, typ, e.GetLocation()); err != nil {
			return err
		}
		key.Elements = append(key.Elements, el)
	}
	b.table.PartitionBy = key
	return nil
}

// bound is the text of a partition's bound.
func (in *interpreter) bound(p *pg.PartitionBoundSpec) catalog.Expr {
	if p.GetIsDefault() {
		return catalog.Expr{Text: "DEFAULT", Path: in.stmt.session.path, Pos: in.at(p.GetLocation())}
	}
	t := in.tokensAt(p.GetLocation())
	end := -1
	for _, words := range [][]string{{"partition", "by"}, {"with", "("}, {"using"}, {"tablespace"}, {"server"}, {"options"}, {","}, {"concurrently"}} {
		if i := t.find(1, words...); i > 0 && (end < 0 || i < end) {
			end = i
		}
	}
	if end >= 0 {
		t = t.to(end)
	}
	e := in.slice(t)
	e.Text = "FOR VALUES " + e.Text
	return e
}

// put adds the table and its columns.
func (b *newTable) put(*pg.CreateStmt) error {
	b.table.Columns = b.order
	b.in.put(b.table)
	for _, name := range b.order {
		if err := b.in.putColumn(b.columns[name]); err != nil {
			return err
		}
	}
	b.in.own(b.table.ID())
	return b.in.grantAtCreation(b.table.ID())
}

// putChecks adds the checks: first those of the parents. Constraints come in the order
// in which PostgreSQL makes them, which tells in the names it chooses: checks, what
// a partition gets from its parent, keys, foreign keys.
func (b *newTable) putChecks(*pg.CreateStmt) error {
	for _, c := range b.checks {
		b.in.put(c)
	}
	for _, c := range b.constraints {
		if c.GetContype() == pg.ConstrType_CONSTR_CHECK {
			if err := b.in.addCheck(b.table, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// fromParent adds what a partition gets from its parent. It has no keys of its own yet
// that could serve as parts of the parent's indexes.
func (b *newTable) fromParent(*pg.CreateStmt) error {
	p := b.table.PartitionOf.Parent
	if p.IsZero() {
		return nil
	}
	return b.in.attachParts(p, b.table.ID())
}

func (b *newTable) putKeys(*pg.CreateStmt) error {
	var keys []*pg.Constraint
	for _, c := range b.constraints {
		switch c.GetContype() {
		case pg.ConstrType_CONSTR_PRIMARY:
			keys = slices.Insert(keys, 0, c)
		case pg.ConstrType_CONSTR_UNIQUE, pg.ConstrType_CONSTR_EXCLUSION:
			keys = append(keys, c)
		}
	}
	for _, c := range distinctKeys(keys) {
		if err := b.in.addKey(b.table, c, true); err != nil {
			return err
		}
	}
	for _, c := range b.constraints {
		if c.GetContype() == pg.ConstrType_CONSTR_FOREIGN {
			if err := b.in.addForeignKey(b.table.ID(), c, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// distinctKeys leaves out a key that says what an earlier one says; a name that
// only the later one has goes to the earlier (transformIndexConstraints).
func distinctKeys(keys []*pg.Constraint) []*pg.Constraint {
	var out []*pg.Constraint
next:
	for _, k := range keys {
		for _, have := range out {
			if k.GetContype() != pg.ConstrType_CONSTR_EXCLUSION && slices.Equal(strs(k.GetKeys()), strs(have.GetKeys())) &&
				slices.Equal(strs(k.GetIncluding()), strs(have.GetIncluding())) && k.GetNullsNotDistinct() == have.GetNullsNotDistinct() &&
				k.GetDeferrable() == have.GetDeferrable() && k.GetInitdeferred() == have.GetInitdeferred() {
				if have.GetConname() == "" {
					have.Conname = k.GetConname()
				}
				continue next
			}
		}
		out = append(out, k)
	}
	return out
}

// copyLikes adds what LIKE copies after the table is made.
func (b *newTable) copyLikes(*pg.CreateStmt) error {
	for _, l := range b.likes {
		if err := b.in.copyLike(l, b.table); err != nil {
			return err
		}
	}
	return nil
}

// alterTableObject changes the table itself. Of a table that is not the
// project's own only what hangs on it can be changed.
func (in *interpreter) changeTable(id catalog.ID, change func(*catalog.Table)) {
	if t, ok := in.c.Get(id).(catalog.Table); ok {
		change(&t)
		in.put(t)
	}
}
