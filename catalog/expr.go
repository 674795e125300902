package catalog

import (
	"reflect"
	"strconv"
	"sync"
)

// Expr is an expression, a query or a list of statements as SQL text, with what
// is needed to read it. No text means there is none.
type Expr struct {
	Text string
	// Path is the search_path that the names in Text are read under: schema
	// names, quoted where needed, ", " between them, as SHOW search_path prints.
	// Empty is what the server uses for text it prints itself: pg_catalog only.
	Path string
	// Pos is where Text stands; zero if read from a database. It is no part of
	// the value.
	Pos Pos
}

// IsZero reports whether there is no expression.
func (e Expr) IsZero() bool { return e.Text == "" }

// Equal reports whether two expressions are the same text under the same path.
// Whether different texts mean the same is for parser/analyze to say.
func (e Expr) Equal(o Expr) bool { return e.Text == o.Text && e.Path == o.Path }

var exprType = reflect.TypeFor[Expr]()

// ExprField is one expression of an object: Path names the field, as in
// "Using" or "Elements[1].Expr".
type ExprField struct {
	Path string
	Expr Expr
}

// Exprs lists the expressions of an object that are not empty, in field order.
func Exprs(o Object) []ExprField {
	var out []ExprField
	if p := exprPlaces(reflect.TypeOf(o)); len(p) > 0 {
		p.walk(reflect.ValueOf(o), "", func(at exprPath, e reflect.Value) {
			if e.Field(0).Len() > 0 {
				out = append(out, ExprField{at.String(), e.Interface().(Expr)})
			}
		})
	}
	return out
}

// WithExprs returns a copy of the object in which every expression is replaced
// by what f makes of it.
func WithExprs(o Object, f func(path string, e Expr) Expr) Object {
	p := exprPlaces(reflect.TypeOf(o))
	if len(p) == 0 {
		return o
	}
	v := reflect.New(reflect.TypeOf(o)).Elem()
	v.Set(reflect.ValueOf(o))
	p.detach(v)
	p.walk(v, "", func(at exprPath, e reflect.Value) {
		e.Set(reflect.ValueOf(f(at.String(), e.Interface().(Expr))))
	})
	return v.Interface().(Object)
}

// exprPlan says in which fields of a struct there are expressions. It is made
// once for each type: most objects have none, and there are many objects.
type exprPlan []exprPlace

type exprPlace struct {
	field int
	name  string
	list  bool     // the field is a slice
	inner exprPlan // of the field, or the slice's elements; nil if that is an Expr itself
}

var exprPlans sync.Map // reflect.Type to exprPlan

func exprPlaces(t reflect.Type) exprPlan {
	if p, ok := exprPlans.Load(t); ok {
		return p.(exprPlan)
	}
	p := makeExprPlan(t)
	exprPlans.Store(t, p)
	return p
}

func makeExprPlan(t reflect.Type) exprPlan {
	var p exprPlan
	for i := range t.NumField() {
		place := exprPlace{field: i, name: t.Field(i).Name}
		ft := t.Field(i).Type
		if ft.Kind() == reflect.Slice {
			place.list, ft = true, ft.Elem()
		}
		if ft.Kind() != reflect.Struct {
			continue
		}
		if ft != exprType {
			if place.inner = makeExprPlan(ft); place.inner == nil {
				continue
			}
		}
		p = append(p, place)
	}
	return p
}

// exprPath is where an expression stands. It is written only when it is wanted: most fields are empty.
type exprPath struct {
	prefix, name string
	index        int // in a list; -1: it is none
}

func (p exprPath) String() string {
	if p.index < 0 {
		return p.prefix + p.name
	}
	return p.prefix + p.name + "[" + strconv.Itoa(p.index) + "]"
}

// walk calls f for each expression in v, a struct.
func (p exprPlan) walk(v reflect.Value, prefix string, f func(at exprPath, e reflect.Value)) {
	for _, place := range p {
		field := v.Field(place.field)
		if !place.list {
			place.visit(field, exprPath{prefix, place.name, -1}, f)
			continue
		}
		for i := range field.Len() {
			place.visit(field.Index(i), exprPath{prefix, place.name, i}, f)
		}
	}
}

func (p exprPlace) visit(v reflect.Value, at exprPath, f func(exprPath, reflect.Value)) {
	if p.inner == nil {
		f(at, v)
		return
	}
	p.inner.walk(v, at.String()+".", f)
}

// detach copies the slices that walk enters, so that the copy can be written
// without touching the original.
func (p exprPlan) detach(v reflect.Value) {
	for _, place := range p {
		field := v.Field(place.field)
		if !place.list {
			place.inner.detach(field)
			continue
		}
		if field.IsNil() {
			continue
		}
		c := reflect.MakeSlice(field.Type(), field.Len(), field.Len())
		reflect.Copy(c, field)
		field.Set(c)
		for i := range c.Len() {
			place.inner.detach(c.Index(i))
		}
	}
}
