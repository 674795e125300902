package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// textSearch finds a text search object. What PostgreSQL has itself is not
// listed anywhere: a name that the catalog does not have is taken for built in if
// its form allows.
func (in *interpreter) textSearch(kind catalog.Kind, q catalog.QName) catalog.QName {
	if id, ok := in.lookup(q, kind); ok {
		return catalog.QName{Schema: id.Schema, Name: id.Name}
	}
	if q.Schema == "" {
		q.Schema = "pg_catalog"
	}
	return q
}

func (in *interpreter) createTextSearchParser(n *pg.DefineStmt) error {
	q, err := in.creationOf(n.GetDefnames())
	if err != nil {
		return err
	}
	p := catalog.TextSearchParser{Schema: q.Schema, Name: q.Name}
	parts := map[string]*catalog.QName{"start": &p.Start, "gettoken": &p.Token, "end": &p.End, "headline": &p.Headline, "lextypes": &p.LexTypes}
	for _, d := range elems(n.GetDefinition()) {
		if f := parts[strings.ToLower(d.GetDefname())]; f != nil {
			if *f, err = in.definedFunction(d); err != nil {
				return err
			}
		}
	}
	return in.add(p, 0)
}

func (in *interpreter) createTextSearchTemplate(n *pg.DefineStmt) error {
	q, err := in.creationOf(n.GetDefnames())
	if err != nil {
		return err
	}
	t := catalog.TextSearchTemplate{Schema: q.Schema, Name: q.Name}
	parts := map[string]*catalog.QName{"init": &t.Init, "lexize": &t.Lexize}
	for _, d := range elems(n.GetDefinition()) {
		if f := parts[strings.ToLower(d.GetDefname())]; f != nil {
			if *f, err = in.definedFunction(d); err != nil {
				return err
			}
		}
	}
	return in.add(t, 0)
}

func (in *interpreter) createTextSearchDictionary(n *pg.DefineStmt) error {
	q, err := in.creationOf(n.GetDefnames())
	if err != nil {
		return err
	}
	d := catalog.TextSearchDictionary{Schema: q.Schema, Name: q.Name}
	var options []string
	for _, e := range elems(n.GetDefinition()) {
		if strings.EqualFold(e.GetDefname(), "template") {
			d.Template = in.textSearch(catalog.KindTextSearchTemplate, nameOf(e.GetArg()))
			continue
		}
		options = append(options, dictionaryOption(e))
	}
	d.Options = strings.Join(options, ", ")
	return in.putOwned(d)
}

// dictionaryOption writes an option as serialize_deflist does.
func dictionaryOption(d *pg.DefElem) string {
	value := constText(d.GetArg())
	switch {
	case d.GetArg().GetInteger() != nil || d.GetArg().GetFloat() != nil:
	default:
		value = catalog.QuoteLiteral(value)
	}
	return catalog.Quote(d.GetDefname()) + " = " + value
}

func (in *interpreter) alterTextSearchDictionary(n *pg.AlterTSDictionaryStmt) error {
	id, err := in.need(qualified(n.GetDictname()), 0, catalog.KindTextSearchDictionary)
	if err != nil {
		return err
	}
	d, ok := in.c.Get(id).(catalog.TextSearchDictionary)
	if !ok {
		return in.errorf(0, "%s is not the project's to change", id)
	}
	var options []string
	if d.Options != "" {
		options = strings.Split(d.Options, ", ")
	}
	for _, e := range elems(n.GetOptions()) {
		prefix := catalog.Quote(e.GetDefname()) + " = "
		options = slices.DeleteFunc(options, func(s string) bool { return strings.HasPrefix(s, prefix) })
		if e.GetArg() != nil {
			options = append(options, dictionaryOption(e))
		}
	}
	d.Options = strings.Join(options, ", ")
	in.put(d)
	return nil
}

func (in *interpreter) createTextSearchConfiguration(n *pg.DefineStmt) error {
	q, err := in.creationOf(n.GetDefnames())
	if err != nil {
		return err
	}
	c := catalog.TextSearchConfiguration{Schema: q.Schema, Name: q.Name}
	for _, d := range elems(n.GetDefinition()) {
		switch strings.ToLower(d.GetDefname()) {
		case "parser":
			c.Parser = in.textSearch(catalog.KindTextSearchParser, nameOf(d.GetArg()))
		case "copy":
			if err := in.copyConfiguration(&c, nameOf(d.GetArg()), d.GetLocation()); err != nil {
				return err
			}
		}
	}
	return in.putOwned(c)
}

func (in *interpreter) copyConfiguration(c *catalog.TextSearchConfiguration, from catalog.QName, loc int32) error {
	source := in.textSearch(catalog.KindTextSearchConfiguration, from)
	if o, ok := catalog.Find[catalog.TextSearchConfiguration](in.c, catalog.TextSearchConfiguration{Schema: source.Schema, Name: source.Name}.ID()); ok {
		c.Parser, c.Mappings = o.Parser, o.Mappings
		return nil
	}
	if source.Schema != "pg_catalog" {
		return in.missing(loc, "text search configuration %q", from)
	}
	c.Parser = catalog.QName{Schema: "pg_catalog", Name: "default"}
	c.Mappings = builtinMappings(source.Name)
	return nil
}

// builtinMappings are those of the configurations that come with PostgreSQL:
// words of letters go to the language's stemmer, the rest to simple.
func builtinMappings(name string) []catalog.TextSearchMapping {
	stem, ascii := name+"_stem", name+"_stem"
	switch name {
	case "simple":
		stem, ascii = "simple", "simple"
	case "russian":
		ascii = "english_stem"
	}
	var out []catalog.TextSearchMapping
	for _, token := range []string{
		"asciihword", "asciiword", "email", "file", "float", "host", "hword", "hword_asciipart", "hword_numpart", "hword_part",
		"int", "numhword", "numword", "sfloat", "uint", "url", "url_path", "version", "word",
	} {
		dict := "simple"
		switch token {
		case "asciihword", "asciiword", "hword_asciipart":
			dict = ascii
		case "hword", "hword_part", "word":
			dict = stem
		}
		out = append(out, catalog.TextSearchMapping{Token: token, Dictionaries: []catalog.QName{{Schema: "pg_catalog", Name: dict}}})
	}
	return out
}

func (in *interpreter) alterTextSearchConfiguration(n *pg.AlterTSConfigurationStmt) error {
	id, err := in.need(qualified(n.GetCfgname()), 0, catalog.KindTextSearchConfiguration)
	if err != nil {
		return err
	}
	c, ok := in.c.Get(id).(catalog.TextSearchConfiguration)
	if !ok {
		return in.errorf(0, "%s is not the project's to change", id)
	}
	var dicts []catalog.QName
	for _, d := range n.GetDicts() {
		dicts = append(dicts, in.textSearch(catalog.KindTextSearchDictionary, nameOf(d)))
	}
	tokens := strs(n.GetTokentype())
	var out []catalog.TextSearchMapping
	replacing := n.GetKind() == pg.AlterTSConfigType_ALTER_TSCONFIG_REPLACE_DICT || n.GetKind() == pg.AlterTSConfigType_ALTER_TSCONFIG_REPLACE_DICT_FOR_TOKEN
	for _, m := range c.Mappings {
		switch {
		case replacing && (len(tokens) == 0 || slices.Contains(tokens, m.Token)):
			m.Dictionaries = slices.Clone(m.Dictionaries)
			for i := range m.Dictionaries {
				if m.Dictionaries[i] == dicts[0] {
					m.Dictionaries[i] = dicts[1]
				}
			}
			out = append(out, m)
		case replacing || !slices.Contains(tokens, m.Token):
			out = append(out, m)
		case n.GetKind() == pg.AlterTSConfigType_ALTER_TSCONFIG_ADD_MAPPING:
			return in.errorf(0, "mapping for token type %q exists already", m.Token)
		}
	}
	if n.GetKind() == pg.AlterTSConfigType_ALTER_TSCONFIG_ADD_MAPPING || n.GetKind() == pg.AlterTSConfigType_ALTER_TSCONFIG_ALTER_MAPPING_FOR_TOKEN {
		for _, t := range tokens {
			out = append(out, catalog.TextSearchMapping{Token: t, Dictionaries: dicts})
		}
	}
	slices.SortFunc(out, func(a, b catalog.TextSearchMapping) int { return strings.Compare(a.Token, b.Token) })
	c.Mappings = out
	in.put(c)
	return nil
}
