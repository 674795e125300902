package parser

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// notExtension stands for the OID of something that is no extension.
type notExtension struct{}

// modifier is an atttypmod: what format_type makes of it.
type modifier struct{ t catalog.Type }

func typmod(t catalog.Type) any {
	if t.Parts().Mods == "" {
		return int64(-1)
	}
	return modifier{t}
}

// typeOid is the OID of a type, as a cast to regtype gives it.
func (r *run) typeOid(t catalog.Type) oid {
	n := t.Parts()
	n.Mods = ""
	if n.Schema != "pg_catalog" && !n.Array {
		for _, k := range typeKinds {
			if id := (catalog.ID{Kind: k, Schema: n.Schema, Name: n.Name}); r.in.c.Lookup(id) != nil {
				return r.oid(id)
			}
		}
	}
	shown := string(n.Type())
	return oid{catalog.ID{Kind: catalog.KindBaseType, Schema: "pg_catalog", Name: shown}, shown}
}

func languageOid(name string) oid {
	return oid{catalog.ID{Kind: catalog.KindNone, Name: name}, name}
}

// ownerOid is the OID of the role that owns an object.
func (r *run) ownerOid(id catalog.ID) any {
	if name, ok := r.owner(id).(string); ok {
		return r.oid(catalog.Role{Name: name}.ID())
	}
	return &unknownError{what: "the owner is not known", notNull: true}
}

// boolOid is an OID of which only whether there is one is known.
func boolOid(is bool) any {
	if is {
		return &unknownError{what: "this OID is not known", notNull: true}
	}
	return int64(0)
}

// routineOid is the OID of a function that is a trigger's.
func (r *run) routineOid(q catalog.QName) any {
	id := catalog.ID{Kind: catalog.KindRoutine, Schema: q.Schema, Name: q.Name}
	if r.in.c.Lookup(id) == nil {
		return &unknownError{what: "the OID of a function of PostgreSQL's own is not known", notNull: true}
	}
	return r.oid(id)
}

// columnNumber counts the columns that a table has now: those that were dropped
// have left no gap.
func (r *run) columnNumber(c catalog.Column) any {
	list := r.numbers(c.Schema, c.Table, []string{c.Name})
	if len(list) == 0 {
		return &unknownError{what: "the number of a column is not known", notNull: true}
	}
	return list[0]
}

func (r *run) numbers(schema, table string, columns []string) []any {
	t, _ := catalog.Find[catalog.Table](r.in.c, catalog.ID{Kind: catalog.KindTable, Schema: schema, Name: table})
	var out []any
	for _, c := range columns {
		if i := slices.Index([]string(t.Columns), c); i >= 0 {
			out = append(out, int64(i+1))
		}
	}
	return out
}

// shownRelation is a relation's name as PostgreSQL prints it under the search_path.
func (r *run) shownRelation(q catalog.QName) string {
	if o, ok := r.relOid(q.Schema, q.Name).(oid); ok {
		return o.shown
	}
	return q.SQL()
}

// constraintDefinition is pg_get_constraintdef.
func (r *run) constraintDefinition(c catalog.Constraint) any {
	var b strings.Builder
	list := func(columns []string) string {
		quoted := make([]string, len(columns))
		for i, col := range columns {
			quoted[i] = catalog.Quote(col)
		}
		return "(" + strings.Join(quoted, ", ") + ")"
	}
	switch c.Type {
	case catalog.PrimaryKey, catalog.Unique:
		b.WriteString(strings.ToUpper(string(c.Type)))
		if c.NullsNotDistinct {
			b.WriteString(" NULLS NOT DISTINCT")
		}
		b.WriteString(" " + list(c.Columns))
		if len(c.Include) > 0 {
			b.WriteString(" INCLUDE " + list(c.Include))
		}
		if len(c.Options) > 0 || c.Tablespace != "" {
			return &unknownError{what: "the text of a key with options is not known", text: b.String(), notNull: true}
		}
	case catalog.ForeignKey:
		b.WriteString("FOREIGN KEY " + list(c.Columns) + " REFERENCES " + r.shownRelation(c.RefTable) + list(c.RefColumns))
		if c.Match == "full" {
			b.WriteString(" MATCH FULL")
		}
		if c.OnUpdate != "" {
			b.WriteString(" ON UPDATE " + strings.ToUpper(c.OnUpdate))
		}
		if c.OnDelete != "" {
			b.WriteString(" ON DELETE " + strings.ToUpper(c.OnDelete))
		}
		if len(c.OnDeleteColumns) > 0 {
			b.WriteString(" " + list(c.OnDeleteColumns))
		}
	default:
		return &unknownError{what: "the text of a check is not known as PostgreSQL prints it", text: strings.ToUpper(string(c.Type)) + " ((" + c.Check.Text + "))", notNull: true}
	}
	if c.Deferrable {
		b.WriteString(" DEFERRABLE")
	}
	if c.InitiallyDeferred {
		b.WriteString(" INITIALLY DEFERRED")
	}
	if c.NotValid {
		b.WriteString(" NOT VALID")
	}
	return b.String()
}

// indexDefinition is what words pg_get_indexdef has.
func (r *run) indexDefinition(o catalog.Object) any {
	text := ""
	for _, f := range catalog.Exprs(o) {
		text += " " + f.Expr.Text
	}
	id := o.ID()
	switch o := o.(type) {
	case catalog.Index:
		for _, e := range o.Elements {
			text += " " + e.Column
		}
		text += " " + strings.Join(o.Include, " ") + " " + o.Method
		if o.Unique {
			text += " unique"
		}
	case catalog.Constraint:
		text += " " + strings.Join(o.Columns, " ") + " unique btree"
	}
	return &unknownError{what: "the text of an index is not known as PostgreSQL prints it", text: text + " " + id.Name + " " + id.Table, notNull: true}
}

// arguments is pg_get_function_identity_arguments and, with defaults, pg_get_function_arguments.
func (r *run) arguments(o catalog.Routine, defaults bool) any {
	var parts []string
	text, whole := "", true
	for _, p := range o.Params {
		if p.Mode == "table" || !defaults && p.Mode == "out" && !o.Procedure {
			continue
		}
		var words []string
		if p.Mode != "in" {
			words = append(words, strings.ToUpper(p.Mode))
		}
		if p.Name != "" {
			words = append(words, catalog.Quote(p.Name))
		}
		words = append(words, r.shownType(p.Type))
		parts = append(parts, strings.Join(words, " "))
		if defaults && !p.Default.IsZero() {
			text += " DEFAULT " + p.Default.Text
			whole = whole && parseExpr(p.Default.Text).GetAConst() != nil // its type is the parameter's
		}
	}
	list := strings.Join(parts, ", ")
	if text != "" {
		return &unknownError{what: "defaults are not known as PostgreSQL prints them", text: list + text, whole: whole, notNull: true}
	}
	return list
}

// shownType is a type as format_type prints it under the search_path.
func (r *run) shownType(t catalog.Type) string {
	n := t.Parts()
	if n.Schema == "pg_catalog" {
		return string(t)
	}
	element := n
	element.Array, element.Mods = false, ""
	shown := r.typeOid(element.Type()).shown
	if n.Array {
		shown += "[]"
	}
	return shown
}
