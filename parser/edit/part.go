package edit

import (
	"fmt"
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// Part is a column or constraint in CREATE TABLE, or a form of ALTER TABLE.
type Part struct {
	Column     *pg.ColumnDef // nil if it is none
	Constraint *pg.Constraint
	Form       *pg.AlterTableCmd
	start, end int
	of         *tree
}

// Text is the part as it is written, without ADD where it stands in ALTER TABLE.
func (p Part) Text() string { return p.of.text[p.begin():p.end] }

// begin is where the column or constraint itself begins.
func (p Part) begin() int {
	switch {
	case p.Form != nil && p.Column != nil:
		return int(p.Column.GetLocation())
	case p.Form != nil && p.Constraint != nil:
		return int(p.Constraint.GetLocation())
	}
	return p.start
}

// tree is a statement's text with its parse tree and tokens.
type tree struct {
	text   string
	node   *pg.Node
	tokens []*pg.ScanToken // without comments
	alter  bool
	open   int // where parts begin
	close  int // where they end
	parts  []Part
}

// parse reads a CREATE TABLE or ALTER TABLE.
func parse(text string) (*tree, error) {
	parsed, err := pg.Parse(text)
	if err != nil || len(parsed.GetStmts()) != 1 {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	scanned, err := pg.Scan(text)
	if err != nil {
		return nil, err
	}
	t := &tree{text: text, node: parsed.GetStmts()[0].GetStmt()}
	for _, token := range scanned.GetTokens() {
		if token.GetToken() != pg.Token_SQL_COMMENT && token.GetToken() != pg.Token_C_COMMENT {
			t.tokens = append(t.tokens, token)
		}
	}
	var nodes []*pg.Node
	switch {
	case t.node.GetCreateStmt() != nil:
		nodes = t.node.GetCreateStmt().GetTableElts()
		t.open, t.close = t.parentheses(int(t.node.GetCreateStmt().GetRelation().GetLocation()), len(nodes) > 0)
	case t.node.GetCreateForeignTableStmt() != nil:
		base := t.node.GetCreateForeignTableStmt().GetBaseStmt()
		nodes = base.GetTableElts()
		t.open, t.close = t.parentheses(int(base.GetRelation().GetLocation()), len(nodes) > 0)
	case t.node.GetAlterTableStmt() != nil:
		t.alter = true
		nodes = t.node.GetAlterTableStmt().GetCmds()
		t.open, t.close = t.afterName(int(t.node.GetAlterTableStmt().GetRelation().GetLocation())), len(text)
	default:
		return nil, fmt.Errorf("is neither CREATE TABLE nor ALTER TABLE")
	}
	spans := t.split()
	if len(spans) != len(nodes) {
		return nil, fmt.Errorf("has %d parts where %d were expected", len(spans), len(nodes))
	}
	for i, n := range nodes {
		p := Part{Column: n.GetColumnDef(), Constraint: n.GetConstraint(), Form: n.GetAlterTableCmd(), start: spans[i][0], end: spans[i][1], of: t}
		if p.Form != nil {
			p.Column, p.Constraint = p.Form.GetDef().GetColumnDef(), p.Form.GetDef().GetConstraint()
		}
		t.parts = append(t.parts, p)
	}
	return t, nil
}

func (t *tree) word(i int) string {
	return strings.ToLower(t.text[t.tokens[i].GetStart():t.tokens[i].GetEnd()])
}

// parentheses are the ones of the first list after a place.
func (t *tree) parentheses(after int, has bool) (open, end int) {
	depth := 0
	if !has {
		// CREATE TABLE a (): the list is there and empty.
		for i := range t.tokens {
			if int(t.tokens[i].GetStart()) >= after && t.word(i) == "(" && i+1 < len(t.tokens) && t.word(i+1) == ")" {
				return int(t.tokens[i].GetEnd()), int(t.tokens[i+1].GetStart())
			}
		}
		return 0, 0
	}
	for i, token := range t.tokens {
		if int(token.GetStart()) < after {
			continue
		}
		switch t.word(i) {
		case "(":
			if depth++; depth == 1 {
				open = int(token.GetEnd())
			}
		case ")":
			if depth--; depth == 0 {
				return open, int(token.GetStart())
			}
		}
	}
	return 0, 0
}

// afterName is where the forms of ALTER TABLE begin.
func (t *tree) afterName(name int) int {
	for i, token := range t.tokens {
		if int(token.GetStart()) < name {
			continue
		}
		for i+2 < len(t.tokens) && t.word(i+1) == "." {
			i += 2
		}
		if i+1 < len(t.tokens) && t.word(i+1) == "*" {
			i++
		}
		return int(t.tokens[i].GetEnd())
	}
	return len(t.text)
}

// split are the places of the parts: between commas that stand in no parentheses.
func (t *tree) split() [][2]int {
	var out [][2]int
	depth := 0
	span := [2]int{-1, -1}
	for i, token := range t.tokens {
		if int(token.GetStart()) < t.open || int(token.GetEnd()) > t.close {
			continue
		}
		switch w := t.word(i); {
		case w == "(" || w == "[":
			depth++
		case w == ")" || w == "]":
			depth--
		case w == "," && depth == 0:
			out, span = append(out, span), [2]int{-1, -1}
			continue
		}
		if span[0] < 0 {
			span[0] = int(token.GetStart())
		}
		span[1] = int(token.GetEnd())
	}
	if span[0] >= 0 {
		out = append(out, span)
	}
	return out
}

// Columns and constraints of a statement; none if it is neither CREATE nor ALTER TABLE.
func (s *Statement) Parts() []Part { return Parts(s.Text) }

// Parts are those of a statement's text.
func Parts(text string) []Part {
	t, err := parse(text)
	if err != nil {
		return nil
	}
	return t.parts
}

// RemovePart takes a part out; the statement itself goes with the last form of an
// ALTER TABLE, and is then empty.
func (s *Statement) RemovePart(p Part) {
	t := p.of
	i := slices.IndexFunc(t.parts, func(o Part) bool { return o.start == p.start })
	switch {
	case len(t.parts) == 1 && t.alter:
		s.Text = ""
	case len(t.parts) == 1:
		s.Text = t.text[:p.start] + strings.TrimLeft(t.text[p.end:], " ")
	case i == len(t.parts)-1:
		s.Text = t.text[:t.comma(t.parts[i-1].end)] + t.keptTail(t.parts[i-1].end, p.start) + withoutTail(t.text[p.end:])
	default:
		s.Text = t.removeLine(p, t.parts[i+1].start)
	}
}

// comma is where the comma after a part stands.
func (t *tree) comma(end int) int {
	for i, token := range t.tokens {
		if int(token.GetStart()) >= end && t.word(i) == "," {
			return int(token.GetStart())
		}
	}
	return end
}

// keptTail is the comment behind the part that is the last from now on.
func (t *tree) keptTail(end, next int) string {
	between := t.text[t.comma(end)+1 : next]
	line, _, more := strings.Cut(between, "\n")
	if more && strings.Contains(line, "--") {
		return line
	}
	return ""
}

// withoutTail is what follows a part, without the comment behind it on its line.
func withoutTail(text string) string {
	line, _, more := strings.Cut(text, "\n")
	if more && strings.HasPrefix(strings.TrimSpace(line), "--") {
		return text[len(line):]
	}
	return text
}

// removeLine takes a part out with its comma, its own comment and, if it has lines to
// itself, those lines.
func (t *tree) removeLine(p Part, next int) string {
	start := strings.LastIndexByte(t.text[:p.start], '\n') + 1
	after := t.text[t.comma(p.end)+1:]
	line, _, more := strings.Cut(after, "\n")
	rest := strings.TrimSpace(line)
	if start > t.open-1 && strings.TrimSpace(t.text[start:p.start]) == "" && more && (rest == "" || strings.HasPrefix(rest, "--")) {
		for start > t.open { // comments directly above are about it
			above := strings.LastIndexByte(t.text[:start-1], '\n') + 1
			if above <= t.open || !strings.HasPrefix(strings.TrimSpace(t.text[above:start]), "--") {
				break
			}
			start = above
		}
		return t.text[:start] + after[len(line)+1:]
	}
	return t.text[:p.start] + t.text[next:]
}

// InsertPart adds a column or constraint: columns before the constraints of the table,
// constraints last.
func (s *Statement) InsertPart(text string, column bool) error {
	t, err := parse(s.Text)
	if err != nil {
		return err
	}
	if t.alter || t.close == 0 {
		return fmt.Errorf("has no list of columns")
	}
	if len(t.parts) == 0 {
		s.Text = t.text[:t.open] + text + t.text[t.close:]
		return nil
	}
	if first := slices.IndexFunc(t.parts, func(p Part) bool { return p.Constraint != nil }); column && first > 0 {
		at := t.parts[first].start
		line := strings.LastIndexByte(t.text[:at], '\n') + 1
		if strings.TrimSpace(t.text[line:at]) == "" && line > 0 {
			s.Text = t.text[:line] + t.text[line:at] + text + ",\n" + t.text[line:]
		} else {
			s.Text = t.text[:at] + text + ", " + t.text[at:]
		}
		return nil
	}
	last := t.parts[len(t.parts)-1]
	line, _, more := strings.Cut(t.text[last.end:], "\n")
	rest := strings.TrimSpace(line)
	if more && (rest == "" || strings.HasPrefix(rest, "--")) {
		start := strings.LastIndexByte(t.text[:last.start], '\n') + 1
		indent := t.text[start:last.start]
		if strings.TrimSpace(indent) != "" {
			indent = "    "
		}
		end := last.end + len(line)
		s.Text = t.text[:last.end] + "," + t.text[last.end:end] + "\n" + indent + text + t.text[end:]
		return nil
	}
	s.Text = t.text[:last.end] + ", " + text + t.text[last.end:]
	return nil
}
