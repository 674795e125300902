package parser

import (
	"reflect"
	"slices"

	"bloom/catalog"
)

// columns rewrites names that stand without their relation: of columns in what
// belongs to it or references it, of indexes in their table.
func (r *renaming) columns(v reflect.Value) {
	if !v.CanInterface() {
		return
	}
	switch r.id.Kind {
	case catalog.KindColumn:
		if n := r.inColumns(v.Interface()); n != nil {
			v.Set(reflect.ValueOf(n))
		}
	case catalog.KindIndex, catalog.KindConstraint:
		if t, ok := v.Interface().(catalog.Table); ok && t.Schema == r.id.Schema && t.Name == r.id.Table {
			if t.ClusterOn == r.id.Name {
				t.ClusterOn = r.name
			}
			if t.ReplicaIdentity.Index == r.id.Name {
				t.ReplicaIdentity.Index = r.name
			}
			v.Set(reflect.ValueOf(t))
		}
	}
}

func (r *renaming) inColumns(o any) catalog.Object {
	here := func(schema, table string) bool { return schema == r.id.Schema && table == r.id.Table }
	switch o := o.(type) {
	case catalog.Table:
		if here(o.Schema, o.Name) {
			o.Columns = r.list(o.Columns)
			o.PartitionBy.Elements = slices.Clone(o.PartitionBy.Elements)
			for i := range o.PartitionBy.Elements {
				r.one(&o.PartitionBy.Elements[i].Column)
			}
			return o
		}
	case catalog.Default:
		if here(o.Schema, o.Table) {
			r.one(&o.Column)
			return o
		}
	case catalog.Constraint:
		return r.inConstraint(o, here)
	case catalog.Index:
		if here(o.Schema, o.Table) {
			o.Include, o.Elements = r.list(o.Include), slices.Clone(o.Elements)
			for i := range o.Elements {
				r.one(&o.Elements[i].Column)
			}
			return o
		}
	case catalog.Trigger:
		if here(o.Schema, o.Table) {
			o.UpdateColumns = r.list(o.UpdateColumns)
			return o
		}
	case catalog.PublicationTable:
		if here(o.Schema, o.Table) {
			o.Columns = r.list(o.Columns)
			slices.Sort(o.Columns)
			return o
		}
	case catalog.Statistics:
		if here(o.Table.Schema, o.Table.Name) {
			o.Columns = r.list(o.Columns)
			slices.Sort(o.Columns)
			return o
		}
	}
	return nil
}

func (r *renaming) inConstraint(o catalog.Constraint, here func(schema, table string) bool) catalog.Object {
	if here(o.Schema, o.Table) {
		o.Columns, o.Include, o.OnDeleteColumns = r.list(o.Columns), r.list(o.Include), r.list(o.OnDeleteColumns)
		o.Elements = slices.Clone(o.Elements)
		for i := range o.Elements {
			r.one(&o.Elements[i].Column)
		}
	}
	if here(o.RefTable.Schema, o.RefTable.Name) {
		o.RefColumns = r.list(o.RefColumns)
	}
	return o
}

func (r *renaming) one(s *string) {
	if *s == r.id.Name {
		*s = r.name
	}
}

func (r *renaming) list(names []string) []string {
	out := slices.Clone(names)
	for i := range out {
		r.one(&out[i])
	}
	return out
}
