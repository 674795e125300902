package literal

import (
	"math/big"
	"strconv"
	"strings"
)

// integer is int2in, int4in and int8in.
func integer(bits uint) family {
	limit := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return func(text string) (string, bool) {
		n, ok := parseInteger(trim(text))
		if !ok || n.Cmp(limit) >= 0 || n.Cmp(new(big.Int).Neg(limit)) < 0 {
			return "", false
		}
		return n.String(), true
	}
}

// parseInteger reads a decimal, or as 16 does a hexadecimal, octal or binary number, with _ between digits.
func parseInteger(s string) (*big.Int, bool) {
	digits := strings.TrimPrefix(s, "-")
	if digits == s {
		digits = strings.TrimPrefix(s, "+")
	}
	base := 10
	if len(digits) > 2 && digits[0] == '0' {
		switch digits[1] | 0x20 {
		case 'x':
			base = 16
		case 'o':
			base = 8
		case 'b':
			base = 2
		}
	}
	if base != 10 {
		digits = strings.TrimPrefix(digits[2:], "_")
	}
	digits, ok := withoutUnderscores(digits)
	if !ok || digits[0] == '-' || digits[0] == '+' {
		return nil, false
	}
	n, ok := new(big.Int).SetString(digits, base)
	if ok && strings.HasPrefix(s, "-") {
		n.Neg(n)
	}
	return n, ok
}

// withoutUnderscores removes underscores, which must be between digits.
func withoutUnderscores(s string) (string, bool) {
	if s == "" || s[0] == '_' || s[len(s)-1] == '_' || strings.Contains(s, "__") {
		return "", false
	}
	return strings.ReplaceAll(s, "_", ""), true
}

// canonicalOid is oidin, where a negative number counts from 2^32.
func canonicalOid(text string) (string, bool) {
	s := trim(text)
	if !allDigits(strings.TrimPrefix(s, "-")) || len(s) > 1 && strings.TrimPrefix(s, "-")[0] == '0' {
		return s, s == "0"
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > 1<<32-1 || n < -1<<31 {
		return "", false
	}
	return strconv.FormatUint(uint64(uint32(n)), 10), true
}
