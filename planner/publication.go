package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

var publicationRule = rule[catalog.Publication]{
	create: func(s *state, o catalog.Publication) []Statement {
		f := sql("CREATE PUBLICATION ??", ident(o.Name), key(o.AllTables, " FOR ALL TABLES"))
		plain := catalog.Publication{Insert: true, Update: true, Delete: true, Truncate: true}
		if set := publicationOptions(plain, o); len(set) > 0 {
			f = sql("? WITH (?)", f, join(set, ", "))
		}
		return one(o.ID(), f)
	},
	drop: dropNamed[catalog.Publication],
	alter: func(_ *state, o *catalog.Publication, want catalog.Publication) []Statement {
		if o.AllTables != want.AllTables {
			return nil
		}
		set := publicationOptions(*o, want)
		*o = want
		return one(o.ID(), sql("ALTER PUBLICATION ? SET (?)", ident(o.Name), join(set, ", ")))
	},
}

func publicationOptions(have, want catalog.Publication) []fragment {
	var set []fragment
	if have.Insert != want.Insert || have.Update != want.Update || have.Delete != want.Delete || have.Truncate != want.Truncate {
		var ops []string
		for _, op := range []struct {
			name string
			on   bool
		}{{"insert", want.Insert}, {"update", want.Update}, {"delete", want.Delete}, {"truncate", want.Truncate}} {
			if op.on {
				ops = append(ops, op.name)
			}
		}
		set = append(set, sql("publish = ?", literal(strings.Join(ops, ", "))))
	}
	if have.ViaRoot != want.ViaRoot {
		set = append(set, sql("publish_via_partition_root = ?", raw(strings.ToLower(string(truth(want.ViaRoot))))))
	}
	if have.GeneratedColumns != want.GeneratedColumns {
		how := raw("none")
		if want.GeneratedColumns {
			how = "stored"
		}
		set = append(set, sql("publish_generated_columns = ?", how))
	}
	return set
}

var publicationTableRule = rule[catalog.PublicationTable]{
	create: func(s *state, o catalog.PublicationTable) []Statement {
		f := sql("ALTER PUBLICATION ? ADD TABLE ?", ident(o.Publication), s.alone(o))
		if len(o.Columns) > 0 {
			f = sql("? (?)", f, names(o.Columns))
		}
		if !o.Where.IsZero() {
			f = sql("? WHERE (?)", f, o.Where)
		}
		return one(o.ID(), f)
	},
	drop: func(s *state, o catalog.PublicationTable) []Statement {
		return one(o.ID(), sql("ALTER PUBLICATION ? DROP TABLE ?", ident(o.Publication), s.alone(o)))
	},
}

// alone names a table of a publication without its children, each of which is a member or not.
func (s *state) alone(o catalog.PublicationTable) fragment {
	table := tableOf(o.ID())
	for _, c := range []*catalog.Catalog{s.current, s.desired} {
		for _, u := range c.Users(catalog.ID{Kind: catalog.KindTable, Schema: o.Schema, Name: o.Table}) {
			if t, ok := c.Get(u).(catalog.Table); ok && slices.Contains(t.Inherits, table) {
				return sql("ONLY ?", table)
			}
		}
	}
	return sql("?", table)
}

var publicationSchemaRule = rule[catalog.PublicationSchema]{
	create: func(_ *state, o catalog.PublicationSchema) []Statement {
		return one(o.ID(), sql("ALTER PUBLICATION ? ADD TABLES IN SCHEMA ?", ident(o.Publication), ident(o.Schema)))
	},
	drop: func(_ *state, o catalog.PublicationSchema) []Statement {
		return one(o.ID(), sql("ALTER PUBLICATION ? DROP TABLES IN SCHEMA ?", ident(o.Publication), ident(o.Schema)))
	},
}

// A subscription is reported and never changed: its connection string is not known.
var subscriptionRule = rule[catalog.Subscription]{
	create: refuseSubscription,
	drop:   refuseSubscription,
	alter: func(s *state, o *catalog.Subscription, want catalog.Subscription) []Statement {
		*o = want
		return refuseSubscription(s, want)
	},
}

func refuseSubscription(s *state, o catalog.Subscription) []Statement {
	s.refuse(o.ID(), "subscription %s differs; subscriptions are not changed by a migration, do it by hand or leave it out with .bloomignore", o.Name)
	return nil
}
