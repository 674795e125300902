package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
	"bloom/catalog/builtin"
)

func joined(names []string) string { return strings.Join(names, ", ") }

func (in *interpreter) createIndex(n *pg.IndexStmt) error {
	rv := n.GetRelation()
	rel, err := in.relation(rv)
	if err != nil {
		return err
	}
	ix := catalog.Index{
		Schema: rel.Schema, Table: rel.Name, Name: n.GetIdxname(), Unique: n.GetUnique(), Method: n.GetAccessMethod(),
		NullsNotDistinct: n.GetNullsNotDistinct(), Options: pairs(n.GetOptions()), Tablespace: tablespace(n.GetTableSpace()),
	}
	if ix.Method == "" {
		ix.Method = "btree"
	}
	if err := in.indexElements(&ix, rel, n); err != nil {
		return err
	}
	unnamed := ix.Name == ""
	if unnamed {
		ix.Name = in.chooseRelationName(ix.Table, catalog.NameAddition(indexColumnNames(allElements(n))), "idx", ix.Schema, false)
	} else if skip, err := in.indexTaken(ix, n); skip || err != nil {
		return err
	}
	t, _ := catalog.Find[catalog.Table](in.c, rel)
	partitioned := t.PartitionBy.Strategy != ""
	ix.Only = partitioned && !rv.GetInh() && len(in.partitions(rel)) > 0
	in.put(ix)
	if unnamed {
		in.unnamed(ix.ID())
	}
	if partitioned && rv.GetInh() {
		return in.indexOnPartitions(rel, ix)
	}
	return nil
}

func allElements(n *pg.IndexStmt) []*pg.IndexElem {
	var out []*pg.IndexElem
	for _, p := range append(slices.Clone(n.GetIndexParams()), n.GetIndexIncludingParams()...) {
		out = append(out, p.GetIndexElem())
	}
	return out
}

func (in *interpreter) indexTaken(ix catalog.Index, n *pg.IndexStmt) (skip bool, err error) {
	q := catalog.QName{Schema: ix.Schema, Name: ix.Name}
	if id, ok := in.indexes[q]; ok {
		return in.taken(id, n.GetIfNotExists(), n.GetRelation().GetLocation())
	}
	if id, ok := in.c.Relation(q.Schema, q.Name); ok {
		if n.GetIfNotExists() && in.replay {
			return true, nil
		}
		return false, in.duplicate(id, n.GetRelation().GetLocation())
	}
	return false, nil
}

func (in *interpreter) indexElements(ix *catalog.Index, rel catalog.ID, n *pg.IndexStmt) error {
	// CREATE INDEX … ON name [USING method] (…) [INCLUDE (…)] … [WHERE …]
	t := in.tokensAt(n.GetRelation().GetLocation())
	if open := t.find(0, "("); open >= 0 {
		t = t.from(open)
	}
	parts := t.inside(0).split()
	for i, p := range n.GetIndexParams() {
		var part tokens
		if i < len(parts) {
			part = parts[i]
		}
		e, err := in.indexElement(rel, ix.Method, p.GetIndexElem(), part)
		if err != nil {
			return err
		}
		ix.Elements = append(ix.Elements, e)
	}
	for _, p := range n.GetIndexIncludingParams() {
		name := p.GetIndexElem().GetName()
		if err := in.needColumn(rel, name, n.GetRelation().GetLocation()); err != nil {
			return err
		}
		ix.Include = append(ix.Include, name)
	}
	if w := n.GetWhereClause(); w != nil {
		var own tokens
		if i := t.find(1, "where"); i >= 0 {
			own = t.from(i + 1)
		}
		ix.Predicate = in.expr(w, own)
	}
	return nil
}

// needColumn reports a column that a table does not have. What columns a view
// has is not known before it is analysed.
func (in *interpreter) needColumn(rel catalog.ID, name string, loc int32) error {
	if rel.Kind != catalog.KindTable || isSystemColumn(name) {
		return nil
	}
	_, err := in.tableColumn(rel, name, loc)
	return err
}

func (in *interpreter) indexElement(rel catalog.ID, method string, e *pg.IndexElem, part tokens) (catalog.IndexElement, error) {
	el := catalog.IndexElement{Column: e.GetName(), OpclassOptions: pairs(e.GetOpclassopts())}
	loc := int32(0)
	if part.len() > 0 {
		loc = int32(part.list[0].start - in.stmt.base)
	}
	var typ catalog.Type
	if f := strs(e.GetExpr().GetColumnRef().GetFields()); len(f) > 0 { // ((column)) is the column
		el.Column = f[len(f)-1]
	}
	if el.Column != "" {
		if err := in.needColumn(rel, el.Column, loc); err != nil {
			return el, err
		}
		if col, ok := catalog.Find[catalog.Column](in.c, columnID(rel, el.Column)); ok {
			typ = col.Type
		}
	} else {
		el.Expr = in.expr(e.GetExpr(), elementExpr(part))
		for _, col := range columnRefs(e.GetExpr()) {
			if err := in.needColumn(rel, col, loc); err != nil && col != rel.Name {
				return el, err
			}
		}
	}
	var err error
	if el.Collation, err = in.collation(e.GetCollation(), loc); err != nil {
		return el, err
	}
	if col, ok := catalog.Find[catalog.Column](in.c, columnID(rel, el.Column)); ok && col.Collation == el.Collation {
		el.Collation = catalog.QName{}
	}
	if len(el.OpclassOptions) > 0 {
		typ = "" // without the name of the class there can be no options
	}
	if el.Opclass, err = in.opclass(e.GetOpclass(), method, typ, loc); err != nil {
		return el, err
	}
	el.Desc = e.GetOrdering() == pg.SortByDir_SORTBY_DESC
	el.NullsFirst = e.GetNullsOrdering() == pg.SortByNulls_SORTBY_NULLS_FIRST ||
		el.Desc && e.GetNullsOrdering() != pg.SortByNulls_SORTBY_NULLS_LAST
	return el, nil
}

// elementExpr is the expression at the start of an index element: in
// parentheses, or the call of a function.
func elementExpr(t tokens) tokens {
	if t.is(0, "(") {
		return t.inside(0)
	}
	open := t.find(0, "(")
	if open < 0 {
		return t.to(1)
	}
	return t.to(t.close(open) + 1)
}

// opclass is the name of an operator class, none if the type has it anyway.
func (in *interpreter) opclass(names []*pg.Node, method string, typ catalog.Type, loc int32) (catalog.QName, error) {
	q := qualified(names)
	if q.IsZero() {
		return q, nil
	}
	if q.Schema == "" || q.Schema == "pg_catalog" {
		for _, o := range in.set.Opclasses(method) {
			if o.Name.Name != q.Name || o.Name.Schema != "pg_catalog" {
				continue
			}
			if typ != "" && in.isDefaultOpclass(method, typ, o.Name) {
				return catalog.QName{}, nil
			}
			return catalog.QName{Schema: "pg_catalog", Name: q.Name}, nil
		}
	}
	var found catalog.QName
	isDefault := false
	ok := in.search(q, func(q catalog.QName) bool {
		found = q
		if id := (catalog.ID{Kind: catalog.KindOperatorClass, Schema: q.Schema, Name: q.Name, Args: method}); in.c.Lookup(id) != nil {
			o, _ := catalog.Find[catalog.OperatorClass](in.c, id)
			isDefault = o.Default && o.Type == typ.Base()
			return true
		}
		return in.extensionOpclass(q, method, typ, &isDefault)
	})
	switch {
	case isDefault:
		return catalog.QName{}, nil
	case ok:
		return found, nil
	case in.unknownExtension():
		return q, nil
	}
	return q, in.missing(loc, "operator class %q for access method %q", q, method)
}

func (in *interpreter) extensionOpclass(q catalog.QName, method string, typ catalog.Type, isDefault *bool) bool {
	for _, f := range in.extensionFacts() {
		for _, o := range f.set.Opclasses(method) {
			if o.Name.Schema == q.Schema && o.Name.Name == q.Name {
				n := typ.Parts()
				*isDefault = o.Default && o.Input == catalog.QName{Schema: n.Schema, Name: n.Name} && !n.Array
				return true
			}
		}
	}
	return false
}

func hasOpclass(s *builtin.Set, q catalog.QName) bool {
	for _, m := range []string{"btree", "hash", "gin", "gist", "spgist", "brin", "hnsw", "ivfflat"} {
		for _, o := range s.Opclasses(m) {
			if o.Name.Schema == q.Schema && o.Name.Name == q.Name {
				return true
			}
		}
	}
	return false
}

// isDefaultOpclass asks whether an index over the type has the class anyway.
func (in *interpreter) isDefaultOpclass(method string, typ catalog.Type, name catalog.QName) bool {
	n := typ.Parts()
	ask := catalog.QName{Schema: n.Schema, Name: n.Name}
	if n.Array {
		ask = builtin.Pg("anyarray")
		if t := in.set.Type(catalog.QName{Schema: n.Schema, Name: n.Name}); t != nil && !t.Array.IsZero() {
			ask = t.Array
		}
	} else if d, ok := catalog.Find[catalog.Domain](in.c, catalog.Domain{Schema: n.Schema, Name: n.Name}.ID()); ok {
		return in.isDefaultOpclass(method, d.Base, name)
	} else if in.c.Lookup(catalog.Enum{Schema: n.Schema, Name: n.Name}.ID()) != nil {
		ask = builtin.Pg("anyenum")
	}
	o := in.set.DefaultOpclass(method, ask)
	return o != nil && o.Name == name
}

// sameIndex reports whether two indexes index the same, whatever their names.
func sameIndex(a, b catalog.Index) bool {
	return a.Unique == b.Unique && a.Method == b.Method && a.NullsNotDistinct == b.NullsNotDistinct && a.Predicate.Text == b.Predicate.Text &&
		slices.Equal(a.Include, b.Include) && slices.EqualFunc(a.Elements, b.Elements, sameElement)
}

func sameElement(a, b catalog.IndexElement) bool {
	return a.Column == b.Column && a.Expr.Text == b.Expr.Text && a.Collation == b.Collation && a.Opclass == b.Opclass &&
		a.Desc == b.Desc && a.NullsFirst == b.NullsFirst && slices.Equal(a.OpclassOptions, b.OpclassOptions)
}
