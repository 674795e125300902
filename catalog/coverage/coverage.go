// Package coverage is the list of every column of every system catalog in which
// a database keeps what its users made, and of what bloom does with it. Its tests
// hold the list against real servers of all majors, and the columns that are said
// to be compared against what introspection and the differ see of them.
package coverage

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"bloom/catalog"
)

//go:embed coverage.tsv
var table string

// Class says what becomes of a column.
type Class string

const (
	Compared Class = "compared" // it is in fields of the model
	Derived  Class = "derived"  // it follows from something else that is compared
	Reported Class = "reported" // there is no model of it: catalog.Catalog.Unmodelled names it
	Ignored  Class = "ignored"  // it is no part of a schema
)

// Classes lists them all.
var Classes = []Class{Compared, Derived, Reported, Ignored}

// Column is a line of the list.
type Column struct {
	Catalog, Name string // Name is "*" for all columns of a catalog
	First, Last   int    // the majors that have it
	Class         Class
	What          string // Compared: the fields, as Type.Field, ", " between; else what it follows from, or why
}

// Fields lists the fields that a compared column is in.
func (c Column) Fields() []string {
	if c.Class != Compared {
		return nil
	}
	return strings.Split(c.What, ", ")
}

// In reports whether a major has the column.
func (c Column) In(major int) bool { return c.First <= major && major <= c.Last }

// Majors is the range of majors as the list has it: "", "16-", "-17".
func (c Column) Majors() string {
	switch {
	case c.First > catalog.OldestMajor:
		return strconv.Itoa(c.First) + "-"
	case c.Last < catalog.NewestMajor:
		return "-" + strconv.Itoa(c.Last)
	}
	return ""
}

// Columns is the whole list, by catalog.
func Columns() []Column {
	var out []Column
	for line := range strings.Lines(table) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		out = append(out, parse(line))
	}
	return out
}

func parse(line string) Column {
	f := strings.Split(line, "\t")
	if len(f) != 5 {
		panic(fmt.Sprintf("coverage: %q does not have five parts", line))
	}
	first, last := Range(f[2])
	return Column{Catalog: f[0], Name: f[1], First: first, Last: last, Class: Class(f[3]), What: f[4]}
}

// Range reads a range of majors.
func Range(text string) (first, last int) {
	first, last = catalog.OldestMajor, catalog.NewestMajor
	from, to, ok := strings.Cut(text, "-")
	if !ok && text != "" {
		panic(fmt.Sprintf("coverage: %q is no range of majors", text))
	}
	if n, err := strconv.Atoi(from); err == nil {
		first = n
	}
	if n, err := strconv.Atoi(to); err == nil {
		last = n
	}
	return first, last
}

// Markdown is the list for people: docs/coverage.md.
func Markdown() string {
	columns := Columns()
	count := map[Class]int{}
	for _, c := range columns {
		count[c.Class]++
	}
	var b strings.Builder
	b.WriteString("# Coverage\n\nWhat bloom does with every column of every system catalog in which PostgreSQL 15 to 18 keep what users make.\n")
	b.WriteString("Written by `make coverage` from catalog/coverage/coverage.tsv, which tests hold against real servers; do not edit.\n\n")
	b.WriteString("| class | columns | meaning |\n|---|---|---|\n")
	for _, c := range Classes {
		fmt.Fprintf(&b, "| %s | %d | %s |\n", c, count[c], meaning[c])
	}
	last := ""
	for _, c := range columns {
		if c.Catalog != last {
			fmt.Fprintf(&b, "\n## %s\n\n| column | majors | class | what |\n|---|---|---|---|\n", c.Catalog)
			last = c.Catalog
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", strings.ReplaceAll(c.Name, "*", `\*`), c.Majors(), c.Class, c.What)
	}
	return b.String()
}

var meaning = map[Class]string{
	Compared: "a field of the model holds it; a change of just that is seen and migrated, or refused with the reason",
	Derived:  "follows from something else that is compared",
	Reported: "not modelled: a database that has it gets a warning that names it, with --strict an error",
	Ignored:  "no part of a schema, for the reason given",
}
