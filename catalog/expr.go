package catalog

import (
	"reflect"
	"strconv"
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
	v := reflect.New(reflect.TypeOf(o)).Elem()
	v.Set(reflect.ValueOf(o))
	walkExprs(v, "", func(path string, e reflect.Value) {
		if x := e.Interface().(Expr); !x.IsZero() {
			out = append(out, ExprField{path, x})
		}
	})
	return out
}

// WithExprs returns a copy of the object in which every expression is replaced
// by what f makes of it.
func WithExprs(o Object, f func(path string, e Expr) Expr) Object {
	v := reflect.New(reflect.TypeOf(o)).Elem()
	v.Set(reflect.ValueOf(o))
	detachSlices(v)
	walkExprs(v, "", func(path string, e reflect.Value) {
		e.Set(reflect.ValueOf(f(path, e.Interface().(Expr))))
	})
	return v.Interface().(Object)
}

func walkExprs(v reflect.Value, path string, f func(string, reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == exprType {
			f(path, v)
			return
		}
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if path != "" {
				name = path + "." + name
			}
			walkExprs(v.Field(i), name, f)
		}
	case reflect.Slice:
		if holdsExprs(v.Type().Elem()) {
			for i := range v.Len() {
				walkExprs(v.Index(i), path+"["+strconv.Itoa(i)+"]", f)
			}
		}
	}
}

// detachSlices copies the slices that walkExprs enters, so that the copy can be
// written without touching the original.
func detachSlices(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == exprType {
			return
		}
		for i := range v.NumField() {
			detachSlices(v.Field(i))
		}
	case reflect.Slice:
		if v.IsNil() || !holdsExprs(v.Type().Elem()) {
			return
		}
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(c, v)
		v.Set(c)
		for i := range v.Len() {
			detachSlices(v.Index(i))
		}
	}
}

func holdsExprs(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	if t == exprType {
		return true
	}
	for i := range t.NumField() {
		ft := t.Field(i).Type
		if ft.Kind() == reflect.Slice {
			ft = ft.Elem()
		}
		if holdsExprs(ft) {
			return true
		}
	}
	return false
}
