package main

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
	"bloom/differ"
	"bloom/parser/edit"
)

// inPlace edits the statement that declares an object. False if that has no place
// for the change: then it is said by another statement.
func (e *editor) inPlace(ch differ.Change) bool {
	switch ch.Op {
	case differ.Drop:
		return e.takeOut(ch.Current)
	case differ.Create:
		return e.putIn(ch.Desired)
	}
	switch o := ch.Desired.(type) {
	case catalog.Column:
		return e.column(o, ch.Fields)
	case catalog.Default:
		return e.clause(o.ID(), catalog.Column{Schema: o.Schema, Table: o.Table, Name: o.Column}.ID(), pg.ConstrType_CONSTR_DEFAULT)
	case catalog.Constraint:
		return e.takeOut(ch.Current) && e.putIn(o)
	case catalog.Table, catalog.RowSecurity, catalog.Grant, catalog.Owner, catalog.DefaultPrivilege, catalog.Schema, catalog.Role, catalog.RoleMember,
		catalog.PublicationTable, catalog.Publication:
		return false
	}
	return e.rewrite(ch)
}

// rewrite puts the printed statement in place of the one that declares an object, if
// that makes nothing else.
func (e *editor) rewrite(ch differ.Change) bool {
	id := ch.ID()
	src := e.pair.current.Source(ch.Current.ID())
	_, s := e.source(ch.Current.ID())
	fresh := e.fresh[id]
	if src == nil || s == nil || s.Gone() || len(fresh) == 0 || !strings.HasPrefix(strings.ToUpper(fresh[0].SQL), firstWord(s.Text)) {
		return false
	}
	for _, made := range src.Makes {
		if made != ch.Current.ID() && !e.belongs(made, ch.Current.ID()) {
			return false
		}
	}
	text := fresh[0].SQL
	for _, st := range fresh[1:] {
		text += ";\n" + st.SQL
	}
	s.Text = text
	return true
}

// firstWord is the first word of a statement in capitals: CREATE, COMMENT.
func firstWord(text string) string {
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return "nothing"
	}
	return strings.ToUpper(fields[0])
}

func (e *editor) belongs(id, to catalog.ID) bool {
	for {
		parent, ok := e.pair.current.Parent(id)
		if !ok {
			seq, is := e.pair.current.Get(id).(catalog.Sequence)
			return is && seq.OwnedBy.ID() == to
		}
		if parent == to {
			return true
		}
		id = parent
	}
}

// takeOut removes what declares an object.
func (e *editor) takeOut(o catalog.Object) bool {
	id := o.ID()
	f, s := e.source(id)
	if s == nil || s.Gone() {
		return s != nil // it went with another
	}
	switch o := o.(type) {
	case catalog.Column:
		return e.takePart(f, s, func(p edit.Part) bool { return p.Column.GetColname() == o.Name })
	case catalog.Default:
		return e.clause(id, catalog.Column{Schema: o.Schema, Table: o.Table, Name: o.Column}.ID(), pg.ConstrType_CONSTR_DEFAULT)
	case catalog.Constraint:
		return e.takeConstraint(f, s, o)
	case catalog.Grant, catalog.Owner, catalog.DefaultPrivilege:
		return false
	case catalog.RowSecurity:
		return e.takeRowSecurity(o)
	case catalog.PublicationTable:
		return false
	}
	if src := e.pair.current.Source(id); src != nil {
		for _, made := range src.Makes {
			if made != id && !e.belongs(made, id) {
				return false
			}
		}
	}
	f.Remove(s)
	return true
}

// takePart removes a column or constraint from its statement.
func (e *editor) takePart(f *edit.File, s *edit.Statement, is func(edit.Part) bool) bool {
	i := slices.IndexFunc(s.Parts(), is)
	if i < 0 {
		return false
	}
	s.RemovePart(s.Parts()[i])
	if s.Text == "" {
		f.Remove(s)
	}
	return true
}

var constraintTypes = map[catalog.ConstraintType]pg.ConstrType{
	catalog.PrimaryKey: pg.ConstrType_CONSTR_PRIMARY, catalog.Unique: pg.ConstrType_CONSTR_UNIQUE, catalog.Check: pg.ConstrType_CONSTR_CHECK,
	catalog.ForeignKey: pg.ConstrType_CONSTR_FOREIGN, catalog.Exclusion: pg.ConstrType_CONSTR_EXCLUSION,
}

// takeConstraint removes a constraint, as a part of its own or as a clause of a column.
func (e *editor) takeConstraint(f *edit.File, s *edit.Statement, o catalog.Constraint) bool {
	unnamed := e.pair.current.Unnamed(o.ID())
	is := func(c *pg.Constraint, columns []string) bool {
		if c.GetContype() != constraintTypes[o.Type] {
			return false
		}
		if c.GetConname() != "" || !unnamed {
			return c.GetConname() == o.Name
		}
		return o.Type == catalog.Check || slices.Equal(columns, o.Columns)
	}
	var parts []edit.Part
	var clauses []edit.Clause
	for _, p := range s.Parts() {
		if p.Constraint != nil && is(p.Constraint, keyOf(p.Constraint)) {
			parts = append(parts, p)
		}
		if p.Column == nil {
			continue
		}
		for _, c := range p.Clauses() {
			if c.Constraint != nil && is(c.Constraint, []string{p.Column.GetColname()}) {
				clauses = append(clauses, c)
			}
		}
	}
	if len(parts)+len(clauses) > 1 && o.Type == catalog.Check { // by what they say
		text := strings.Join(strings.Fields(o.Check.Text), " ")
		parts = slices.DeleteFunc(parts, func(p edit.Part) bool { return !strings.Contains(strings.Join(strings.Fields(p.Text()), " "), text) })
		clauses = slices.DeleteFunc(clauses, func(c edit.Clause) bool { return !strings.Contains(strings.Join(strings.Fields(c.Text()), " "), text) })
	}
	switch {
	case len(parts) == 1 && len(clauses) == 0:
		s.RemovePart(parts[0])
		if s.Text == "" {
			f.Remove(s)
		}
		return true
	case len(parts) == 0 && len(clauses) == 1:
		s.ReplaceClause(clauses[0], "")
		return true
	case len(parts)+len(clauses) == 0:
		// It went with its column, or is the key of one that stays.
		return !slices.ContainsFunc(o.Columns, func(c string) bool {
			return e.pair.desired.Has(catalog.Column{Schema: o.Schema, Table: o.Table, Name: c}.ID())
		})
	}
	return false
}

// keyOf are the columns that a constraint names.
func keyOf(c *pg.Constraint) []string {
	var out []string
	for _, n := range append(slices.Clone(c.GetKeys()), c.GetFkAttrs()...) {
		out = append(out, n.GetString_().GetSval())
	}
	return out
}

// takeRowSecurity removes the statements that switch row security on.
func (e *editor) takeRowSecurity(o catalog.RowSecurity) bool {
	forms := []pg.AlterTableType{pg.AlterTableType_AT_EnableRowSecurity, pg.AlterTableType_AT_ForceRowSecurity,
		pg.AlterTableType_AT_DisableRowSecurity, pg.AlterTableType_AT_NoForceRowSecurity}
	is := func(p edit.Part) bool { return p.Form != nil && slices.Contains(forms, p.Form.GetSubtype()) }
	f, s := e.source(o.ID())
	if s == nil || !slices.ContainsFunc(s.Parts(), is) {
		return false
	}
	for !s.Gone() && e.takePart(f, s, is) {
	}
	return true
}

// putIn declares a new object.
func (e *editor) putIn(o catalog.Object) bool {
	id := o.ID()
	table := catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}
	switch o := o.(type) {
	case catalog.Column:
		if part, ok := e.printedPart(table, func(p edit.Part) bool { return p.Column.GetColname() == o.Name }); ok {
			_, s := e.source(table)
			return s != nil && s.InsertPart(part.Text(), true) == nil
		}
		return false
	case catalog.Default:
		return e.clause(id, catalog.Column{Schema: o.Schema, Table: o.Table, Name: o.Column}.ID(), pg.ConstrType_CONSTR_DEFAULT)
	case catalog.Constraint:
		if !e.pair.current.Has(table) || o.NotValid {
			return false
		}
		if part, ok := e.printedPart(table, func(p edit.Part) bool { return p.Constraint.GetConname() == o.Name }); ok {
			_, s := e.source(table)
			return s != nil && s.InsertPart(part.Text(), false) == nil
		}
		for _, st := range e.fresh[id] {
			for _, p := range edit.Parts(st.SQL) {
				if p.Constraint.GetConname() == o.Name {
					_, s := e.source(table)
					return s != nil && s.InsertPart(p.Text(), false) == nil
				}
			}
		}
		return false
	case catalog.Grant, catalog.Owner, catalog.DefaultPrivilege:
		if parent, ok := e.pair.current.Parent(id); ok && e.pair.current.Has(parent) {
			return false // it is what is left to give
		}
	}
	var lines []string
	for _, st := range e.fresh[id] {
		lines = append(lines, st.SQL+";")
	}
	return len(lines) > 0 && e.insert(id, strings.Join(lines, "\n")) == nil
}

// printedPart is a column or constraint of the printed CREATE TABLE.
func (e *editor) printedPart(table catalog.ID, is func(edit.Part) bool) (edit.Part, bool) {
	for _, st := range e.fresh[table] {
		for _, p := range edit.Parts(st.SQL) {
			if is(p) {
				return p, true
			}
		}
	}
	return edit.Part{}, false
}

// declaredColumn is a column where it is declared.
func (e *editor) declaredColumn(id catalog.ID) (*edit.Statement, edit.Part, bool) {
	_, s := e.source(id)
	if s == nil || s.Gone() {
		return nil, edit.Part{}, false
	}
	for _, p := range s.Parts() {
		if p.Column.GetColname() == id.Name {
			return s, p, true
		}
	}
	return nil, edit.Part{}, false
}

// clause gives a column the clause of a kind that the printed one has, or takes its own out.
func (e *editor) clause(_, column catalog.ID, kind pg.ConstrType) bool {
	s, p, ok := e.declaredColumn(column)
	if !ok || strings.Contains(strings.ToLower(p.Type()), "serial") {
		return false
	}
	text := ""
	table := catalog.ID{Kind: catalog.KindTable, Schema: column.Schema, Name: column.Table}
	if printed, ok := e.printedPart(table, func(p edit.Part) bool { return p.Column.GetColname() == column.Name }); ok {
		for _, c := range printed.Clauses() {
			if c.Constraint != nil && c.GetContype() == kind || c.Constraint == nil && kind == edit.Collate {
				text = c.Text()
			}
		}
	}
	s.SetClause(p, kind, text)
	return true
}

// column edits what differs in a column; false if some of it has no place there.
func (e *editor) column(o catalog.Column, fields []string) bool {
	done := true
	for _, field := range fields {
		switch field {
		case "Type":
			done = e.columnType(o) && done
		case "NotNull":
			done = e.clause(o.ID(), o.ID(), pg.ConstrType_CONSTR_NOTNULL) && done
		case "Collation":
			done = e.clause(o.ID(), o.ID(), edit.Collate) && done
		case "Generated", "Virtual":
			done = e.clause(o.ID(), o.ID(), pg.ConstrType_CONSTR_GENERATED) && done
		case "Identity":
			done = e.clause(o.ID(), o.ID(), pg.ConstrType_CONSTR_IDENTITY) && done
		default:
			return false
		}
	}
	return done
}

func (e *editor) columnType(o catalog.Column) bool {
	s, p, ok := e.declaredColumn(o.ID())
	table := catalog.ID{Kind: catalog.KindTable, Schema: o.Schema, Name: o.Table}
	printed, found := e.printedPart(table, func(p edit.Part) bool { return p.Column.GetColname() == o.Name })
	if !ok || !found {
		return false
	}
	text := printed.Type()
	if strings.Contains(strings.ToLower(p.Type()), "serial") {
		serial := map[catalog.Type]string{"bigint": "bigserial", "integer": "serial", "smallint": "smallserial"}[o.Type]
		if serial == "" || !e.counts(o) {
			return false
		}
		text = serial
	}
	s.SetType(p, text)
	return true
}

// counts reports whether the sequence of a column has its type.
func (e *editor) counts(o catalog.Column) bool {
	for _, x := range e.pair.desired.All() {
		if seq, ok := x.(catalog.Sequence); ok && seq.OwnedBy.ID() == o.ID() {
			return seq.Type == o.Type
		}
	}
	return false
}
