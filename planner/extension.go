package planner

import (
	"slices"
	"strconv"
	"strings"

	"bloom/catalog"
)

var extensionRule = rule[catalog.Extension]{
	create: func(_ *state, o catalog.Extension) []Statement {
		f := sql("CREATE EXTENSION ?", ident(o.Name))
		if o.Schema != "" || o.Version != "" {
			f = words(f, fragment{text: "WITH"})
		}
		if o.Schema != "" {
			f = sql("? SCHEMA ?", f, ident(o.Schema))
		}
		if o.Version != "" {
			f = sql("? VERSION ?", f, literal(o.Version))
		}
		return one(o.ID(), f)
	},
	drop: func(s *state, o catalog.Extension) []Statement {
		h := s.hazard("EXTENSION_DROPPED", Breaks, o.ID(), "drops extension "+o.Name+" and all that belongs to it")
		return one(o.ID(), sql("DROP EXTENSION ?", ident(o.Name)), h)
	},
	alter: func(s *state, o *catalog.Extension, want catalog.Extension) []Statement {
		if older(want.Version, o.Version) || o.Fixed && o.Schema != want.Schema {
			return nil // there is no way back, and no way out of its schema
		}
		var out []Statement
		if o.Version != want.Version {
			h := s.hazard("EXTENSION_UPGRADED", Breaks, o.ID(), "updates "+o.Name+" from "+o.Version+" to "+want.Version+"; its script may do anything")
			out = append(out, do(o.ID(), sql("ALTER EXTENSION ? UPDATE TO ?", ident(o.Name), literal(want.Version)), h))
			o.Version = want.Version
		}
		if o.Schema != want.Schema {
			h := s.hazard("EXTENSION_RELOCATED", Breaks, o.ID(), "text that names its objects with schema "+o.Schema+" no longer finds them")
			out = append(out, do(o.ID(), sql("ALTER EXTENSION ? SET SCHEMA ?", ident(o.Name), ident(want.Schema)), h))
			o.Schema = want.Schema
		}
		return out
	},
}

// holdsRows reports whether an extension has tables or sequences of its own, whose
// content is lost when it is dropped.
func (s *state) holdsRows(o catalog.Extension) bool {
	if s.current.Base == nil {
		return true
	}
	return slices.ContainsFunc(s.current.Base.Users(o.ID()), func(id catalog.ID) bool {
		return id.Kind == catalog.KindTable || id.Kind == catalog.KindSequence
	})
}

// older reports whether version a, as far as it is numbers, comes before b.
func older(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		m, err := strconv.Atoi(x[i])
		n, err2 := strconv.Atoi(y[i])
		if err != nil || err2 != nil {
			return false
		}
		if m != n {
			return m < n
		}
	}
	return len(x) < len(y)
}
