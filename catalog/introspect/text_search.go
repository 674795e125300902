package introspect

import (
	"slices"
	"strings"

	"bloom/catalog"
)

var textSearchParsers = query[textSearchParserRow]{name: "text search parsers", sql: `
select oid, prsname, prsnamespace, prsstart::oid, prstoken::oid, prsend::oid, prsheadline::oid, prslextype::oid from pg_ts_parser`,
	add: (*loader).addTextSearchParser}

type textSearchParserRow struct {
	OID                                   oid
	Name                                  string
	Schema                                oid
	Start, Token, End, Headline, LexTypes oid
}

func (l *loader) addTextSearchParser(r textSearchParserRow) error {
	at := ref{pgTSParser, r.OID}
	s, o, ok := l.locate(at, r.Schema)
	l.textSearch[r.OID] = catalog.QName{Schema: s.name, Name: r.Name}
	if r.OID < firstUser || !ok {
		return nil
	}
	o = l.define(at, o, catalog.TextSearchParser{
		Schema: s.name, Name: r.Name, Start: l.routines[r.Start].QName, Token: l.routines[r.Token].QName, End: l.routines[r.End].QName,
		Headline: l.routines[r.Headline].QName, LexTypes: l.routines[r.LexTypes].QName,
	})
	l.needSchema(o, s.name)
	return nil
}

var textSearchTemplates = query[textSearchTemplateRow]{name: "text search templates", sql: `
select oid, tmplname, tmplnamespace, tmplinit::oid, tmpllexize::oid from pg_ts_template`,
	add: (*loader).addTextSearchTemplate}

type textSearchTemplateRow struct {
	OID          oid
	Name         string
	Schema       oid
	Init, Lexize oid
}

func (l *loader) addTextSearchTemplate(r textSearchTemplateRow) error {
	at := ref{pgTSTemplate, r.OID}
	s, o, ok := l.locate(at, r.Schema)
	l.textSearch[r.OID] = catalog.QName{Schema: s.name, Name: r.Name}
	if r.OID < firstUser || !ok {
		return nil
	}
	o = l.define(at, o, catalog.TextSearchTemplate{Schema: s.name, Name: r.Name, Init: l.routines[r.Init].QName, Lexize: l.routines[r.Lexize].QName})
	l.needSchema(o, s.name)
	return nil
}

var textSearchDictionaries = query[textSearchDictionaryRow]{name: "text search dictionaries", sql: `
select oid, dictname, dictnamespace, dictowner, dicttemplate, dictinitoption from pg_ts_dict`,
	add: (*loader).addTextSearchDictionary}

type textSearchDictionaryRow struct {
	OID                     oid
	Name                    string
	Schema, Owner, Template oid
	Options                 string
}

func (l *loader) addTextSearchDictionary(r textSearchDictionaryRow) error {
	at := ref{pgTSDict, r.OID}
	s, o, ok := l.locate(at, r.Schema)
	l.textSearch[r.OID] = catalog.QName{Schema: s.name, Name: r.Name}
	if r.OID < firstUser || !ok {
		return nil
	}
	o = l.define(at, o, catalog.TextSearchDictionary{Schema: s.name, Name: r.Name, Template: l.textSearch[r.Template], Options: r.Options})
	l.own(o, r.Owner)
	l.needSchema(o, s.name)
	return nil
}

var textSearchConfigurations = query[textSearchConfigurationRow]{name: "text search configurations", sql: `
select oid, cfgname, cfgnamespace, cfgowner, cfgparser from pg_ts_config where oid >= 16384`,
	add: (*loader).addTextSearchConfiguration}

type textSearchConfigurationRow struct {
	OID                   oid
	Name                  string
	Schema, Owner, Parser oid
}

func (l *loader) addTextSearchConfiguration(r textSearchConfigurationRow) error {
	at := ref{pgTSConfig, r.OID}
	s, o, ok := l.locate(at, r.Schema)
	if !ok {
		return nil
	}
	c := &catalog.TextSearchConfiguration{Schema: s.name, Name: r.Name, Parser: l.textSearch[r.Parser]}
	l.configs[r.OID] = c
	o = l.define(at, o, *c)
	l.own(o, r.Owner)
	l.needSchema(o, s.name)
	return nil
}

var textSearchMappings = query[textSearchMappingRow]{name: "text search mappings", sql: `
select m.mapcfg, t.alias, array_agg(m.mapdict order by m.mapseqno)
from pg_ts_config c, ts_token_type(c.cfgparser) t, pg_ts_config_map m
where c.oid >= 16384 and m.mapcfg = c.oid and m.maptokentype = t.tokid group by 1, 2`,
	add: (*loader).addTextSearchMapping}

type textSearchMappingRow struct {
	Configuration oid
	Token         string
	Dictionaries  []oid
}

func (l *loader) addTextSearchMapping(r textSearchMappingRow) error {
	c := l.configs[r.Configuration]
	if c == nil {
		return nil
	}
	m := catalog.TextSearchMapping{Token: r.Token}
	for _, d := range r.Dictionaries {
		m.Dictionaries = append(m.Dictionaries, l.textSearch[d])
	}
	c.Mappings = append(c.Mappings, m)
	return nil
}

func (l *loader) putTextSearchConfigurations() {
	for id, c := range l.configs {
		slices.SortFunc(c.Mappings, func(a, b catalog.TextSearchMapping) int { return strings.Compare(a.Token, b.Token) })
		l.put(l.objects[ref{pgTSConfig, id}].base, *c)
	}
}
