package introspect

import (
	"strings"

	"bloom/catalog"
)

// Deparsing is the most expensive thing to ask for, so that it is asked for where
// there are expressions only. The whole definition is wanted where only
// it tells whether an expression's collation was named.
var indexes = query[indexRow]{name: "indexes", sql: `
select i.indexrelid, i.indrelid, i.indnkeyatts, i.indisunique, i.indisclustered, i.indisvalid, i.indisreplident,
       i.indnullsnotdistinct, i.indkey, i.indcollation, i.indclass, i.indoption, x.exprs, x.types,
       case when i.indpred is not null then pg_get_expr(i.indpred, i.indrelid) end, x.def
from pg_index i left join lateral (
  select array_agg(pg_get_indexdef(i.indexrelid, a.attnum, false) order by a.attnum) as exprs, array_agg(a.atttypid order by a.attnum) as types,
         case when bool_or(i.indcollation[a.attnum - 1] not in (0, 100)) then pg_get_indexdef(i.indexrelid) end as def
  from pg_attribute a where a.attrelid = i.indexrelid and i.indkey[a.attnum - 1] = 0) x on i.indexprs is not null
where i.indexrelid >= 16384`,
	add: (*loader).addIndex}

type indexRow struct {
	OID, Table                                oid
	Keys                                      int
	Unique, Clustered, Valid, ReplicaIdentity bool
	NullsNotDistinct                          bool
	Columns                                   []int
	Collations, Opclasses                     []oid
	Options                                   []int
	Exprs                                     []string
	ExprTypes                                 []oid
	Predicate                                 string
	Definition                                string
}

// index is the definition of an index, whether or not a constraint owns it.
type index struct {
	catalog.Index
	table *relation
}

func (l *loader) addIndex(r indexRow) error {
	rel, table := l.relations[r.OID], l.relations[r.Table]
	if rel == nil || table == nil {
		return nil
	}
	x := &index{table: table, Index: catalog.Index{
		Schema: rel.id.Schema, Table: table.id.Name, Name: rel.Name, Unique: r.Unique, Method: l.accessMethods[rel.AccessMethod],
		NullsNotDistinct: r.NullsNotDistinct, Predicate: expr(r.Predicate), Options: sorted(rel.Options),
		Tablespace: l.tablespaces[rel.Tablespace], Invalid: !r.Valid,
	}}
	if rel.Kind == "I" { // not valid as long as not every partition has it
		x.Only, x.Invalid = !r.Valid, false
	}
	if len(rel.parents) > 0 {
		x.Parent = l.relationName(rel.parents[0])
	}
	exprs := 0
	for i, n := range r.Columns {
		if i >= r.Keys {
			x.Include = append(x.Include, l.column(r.Table, n))
			continue
		}
		var e catalog.IndexElement
		if n != 0 {
			e = l.columnElement(table.columns[n-1], r.Collations[i], r.Opclasses[i], rel.AccessMethod)
		} else {
			e = l.exprElement(r, i, exprs, rel.AccessMethod)
			exprs++
		}
		e.Desc, e.NullsFirst = r.Options[i]&1 != 0, r.Options[i]&2 != 0
		if i < len(rel.columns) {
			c := rel.columns[i].column
			if e.OpclassOptions = c.Options; len(c.Options) > 0 {
				e.Opclass = l.opclasses[r.Opclasses[i]].name // without its name there can be no options
			}
			if c.Name != "" && c.Statistics >= 0 {
				x.Statistics = append(x.Statistics, catalog.ElementStatistics{Element: i + 1, Target: c.Statistics})
			}
		}
		x.Elements = append(x.Elements, e)
	}
	if r.Clustered {
		table.clusterOn = rel.Name
	}
	if r.ReplicaIdentity {
		table.replicaIdentity = rel.Name
	}
	rel.object = object{id: x.ID(), base: table.base, extension: table.extension}
	l.objects[ref{pgClass, r.OID}] = rel.object
	l.indexes[r.OID] = x
	return nil
}

func (l *loader) columnElement(a attribute, collation, class, method oid) catalog.IndexElement {
	return catalog.IndexElement{Column: a.column.Name, Collation: l.collationOf(collation, a.collation), Opclass: l.opclassOf(class, a.typ, method)}
}

// exprElement is key i of an index, its nth expression. What other methods than
// btree store may be of another type than the expression.
func (l *loader) exprElement(r indexRow, i, n int, method oid) catalog.IndexElement {
	e := catalog.IndexElement{Expr: expr(r.Exprs[n])}
	if name := l.collations[r.Collations[i]]; strings.Contains(r.Definition, e.Expr.Text+" COLLATE "+l.printed(name)) {
		e.Collation = name
	}
	if method == btreeMethod {
		e.Opclass = l.opclassOf(r.Opclasses[i], r.ExprTypes[n], method)
	} else {
		e.Opclass = l.opclassUnlessDefault(r.Opclasses[i])
	}
	return e
}

// printed is the name as the server prints it under an empty search_path.
func (l *loader) printed(q catalog.QName) string {
	if q.Schema == "pg_catalog" {
		return catalog.Quote(q.Name)
	}
	return q.SQL()
}

// putIndexes puts in the indexes that no constraint owns.
func (l *loader) putIndexes() {
	for _, c := range l.constraints {
		if c.Index != 0 && (c.Type == "p" || c.Type == "u" || c.Type == "x") {
			if x := l.indexes[c.Index]; x != nil {
				delete(l.indexes, c.Index)
				l.objects[ref{pgClass, c.Index}] = l.objects[ref{pgConstraint, c.OID}]
			}
		}
	}
	for _, x := range l.indexes {
		l.put(x.table.base, x.Index)
	}
}

// opclass is what there is to know about an operator class.
type opclass struct {
	object
	name  catalog.QName
	usual bool                   // opcdefault
	class *catalog.OperatorClass // nil for those of PostgreSQL itself
}

type typeMethod struct{ typ, method oid }

// The access methods that partitioning compares and hashes with.
const (
	btreeMethod oid = 403
	hashMethod  oid = 405
)

// opclassOf is the operator class unless it is the one that a column of the type
// gets anyway: that of the type itself or, if there is none, one
// that is the default of a type which the column's can be taken for.
func (l *loader) opclassOf(class, t, method oid) catalog.QName {
	c := l.opclasses[class]
	if c == nil {
		return catalog.QName{}
	}
	for l.types[t] != nil && l.types[t].kind == "d" {
		t = l.types[t].base
	}
	if own, ok := l.defaultOps[typeMethod{t, method}]; ok && own != class || !c.usual {
		return c.name
	}
	return catalog.QName{}
}

func (l *loader) opclassUnlessDefault(class oid) catalog.QName {
	if c := l.opclasses[class]; c != nil && !c.usual {
		return c.name
	}
	return catalog.QName{}
}
