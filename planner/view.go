package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

var viewRule = rule[catalog.View]{
	create: func(s *state, o catalog.View) []Statement {
		if o.Materialized {
			return one(o.ID(), materializedView(o))
		}
		return one(o.ID(), plainView("CREATE VIEW", o), s.invokerLost(o))
	},
	drop: func(s *state, o catalog.View) []Statement {
		return one(o.ID(), sql("DROP ?", object(s.current, o.ID())))
	},
	alter: alterView,
}

// plainView writes a view with its options: CREATE OR REPLACE VIEW without them takes them away.
func plainView(verb string, o catalog.View) fragment {
	f := sql("? ?", raw(verb), nameOf(o.ID()))
	if len(o.Columns) > 0 {
		f = sql("? (?)", f, names(columnNames(o.Columns)))
	}
	if len(o.Options) > 0 {
		f = sql("? WITH ?", f, options(o.Options))
	}
	return sql("? AS\n?", f, o.Query)
}

func columnNames(columns catalog.ViewColumns) []string {
	var out []string
	for _, c := range columns {
		out = append(out, c.Name)
	}
	return out
}

func materializedView(o catalog.View) fragment {
	f := sql("CREATE MATERIALIZED VIEW ?", nameOf(o.ID()))
	if len(o.Columns) > 0 {
		f = sql("? (?)", f, names(columnNames(o.Columns)))
	}
	if o.AccessMethod != "" {
		f = sql("? USING ?", f, ident(o.AccessMethod))
	}
	if len(o.Options) > 0 {
		f = sql("? WITH ?", f, options(o.Options))
	}
	if o.Tablespace != "" {
		f = sql("? TABLESPACE ?", f, ident(o.Tablespace))
	}
	f = sql("? AS\n?", f, o.Query)
	if o.NotPopulated {
		f = sql("?\nWITH NO DATA", f)
	}
	return f
}

func alterView(s *state, o *catalog.View, want catalog.View) []Statement {
	id := want.ID()
	if o.Materialized != want.Materialized {
		return nil
	}
	desired, _ := s.desired.Get(id).(catalog.View)
	if o.Query != want.Query {
		if o.Materialized || !continues(o.Columns, desired.Columns) {
			return nil
		}
		o.Query, o.Options = want.Query, want.Options
		st, ok := s.replaceVerbatim(id)
		if !ok {
			whole := want
			whole.Columns = desired.Columns
			st = do(id, plainView("CREATE OR REPLACE VIEW", whole))
		}
		st.Hazards = present([]Hazard{s.invokerLost(want)})
		return []Statement{st}
	}
	alter := sql("ALTER ?", object(s.desired, id))
	var out []Statement
	set, reset := changedOptions(o.Options, want.Options)
	if len(set) > 0 {
		out = append(out, do(id, sql("? SET ?", alter, options(set))))
	}
	if len(reset) > 0 {
		out = append(out, do(id, sql("? RESET ?", alter, optionNames(reset)), s.invokerLost(want)))
	}
	o.Options = want.Options
	if o.ClusterOn != want.ClusterOn {
		if want.ClusterOn == "" {
			out = append(out, do(id, sql("? SET WITHOUT CLUSTER", alter)))
		} else {
			out = append(out, do(id, sql("? CLUSTER ON ?", alter, ident(want.ClusterOn))))
		}
		o.ClusterOn = want.ClusterOn
	}
	if o.Tablespace != want.Tablespace && want.Tablespace != "" {
		out = append(out, do(id, sql("? SET TABLESPACE ?", alter, ident(want.Tablespace))))
		o.Tablespace = want.Tablespace
	}
	return out
}

// continues reports whether PostgreSQL takes the desired columns in place of the
// current ones: the same and others after them. A type that is not known is
// taken to be the same.
func continues(have, want catalog.ViewColumns) bool {
	if len(have) == 0 || len(want) < len(have) {
		return false
	}
	return !slices.ContainsFunc(have, func(c catalog.ViewColumn) bool {
		w := want[slices.Index(columnNames(have), c.Name)]
		return w.Name != c.Name || w.Type != c.Type && w.Type != "" && c.Type != ""
	})
}

// invokerLost warns of a view that used to obey the policies of the tables below it.
func (s *state) invokerLost(want catalog.View) Hazard {
	cur, ok := s.current.Get(want.ID()).(catalog.View)
	if !ok || !invoker(cur.Options) || invoker(want.Options) {
		return Hazard{}
	}
	return Hazard{Code: "SECURITY_INVOKER_LOST", Level: Security, Object: want.ID(), Rows: -1,
		Reason: nameOf(want.ID()).String() + " shows what its owner may see, whoever asks: policies of the tables below no longer hold"}
}

func invoker(opts []string) bool {
	return slices.ContainsFunc(opts, func(o string) bool {
		name, value, ok := strings.Cut(o, "=")
		return name == "security_invoker" && (!ok || value == "true" || value == "on" || value == "1")
	})
}
