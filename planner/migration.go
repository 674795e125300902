package planner

import (
	"fmt"
	"strings"

	"bloom/catalog"
)

// Migration is the statements of a plan, in order, by transactions.
type Migration struct {
	Units []Unit
	// Suspects are what is dropped, or given up, while something like it is made.
	Suspects []Rename
	// UncheckedBodies is set if routines are made before what their text mentions.
	UncheckedBodies bool
}

// Unit is statements that are done together or not at all, or one statement that
// cannot run in a transaction block.
type Unit struct {
	Statements    []Statement
	NoTransaction bool
	// Busy is set if it locks relations that are in use: then it waits for a lock
	// only so long, for all who come after it wait as well.
	Busy bool
	// Long is set for a statement that works through a relation and blocks nobody.
	Long bool
}

// Statements lists the statements of all units.
func (m *Migration) Statements() []Statement {
	var out []Statement
	for _, u := range m.Units {
		out = append(out, u.Statements...)
	}
	return out
}

// Hazards lists the hazards of all statements.
func (m *Migration) Hazards() []Hazard {
	var out []Hazard
	for _, st := range m.Statements() {
		out = append(out, st.Hazards...)
	}
	return out
}

// migration cuts the statements of ordered nodes into units. A transaction ends
// before a statement that uses an enum value added in it.
func (s *state) migration(nodes []*node) *Migration {
	m := &Migration{UncheckedBodies: s.uncheckedBodies(nodes)}
	var unit Unit
	var values []string
	flush := func() {
		if len(unit.Statements) > 0 {
			m.Units = append(m.Units, unit)
		}
		unit, values = Unit{}, nil
	}
	level := 0
	for _, n := range nodes {
		if n.level != level || n.late {
			flush()
			level = n.level
		}
		for _, st := range n.statements {
			if st.NoTransaction {
				flush()
				unit = Unit{Statements: []Statement{st}, NoTransaction: true}
				flush()
				continue
			}
			unit.Busy = unit.Busy || s.online(st.Object) || !st.remade.IsZero() && s.options.Online != OnlineNever && s.big(st.remade)
			unit.Long = n.late
			if usesValue(st.SQL, values) {
				flush()
			}
			unit.Statements = append(unit.Statements, st)
			values = append(values, st.Values...)
		}
	}
	flush()
	return m
}

func usesValue(text string, values []string) bool {
	for _, v := range values {
		if strings.Contains(text, catalog.QuoteLiteral(v)) && !strings.Contains(text, " ADD VALUE ") {
			return true
		}
	}
	return false
}

// Script is the migration as one text for psql: each transaction of more than one
// statement is in BEGIN and COMMIT.
func (m *Migration) Script() string {
	var b strings.Builder
	for _, u := range m.Units {
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		text := m.unit(u)
		if u.NoTransaction || len(u.Statements) == 1 && !strings.Contains(text, "SET ") {
			b.WriteString(text)
			continue
		}
		b.WriteString("BEGIN;\n\n" + text + "\nCOMMIT;\n")
	}
	return b.String()
}

// Files is the migration as one text per transaction, for files that are run as
// one implicit transaction each. A statement that cannot be in one stands between
// COMMITs: they end the implicit transaction of runners that send a file as a
// whole, and only so can the time limit be lifted before it.
func (m *Migration) Files() []string {
	files := make([]string, len(m.Units))
	for i, u := range m.Units {
		files[i] = m.unit(u)
		kind := "transaction"
		if u.NoTransaction {
			kind = "single"
		}
		header := fmt.Sprintf("-- bloom:unit %d of %d, %s\n", i+1, len(files), kind)
		if len(files) == 1 {
			header = ""
		}
		if u.NoTransaction {
			path := u.Statements[0].Path
			u.Statements = []Statement{u.Statements[0]}
			u.Statements[0].Path = ""
			head := "SET statement_timeout = 0;\n"
			if path != "" {
				head += setPath(path)
			}
			files[i] = head + "COMMIT;\n\n" + m.unit(u) + "\nCOMMIT;\n" + u.Statements[0].guard()
		}
		files[i] = header + files[i]
	}
	return files
}

// guard writes the query that fails if the index that a statement built is invalid.
func (st Statement) guard() string {
	if st.Builds.IsZero() {
		return ""
	}
	complaint := "' is invalid: DROP INDEX CONCURRENTLY ' || indexrelid::regclass || ', and run this again'"
	f := sql("SELECT CASE WHEN indisvalid THEN 1 ELSE ('index ' || indexrelid::regclass || ?)::int END FROM pg_index WHERE indexrelid = ?::regclass;\n",
		raw(complaint), literal(st.Builds.SQL()))
	return "\n-- bloom:guard\n" + f.text
}

// unit writes the statements of a unit, each with its place and its hazards above it.
func (m *Migration) unit(u Unit) string {
	var b strings.Builder
	if u.Busy {
		b.WriteString("SET LOCAL lock_timeout = '4s';\n" + key(u.Long, "SET LOCAL statement_timeout = 0;\n").text + "\n")
	}
	if m.UncheckedBodies && u.declares() {
		b.WriteString("-- functions below mention what is made after them\nSET check_function_bodies = off;\n\n")
	}
	path := ""
	var last Statement
	for i, st := range u.Statements {
		text := st.comment() + st.SQL + ";\n"
		if st.Path != path {
			if i > 0 {
				b.WriteString("\n")
			}
			b.WriteString(setPath(st.Path))
			path = st.Path
		}
		if i > 0 && (strings.Count(text, "\n") > 1 || strings.Contains(last.SQL, "\n") || !related(last.Object, st.Object)) {
			b.WriteString("\n")
		}
		b.WriteString(text)
		last = st
	}
	if path != "" {
		b.WriteString("\n" + setPath(""))
	}
	if m.UncheckedBodies && u.declares() {
		b.WriteString("\nRESET check_function_bodies;\n")
	}
	return b.String()
}

// declares reports whether the unit may hold routines: one that validates what is there does not.
func (u Unit) declares() bool { return !u.NoTransaction && !u.Long }

func setPath(path string) string {
	if path == "" {
		return "RESET search_path;\n"
	}
	return "SET search_path = " + path + ";\n"
}

// related reports whether two objects belong to the same relation.
func related(a, b catalog.ID) bool {
	name := func(id catalog.ID) string {
		if id.Table != "" {
			return id.Table
		}
		return id.Name
	}
	return a.Schema == b.Schema && name(a) == name(b)
}

func (st Statement) comment() string {
	var b strings.Builder
	if !st.Pos.IsZero() {
		fmt.Fprintf(&b, "-- %s:%d\n", st.Pos.File, st.Pos.Line)
	}
	if st.Data {
		b.WriteString("-- changes data\n")
	}
	if st.Batches > 0 {
		fmt.Fprintf(&b, "-- bloom:batches %d\n", st.Batches)
	}
	if st.Kept != "" {
		fmt.Fprintf(&b, "-- bloom:kept %s\n", st.Kept)
	}
	for _, h := range st.Hazards {
		fmt.Fprintf(&b, "-- hazard %s\n%s", strings.ReplaceAll(h.String(), "\n", " "), h.checkComment())
	}
	return b.String()
}
