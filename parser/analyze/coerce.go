package analyze

// context is how a coercion comes about (CoercionContext).
type context int

const (
	implicit context = iota
	assignment
	explicit
)

// method is how a coercion is done (CoercionPathType).
type method int

const (
	noWay method = iota
	relabel
	byFunction
	byText
	byElements
)

// pathway is find_coercion_pathway.
func (a *analyzer) pathway(target, source typ, ctx context) (method, *cast) {
	source, target = a.env.base(source), a.env.base(target)
	if source == target {
		return relabel, nil
	}
	if c := a.env.cast(source, target); c != nil {
		return castMethod(c, ctx), c
	}
	te, ok1 := a.env.elementOf(target)
	se, ok2 := a.env.elementOf(source)
	if target != tOidvector && target != tInt2vector && ok1 && ok2 {
		if !a.enter() { // an array of a domain over arrays of itself
			a.leave()
			return noWay, nil
		}
		defer a.leave()
		if m, c := a.pathway(te, se, ctx); m != noWay {
			return byElements, c
		}
		return noWay, nil
	}
	if ctx >= assignment {
		if c, _ := a.env.category(target); c == 'S' {
			return byText, nil
		}
	}
	if ctx >= explicit {
		if c, _ := a.env.category(source); c == 'S' {
			return byText, nil
		}
	}
	return noWay, nil
}

func castMethod(c *cast, ctx context) method {
	need := explicit
	switch c.context {
	case 'i':
		need = implicit
	case 'a':
		need = assignment
	}
	switch {
	case ctx < need:
		return noWay
	case c.method == 'f':
		return byFunction
	case c.method == 'i':
		return byText
	}
	return relabel
}

// canCoerce is can_coerce_type for one argument; polymorphic consistency is checked elsewhere.
func (a *analyzer) canCoerce(source, target typ, ctx context) bool {
	if source == target || target == tAny || polymorphic[target] || source == tUnknown || source == tOpaque || target == tOpaque {
		return true
	}
	if m, _ := a.pathway(target, source, ctx); m != noWay {
		return true
	}
	if source == tRecord && a.env.isComposite(target) || target == tRecord && a.env.isComposite(source) {
		return true
	}
	if target == arrayOf(tRecord) {
		if el, ok := a.env.elementOf(source); ok && a.env.isComposite(el) {
			return true
		}
	}
	return a.env.inherits(a.env.base(source), target)
}

// coerceType is coerce_type: it converts a value to a type that it can be coerced to, leaving the modifiers.
func (a *analyzer) coerceType(e expr, target typ, mods string, ctx context) expr {
	source := e.value().typ
	switch {
	case source == target || target == tAny || target == tOpaque:
		return e
	case source == tOpaque:
		return e
	case polymorphic[target]:
		return e // what it is stays; the caller resolved the type
	case source == tUnknown:
		if c, ok := e.(*constant); ok {
			return a.coerceLiteral(c, target, mods, ctx)
		}
		return a.convertByText(e, target, ctx) // an unknown column of a query
	}
	m, c := a.pathway(target, source, ctx)
	base := a.env.base(target)
	switch m {
	case relabel:
		return a.coerceRelabel(e, target, base, c, ctx)
	case byFunction:
		return a.coerceDomain(a.convertByFunction(e, base, "", c, ctx), target, ctx)
	case byText:
		return a.coerceDomain(a.convertByText(e, base, ctx), target, ctx)
	case byElements:
		return a.coerceDomain(a.coerceElements(e, base, ctx), target, ctx)
	}
	return a.coerceRow(e, target, base, ctx)
}

func (a *analyzer) coerceRelabel(e expr, target, base typ, c *cast, ctx context) expr {
	if c != nil {
		a.refer(c.id)
	}
	if base != target {
		return a.coerceDomain(e, target, ctx)
	}
	return &conversion{typed: typed{typ: target}, method: "relabel", arg: e}
}

func (a *analyzer) convertByFunction(e expr, target typ, mods string, c *cast, ctx context) expr {
	a.refer(c.id)
	n := &conversion{typed: typed{typ: target}, method: "function", function: c.function, arg: e}
	if c.args > 1 {
		n.mods = mods
	}
	n.explicit = c.args > 2 && ctx == explicit
	return n
}

func (a *analyzer) convertByText(e expr, target typ, ctx context) expr {
	return a.coerceDomain(&conversion{typed: typed{typ: a.env.base(target)}, method: "text", arg: e}, target, ctx)
}

// coerceElements coerces an array. Of ARRAY[…] each element is coerced: PostgreSQL does that too when it reads the
// cast of an ARRAY[…], but not when it coerces one itself, so the same value has two forms.
func (a *analyzer) coerceElements(e expr, target typ, ctx context) expr {
	ar, ok := e.(*array)
	if !ok || len(ar.elements) == 0 {
		return &conversion{typed: typed{typ: target}, method: "array", arg: e}
	}
	el, _ := a.env.elementOf(target)
	n := &array{typed: typed{typ: target}, elements: make([]expr, len(ar.elements))}
	for i, x := range ar.elements {
		if _, nested := a.env.elementOf(x.value().typ); nested {
			n.elements[i] = a.coerceType(x, target, "", ctx)
		} else {
			n.elements[i] = a.coerceType(x, el, "", ctx)
		}
	}
	return n
}

// coerceRow coerces records and composite values (coerce_record_to_complex, ConvertRowtypeExpr).
func (a *analyzer) coerceRow(e expr, target, base typ, ctx context) expr {
	if target == tRecord || target == arrayOf(tRecord) {
		return e
	}
	if e.value().typ != tRecord || !a.env.isComposite(base) {
		if !a.env.inherits(a.env.base(e.value().typ), target) {
			a.trouble(-1, "cannot coerce %s to %s", e.value().typ, target)
		}
		return a.coerceDomain(&conversion{typed: typed{typ: base}, method: "row", arg: e}, target, ctx)
	}
	r, ok := e.(*row)
	fields := a.env.fieldsOf(base)
	if !ok || len(r.args) != len(fields) {
		return a.coerceDomain(&conversion{typed: typed{typ: base}, method: "row", arg: e}, target, ctx)
	}
	n := &row{typed: typed{typ: base}}
	for i, f := range fields {
		n.args = append(n.args, a.coerceTo(r.args[i], f.typ, f.mods, ctx))
	}
	return a.coerceDomain(n, target, ctx)
}

// coerceDomain is coerce_to_domain; e is of the domain's base type.
func (a *analyzer) coerceDomain(e expr, domain typ, ctx context) expr {
	base, mods := a.env.baseOf(domain)
	if base == domain || e.value().typ == domain {
		return e
	}
	a.referType(domain)
	return &conversion{typed: typed{typ: domain}, method: "domain", arg: a.applyMods(e, base, mods, ctx)}
}

// applyMods is coerce_type_typmod: the length coercion that follows the coercion of the type.
func (a *analyzer) applyMods(e expr, target typ, mods string, ctx context) expr {
	v := e.value()
	if v.mods == mods || v.typ == tOpaque {
		return e
	}
	el, isArray := a.env.elementOf(target)
	if !isArray {
		el = target
	}
	c := a.env.cast(el, el)
	if mods == "" || c == nil || c.method != 'f' {
		if k, ok := e.(*constant); ok {
			n := *k
			n.mods = mods
			return &n
		}
		return &conversion{typed: typed{typ: v.typ, mods: mods}, method: "relabel", arg: e}
	}
	if isArray {
		a.refer(c.id)
		return &conversion{typed: typed{typ: v.typ, mods: mods}, method: "array", explicit: ctx == explicit, arg: e}
	}
	return a.convertByFunction(e, v.typ, mods, c, ctx)
}

// coerceTo is coerce_to_target_type.
func (a *analyzer) coerceTo(e expr, target typ, mods string, ctx context) expr {
	if c, ok := e.(*collation); ok {
		inner := a.coerceTo(c.arg, target, mods, ctx)
		if !a.env.collatable(inner.value().typ) {
			return inner
		}
		v := inner.value()
		return &collation{typed: typed{typ: v.typ, mods: v.mods}, name: c.name, arg: inner}
	}
	source := e.value().typ
	if target == tOpaque {
		return e
	}
	if source == tOpaque {
		if ctx != explicit {
			return e // a cast may or may not be needed
		}
		return &conversion{typed: typed{typ: target, mods: mods}, method: "?", arg: e}
	}
	if !a.canCoerce(source, target, ctx) {
		return a.trouble(-1, "cannot cast type %s to %s", source, target)
	}
	e = a.coerceType(e, target, mods, ctx)
	if i := a.env.info(target); i != nil && i.kind == 'd' {
		return e
	}
	return a.applyMods(e, target, mods, ctx)
}

// coerceBool is coerce_to_boolean.
func (a *analyzer) coerceBool(e expr) expr { return a.coerceTo(e, tBool, "", assignment) }

// textIfUnknown makes what is still an untyped literal a text.
func (a *analyzer) textIfUnknown(e expr) expr {
	if isUnknown(e) {
		return a.coerceType(e, tText, "", implicit)
	}
	return e
}
