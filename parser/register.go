package parser

import (
	"slices"

	"bloom/catalog"
)

// register keeps what is to be found otherwise than by ID, and the names that
// new indexes and constraints have to avoid.
func (in *interpreter) register(id catalog.ID, o catalog.Object) {
	q := catalog.QName{Schema: id.Schema, Name: id.Name}
	switch o := o.(type) {
	case catalog.Index:
		in.indexes[q] = id
	case catalog.Constraint:
		in.constraint[q]++
		if o.HasIndex() {
			in.indexes[q] = id
		}
	case catalog.DomainConstraint:
		in.constraint[q]++
	case catalog.Routine, catalog.Aggregate, catalog.Operator:
		in.definers = nil
		k := overloadKey(id)
		in.overloads[k] = append(in.overloads[k], id)
	case catalog.Range:
		in.ranges[o.Multirange] = id
	case catalog.Extension:
		in.extensions[o.Name], in.facts = o.Schema, nil
	}
}

func (in *interpreter) unregister(id catalog.ID) {
	q := catalog.QName{Schema: id.Schema, Name: id.Name}
	switch o := in.c.Get(id).(type) {
	case catalog.Index:
		in.forgetIndex(q, id)
	case catalog.Constraint:
		in.constraint[q]--
		in.forgetIndex(q, id)
	case catalog.DomainConstraint:
		in.constraint[q]--
	case catalog.Routine, catalog.Aggregate, catalog.Operator:
		k := overloadKey(id)
		in.overloads[k] = slices.DeleteFunc(slices.Clone(in.overloads[k]), func(x catalog.ID) bool { return x == id })
	case catalog.Range:
		delete(in.ranges, o.Multirange)
	case catalog.Extension:
		delete(in.extensions, o.Name)
		in.facts = nil
	}
}

func (in *interpreter) forgetIndex(q catalog.QName, id catalog.ID) {
	if in.indexes[q] == id {
		delete(in.indexes, q)
	}
}

// overloadKey is what routines of one name have in common.
func overloadKey(id catalog.ID) catalog.ID {
	id.Args = ""
	if id.Kind == catalog.KindAggregate {
		id.Kind = catalog.KindRoutine
	}
	return id
}
