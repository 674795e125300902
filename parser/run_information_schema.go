package parser

import (
	"slices"
	"strings"

	"bloom/catalog"
)

func yesNo(b bool) string {
	if b {
		return "YES"
	}
	return "NO"
}

var informationSchema = map[string]systemView{
	"schemata": of("schema_name schema_owner", func(r *run, o catalog.Schema) []any { return []any{o.Name, r.owner(o.ID())} }),
	"tables": {"table_schema table_name table_type", relkinds, func(r *run, o catalog.Object) [][]any {
		schema, name, kind := relkind(o)
		word := map[string]string{"r": "BASE TABLE", "p": "BASE TABLE", "v": "VIEW", "f": "FOREIGN"}[kind]
		if word == "" {
			return nil
		}
		return [][]any{{schema, name, word}}
	}},
	"views": of("table_schema table_name view_definition", func(r *run, o catalog.View) []any {
		if o.Materialized {
			return nil
		}
		return []any{o.Schema, o.Name, exprValue(o.Query)}
	}),
	"columns": {"table_schema table_name column_name ordinal_position is_nullable data_type udt_schema udt_name column_default is_identity identity_generation is_generated character_maximum_length", kinds(catalog.KindColumn, catalog.KindView), columnRows},
	"table_constraints": of("constraint_schema constraint_name table_schema table_name constraint_type is_deferrable initially_deferred", func(r *run, o catalog.Constraint) []any {
		if o.Type == catalog.Exclusion {
			return nil
		}
		return []any{o.Schema, o.Name, o.Schema, o.Table, strings.ToUpper(string(o.Type)), yesNo(o.Deferrable), yesNo(o.InitiallyDeferred)}
	}),
	"key_column_usage": {"constraint_schema constraint_name table_schema table_name column_name ordinal_position", kinds(catalog.KindConstraint), func(r *run, o catalog.Object) [][]any {
		c, ok := o.(catalog.Constraint)
		if !ok || c.Type == catalog.Check || c.Type == catalog.Exclusion {
			return nil
		}
		var out [][]any
		for i, col := range c.Columns {
			out = append(out, []any{c.Schema, c.Name, c.Schema, c.Table, col, int64(i + 1)})
		}
		return out
	}},
	"constraint_column_usage": {"table_schema table_name column_name constraint_schema constraint_name", kinds(catalog.KindConstraint), func(r *run, o catalog.Object) [][]any {
		c, ok := o.(catalog.Constraint)
		if !ok || c.Type == catalog.Exclusion {
			return nil
		}
		of, columns := catalog.QName{Schema: c.Schema, Name: c.Table}, c.Columns
		switch c.Type {
		case catalog.ForeignKey:
			of, columns = c.RefTable, c.RefColumns
		case catalog.Check:
			columns = r.columnsIn(c)
		}
		var out [][]any
		for _, col := range columns {
			out = append(out, []any{of.Schema, of.Name, col, c.Schema, c.Name})
		}
		return out
	}},
	"referential_constraints": of("constraint_schema constraint_name match_option update_rule delete_rule", func(r *run, o catalog.Constraint) []any {
		if o.Type != catalog.ForeignKey {
			return nil
		}
		match := "NONE"
		if o.Match == "full" {
			match = "FULL"
		}
		return []any{o.Schema, o.Name, match, actionWord(o.OnUpdate), actionWord(o.OnDelete)}
	}),
	"check_constraints": {"constraint_schema constraint_name check_clause", kinds(catalog.KindConstraint, catalog.KindDomainConstraint), func(r *run, o catalog.Object) [][]any {
		switch o := o.(type) {
		case catalog.Constraint:
			if o.Type == catalog.Check {
				return [][]any{{o.Schema, o.Name, exprValue(o.Check)}}
			}
		case catalog.DomainConstraint:
			return [][]any{{o.Schema, o.Name, exprValue(o.Check)}}
		}
		return nil
	}},
	"routines": {"routine_schema routine_name routine_type security_type external_language routine_definition", kinds(catalog.KindRoutine), func(r *run, o catalog.Object) [][]any {
		f, ok := o.(catalog.Routine)
		if !ok {
			return nil
		}
		word, security := "FUNCTION", "INVOKER"
		if f.Procedure {
			word = "PROCEDURE"
		}
		if f.SecurityDefiner {
			security = "DEFINER"
		}
		return [][]any{{f.Schema, f.Name, word, security, strings.ToUpper(f.Language), f.Body}}
	}},
	"triggers": {"trigger_schema trigger_name event_manipulation event_object_schema event_object_table action_timing action_orientation action_statement", kinds(catalog.KindTrigger), func(r *run, o catalog.Object) [][]any {
		t, ok := o.(catalog.Trigger)
		if !ok {
			return nil
		}
		orientation := "STATEMENT"
		if t.Row {
			orientation = "ROW"
		}
		var out [][]any
		for _, e := range t.Events {
			if e != "truncate" {
				out = append(out, []any{t.Schema, t.Name, strings.ToUpper(e), t.Schema, t.Table, strings.ToUpper(t.Timing), orientation,
					&unknownError{what: "the call of a trigger is not known as PostgreSQL prints it", text: t.Function.SQL(), notNull: true}})
			}
		}
		return out
	}},
	"sequences": of("sequence_schema sequence_name", func(r *run, o catalog.Sequence) []any {
		if o.Identity {
			return nil
		}
		return []any{o.Schema, o.Name}
	}),
	"domains":             of("domain_schema domain_name data_type", func(r *run, o catalog.Domain) []any { return []any{o.Schema, o.Name, dataType(o.Base)} }),
	"role_table_grants":   {"grantee table_schema table_name privilege_type is_grantable", kinds(catalog.KindGrant), tableGrantRows},
	"table_privileges":    {"grantee table_schema table_name privilege_type is_grantable", kinds(catalog.KindGrant), tableGrantRows},
	"role_routine_grants": {"grantee routine_schema routine_name privilege_type is_grantable", kinds(catalog.KindGrant), routineGrantRows},
	"routine_privileges":  {"grantee routine_schema routine_name privilege_type is_grantable", kinds(catalog.KindGrant), routineGrantRows},
}

func actionWord(action string) string {
	if action == "" {
		return "NO ACTION"
	}
	return strings.ToUpper(action)
}

func columnRows(r *run, o catalog.Object) [][]any {
	switch o := o.(type) {
	case catalog.Column:
		var def, length, generation any
		if d, ok := catalog.Find[catalog.Default](r.in.c, catalog.Default{Schema: o.Schema, Table: o.Table, Column: o.Name}.ID()); ok {
			def = exprValue(d.Expr)
		}
		if n, ok := integer(o.Type.Parts().Mods); ok && slices.Contains([]string{"varchar", "bpchar"}, o.Type.Parts().Name) {
			length = n
		}
		if o.Identity != "" {
			generation = strings.ToUpper(o.Identity)
		}
		generated := "NEVER"
		if !o.Generated.IsZero() {
			generated = "ALWAYS"
		}
		schema, name := internalType(o.Type)
		return [][]any{{o.Schema, o.Table, o.Name, r.columnNumber(o), yesNo(!o.NotNull), dataType(o.Type), schema, name, def, yesNo(o.Identity != ""), generation, generated, length}}
	case catalog.View:
		var out [][]any
		for i, col := range o.Columns {
			typ, schema, name := any(dataType(col.Type)), any(nil), any(nil)
			if col.Type == "" {
				hidden := &unknownError{what: "the type of a view's column is not known", notNull: true}
				typ, schema, name = hidden, hidden, hidden
			} else {
				schema, name = internalType(col.Type)
			}
			out = append(out, []any{o.Schema, o.Name, col.Name, int64(i + 1), "YES", typ, schema, name, nil, "NO", nil, "NEVER", nil})
		}
		return out
	}
	return nil
}

func tableGrantRows(r *run, o catalog.Object) [][]any {
	return grantRows(o, catalog.KindTable, catalog.KindView)
}

func routineGrantRows(r *run, o catalog.Object) [][]any {
	return grantRows(o, catalog.KindRoutine, catalog.KindAggregate)
}

func grantRows(o catalog.Object, kinds ...catalog.Kind) [][]any {
	g, ok := o.(catalog.Grant)
	if !ok || !slices.Contains(kinds, g.Target.Kind) {
		return nil
	}
	grantee := g.Grantee
	if grantee == catalog.Public {
		grantee = "PUBLIC"
	}
	var out [][]any
	for _, p := range g.Privileges {
		out = append(out, []any{grantee, g.Target.Schema, g.Target.Name, p.Name, yesNo(p.Grantable)})
	}
	return out
}

// dataType is information_schema's word for a type.
func dataType(t catalog.Type) any {
	n := t.Parts()
	switch {
	case n.Array:
		return "ARRAY"
	case n.Schema != "pg_catalog":
		return "USER-DEFINED"
	}
	n.Mods = ""
	return string(n.Type())
}

// internalType is the schema and the name of a type in pg_type.
func internalType(t catalog.Type) (schema, name string) {
	n := t.Parts()
	if n.Array {
		return n.Schema, "_" + n.Name
	}
	return n.Schema, n.Name
}
