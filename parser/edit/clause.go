package edit

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// Clause is what stands behind the type of a column: NOT NULL, DEFAULT …, a constraint.
type Clause struct {
	*pg.Constraint // nil for COLLATE
	start, end     int
	of             Part
}

// Text is the clause as it is written.
func (c Clause) Text() string { return c.of.of.text[c.start:c.end] }

// Clauses of a column, in their order. What only modifies the one before it
// (DEFERRABLE) is part of that.
func (p Part) Clauses() []Clause {
	var out []Clause
	for _, n := range p.Column.GetConstraints() {
		c := n.GetConstraint()
		switch c.GetContype() {
		case pg.ConstrType_CONSTR_ATTR_DEFERRABLE, pg.ConstrType_CONSTR_ATTR_NOT_DEFERRABLE, pg.ConstrType_CONSTR_ATTR_DEFERRED, pg.ConstrType_CONSTR_ATTR_IMMEDIATE:
			continue
		}
		out = append(out, Clause{Constraint: c, start: int(c.GetLocation()), of: p})
	}
	if c := p.Column.GetCollClause(); c != nil {
		out = append(out, Clause{start: int(c.GetLocation()), of: p})
	}
	slices.SortFunc(out, func(a, b Clause) int { return a.start - b.start })
	for i := range out {
		end := p.end
		if i+1 < len(out) {
			end = out[i+1].start
		}
		out[i].end = p.of.lastToken(end)
	}
	return out
}

// lastToken is the end of the last token before a place.
func (t *tree) lastToken(before int) int {
	end := 0
	for _, token := range t.tokens {
		if int(token.GetEnd()) <= before {
			end = int(token.GetEnd())
		}
	}
	return end
}

// typeSpan is where the type of the column stands.
func (p Part) typeSpan() (start, end int) {
	start = int(p.Column.GetTypeName().GetLocation())
	end = p.end
	if c := p.Clauses(); len(c) > 0 {
		end = c[0].start
	}
	for i, token := range p.of.tokens {
		w := p.of.word(i)
		if int(token.GetStart()) > start && int(token.GetStart()) < end && (w == "storage" || w == "compression" || w == "options" || w == "using") {
			end = int(token.GetStart())
		}
	}
	return start, p.of.lastToken(end)
}

// Type is the type of the column as it is written.
func (p Part) Type() string {
	start, end := p.typeSpan()
	return p.of.text[start:end]
}

// SetType writes another type.
func (s *Statement) SetType(p Part, text string) {
	start, end := p.typeSpan()
	s.Text = p.of.text[:start] + text + p.of.text[end:]
}

// SetClause puts a clause in the place of the column's clause of a type, which goes if
// the text is empty, and is added if it is not there.
func (s *Statement) SetClause(p Part, kind pg.ConstrType, text string) {
	for _, c := range p.Clauses() {
		if c.Constraint != nil && c.GetContype() == kind || c.Constraint == nil && kind == Collate {
			s.ReplaceClause(c, text)
			return
		}
	}
	if text == "" {
		return
	}
	_, end := p.typeSpan()
	if kind != Collate {
		for _, c := range p.Clauses() {
			if c.Constraint == nil || c.GetContype() == pg.ConstrType_CONSTR_NOTNULL || c.GetContype() == pg.ConstrType_CONSTR_DEFAULT {
				end = max(end, c.end)
			}
		}
	}
	s.Text = p.of.text[:end] + " " + text + p.of.text[end:]
}

// Collate stands for the COLLATE clause, which is no constraint to the grammar.
const Collate = pg.ConstrType_CONSTR_TYPE_UNDEFINED

// ReplaceClause writes another text in place of a clause; an empty one removes it.
func (s *Statement) ReplaceClause(c Clause, text string) {
	t := c.of.of.text
	if text != "" {
		s.Text = t[:c.start] + text + t[c.end:]
		return
	}
	s.Text = strings.TrimRight(t[:c.start], " ") + t[c.end:]
}
