package introspect

import (
	"strings"

	"bloom/catalog"
)

// All relations are read here; their columns come with another query, and the
// objects are made when both are there. How big a table is was noted when it was
// last vacuumed or analysed; to look at its files takes longer than all the rest.
var relations = query[relationRow]{name: "relations", sql: `
select c.oid, c.relname, c.relnamespace, c.relkind, c.relpersistence, c.relowner, c.relam, c.reltablespace, c.reltype, c.reloftype,
       c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.relispopulated,
       case when c.relispartition then pg_get_expr(c.relpartbound, c.oid) end,
       c.reltuples, case when c.relkind not in ('r', 'm') then 0
                         when c.relpages > 0 then (c.relpages + coalesce(t.relpages, 0)) * current_setting('block_size')::int8
                         when pg_relation_size(c.oid) > 0 then pg_table_size(c.oid) end, c.reloptions, t.reloptions, c.relacl::text[]
from pg_class c left join pg_class t on t.oid = c.reltoastrelid
where c.oid >= 16384 and c.relkind <> 't' and c.relpersistence <> 't'`,
	add: (*loader).addRelation}

type relationRow struct {
	OID                             oid
	Name                            string
	Schema                          oid
	Kind, Persistence               string
	Owner, AccessMethod, Tablespace oid
	Type, OfType                    oid
	RowSecurity, Forced             bool
	ReplicaIdentity                 string
	Populated                       bool
	Bound                           string
	Tuples                          float64
	Bytes                           int64
	Options, ToastOptions           []string
	ACL                             acl
}

// relation is a row of pg_class with what belongs to it.
type relation struct {
	relationRow
	object
	columns         []attribute // by number, those dropped are zero
	parents         []oid
	detaching       bool
	partitionBy     catalog.PartitionKey
	replicaIdentity string // index
	clusterOn       string // index
	server          string
	serverOptions   []string
	query           string // of a view
}

func (l *loader) addRelation(r relationRow) error {
	at := ref{pgClass, r.OID}
	s, o, ok := l.locate(at, r.Schema)
	if !ok {
		return nil
	}
	if member := l.members[ref{pgType, r.Type}]; r.Kind == "c" && member != 0 { // only its type is noted as a member
		o.extension, o.base = member, true
	}
	o.base = o.base || l.scope.Table != nil && l.scope.Table(s.name, r.Name)
	o.id = catalog.ID{Schema: s.name, Name: r.Name}
	acl := tablePrivileges
	switch r.Kind {
	case "r", "p", "f":
		o.id.Kind = catalog.KindTable
	case "v", "m":
		o.id.Kind = catalog.KindView
	case "S":
		o.id.Kind, acl = catalog.KindSequence, sequencePrivileges
	case "c":
		o.id.Kind = catalog.KindComposite
	}
	l.relations[r.OID] = &relation{relationRow: r, object: o}
	if r.Kind == "i" || r.Kind == "I" {
		return nil // an index gets its ID with its table, a constraint's is that of the constraint
	}
	l.objects[at] = o
	l.needSchema(o, s.name)
	if r.Kind == "c" { // its type has the owner and the privileges
		return nil
	}
	if r.Kind != "S" {
		l.own(o, r.Owner)
	}
	l.grant(o, r.Owner, r.ACL, acl)
	return nil
}

var inherits = query[inheritsRow]{name: "inheritance", sql: `
select inhrelid, inhparent, inhdetachpending from pg_inherits order by inhrelid, inhseqno`,
	add: func(l *loader, r inheritsRow) error {
		if rel, ok := l.relations[r.Relation]; ok {
			rel.parents = append(rel.parents, r.Parent)
			rel.detaching = r.Detaching
		}
		return nil
	}}

type inheritsRow struct {
	Relation, Parent oid
	Detaching        bool
}

func (l *loader) putRelations() {
	for _, r := range l.relations {
		switch r.id.Kind {
		case catalog.KindTable:
			l.putTable(r)
		case catalog.KindView:
			l.putView(r)
		case catalog.KindComposite:
			l.putComposite(r)
		}
	}
}

func (l *loader) putTable(r *relation) {
	t := catalog.Table{
		Schema: r.id.Schema, Name: r.id.Name, Unlogged: r.Persistence == "u", AccessMethod: l.accessMethod(r), Tablespace: l.tablespaces[r.Tablespace],
		Options: relationOptions(r), PartitionBy: r.partitionBy, OfType: l.typeText(r.OfType), ClusterOn: r.clusterOn,
		Server: r.server, ServerOptions: r.serverOptions,
	}
	if r.Kind != "f" {
		t.ReplicaIdentity.Mode = word(r.ReplicaIdentity, "d", "", "f", "full", "n", "nothing", "i", "index")
		t.ReplicaIdentity.Index = r.replicaIdentity
	}
	if r.Bound != "" {
		t.PartitionOf = catalog.Partition{Parent: l.relationName(r.parents[0]), Bound: expr(r.Bound)}
	} else {
		for _, p := range r.parents {
			t.Inherits = append(t.Inherits, l.relationName(p))
		}
	}
	if r.detaching {
		l.unmodelled("partition %s that is being detached", r.id.Path())
	}
	for _, c := range r.columns {
		if c.column.Name != "" {
			t.Columns = append(t.Columns, c.column.Name)
			l.put(r.base, c.column)
		}
	}
	l.put(r.base, t)
	if r.RowSecurity || r.Forced {
		l.put(r.base, catalog.RowSecurity{Schema: t.Schema, Table: t.Name, Enabled: r.RowSecurity, Forced: r.Forced})
	}
	l.measure(r)
}

// measure records how big a relation is.
func (l *loader) measure(r *relation) {
	if !r.base && (r.Kind == "r" || r.Kind == "m") {
		l.cat.SetStats(r.id, catalog.Stats{Rows: r.Tuples, Bytes: r.Bytes, Empty: r.Bytes == 0})
	}
}

func (l *loader) accessMethod(r *relation) string {
	if name := l.accessMethods[r.AccessMethod]; name != "heap" {
		return name
	}
	return ""
}

// relationOptions are the options of a table with those of its TOAST table.
func relationOptions(r *relation) []string {
	options := r.Options
	for _, o := range r.ToastOptions {
		options = append(options, "toast."+o)
	}
	return sorted(options)
}

var partitionKeys = query[partitionKeyRow]{name: "partition keys", sql: `
select partrelid, partstrat, partattrs, partclass, partcollation,
       case when partexprs is not null then pg_get_expr(partexprs, partrelid) end,
       case when partexprs is not null then pg_get_partkeydef(partrelid) end
from pg_partitioned_table`,
	add: (*loader).addPartitionKey}

type partitionKeyRow struct {
	Relation   oid
	Strategy   string
	Columns    []int
	Opclasses  []oid
	Collations []oid
	Exprs      string // all of them, ", " between
	Definition string // which alone tells whether an expression's collation was named
}

func (l *loader) addPartitionKey(r partitionKeyRow) error {
	rel := l.relations[r.Relation]
	if rel == nil {
		return nil
	}
	rel.partitionBy.Strategy = word(r.Strategy, "l", "list", "r", "range", "h", "hash")
	exprs := splitList(r.Exprs)
	method := btreeMethod
	if r.Strategy == "h" {
		method = hashMethod
	}
	for i, n := range r.Columns {
		var e catalog.PartitionElement
		if n != 0 {
			a := rel.columns[n-1]
			e = catalog.PartitionElement{Column: a.column.Name, Collation: l.collationOf(r.Collations[i], a.collation), Opclass: l.opclassOf(r.Opclasses[i], a.typ, method)}
		} else {
			if len(exprs) > 0 {
				e.Expr, exprs = expr(exprs[0]), exprs[1:]
			}
			name := l.collations[r.Collations[i]]
			named := " COLLATE " + l.printed(name)
			if strings.Contains(r.Definition, e.Expr.Text+named) || strings.Contains(r.Definition, e.Expr.Text+")"+named) {
				e.Collation = name
			}
			e.Opclass = l.opclassUnlessDefault(r.Opclasses[i])
		}
		rel.partitionBy.Elements = append(rel.partitionBy.Elements, e)
	}
	return nil
}

// splitList splits what the server printed at the commas that are not within
// parentheses, brackets or quotes.
func splitList(text string) []string {
	var parts []string
	depth, start := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case '\'', '"':
			i = quoteEnd(text, i)
		case ',':
			if depth == 0 {
				parts = append(parts, strings.TrimSpace(text[start:i]))
				start = i + 1
			}
		}
	}
	if rest := strings.TrimSpace(text[start:]); rest != "" {
		parts = append(parts, rest)
	}
	return parts
}

// quoteEnd is where the quotes end that open at i. The server doubles quotes
// within, which then read as two strings side by side.
func quoteEnd(text string, i int) int {
	end := strings.IndexByte(text[i+1:], text[i])
	if end < 0 {
		return len(text) - 1
	}
	return i + 1 + end
}
