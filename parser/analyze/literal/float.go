package literal

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// float is float4in and float8in, printed with the fewest digits that give the same value.
func float(bits int) family {
	return func(text string) (string, bool) {
		f, ok := parseFloat(trim(text), bits)
		if !ok {
			return "", false
		}
		return formatFloat(f, bits), true
	}
}

func parseFloat(s string, bits int) (float64, bool) {
	switch strings.ToLower(s) {
	case "nan":
		return math.NaN(), true
	case "inf", "+inf", "infinity", "+infinity":
		return math.Inf(1), true
	case "-inf", "-infinity":
		return math.Inf(-1), true
	}
	if strings.ContainsAny(s, "xXpP_") || s == "" || isLetter(s[len(s)-1]) {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, bits)
	if err != nil {
		return 0, false // out of range as well
	}
	mantissa, _, _ := strings.Cut(strings.ToLower(s), "e")
	if f == 0 && strings.ContainsAny(mantissa, "123456789") {
		return 0, false // underflow
	}
	return f, true
}

func formatFloat(f float64, bits int) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	s := strconv.FormatFloat(f, 'e', -1, bits)
	mantissa, exponent, _ := strings.Cut(s, "e")
	n, _ := strconv.Atoi(exponent)
	// the limits of double_to_shortest_decimal_bufn and float_to_shortest_decimal_bufn
	if limit := map[int]int{32: 6, 64: 15}[bits]; f == 0 || n >= -4 && n < limit {
		return strconv.FormatFloat(f, 'f', -1, bits)
	}
	for digits := max(0, len(strings.TrimPrefix(mantissa, "-"))-len("d.")); ; digits++ {
		if again, _ := strconv.ParseFloat(s, bits); again == f && !halfway(s, f, bits) {
			return s
		}
		s = strconv.FormatFloat(f, 'e', digits+1, bits)
	}
}

// halfway reports whether the decimal is just between f and its neighbour. It is read as f then, but PostgreSQL
// prints another digit.
func halfway(decimal string, f float64, bits int) bool {
	d, ok := new(big.Rat).SetString(decimal)
	exact := new(big.Rat).SetFloat64(f)
	if !ok || exact == nil || d.Cmp(exact) == 0 {
		return false
	}
	toward := math.Inf(d.Cmp(exact))
	neighbour := math.Nextafter(f, toward)
	if bits == 32 {
		neighbour = float64(math.Nextafter32(float32(f), float32(toward)))
	}
	if math.IsInf(neighbour, 0) {
		return false
	}
	double := new(big.Rat).Add(exact, new(big.Rat).SetFloat64(neighbour))
	return double.Cmp(d.Add(d, d)) == 0
}
