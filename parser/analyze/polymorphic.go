package analyze

import "slices"

// bindings are the actual types that polymorphic ones stand for in one call.
type bindings struct {
	element, array, rng, multirange         typ
	anElement, anArray, aRange, aMultirange typ // the anycompatible family
}

// noBindings are those of a call without polymorphic types. Nobody may write to them.
var noBindings = &bindings{}

// consistent is check_generic_type_consistency: can the actual types stand for the declared ones together?
func (a *analyzer) consistent(actual, declared []typ) bool {
	var b bindings
	var common []typ
	nonArray, enum := false, false
	set := func(slot *typ, t typ) bool {
		if slot.IsZero() {
			*slot = t
		}
		return *slot == t
	}
	for i, d := range declared {
		if i >= len(actual) || !polymorphic[d] || actual[i] == tUnknown || actual[i] == tOpaque {
			continue
		}
		t, base, ok := actual[i], a.env.base(actual[i]), true
		switch d {
		case tAnyelement, tAnynonarray, tAnyenum:
			nonArray, enum = nonArray || d == tAnynonarray, enum || d == tAnyenum
			ok = set(&b.element, t)
		case tAnyarray:
			ok = set(&b.array, base)
		case tAnyrange:
			ok = set(&b.rng, base)
		case tAnymultirange:
			ok = set(&b.multirange, base)
		case tAnycompatible, tAnycompatiblenonarray:
			common = append(common, t)
		case tAnycompatiblearray:
			el, isArray := a.env.elementOf(t)
			if ok = isArray || t == tAnyarray; isArray {
				common = append(common, el)
			}
		case tAnycompatiblerange:
			ok = a.env.isRange(base) && set(&b.aRange, base)
		case tAnycompatiblemultirange:
			ok = a.env.isMultirange(base) && set(&b.aMultirange, base)
		}
		if !ok {
			return false
		}
	}
	if !a.tie(&b) {
		return false
	}
	if _, isArray := a.env.elementOf(b.element); nonArray && isArray {
		return false
	}
	if i := a.env.info(a.env.base(b.element)); enum && !b.element.IsZero() && (i == nil || i.kind != 'e') {
		return false
	}
	if !b.aRange.IsZero() {
		common = append(common, a.env.info(b.aRange).subtype)
	}
	return a.haveCommon(common)
}

// tie relates array, range and multirange to the element type, and checks that they agree.
func (a *analyzer) tie(b *bindings) bool {
	if !b.array.IsZero() && b.array != tAnyarray {
		el, ok := a.env.elementOf(b.array)
		if !ok || !b.element.IsZero() && b.element != el {
			return false
		}
		b.element = el
	}
	if !b.multirange.IsZero() {
		if !a.env.isMultirange(b.multirange) {
			return false
		}
		rng := a.env.info(b.multirange).rng
		if !b.rng.IsZero() && b.rng != rng {
			return false
		}
		b.rng = rng
	}
	if !b.rng.IsZero() {
		if !a.env.isRange(b.rng) {
			return false
		}
		sub := a.env.info(b.rng).subtype
		if !b.element.IsZero() && b.element != sub {
			return false
		}
		b.element = sub
	}
	return true
}

func (a *analyzer) haveCommon(types []typ) bool {
	t, ok := a.commonType(types)
	if !ok {
		return false
	}
	for _, x := range types {
		if !a.canCoerce(x, t, implicit) {
			return false
		}
	}
	return true
}

func (e *env) isRange(t typ) bool {
	i := e.info(t)
	return i != nil && i.kind == 'r'
}

func (e *env) isMultirange(t typ) bool {
	i := e.info(t)
	return i != nil && i.kind == 'm'
}

// bind is enforce_generic_type_consistency: what the declared types stand for, given the actual ones.
func (a *analyzer) bind(actual, declared []typ) *bindings {
	var b bindings
	var common []typ
	compatible := false
	for i, d := range declared {
		if i >= len(actual) || !polymorphic[d] {
			continue
		}
		switch d {
		case tAnycompatible, tAnycompatiblenonarray, tAnycompatiblearray, tAnycompatiblerange, tAnycompatiblemultirange:
			compatible = true
		}
		t := actual[i]
		if t == tUnknown {
			continue
		}
		base := a.env.base(t)
		switch d {
		case tAnyelement, tAnynonarray, tAnyenum:
			b.element = t
		case tAnyarray:
			b.array = base
		case tAnyrange:
			b.rng = base
		case tAnymultirange:
			b.multirange = base
		case tAnycompatible, tAnycompatiblenonarray:
			common = append(common, t)
		case tAnycompatiblearray:
			if el, ok := a.env.elementOf(t); ok {
				common = append(common, el)
			}
		case tAnycompatiblerange:
			b.aRange = base
		case tAnycompatiblemultirange:
			b.aMultirange = base
		}
	}
	a.tie(&b)
	a.complete(&b)
	if compatible {
		a.bindCompatible(&b, common)
	}
	return &b
}

// complete derives what no argument gave from the element type.
func (a *analyzer) complete(b *bindings) {
	if b.element.IsZero() {
		return
	}
	if b.array.IsZero() {
		b.array, _ = a.env.arrayTypeOf(b.element)
	}
	if b.rng.IsZero() {
		b.rng, _ = a.env.rangeOf(b.element)
	}
	if b.multirange.IsZero() && !b.rng.IsZero() {
		b.multirange = a.env.info(b.rng).multirange
	}
}

func (a *analyzer) bindCompatible(b *bindings, common []typ) {
	if i := a.env.info(b.aMultirange); i != nil && b.aRange.IsZero() {
		b.aRange = i.rng
	}
	if i := a.env.info(b.aRange); i != nil {
		common = append(common, i.subtype)
		b.aMultirange = i.multirange
	}
	t, ok := a.commonType(common)
	if !ok {
		t = tOpaque
	}
	b.anElement = t
	b.anArray, _ = a.env.arrayTypeOf(t)
	if b.aRange.IsZero() {
		b.aRange, _ = a.env.rangeOf(t)
	}
	if i := a.env.info(b.aRange); i != nil {
		b.aMultirange = i.multirange
	}
}

// actual is what a declared type stands for; itself if it is not polymorphic or nothing is known.
func (b *bindings) actual(t typ) typ {
	found := typ{}
	switch t {
	case tAnyelement, tAnynonarray, tAnyenum:
		found = b.element
	case tAnyarray:
		found = b.array
	case tAnyrange:
		found = b.rng
	case tAnymultirange:
		found = b.multirange
	case tAnycompatible, tAnycompatiblenonarray:
		found = b.anElement
	case tAnycompatiblearray:
		found = b.anArray
	case tAnycompatiblerange:
		found = b.aRange
	case tAnycompatiblemultirange:
		found = b.aMultirange
	default:
		return t
	}
	if found.IsZero() {
		return t
	}
	return found
}

// resolvePolymorphic returns the types to coerce the arguments to and the type of the result. An argument of
// the anyelement family is not coerced, unless it is an untyped literal or a domain over an array or range.
func (a *analyzer) resolvePolymorphic(actual, declared []typ, result typ) ([]typ, *bindings, typ) {
	if !slices.ContainsFunc(declared, func(t typ) bool { return polymorphic[t] }) {
		return slices.Clip(declared), noBindings, result
	}
	b := a.bind(actual, declared)
	out := make([]typ, len(declared))
	for i, d := range declared {
		out[i] = b.actual(d)
		if i >= len(actual) || actual[i] == tUnknown {
			continue
		}
		switch d {
		case tAnyelement, tAnynonarray, tAnyenum:
			out[i] = actual[i]
		case tAnyarray, tAnyrange, tAnymultirange:
			out[i] = a.env.base(actual[i])
		}
	}
	return out, b, b.actual(result)
}
