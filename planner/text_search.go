package planner

import (
	"slices"

	"bloom/catalog"
)

var textSearchParserRule = rule[catalog.TextSearchParser]{
	create: func(_ *state, o catalog.TextSearchParser) []Statement {
		parts := []fragment{sql("START = ?", o.Start), sql("GETTOKEN = ?", o.Token), sql("END = ?", o.End), sql("LEXTYPES = ?", o.LexTypes)}
		if !o.Headline.IsZero() {
			parts = append(parts, sql("HEADLINE = ?", o.Headline))
		}
		return one(o.ID(), sql("CREATE TEXT SEARCH PARSER ? (?)", nameOf(o.ID()), join(parts, ", ")))
	},
	drop: dropNamed[catalog.TextSearchParser],
}

var textSearchTemplateRule = rule[catalog.TextSearchTemplate]{
	create: func(_ *state, o catalog.TextSearchTemplate) []Statement {
		var parts []fragment
		if !o.Init.IsZero() {
			parts = append(parts, sql("INIT = ?", o.Init))
		}
		parts = append(parts, sql("LEXIZE = ?", o.Lexize))
		return one(o.ID(), sql("CREATE TEXT SEARCH TEMPLATE ? (?)", nameOf(o.ID()), join(parts, ", ")))
	},
	drop: dropNamed[catalog.TextSearchTemplate],
}

// The options of a dictionary are kept as the server writes them: name = 'value', ….
var textSearchDictionaryRule = rule[catalog.TextSearchDictionary]{
	create: func(_ *state, o catalog.TextSearchDictionary) []Statement {
		f := sql("TEMPLATE = ?", o.Template)
		if o.Options != "" {
			f = sql("?, ?", f, raw(o.Options))
		}
		return one(o.ID(), sql("CREATE TEXT SEARCH DICTIONARY ? (?)", nameOf(o.ID()), f))
	},
	drop: dropNamed[catalog.TextSearchDictionary],
}

var textSearchConfigurationRule = rule[catalog.TextSearchConfiguration]{
	create: func(_ *state, o catalog.TextSearchConfiguration) []Statement {
		out := one(o.ID(), sql("CREATE TEXT SEARCH CONFIGURATION ? (PARSER = ?)", nameOf(o.ID()), o.Parser))
		return append(out, mappings(o, nil)...)
	},
	drop: dropNamed[catalog.TextSearchConfiguration],
	alter: func(_ *state, o *catalog.TextSearchConfiguration, want catalog.TextSearchConfiguration) []Statement {
		if o.Parser != want.Parser {
			return nil
		}
		var out []Statement
		for _, m := range o.Mappings {
			if !slices.ContainsFunc(want.Mappings, func(w catalog.TextSearchMapping) bool { return w.Token == m.Token }) {
				out = append(out, do(o.ID(), sql("ALTER TEXT SEARCH CONFIGURATION ? DROP MAPPING FOR ?", nameOf(o.ID()), ident(m.Token))))
			}
		}
		out = append(out, mappings(want, o.Mappings)...)
		o.Mappings = want.Mappings
		return out
	},
}

// mappings writes the mappings that differ from those there are.
func mappings(o catalog.TextSearchConfiguration, have []catalog.TextSearchMapping) []Statement {
	var out []Statement
	for _, m := range o.Mappings {
		verb := "ADD"
		if i := slices.IndexFunc(have, func(h catalog.TextSearchMapping) bool { return h.Token == m.Token }); i >= 0 {
			if slices.Equal(have[i].Dictionaries, m.Dictionaries) {
				continue
			}
			verb = "ALTER"
		}
		dictionaries := join(each(m.Dictionaries, func(q catalog.QName) fragment { return sql("?", q) }), ", ")
		out = append(out, do(o.ID(), sql("ALTER TEXT SEARCH CONFIGURATION ? ? MAPPING FOR ? WITH ?", nameOf(o.ID()), raw(verb), ident(m.Token), dictionaries)))
	}
	return out
}
