package analyze

import (
	"bloom/catalog"
)

// viewState is what is known of the columns of a view whose types the catalog does not have.
type viewState struct {
	busy   bool // it is being analysed: who asks now is part of a circle
	circle bool
	result result
	err    error
}

// viewRelation is a view as a source of rows.
func (e *env) viewRelation(id catalog.ID) *relation {
	v, ok := catalog.Find[catalog.View](e.catalog, id)
	if !ok {
		return nil
	}
	if typedColumns(v) {
		return e.kept.relations.get(catalog.QName{Schema: v.Schema, Name: v.Name}, func() *relation {
			r := &relation{schema: v.Schema, name: v.Name, id: id, system: v.Materialized}
			for _, c := range v.Columns {
				r.fields = append(r.fields, makeField(c.Name, c.Type))
			}
			return r
		})
	}
	r := &relation{schema: v.Schema, name: v.Name, id: id, system: v.Materialized}
	if s := e.resolveView(v); s != nil && !s.busy {
		r.fields = viewFields(v, s.result.columns)
	}
	return r
}

func typedColumns(v catalog.View) bool {
	for _, c := range v.Columns {
		if c.Type == "" {
			return false
		}
	}
	return len(v.Columns) > 0
}

// viewFields are a query's columns under the names that the view gives them.
func viewFields(v catalog.View, columns []field) []field {
	out := make([]field, len(columns))
	for i, f := range columns {
		out[i] = f
		if i < len(v.Columns) && v.Columns[i].Name != "" {
			out[i].name = v.Columns[i].Name
		}
	}
	return out
}

// resolveView analyses the query of a view whose columns are not known yet. Once all are, it only reads.
func (e *env) resolveView(v catalog.View) *viewState {
	id := v.ID()
	if s := e.views[id]; s != nil {
		s.circle = s.circle || s.busy
		return s
	}
	if e.settled {
		return nil
	}
	s := &viewState{busy: true}
	e.views[id] = s
	src := source{v, "Query", v.Query}
	p := parseOne(src)
	if s.err = p.err; p.err == nil {
		s.result = e.analyze(src, p.tree)
	}
	s.busy = false
	return s
}

// resolveViews finds the columns of all views that the catalog does not know the columns of.
func (e *env) resolveViews() {
	for c := e.catalog; c != nil; c = c.Base {
		for _, o := range c.All() {
			if v, ok := o.(catalog.View); ok && !typedColumns(v) && !v.Query.IsZero() {
				e.resolveView(v)
			}
		}
	}
	e.settled = true
}

// primaryKey is the constraint that is the primary key of a table, and its columns.
func (e *env) primaryKey(table catalog.ID) (catalog.ID, []string) {
	for c := e.catalog; c != nil; c = c.Base {
		for _, id := range c.Children(table) {
			if id.Kind != catalog.KindConstraint {
				continue
			}
			if k, ok := c.Get(id).(catalog.Constraint); ok && k.Type == catalog.PrimaryKey {
				return id, k.Columns
			}
		}
	}
	return catalog.ID{}, nil
}

// indexes are the indexes of the catalog by name, those of constraints included.
func (e *env) indexes() map[catalog.QName]catalog.ID {
	e.indexOnce.Do(func() {
		e.indexNames = map[catalog.QName]catalog.ID{}
		for c := e.catalog; c != nil; c = c.Base {
			for id, o := range c.All() {
				k, ok := o.(catalog.Constraint)
				if id.Kind == catalog.KindIndex || ok && k.HasIndex() {
					e.indexNames[catalog.QName{Schema: id.Schema, Name: id.Name}] = id
				}
			}
		}
	})
	return e.indexNames
}
