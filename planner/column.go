package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

var columnRule = rule[catalog.Column]{
	create: func(s *state, o catalog.Column) []Statement {
		if s.fillsLater(o) {
			return s.addAndFill(o)
		}
		f := sql("? ADD COLUMN ?", s.alterTable(tableOf(o.ID())), s.columnDefinition(o))
		return append(one(o.ID(), f, s.addHazards(o)...), columnSettings(s, o)...)
	},
	drop: func(s *state, o catalog.Column) []Statement {
		var h Hazard
		if o.Generated.IsZero() {
			h = s.hazard("DROP_COLUMN", DataLoss, o.ID(), "drops "+o.ID().Path()+" and what is in it"+s.alsoDropped(o.ID()))
			h.Lock = accessExclusive
		}
		alter := s.alterTable(tableOf(o.ID()))
		for _, twin := range s.onlyColumn(o.ID()) {
			alter = sql("ALTER TABLE ONLY ?", tableOf(o.ID()))
			s.orderSteps(step{drop: true, id: o.ID()}, step{drop: true, id: twin})
			s.orderSteps(step{drop: true, id: o.ID()}, step{id: twin})
		}
		return one(o.ID(), sql("? DROP COLUMN ?", alter, ident(o.Name)), h)
	},
	alter:   alterColumn,
	blocked: blockedByColumn,
}

// alsoDropped names what PostgreSQL drops silently with a column.
func (s *state) alsoDropped(id catalog.ID) string {
	var also []string
	for _, f := range s.falling(id) {
		if f.Kind == catalog.KindIndex || f.Kind == catalog.KindConstraint || f.Kind == catalog.KindStatistics || f.Kind == catalog.KindSequence {
			also = append(also, f.Kind.String()+" "+f.Name)
		}
	}
	if len(also) == 0 {
		return ""
	}
	return ", with it " + strings.Join(also, ", ")
}

// columnDefinition writes a column as CREATE TABLE and ADD COLUMN take it.
func (s *state) columnDefinition(c catalog.Column) fragment {
	f := sql("? ??", ident(c.Name), c.Type, collate(c.Collation))
	if len(c.ServerOptions) > 0 {
		f = sql("? OPTIONS ?", f, foreignOptions(c.ServerOptions))
	}
	return words(append([]fragment{f}, s.columnConstraints(c)...)...)
}

func (s *state) columnConstraints(c catalog.Column) []fragment {
	var parts []fragment
	if c.NotNull {
		parts = append(parts, fragment{text: "NOT NULL"})
	}
	switch {
	case !c.Generated.IsZero():
		parts = append(parts, sql("GENERATED ALWAYS AS (?) ?", c.Generated, raw(storedOrVirtual(c))))
	case c.Identity != "":
		parts = append(parts, s.identityClause(c))
	default:
		id := defaultID(c.ID())
		if d, ok := s.desired.Get(id).(catalog.Default); ok && !s.apart[id] {
			parts = append(parts, sql("DEFAULT ?", d.Expr))
		}
	}
	return parts
}

func storedOrVirtual(c catalog.Column) string {
	if c.Virtual {
		return "VIRTUAL"
	}
	return "STORED"
}

// identityClause writes GENERATED … AS IDENTITY with what its sequence has of its own.
// withType hides the type of an identity column's sequence, which is the column's.
// sequenceOf is the sequence that a column owns.
// columnSettings sets what a new column does not have by itself.
func columnSettings(s *state, c catalog.Column) []Statement {
	plain := c
	plain.Storage, plain.Compression, plain.Options, plain.Statistics = "", "", nil, -1
	out := s.alterSettings(&plain, c)
	if seq, ok := s.sequenceOf(s.desired, c); ok && c.Identity != "" && seq.Identity && seq.Type != c.Type {
		// Only the type of the column can be said where the column is.
		out = append(out, do(seq.ID(), sql("ALTER SEQUENCE ? AS ? MINVALUE ? MAXVALUE ?", nameOf(seq.ID()), seq.Type, seq.Min, seq.Max)))
	}
	return out
}

func (s *state) alterSettings(o *catalog.Column, want catalog.Column) []Statement {
	id := want.ID()
	alter := sql("? ALTER COLUMN ?", s.alterTable(tableOf(id)), ident(want.Name))
	var out []Statement
	if o.Storage != want.Storage {
		storage := strings.ToUpper(want.Storage)
		if storage == "" {
			storage = s.typeStorage(want.Type)
		}
		if storage != "" {
			out = append(out, do(id, sql("? SET STORAGE ?", alter, raw(storage))))
			o.Storage = want.Storage
		}
	}
	if o.Compression != want.Compression {
		method := want.Compression
		if method == "" {
			method = "default"
		}
		out = append(out, do(id, sql("? SET COMPRESSION ?", alter, raw(method))))
		o.Compression = want.Compression
	}
	if o.Statistics != want.Statistics {
		out = append(out, do(id, sql("? SET STATISTICS ?", alter, want.Statistics)))
		o.Statistics = want.Statistics
	}
	set, reset := changedOptions(o.Options, want.Options)
	if len(set) > 0 {
		out = append(out, do(id, sql("? SET ?", alter, options(set))))
	}
	if len(reset) > 0 {
		out = append(out, do(id, sql("? RESET ?", alter, optionNames(reset))))
	}
	o.Options = want.Options
	return out
}

// typeStorage is the storage that a built-in type has by itself; empty if that is not known.
func (s *state) typeStorage(t catalog.Type) string {
	if s.current.Version.Major() >= 16 {
		return "DEFAULT"
	}
	n := t.Parts()
	switch {
	case n.Array:
		return "EXTENDED"
	case n.Schema != "pg_catalog":
		return ""
	}
	switch n.Name {
	case "numeric", "inet", "cidr":
		return "MAIN"
	case "text", "varchar", "bpchar", "json", "jsonb", "bytea", "xml", "tsvector", "bit", "varbit", "path", "polygon":
		return "EXTENDED"
	}
	return "PLAIN"
}

func alterColumn(s *state, o *catalog.Column, want catalog.Column) []Statement {
	if o.Inherited && want.Inherited && s.elderAltered(want.ID()) {
		*o = want
		return nil
	}
	if o.Generated.IsZero() && !want.Generated.IsZero() {
		return nil // is replaced: PostgreSQL makes no column a generated one
	}
	if (o.Type != want.Type || o.Collation != want.Collation) && s.remakeForKey(o.ID(), "to change the type of "+o.Name+", which is in its key") {
		*o = want
		return nil
	}
	s.alterInheritance(*o, want)
	o.Inherited = want.Inherited // follows from what happens to the table's parents
	var out []Statement
	out = append(out, s.alterGenerated(o, want)...)
	if want.Identity == "" && o.Identity != "" {
		out = append(out, s.alterIdentity(o, want)...) // the type may be none that identity allows
	}
	out = append(out, s.alterType(o, want)...)
	out = append(out, s.alterSettings(o, want)...)
	if o.Identity != want.Identity && o.Identity != "" {
		out = append(out, s.alterIdentity(o, want)...)
	}
	out = append(out, s.alterNotNull(o, want)...)
	if o.Identity != want.Identity {
		out = append(out, s.alterIdentity(o, want)...)
	}
	if strings.Join(o.ServerOptions, "\n") != strings.Join(want.ServerOptions, "\n") {
		f := sql("? ALTER COLUMN ? ?", s.alterTable(tableOf(want.ID())), ident(want.Name), changedForeignOptions(o.ServerOptions, want.ServerOptions))
		out = append(out, do(want.ID(), f))
		o.ServerOptions = want.ServerOptions
	}
	return out
}

// alterInheritance deals with a column that becomes inherited while it was the table's
// own, or the other way: PostgreSQL does neither as long as a parent has it.
func (s *state) alterInheritance(o, want catalog.Column) {
	id := catalog.ID{Kind: catalog.KindTable, Schema: want.Schema, Name: want.Table}
	have, _ := s.current.Get(id).(catalog.Table)
	t, _ := s.desired.Get(id).(catalog.Table)
	if !t.PartitionOf.Parent.IsZero() || !have.PartitionOf.Parent.IsZero() {
		return
	}
	stays := o.Inherited && slices.ContainsFunc(keptParents(have.Inherits, t.Inherits), func(p catalog.QName) bool {
		twin := catalog.ID{Kind: catalog.KindColumn, Schema: p.Schema, Table: p.Name, Name: want.Name}
		return s.current.Has(twin) && s.desired.Has(twin)
	})
	if stays == want.Inherited || o.Name == "" && slices.Equal(have.Inherits, t.Inherits) {
		return // what no parent has any more is the table's own
	}
	why := "to make column " + want.Name + " its own"
	if want.Inherited {
		why = "to take column " + want.Name + " from a parent"
	}
	if !s.remake(have, t, why) {
		s.refuse(want.ID(), "%s cannot be changed in place, for a parent of the table has the column as well; declare it in %s as it is now", want.ID(), tableOf(want.ID()))
	}
}

// elderAltered reports whether the column of a parent table is altered, which
// alters the inherited ones as well.
func (s *state) elderAltered(id catalog.ID) bool {
	t, _ := s.desired.Get(catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}).(catalog.Table)
	for _, p := range append([]catalog.QName{t.PartitionOf.Parent}, t.Inherits...) {
		twin := id
		twin.Schema, twin.Table = p.Schema, p.Name
		if s.altering[twin] != nil {
			return true
		}
	}
	return false
}

func (s *state) alterGenerated(o *catalog.Column, want catalog.Column) []Statement {
	id := want.ID()
	alter := sql("? ALTER COLUMN ?", s.alterTable(tableOf(id)), ident(want.Name))
	switch {
	case o.Generated == want.Generated && o.Virtual == want.Virtual || o.Generated.IsZero():
		return nil
	case want.Generated.IsZero() && !o.Virtual:
		o.Generated, o.Virtual = want.Generated, want.Virtual
		return one(id, sql("? DROP EXPRESSION", alter))
	case !want.Generated.IsZero() && !o.Virtual && !want.Virtual && s.current.Version.Major() >= 17 && !s.overloadGoes(id):
		o.Generated = want.Generated
		h := s.work("TABLE_REWRITE", id, accessExclusive, "rewrites "+tableOf(id).String()+" to compute the column", computedLater)
		return one(id, sql("? SET EXPRESSION AS (?)", alter, want.Generated), h)
	}
	return nil
}

// overloadGoes reports whether a function that the object calls goes while one of the same
// name stays: a text said before that would still find the one that goes.
func (s *state) overloadGoes(id catalog.ID) bool {
	for _, dep := range s.current.Deps(id) {
		if dep.Kind != catalog.KindRoutine || s.desired.Has(dep) && !s.isGone(dep) {
			continue
		}
		for _, other := range s.desired.Deps(id) {
			if other != dep && other.Kind == dep.Kind && other.Schema == dep.Schema && other.Name == dep.Name {
				return true
			}
		}
	}
	return false
}

// computedLater is what to do instead of a generated column on a big table.
const computedLater = "PostgreSQL computes a stored column in no other way; a plain column that a trigger sets can be filled in batches, and a VIRTUAL one (18) is never stored"

func (s *state) alterNotNull(o *catalog.Column, want catalog.Column) []Statement {
	if o.NotNull == want.NotNull {
		return nil
	}
	id := want.ID()
	alter := sql("? ALTER COLUMN ?", s.alterTable(tableOf(id)), ident(want.Name))
	o.NotNull = want.NotNull
	if !want.NotNull {
		for _, c := range s.current.Children(catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}) {
			if k, ok := s.current.Get(c).(catalog.Constraint); ok && k.Type == catalog.PrimaryKey {
				s.orderSteps(step{drop: true, id: c}, step{id: id})
			}
		}
		return one(id, sql("? DROP NOT NULL", alter))
	}
	out := s.backfill(want)
	fails := Hazard{}
	if len(out) == 0 {
		fails = s.mayFail("FAILS_ON_NULLS", id, "fails if "+id.Path()+" is NULL in a row").with(s.nullRows(id))
	}
	if s.online(id) && (o.Identity == want.Identity || !s.current.Has(defaultID(id))) {
		return s.provenNotNull(want, out, fails)
	}
	scan := s.work("TABLE_SCAN_EXCLUSIVE", id, accessExclusive, "reads all of "+tableOf(id).String(), "a valid CHECK (… IS NOT NULL) spares the reading")
	return append(out, do(id, sql("? SET NOT NULL", alter), fails, scan))
}

// backfill gives the rows that are NULL in a column the value of the default that
// the column gets in the same plan.
func (s *state) backfill(c catalog.Column) []Statement {
	id := defaultID(c.ID())
	d, ok := s.desired.Get(id).(catalog.Default)
	if !ok || !s.making[id] && s.altering[id] == nil || s.empty(c.ID()) {
		return nil
	}
	return s.fill(c, d)
}

// takePosition hands the position of a serial column's sequence to the identity
// sequence that takes its place.
// startIdentity moves the position of a new identity column past the values that are there.
// ledBy reports whether a current index begins with a column, so that its greatest value is found at once.
// keepPosition takes identity from a column. If the column becomes a serial one,
// its new sequence goes on where the identity was.
// identityTurned reports whether a sequence is the identity sequence of now, altered.
// addHazards are the dangers of adding a column to a table with rows.
func (s *state) addHazards(c catalog.Column) []Hazard {
	id := c.ID()
	if s.empty(id) {
		return nil
	}
	table := tableOf(id).String()
	_, hasDefault := s.desired.Get(defaultID(id)).(catalog.Default)
	var out []Hazard
	switch {
	case !c.Generated.IsZero() && !c.Virtual:
		out = append(out, s.work("TABLE_REWRITE", id, accessExclusive, "rewrites "+table+" to compute the column", computedLater))
	case s.filledWhenAdded(c):
		wayout := "add it without the default, set the default, fill the rows in batches"
		if why := s.disturbed(id); why != "" {
			wayout = "its rows cannot be filled in batches, for " + why
		}
		out = append(out, s.work("TABLE_REWRITE", id, accessExclusive, "rewrites "+table+" to fill the column", wayout))
	case s.constrainedDomain(c.Type):
		out = append(out, s.work("TABLE_REWRITE", id, accessExclusive, "rewrites "+table+" to check the domain",
			"the type below the domain and a CHECK of the table: that can be validated while the table is used"))
	}
	if c.NotNull && !hasDefault && c.Identity == "" && c.Generated.IsZero() {
		out = append(out, s.hazard("ADD_REQUIRED_COLUMN", MayFail, id, "fails if "+table+" has a row: there is no value for "+c.Name).
			with(s.rowsWhere(tableOf(id), false, fragment{text: "true"})))
	}
	return out
}

// filledWhenAdded reports whether every row gets a value of its own when the column is added.
func (s *state) filledWhenAdded(c catalog.Column) bool {
	d, hasDefault := s.desired.Get(defaultID(c.ID())).(catalog.Default)
	return c.Identity != "" || !c.Generated.IsZero() && !c.Virtual || hasDefault && s.volatile(d)
}

// volatile reports whether a default gives each row a value of its own.
func (s *state) volatile(d catalog.Default) bool {
	for _, dep := range s.desired.Deps(d.ID()) {
		if r, ok := catalog.Find[catalog.Routine](s.desired, dep); ok && r.Volatility == "volatile" {
			return true
		}
	}
	for _, w := range mentioned(d.Expr.Text) {
		switch w {
		case "gen_random_uuid", "uuid_generate_v4", "uuid_generate_v1", "uuidv4", "uuidv7", "random", "clock_timestamp", "nextval", "timeofday", "gen_random_bytes", "setval":
			return true
		}
	}
	return false
}

func (s *state) constrainedDomain(t catalog.Type) bool {
	q := t.Parts().QName()
	id := catalog.ID{Kind: catalog.KindDomain, Schema: q.Schema, Name: q.Name}
	d, ok := catalog.Find[catalog.Domain](s.desired, id)
	return ok && (d.NotNull || len(s.desired.Children(id)) > 0)
}
