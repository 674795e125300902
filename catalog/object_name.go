package catalog

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// NameLength is NAMEDATALEN - 1: what longer names are cut to, in bytes.
const NameLength = 63

// ChooseName is the first of the names that PostgreSQL makes of these parts that
// is not taken: with a number behind the label from the second on.
func ChooseName(name1, name2, label string, taken func(string) bool) string {
	for pass := 0; ; pass++ {
		l := label
		if pass > 0 {
			l = fmt.Sprintf("%s%d", label, pass)
		}
		if name := MakeObjectName(name1, name2, l); !taken(name) {
			return name
		}
	}
}

// MakeObjectName joins names with "_" as PostgreSQL does, cutting the longer of
// the first two until all fits.
func MakeObjectName(name1, name2, label string) string {
	avail := NameLength
	if label != "" {
		avail -= len(label) + 1
	}
	n1, n2 := len(name1), len(name2)
	if name2 != "" {
		avail--
	}
	for n1+n2 > avail {
		if n1 > n2 {
			n1--
		} else {
			n2--
		}
	}
	s := ClipName(name1, n1)
	if name2 != "" {
		s += "_" + ClipName(name2, n2)
	}
	if label != "" {
		s += "_" + label
	}
	return s
}

// ClipName cuts to at most n bytes, between characters.
func ClipName(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// NameAddition is ChooseIndexNameAddition: column names joined with "_".
func NameAddition(columns []string) string {
	var b strings.Builder
	for i, c := range columns {
		if i > 0 {
			b.WriteByte('_')
		}
		b.WriteString(ClipName(c, NameLength))
		if b.Len() >= NameLength {
			break
		}
	}
	return ClipName(b.String(), NameLength)
}

// DistinctNames is the end of ChooseIndexColumnNames: no two names alike.
func DistinctNames(names []string) []string {
	var out []string
	for _, name := range names {
		cur := name
		for i := 1; slices.Contains(out, cur); i++ {
			n := fmt.Sprint(i)
			cur = ClipName(name, NameLength-len(n)) + n
		}
		out = append(out, cur)
	}
	return out
}
