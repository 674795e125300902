package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// The grammar is PostgreSQL 16's. What 17 and 18 added to statements that bloom has a
// model of is put into words of 16, as long as the user's own so that every place stays
// where it is. The tree then says something else than the text: who reads it looks at the
// tokens, which are the user's.

// older is the text of a statement in words of the grammar; not ok if nothing in it is
// known to be newer.
func older(t tokens) (string, bool) {
	b := []byte(t.s[t.list[0].start:t.list[t.len()-1].end])
	found := false
	say := func(first, last int, words string) {
		from, to := t.list[first].start-t.list[0].start, t.list[last].end-t.list[0].start
		copy(b[from:to], words+strings.Repeat(" ", to-from-len(words)))
		found = true
	}
	for i := 1; i < t.len(); i++ {
		switch {
		case t.are(i-1, "set", "expression", "as"):
			say(i, i+1, "DEFAULT")
		case t.is(i, "virtual") && t.is(i-1, ")"):
			say(i, i, "STORED")
		case t.are(i, "not", "enforced"):
			say(i, i+1, "")
			i++
		case t.is(i, "enforced"), t.is(i, "period") && (t.is(i-1, ",") || t.is(i-1, "(")) && t.len() > i+1 && t.list[i+1].kind != sign:
			say(i, i, "")
		case t.are(i, "without", "overlaps"):
			say(i, i+1, "")
		case t.are(i-1, "on", "large", "objects"):
			say(i, i+1, "FUNCTIONS")
		case t.are(i-1, "statistics", "default"):
			say(i, i, "-1")
		case t.are(i-1, "method", "default") && t.is(i-2, "access"):
			say(i, i, "heap")
		}
	}
	return string(b), found
}

// newerTree puts into a tree what the grammar has no words for, where a tree can say it.
func newerTree(n *pg.Node, t tokens) {
	if d := n.GetAlterDefaultPrivilegesStmt(); d != nil && t.find(0, "on", "large", "objects") >= 0 {
		d.Action.Objtype = pg.ObjectType_OBJECT_LARGEOBJECT
	}
}

// newerHint says what to do about a statement that the grammar does not take.
func newerHint(t tokens) string {
	const general = "bloom reads the grammar of PostgreSQL 16 and some of what is newer in 17 and 18"
	for i := range t.len() {
		switch {
		case t.is(i, "json_table"), t.is(i, "json_exists"), t.is(i, "json_query"), t.is(i, "json_value"):
			return general + "; put what uses " + strings.ToUpper(t.str(i)) + " into the body of a function, which is not read, or into a migration of its own (bloom new NAME)"
		case t.are(i, "generated", "always", "as") && t.is(i+3, "(") && !t.is(t.close(i+3)+1, "stored") && !t.is(t.close(i+3)+1, "virtual"):
			return general + "; write VIRTUAL or STORED behind the expression"
		case t.are(i, "not", "null") && t.is(i-2, "constraint") && t.len() > i+2 && t.list[i+2].kind != sign && (t.is(i-3, ",") || t.is(i-3, "(") || t.is(i-3, "add")):
			return general + "; write NOT NULL with the column, or ALTER COLUMN … SET NOT NULL"
		case t.are(i, "alter", "constraint") && (t.is(i+3, "inherit") || t.is(i+4, "inherit")):
			return general + "; whether a NOT NULL is inherited is not compared: alter it in a migration of its own (bloom new NAME)"
		}
	}
	return general + "; other syntax that is newer cannot be declared"
}

// says reports whether the definition of a constraint says the words behind what
// it demands.
func (in *interpreter) says(n *pg.Constraint, words ...string) bool {
	t := in.tokensAt(n.GetLocation())
	i := 1
	if t.is(0, "constraint") {
		i = 3
	}
	for ; i > 0 && i < t.len(); i++ {
		switch {
		case t.are(i, words...):
			return true
		case t.is(i, ","), t.is(i, ")"), t.is(i, "constraint"), t.is(i, "check"), t.is(i, "generated"), t.is(i, "primary"), t.is(i, "unique"),
			t.is(i, "default") && !t.is(i-1, "set"), t.is(i, "null") && !t.is(i-1, "set"):
			return false
		case t.is(i, "("):
			if i = t.close(i); i < 0 {
				return false
			}
		}
	}
	return false
}

// keySays reports whether the column list of a key says the words.
func (in *interpreter) keySays(n *pg.Constraint, words ...string) bool {
	t := in.tokensAt(n.GetLocation())
	i := slices.IndexFunc(t.list, func(k token) bool { return k.kind == sign && t.s[k.start] == '(' })
	return i >= 0 && t.inside(i).find(0, words...) >= 0
}

// setExpression is ALTER COLUMN … SET EXPRESSION.
func (a *alteration) setExpression(col catalog.Column) error {
	if col.Generated.IsZero() && !a.missing {
		return a.in.errorf(0, "column %q of relation %q is not a generated column", col.Name, col.Table)
	}
	col.Generated = a.in.expr(a.cmd.GetDef(), parenthesised(a.tokens, "as"))
	a.in.put(col)
	return nil
}
