package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

var routineRule = rule[catalog.Routine]{
	create: func(s *state, o catalog.Routine) []Statement {
		return one(o.ID(), routine("CREATE", o), s.definerPath(o))
	},
	drop: func(_ *state, o catalog.Routine) []Statement {
		return one(o.ID(), sql("DROP ? ?", raw(routineWord(o)), signature(o.ID())))
	},
	alter: func(s *state, o *catalog.Routine, want catalog.Routine) []Statement {
		if o.Procedure != want.Procedure || o.Window != want.Window || o.Returns != want.Returns || o.ReturnsSet != want.ReturnsSet ||
			!sameParams(o.Params, want.Params) {
			return nil
		}
		*o = want
		st, ok := s.replaceVerbatim(want.ID())
		if !ok {
			st = do(want.ID(), routine("CREATE OR REPLACE", want))
		}
		st.Hazards = present([]Hazard{s.definerPath(want), s.staleDerived(want)})
		return []Statement{st}
	},
}

// sameParams reports whether CREATE OR REPLACE takes the parameters: names and
// modes stay, and no default goes.
func sameParams(have, want []catalog.Param) bool {
	return slices.EqualFunc(have, want, func(h, w catalog.Param) bool {
		return h.Mode == w.Mode && h.Type == w.Type && (h.Name == w.Name || h.Name == "") && (h.Default.IsZero() || !w.Default.IsZero())
	})
}

func routine(verb string, o catalog.Routine) fragment {
	parts := []fragment{sql("? ? ?(?)", raw(verb), raw(routineWord(o)), nameOf(o.ID()), params(o.Params))}
	if !o.Procedure {
		parts = append(parts, sql("RETURNS ?", returns(o)))
	}
	parts = append(parts, sql("LANGUAGE ?", ident(o.Language)))
	if attributes := routineAttributes(o); attributes.text != "" {
		parts = append(parts, attributes)
	}
	for _, c := range o.Config {
		name, value, _ := strings.Cut(c, "=")
		parts = append(parts, sql("SET ? TO ?", optionName(name), configValue(name, value)))
	}
	switch {
	case !o.SQLBody.IsZero():
		parts = append(parts, sql("?", o.SQLBody))
	case o.Library != "":
		parts = append(parts, sql("AS ?, ?", literal(o.Library), literal(o.Body)))
	default:
		parts = append(parts, sql("AS ?", body(o.Body)))
	}
	return join(parts, "\n")
}

func routineAttributes(o catalog.Routine) fragment {
	cost := 100.0
	if o.Language == "c" || o.Language == "internal" {
		cost = 1
	}
	var parts []fragment
	add := func(when bool, f fragment) {
		if when {
			parts = append(parts, f)
		}
	}
	add(len(o.Transforms) > 0, sql("TRANSFORM ?", join(each(o.Transforms, func(t catalog.Type) fragment { return sql("FOR TYPE ?", t) }), ", ")))
	add(o.Window, fragment{text: "WINDOW"})
	add(o.Volatility != "" && o.Volatility != "volatile", fragment{text: strings.ToUpper(o.Volatility)})
	add(o.Leakproof, fragment{text: "LEAKPROOF"})
	add(o.Strict, fragment{text: "STRICT"})
	add(o.SecurityDefiner, fragment{text: "SECURITY DEFINER"})
	add(o.Parallel != "" && o.Parallel != "unsafe", fragment{text: "PARALLEL " + strings.ToUpper(o.Parallel)})
	add(o.Cost != cost && o.Cost > 0, sql("COST ?", o.Cost))
	add(o.ReturnsSet && o.Rows != 1000 && o.Rows > 0, sql("ROWS ?", o.Rows))
	add(!o.Support.IsZero(), sql("SUPPORT ?", o.Support))
	return words(parts...)
}

func params(list []catalog.Param) fragment {
	var in []catalog.Param
	for _, p := range list {
		if p.Mode != "table" {
			in = append(in, p)
		}
	}
	return join(each(in, func(p catalog.Param) fragment {
		f := param(p)
		if !p.Default.IsZero() {
			f = sql("? DEFAULT ?", f, p.Default)
		}
		return f
	}), ", ")
}

func param(p catalog.Param) fragment {
	mode := ""
	if p.Mode != "in" && p.Mode != "table" {
		mode = strings.ToUpper(p.Mode)
	}
	name := fragment{}
	if p.Name != "" {
		name = sql("?", ident(p.Name))
	}
	return words(fragment{text: mode}, name, sql("?", p.Type))
}

func returns(o catalog.Routine) fragment {
	var table []fragment
	for _, p := range o.Params {
		if p.Mode == "table" {
			table = append(table, param(p))
		}
	}
	switch {
	case len(table) > 0:
		return sql("TABLE (?)", join(table, ", "))
	case o.ReturnsSet:
		return sql("SETOF ?", o.Returns)
	}
	return sql("?", o.Returns)
}

// listSettings are the settings whose value is a list of names, which are quoted one by one.
var listSettings = map[string]bool{
	"search_path": true, "temp_tablespaces": true, "local_preload_libraries": true, "session_preload_libraries": true, "shared_preload_libraries": true,
}

func configValue(name, value string) fragment {
	if !listSettings[strings.ToLower(name)] {
		return sql("?", literal(value))
	}
	parts := catalog.SplitNames(value)
	if len(parts) == 0 {
		return fragment{text: "''"}
	}
	return join(each(parts, func(n string) fragment {
		if n == "" {
			return fragment{text: "''"}
		}
		return sql("?", ident(n))
	}), ", ")
}

// definerPath warns of a function that runs with its owner's rights and finds
// names where the caller says, if it was not so before.
func (s *state) definerPath(o catalog.Routine) Hazard {
	if cur, ok := s.current.Get(o.ID()).(catalog.Routine); !openDefiner(o) || ok && openDefiner(cur) {
		return Hazard{}
	}
	return Hazard{Code: "SECURITY_DEFINER_NO_SEARCH_PATH", Level: Security, Object: o.ID(), Rows: -1,
		Reason: nameOf(o.ID()).String() + " runs with its owner's rights and looks names up where its caller says", Wayout: "add SET search_path = ''"}
}

func openDefiner(o catalog.Routine) bool {
	return o.SecurityDefiner && !slices.ContainsFunc(o.Config, func(c string) bool { return strings.HasPrefix(strings.ToLower(c), "search_path=") })
}

// staleDerived warns of a changed function whose results are stored.
func (s *state) staleDerived(o catalog.Routine) Hazard {
	for _, u := range s.current.Users(o.ID()) {
		switch user := s.current.Get(u).(type) {
		case catalog.Index:
			return s.hazard("STALE_DERIVED", Breaks, u, "index "+user.Name+" keeps what the function gave before; REINDEX it")
		case catalog.Constraint:
			return s.hazard("STALE_DERIVED", Breaks, u, "rows that constraint "+user.Name+" let pass are not checked again; drop it, add it NOT VALID and validate it")
		case catalog.View:
			if user.Materialized {
				return s.hazard("STALE_DERIVED", Breaks, u, "materialized view "+user.Name+" keeps what the function gave before; REFRESH it")
			}
		case catalog.Column:
			return s.hazard("STALE_DERIVED", Breaks, u, "generated column "+u.Path()+" keeps what the function gave before")
		}
	}
	return Hazard{}
}
