package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// batchPages is how much of a table is changed at a time: 8 MB.
const batchPages = 1000

// fill gives the rows that are NULL in a column its default. In a table in use that is
// done in batches: nobody waits for all of the rows.
func (s *state) fill(c catalog.Column, d catalog.Default) []Statement {
	id := c.ID()
	tables := []catalog.QName{tableOf(id)}
	online := s.online(id)
	if online {
		tables = s.leaves(tableOf(id))
	}
	var out []Statement
	for _, table := range tables {
		h := s.hazard("BACKFILL", DataEdit, id, "writes the default into every row of "+table.String()+" where "+c.Name+" is NULL")
		st := do(id, sql("UPDATE ? SET ? = ? WHERE ? IS NULL", table, ident(c.Name), d.Expr, ident(c.Name)), h)
		st.Data = true
		if online {
			st.Batches = batchPages
			st = st.at(apart)
		}
		out = append(out, st)
	}
	return out
}

// leaves lists the tables that hold the rows of a table: its partitions, or itself.
func (s *state) leaves(table catalog.QName) []catalog.QName {
	parts := s.partitionsOf(s.current, catalog.ID{Kind: catalog.KindTable, Schema: table.Schema, Name: table.Name})
	if len(parts) == 0 {
		return []catalog.QName{table}
	}
	var out []catalog.QName
	for _, p := range parts {
		out = append(out, s.leaves(nameOf(p))...)
	}
	return out
}

// fillsLater reports whether a column is added without what gives each row a value of its
// own, for with it PostgreSQL writes the table anew under its lock. The rows are filled after that.
func (s *state) fillsLater(c catalog.Column) bool {
	if !s.making[c.ID()] || c.Inherited || !c.Generated.IsZero() || !s.online(c.ID()) || s.disturbed(c.ID()) != "" {
		return false
	}
	if c.Identity != "" {
		_, ok := s.sequenceOf(s.desired, c)
		return ok && (!s.hasHeirs(c.ID()) || s.partitioned(c.ID()))
	}
	d, ok := s.desired.Get(defaultID(c.ID())).(catalog.Default)
	return ok && !s.apart[d.ID()] && s.volatile(d)
}

// disturbed tells why the rows of a table cannot be changed as if nothing happened: an
// UPDATE of one column would do more, or less, than that. Empty if they can.
func (s *state) disturbed(column catalog.ID) string {
	for _, leaf := range s.leaves(tableOf(column)) {
		for _, c := range []*catalog.Catalog{s.current, s.desired} {
			if why := disturbedIn(c, leaf, column.Name); why != "" {
				return why
			}
		}
		if t, ok := s.current.Get(catalog.ID{Kind: catalog.KindTable, Schema: leaf.Schema, Name: leaf.Name}).(catalog.Table); ok && s.unidentified(t) {
			return leaf.String() + " is published, and nothing identifies its rows"
		}
	}
	return ""
}

func disturbedIn(c *catalog.Catalog, table catalog.QName, column string) string {
	for _, id := range c.Children(catalog.ID{Kind: catalog.KindTable, Schema: table.Schema, Name: table.Name}) {
		switch o := c.Get(id).(type) {
		case catalog.Trigger:
			if !leftBehind(o) && slices.Contains(o.Events, "update") && o.Enabled != "disabled" && o.Enabled != "replica" &&
				(len(o.UpdateColumns) == 0 || slices.Contains(o.UpdateColumns, column)) {
				return "trigger " + o.Name + " runs on each UPDATE"
			}
		case catalog.Rule:
			if o.Event == "update" {
				return "rule " + o.Name + " rewrites each UPDATE"
			}
		case catalog.RowSecurity:
			if o.Forced {
				return "row level security holds the owner, too"
			}
		}
	}
	return ""
}

// leftBehind reports whether a trigger is the one of a change of type that was begun and not
// ended: nobody declares it, so that it goes before anything is filled.
func leftBehind(o catalog.Trigger) bool {
	return o.Name == o.Function.Name && strings.HasSuffix(o.Name, inStep)
}

// unidentified reports whether UPDATE of a current table fails, for it is published and
// nothing identifies its rows.
func (s *state) unidentified(t catalog.Table) bool {
	switch t.ReplicaIdentity.Mode {
	case "full", "index":
		return false
	case "":
		if s.hadPrimaryKey(nameOf(t.ID())) {
			return false
		}
	}
	for id, o := range s.current.All() {
		p, ok := o.(catalog.Publication)
		if ok && p.Update && (p.AllTables || s.current.Has(catalog.ID{Kind: catalog.KindPublicationTable, Schema: t.Schema, Table: t.Name, Role: id.Name}) ||
			s.current.Has(catalog.ID{Kind: catalog.KindPublicationSchema, Schema: t.Schema, Role: id.Name})) {
			return true
		}
	}
	return false
}

// addAndFill adds such a column, for new rows first, and then fills it.
func (s *state) addAndFill(c catalog.Column) []Statement {
	id := c.ID()
	d, _ := s.desired.Get(defaultID(id)).(catalog.Default)
	if c.Identity != "" {
		return s.addIdentity(c)
	}
	out := s.addForNew(c, d)
	fill := s.fill(c, d)
	if c.NotNull {
		return append(out, s.provenNotNull(c, fill, Hazard{})...)
	}
	return append(out, fill...)
}

// addForNew adds a column of which rows that are there are NULL.
func (s *state) addForNew(c catalog.Column, d catalog.Default) []Statement {
	id := c.ID()
	alter := s.alterTable(tableOf(id))
	out := one(id, sql("? ADD COLUMN ? ??", alter, ident(c.Name), c.Type, collate(c.Collation)))
	out = append(out, do(id, sql("? ALTER COLUMN ? SET DEFAULT ?", alter, ident(c.Name), d.Expr)))
	return append(out, columnSettings(s, c)...)
}

// addIdentity adds an identity column: a sequence of its own fills it, until no row is NULL;
// then the identity goes on where that is.
func (s *state) addIdentity(c catalog.Column) []Statement {
	id := c.ID()
	seq, _ := s.sequenceOf(s.desired, c)
	aside := catalog.QName{Schema: seq.Schema, Name: s.spare(seq.ID(), "_new")}
	next := catalog.Default{Schema: c.Schema, Table: c.Table, Column: c.Name, Expr: catalog.Expr{Text: sql("nextval(?::regclass)", literal(aside.SQL())).text}}
	out := one(id, words(sql("CREATE SEQUENCE ?", aside), sequenceOptions(seq)))
	if who := s.inserters(id); len(who) > 0 {
		out = append(out, do(id, sql("GRANT USAGE ON SEQUENCE ? TO ?", aside, roles(who)))) // identity needs no privilege, a default does
	}
	out = append(out, s.addForNew(c, next)...)
	out = append(out, s.provenNotNull(c, s.fill(c, next), Hazard{})...)
	alter := sql("? ALTER COLUMN ?", s.alterTable(tableOf(id)), ident(c.Name))
	return append(out,
		do(id, sql("? DROP DEFAULT", alter)),
		do(id, sql("? ADD ?", alter, s.identityClause(c))).making(),
		do(id, sql("SELECT setval(?, last_value, is_called) FROM ?", literal(nameOf(seq.ID()).SQL()), aside)),
		do(id, sql("DROP SEQUENCE ?", aside)))
}

// inserters lists the roles that may insert into the table of a column, before or after.
func (s *state) inserters(column catalog.ID) []string {
	var out []string
	for _, c := range []*catalog.Catalog{s.current, s.desired} {
		for _, id := range c.Children(catalog.ID{Kind: catalog.KindTable, Schema: column.Schema, Name: column.Table}) {
			about := append([]catalog.ID{id}, c.Children(id)...)
			for _, a := range about {
				g, ok := c.Get(a).(catalog.Grant)
				if ok && !slices.Contains(out, g.Grantee) && slices.ContainsFunc(g.Privileges, func(p catalog.Privilege) bool { return p.Name == "INSERT" }) {
					out = append(out, g.Grantee)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}
