package analyze

import (
	"strconv"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/parser/analyze/literal"
)

// literalNode is a constant of the grammar (make_const).
func (a *analyzer) literalNode(c *pg.A_Const) expr {
	if c.Isnull {
		return &constant{typed: typed{typ: tUnknown}, null: true}
	}
	switch v := c.Val.(type) {
	case *pg.A_Const_Fval:
		return a.number(v.Fval.Fval)
	case *pg.A_Const_Boolval:
		return a.known(tBool, strconv.FormatBool(v.Boolval.GetBoolval()))
	case *pg.A_Const_Sval:
		u := untyped(v.Sval.GetSval())
		u.at = c.Location
		return u
	case *pg.A_Const_Bsval:
		return a.known(tBit, v.Bsval.GetBsval())
	}
	return a.known(tInt4, strconv.Itoa(int(c.GetIval().GetIval()))) // nothing set is the integer 0
}

// number is a numeric literal that is no int4 in the grammar's eyes.
func (a *analyzer) number(text string) expr {
	digits := strings.ReplaceAll(text, "_", "")
	if i, err := strconv.ParseInt(digits, 0, 64); err == nil && (len(digits) < 2 || digits[0] != '0' || digits[1] > '9') {
		if i == int64(int32(i)) {
			return a.known(tInt4, strconv.FormatInt(i, 10))
		}
		return a.known(tInt8, strconv.FormatInt(i, 10))
	}
	return a.known(tNumeric, digits)
}

func (a *analyzer) known(t typ, text string) *constant {
	return &constant{typed: typed{typ: t}, text: text, key: a.canonical(t, "", text)}
}

func untyped(text string) *constant {
	return &constant{typed: typed{typ: tUnknown}, text: text, key: text}
}

func null(t typ) *constant { return &constant{typed: typed{typ: t}, null: true} }

// coerceLiteral reads an untyped literal as a type. The type's modifiers take no part, except of intervals.
func (a *analyzer) coerceLiteral(c *constant, target typ, mods string, ctx context) expr {
	base, baseMods := a.env.baseOf(target)
	n := &constant{typed: typed{typ: base}, text: c.text, null: c.null}
	a.occurLiteral(c, base)
	if base == tInterval {
		n.mods = baseMods
		if base == target {
			n.mods = mods
		}
	}
	if !n.null {
		n.key = a.canonical(base, n.mods, c.text)
	}
	return a.coerceDomain(n, target, ctx)
}

// canonical is the same text for the same value of a type, as far as that is known.
func (a *analyzer) canonical(t typ, mods, text string) string {
	if t.Schema == "pg_catalog" && !t.Array {
		if key, ok := a.object(t.Name, text); ok {
			return key
		}
	}
	if v, ok := literal.Canonical(a.literalType(t, mods, 0), text); ok {
		return v
	}
	return text
}

func (a *analyzer) literalType(t typ, mods string, depth int) literal.Type {
	i := a.env.info(t)
	if i == nil || depth > 8 {
		return literal.Type{Kind: 255}
	}
	l := literal.Type{Kind: i.kind, Typmod: -1}
	if t.Schema == "pg_catalog" && !t.Array {
		l.Name = t.Name
	}
	if t == tInterval && mods != "" {
		l.Typmod = intervalTypmod(mods)
	}
	el := typ{}
	switch {
	case i.array:
		el = i.element
	case i.kind == 'r':
		el = i.subtype
	case i.kind == 'm':
		if r := a.env.info(i.rng); r != nil {
			el = r.subtype
		}
	}
	if !el.IsZero() {
		x := a.literalType(a.env.base(el), "", depth+1)
		l.Element = &x
	}
	return l
}
