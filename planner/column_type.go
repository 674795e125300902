package planner

import (
	"slices"
	"strconv"
	"strings"

	"bloom/catalog"
)

// alterType writes ALTER COLUMN … TYPE. It resets the collation, storage and
// compression of the column, which are stated again.
func (s *state) alterType(o *catalog.Column, want catalog.Column) []Statement {
	if o.Type == want.Type && o.Collation == want.Collation {
		return nil
	}
	id := want.ID()
	why := ""
	if s.online(id) && s.typeRewrites(o.Type, want.Type) {
		var out []Statement
		if out, why = s.expand(*o, want); out != nil {
			o.Type, o.Collation = want.Type, want.Collation
			o.Storage, o.Compression, o.Options, o.Statistics = want.Storage, want.Compression, want.Options, want.Statistics
			return out
		}
	}
	f := sql("? ALTER COLUMN ? TYPE ??", s.alterTable(tableOf(id)), ident(want.Name), want.Type, collate(want.Collation))
	if want.Generated.IsZero() {
		if value := s.converted(id, o.Type, want.Type); value.text != "" {
			f = sql("? USING ?", f, value)
		}
	}
	out := one(id, f, append(s.typeHazards(id, o.Type, want.Type, why), s.readsAgain(*o, want))...)
	if seq, ok := s.sequenceOf(s.current, *o); ok && o.Identity != "" && numbers[want.Type.Parts().Name] < numbers[o.Type.Parts().Name] {
		s.orderSteps(step{id: s.desiredID(seq.ID())}, step{id: id}) // its limits have to fit the narrower type
	}
	o.Type, o.Collation, o.Storage, o.Compression = want.Type, want.Collation, "", ""
	return out
}

// blockedByColumn lists what has to go while a column changes.
func blockedByColumn(s *state, o, want catalog.Column) []catalog.ID {
	var out []catalog.ID
	def := defaultID(o.ID())
	if o.Type != want.Type || o.Collation != want.Collation {
		// What is built beside the column, or stays on the old one until the swap, is no blocker.
		convert := s.otherOperators(o.Type, want.Type) && s.expanding[want.ID()] == nil
		out = s.columnBlockers(o.ID(), convert)
		_, defaultChanges := s.altering[def]
		if s.current.Has(def) && (convert || defaultChanges || s.isGone(def)) {
			out = append(out, def)
		}
	}
	if o.Identity == "" && want.Identity != "" && s.current.Has(def) {
		out = append(out, def)
	}
	return out
}

// columnBlockers lists what PostgreSQL refuses to keep under a column whose type
// changes; with convert also what it would read again with the new type, which
// may not fit.
func (s *state) columnBlockers(id catalog.ID, convert bool) []catalog.ID {
	out := s.rowColumns(catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table})
	for _, u := range s.current.Users(id) {
		switch o := s.current.Get(u).(type) {
		case catalog.View, catalog.Rule, catalog.Policy, catalog.Trigger, catalog.PublicationTable:
			out = append(out, u)
		case catalog.Routine:
			if !o.SQLBody.IsZero() {
				out = append(out, u)
			}
		case catalog.Column:
			if !o.Generated.IsZero() {
				out = append(out, u)
			}
		case catalog.Index:
			if convert && !plainIndex(o.Elements, o.Predicate) {
				out = append(out, u)
			}
		case catalog.Constraint:
			if convert && (o.Type == catalog.Check || o.Type == catalog.ForeignKey || o.Type == catalog.Exclusion) {
				out = append(out, u)
			}
		case catalog.Statistics:
			if convert && len(o.Exprs) > 0 {
				out = append(out, u)
			}
		}
	}
	return out
}

func plainIndex(elements []catalog.IndexElement, predicate catalog.Expr) bool {
	return predicate.IsZero() && !slices.ContainsFunc(elements, func(e catalog.IndexElement) bool {
		return e.Column == "" || !e.Opclass.IsZero()
	})
}

// conversion is how the values of a column get another type.
type conversion int

const (
	byAssignment conversion = iota // PostgreSQL does it; a USING would only hide values that do not fit
	byCast                         // with USING c::type
	byText                         // with USING c::text::type
)

var numbers = map[string]int{"int2": 1, "int4": 2, "int8": 3, "numeric": 4, "float4": 5, "float8": 6}

// assigned lists the pairs of built-in types between which values are converted
// on assignment, numbers and strings apart.
var assigned = pairs("date>timestamp date>timestamptz timestamp>date timestamp>time timestamp>timestamptz timestamptz>date " +
	"timestamptz>time timestamptz>timestamp timestamptz>timetz time>interval time>timetz timetz>time interval>time json>jsonb jsonb>json inet>cidr cidr>inet " +
	"bit>varbit varbit>bit int2>money int4>money int8>money numeric>money money>numeric int2>oid int4>oid int8>oid oid>int4 oid>int8 " +
	"int4range>int4multirange int8range>int8multirange numrange>nummultirange daterange>datemultirange tsrange>tsmultirange tstzrange>tstzmultirange")

// cast lists the pairs that need an explicit cast.
var cast = pairs("bool>int4 int4>bool jsonb>int2 jsonb>int4 jsonb>int8 jsonb>numeric jsonb>float4 jsonb>float8 jsonb>bool")

func pairs(list string) map[[2]string]bool {
	m := map[[2]string]bool{}
	for _, p := range strings.Fields(list) {
		from, to, _ := strings.Cut(p, ">")
		m[[2]string{from, to}] = true
	}
	return m
}

func (s *state) conversion(from, to catalog.Type) conversion {
	a, b := s.baseType(from, s.current), s.baseType(to, s.desired)
	switch {
	case a.QName() == b.QName() && a.Array == b.Array:
		return byAssignment
	case stringType(b) && !b.Array:
		return byAssignment
	case stringType(a) && !a.Array:
		return byCast
	case a.Array != b.Array:
		return byText
	case a.Array && stringType(b):
		return byAssignment
	case a.Array && stringType(a):
		return byCast
	case a.Schema != "pg_catalog" || b.Schema != "pg_catalog":
		return byText
	case numbers[a.Name] > 0 && numbers[b.Name] > 0:
		return byAssignment
	case assigned[[2]string{a.Name, b.Name}]:
		return byAssignment
	case cast[[2]string{a.Name, b.Name}]:
		return byCast
	}
	return byText
}

// converted writes the value of a column as one of another type; empty if PostgreSQL converts it by itself.
func (s *state) converted(id catalog.ID, from, to catalog.Type) fragment {
	switch s.conversion(from, to) {
	case byCast:
		return sql("?::?", ident(id.Name), to)
	case byText:
		via := catalog.Type("text")
		if from.Parts().Array && to.Parts().Array {
			via = "text[]"
		}
		return sql("?::?::?", ident(id.Name), via, to)
	}
	return fragment{}
}

// otherOperators reports whether an expression about a column may not fit its new
// type: everything but a change within the numbers or within the strings.
func (s *state) otherOperators(from, to catalog.Type) bool {
	a, b := s.baseType(from, s.current), s.baseType(to, s.desired)
	switch {
	case a.QName() == b.QName():
		return a.Array != b.Array
	case a.Array || b.Array:
		return true
	}
	return !(numbers[a.Name] > 0 && numbers[b.Name] > 0 || stringType(a) && stringType(b) && a.Name != "citext" && b.Name != "citext")
}

// baseType is the type below domains.
func (s *state) baseType(t catalog.Type, c *catalog.Catalog) catalog.TypeName {
	n := t.Parts()
	for range 32 {
		d, ok := catalog.Find[catalog.Domain](c, catalog.ID{Kind: catalog.KindDomain, Schema: n.Schema, Name: n.Name})
		if !ok || n.Array {
			break
		}
		n = d.Base.Parts()
	}
	return n
}

func stringType(n catalog.TypeName) bool {
	return n.Schema == "pg_catalog" && (n.Name == "text" || n.Name == "varchar" || n.Name == "bpchar" || n.Name == "name") || n.Name == "citext"
}

// typeHazards are the dangers of a change of type on a table with rows.
// why says what keeps it from being done beside the table.
func (s *state) typeHazards(id catalog.ID, from, to catalog.Type, why string) []Hazard {
	a, b := s.baseType(from, s.current), s.baseType(to, s.desired)
	var out []Hazard
	change := "from " + string(from) + " to " + string(to)
	if s.typeRewrites(from, to) {
		wayout := "for a big table, add a column, fill it in batches and swap"
		if why != "" {
			wayout += "; it is not written so here, for " + why
		}
		out = append(out, s.work("TABLE_REWRITE", id, accessExclusive, "rewrites "+tableOf(id).String()+" and its indexes", wayout))
	}
	switch {
	case s.empty(id):
	case lossy(a, b):
		out = append(out, s.hazard("TYPE_LOSSY", DataLoss, id, "values of "+id.Path()+" may be rounded or cut "+change).with(s.changedRows(id, a, b, from, to)))
	case s.conversion(from, to) != byAssignment:
		out = append(out, s.mayFail("FAILS_ON_CAST", id, "fails on a value of "+id.Path()+" that cannot be converted "+change).
			with(s.unfit(id, a, b, to, s.converted(id, from, to))))
	case narrower(a, b):
		out = append(out, s.mayFail("FAILS_ON_RANGE", id, "fails on a value of "+id.Path()+" that is too big "+change).with(s.tooBig(id, a, b, to)))
	}
	return out
}

// readsAgain is the hazard of a change that leaves the table's file as it is, and still builds
// indexes anew or looks whether CHECKs hold.
func (s *state) readsAgain(o, want catalog.Column) Hazard {
	id := want.ID()
	if s.typeRewrites(o.Type, want.Type) || o.Type == want.Type && o.Collation == want.Collation {
		return Hazard{}
	}
	a, b := s.baseType(o.Type, s.current), s.baseType(want.Type, s.desired)
	other := o.Collation != want.Collation || a.Name != b.Name && (a.Name == "citext" || b.Name == "citext" || a.Name == "oid" || b.Name == "oid" || a.Name == "bit")
	for _, u := range s.current.Users(o.ID()) {
		reads := false
		switch k := s.current.Get(u).(type) {
		case catalog.Index:
			reads = other || !plainIndex(k.Elements, k.Predicate)
		case catalog.Constraint:
			reads = k.Type == catalog.Check && !k.NotValid || k.HasIndex() && other
		}
		if reads && !s.isGone(u) {
			return s.work("TABLE_SCAN_EXCLUSIVE", id, accessExclusive, "reads all of "+tableOf(id).String()+" for "+u.String(), "drop what is over the column before, and build it concurrently, or NOT VALID, after")
		}
	}
	return Hazard{}
}

// typeRewrites reports whether a change of type writes the table anew.
func (s *state) typeRewrites(from, to catalog.Type) bool {
	return from != to && (!keepsHeap(s.baseType(from, s.current), s.baseType(to, s.desired)) || s.constrainedDomain(to))
}

func mods(n catalog.TypeName) (first, second int) {
	a, b, _ := strings.Cut(n.Mods, ",")
	first, _ = strconv.Atoi(strings.TrimSpace(a))
	second, _ = strconv.Atoi(strings.TrimSpace(b))
	return first, second
}

// keepsHeap reports whether a change of type leaves the table's file as it is.
func keepsHeap(a, b catalog.TypeName) bool {
	if a.Array || b.Array {
		return a == b || a.Array && b.Array && a.Name == b.Name && b.Mods == ""
	}
	a1, a2 := mods(a)
	b1, b2 := mods(b)
	switch a.Name + ">" + b.Name {
	case "varchar>varchar", "varbit>varbit", "timestamp>timestamp", "timestamptz>timestamptz", "time>time", "timetz>timetz", "interval>interval":
		return b.Mods == "" || a.Mods != "" && b1 >= a1
	case "numeric>numeric":
		return b.Mods == "" || a.Mods != "" && a2 == b2 && b1 >= a1
	case "varchar>text", "cidr>inet", "text>citext", "varchar>citext", "citext>text", "int4>oid", "oid>int4", "bit>varbit":
		return true
	case "text>varchar", "citext>varchar":
		return b.Mods == ""
	}
	return a == b
}

// lossy reports whether values may silently lose something.
func lossy(a, b catalog.TypeName) bool {
	_, a2 := mods(a)
	b1, b2 := mods(b)
	from, to := numbers[a.Name], numbers[b.Name]
	switch {
	case a.Array || b.Array:
		return false
	case a.Name == "numeric" && b.Name == "numeric":
		return b.Mods != "" && (a.Mods == "" || b2 < a2)
	case from >= 4 && to > 0 && to <= 3, a.Name == "float8" && b.Name == "float4", a.Name == "numeric" && to >= 5:
		return true
	case from >= 5 && b.Name == "numeric":
		return b.Mods != ""
	}
	switch a.Name + ">" + b.Name {
	case "timestamp>date", "timestamptz>date", "timestamp>time", "timestamptz>time", "timestamptz>timestamp", "timestamp>timestamptz",
		"json>jsonb", "inet>cidr", "bpchar>text", "bpchar>varchar", "interval>time":
		return true
	case "timestamp>timestamp", "timestamptz>timestamptz", "time>time", "timetz>timetz", "interval>interval":
		a1, _ := mods(a)
		return b.Mods != "" && (a.Mods == "" || b1 < a1)
	}
	return false
}

// narrower reports whether values may be too big for the new type, which is then an error.
func narrower(a, b catalog.TypeName) bool {
	a1, _ := mods(a)
	b1, _ := mods(b)
	from, to := numbers[a.Name], numbers[b.Name]
	switch {
	case from > 0 && to > 0 && a.Name != b.Name:
		return to < from
	case stringType(b) && b.Name != "text" || b.Name == "numeric" || b.Name == "varbit":
		return b.Mods != "" && (a.Mods == "" || a.Name != b.Name || b1 < a1)
	}
	return false
}

var defaultRule = rule[catalog.Default]{
	create: setDefault,
	drop: func(s *state, o catalog.Default) []Statement {
		return one(o.ID(), sql("? ALTER COLUMN ? DROP DEFAULT", s.alterTable(tableOf(o.ID())), ident(o.Column)))
	},
	alter: func(s *state, o *catalog.Default, want catalog.Default) []Statement {
		o.Expr = want.Expr
		return setDefault(s, want)
	},
}

func setDefault(s *state, o catalog.Default) []Statement {
	return one(o.ID(), sql("? ALTER COLUMN ? SET DEFAULT ?", s.alterTable(tableOf(o.ID())), ident(o.Column), o.Expr))
}
