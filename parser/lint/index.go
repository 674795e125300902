package lint

import (
	"fmt"
	"slices"

	"bloom/catalog"
)

// indexRules are about keys and indexes.
var indexRules = []*Rule{
	{
		Code: "FK_WITHOUT_INDEX", Level: Warning,
		What:   "a foreign key whose columns no index begins with",
		Reason: "every DELETE and every change of a key in the other table reads all of this one, and joins do",
		Fix:    "CREATE INDEX ON the table (the columns)",
		schema: foreignKeyWithoutIndex,
	},
	{
		Code: "DUPLICATE_INDEX", Level: Warning,
		What:   "an index like another, or like that of a key",
		Reason: "it costs at every write and is of no use",
		Fix:    "drop one of them",
		schema: duplicateIndex,
	},
	{
		Code: "NO_PRIMARY_KEY", Level: Warning,
		What:   "a table without a primary key",
		Reason: "rows cannot be told apart; replication, Realtime among it, cannot update or delete them",
		Fix:    "declare a primary key",
		schema: noPrimaryKey,
	},
	{
		Code: "FK_TO_AUTH_NOT_KEY", Level: Error,
		What:   "a foreign key to columns of the auth schema that are not the primary key",
		Reason: "the platform may change its other unique constraints, and its migration fails then",
		Fix:    "refer to the primary key, as auth.users (id)",
		schema: foreignKeyToAuth,
	},
}

// leads are the columns of an index in order, as far as they are plain.
func leads(elements []catalog.IndexElement) []string {
	var out []string
	for _, e := range elements {
		if e.Column == "" {
			break
		}
		out = append(out, e.Column)
	}
	return out
}

// begins reports whether an index begins with these columns, in any order.
func begins(index, columns []string) bool {
	if len(index) < len(columns) {
		return false
	}
	for _, c := range columns {
		if !slices.Contains(index[:len(columns)], c) {
			return false
		}
	}
	return true
}

func foreignKeyWithoutIndex(s *state, report found) {
	covered := map[catalog.QName][][]string{}
	for _, o := range s.All() {
		switch o := o.(type) {
		case catalog.Index:
			q := catalog.QName{Schema: o.Schema, Name: o.Table}
			if o.Predicate.IsZero() && !o.Invalid && o.Method != "brin" && o.Method != "gin" {
				covered[q] = append(covered[q], leads(o.Elements))
			}
		case catalog.Constraint:
			q := catalog.QName{Schema: o.Schema, Name: o.Table}
			if o.Type == catalog.PrimaryKey || o.Type == catalog.Unique {
				covered[q] = append(covered[q], o.Columns)
			}
		}
	}
	each(s, func(c catalog.Constraint, at catalog.Pos) {
		if c.Type != catalog.ForeignKey || c.Inherited {
			return
		}
		has := func(index []string) bool { return begins(index, c.Columns) }
		if !slices.ContainsFunc(covered[catalog.QName{Schema: c.Schema, Name: c.Table}], has) {
			report(at, "foreign key %s.%s.%s has no index", c.Schema, c.Table, c.Name)
		}
	})
}

// definition is an index without its name, for finding its like.
func definition(o catalog.Index) string {
	o.Name, o.Parent, o.Only, o.Statistics, o.Options, o.Tablespace = "", catalog.QName{}, false, nil, nil, ""
	return fmt.Sprintf("%+v", catalog.WithExprs(o, func(_ string, e catalog.Expr) catalog.Expr {
		e.Pos = catalog.Pos{}
		return e
	}))
}

func duplicateIndex(s *state, report found) {
	first := map[string]string{}
	for _, o := range s.All() {
		if c, ok := o.(catalog.Constraint); ok && (c.Type == catalog.PrimaryKey || c.Type == catalog.Unique && !c.NullsNotDistinct) {
			like := catalog.Index{Schema: c.Schema, Table: c.Table, Method: "btree", Unique: true, Include: c.Include}
			for _, name := range c.Columns {
				like.Elements = append(like.Elements, catalog.IndexElement{Column: name})
			}
			first[definition(like)] = c.Name
			like.Unique = false
			first[definition(like)] = c.Name
		}
	}
	each(s, func(o catalog.Index, at catalog.Pos) {
		key := definition(o)
		if other := first[key]; other != "" && o.Parent.IsZero() {
			report(at, "index %s.%s is like %s", o.Schema, o.Name, other)
			return
		}
		first[key] = o.Name
	})
}

func noPrimaryKey(s *state, report found) {
	keyed := map[catalog.QName]bool{}
	for _, o := range s.All() {
		if c, ok := o.(catalog.Constraint); ok && c.Type == catalog.PrimaryKey {
			keyed[catalog.QName{Schema: c.Schema, Name: c.Table}] = true
		}
	}
	each(s, func(t catalog.Table, at catalog.Pos) {
		if t.Server == "" && t.PartitionOf.Parent.IsZero() && !keyed[catalog.QName{Schema: t.Schema, Name: t.Name}] {
			report(at, "table %s.%s has no primary key", t.Schema, t.Name)
		}
	})
}

func foreignKeyToAuth(s *state, report found) {
	each(s, func(c catalog.Constraint, at catalog.Pos) {
		if c.Type != catalog.ForeignKey || c.RefTable.Schema != "auth" || c.Schema == "auth" {
			return
		}
		for _, id := range s.Base.Children(catalog.ID{Kind: catalog.KindTable, Schema: "auth", Name: c.RefTable.Name}) {
			if k, ok := s.Base.Get(id).(catalog.Constraint); ok && k.Type == catalog.PrimaryKey && !slices.Equal(k.Columns, c.RefColumns) {
				report(at, "foreign key %s.%s.%s refers to %s (%s), which is not its primary key", c.Schema, c.Table, c.Name, c.RefTable, c.RefColumns[0])
			}
		}
	})
}
