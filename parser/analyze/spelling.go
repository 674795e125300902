package analyze

import (
	"fmt"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// spelling is a name that changes nothing of what a query means, but that PostgreSQL keeps and prints: the alias of
// an item of FROM with those of its columns, or the name of a column that a query within gives out.
type spelling struct {
	name    string
	written bool // by who wrote the text; otherwise PostgreSQL made it
	columns []string
	given   int // how many of columns are written
}

// spell records an item of FROM.
func (a *analyzer) spell(it *item, alias *pg.Alias) {
	s := spelling{name: it.name, written: alias.GetAliasname() != ""}
	if it.relation == nil { // what columns of relations are called changes with their names
		s.given = len(alias.GetColnames())
	}
	if s.given > 0 {
		for _, c := range it.columns {
			s.columns = append(s.columns, c.name)
		}
		s.given = min(s.given, len(s.columns))
	}
	a.spellings = append(a.spellings, s)
}

// spellTargets records the columns of a query. Those of the outermost one are the view's; in a set operation PostgreSQL
// gives them the names of the first arm.
func (a *analyzer) spellTargets(list []target, s *scope) {
	if s.depth == 0 || s.arm {
		return
	}
	for _, t := range list {
		a.spellings = append(a.spellings, spelling{name: t.name, written: t.written})
	}
}

// differentSpelling compares the names of two queries that mean the same; empty if they are the same. What PostgreSQL
// named by itself may have any name: after a table was renamed, its old name is printed as an alias.
func differentSpelling(current, desired []spelling, text string) string {
	if len(current) != len(desired) {
		return ""
	}
	for i, d := range desired {
		c := current[i]
		if d.written && !strings.Contains(text, KeptName(d.name)) && !sameSpelling(c.name, d.name) {
			return fmt.Sprintf("the name %s is not %s", c.name, d.name)
		}
		for k := range min(d.given, len(c.columns)) {
			if !sameSpelling(c.columns[k], d.columns[k]) {
				return fmt.Sprintf("the name %s is not %s", c.columns[k], d.columns[k])
			}
		}
	}
	return ""
}

// KeptName writes the alias by which a text goes on naming a table that was renamed. Nobody
// wrote it, and PostgreSQL does not print it.
func KeptName(name string) string { return "AS /* old name */ " + catalog.Quote(name) }

// sameSpelling passes over the numbers that PostgreSQL prints behind names that occur twice: x_1 for x.
func sameSpelling(a, b string) bool { return a == b || stem(a) == stem(b) }

func stem(name string) string {
	i := strings.LastIndexByte(name, '_')
	if i <= 0 || strings.Trim(name[i+1:], "0123456789") != "" {
		return name
	}
	return name[:i]
}
