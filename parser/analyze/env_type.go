package analyze

import (
	"strings"

	"bloom/catalog"
)

// typeInfo is what analysis has to know of a type (pg_type).
type typeInfo struct {
	typ        typ
	kind       byte // typtype: b, c, d, e, p, r, m
	category   byte
	preferred  bool
	element    typ // of a true array, or of a fixed-length type that can be subscripted
	array      bool
	subscript  string // how it is subscripted if it is no array: "raw", "jsonb", "other"
	base       typ    // of a domain, with baseMods
	baseMods   string
	subtype    typ // of a range
	rng        typ // of a multirange: its range
	multirange typ // of a range
	collatable bool
	id         catalog.ID // zero if built in
}

// info returns what is known of a type, or nil.
func (e *env) info(t typ) *typeInfo {
	return e.kept.types.get(t, func() *typeInfo { return e.makeInfo(t) })
}

func (e *env) makeInfo(t typ) *typeInfo {
	if t.Array {
		el := t
		el.Array = false
		i := e.info(el)
		if i == nil {
			return nil
		}
		return &typeInfo{typ: t, kind: 'b', category: 'A', element: el, array: true, collatable: i.collatable, id: i.id}
	}
	if t.Schema == "pg_catalog" {
		return e.builtinInfo(facts{Set: e.builtin}, t)
	}
	if i := e.declaredInfo(t); i != nil {
		return i
	}
	for _, s := range e.sets {
		if i := e.builtinInfo(s, t); i != nil {
			return i
		}
	}
	return nil
}

// declaredInfo is a type that the catalog or its Base has.
func (e *env) declaredInfo(t typ) *typeInfo {
	id := func(k catalog.Kind) catalog.ID { return catalog.ID{Kind: k, Schema: t.Schema, Name: t.Name} }
	if o, ok := catalog.Find[catalog.Enum](e.catalog, id(catalog.KindEnum)); ok {
		return &typeInfo{typ: t, kind: 'e', category: 'E', id: o.ID()}
	}
	if o, ok := catalog.Find[catalog.Domain](e.catalog, id(catalog.KindDomain)); ok {
		return e.domainInfo(t, o)
	}
	if o, ok := catalog.Find[catalog.BaseType](e.catalog, id(catalog.KindBaseType)); ok {
		return baseTypeInfo(t, o)
	}
	for _, r := range e.ranges {
		if r.typ == t {
			return r
		}
	}
	if r, ok := e.multi[catalog.QName{Schema: t.Schema, Name: t.Name}]; ok {
		return &typeInfo{typ: t, kind: 'm', category: 'R', rng: r, id: e.info(r).id}
	}
	if id, ok := e.catalog.Relation(t.Schema, t.Name); ok && id.Kind != catalog.KindSequence {
		return &typeInfo{typ: t, kind: 'c', category: 'C', id: id}
	}
	return nil
}

func (e *env) domainInfo(t typ, o catalog.Domain) *typeInfo {
	base := o.Base.Parts()
	i := &typeInfo{typ: t, kind: 'd', base: typ{base.Schema, base.Name, base.Array}, baseMods: base.Mods, id: o.ID()}
	under := i.base
	for range 32 { // not by info: domains that are declared in a circle must not hang it
		d, ok := catalog.Find[catalog.Domain](e.catalog, catalog.ID{Kind: catalog.KindDomain, Schema: under.Schema, Name: under.Name})
		if !ok || under.Array {
			break
		}
		under = typeOf(d.Base)
	}
	if under.Array {
		i.category = 'A'
	} else if _, ok := e.catalog.Lookup(catalog.ID{Kind: catalog.KindDomain, Schema: under.Schema, Name: under.Name}).(catalog.Domain); ok {
		return nil
	} else if b := e.info(under); b != nil {
		i.category, i.collatable = b.category, b.collatable
	}
	return i
}

func baseTypeInfo(t typ, o catalog.BaseType) *typeInfo {
	i := &typeInfo{typ: t, kind: 'b', category: 'U', preferred: o.Preferred, collatable: o.Collatable, id: o.ID()}
	if o.Category != "" {
		i.category = o.Category[0]
	}
	if o.Pseudo {
		i.kind = 'p'
	}
	if o.Element != "" {
		i.element = typeOf(o.Element)
	}
	if o.Subscript {
		i.subscript = "other"
		if o.Element != "" {
			i.subscript = "raw"
		}
	}
	return i
}

func (e *env) rangeInfo(o catalog.Range, multirange catalog.QName) *typeInfo {
	return &typeInfo{
		typ: typ{Schema: o.Schema, Name: o.Name}, kind: 'r', category: 'R', subtype: typeOf(o.Subtype),
		multirange: typ{Schema: multirange.Schema, Name: multirange.Name}, id: o.ID(),
	}
}

// multirangeName is the name that makeMultirangeTypeName gives the multirange of a range.
func multirangeName(name string) string {
	if strings.Contains(name, "range") {
		return strings.Replace(name, "range", "multirange", 1)
	}
	return name + "_multirange"
}

// builtinInfo is a type of PostgreSQL itself or of an extension that is not installed.
func (e *env) builtinInfo(s facts, t typ) *typeInfo {
	b := s.Type(catalog.QName{Schema: t.Schema, Name: t.Name})
	if b == nil {
		if s.Relation(catalog.QName{Schema: t.Schema, Name: t.Name}) == nil {
			return nil
		}
		return &typeInfo{typ: t, kind: 'c', category: 'C', id: s.id}
	}
	i := &typeInfo{typ: t, id: s.id, kind: b.Kind, category: b.Category, preferred: b.Preferred, collatable: !b.Collation.IsZero(), array: b.IsArray(), subscript: b.Subscript}
	if !b.Element.IsZero() {
		i.element = e.builtinType(b.Element)
	}
	if b.Kind == 'd' {
		i.base = e.builtinType(b.Base)
		if b.Typmod >= 0 {
			i.baseMods = typmodText(i.base, b.Typmod)
		}
	}
	if r := s.Range(catalog.QName{Schema: t.Schema, Name: t.Name}); r != nil {
		i.subtype, i.multirange, i.rng = e.builtinType(r.Subtype), e.builtinType(r.Multirange), typ{}
		if b.Kind == 'm' {
			i.rng = e.builtinType(r.Name)
		}
	}
	return i
}

// builtinType is the type with that name in pg_type: "_int4" is an array of int4.
func (e *env) builtinType(n catalog.QName) typ {
	if el, ok := strings.CutPrefix(n.Name, "_"); ok {
		return typ{n.Schema, el, true}
	}
	return typ{n.Schema, n.Name, false}
}

func (e *env) builtinTypes(ns []catalog.QName) []typ {
	ts := make([]typ, len(ns))
	for i, n := range ns {
		ts[i] = e.builtinType(n)
	}
	return ts
}

// typeOf is a type's identity without its modifiers.
func typeOf(t catalog.Type) typ {
	n := t.Parts()
	return typ{n.Schema, n.Name, n.Array}
}

// findType looks a type up by name, in the schema or along the path.
func (e *env) findType(schema, name string, path []string) (typ, bool) {
	if schema != "" {
		path = []string{schema}
	}
	for _, s := range path {
		if t := (typ{Schema: s, Name: name}); e.info(t) != nil {
			return t, true
		}
	}
	if el, ok := strings.CutPrefix(name, "_"); ok {
		if t, ok := e.findType(schema, el, path); ok {
			return arrayOf(t), true
		}
	}
	return typ{}, false
}

// baseOf is the type under a domain (getBaseTypeAndTypmod).
func (e *env) baseOf(t typ) (typ, string) {
	mods := ""
	for range 32 {
		i := e.info(t)
		if i == nil || i.kind != 'd' {
			break
		}
		if mods == "" {
			mods = i.baseMods
		}
		t = i.base
	}
	return t, mods
}

func (e *env) base(t typ) typ { t, _ = e.baseOf(t); return t }

func (e *env) category(t typ) (category byte, preferred bool) {
	if i := e.info(t); i != nil {
		return i.category, i.preferred
	}
	return 0, false
}

// elementOf is the element type of an array or a domain over one (get_base_element_type).
func (e *env) elementOf(t typ) (typ, bool) {
	if i := e.info(e.base(t)); i != nil && i.array {
		return i.element, true
	}
	return typ{}, false
}

// arrayTypeOf is the array type of a type (get_array_type).
func (e *env) arrayTypeOf(t typ) (typ, bool) {
	if t.Array || t == tUnknown || t == tOpaque {
		return typ{}, false
	}
	if i := e.info(t); i == nil || i.kind == 'p' && t != tRecord {
		return typ{}, false
	}
	return arrayOf(t), true
}

func (e *env) isComposite(t typ) bool {
	i := e.info(e.base(t))
	return i != nil && i.kind == 'c'
}

func (e *env) collatable(t typ) bool {
	i := e.info(t)
	return i != nil && i.collatable
}

// rangeOf is the range type over a subtype, as polymorphic resolution finds it.
func (e *env) rangeOf(subtype typ) (typ, bool) {
	for _, r := range e.ranges {
		if r.subtype == subtype {
			return r.typ, true
		}
	}
	for _, r := range e.builtin.Ranges() {
		if e.builtinType(r.Subtype) == subtype {
			return e.builtinType(r.Name), true
		}
	}
	return typ{}, false
}

// fieldsOf are the columns of a composite type.
func (e *env) fieldsOf(t typ) []field {
	t = e.base(t)
	if t.Array {
		return nil
	}
	if r := e.relation(t.Schema, t.Name); r != nil {
		return r.fields
	}
	return nil
}
