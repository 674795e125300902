package planner

import (
	"slices"
	"strconv"
	"strings"

	"bloom/catalog"
)

// A statement that fails if rows do not fit comes with a query that lists such
// rows. Run before the statement takes its lock, it tells of them while nobody waits.

// with is the hazard with the query that lists the rows it is about.
func (h Hazard) with(query fragment) Hazard {
	if h.Code != "" {
		h.Check, h.CheckPath = query.text, query.path
	}
	return h
}

// rowsWhere lists some rows of a table: what tells them apart, and the columns asked for.
func (s *state) rowsWhere(table catalog.QName, only bool, where fragment, columns ...string) fragment {
	return sql("SELECT ? FROM ?? WHERE ? LIMIT 5", s.rowKeys(table, columns), key(only, "ONLY "), table, where)
}

// rowKeys writes the primary key of a current table, or else where a row is stored, and other columns.
func (s *state) rowKeys(table catalog.QName, columns []string) fragment {
	var list []string
	for _, id := range s.current.Children(catalog.ID{Kind: catalog.KindTable, Schema: table.Schema, Name: table.Name}) {
		if c, ok := s.current.Get(id).(catalog.Constraint); ok && c.Type == catalog.PrimaryKey {
			list = append(list, c.Columns...)
		}
	}
	place := key(len(list) == 0, "tableoid::regclass, ctid")
	for _, c := range columns {
		if !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return place
	}
	return sql("???", place, key(place.text != "", ", "), names(list))
}

// readable reports whether what an object is about is there before the plan: all
// columns that it needs, or else no query can be put.
func (s *state) readable(id catalog.ID) bool {
	return !slices.ContainsFunc(s.desired.Deps(id), func(dep catalog.ID) bool {
		return dep.Kind == catalog.KindColumn && dep.Schema == id.Schema && dep.Table == id.Table && !s.current.Has(dep)
	})
}

func (s *state) hasColumns(table catalog.QName, columns []string) bool {
	return !slices.ContainsFunc(columns, func(c string) bool {
		return !s.current.Has(catalog.ID{Kind: catalog.KindColumn, Schema: table.Schema, Table: table.Name, Name: c})
	})
}

// nullRows lists rows that are NULL in a column.
func (s *state) nullRows(id catalog.ID) fragment {
	if !s.current.Has(id) {
		return fragment{}
	}
	return s.rowsWhere(tableOf(id), false, sql("? IS NULL", ident(id.Name)))
}

// misfits lists the rows that a constraint does not allow.
func (s *state) misfits(o catalog.Constraint) fragment {
	table := tableOf(o.ID())
	if !s.readable(o.ID()) {
		return fragment{}
	}
	switch o.Type {
	case catalog.Check:
		return s.rowsWhere(table, o.NoInherit, sql("(?) IS FALSE", o.Check))
	case catalog.ForeignKey:
		return s.orphans(o)
	case catalog.Exclusion:
		return s.overlaps(o)
	}
	if o.WithoutOverlaps || !s.hasColumns(table, o.Columns) {
		return fragment{}
	}
	return duplicates(table, each(o.Columns, func(c string) fragment { return sql("?", ident(c)) }), o.NullsNotDistinct, catalog.Expr{})
}

// orphans lists the rows whose foreign key refers to nothing.
func (s *state) orphans(o catalog.Constraint) fragment {
	table := tableOf(o.ID())
	if o.Period || !s.hasColumns(table, o.Columns) {
		return fragment{}
	}
	whole := join(each(o.Columns, func(c string) fragment { return sql("k.? IS NOT NULL", ident(c)) }), " AND ")
	lost := whole
	remade := s.remade[catalog.ID{Kind: catalog.KindTable, Schema: o.RefTable.Schema, Name: o.RefTable.Name}]
	if !remade.IsZero() || !s.fresh(o.RefTable.Schema, o.RefTable.Name) {
		if !s.hasColumns(o.RefTable, o.RefColumns) || len(o.RefColumns) != len(o.Columns) {
			return fragment{}
		}
		var match []fragment
		for i, c := range o.Columns {
			match = append(match, sql("r.? = k.?", ident(o.RefColumns[i]), ident(c)))
		}
		lost = sql("? AND NOT EXISTS (SELECT FROM ? r WHERE ?)", whole, o.RefTable, join(match, " AND "))
	}
	if o.Match == "full" {
		some := join(each(o.Columns, func(c string) fragment { return sql("k.? IS NOT NULL", ident(c)) }), " OR ")
		lost = sql("(? OR (?) AND NOT (?))", lost, some, whole)
	}
	return sql("SELECT ? FROM ? k WHERE ? LIMIT 5", s.rowKeys(table, o.Columns), table, lost)
}

// duplicates lists the keys that more than one row has.
func duplicates(table catalog.QName, keys []fragment, nullsToo bool, predicate catalog.Expr) fragment {
	var where []fragment
	if !predicate.IsZero() {
		where = append(where, sql("(?)", predicate))
	}
	if !nullsToo {
		for _, k := range keys {
			where = append(where, sql("? IS NOT NULL", k))
		}
	}
	list := join(keys, ", ")
	f := sql("SELECT ?, count(*) FROM ?", list, table)
	if len(where) > 0 {
		f = sql("? WHERE ?", f, join(where, " AND "))
	}
	return sql("? GROUP BY ? HAVING count(*) > 1 LIMIT 5", f, list)
}

// duplicateKeys lists the keys that a unique index would have twice.
func (s *state) duplicateKeys(o catalog.Index) fragment {
	if !s.readable(o.ID()) {
		return fragment{}
	}
	keys := each(o.Elements, func(e catalog.IndexElement) fragment {
		if e.Column != "" {
			return sql("??", ident(e.Column), collate(e.Collation))
		}
		return sql("(?)?", e.Expr, collate(e.Collation))
	})
	return duplicates(tableOf(o.ID()), keys, o.NullsNotDistinct, o.Predicate)
}

// overlaps lists pairs of rows that exclude each other.
func (s *state) overlaps(o catalog.Constraint) fragment {
	table := tableOf(o.ID())
	var values, match, show []fragment
	for i, e := range o.Elements {
		value := sql("?", ident(e.Column))
		if e.Column == "" {
			value = sql("(?)", e.Expr)
		}
		name := raw("e" + strconv.Itoa(i+1))
		values = append(values, sql("? AS ?", value, name))
		match = append(match, sql("a.? ? b.?", name, operatorName(e.Operator), name))
		show = append(show, sql("a.?", name), sql("b.?", name))
	}
	rows := sql("SELECT tableoid AS t, ctid AS c, ? FROM ?", join(values, ", "), table)
	if !o.Predicate.IsZero() {
		rows = sql("? WHERE ?", rows, o.Predicate)
	}
	return sql("SELECT ? FROM (?) a JOIN (?) b ON (a.t, a.c) < (b.t, b.c) AND ? LIMIT 5", join(show, ", "), rows, rows, join(match, " AND "))
}

// integers are the limits of the whole numbers.
var integers = map[string][2]string{
	"int2": {"-32768", "32767"}, "int4": {"-2147483648", "2147483647"}, "int8": {"-9223372036854775808", "9223372036854775807"},
}

// tooBig lists the rows whose value a narrower type does not hold.
func (s *state) tooBig(id catalog.ID, a, b catalog.TypeName, to catalog.Type) fragment {
	column, table := ident(id.Name), tableOf(id)
	size, _ := mods(b)
	limits, whole := integers[b.Name]
	switch {
	case a.Array || b.Array || !s.current.Has(id):
		return fragment{}
	case whole && integers[a.Name] != [2]string{}:
		return s.rowsWhere(table, false, sql("? NOT BETWEEN ? AND ?", column, raw(limits[0]), raw(limits[1])), id.Name)
	case stringType(b):
		return s.rowsWhere(table, false, sql("char_length(rtrim(?::text)) > ?", column, size), id.Name)
	case b.Name == "varbit" || b.Name == "bit":
		return s.rowsWhere(table, false, sql("length(?) > ?", column, size), id.Name)
	}
	return s.converts(table, sql("?::?", column, to))
}

// unfit lists the rows whose value cannot be converted.
func (s *state) unfit(id catalog.ID, a, b catalog.TypeName, to catalog.Type, value fragment) fragment {
	column, table := ident(id.Name), tableOf(id)
	if !s.current.Has(id) || a.Array || b.Array {
		return fragment{}
	}
	if enum, ok := catalog.Find[catalog.Enum](s.desired, catalog.ID{Kind: catalog.KindEnum, Schema: b.Schema, Name: b.Name}); ok {
		return s.rowsWhere(table, false, sql("?::text NOT IN (?)", column, literals(enum.Labels)), id.Name)
	}
	if s.current.Version.Major() >= 16 && stringType(a) {
		return s.rowsWhere(table, false, sql("NOT pg_input_is_valid(?::text, ?)", column, literal(string(to))), id.Name)
	}
	return s.converts(table, value)
}

// converts tries a conversion on all rows: the query itself fails, or lists nothing.
func (s *state) converts(table catalog.QName, value fragment) fragment {
	return sql("SELECT count(?) FROM ? HAVING count(?) < 0", value, table, value)
}

// changedRows lists the rows whose value does not survive a conversion.
func (s *state) changedRows(id catalog.ID, a, b catalog.TypeName, from, to catalog.Type) fragment {
	if !s.current.Has(id) || a.Array || b.Array {
		return fragment{}
	}
	column := ident(id.Name)
	return s.rowsWhere(tableOf(id), false, sql("?::text IS DISTINCT FROM ?::?::?::text", column, column, to, from), id.Name)
}

// holding lists the rows that hold one of some labels of an enum.
func (s *state) holding(c catalog.Column, labels []string) fragment {
	where := sql("?::text IN (?)", ident(c.Name), literals(labels))
	if c.Type.Parts().Array {
		where = sql("?::text[] && ARRAY[?]", ident(c.Name), literals(labels))
	}
	return s.rowsWhere(tableOf(c.ID()), false, where, c.Name)
}

// domainColumns lists the current columns of a domain.
func (s *state) domainColumns(domain catalog.ID) []catalog.Column {
	var out []catalog.Column
	for _, u := range s.current.Users(domain) {
		c, ok := s.current.Get(u).(catalog.Column)
		if ok && !c.Type.Parts().Array && !c.Inherited && c.Type.Parts().QName() == nameOf(domain) {
			out = append(out, c)
		}
	}
	return out
}

// domainHazards are those of a new demand of a domain, one for each column of it.
// The condition is about VALUE.
func (s *state) domainHazards(code string, domain catalog.ID, misfit string, bad fragment) []Hazard {
	var out []Hazard
	for _, c := range s.domainColumns(domain) {
		table := tableOf(c.ID())
		h := s.mayFail(code, c.ID(), "fails if "+c.ID().Path()+" "+misfit+" in a row")
		if s.current.Has(catalog.ID{Kind: catalog.KindTable, Schema: table.Schema, Name: table.Name}) {
			h = h.with(sql("SELECT * FROM (SELECT ?, ? AS value FROM ?) r WHERE ? LIMIT 5", s.rowKeys(table, nil), ident(c.Name), table, bad))
		}
		out = append(out, h, s.work("TABLE_SCAN_WRITES", c.ID(), shareLock, "reads all of "+table.String()+" while its writers wait",
			"demand it of the tables instead: CHECK constraints can be validated while they are used"))
	}
	return out
}

// checkComment writes the query of a hazard as the lines of a comment, from which
// bloom push takes it.
func (h Hazard) checkComment() string {
	if h.Check == "" {
		return ""
	}
	return "-- bloom:check " + h.Code + " " + strings.ReplaceAll(h.Check, "\n", "\n-- |") + "\n"
}
