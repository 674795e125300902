package literal

import (
	"math"
	"regexp"
	"strings"
)

// coordinate is one number of a geometric literal.
const coordinate = `\s*([-+0-9.eE]+|-?[Ii]nf(?:inity)?|[Nn]a[Nn])\s*`

const pair = `\s*\(` + coordinate + `,` + coordinate + `\)\s*`

var (
	barePair  = regexp.MustCompile(`^` + coordinate + `,` + coordinate + `$`)
	point     = regexp.MustCompile(`^` + pair + `$`)
	fourBare  = regexp.MustCompile(`^` + coordinate + `,` + coordinate + `,` + coordinate + `,` + coordinate + `$`)
	twoPairs  = regexp.MustCompile(`^` + pair + `,` + pair + `$`)
	twoInside = regexp.MustCompile(`^\s*(?:\(` + pair + `,` + pair + `\)|\[` + pair + `,` + pair + `\])\s*$`)
	angled    = regexp.MustCompile(`^\s*<` + pair + `,` + coordinate + `>\s*$`)
)

// coordinates returns the numbers of the first form that fits.
func coordinates(text string, forms ...*regexp.Regexp) ([]float64, bool) {
	for _, form := range forms {
		m := form.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		var numbers []float64
		for _, s := range m[1:] {
			if s == "" { // of another alternative
				continue
			}
			f, ok := parseFloat(s, 64)
			if !ok || math.IsNaN(f) {
				return nil, false
			}
			numbers = append(numbers, f)
		}
		return numbers, true
	}
	return nil, false
}

func formatPoint(x, y float64) string {
	return "(" + formatFloat(x, 64) + "," + formatFloat(y, 64) + ")"
}

func canonicalPoint(text string) (string, bool) {
	c, ok := coordinates(text, point, barePair)
	if !ok {
		return "", false
	}
	return formatPoint(c[0], c[1]), true
}

func canonicalLseg(text string) (string, bool) {
	c, ok := coordinates(text, twoInside, twoPairs, fourBare)
	if !ok {
		return "", false
	}
	return "[" + formatPoint(c[0], c[1]) + "," + formatPoint(c[2], c[3]) + "]", true
}

// canonicalBox puts the upper right corner first.
func canonicalBox(text string) (string, bool) {
	c, ok := coordinates(text, twoInside, twoPairs, fourBare)
	if !ok || strings.ContainsAny(text, "[]") {
		return "", false
	}
	return formatPoint(max(c[0], c[2]), max(c[1], c[3])) + "," + formatPoint(min(c[0], c[2]), min(c[1], c[3])), true
}

func canonicalCircle(text string) (string, bool) {
	c, ok := coordinates(text, angled)
	if !ok || c[2] < 0 {
		return "", false
	}
	return "<" + formatPoint(c[0], c[1]) + "," + formatFloat(c[2], 64) + ">", true
}
