package literal

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// canonicalJSONB is jsonb_in and jsonb_out: of equal keys the last one stays, keys are sorted by length
// and then by bytes, numbers are numeric.
func canonicalJSONB(text string) (string, bool) {
	if !utf8.ValidString(text) {
		return "", false
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil || strings.Trim(text[d.InputOffset():], " \t\r\n") != "" {
		return "", false
	}
	var b strings.Builder
	ok := writeJSONB(&b, v)
	// where an escape is half a surrogate pair, the decoder has a replacement character; the server rejects it
	if strings.Contains(text, `\u`) && strings.ContainsRune(b.String(), utf8.RuneError) {
		return "", false
	}
	return b.String(), ok
}

func writeJSONB(b *strings.Builder, v any) bool {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		fmt.Fprint(b, v)
	case json.Number:
		d, ok := parseDecimal(string(v))
		b.WriteString(d.String())
		return ok
	case string:
		return writeJSONString(b, v)
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			if !writeJSONB(b, e) {
				return false
			}
		}
		b.WriteByte(']')
	case map[string]any:
		return writeJSONObject(b, v)
	}
	return true
}

func writeJSONObject(b *strings.Builder, object map[string]any) bool {
	keys := make([]string, 0, len(object))
	for k := range object {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(x, y string) int {
		if len(x) != len(y) {
			return len(x) - len(y)
		}
		return strings.Compare(x, y)
	})
	b.WriteByte('{')
	for i, k := range keys {
		if i > 0 {
			b.WriteString(", ")
		}
		if !writeJSONString(b, k) {
			return false
		}
		b.WriteString(": ")
		if !writeJSONB(b, object[k]) {
			return false
		}
	}
	b.WriteByte('}')
	return true
}

var jsonEscapes = map[rune]string{'\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '"': `\"`, '\\': `\\`}

// writeJSONString is escape_json.
func writeJSONString(b *strings.Builder, s string) bool {
	if strings.IndexByte(s, 0) >= 0 {
		return false
	}
	b.WriteByte('"')
	for _, r := range s {
		switch escape, ok := jsonEscapes[r]; {
		case ok:
			b.WriteString(escape)
		case r < ' ':
			fmt.Fprintf(b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return true
}
