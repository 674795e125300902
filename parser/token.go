package parser

import "strings"

// token is a lexical element of SQL text: where it stands and what it is.
// Comments and blanks are none.
type token struct {
	start, end int
	kind       tokenKind
}

type tokenKind byte

const (
	word   tokenKind = iota // key word or plain identifier
	quoted                  // "identifier"
	text                    // string constant of any form, numbers and parameters
	sign                    // one character of punctuation or of an operator
)

// lexer cuts SQL text into tokens. It knows just enough to find where strings,
// comments and statements end; the grammar is pg_query's.
type lexer struct {
	s  string
	at int
}

// next returns the next token; not ok at the end.
func (l *lexer) next() (token, bool) {
	l.skip()
	if l.at >= len(l.s) {
		return token{}, false
	}
	t := token{start: l.at}
	switch c := l.s[l.at]; {
	case c == '\'':
		t.kind = text
		l.quote('\'', false)
	case c == '"':
		t.kind = quoted
		l.quote('"', false)
	case c == '$':
		t.kind = text
		l.dollar()
	case isLetter(c):
		t.kind = l.wordOrPrefixed()
	case c >= '0' && c <= '9':
		t.kind = text
		l.number()
	default:
		t.kind = sign
		l.at++
	}
	t.end = l.at
	return t, true
}

// skip passes blanks and comments.
func (l *lexer) skip() {
	for l.at < len(l.s) {
		switch c := l.s[l.at]; {
		case c == ' ' || c >= '\t' && c <= '\r':
			l.at++
		case strings.HasPrefix(l.s[l.at:], "--"):
			l.at += lineLength(l.s[l.at:])
		case strings.HasPrefix(l.s[l.at:], "/*"):
			l.blockComment()
		default:
			return
		}
	}
}

func lineLength(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i
	}
	return len(s)
}

func (l *lexer) blockComment() {
	depth := 0
	for l.at < len(l.s) {
		switch {
		case strings.HasPrefix(l.s[l.at:], "/*"):
			depth, l.at = depth+1, l.at+2
		case strings.HasPrefix(l.s[l.at:], "*/"):
			depth, l.at = depth-1, l.at+2
			if depth == 0 {
				return
			}
		default:
			l.at++
		}
	}
}

// quote passes a quoted string; a doubled quote is part of it.
func (l *lexer) quote(q byte, backslash bool) {
	for l.at++; l.at < len(l.s); l.at++ {
		switch c := l.s[l.at]; {
		case c == '\\' && backslash:
			l.at++
		case c == q:
			if l.at+1 < len(l.s) && l.s[l.at+1] == q {
				l.at++
				continue
			}
			l.at++
			return
		}
	}
	l.at = len(l.s)
}

// dollar passes $tag$ … $tag$, or a parameter.
func (l *lexer) dollar() {
	i := l.at + 1
	for i < len(l.s) && (isLetter(l.s[i]) || l.s[i] >= '0' && l.s[i] <= '9') {
		i++
	}
	if i >= len(l.s) || l.s[i] != '$' || i > l.at+1 && !isLetter(l.s[l.at+1]) {
		l.at = max(i, l.at+1)
		return
	}
	tag := l.s[l.at : i+1]
	if j := strings.Index(l.s[i+1:], tag); j >= 0 {
		l.at = i + 1 + j + len(tag)
		return
	}
	l.at = len(l.s)
}

func (l *lexer) wordOrPrefixed() tokenKind {
	start := l.at
	for l.at < len(l.s) && (isLetter(l.s[l.at]) || l.s[l.at] >= '0' && l.s[l.at] <= '9' || l.s[l.at] == '$') {
		l.at++
	}
	if l.at >= len(l.s) {
		return word
	}
	w := l.s[start:l.at]
	switch {
	case l.s[l.at] == '\'' && len(w) == 1 && strings.Contains("eEbBxXnN", w):
		l.quote('\'', w == "e" || w == "E")
		return text
	case l.s[l.at] == '&' && (w == "u" || w == "U") && l.at+1 < len(l.s):
		switch q := l.s[l.at+1]; q {
		case '\'', '"':
			l.at++
			l.quote(q, false)
			if q == '"' {
				return quoted
			}
			return text
		}
	}
	return word
}

func (l *lexer) number() {
	for l.at < len(l.s) {
		c := l.s[l.at]
		exponent := (c == '+' || c == '-') && (l.s[l.at-1] == 'e' || l.s[l.at-1] == 'E')
		if !isLetter(c) && (c < '0' || c > '9') && c != '.' && !exponent {
			return
		}
		l.at++
	}
}

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

// tokens is a run of tokens of a text.
type tokens struct {
	s    string
	list []token
}

func (t tokens) len() int          { return len(t.list) }
func (t tokens) str(i int) string  { return t.s[t.list[i].start:t.list[i].end] }
func (t tokens) from(i int) tokens { return tokens{t.s, t.list[min(i, len(t.list)):]} }
func (t tokens) to(i int) tokens   { return tokens{t.s, t.list[:max(0, min(i, len(t.list)))]} }

// is reports whether the token is the key word or sign.
func (t tokens) is(i int, s string) bool {
	if i < 0 || i >= len(t.list) {
		return false
	}
	k := t.list[i].kind
	return (k == word || k == sign) && strings.EqualFold(t.str(i), s)
}

// are reports whether the tokens from i on are these key words.
func (t tokens) are(i int, words ...string) bool {
	for j, w := range words {
		if !t.is(i+j, w) {
			return false
		}
	}
	return true
}

// close returns the index of the parenthesis that closes the one at i, or -1.
func (t tokens) close(i int) int {
	depth := 0
	for ; i < len(t.list); i++ {
		switch {
		case t.is(i, "(") || t.is(i, "["):
			depth++
		case t.is(i, ")") || t.is(i, "]"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// find returns the index of the first token outside of parentheses, from i on,
// where these key words follow each other, or -1.
func (t tokens) find(i int, words ...string) int {
	for i < len(t.list) {
		if t.are(i, words...) {
			return i
		}
		if t.is(i, "(") || t.is(i, "[") {
			j := t.close(i)
			if j < 0 {
				return -1
			}
			i = j
		}
		i++
	}
	return -1
}

// inside returns the tokens between the parenthesis at i and its end.
func (t tokens) inside(i int) tokens {
	j := t.close(i)
	if !t.is(i, "(") || j < 0 {
		return tokens{s: t.s}
	}
	return tokens{t.s, t.list[i+1 : j]}
}

// split cuts at the commas outside of parentheses.
func (t tokens) split() []tokens {
	var parts []tokens
	for {
		i := t.find(0, ",")
		if i < 0 {
			return append(parts, t)
		}
		parts = append(parts, t.to(i))
		t = t.from(i + 1)
	}
}

// at returns the index of the first token that starts at or after the offset.
func (t tokens) at(offset int) int {
	low, high := 0, len(t.list)
	for low < high {
		if mid := (low + high) / 2; t.list[mid].start < offset {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}
