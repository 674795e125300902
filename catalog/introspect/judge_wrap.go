package introspect

import (
	"errors"
	"strings"
)

// treeLine is the length of the lines that the server breaks a tree into for
// its log.
const treeLine = 78

// unwrapTree undoes the line breaks in a logged tree. A line break may stand
// for a space within a name, or in the middle of a very long word, so the result is
// wrapped again: if that does not give what came, nobody knows what was there.
func unwrapTree(logged string) (string, error) {
	text := strings.ReplaceAll(strings.TrimSuffix(logged, "\n"), "\n", " ")
	for line := range strings.Lines(logged) {
		if len(line) > treeLine && !strings.Contains(line[1:], " ") {
			return "", errors.New("the server broke a word of its tree in two")
		}
	}
	if wrapTree(text) != strings.TrimSuffix(logged, "\n")+"\n" {
		return "", errors.New("a name with a line break in it")
	}
	return text, nil
}

// wrapTree is the server's format_node_dump (print.c).
func wrapTree(dump string) string {
	var b strings.Builder
	for i := 0; i < len(dump); {
		end := min(i+treeLine, len(dump))
		next := end
		switch {
		case end == len(dump):
		case dump[end] == ' ':
			next = end + 1
		default:
			if k := strings.LastIndexByte(dump[i+1:end], ' '); k >= 0 {
				end = i + 1 + k
				next = end + 1
			}
		}
		b.WriteString(dump[i:end])
		b.WriteByte('\n')
		i = next
	}
	return b.String()
}
