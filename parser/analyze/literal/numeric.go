package literal

import (
	"math/big"
	"strconv"
	"strings"
)

// canonicalNumeric is numeric_in and numeric_out. The number of digits after the point is part of the value: 1.50 is not 1.5.
func canonicalNumeric(text string) (string, bool) {
	s := strings.ToLower(trim(text))
	switch s {
	case "nan":
		return "NaN", true
	case "inf", "+inf", "infinity", "+infinity":
		return "Infinity", true
	case "-inf", "-infinity":
		return "-Infinity", true
	}
	if n, ok := parseInteger(s); ok {
		return n.String(), true
	}
	d, ok := parseDecimal(s)
	if !ok {
		return "", false
	}
	return d.String(), true
}

// decimal is the number digits * 10^-scale, printed with scale digits after the point.
type decimal struct {
	negative bool
	digits   string
	scale    int
}

// maxExponent bounds what is written out; the server's own limits are 131072 digits before the point and 16383 after.
const maxExponent = 1000

// parseDecimal reads a number with an optional point and exponent, and underscores between digits as 16 does.
func parseDecimal(s string) (decimal, bool) {
	d := decimal{negative: strings.HasPrefix(s, "-")}
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	mantissa, exponent, hasExponent := strings.Cut(strings.ToLower(s), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	for _, part := range []*string{&whole, &fraction} {
		if *part == "" {
			continue
		}
		clean, ok := withoutUnderscores(*part)
		if !ok || !allDigits(clean) {
			return d, false
		}
		*part = clean
	}
	d.digits, d.scale = whole+fraction, len(fraction)
	if d.digits == "" || d.scale > maxExponent {
		return d, false
	}
	if !hasExponent {
		return d, true
	}
	e, err := strconv.Atoi(exponent)
	if err != nil || e > maxExponent || e < -maxExponent {
		return d, false
	}
	d.scale -= e
	if d.scale < 0 {
		d.digits += strings.Repeat("0", -d.scale)
		d.scale = 0
	}
	return d, true
}

func (d decimal) String() string {
	digits := d.digits
	if len(digits) <= d.scale {
		digits = strings.Repeat("0", d.scale-len(digits)+1) + digits
	}
	whole, fraction := digits[:len(digits)-d.scale], digits[len(digits)-d.scale:]
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	s := whole
	if fraction != "" {
		s += "." + fraction
	}
	if d.negative && strings.Trim(digits, "0") != "" {
		s = "-" + s
	}
	return s
}

// canonicalMoney gives the amount without currency and separators, since these are printed as lc_monetary
// says. A currency other than $ is left to the locale.
func canonicalMoney(text string) (string, bool) {
	s := trim(text)
	negative := false
	if inner, ok := strings.CutPrefix(s, "("); ok && strings.HasSuffix(inner, ")") {
		negative, s = true, trim(strings.TrimSuffix(inner, ")"))
	}
	for _, prefix := range []string{"-", "$", "-"} {
		rest, ok := strings.CutPrefix(s, prefix)
		switch {
		case ok && prefix == "-" && negative:
			return "", false
		case ok:
			negative = negative || prefix == "-"
			s = trim(rest)
		}
	}
	whole, fraction, _ := strings.Cut(s, ".")
	whole, ok := withoutThousands(whole)
	if !ok || whole == "" || fraction != "" && !allDigits(fraction) || len(whole) > 15 {
		return "", false
	}
	roundUp := len(fraction) > 2 && fraction[2] >= '5'
	n, _ := new(big.Int).SetString(whole+(fraction + "00")[:2], 10)
	if roundUp {
		n.Add(n, big.NewInt(1))
	}
	return decimal{negative: negative, digits: n.String(), scale: 2}.String(), true
}

// withoutThousands removes commas, which must group the digits by three: 1,00 is one hundredth of it
// in other locales.
func withoutThousands(s string) (string, bool) {
	groups := strings.Split(s, ",")
	for i, group := range groups {
		if !allDigits(group) || i > 0 && len(group) != 3 || i == 0 && len(groups) > 1 && len(group) > 3 {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}
