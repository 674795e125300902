package analyze

import (
	"slices"
	"strings"

	"bloom/catalog"
	"bloom/catalog/builtin"
)

// function is a function, aggregate or window function (pg_proc).
type function struct {
	schema, name string
	args         []typ // of the input arguments
	names        []string
	result       typ
	set          bool
	kind         byte // prokind: f, p, a, w
	variadic     typ  // its element type; zero if not variadic
	defaults     int
	outs         []field    // columns of a record result: OUT and TABLE parameters
	aggregate    byte       // aggkind: n, o, h
	direct       int        // aggnumdirectargs
	id           catalog.ID // zero if built in
}

func (f *function) String() string { return signature(f.schema, f.name, f.args) }

func signature(schema, name string, args []typ) string {
	var b strings.Builder
	b.WriteString(schema + "." + name + "(")
	for i, a := range args {
		if i > 0 {
			b.WriteString(", ")
		}
		if !a.IsZero() {
			b.WriteString(a.String())
		}
	}
	b.WriteString(")")
	return b.String()
}

// IsZero reports whether there is no type.
func (t typ) IsZero() bool { return t == typ{} }

// operator is a row of pg_operator. left is zero for a prefix operator.
type operator struct {
	schema, name        string
	left, right, result typ
	id                  catalog.ID
}

func (o *operator) String() string { return signature(o.schema, o.name, []typ{o.left, o.right}) }

// cast is a row of pg_cast.
type cast struct {
	context  byte // i implicit, a assignment, e explicit
	method   byte // f function, i input and output functions, b binary-coercible
	function string
	args     int // of the function: the second takes the modifiers, the third whether it is explicit
	id       catalog.ID
}

func routineFunction(o catalog.Routine) *function {
	f := &function{schema: o.Schema, name: o.Name, set: o.ReturnsSet, kind: 'f', id: o.ID()}
	switch {
	case o.Procedure:
		f.kind = 'p'
	case o.Window:
		f.kind = 'w'
	}
	if o.Returns != "" {
		f.result = typeOf(o.Returns)
	}
	f.addParams(o.Params)
	if f.result.IsZero() {
		f.result = tVoid
		if len(f.outs) > 1 {
			f.result = tRecord
		} else if len(f.outs) == 1 {
			f.result = f.outs[0].typ
		}
	}
	return f
}

func (f *function) addParams(params []catalog.Param) {
	named := false
	for _, p := range params {
		t := p.Type.Parts()
		pt := typ{t.Schema, t.Name, t.Array}
		if p.Mode == "out" || p.Mode == "inout" || p.Mode == "table" {
			f.outs = append(f.outs, field{name: p.Name, typ: pt})
		}
		if p.Mode == "out" || p.Mode == "table" {
			continue
		}
		f.args, f.names = append(f.args, pt), append(f.names, p.Name)
		named = named || p.Name != ""
		if !p.Default.IsZero() {
			f.defaults++
		}
		if p.Mode == "variadic" {
			f.variadic = variadicElement(pt)
		}
	}
	if !named {
		f.names = nil
	}
}

// variadicElement is provariadic for the type of a VARIADIC parameter.
func variadicElement(t typ) typ {
	switch t {
	case tAny:
		return tAny
	case tAnyarray:
		return tAnyelement
	case tAnycompatiblearray:
		return tAnycompatible
	}
	t.Array = false
	return t
}

func aggregateFunction(o catalog.Aggregate) *function {
	f := &function{schema: o.Schema, name: o.Name, kind: 'a', aggregate: 'n', direct: o.Direct, id: o.ID()}
	switch o.Kind {
	case "ordered-set":
		f.aggregate = 'o'
	case "hypothetical-set":
		f.aggregate = 'h'
	}
	if o.Returns != "" {
		f.result = typeOf(o.Returns)
	}
	f.addParams(o.Params)
	return f
}

// constructors are the functions that come with a range type and its multirange.
func constructors(r *typeInfo) []*function {
	of := func(result typ, args ...typ) *function {
		return &function{schema: result.Schema, name: result.Name, args: args, result: result, kind: 'f', id: r.id}
	}
	many := r.typ
	many.Array = true
	all := of(r.multirange, many)
	all.variadic = r.typ
	return []*function{
		of(r.typ, r.subtype, r.subtype), of(r.typ, r.subtype, r.subtype, typeOf("text")),
		of(r.multirange), of(r.multirange, r.typ), all,
	}
}

// functionsNamed returns the functions of that name in all schemas.
func (e *env) functionsNamed(name string) []*function {
	return e.kept.functions.get(name, func() []*function {
		fs := slices.Clip(e.functions[name])
		declared := fs
		for _, s := range e.sets {
			for _, b := range s.Functions(name) {
				if f := e.builtinFunction(b, s.id); !declares(declared, f) {
					fs = append(fs, f)
				}
			}
		}
		return fs
	})
}

// declares reports whether the schema has functions of the name: then the extension is installed.
func declares(fs []*function, f *function) bool {
	for _, g := range fs {
		if g.schema == f.schema {
			return true
		}
	}
	return false
}

func (e *env) builtinFunction(b *builtin.Function, id catalog.ID) *function {
	f := &function{
		schema: b.Name.Schema, name: b.Name.Name, args: e.builtinTypes(b.Args), result: e.builtinType(b.Result), set: b.Set,
		kind: b.Kind, defaults: b.Defaults, aggregate: b.AggKind, direct: b.Direct, id: id,
	}
	if !b.Variadic.IsZero() {
		f.variadic = e.builtinType(b.Variadic)
	}
	named := false
	for _, a := range b.All {
		if a.Mode == 'o' || a.Mode == 'b' || a.Mode == 't' {
			f.outs = append(f.outs, field{name: a.Name, typ: e.builtinType(a.Type)})
		}
		if a.Mode != 'o' && a.Mode != 't' {
			f.names = append(f.names, a.Name)
			named = named || a.Name != ""
		}
	}
	if !named {
		f.names = nil
	}
	return f
}

// operatorsNamed returns the operators of that name in all schemas.
func (e *env) operatorsNamed(name string) []*operator {
	return e.kept.operators.get(name, func() []*operator {
		os := slices.Clip(e.operators[name])
		for _, s := range e.sets {
			for _, b := range s.Operators(name) {
				o := &operator{schema: b.Name.Schema, name: name, right: e.builtinType(b.Right), result: e.builtinType(b.Result), id: s.id}
				if !b.Left.IsZero() {
					o.left = e.builtinType(b.Left)
				}
				os = append(os, o)
			}
		}
		return os
	})
}

func (e *env) addCast(o catalog.Cast) {
	c := &cast{context: 'e', method: 'f', id: o.ID()}
	switch o.Context {
	case "assignment":
		c.context = 'a'
	case "implicit":
		c.context = 'i'
	}
	switch o.Method {
	case "inout":
		c.method = 'i'
	case "binary":
		c.method = 'b'
	default:
		c.function = o.Function.Schema + "." + o.Function.Name + "(" + o.FunctionArgs + ")"
		c.args = 1 + strings.Count(o.FunctionArgs, ",")
	}
	e.casts[[2]typ{typeOf(o.Source), typeOf(o.Target)}] = c
}

// cast returns the cast between two types, or nil. That of a type to itself applies modifiers.
func (e *env) cast(source, target typ) *cast {
	if c := e.casts[[2]typ{source, target}]; c != nil {
		return c
	}
	if source.Array || target.Array {
		return nil
	}
	return e.kept.casts.get([2]typ{source, target}, func() *cast { return e.factCast(source, target) })
}

func (e *env) factCast(source, target typ) *cast {
	s, t := catalog.QName{Schema: source.Schema, Name: source.Name}, catalog.QName{Schema: target.Schema, Name: target.Name}
	for _, set := range e.sets {
		if b := set.Cast(s, t); b != nil {
			return &cast{context: b.Context, method: b.Method, function: signature(b.Function.Schema, b.Function.Name, e.builtinTypes(b.Args)), args: len(b.Args), id: set.id}
		}
	}
	return nil
}
