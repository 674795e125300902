package printed

import "strings"

// kind is a kind of token.
type kind uint8

const (
	end        kind = iota
	name            // a word without quotes, in lower case
	quoted          // a name in quotes
	literal         // a string
	number          // digits, or digits with a point
	sign            // an operator
	cast            // ::
	open            // (
	closed          // )
	comma           // ,
	dot             // .
	openIndex       // [
	closeIndex      // ]
)

// token is a part of the text. text is its value: a name without quotes, the content of a string, an operator.
type token struct {
	kind kind
	at   int32
	text string
}

var punctuation = [128]kind{'(': open, ')': closed, ',': comma, '.': dot, '[': openIndex, ']': closeIndex}

// maxName is the most bytes that a name can have: longer ones are cut by the server.
const maxName = 63

// scan takes the text apart; false if something in it is not for here.
func (r *reader) scan() bool {
	r.tokens = r.tokens[:0]
	for i := 0; i < len(r.text); {
		c := r.text[i]
		if c == ' ' || c == '\n' || c == '\t' || c == '\r' {
			i++
			continue
		}
		t, next := r.token(i)
		if next < 0 {
			return false
		}
		t.at = int32(i)
		r.tokens = append(r.tokens, t)
		i = next
	}
	r.tokens = append(r.tokens, token{kind: end, at: int32(len(r.text))})
	return true
}

// token reads the one at i and returns where the next begins; -1 if it is not for here.
func (r *reader) token(i int) (token, int) {
	s, c := r.text, r.text[i]
	switch {
	case startsName(c):
		return r.word(i)
	case c >= '0' && c <= '9':
		return r.number(i)
	case c == '\'':
		text, next := unquote(s, i, '\'')
		return token{kind: literal, text: text}, next
	case c == '"':
		text, next := unquote(s, i, '"')
		if text == "" || len(text) > maxName {
			next = -1
		}
		return token{kind: quoted, text: text}, next
	case strings.HasPrefix(s[i:], "::"):
		return token{kind: cast}, i + 2
	case c < 128 && punctuation[c] != 0:
		if c == '.' && i+1 < len(s) && (s[i+1] == '.' || isDigit(s[i+1])) {
			return token{}, -1
		}
		return token{kind: punctuation[c]}, i + 1
	case isOperator(c):
		return r.operator(i)
	}
	return token{}, -1
}

func (r *reader) word(i int) (token, int) {
	s, j, lower := r.text, i, true
	for j < len(s) && (startsName(s[j]) || isDigit(s[j]) || s[j] == '$') {
		lower = lower && (s[j] < 'A' || s[j] > 'Z')
		j++
	}
	text := s[i:j]
	if j-i > maxName || !lower && !isASCII(text) {
		return token{}, -1
	}
	if !lower {
		text = strings.ToLower(text)
	}
	if j < len(s) && s[j] == '\'' && len(text) == 1 {
		if text == "e" {
			return r.escaped(i)
		}
		return token{}, -1 // a bit string, national characters
	}
	if text == "u" && j < len(s) && s[j] == '&' {
		return token{}, -1
	}
	return token{kind: name, text: text}, j
}

// escaped is E'…' with no other escapes than \\, the one that servers write.
func (r *reader) escaped(i int) (token, int) {
	text, next := unquote(r.text, i+1, '\'')
	rest := strings.ReplaceAll(text, `\\`, "")
	if next < 0 || strings.Contains(rest, `\`) || strings.Contains(r.text[i:next], `\'`) {
		return token{}, -1
	}
	return token{kind: literal, text: strings.ReplaceAll(text, `\\`, `\`)}, next
}

func (r *reader) number(i int) (token, int) {
	s, j := r.text, i
	for j < len(s) && isDigit(s[j]) {
		j++
	}
	if j+1 < len(s) && s[j] == '.' && isDigit(s[j+1]) {
		for j++; j < len(s) && isDigit(s[j]); j++ {
		}
	}
	if j < len(s) && (startsName(s[j]) || s[j] == '.' || s[j] == '$') {
		return token{}, -1 // an exponent, a base, an underscore
	}
	return token{kind: number, text: s[i:j]}, j
}

// operator reads as the server's scanner does: as many operator characters as there are, but + or - do not end an operator
// that has none of the characters beyond SQL.
func (r *reader) operator(i int) (token, int) {
	s, j := r.text, i
	for j < len(s) && isOperator(s[j]) {
		j++
	}
	text := s[i:j]
	if len(text) > 1 && (strings.Contains(text, "--") || strings.Contains(text, "/*") || strings.HasSuffix(text, "+") || strings.HasSuffix(text, "-")) {
		return token{}, -1
	}
	switch {
	case len(text) > maxName || text == "=>":
		return token{}, -1
	case text == "!=":
		text = "<>"
	}
	return token{kind: sign, text: text}, j
}

// unquote reads what stands in quotes, which are doubled within; next is -1 if they do not end.
func unquote(s string, i int, quote byte) (text string, next int) {
	for j := i + 1; j < len(s); j++ {
		switch {
		case s[j] == 0:
			return "", -1
		case s[j] != quote:
		case j+1 < len(s) && s[j+1] == quote:
			j++
		default:
			text = s[i+1 : j]
			if q := string(quote); strings.Contains(text, q) {
				text = strings.ReplaceAll(text, q+q, q)
			}
			return text, j + 1
		}
	}
	return "", -1
}

func startsName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 128
}
func isDigit(c byte) bool    { return c >= '0' && c <= '9' }
func isOperator(c byte) bool { return strings.IndexByte("~!@#^&|`?+-*/%<>=", c) >= 0 }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 128 {
			return false
		}
	}
	return true
}
