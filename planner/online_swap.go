package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// expandPrepare adds the new column, keeps it in step and fills it.
func (s *state) expandPrepare(e *expansion) []Statement {
	c := e.want
	id := c.ID()
	alter := s.alterTable(tableOf(id))
	function := catalog.QName{Schema: c.Schema, Name: e.helper}
	value := sql("?::?", ident(c.Name), c.Type)
	beside := c
	beside.Name = e.beside
	out := one(id, sql("? ADD COLUMN ? ?", alter, ident(e.beside), c.Type))
	for _, st := range columnSettings(s, beside) {
		st.Object = id
		out = append(out, st)
	}
	text := "BEGIN\n    NEW." + catalog.Quote(e.beside) + " := NEW." + value.text + ";\n    RETURN NEW;\nEND"
	out = append(out,
		do(id, sql("CREATE FUNCTION ?() RETURNS trigger LANGUAGE plpgsql AS ?", function, body(text))),
		do(id, sql("CREATE TRIGGER ? BEFORE INSERT OR UPDATE ON ? FOR EACH ROW EXECUTE FUNCTION ?()", ident(e.helper), tableOf(id), function)),
		do(id, sql("? ENABLE ALWAYS TRIGGER ?", alter, ident(e.helper))))
	fill := do(id, sql("UPDATE ? SET ? = ? WHERE ? IS NULL AND ? IS NOT NULL", tableOf(id), ident(e.beside), value, ident(e.beside), ident(c.Name)),
		s.hazard("BACKFILL", DataEdit, id, "writes every row of "+tableOf(id).String()+" once more, with "+c.Name+" as "+string(c.Type)))
	fill.Data, fill.Batches = true, batchPages
	out = append(out, fill.at(apart))
	proof := sql("? IS NOT DISTINCT FROM ?", ident(e.beside), value)
	if c.NotNull {
		proof = sql("? IS NOT NULL AND ? = ?", ident(e.beside), ident(e.beside), value)
	}
	same := ident(s.spare(id, inStep))
	return append(out,
		do(id, sql("? ADD CONSTRAINT ? CHECK (?) NOT VALID", alter, same, proof)),
		do(id, sql("? VALIDATE CONSTRAINT ?", alter, same)).at(apart))
}

// with puts the new column in the place of the old one in a list of names.
func (e *expansion) with(columns []string) []string {
	out := slices.Clone(columns)
	for i, c := range out {
		if c == e.want.Name {
			out[i] = e.beside
		}
	}
	return out
}

// expandCopies builds the indexes and foreign keys of the new column.
func (s *state) expandCopies(e *expansion) []Statement {
	var out, refer, validate []Statement
	id := e.want.ID()
	build := func(o catalog.Index) {
		out = append(out, do(id, indexDefinition(o, true), s.indexBuild(id)).building(o))
	}
	for _, o := range e.indexes {
		copied := o
		copied.Name = s.spare(o.ID(), "_new")
		copied.Include = e.with(o.Include)
		copied.Elements = slices.Clone(o.Elements)
		for i := range copied.Elements {
			copied.Elements[i].Column = e.with([]string{o.Elements[i].Column})[0]
		}
		build(copied)
	}
	for _, o := range e.keys {
		o.Columns, o.Include, o.Name = e.with(o.Columns), e.with(o.Include), s.spare(o.ID(), "_new")
		build(keyIndex(o))
	}
	add := func(o catalog.Constraint) {
		alter := s.alterTable(tableOf(o.ID()))
		o.Name, o.NotValid = s.spare(o.ID(), "_new"), true
		refer = append(refer, do(id, sql("? ADD ?", alter, constraintDefinition(o))))
		validate = append(validate, do(id, sql("? VALIDATE CONSTRAINT ?", alter, ident(o.Name))).at(apart))
	}
	for _, o := range e.out {
		o.Columns = e.with(o.Columns)
		add(o)
	}
	for _, o := range e.in {
		o.RefColumns = e.with(o.RefColumns)
		add(o)
	}
	return slices.Concat(out, refer, validate)
}

// keyIndex is the index of a primary key or unique constraint.
func keyIndex(o catalog.Constraint) catalog.Index {
	index := catalog.Index{Schema: o.Schema, Table: o.Table, Name: o.Name, Unique: true, Method: "btree", Include: o.Include,
		NullsNotDistinct: o.NullsNotDistinct, Options: o.Options, Tablespace: o.Tablespace}
	for _, c := range o.Columns {
		index.Elements = append(index.Elements, catalog.IndexElement{Column: c})
	}
	return index
}

// expandSwap puts the new column, with what was built for it, in the place of the old one.
func (s *state) expandSwap(e *expansion) []Statement {
	c := e.want
	id := c.ID()
	alter := s.alterTable(tableOf(id))
	column := sql("? ALTER COLUMN ?", alter, ident(e.beside))
	out := one(id, sql("DROP TRIGGER ? ON ?", ident(e.helper), tableOf(id)))
	out = append(out, do(id, sql("DROP FUNCTION ?()", catalog.QName{Schema: c.Schema, Name: e.helper})))
	add := func(f fragment) { out = append(out, do(id, f)) }
	for _, o := range e.in {
		add(sql("? DROP CONSTRAINT ?", s.alterTable(tableOf(o.ID())), ident(o.Name)))
	}
	if c.NotNull {
		add(sql("? SET NOT NULL", column))
	}
	out = append(out, s.swapSequence(e, column)...)
	if d, ok := s.desired.Get(defaultID(id)).(catalog.Default); ok && !s.making[d.ID()] {
		add(sql("? SET DEFAULT ?", column, d.Expr))
	}
	for _, o := range e.keys {
		add(sql("? DROP CONSTRAINT ?", alter, ident(o.Name)))
		f := sql("? ADD CONSTRAINT ? ? USING INDEX ?", alter, ident(o.Name), raw(strings.ToUpper(string(o.Type))), ident(s.spare(o.ID(), "_new")))
		add(words(f, timing(o.Deferrable, o.InitiallyDeferred, false)))
	}
	drop := do(id, sql("? DROP COLUMN ?", alter, ident(c.Name)))
	drop.Kept = "DROP_COLUMN its values are in the column that takes its name"
	drop.Hazards = present([]Hazard{s.hazard("COLUMN_MOVED", Breaks, id, c.Name+" comes last in "+tableOf(id).String()+" from now on: INSERT without a list of columns, and SELECT *")})
	swap := do(id, sql("? RENAME COLUMN ? TO ?", alter, ident(e.beside), ident(c.Name))).making()
	out = append(out, drop, swap)
	for _, o := range e.indexes {
		add(sql("ALTER INDEX ? RENAME TO ?", catalog.QName{Schema: o.Schema, Name: s.spare(o.ID(), "_new")}, ident(o.Name)))
	}
	for _, o := range slices.Concat(e.out, e.in) {
		add(sql("? RENAME CONSTRAINT ? TO ?", s.alterTable(tableOf(o.ID())), ident(s.spare(o.ID(), "_new")), ident(o.Name)))
	}
	for _, o := range e.checks {
		o.NotValid = true
		add(sql("? ADD ?", alter, constraintDefinition(o)))
	}
	return append(out, s.restate(e)...)
}

// swapSequence gives the new column the sequence of the old one, or one that goes on where
// the identity was.
func (s *state) swapSequence(e *expansion, column fragment) []Statement {
	old, ok := s.sequenceOf(s.current, e.have)
	id := e.want.ID()
	if !ok {
		return nil
	}
	from := catalog.QName{Schema: old.Schema, Name: old.Name}
	if !old.Identity {
		return one(id, sql("ALTER SEQUENCE ? OWNED BY ?.?", from, tableOf(id), ident(e.beside)))
	}
	aside := catalog.QName{Schema: old.Schema, Name: s.spare(old.ID(), "__old")}
	identity := s.identityClause(e.want)
	if !strings.Contains(identity.text, "SEQUENCE NAME") {
		// Its name comes of the column's, which is another one now.
		next := sql("SEQUENCE NAME ?", from)
		if head, tail, some := strings.Cut(identity.text, " ("); some {
			identity.text = head + " (" + next.text + " " + tail
		} else {
			identity = sql("? (?)", identity, next)
		}
	}
	out := one(id, sql("ALTER SEQUENCE ? RENAME TO ?", from, ident(aside.Name)))
	out = append(out, do(id, sql("? ADD ?", column, identity)))
	return append(out, do(id, sql("SELECT setval(?, last_value, is_called) FROM ?", literal(from.SQL()), aside)))
}

// restate says again what was said about the objects that others have taken the place of.
func (s *state) restate(e *expansion) []Statement {
	objects := []catalog.ID{e.want.ID()}
	for _, o := range slices.Concat(e.keys, e.checks, e.out, e.in) {
		objects = append(objects, o.ID())
	}
	for _, o := range e.indexes {
		objects = append(objects, o.ID())
	}
	var out []Statement
	if seq, ok := s.sequenceOf(s.desired, e.want); ok && seq.Identity {
		objects = append(objects, seq.ID())
		start := s.startingPrivileges(seq.ID())
		for _, grantee := range sortedKeys(start) {
			want, _ := s.desired.Get(catalog.About(catalog.KindGrant, seq.ID(), grantee)).(catalog.Grant)
			if grantee != s.owner(seq.ID()) {
				out = append(out, s.privilegeStatements(seq.ID(), grantee, start[grantee], want.Privileges)...)
			}
		}
	}
	for _, o := range objects {
		for _, about := range s.desired.Children(o) {
			switch about.Kind {
			case catalog.KindComment, catalog.KindSecurityLabel, catalog.KindGrant:
				if !s.current.Has(about) {
					continue // has a statement of its own
				}
				for _, st := range s.rules[about.Kind].create(s, s.desired.Get(about)) {
					st.Hazards = nil
					if g, ok := s.desired.Get(about).(catalog.Grant); ok && (g.Grantee == catalog.Public || g.Grantee == "anon") {
						st.Kept = "GRANT_TO_" + strings.ToUpper(g.Grantee) + " as before"
					}
					out = append(out, st)
				}
			}
		}
	}
	return out
}

// expandAfter validates the checks that were added for the new column: the values did, by
// another type.
func (s *state) expandAfter(e *expansion) []Statement {
	var out []Statement
	for _, o := range e.checks {
		out = append(out, do(e.want.ID(), sql("? VALIDATE CONSTRAINT ?", s.alterTable(tableOf(o.ID())), ident(o.Name))).at(apart))
	}
	return out
}
