// Package busytest has changes of tables that are in use, one of each kind that a plan
// can have, for tests of what is announced of them and of what others notice.
package busytest

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"testing"
)

//go:embed busy.txt
var text string

// Change is one of busy.txt, where the lines are explained.
type Change struct {
	Name, Table      string
	From, Below      int    // versions
	Current, Desired string // with the table
	Rows             string // fills it
	First            []string
	Read             string
	Announced        []string // codes of hazards
}

// Announces reports whether a hazard has to be announced.
func (c Change) Announces(code string) bool { return slices.Contains(c.Announced, code) }

// Changes are those for a version. Each has a table of its own, named for the change,
// with so many rows (id, n), of which n is the rest of id by 1000.
func Changes(t testing.TB, major, rows int) []Change {
	t.Helper()
	var out []Change
	for _, block := range strings.Split(text, "\n## ")[1:] {
		name, lines, _ := strings.Cut(block, "\n")
		c := read(t, name, lines, rows)
		if major >= c.From && major < c.Below {
			out = append(out, c)
		}
	}
	return out
}

func read(t testing.TB, name, lines string, rows int) Change {
	t.Helper()
	c := Change{Name: name, Table: "t_" + name, Below: 99}
	table := "CREATE TABLE {t} (id bigint PRIMARY KEY, n int)"
	var both, current, desired, more string
	for _, line := range strings.Split(strings.TrimSpace(strings.ReplaceAll(lines, "\n  ", "\x00")), "\n") {
		line = strings.ReplaceAll(line, "\x00", "\n")
		word, sql, _ := strings.Cut(line, ":")
		kind, arg, _ := strings.Cut(word, " ")
		switch kind {
		case "v":
			n, below := strings.CutPrefix(arg, "<")
			to := &c.From
			if below {
				to = &c.Below
			}
			*to, _ = strconv.Atoi(n)
		case "t":
			table = sql
		case "b":
			both = sql
		case "c":
			current = sql
		case "d":
			desired = sql
		case "r":
			more = sql
		case "g":
			c.First = strings.Split(sql, ";")
		case "u":
			c.Read = sql
		case "a":
			c.Announced = append(c.Announced, arg)
		default:
			t.Fatalf("%s: %s", name, line)
		}
	}
	fill := "INSERT INTO {t} (id, n) SELECT i, i % 1000 FROM generate_series(1, " + strconv.Itoa(rows) + ") i"
	own := func(parts ...string) string {
		return strings.ReplaceAll(strings.Join(parts, ";\n")+";\n", "{t}", c.Table)
	}
	c.Current, c.Desired = own(table, both, current), own(table, both, desired)
	c.Rows, c.Read = own(more, fill), strings.TrimSpace(own(c.Read))
	return c
}
