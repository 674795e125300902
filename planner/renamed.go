package planner

import (
	"strings"

	"bloom/catalog"
)

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

// suspect finds dropped objects that are as good as ones that are made: they may
// be the same under another name, and their content would be lost.
func (s *state) suspect(id catalog.ID) Hazard {
	if s.gone[id] != id || s.desired.Has(id) {
		return Hazard{}
	}
	for _, to := range s.twins(id) {
		if s.making[to] && !s.current.Has(to) {
			return Hazard{Code: "POSSIBLE_RENAME", Level: DataLoss, Object: id, Rows: -1,
				Reason: to.String() + " looks like it",
				Wayout: "if it is the same, write this above it in the files: -- bloom:renamed-from " + catalog.Quote(id.Name)}
		}
	}
	return Hazard{}
}

// twins lists the desired objects with the content of a current one and another name.
func (s *state) twins(id catalog.ID) []catalog.ID {
	var out []catalog.ID
	o := s.current.Get(id)
	for to, d := range s.desired.All() {
		if to.Kind == id.Kind && to.Schema == id.Schema && to.Table == id.Table && to.Args == id.Args && to.Name != id.Name && s.sameContent(o, d) {
			out = append(out, to)
		}
	}
	return out
}

func (s *state) sameContent(o, d catalog.Object) bool {
	switch o := o.(type) {
	case catalog.Column:
		d := d.(catalog.Column)
		return o.Type == d.Type && o.Collation == d.Collation && o.Generated.IsZero() && d.Generated.IsZero() && o.Inherited == d.Inherited
	case catalog.Table:
		d := d.(catalog.Table)
		return len(o.Columns) > 0 && columnList(s.current, o) == columnList(s.desired, d)
	case catalog.Enum:
		return strings.Join(o.Labels, "\x00") == strings.Join(d.(catalog.Enum).Labels, "\x00")
	case catalog.Sequence:
		d := d.(catalog.Sequence)
		return o.OwnedBy.ID().Name == "" && d.OwnedBy.ID().Name == "" && o.Type == d.Type
	case catalog.Routine:
		d := d.(catalog.Routine)
		return strings.TrimSpace(o.Body) != "" && strings.TrimSpace(o.Body) == strings.TrimSpace(d.Body) && o.Returns == d.Returns
	}
	return false
}

func columnList(c *catalog.Catalog, t catalog.Table) string {
	var b strings.Builder
	for _, name := range t.Columns {
		col, _ := c.Get(catalog.ID{Kind: catalog.KindColumn, Schema: t.Schema, Table: t.Name, Name: name}).(catalog.Column)
		b.WriteString(name + " " + string(col.Type) + "\x00")
	}
	return b.String()
}
