package literal

import (
	"encoding/hex"
	"strings"
)

// canonicalBytea reads the hex and the escape format and gives the hex format.
func canonicalBytea(text string) (string, bool) {
	var b []byte
	var ok bool
	if digits, isHex := strings.CutPrefix(text, `\x`); isHex {
		b, ok = byteaHex(digits)
	} else {
		b, ok = byteaEscape(text)
	}
	return `\x` + hex.EncodeToString(b), ok
}

// byteaHex reads pairs of hexadecimal digits, with white space between the pairs.
func byteaHex(s string) ([]byte, bool) {
	var b []byte
	for i := 0; i < len(s); {
		if strings.IndexByte(" \t\n\r", s[i]) >= 0 {
			i++
			continue
		}
		pair, err := hex.DecodeString(s[i:min(i+2, len(s))])
		if err != nil {
			return nil, false
		}
		b = append(b, pair...)
		i += 2
	}
	return b, true
}

// byteaEscape reads \\ and \ooo, everything else as it is.
func byteaEscape(s string) ([]byte, bool) {
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b = append(b, s[i])
			continue
		}
		rest := s[i+1:]
		switch {
		case strings.HasPrefix(rest, `\`):
			b = append(b, '\\')
			i++
		case len(rest) >= 3 && '0' <= rest[0] && rest[0] <= '3' && isOctal(rest[1]) && isOctal(rest[2]):
			b = append(b, (rest[0]-'0')<<6|(rest[1]-'0')<<3|(rest[2]-'0'))
			i += 3
		default:
			return nil, false
		}
	}
	return b, true
}

func isOctal(c byte) bool { return '0' <= c && c <= '7' }

// canonicalBit reads 101, b101 and x5.
func canonicalBit(text string) (string, bool) {
	if text != "" && text[0]|0x20 == 'x' {
		var bits strings.Builder
		for i := 1; i < len(text); i++ {
			nibble, err := hex.DecodeString("0" + text[i:i+1])
			if err != nil {
				return "", false
			}
			for bit := 3; bit >= 0; bit-- {
				bits.WriteByte('0' + nibble[0]>>bit&1)
			}
		}
		return bits.String(), true
	}
	if text != "" && text[0]|0x20 == 'b' {
		text = text[1:]
	}
	return text, strings.Trim(text, "01") == ""
}
