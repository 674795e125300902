package introspect

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// Of indexes only those columns are read of which something was set.
var columns = query[columnRow]{name: "columns", sql: `
select a.attrelid, a.attnum, a.attname, a.atttypid, case when a.atttypmod >= 0 then format_type(a.atttypid, a.atttypmod) end,
       a.attcollation, a.attnotnull, a.attidentity, a.attgenerated, a.attstorage, a.attcompression,
       coalesce(a.attstattarget, -1)::int4, a.attislocal, a.attoptions, a.attfdwoptions, a.attacl::text[]
from pg_attribute a join pg_class c on c.oid = a.attrelid
where c.oid >= 16384 and a.attnum > 0 and not a.attisdropped
  and (c.relkind in ('r', 'p', 'f', 'v', 'm', 'c')
       or c.relkind in ('i', 'I') and (coalesce(a.attstattarget, -1) >= 0 or a.attoptions is not null))`,
	add: (*loader).addColumn}

type columnRow struct {
	Relation               oid
	Number                 int
	Name                   string
	Type                   oid
	TypeText               string
	Collation              oid
	NotNull                bool
	Identity, Generated    string
	Storage, Compression   string
	Statistics             int
	Local                  bool
	Options, ServerOptions []string
	ACL                    acl
}

// attribute is a column with what other objects need of it.
type attribute struct {
	column         catalog.Column
	typ, collation oid
	generated      bool
}

func (l *loader) addColumn(r columnRow) error {
	rel := l.relations[r.Relation]
	if rel == nil {
		return nil
	}
	c := catalog.Column{
		Schema: rel.id.Schema, Table: rel.id.Name, Name: r.Name, Type: l.typeOr(r.TypeText, r.Type),
		Collation: l.collationOf(r.Collation, l.collationOfType(r.Type)), NotNull: r.NotNull, Virtual: r.Generated == "v",
		Identity: code(r.Identity, "a", "always", "d", "by default"), Compression: code(r.Compression, "p", "pglz", "l", "lz4"),
		Statistics: r.Statistics, Options: columnOptions(r.Options), ServerOptions: sorted(r.ServerOptions), Inherited: !r.Local,
	}
	if t := l.types[r.Type]; t != nil && t.storage != r.Storage {
		c.Storage = word(r.Storage, "p", "plain", "e", "external", "x", "extended", "m", "main")
	}
	for len(rel.columns) < r.Number {
		rel.columns = append(rel.columns, attribute{})
	}
	rel.columns[r.Number-1] = attribute{column: c, typ: r.Type, collation: r.Collation, generated: code(r.Generated, "s", "stored", "v", "virtual") != ""}
	if r.ACL != "" {
		l.grant(object{id: c.ID(), base: rel.base}, rel.Owner, r.ACL, columnPrivileges)
	}
	if rel.id.Kind == catalog.KindView && (c.Statistics >= 0 || len(c.Options) > 0 || c.Storage != "" || c.Compression != "") && !rel.base {
		l.unmodelled("storage or statistics options of column %s", c.ID().Path())
	}
	return nil
}

// columnOptions leaves out what some minors of PostgreSQL note there for
// themselves: pg_attver can be neither set nor reset, and differs between databases.
func columnOptions(options []string) []string {
	return sorted(slices.DeleteFunc(options, func(o string) bool { return strings.HasPrefix(o, "pg_attver=") }))
}

// code is word for a "char" that may be absent, which is a zero byte.
func code(c string, pairs ...string) string {
	if c == "" || c == "\x00" {
		return ""
	}
	return word(c, pairs...)
}

var defaults = query[defaultRow]{name: "defaults", sql: `
select d.oid, d.adrelid, d.adnum, pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d where d.oid >= 16384`,
	add: (*loader).addDefault}

type defaultRow struct {
	OID, Relation oid
	Number        int
	Expr          string
}

// addDefault makes a default, or the expression of a generated column.
func (l *loader) addDefault(r defaultRow) error {
	rel := l.relations[r.Relation]
	if rel == nil || r.Number > len(rel.columns) {
		return nil
	}
	at := ref{pgAttrdef, r.OID}
	a := &rel.columns[r.Number-1]
	if a.generated {
		a.column.Generated = expr(r.Expr)
		l.objects[at] = object{id: a.column.ID(), base: rel.base}
		return nil
	}
	l.define(at, object{base: rel.base}, catalog.Default{Schema: rel.id.Schema, Table: rel.id.Name, Column: a.column.Name, Expr: expr(r.Expr)})
	return nil
}
