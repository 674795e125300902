package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"

	"bloom/catalog"
)

// types gives the type of each kind of object.
var types = func() map[catalog.Kind]reflect.Type {
	m := map[catalog.Kind]reflect.Type{}
	for _, o := range []catalog.Object{
		catalog.Role{}, catalog.RoleMember{}, catalog.Schema{}, catalog.Extension{}, catalog.Collation{},
		catalog.BaseType{}, catalog.Enum{}, catalog.Composite{}, catalog.Range{}, catalog.Domain{}, catalog.DomainConstraint{},
		catalog.Sequence{}, catalog.ForeignDataWrapper{}, catalog.Server{}, catalog.UserMapping{}, catalog.Table{}, catalog.Column{},
		catalog.Routine{}, catalog.Aggregate{}, catalog.Operator{}, catalog.OperatorFamily{}, catalog.OperatorClass{}, catalog.Cast{}, catalog.Conversion{},
		catalog.TextSearchParser{}, catalog.TextSearchTemplate{}, catalog.TextSearchDictionary{}, catalog.TextSearchConfiguration{},
		catalog.Default{}, catalog.Constraint{}, catalog.Index{}, catalog.Statistics{}, catalog.View{}, catalog.Rule{}, catalog.Trigger{},
		catalog.Policy{}, catalog.RowSecurity{}, catalog.EventTrigger{}, catalog.Publication{}, catalog.PublicationTable{},
		catalog.PublicationSchema{}, catalog.Subscription{}, catalog.Owner{}, catalog.DefaultPrivilege{}, catalog.Grant{}, catalog.Comment{}, catalog.SecurityLabel{},
	} {
		m[o.ID().Kind] = reflect.TypeOf(o)
	}
	return m
}()

var (
	kindType = reflect.TypeFor[catalog.Kind]()
	posType  = reflect.TypeFor[catalog.Pos]()
)

// encoder writes values as JSON: fields under their own names in their order,
// those that are zero left out.
type encoder struct {
	b   bytes.Buffer
	err error
}

func (e *encoder) raw(s string) { e.b.WriteString(s) }

func (e *encoder) value(v reflect.Value) {
	switch {
	case v.Type() == kindType:
		e.text(v.Interface().(catalog.Kind).String())
	case v.Kind() == reflect.Struct:
		e.fields(v)
	case v.Kind() == reflect.Slice:
		e.raw("[")
		for i := range v.Len() {
			if i > 0 {
				e.raw(",")
			}
			e.value(v.Index(i))
		}
		e.raw("]")
	case v.Kind() == reflect.String:
		e.text(v.String())
	default:
		text, err := json.Marshal(v.Interface())
		e.err = errors.Join(e.err, err)
		e.b.Write(text)
	}
}

func (e *encoder) fields(v reflect.Value) {
	e.raw("{")
	e.inner(v, "")
	e.raw("}")
}

// inner writes the fields of a struct, those of an embedded one among them.
func (e *encoder) inner(v reflect.Value, comma string) string {
	for i := range v.NumField() {
		f, field := v.Field(i), v.Type().Field(i)
		switch {
		case f.IsZero(), f.Kind() == reflect.Slice && f.Len() == 0, f.Type() == posType:
		case field.Anonymous:
			comma = e.inner(f, comma)
		default:
			e.raw(comma + `"` + field.Name + `":`)
			e.value(f)
			comma = ","
		}
	}
	return comma
}

// text writes a string. JSON is UTF-8, and other bytes would be replaced.
func (e *encoder) text(s string) {
	if !utf8.ValidString(s) {
		e.err = errors.Join(e.err, fmt.Errorf("%q is not UTF-8", s))
	}
	enc := json.NewEncoder(&e.b)
	enc.SetEscapeHTML(false)
	e.err = errors.Join(e.err, enc.Encode(s))
	e.b.Truncate(e.b.Len() - 1) // its line end
}

// decode reads one object. A field that is not known is an error: it may matter.
func decode(k catalog.Kind, text []byte) (catalog.Object, error) {
	t, ok := types[k]
	if !ok {
		return nil, fmt.Errorf("no object is of kind %q", k)
	}
	v := reflect.New(t)
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v.Interface()); err != nil {
		return nil, fmt.Errorf("%s: %w", k, err)
	}
	return v.Elem().Interface().(catalog.Object), nil
}
