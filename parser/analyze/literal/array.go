package literal

import (
	"strconv"
	"strings"
)

// canonicalArray is array_in and array_out.
func canonicalArray(element Type, text string) (string, bool) {
	p := &arrayParser{element: element, delimiter: ','}
	if element.Name == "box" { // pg_type.typdelim
		p.delimiter = ';'
	}
	s := trim(text)
	bounds, s, ok := arrayBounds(s)
	if !ok {
		return "", false
	}
	p.rest = s
	value, sizes, ok := p.array()
	if !ok || p.rest != "" {
		return "", false
	}
	if value == "" {
		return "{}", bounds == nil
	}
	prefix, ok := boundsPrefix(bounds, sizes)
	return prefix + value, ok
}

// bound is one of the [lower:upper] that can stand before an array.
type bound struct{ lower, upper int }

func arrayBounds(s string) (bounds []bound, rest string, ok bool) {
	if !strings.HasPrefix(s, "[") {
		return nil, s, true
	}
	dimensions, rest, ok := strings.Cut(s, "=")
	inner, closed := strings.CutSuffix(trim(dimensions), "]")
	if !ok || !closed {
		return nil, "", false
	}
	for dimension := range strings.SplitSeq(inner[1:], "][") {
		lower, upper, ranged := strings.Cut(dimension, ":")
		if !ranged {
			lower, upper = "1", dimension
		}
		l, err1 := strconv.Atoi(lower)
		u, err2 := strconv.Atoi(upper)
		if err1 != nil || err2 != nil {
			return nil, "", false
		}
		bounds = append(bounds, bound{l, u})
	}
	return bounds, trim(rest), true
}

// boundsPrefix is what array_out prints before an array: nothing if all dimensions start at 1.
func boundsPrefix(bounds []bound, sizes []int) (string, bool) {
	if bounds == nil {
		return "", true
	}
	if len(bounds) != len(sizes) {
		return "", false
	}
	prefix, needed := "", false
	for i, b := range bounds {
		if b.upper-b.lower+1 != sizes[i] {
			return "", false
		}
		needed = needed || b.lower != 1
		prefix += "[" + strconv.Itoa(b.lower) + ":" + strconv.Itoa(b.upper) + "]"
	}
	if !needed {
		return "", true
	}
	return prefix + "=", true
}

// arrayParser reads {a,"b",{c}}.
type arrayParser struct {
	element   Type
	delimiter byte
	rest      string
}

func (p *arrayParser) skipSpace() { p.rest = strings.TrimLeft(p.rest, space) }

// take consumes c if it is next.
func (p *arrayParser) take(c byte) bool {
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// maxDimensions is MAXDIM.
const maxDimensions = 6

// array returns the canonical text of the array that is next, and how many elements its dimensions have; an empty array
// has no dimensions and an empty text.
func (p *arrayParser) array() (value string, sizes []int, ok bool) {
	if !p.take('{') {
		return "", nil, false
	}
	p.skipSpace()
	if p.take('}') {
		return "", nil, true
	}
	var items []string
	for {
		p.skipSpace()
		item, inner, ok := p.item()
		if !ok || len(items) > 0 && !sameSizes(inner, sizes[1:]) || len(inner) >= maxDimensions {
			return "", nil, false
		}
		items = append(items, item)
		sizes = append([]int{len(items)}, inner...)
		p.skipSpace()
		if p.take('}') {
			return "{" + strings.Join(items, string(p.delimiter)) + "}", sizes, true
		}
		if !p.take(p.delimiter) {
			return "", nil, false
		}
	}
}

func sameSizes(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// item returns an element or an array within the array. An empty array there is refused since majors differ.
func (p *arrayParser) item() (value string, sizes []int, ok bool) {
	if strings.HasPrefix(p.rest, "{") {
		value, sizes, ok = p.array()
		return value, sizes, ok && value != ""
	}
	text, quoted, ok := p.text()
	if !ok {
		return "", nil, false
	}
	if !quoted && strings.EqualFold(text, "null") {
		return "NULL", nil, true
	}
	value, ok = Canonical(p.element, text)
	return quoteElement(value, p.delimiter), nil, ok
}

// text reads one element up to its delimiter.
func (p *arrayParser) text() (text string, quoted, ok bool) {
	var b strings.Builder
	quoted = p.take('"')
	end := 0 // of what trailing space may not be cut from
	for p.rest != "" {
		c := p.rest[0]
		switch {
		case c == '\\':
			if len(p.rest) < 2 {
				return "", false, false
			}
			b.WriteByte(p.rest[1])
			end = b.Len()
			p.rest = p.rest[2:]
			continue
		case quoted && c == '"':
			p.rest = p.rest[1:]
			return b.String(), true, true
		case !quoted && (c == p.delimiter || c == '}'):
			s := b.String()
			s = s[:end] + strings.TrimRight(s[end:], space)
			// a backslash makes \null no NULL
			return s, end > 0, s != ""
		case !quoted && (c == '"' || c == '{'):
			return "", false, false
		}
		b.WriteByte(c)
		p.rest = p.rest[1:]
	}
	return "", false, false
}

// quoteElement quotes where array_out does.
func quoteElement(s string, delimiter byte) string {
	if s != "" && !strings.EqualFold(s, "null") && !strings.ContainsAny(s, `"\{}`+space+string(delimiter)) {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
