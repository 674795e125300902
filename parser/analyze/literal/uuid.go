package literal

import (
	"encoding/hex"
	"strings"
)

// canonicalUUID is uuid_in: 32 hexadecimal digits, a hyphen after any group of four, braces around.
func canonicalUUID(text string) (string, bool) {
	if inner, ok := strings.CutPrefix(text, "{"); ok {
		if text, ok = strings.CutSuffix(inner, "}"); !ok {
			return "", false
		}
	}
	var digits strings.Builder
	for i := range len(text) {
		if text[i] == '-' && digits.Len()%4 == 0 && digits.Len() > 0 && digits.Len() < 32 && text[i-1] != '-' {
			continue
		}
		digits.WriteByte(text[i])
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil || len(b) != 16 {
		return "", false
	}
	s := hex.EncodeToString(b)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:], true
}
