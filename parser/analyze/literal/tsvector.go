package literal

import (
	"slices"
	"strconv"
	"strings"
)

// canonicalTSVector is tsvectorin and tsvectorout: lexemes sorted by bytes, each once.
func canonicalTSVector(text string) (string, bool) {
	positions := map[string]map[int]byte{} // weight by position
	for s := strings.TrimLeft(text, space); s != ""; s = strings.TrimLeft(s, space) {
		lexeme, rest, ok := cutLexeme(s, "")
		if !ok || len(lexeme) > 1000 {
			return "", false
		}
		if positions[lexeme] == nil {
			positions[lexeme] = map[int]byte{}
		}
		if list, isList := strings.CutPrefix(rest, ":"); isList {
			end := strings.IndexAny(list+" ", space)
			if !addPositions(positions[lexeme], list[:end]) {
				return "", false
			}
			rest = list[end:]
		}
		s = rest
	}
	lexemes := make([]string, 0, len(positions))
	for lexeme := range positions {
		lexemes = append(lexemes, lexeme)
	}
	slices.Sort(lexemes)
	for i, lexeme := range lexemes {
		lexemes[i] = quoteLexeme(lexeme) + formatPositions(positions[lexeme])
	}
	return strings.Join(lexemes, " "), true
}

// cutLexeme reads a lexeme, quoted or not, and returns what follows it. An unquoted one ends at space, a
// colon or one of the stops.
func cutLexeme(s, stops string) (lexeme, rest string, ok bool) {
	var b strings.Builder
	if quoted, isQuoted := strings.CutPrefix(s, "'"); isQuoted {
		for i := 0; i < len(quoted); i++ {
			switch c := quoted[i]; {
			case c == '\\' && i+1 < len(quoted):
				i++
			case c == '\'' && strings.HasPrefix(quoted[i+1:], "'"):
				i++
			case c == '\'':
				rest = quoted[i+1:]
				follows := rest == "" || isSpace(rest[0]) || rest[0] == ':' || strings.IndexByte(stops, rest[0]) >= 0
				return b.String(), rest, b.Len() > 0 && follows
			}
			b.WriteByte(quoted[i])
		}
		return "", "", false
	}
	i := strings.IndexAny(s+" ", space+":"+stops)
	return s[:i], s[i:], i > 0 && !strings.ContainsAny(s[:i], `'\`)
}

// addPositions reads 1A,3.
func addPositions(positions map[int]byte, list string) bool {
	for p := range strings.SplitSeq(list, ",") {
		weight := byte('D')
		if p != "" && isLetter(p[len(p)-1]) {
			weight = p[len(p)-1] &^ 0x20
			p = p[:len(p)-1]
		}
		n, err := strconv.Atoi(p)
		if err != nil || !allDigits(p) || n < 1 || n >= 1<<14-1 || weight > 'D' || len(positions) > 250 {
			return false
		}
		if have, ok := positions[n]; !ok || weight < have { // the higher weight stays
			positions[n] = weight
		}
	}
	return true
}

func formatPositions(positions map[int]byte) string {
	if len(positions) == 0 {
		return ""
	}
	numbers := make([]int, 0, len(positions))
	for n := range positions {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(n)
		if w := positions[n]; w != 'D' {
			texts[i] += string(w)
		}
	}
	return ":" + strings.Join(texts, ",")
}

func quoteLexeme(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(s) + "'"
}
