package literal

import (
	"math/big"
	"slices"
	"strings"
)

// rangeSubtypes are the built-in range and multirange types. Those that users make may have a canonical function, which
// decides what the range is.
var rangeSubtypes = map[string]string{
	"int4range": "int4", "int8range": "int8", "numrange": "numeric", "daterange": "date", "tsrange": "timestamp", "tstzrange": "timestamptz",
	"int4multirange": "int4", "int8multirange": "int8", "nummultirange": "numeric", "datemultirange": "date",
	"tsmultirange": "timestamp", "tstzmultirange": "timestamptz",
}

// endpoint is an end of a range. Its number orders it; nil for a missing bound.
type endpoint struct {
	text      string
	number    *big.Rat
	inclusive bool
}

type bounds struct{ lower, upper endpoint }

func canonicalRange(t Type, text string) (string, bool) {
	p := &rangeParser{subtype: t.Element, rest: trim(text)}
	r, empty, ok := p.parse()
	if !ok || rangeSubtypes[t.Name] != t.Element.Name || trim(p.rest) != "" {
		return "", false
	}
	if empty {
		return "empty", true
	}
	return r.String(), true
}

// canonicalMultirange sorts the ranges and joins those that overlap or touch.
func canonicalMultirange(t Type, text string) (string, bool) {
	p := &rangeParser{subtype: t.Element, rest: trim(text)}
	if rangeSubtypes[t.Name] != t.Element.Name || !p.take("{") {
		return "", false
	}
	var ranges []bounds
	p.skipSpace()
	for first := true; !p.take("}"); first = false {
		if !first && !p.take(",") {
			return "", false
		}
		p.skipSpace()
		r, empty, ok := p.parse()
		if !ok {
			return "", false
		}
		if !empty {
			ranges = append(ranges, r)
		}
		p.skipSpace()
	}
	if p.rest != "" {
		return "", false
	}
	merged, ok := merge(ranges)
	if !ok {
		return "", false
	}
	var texts []string
	for _, r := range merged {
		texts = append(texts, r.String())
	}
	return "{" + strings.Join(texts, ",") + "}", true
}

// merge reports false if it had to choose between bounds that are equal and not the same, as 1.0 and 1.00.
func merge(ranges []bounds) (merged []bounds, ok bool) {
	slices.SortStableFunc(ranges, func(a, b bounds) int { return compareLower(a.lower, b.lower) })
	for _, r := range ranges {
		last := len(merged) - 1
		if last < 0 || !touches(merged[last].upper, r.lower) {
			merged = append(merged, r)
			continue
		}
		if ambiguous(r.lower, merged[last].lower) || ambiguous(r.upper, merged[last].upper) {
			return nil, false
		}
		if compareUpper(r.upper, merged[last].upper) > 0 {
			merged[last].upper = r.upper
		}
	}
	return merged, true
}

func ambiguous(a, b endpoint) bool {
	return a.number != nil && b.number != nil && a.number.Cmp(b.number) == 0 && a.text != b.text
}

// touches reports whether nothing is between an upper and a lower bound.
func touches(upper, lower endpoint) bool {
	if upper.number == nil || lower.number == nil {
		return true
	}
	c := upper.number.Cmp(lower.number)
	return c > 0 || c == 0 && (upper.inclusive || lower.inclusive)
}

func compareLower(a, b endpoint) int {
	switch {
	case a.number == nil && b.number == nil:
		return 0
	case a.number == nil:
		return -1
	case b.number == nil:
		return 1
	}
	if c := a.number.Cmp(b.number); c != 0 || a.inclusive == b.inclusive {
		return c
	}
	if a.inclusive {
		return -1
	}
	return 1
}

func compareUpper(a, b endpoint) int {
	switch {
	case a.number == nil && b.number == nil:
		return 0
	case a.number == nil:
		return 1
	case b.number == nil:
		return -1
	}
	if c := a.number.Cmp(b.number); c != 0 || a.inclusive == b.inclusive {
		return c
	}
	if a.inclusive {
		return 1
	}
	return -1
}

func (r bounds) String() string {
	open, end := "(", ")"
	if r.lower.inclusive {
		open = "["
	}
	if r.upper.inclusive {
		end = "]"
	}
	return open + quoteBound(r.lower) + "," + quoteBound(r.upper) + end
}

// quoteBound is range_bound_escape.
func quoteBound(e endpoint) string {
	if e.number == nil {
		return ""
	}
	if !strings.ContainsAny(e.text, `"\()[],`+space) {
		return e.text
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `""`).Replace(e.text) + `"`
}

// rangeParser reads [a,b).
type rangeParser struct {
	subtype *Type
	rest    string
}

func (p *rangeParser) skipSpace() { p.rest = strings.TrimLeft(p.rest, space) }

func (p *rangeParser) take(prefix string) bool {
	rest, ok := strings.CutPrefix(p.rest, prefix)
	p.rest = rest
	return ok
}

func (p *rangeParser) parse() (r bounds, empty, ok bool) {
	p.skipSpace()
	if len(p.rest) >= 5 && strings.EqualFold(p.rest[:5], "empty") {
		p.rest = p.rest[5:]
		return r, true, true
	}
	r.lower.inclusive = p.take("[")
	if !r.lower.inclusive && !p.take("(") {
		return r, false, false
	}
	if !p.bound(&r.lower) || !p.take(",") || !p.bound(&r.upper) {
		return r, false, false
	}
	r.upper.inclusive = p.take("]")
	if !r.upper.inclusive && !p.take(")") {
		return r, false, false
	}
	r.lower.inclusive = r.lower.inclusive && r.lower.number != nil
	r.upper.inclusive = r.upper.inclusive && r.upper.number != nil
	return p.canonical(r)
}

// bound reads a bound up to the comma or bracket; a missing one is infinite.
func (p *rangeParser) bound(e *endpoint) bool {
	var b strings.Builder
	quoted, any := false, false
	for ; p.rest != ""; any = true {
		c := p.rest[0]
		switch {
		case c == '\\' && len(p.rest) > 1:
			b.WriteByte(p.rest[1])
			p.rest = p.rest[2:]
			continue
		case c == '"' && quoted && strings.HasPrefix(p.rest, `""`):
			b.WriteByte('"')
			p.rest = p.rest[2:]
			continue
		case c == '"':
			quoted = !quoted
			p.rest = p.rest[1:]
			continue
		case !quoted && strings.IndexByte("()[],", c) >= 0:
			return p.value(e, b.String(), any)
		}
		b.WriteByte(c)
		p.rest = p.rest[1:]
	}
	return false
}

func (p *rangeParser) value(e *endpoint, text string, given bool) (ok bool) {
	if !given {
		return true
	}
	if e.text, ok = Canonical(*p.subtype, text); !ok {
		return false
	}
	e.number, ok = number(p.subtype.Name, e.text)
	return ok
}

// endOfTime is a number above that of any date or time.
var endOfTime = new(big.Rat).SetInt64(1 << 62)

// number maps the canonical text of a value to a number in the same order. Numeric's NaN and infinities have none.
func number(typ, text string) (*big.Rat, bool) {
	switch typ {
	case "int4", "int8", "numeric":
		return new(big.Rat).SetString(text)
	}
	d, ok := parseDateTime(text)
	switch {
	case !ok:
		return nil, false
	case d.special == "infinity":
		return endOfTime, true
	case d.special == "-infinity":
		return new(big.Rat).Neg(endOfTime), true
	}
	if typ == "date" {
		return new(big.Rat).SetInt64(d.days()), true
	}
	return new(big.Rat).SetInt64(d.microseconds()), true
}

// canonical brings ranges of whole numbers and dates to the form [a,b).
func (p *rangeParser) canonical(r bounds) (_ bounds, empty, ok bool) {
	if r.lower.number != nil && r.upper.number != nil {
		switch c := r.lower.number.Cmp(r.upper.number); {
		case c > 0:
			return r, false, false
		case c == 0 && !(r.lower.inclusive && r.upper.inclusive):
			return r, true, true
		}
	}
	switch p.subtype.Name {
	case "int4", "int8", "date":
	default:
		return r, false, true
	}
	if r.lower.finite() && !r.lower.inclusive {
		if !p.increment(&r.lower) {
			return r, false, false
		}
		r.lower.inclusive = true
	}
	if r.upper.finite() && r.upper.inclusive {
		if !p.increment(&r.upper) {
			return r, false, false
		}
		r.upper.inclusive = false
	}
	if r.lower.number != nil && r.upper.number != nil && r.lower.number.Cmp(r.upper.number) == 0 {
		return r, true, true
	}
	return r, false, true
}

// finite reports whether the bound is a value other than infinity.
func (e *endpoint) finite() bool {
	return e.number != nil && new(big.Rat).Abs(e.number).Cmp(endOfTime) != 0
}

// increment moves a bound to the next value.
func (p *rangeParser) increment(e *endpoint) (ok bool) {
	e.number = new(big.Rat).Add(e.number, big.NewRat(1, 1))
	if p.subtype.Name == "date" {
		e.text = formatDate(e.number.Num().Int64())
		return true
	}
	e.text, ok = Canonical(*p.subtype, e.number.Num().String())
	return ok
}
