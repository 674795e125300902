package parser

import (
	"strings"

	"bloom/catalog"
)

// system is the rows of a system catalog or view, as far as the catalog in memory
// tells. Columns that are not here are not known.
func (r *run) system(schema, name string) ([]row, error) {
	views := pgCatalog
	switch schema {
	case "information_schema":
		views = informationSchema
	case "", "pg_catalog":
	default:
		return nil, unknownf("rows of %s.%s are not known", schema, name)
	}
	v, ok := views[name]
	if !ok {
		return nil, unknownf("rows of %s are not known", name)
	}
	key := schema + "." + name
	if rows, ok := r.views[key]; ok {
		return rows, nil
	}
	names := strings.Fields(v.columns)
	var out []row
	for _, o := range r.objects() {
		for _, values := range v.rows(r, o) {
			out = append(out, row{names, values})
		}
	}
	if r.views == nil {
		r.views = map[string][]row{}
	}
	r.views[key] = out
	return out, nil
}

// objects are those of the catalog and of its Base.
func (r *run) objects() []catalog.Object {
	var out []catalog.Object
	for c := r.in.c; c != nil; c = c.Base {
		for id, o := range c.All() {
			if c == r.in.c || !r.in.c.Has(id) {
				out = append(out, o)
			}
		}
	}
	return out
}

// systemView says how the rows of a catalog or view come from objects.
type systemView struct {
	columns string
	rows    func(r *run, o catalog.Object) [][]any
}

// of makes the view of one kind of object, with at most a row for each.
func of[T catalog.Object](columns string, values func(*run, T) []any) systemView {
	return systemView{columns, func(r *run, o catalog.Object) [][]any {
		t, ok := o.(T)
		if !ok {
			return nil
		}
		if v := values(r, t); v != nil {
			return [][]any{v}
		}
		return nil
	}}
}

func (r *run) schemaOid(name string) any { return r.oid(catalog.Schema{Name: name}.ID()) }

// relOid is the OID of a relation, as a cast to regclass gives it.
func (r *run) relOid(schema, name string) any {
	if id, ok := r.in.c.Relation(schema, name); ok {
		return r.oid(id)
	}
	return nil
}

func (r *run) rowSecurity(schema, table string) bool {
	rs, _ := catalog.Find[catalog.RowSecurity](r.in.c, catalog.RowSecurity{Schema: schema, Table: table}.ID())
	return rs.Enabled
}

func (r *run) owner(id catalog.ID) any {
	if o, ok := catalog.Find[catalog.Owner](r.in.c, catalog.About(catalog.KindOwner, id, "")); ok && o.Role != "" {
		return o.Role
	}
	return &unknownError{"the owner is not known"}
}

var constraintLetters = map[catalog.ConstraintType]string{
	catalog.PrimaryKey: "p", catalog.Unique: "u", catalog.Check: "c", catalog.ForeignKey: "f", catalog.Exclusion: "x",
}

func relkind(o catalog.Object) (schema, name, kind string) {
	switch o := o.(type) {
	case catalog.Table:
		switch {
		case o.PartitionBy.Strategy != "":
			return o.Schema, o.Name, "p"
		case o.Server != "":
			return o.Schema, o.Name, "f"
		}
		return o.Schema, o.Name, "r"
	case catalog.View:
		if o.Materialized {
			return o.Schema, o.Name, "m"
		}
		return o.Schema, o.Name, "v"
	case catalog.Sequence:
		return o.Schema, o.Name, "S"
	case catalog.Index:
		return o.Schema, o.Name, "i"
	case catalog.Constraint:
		if o.HasIndex() {
			return o.Schema, o.Name, "i"
		}
	case catalog.Composite:
		return o.Schema, o.Name, "c"
	}
	return "", "", ""
}

func typtype(o catalog.Object) (schema, name, kind string) {
	switch o := o.(type) {
	case catalog.Enum:
		return o.Schema, o.Name, "e"
	case catalog.Domain:
		return o.Schema, o.Name, "d"
	case catalog.Composite:
		return o.Schema, o.Name, "c"
	case catalog.Range:
		return o.Schema, o.Name, "r"
	case catalog.Table:
		return o.Schema, o.Name, "c"
	case catalog.View:
		return o.Schema, o.Name, "c"
	case catalog.BaseType:
		return o.Schema, o.Name, "b"
	}
	return "", "", ""
}

var pgCatalog = map[string]systemView{
	"pg_namespace": of("oid nspname", func(r *run, o catalog.Schema) []any { return []any{r.oid(o.ID()), o.Name} }),
	"pg_type": {"oid typname typnamespace typtype", func(r *run, o catalog.Object) [][]any {
		if schema, name, kind := typtype(o); name != "" {
			return [][]any{{r.oid(o.ID()), name, r.schemaOid(schema), kind}}
		}
		return nil
	}},
	"pg_enum": {"enumtypid enumlabel", func(r *run, o catalog.Object) [][]any {
		var out [][]any
		if e, ok := o.(catalog.Enum); ok {
			for _, l := range e.Labels {
				out = append(out, []any{r.oid(e.ID()), l})
			}
		}
		return out
	}},
	"pg_class": {"oid relname relnamespace relkind relrowsecurity", func(r *run, o catalog.Object) [][]any {
		if schema, name, kind := relkind(o); name != "" {
			return [][]any{{r.oid(o.ID()), name, r.schemaOid(schema), kind, r.rowSecurity(schema, name)}}
		}
		return nil
	}},
	"pg_attribute": of("attrelid attname attnum attisdropped attnotnull", func(r *run, o catalog.Column) []any {
		return []any{r.relOid(o.Schema, o.Table), o.Name, int64(1), false, o.NotNull}
	}),
	"pg_constraint": of("oid conname connamespace conrelid contype convalidated confrelid", func(r *run, o catalog.Constraint) []any {
		return []any{r.oid(o.ID()), o.Name, r.schemaOid(o.Schema), r.relOid(o.Schema, o.Table), constraintLetters[o.Type], !o.NotValid, r.relOid(o.RefTable.Schema, o.RefTable.Name)}
	}),
	"pg_trigger": of("oid tgname tgrelid tgisinternal", func(r *run, o catalog.Trigger) []any {
		return []any{r.oid(o.ID()), o.Name, r.relOid(o.Schema, o.Table), false}
	}),
	"pg_policy": of("oid polname polrelid", func(r *run, o catalog.Policy) []any {
		return []any{r.oid(o.ID()), o.Name, r.relOid(o.Schema, o.Table)}
	}),
	"pg_policies": of("schemaname tablename policyname permissive cmd", func(r *run, o catalog.Policy) []any {
		permissive := "PERMISSIVE"
		if o.Restrictive {
			permissive = "RESTRICTIVE"
		}
		return []any{o.Schema, o.Table, o.Name, permissive, strings.ToUpper(o.Command)}
	}),
	"pg_proc": {"oid proname pronamespace prokind prosecdef", func(r *run, o catalog.Object) [][]any {
		switch o := o.(type) {
		case catalog.Routine:
			kind := "f"
			if o.Procedure {
				kind = "p"
			}
			return [][]any{{r.oid(o.ID()), o.Name, r.schemaOid(o.Schema), kind, o.SecurityDefiner}}
		case catalog.Aggregate:
			return [][]any{{r.oid(o.ID()), o.ID().Name, r.schemaOid(o.ID().Schema), "a", false}}
		}
		return nil
	}},
	"pg_tables": of("schemaname tablename tableowner rowsecurity", func(r *run, o catalog.Table) []any {
		if o.Server != "" {
			return nil
		}
		return []any{o.Schema, o.Name, r.owner(o.ID()), r.rowSecurity(o.Schema, o.Name)}
	}),
	"pg_views": of("schemaname viewname viewowner", func(r *run, o catalog.View) []any {
		if o.Materialized {
			return nil
		}
		return []any{o.Schema, o.Name, r.owner(o.ID())}
	}),
	"pg_matviews": of("schemaname matviewname", func(r *run, o catalog.View) []any {
		if !o.Materialized {
			return nil
		}
		return []any{o.Schema, o.Name}
	}),
	"pg_sequences": of("schemaname sequencename", func(r *run, o catalog.Sequence) []any { return []any{o.Schema, o.Name} }),
	"pg_indexes": {"schemaname tablename indexname", func(r *run, o catalog.Object) [][]any {
		schema, name, kind := relkind(o)
		if kind != "i" {
			return nil
		}
		return [][]any{{schema, o.ID().Table, name}}
	}},
	"pg_roles":              of("oid rolname", func(r *run, o catalog.Role) []any { return []any{r.oid(o.ID()), o.Name} }),
	"pg_authid":             of("oid rolname", func(r *run, o catalog.Role) []any { return []any{r.oid(o.ID()), o.Name} }),
	"pg_extension":          of("oid extname extnamespace", func(r *run, o catalog.Extension) []any { return []any{r.oid(o.ID()), o.Name, r.schemaOid(o.Schema)} }),
	"pg_publication":        of("oid pubname puballtables", func(r *run, o catalog.Publication) []any { return []any{r.oid(o.ID()), o.Name, o.AllTables} }),
	"pg_publication_tables": of("pubname schemaname tablename", func(r *run, o catalog.PublicationTable) []any { return []any{o.Publication, o.Schema, o.Table} }),
	"pg_publication_rel": of("prpubid prrelid", func(r *run, o catalog.PublicationTable) []any {
		return []any{r.oid(catalog.Publication{Name: o.Publication}.ID()), r.relOid(o.Schema, o.Table)}
	}),
	"pg_event_trigger":        of("oid evtname", func(r *run, o catalog.EventTrigger) []any { return []any{r.oid(o.ID()), o.Name} }),
	"pg_foreign_server":       of("oid srvname", func(r *run, o catalog.Server) []any { return []any{r.oid(o.ID()), o.Name} }),
	"pg_foreign_data_wrapper": of("oid fdwname", func(r *run, o catalog.ForeignDataWrapper) []any { return []any{r.oid(o.ID()), o.Name} }),
}

func yesNo(b bool) string {
	if b {
		return "YES"
	}
	return "NO"
}

var informationSchema = map[string]systemView{
	"schemata": of("schema_name", func(r *run, o catalog.Schema) []any { return []any{o.Name} }),
	"tables": {"table_schema table_name table_type", func(r *run, o catalog.Object) [][]any {
		schema, name, kind := relkind(o)
		word := map[string]string{"r": "BASE TABLE", "p": "BASE TABLE", "v": "VIEW", "f": "FOREIGN"}[kind]
		if word == "" {
			return nil
		}
		return [][]any{{schema, name, word}}
	}},
	"views": of("table_schema table_name", func(r *run, o catalog.View) []any {
		if o.Materialized {
			return nil
		}
		return []any{o.Schema, o.Name}
	}),
	"columns": {"table_schema table_name column_name is_nullable data_type column_default", func(r *run, o catalog.Object) [][]any {
		var out [][]any
		switch o := o.(type) {
		case catalog.Column:
			var def any
			if r.in.c.Lookup(catalog.Default{Schema: o.Schema, Table: o.Table, Column: o.Name}.ID()) != nil {
				def = &unknownError{"the text of a default is not known"}
			}
			out = append(out, []any{o.Schema, o.Table, o.Name, yesNo(!o.NotNull), dataType(o.Type), def})
		case catalog.View:
			for _, col := range o.Columns {
				out = append(out, []any{o.Schema, o.Name, col.Name, "YES", &unknownError{"the type of a view's column is not known"}, nil})
			}
		}
		return out
	}},
	"table_constraints": of("constraint_schema constraint_name table_schema table_name constraint_type", func(r *run, o catalog.Constraint) []any {
		return []any{o.Schema, o.Name, o.Schema, o.Table, strings.ToUpper(string(o.Type))}
	}),
	"routines": of("routine_schema routine_name", func(r *run, o catalog.Routine) []any { return []any{o.Schema, o.Name} }),
	"triggers": of("trigger_schema trigger_name event_object_schema event_object_table", func(r *run, o catalog.Trigger) []any {
		return []any{o.Schema, o.Name, o.Schema, o.Table}
	}),
	"sequences": of("sequence_schema sequence_name", func(r *run, o catalog.Sequence) []any {
		if o.Identity {
			return nil
		}
		return []any{o.Schema, o.Name}
	}),
}

// dataType is information_schema's word for a type.
func dataType(t catalog.Type) any {
	n := t.Parts()
	switch {
	case strings.HasSuffix(string(t), "[]"):
		return "ARRAY"
	case n.Schema != "" && n.Schema != "pg_catalog":
		return "USER-DEFINED"
	}
	return n.Name
}
