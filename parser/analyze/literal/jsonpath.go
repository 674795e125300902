package literal

import (
	"regexp"
	"strconv"
	"strings"
)

// simpleJSONPath is a path of member and element accessors without filters.
var (
	simpleJSONPath   = regexp.MustCompile(`^\s*(?:(strict|lax)\s+)?\$((?:\s*\.\s*(?:\*|[A-Za-z_][A-Za-z0-9_]*|"[^"\\]*")|\s*\[\s*(?:\*|0|[1-9][0-9]{0,8})\s*\])*)\s*$`)
	jsonPathAccessor = regexp.MustCompile(`\.\s*(?:\*|[A-Za-z_][A-Za-z0-9_]*|"[^"\\]*")|\[\s*(?:\*|0|[1-9][0-9]{0,8})\s*\]`)
)

// canonicalJSONPath quotes the keys of a path without filters and methods.
func canonicalJSONPath(text string) (string, bool) {
	m := simpleJSONPath.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	var b strings.Builder
	if m[1] == "strict" {
		b.WriteString("strict ")
	}
	b.WriteByte('$')
	for _, accessor := range jsonPathAccessor.FindAllString(m[2], -1) {
		inner := strings.Trim(accessor, ".[]"+space)
		switch {
		case accessor[0] == '[' && inner == "*":
			b.WriteString("[*]")
		case accessor[0] == '[':
			n, _ := strconv.Atoi(inner)
			b.WriteString("[" + strconv.Itoa(n) + "]")
		case inner == "*":
			b.WriteString(".*")
		default:
			key := strings.Trim(inner, `"`)
			quoted, ok := canonicalJSONB(`"` + key + `"`)
			if !ok {
				return "", false
			}
			b.WriteString("." + quoted)
		}
	}
	return b.String(), true
}
