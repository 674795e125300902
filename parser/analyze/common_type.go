package analyze

// commonType is select_common_type. Not ok if the types have nothing in common.
func (a *analyzer) commonType(types []typ) (typ, bool) {
	if len(types) == 0 {
		return tText, true
	}
	first, same := types[0], true
	for _, t := range types {
		if t == tOpaque {
			return tOpaque, true
		}
		same = same && t == first
	}
	if same && first != tUnknown {
		return first, true
	}
	best := a.env.base(first)
	category, preferred := a.env.category(best)
	for _, t := range types[1:] {
		t = a.env.base(t)
		if t == tUnknown || t == best {
			continue
		}
		c, p := a.env.category(t)
		switch {
		case best == tUnknown:
			best, category, preferred = t, c, p
		case c != category:
			return typ{}, false
		case !preferred && a.canCoerce(best, t, implicit) && !a.canCoerce(t, best, implicit):
			best, category, preferred = t, c, p
		}
	}
	if best == tUnknown {
		return tText, true
	}
	return best, true
}

// commonMods is select_common_typmod: the modifiers that all have.
func commonMods(es []expr, t typ) string {
	mods := ""
	for i, e := range es {
		v := e.value()
		if v.typ != t || i > 0 && v.mods != mods {
			return ""
		}
		mods = v.mods
	}
	return mods
}

func typesOf(es []expr) []typ {
	ts := make([]typ, len(es))
	for i, e := range es {
		ts[i] = e.value().typ
	}
	return ts
}

// unify coerces all to their common type, which it returns with the modifiers they have in common.
func (a *analyzer) unify(at int32, what string, es []expr) ([]expr, typ, string) {
	t, ok := a.commonType(typesOf(es))
	if !ok {
		a.trouble(at, "%s types cannot be matched", what)
		t = tOpaque
	}
	mods := commonMods(es, t)
	out := make([]expr, len(es))
	for i, e := range es {
		out[i] = a.toCommon(at, e, t)
	}
	return out, t, mods
}

// toCommon is coerce_to_common_type.
func (a *analyzer) toCommon(at int32, e expr, t typ) expr {
	if t == tOpaque {
		return e
	}
	if !a.canCoerce(e.value().typ, t, implicit) {
		return a.trouble(at, "cannot convert type %s to %s", e.value().typ, t)
	}
	return a.coerceType(e, t, "", implicit)
}
