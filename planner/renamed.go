package planner

import "bloom/catalog"

// Rename is an object that goes on under another name, as the files say.
type Rename struct {
	From, To catalog.ID
	Value    string // the label of an enum that is renamed; then From and To are the enum, and
	NewValue string // its new label
	Pos      catalog.Pos
}

// Statement is the rename as SQL; current has the object under its old name. Not
// ok for a kind that cannot be renamed.
func (r Rename) Statement(current *catalog.Catalog) (Statement, bool) {
	f, ok := r.fragment(current)
	if !ok {
		return Statement{}, false
	}
	st := Statement{SQL: f.text, Object: r.To, Pos: r.Pos}
	if code := r.code(); code != "" {
		what := r.From.Path()
		if r.Value != "" {
			what = "value " + r.Value + " of " + what
		}
		h := Hazard{Code: code, Level: Breaks, Object: r.To, Rows: -1, Reason: "queries and functions that name " + what + " fail from now on"}
		if r.To.Kind == catalog.KindTable || r.To.Kind == catalog.KindColumn {
			h.Lock, h.Blocks = accessExclusive, "reads and writes"
		}
		st.Hazards = []Hazard{h}
	}
	return st, true
}

// Back is the rename that takes this one back.
func (r Rename) Back() Rename {
	return Rename{From: r.To, To: r.From, Value: r.NewValue, NewValue: r.Value}
}

func (r Rename) fragment(current *catalog.Catalog) (fragment, bool) {
	from, to := r.From, ident(r.To.Name)
	table := sql("ALTER TABLE ?", tableOf(from))
	switch from.Kind {
	case catalog.KindColumn:
		return sql("? RENAME COLUMN ? TO ?", table, ident(from.Name), to), true
	case catalog.KindConstraint:
		return sql("? RENAME CONSTRAINT ? TO ?", table, ident(from.Name), to), true
	case catalog.KindDomainConstraint:
		return sql("ALTER DOMAIN ? RENAME CONSTRAINT ? TO ?", tableOf(from), ident(from.Name), to), true
	case catalog.KindSchema:
		return sql("ALTER SCHEMA ? RENAME TO ?", ident(from.Name), to), true
	case catalog.KindPolicy, catalog.KindTrigger, catalog.KindRule:
		return sql("ALTER ? ? ON ? RENAME TO ?", raw(keyword[from.Kind]), ident(from.Name), tableOf(from), to), true
	case catalog.KindEnum:
		if r.Value != "" {
			return sql("ALTER TYPE ? RENAME VALUE ? TO ?", nameOf(from), literal(r.Value), literal(r.NewValue)), true
		}
		return sql("ALTER TYPE ? RENAME TO ?", nameOf(from), to), true
	case catalog.KindTable, catalog.KindView, catalog.KindIndex, catalog.KindSequence, catalog.KindRoutine, catalog.KindAggregate,
		catalog.KindComposite, catalog.KindDomain, catalog.KindRange, catalog.KindStatistics, catalog.KindCollation:
		return sql("ALTER ? RENAME TO ?", object(current, from), to), true
	}
	return fragment{}, false
}

func (r Rename) code() string {
	switch r.From.Kind {
	case catalog.KindTable, catalog.KindView:
		return "RENAME_TABLE"
	case catalog.KindColumn:
		return "RENAME_COLUMN"
	case catalog.KindEnum:
		if r.Value != "" {
			return "RENAME_ENUM_VALUE"
		}
	case catalog.KindRoutine, catalog.KindAggregate:
		return "RENAME_FUNCTION"
	case catalog.KindSchema:
		return "RENAME_SCHEMA"
	}
	return ""
}

// Begin puts statements before all others of a migration, into its first
// transaction if there is one.
func (m *Migration) Begin(statements []Statement) {
	if len(statements) == 0 {
		return
	}
	if len(m.Units) == 0 || m.Units[0].NoTransaction || m.Units[0].Long {
		m.Units = append([]Unit{{}}, m.Units...)
	}
	first := &m.Units[0]
	first.Statements = append(statements, first.Statements...)
	first.Busy = true
}

// End puts statements after all others of a migration, into its last transaction
// if there is one.
func (m *Migration) End(statements []Statement) {
	if len(statements) == 0 {
		return
	}
	if n := len(m.Units); n == 0 || m.Units[n-1].NoTransaction || m.Units[n-1].Long {
		m.Units = append(m.Units, Unit{})
	}
	last := &m.Units[len(m.Units)-1]
	last.Statements = append(last.Statements, statements...)
	last.Busy = true
}
