package parser

import (
	"reflect"

	"bloom/catalog"
	"bloom/catalog/builtin"
)

// needs lists what an object depends on as far as its structure tells; what its
// expressions need is for parser/analyze. Parents are left out, roles too.
func (in *interpreter) needs(o catalog.Object) []catalog.ID {
	d := &dependencies{in: in}
	id := o.ID()
	if id.Schema != "" && id.Table == "" && id.On == catalog.KindNone && id.Kind != catalog.KindDefault {
		d.add(catalog.Schema{Name: id.Schema}.ID())
	}
	d.types(reflect.ValueOf(o))
	switch o := o.(type) {
	case catalog.Extension:
		if o.Schema != "" {
			d.add(catalog.Schema{Name: o.Schema}.ID())
		}
	case catalog.Table:
		d.table(o)
	case catalog.Column:
		d.collation(o.Collation)
	case catalog.Constraint:
		d.constraint(o)
	case catalog.Index:
		d.index(o)
	case catalog.Trigger:
		d.function(o.Function)
		d.columns(o.Schema, o.Table, o.UpdateColumns)
		d.relation(o.From)
	case catalog.EventTrigger:
		d.function(o.Function)
	case catalog.Sequence:
		if !o.OwnedBy.IsZero() {
			d.add(o.OwnedBy.ID())
		}
	case catalog.Statistics:
		d.relation(o.Table)
		d.columns(o.Table.Schema, o.Table.Name, o.Columns)
	case catalog.PublicationTable:
		d.relation(catalog.QName{Schema: o.Schema, Name: o.Table})
		d.columns(o.Schema, o.Table, o.Columns)
	case catalog.PublicationSchema:
		d.add(catalog.Schema{Name: o.Schema}.ID())
	default:
		d.rare(o)
	}
	return d.ids
}

type dependencies struct {
	in  *interpreter
	ids []catalog.ID
}

func (d *dependencies) add(id catalog.ID) {
	if id.Schema != "pg_catalog" && !(id.Kind == catalog.KindSchema && id.Name == "pg_catalog") {
		d.ids = append(d.ids, id)
	}
}

// rare adds what objects need that few schemas have.
func (d *dependencies) rare(o catalog.Object) {
	switch o := o.(type) {
	case catalog.Routine:
		d.function(o.Support)
	case catalog.Domain:
		d.collation(o.Collation)
	case catalog.Composite:
		for _, a := range o.Attributes {
			d.collation(a.Collation)
		}
	case catalog.Range:
		d.functions(o.Canonical, o.Diff)
		d.collation(o.Collation)
	case catalog.Aggregate:
		d.functions(o.Transition, o.Final, o.Combine, o.Serial, o.Deserial, o.MovingTransition, o.MovingInverse, o.MovingFinal)
		d.operator(o.SortOperator)
	case catalog.Operator:
		d.functions(o.Function, o.Restrict, o.Join)
	case catalog.OperatorClass:
		d.object(catalog.ID{Kind: catalog.KindOperatorFamily, Schema: o.Family.Schema, Name: o.Family.Name, Args: o.Method})
		d.members(o.Members)
	case catalog.OperatorFamily:
		d.members(o.Members)
	case catalog.Cast:
		d.function(o.Function)
	case catalog.Conversion:
		d.function(o.Function)
	case catalog.TextSearchParser:
		d.functions(o.Start, o.Token, o.End, o.Headline, o.LexTypes)
	case catalog.TextSearchTemplate:
		d.functions(o.Init, o.Lexize)
	case catalog.TextSearchDictionary:
		d.object(catalog.ID{Kind: catalog.KindTextSearchTemplate, Schema: o.Template.Schema, Name: o.Template.Name})
	case catalog.TextSearchConfiguration:
		d.object(catalog.ID{Kind: catalog.KindTextSearchParser, Schema: o.Parser.Schema, Name: o.Parser.Name})
		for _, m := range o.Mappings {
			for _, q := range m.Dictionaries {
				d.object(catalog.ID{Kind: catalog.KindTextSearchDictionary, Schema: q.Schema, Name: q.Name})
			}
		}
	case catalog.ForeignDataWrapper:
		d.functions(o.Handler, o.Validator)
	case catalog.Server:
		d.object(catalog.ForeignDataWrapper{Name: o.Wrapper}.ID())
	}
}

func (d *dependencies) table(t catalog.Table) {
	for _, p := range t.Inherits {
		d.relation(p)
	}
	d.relation(t.PartitionOf.Parent)
	if t.Server != "" {
		d.add(catalog.Server{Name: t.Server}.ID())
	}
	for _, e := range t.PartitionBy.Elements {
		d.collation(e.Collation)
	}
}

func (d *dependencies) constraint(o catalog.Constraint) {
	d.columns(o.Schema, o.Table, o.Columns)
	d.columns(o.Schema, o.Table, o.Include)
	for _, e := range o.Elements {
		d.element(o.Schema, o.Table, e.IndexElement)
		d.operator(e.Operator)
	}
	if o.Type != catalog.ForeignKey {
		return
	}
	d.columns(o.RefTable.Schema, o.RefTable.Name, o.RefColumns)
	if key, ok := d.in.referencedKey(o); ok {
		d.add(key)
	}
}

func (d *dependencies) index(o catalog.Index) {
	for _, e := range o.Elements {
		d.element(o.Schema, o.Table, e)
	}
	d.columns(o.Schema, o.Table, o.Include)
	if id, ok := d.in.indexes[o.Parent]; ok && !o.Parent.IsZero() {
		d.add(id)
	}
}

func (d *dependencies) element(schema, table string, e catalog.IndexElement) {
	if e.Column != "" {
		d.columns(schema, table, []string{e.Column})
	}
	d.collation(e.Collation)
	if !e.Opclass.IsZero() {
		for _, m := range []string{"btree", "hash", "gin", "gist", "spgist", "brin", "hnsw", "ivfflat"} {
			d.object(catalog.ID{Kind: catalog.KindOperatorClass, Schema: e.Opclass.Schema, Name: e.Opclass.Name, Args: m})
		}
		d.extension(func(s *builtin.Set) bool { return hasOpclass(s, e.Opclass) })
	}
}

func (d *dependencies) columns(schema, table string, names []string) {
	for _, n := range names {
		d.add(catalog.ID{Kind: catalog.KindColumn, Schema: schema, Table: table, Name: n})
	}
}

func (d *dependencies) relation(q catalog.QName) {
	if id, ok := d.in.c.Relation(q.Schema, q.Name); ok && !q.IsZero() {
		d.add(id)
	}
}

// object adds an ID if there is such an object.
func (d *dependencies) object(id catalog.ID) {
	if d.in.c.Lookup(id) != nil {
		d.add(id)
	}
}

func (d *dependencies) collation(q catalog.QName) {
	d.object(catalog.ID{Kind: catalog.KindCollation, Schema: q.Schema, Name: q.Name})
}

func (d *dependencies) functions(names ...catalog.QName) {
	for _, q := range names {
		d.function(q)
	}
}

// function adds the functions of a name. Where only a name is kept, which of the
// overloaded ones is meant is not known.
func (d *dependencies) function(q catalog.QName) {
	if q.IsZero() || q.Schema == "pg_catalog" {
		return
	}
	ids := d.in.routines(q)
	for _, id := range ids {
		d.add(id)
	}
	if len(ids) == 0 {
		d.extension(func(s *builtin.Set) bool {
			for _, f := range s.Functions(q.Name) {
				if f.Name.Schema == q.Schema {
					return true
				}
			}
			return false
		})
	}
}

func (d *dependencies) operator(q catalog.QName) {
	if q.Schema == "pg_catalog" {
		return
	}
	for _, id := range d.in.operators(q) {
		d.add(id)
	}
}

func (d *dependencies) members(list []catalog.OperatorClassMember) {
	for _, m := range list {
		d.function(m.Function)
		d.operator(m.Operator)
	}
}

var typeType = reflect.TypeFor[catalog.Type]()

// types adds the types that an object names, wherever in it.
func (d *dependencies) types(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == typeType {
			d.typ(catalog.Type(v.String()))
		}
	case reflect.Struct:
		if v.Type() == exprReflect || v.Type() == idReflect {
			return
		}
		for i := range v.NumField() {
			d.types(v.Field(i))
		}
	case reflect.Slice:
		if k := v.Type().Elem().Kind(); k == reflect.Struct || v.Type().Elem() == typeType {
			for i := range v.Len() {
				d.types(v.Index(i))
			}
		}
	}
}

var (
	exprReflect = reflect.TypeFor[catalog.Expr]()
	idReflect   = reflect.TypeFor[catalog.ID]()
)

func (d *dependencies) typ(t catalog.Type) {
	if t == "" {
		return
	}
	q := t.Parts().QName()
	if q.Schema == "pg_catalog" {
		return
	}
	if id, ok := d.in.typeObject(q); ok {
		d.add(id)
		return
	}
	d.extension(func(s *builtin.Set) bool { return s.Type(catalog.QName{Schema: q.Schema, Name: q.Name}) != nil })
}

// typeObject is the object that a type name stands for.
func (in *interpreter) typeObject(q catalog.QName) (catalog.ID, bool) {
	for _, k := range typeKinds {
		if id := (catalog.ID{Kind: k, Schema: q.Schema, Name: q.Name}); in.c.Lookup(id) != nil {
			return id, true
		}
	}
	id, ok := in.ranges[q]
	return id, ok
}

// extension adds the extension that has what is asked for.
func (d *dependencies) extension(has func(*builtin.Set) bool) {
	for _, f := range d.in.extensionFacts() {
		if has(f.set) {
			d.add(catalog.Extension{Name: f.name}.ID())
			return
		}
	}
}
