package introspect

import (
	"strings"

	"bloom/catalog"
)

var views = query[viewRow]{name: "views", sql: `
select c.oid, pg_get_viewdef(c.oid) from pg_class c where c.relkind in ('v', 'm') and c.oid >= 16384`,
	add: func(l *loader, r viewRow) error {
		if rel := l.relations[r.OID]; rel != nil {
			rel.query = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(r.Query), ";"))
		}
		return nil
	}}

type viewRow struct {
	OID   oid
	Query string
}

func (l *loader) putView(r *relation) {
	v := catalog.View{
		Schema: r.id.Schema, Name: r.id.Name, Materialized: r.Kind == "m", Query: expr(r.query), Options: relationOptions(r),
		AccessMethod: l.accessMethod(r), Tablespace: l.tablespaces[r.Tablespace], NotPopulated: r.Kind == "m" && !r.Populated, ClusterOn: r.clusterOn,
	}
	if r.Kind == "m" && r.ReplicaIdentity != "d" && !r.base {
		l.unmodelled("replica identity of materialized view %s", r.id.Path())
	}
	for _, c := range r.columns {
		if c.column.Name != "" {
			v.Columns = append(v.Columns, catalog.ViewColumn{Name: c.column.Name, Type: c.column.Type})
		}
	}
	l.put(r.base, v)
	l.measure(r)
}

func (l *loader) putComposite(r *relation) {
	t := catalog.Composite{Schema: r.id.Schema, Name: r.id.Name}
	for _, c := range r.columns {
		if c.column.Name != "" {
			t.Attributes = append(t.Attributes, catalog.Attribute{Name: c.column.Name, Type: c.column.Type, Collation: c.column.Collation})
		}
	}
	l.put(r.base, t)
}
