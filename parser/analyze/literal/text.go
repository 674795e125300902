package literal

import (
	"strings"
	"unicode/utf8"
)

// verbatim is a type whose value is its text.
func verbatim(text string) (string, bool) { return text, true }

// nameLength is NAMEDATALEN without the final zero.
const nameLength = 63

// canonicalName cuts after 63 bytes, not within a character.
func canonicalName(text string) (string, bool) {
	if len(text) <= nameLength {
		return text, true
	}
	end := nameLength
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end], true
}

// canonicalChar is the type "char": the first byte. Bytes that are not ASCII are printed in different
// ways by different majors, and 16 reads \ooo.
func canonicalChar(text string) (string, bool) {
	switch {
	case text == "":
		return "", true
	case text[0] >= utf8.RuneSelf, text[0] == '\\':
		return "", false
	}
	return text[:1], true
}

// canonicalXML knows documents without an XML declaration, which the output function edits, and without
// space at the start.
func canonicalXML(text string) (string, bool) {
	return text, text != "" && !isSpace(text[0]) && !strings.Contains(text, "<?xml")
}
