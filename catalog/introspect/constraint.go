package introspect

import "bloom/catalog"

// NOT NULL constraints are a field of their columns.
var constraints = query[constraintRow]{name: "constraints", sql: `
select k.oid, k.conname, k.conrelid, k.contypid, k.contype, k.condeferrable, k.condeferred, k.convalidated, k.conislocal, k.connoinherit,
       k.conindid, k.conparentid, k.confrelid, k.confupdtype, k.confdeltype, k.confmatchtype, k.conkey, k.confkey, k.confdelsetcols, k.conexclop,
       {constraint.enforced}, {constraint.period}, case when k.contype = 'c' then pg_get_expr(k.conbin, k.conrelid) end
from pg_constraint k where k.oid >= 16384`,
	add: (*loader).addConstraint, done: (*loader).putConstraints}

type constraintRow struct {
	OID                                           oid
	Name                                          string
	Relation, Domain                              oid
	Type                                          string
	Deferrable, Deferred, Valid, Local, NoInherit bool
	Index, Parent, RefTable                       oid
	OnUpdate, OnDelete, Match                     string
	Columns, RefColumns, DeleteColumns            []int
	Operators                                     []oid
	Enforced, Period                              bool
	Check                                         string
}

func (l *loader) addConstraint(r constraintRow) error {
	l.constraints[r.OID] = r
	return nil
}

func (l *loader) putConstraints() {
	for id, r := range l.constraints {
		at := ref{pgConstraint, id}
		if r.Domain != 0 {
			if o, ok := l.objects[ref{pgType, r.Domain}]; ok && r.Type == "c" {
				l.define(at, object{base: o.base}, catalog.DomainConstraint{
					Schema: o.id.Schema, Domain: o.id.Name, Name: r.Name, Check: expr(r.Check), NotValid: !r.Valid})
			}
			continue
		}
		rel := l.relations[r.Relation]
		if rel == nil || l.innerForeignKey(r) {
			continue
		}
		switch r.Type {
		case "n":
			if !rel.base && (!r.Valid || r.NoInherit) {
				l.unmodelled("not null constraint %s.%s that is not valid or not inherited", rel.id.Path(), r.Name)
			}
		case "c", "f", "p", "u", "x":
			l.define(at, object{base: rel.base, extension: rel.extension}, l.constraint(rel, r))
		}
	}
	l.putIndexes()
}

// innerForeignKey reports whether the row is one of those that PostgreSQL makes
// for the partitions of the table a foreign key refers to.
func (l *loader) innerForeignKey(r constraintRow) bool {
	parent, ok := l.constraints[r.Parent]
	return ok && r.Type == "f" && parent.Relation == r.Relation
}

func (l *loader) constraint(rel *relation, r constraintRow) catalog.Constraint {
	c := catalog.Constraint{
		Schema: rel.id.Schema, Table: rel.id.Name, Name: r.Name, Columns: l.columnNames(r.Relation, r.Columns),
		Deferrable: r.Deferrable, InitiallyDeferred: r.Deferred, NotValid: !r.Valid && r.Enforced, NotEnforced: !r.Enforced, Inherited: !r.Local,
	}
	switch r.Type {
	case "c":
		c.Type, c.Columns, c.Check, c.NoInherit = catalog.Check, nil, expr(r.Check), r.NoInherit
	case "f":
		action := func(code string) string {
			return word(code, "a", "", "r", "restrict", "c", "cascade", "n", "set null", "d", "set default")
		}
		c.Type, c.RefTable, c.RefColumns = catalog.ForeignKey, l.relationName(r.RefTable), l.columnNames(r.RefTable, r.RefColumns)
		c.Match = word(r.Match, "s", "", "f", "full", "p", "partial")
		c.OnUpdate, c.OnDelete, c.OnDeleteColumns = action(r.OnUpdate), action(r.OnDelete), l.columnNames(r.Relation, r.DeleteColumns)
		c.Period = r.Period
	case "p":
		c.Type, c.WithoutOverlaps = catalog.PrimaryKey, r.Period
	case "u":
		c.Type, c.WithoutOverlaps = catalog.Unique, r.Period
	case "x":
		c.Type, c.Columns = catalog.Exclusion, nil
	}
	if x := l.indexes[r.Index]; x != nil && c.HasIndex() {
		c.Include, c.NullsNotDistinct, c.Options, c.Tablespace = x.Include, x.NullsNotDistinct, x.Options, x.Tablespace
		if len(x.Statistics) > 0 && !rel.base {
			l.unmodelled("statistics targets of the index of constraint %s on %s", c.Name, rel.id.Path())
		}
		if c.Type == catalog.Exclusion {
			c.Method, c.Predicate = x.Method, x.Predicate
			for i, e := range x.Elements {
				c.Elements = append(c.Elements, catalog.ExclusionElement{IndexElement: e, Operator: l.operators[r.Operators[i]]})
			}
		}
	}
	return c
}
