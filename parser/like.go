package parser

import (
	"cmp"
	"slices"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// The options of LIKE, as the grammar numbers them (TableLikeOption).
const (
	likeComments = 1 << iota
	likeCompression
	likeConstraints
	likeDefaults
	likeGenerated
	likeIdentity
	likeIndexes
	likeStatistics
	likeStorage
)

// like is a LIKE clause whose indexes and the like are still to be copied.
type like struct {
	source  catalog.ID
	options uint32
}

// like takes columns and checks of another table over.
func (b *newTable) like(n *pg.TableLikeClause) error {
	in := b.in
	id, err := in.relation(n.GetRelation())
	if err != nil {
		return err
	}
	l := like{source: id, options: n.GetOptions()}
	b.likes = append(b.likes, l)
	for _, name := range in.columnNames(id) {
		col, ok := catalog.Find[catalog.Column](in.c, columnID(id, name))
		if !ok {
			continue
		}
		if b.columns[name] != nil {
			return in.errorf(n.GetRelation().GetLocation(), "column %q is declared twice", name)
		}
		b.add(b.likeColumn(col, l))
	}
	if l.options&likeConstraints != 0 {
		for _, c := range in.tableConstraints(id) {
			if c.Type == catalog.Check {
				c.Schema, c.Table, c.Inherited, c.NotValid = b.table.Schema, b.table.Name, false, false
				b.checks = append(b.checks, c)
			}
		}
	}
	return nil
}

// columnNames are a table's columns in order, or those of a composite type.
func (in *interpreter) columnNames(id catalog.ID) []string {
	if t, ok := catalog.Find[catalog.Table](in.c, id); ok {
		return t.Columns
	}
	return nil
}

func (b *newTable) likeColumn(col catalog.Column, l like) *newColumn {
	in := b.in
	c := &newColumn{col: catalog.Column{
		Schema: b.table.Schema, Table: b.table.Name, Name: col.Name, Type: col.Type, Collation: col.Collation, NotNull: col.NotNull, Statistics: -1,
	}, own: true}
	if l.options&likeStorage != 0 {
		c.col.Storage = col.Storage
	}
	if l.options&likeCompression != 0 {
		c.col.Compression = col.Compression
	}
	if l.options&likeGenerated != 0 {
		c.col.Generated = col.Generated
	}
	if l.options&likeDefaults != 0 {
		d, _ := catalog.Find[catalog.Default](in.c, defaultID(col.ID()))
		c.def = d.Expr
	}
	if l.options&likeIdentity != 0 && col.Identity != "" {
		c.col.Identity, c.identity = col.Identity, []*pg.Node{}
	}
	return c
}

// copyLike copies what can only be made when the table is there.
func (in *interpreter) copyLike(l like, t catalog.Table) error {
	if l.options&likeIdentity != 0 {
		in.copyIdentities(l.source, t)
	}
	if l.options&likeIndexes != 0 {
		if err := in.copyIndexes(l, t); err != nil {
			return err
		}
	}
	if l.options&likeStatistics != 0 {
		in.copyStatistics(l.source, t)
	}
	if l.options&likeComments != 0 {
		for _, col := range in.columnNames(l.source) {
			in.copyComment(columnID(l.source, col), columnID(t.ID(), col))
		}
	}
	return nil
}

// copyIdentities gives the new sequences the numbers of the old ones.
func (in *interpreter) copyIdentities(source catalog.ID, t catalog.Table) {
	for _, name := range t.Columns {
		old, ours := in.ownedSequences(columnID(source, name)), in.ownedSequences(columnID(t.ID(), name))
		if len(old) == 1 && len(ours) == 1 && old[0].Identity && ours[0].Identity {
			s := old[0]
			s.Schema, s.Name, s.OwnedBy = ours[0].Schema, ours[0].Name, ours[0].OwnedBy
			s.Type = "bigint" // the limits are copied, the type is not
			in.put(s)
		}
	}
}

func (in *interpreter) copyIndexes(l like, t catalog.Table) error {
	for _, c := range in.tableConstraints(l.source) {
		if !c.HasIndex() {
			if l.options&likeComments != 0 && l.options&likeConstraints != 0 && c.Type == catalog.Check {
				in.copyComment(c.ID(), catalog.Constraint{Schema: t.Schema, Table: t.Name, Name: c.Name}.ID())
			}
			continue
		}
		own, addition := c, c.Columns
		own.Schema, own.Table, own.Inherited = t.Schema, t.Name, false
		for _, e := range c.Elements {
			addition = append(addition[:len(addition):len(addition)], elementName(e.IndexElement))
		}
		label := map[catalog.ConstraintType]string{catalog.PrimaryKey: "pkey", catalog.Unique: "key", catalog.Exclusion: "excl"}[c.Type]
		own.Name = in.chooseKeyName(own, label, addition)
		in.putKey(own, true)
		if l.options&likeComments != 0 {
			in.copyComment(c.ID(), own.ID())
		}
	}
	indexes := childrenOf[catalog.Index](in, l.source)
	slices.SortStableFunc(indexes, func(a, b catalog.Index) int { return cmp.Compare(in.madeAt(a.ID()), in.madeAt(b.ID())) })
	for _, ix := range indexes {
		own := ix
		own.Schema, own.Table, own.Parent, own.Only, own.Statistics = t.Schema, t.Name, catalog.QName{}, false, nil
		var names []string
		for _, e := range ix.Elements {
			names = append(names, elementName(e))
		}
		own.Name = in.chooseRelationName(own.Table, catalog.NameAddition(catalog.DistinctNames(append(names, ix.Include...))), "idx", own.Schema, false)
		in.put(own)
		in.unnamed(own.ID())
		if l.options&likeComments != 0 {
			in.copyComment(ix.ID(), own.ID())
		}
	}
	return nil
}

// madeAt is the place of the statement that made an object: indexes are copied from
// the oldest to the youngest, which decides who gets which name.
func (in *interpreter) madeAt(id catalog.ID) int {
	if src := in.c.Source(id); src != nil {
		return in.order[src]
	}
	return 0
}

func (in *interpreter) copyComment(from, to catalog.ID) {
	if c, ok := catalog.Find[catalog.Comment](in.c, catalog.About(catalog.KindComment, from, "")); ok && in.c.Has(to) {
		in.put(catalog.Comment{Target: to, Text: c.Text})
	}
}
