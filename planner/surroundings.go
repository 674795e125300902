package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

// warn adds to the statements of a plan the hazards that no single object shows:
// they come of what stands around it, before and after.
func (s *state) warn(nodes []*node) {
	for _, n := range nodes {
		if len(n.statements) == 0 {
			continue
		}
		first := &n.statements[0]
		for _, id := range n.ids {
			if n.drop {
				first.Hazards = append(first.Hazards, present(s.dropSurroundings(id))...)
				first.Hazards = append(first.Hazards, present(s.dropConsequences(id))...)
			} else {
				first.Hazards = append(first.Hazards, present(s.makeSurroundings(id))...)
				first.Hazards = append(first.Hazards, present(s.consequences(id))...)
			}
		}
		first.Hazards = distinct(first.Hazards)
	}
}

func (s *state) dropSurroundings(id catalog.ID) []Hazard {
	switch o := s.current.Get(id).(type) {
	case catalog.Index:
		return []Hazard{s.invalidLeft(o), s.replicationBreak(id)}
	case catalog.Constraint:
		return []Hazard{s.replicationBreak(id)}
	}
	return nil
}

func (s *state) makeSurroundings(id catalog.ID) []Hazard {
	switch o := s.desired.Get(id).(type) {
	case catalog.Index:
		return []Hazard{s.duplicateIndex(o)}
	case catalog.Constraint:
		return []Hazard{s.withoutIndex(o), s.cascadeAdded(o)}
	case catalog.Column:
		return []Hazard{s.resultChanged(o)}
	case catalog.View:
		return []Hazard{s.bypassesPolicies(o)}
	case catalog.Publication:
		if cur, ok := s.current.Get(id).(catalog.Publication); o.AllTables && (!ok || !cur.AllTables) {
			return []Hazard{s.published(id, "every table, new ones too, is published by "+o.Name)}
		}
	case catalog.PublicationTable:
		return []Hazard{s.publishedMore(o), s.publishedUnidentified(o)}
	case catalog.RowSecurity:
		return []Hazard{s.nothingAllowed(o)}
	case catalog.Routine:
		if untrusted(o.Language) && !s.current.Has(id) {
			return []Hazard{{Code: "UNTRUSTED_LANGUAGE", Level: Security, Object: id, Rows: -1,
				Reason: "code in " + o.Language + " can do on the server whatever the server's own account can"}}
		}
	}
	return nil
}

// invalidLeft tells that an index is the remains of a build that failed.
func (s *state) invalidLeft(o catalog.Index) Hazard {
	if !o.Invalid {
		return Hazard{}
	}
	return s.hazard("INVALID_INDEX_LEFT", Slows, o.ID(), "index "+o.Name+" is invalid, left by a build that failed: no query uses it, and every write keeps it up")
}

// duplicateIndex tells of an index that does what another one does anyway.
func (s *state) duplicateIndex(o catalog.Index) Hazard {
	if s.current.Has(o.ID()) || !o.Parent.IsZero() {
		return Hazard{}
	}
	for _, c := range s.desired.Children(catalog.ID{Kind: catalog.KindTable, Schema: o.Schema, Name: o.Table}) {
		twin := ""
		switch p := s.desired.Get(c).(type) {
		case catalog.Index:
			if p.Name != o.Name && (p.Unique || !o.Unique) && sameKeys(o, p) {
				twin = "index " + p.Name
			}
		case catalog.Constraint:
			if (p.Type == catalog.PrimaryKey || p.Type == catalog.Unique) && o.Method == "btree" && o.Predicate.IsZero() && plainKeys(o, p.Columns) && len(o.Include) == 0 {
				twin = string(p.Type) + " " + p.Name
			}
		}
		if twin != "" {
			return Hazard{Code: "DUPLICATE_INDEX", Level: Slows, Object: o.ID(), Rows: -1,
				Reason: twin + " has the same key as index " + o.Name + ": every write pays for both", Wayout: "leave one of them out"}
		}
	}
	return Hazard{}
}

func sameKeys(a, b catalog.Index) bool {
	return a.Method == b.Method && a.Predicate.Text == b.Predicate.Text && slices.Equal(a.Include, b.Include) &&
		slices.EqualFunc(a.Elements, b.Elements, func(x, y catalog.IndexElement) bool {
			return x.Column == y.Column && x.Expr.Text == y.Expr.Text && x.Collation == y.Collation && x.Opclass == y.Opclass && x.Desc == y.Desc && x.NullsFirst == y.NullsFirst
		})
}

// plainKeys reports whether an index is over just these columns, in ascending order.
func plainKeys(o catalog.Index, columns []string) bool {
	return slices.EqualFunc(o.Elements, columns, func(e catalog.IndexElement, c string) bool {
		return e.Column == c && !e.Desc && !e.NullsFirst && e.Opclass.IsZero() && e.Collation.IsZero()
	})
}

// withoutIndex tells of a foreign key whose columns no index begins with.
func (s *state) withoutIndex(o catalog.Constraint) Hazard {
	if o.Type != catalog.ForeignKey || o.Inherited || s.current.Has(o.ID()) || s.empty(o.ID()) {
		return Hazard{}
	}
	for _, c := range s.desired.Children(catalog.ID{Kind: catalog.KindTable, Schema: o.Schema, Name: o.Table}) {
		var keys []string
		switch p := s.desired.Get(c).(type) {
		case catalog.Index:
			if !p.Predicate.IsZero() {
				continue
			}
			for _, e := range p.Elements {
				keys = append(keys, e.Column)
			}
		case catalog.Constraint:
			if p.Type == catalog.PrimaryKey || p.Type == catalog.Unique {
				keys = p.Columns
			}
		}
		if n := len(o.Columns); len(keys) >= n && !slices.ContainsFunc(o.Columns, func(c string) bool { return !slices.Contains(keys[:n], c) }) {
			return Hazard{}
		}
	}
	h := s.hazard("FK_WITHOUT_INDEX", Slows, o.ID(), "each DELETE and key UPDATE in "+o.RefTable.String()+" reads all of "+tableOf(o.ID()).String())
	if h.Code != "" {
		h.Wayout = "make an index that begins with " + strings.Join(o.Columns, ", ")
	}
	return h
}

// cascadeAdded tells of a foreign key that from now on removes or empties rows.
func (s *state) cascadeAdded(o catalog.Constraint) Hazard {
	cur, ok := s.current.Get(o.ID()).(catalog.Constraint)
	if !ok || o.Type != catalog.ForeignKey || cur.OnDelete == o.OnDelete || o.OnDelete != "cascade" && o.OnDelete != "set null" {
		return Hazard{}
	}
	return s.hazard("ON_DELETE_CASCADE_ADDED", Breaks, o.ID(), "DELETE in "+o.RefTable.String()+" now changes "+tableOf(o.ID()).String()+" as well ("+o.OnDelete+")")
}

// resultChanged tells of prepared statements that fail once.
func (s *state) resultChanged(o catalog.Column) Hazard {
	cur, ok := s.current.Get(o.ID()).(catalog.Column)
	if !ok || cur.Type == o.Type || o.Inherited || s.altering[o.ID()] == nil {
		return Hazard{}
	}
	h := s.hazard("RESULT_TYPE_CHANGED", Breaks, o.ID(), "statements that clients have prepared on "+tableOf(o.ID()).String()+" fail once: cached plan must not change result type")
	if h.Code != "" {
		h.Lock, h.Blocks, h.Wayout = accessExclusive, "reads and writes", "let clients reconnect"
	}
	return h
}

// bypassesPolicies tells of a view that shows rows which policies hide.
func (s *state) bypassesPolicies(o catalog.View) Hazard {
	id := o.ID()
	if invoker(o.Options) && !o.Materialized || s.current.Has(id) && s.bypassed(s.current, id) {
		return Hazard{}
	}
	var who []string
	for _, role := range []string{"anon", "authenticated", catalog.Public} {
		if s.desired.Has(catalog.About(catalog.KindGrant, id, role)) {
			who = append(who, role)
		}
	}
	if len(who) == 0 || !s.bypassed(s.desired, id) {
		return Hazard{}
	}
	return Hazard{Code: "VIEW_BYPASSES_RLS", Level: Security, Object: id, Rows: -1,
		Reason: nameOf(id).String() + " shows " + strings.Join(orPublic(who), ", ") + " rows that row level security of the tables below would hide",
		Wayout: key(!o.Materialized, "WITH (security_invoker = true)").text + key(o.Materialized, "revoke, or keep it in a schema that the API does not show").text}
}

// bypassed reports whether a view without security_invoker reads a table with row level security.
func (s *state) bypassed(c *catalog.Catalog, id catalog.ID) bool {
	if v, ok := c.Get(id).(catalog.View); !ok || invoker(v.Options) && !v.Materialized {
		return false
	}
	return slices.ContainsFunc(c.Deps(id), func(dep catalog.ID) bool {
		name := dep.Table
		if dep.Kind == catalog.KindTable {
			name = dep.Name
		}
		r, ok := catalog.Find[catalog.RowSecurity](c, catalog.ID{Kind: catalog.KindRowSecurity, Schema: dep.Schema, Table: name})
		return ok && r.Enabled
	})
}

func (s *state) published(id catalog.ID, reason string) Hazard {
	return Hazard{Code: "PUBLICATION_WIDENED", Level: Security, Object: id, Rows: -1, Reason: reason + ": whoever may subscribe gets the rows"}
}

// publishedMore tells of a table whose filter or column list in a publication is gone.
func (s *state) publishedMore(o catalog.PublicationTable) Hazard {
	cur, ok := s.current.Get(o.ID()).(catalog.PublicationTable)
	switch {
	case !ok:
		return Hazard{}
	case !cur.Where.IsZero() && o.Where.IsZero():
		return s.published(o.ID(), o.Publication+" publishes all rows of "+tableOf(o.ID()).String())
	case len(cur.Columns) > 0 && (len(o.Columns) == 0 || slices.ContainsFunc(o.Columns, func(c string) bool { return !slices.Contains(cur.Columns, c) })):
		return s.published(o.ID(), o.Publication+" publishes more columns of "+tableOf(o.ID()).String())
	}
	return Hazard{}
}

// nothingAllowed tells of a table that nobody sees a row of.
func (s *state) nothingAllowed(o catalog.RowSecurity) Hazard {
	cur, _ := s.current.Get(o.ID()).(catalog.RowSecurity)
	if !o.Enabled || cur.Enabled {
		return Hazard{}
	}
	for _, c := range s.desired.Children(catalog.ID{Kind: catalog.KindTable, Schema: o.Schema, Name: o.Table}) {
		if p, ok := s.desired.Get(c).(catalog.Policy); ok && !p.Restrictive {
			return Hazard{}
		}
	}
	return s.hazard("RLS_ENABLED_NO_POLICY", Breaks, o.ID(), "no policy lets anybody but the owner see a row of "+tableOf(o.ID()).String())
}

// replicationBreak tells of a published table that loses what tells its rows apart.
func (s *state) replicationBreak(id catalog.ID) Hazard {
	table := catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}
	t, ok := s.desired.Get(table).(catalog.Table)
	old, was := s.current.Get(table).(catalog.Table)
	if !ok || !was || s.desired.Has(s.desiredID(id)) || !s.isPublished(table) {
		return Hazard{}
	}
	switch key, _ := s.current.Get(id).(catalog.Constraint); {
	case old.ReplicaIdentity.Mode == "" && key.Type == catalog.PrimaryKey && t.ReplicaIdentity.Mode == "" && !s.hasPrimaryKey(table):
	case old.ReplicaIdentity.Mode == "index" && old.ReplicaIdentity.Index == id.Name && t.ReplicaIdentity.Mode != "full" && t.ReplicaIdentity.Index == id.Name:
	default:
		return Hazard{}
	}
	h := s.hazard("REPLICATION_BREAK", Breaks, id, "UPDATE and DELETE of the published table "+nameOf(table).String()+" fail: nothing identifies its rows any more")
	if h.Code != "" {
		h.Wayout = "set a REPLICA IDENTITY first"
	}
	return h
}

// publishedUnidentified tells of a table in use that a publication gets while nothing tells
// its rows apart, or those of a partition.
func (s *state) publishedUnidentified(o catalog.PublicationTable) Hazard {
	p, _ := s.desired.Get(catalog.Publication{Name: o.Publication}.ID()).(catalog.Publication)
	if s.current.Has(o.ID()) || !p.Update && !p.Delete {
		return Hazard{}
	}
	for _, leaf := range s.leaves(tableOf(o.ID())) {
		id := catalog.ID{Kind: catalog.KindTable, Schema: leaf.Schema, Name: leaf.Name}
		t, ok := s.desired.Get(s.desiredID(id)).(catalog.Table)
		if !ok || t.ReplicaIdentity.Mode == "full" || t.ReplicaIdentity.Mode == "index" || t.ReplicaIdentity.Mode == "" && s.hasPrimaryKey(t.ID()) {
			continue
		}
		h := s.hazard("REPLICATION_BREAK", Breaks, o.ID(), "UPDATE and DELETE of "+leaf.String()+" fail once it is published: nothing identifies its rows")
		if h.Code != "" {
			h.Wayout = "give it a primary key or a REPLICA IDENTITY first"
		}
		return h
	}
	return Hazard{}
}

func (s *state) hasPrimaryKey(table catalog.ID) bool {
	return slices.ContainsFunc(s.desired.Children(table), func(id catalog.ID) bool {
		c, ok := s.desired.Get(id).(catalog.Constraint)
		return ok && c.Type == catalog.PrimaryKey
	})
}

// isPublished reports whether updates or deletes of a table are published afterwards.
func (s *state) isPublished(table catalog.ID) bool {
	for id, o := range s.desired.All() {
		p, ok := o.(catalog.Publication)
		if !ok || !p.Update && !p.Delete {
			continue
		}
		if p.AllTables || s.desired.Has(catalog.ID{Kind: catalog.KindPublicationTable, Schema: table.Schema, Table: table.Name, Role: id.Name}) ||
			s.desired.Has(catalog.ID{Kind: catalog.KindPublicationSchema, Schema: table.Schema, Role: id.Name}) {
			return true
		}
	}
	return false
}

// untrusted reports whether a language lets code out of the database.
func untrusted(language string) bool {
	return language == "c" || strings.HasPrefix(language, "pl") && strings.HasSuffix(language, "u")
}
