package literal

import (
	"strconv"
	"strings"
)

// canonicalTSQuery is tsqueryin and tsqueryout: lexemes quoted, parentheses where priorities need them.
func canonicalTSQuery(text string) (string, bool) {
	p := &tsqueryParser{rest: trim(text)}
	if p.rest == "" {
		return "", true
	}
	q, ok := p.or()
	if !ok || p.rest != "" {
		return "", false
	}
	return q.String(), true
}

// tsquery is a lexeme, or an operator with its operands; ! has only a right one.
type tsquery struct {
	lexeme      string
	operator    string
	priority    int
	left, right *tsquery
}

const (
	priorityOr = iota + 1
	priorityAnd
	priorityPhrase
	priorityNot
	priorityLexeme
)

func (q *tsquery) String() string {
	switch q.priority {
	case priorityLexeme:
		return q.lexeme
	case priorityNot:
		return "!" + q.right.within(q.priority, false)
	}
	return q.left.within(q.priority, false) + " " + q.operator + " " + q.right.within(q.priority, q.priority == priorityPhrase)
}

// within puts parentheses around q if it binds less than the operator around it. The phrase operator is
// not associative, so its right operand needs them as well.
func (q *tsquery) within(priority int, right bool) string {
	if q.priority < priority || right && q.priority == priority {
		return "( " + q.String() + " )"
	}
	return q.String()
}

type tsqueryParser struct{ rest string }

func (p *tsqueryParser) take(operator string) bool {
	p.rest = strings.TrimLeft(p.rest, space)
	rest, ok := strings.CutPrefix(p.rest, operator)
	if ok {
		p.rest = strings.TrimLeft(rest, space)
	}
	return ok
}

func (p *tsqueryParser) or() (*tsquery, bool) {
	left, ok := p.and()
	for ok && p.take("|") {
		var right *tsquery
		right, ok = p.and()
		left = &tsquery{operator: "|", priority: priorityOr, left: left, right: right}
	}
	return left, ok
}

func (p *tsqueryParser) and() (*tsquery, bool) {
	left, ok := p.phrase()
	for ok && p.take("&") {
		var right *tsquery
		right, ok = p.phrase()
		left = &tsquery{operator: "&", priority: priorityAnd, left: left, right: right}
	}
	return left, ok
}

func (p *tsqueryParser) phrase() (*tsquery, bool) {
	left, ok := p.not()
	for ok && strings.HasPrefix(p.rest, "<") {
		distance, rest, closed := strings.Cut(p.rest[1:], ">")
		p.rest = rest
		operator := "<->"
		if distance != "-" {
			n, err := strconv.Atoi(distance)
			if err != nil || !allDigits(distance) || n > 1<<14-1 {
				return nil, false
			}
			if n != 1 {
				operator = "<" + strconv.Itoa(n) + ">"
			}
		}
		var right *tsquery
		right, ok = p.not()
		ok = ok && closed
		left = &tsquery{operator: operator, priority: priorityPhrase, left: left, right: right}
	}
	return left, ok
}

func (p *tsqueryParser) not() (*tsquery, bool) {
	if p.take("!") {
		q, ok := p.not()
		return &tsquery{priority: priorityNot, right: q}, ok
	}
	if p.take("(") {
		q, ok := p.or()
		return q, ok && p.take(")")
	}
	p.take("")
	lexeme, rest, ok := cutLexeme(p.rest, "&|!()<")
	if !ok {
		return nil, false
	}
	q := &tsquery{lexeme: quoteLexeme(lexeme), priority: priorityLexeme}
	if flags, ok := strings.CutPrefix(rest, ":"); ok {
		end := strings.IndexFunc(flags+" ", func(r rune) bool { return !strings.ContainsRune("*ABCDabcd", r) })
		q.lexeme += formatFlags(flags[:end])
		if end == 0 {
			return nil, false
		}
		rest = flags[end:]
	}
	p.rest = strings.TrimLeft(rest, space)
	return q, true
}

// formatFlags prints the prefix mark first and the weights in order.
func formatFlags(flags string) string {
	s := ":"
	for _, flag := range "*ABCD" {
		if strings.ContainsRune(strings.ToUpper(flags), flag) {
			s += string(flag)
		}
	}
	return s
}
