package catalog

// TextSearchParser mirrors pg_ts_parser.
type TextSearchParser struct {
	Schema, Name                          string
	Start, Token, End, Headline, LexTypes QName
}

// ID identifies the parser by its name.
func (o TextSearchParser) ID() ID {
	return ID{Kind: KindTextSearchParser, Schema: o.Schema, Name: o.Name}
}

// TextSearchTemplate mirrors pg_ts_template.
type TextSearchTemplate struct {
	Schema, Name string
	Init, Lexize QName
}

// ID identifies the template by its name.
func (o TextSearchTemplate) ID() ID {
	return ID{Kind: KindTextSearchTemplate, Schema: o.Schema, Name: o.Name}
}

// TextSearchDictionary mirrors pg_ts_dict.
type TextSearchDictionary struct {
	Schema, Name string
	Template     QName
	Options      string // dictinitoption
}

// ID identifies the dictionary by its name.
func (o TextSearchDictionary) ID() ID {
	return ID{Kind: KindTextSearchDictionary, Schema: o.Schema, Name: o.Name}
}

// TextSearchConfiguration mirrors pg_ts_config with pg_ts_config_map.
type TextSearchConfiguration struct {
	Schema, Name string
	Parser       QName
	Mappings     []TextSearchMapping // sorted by token
}

// TextSearchMapping gives a token type its dictionaries, in order.
type TextSearchMapping struct {
	Token        string
	Dictionaries []QName
}

// ID identifies the configuration by its name.
func (o TextSearchConfiguration) ID() ID {
	return ID{Kind: KindTextSearchConfiguration, Schema: o.Schema, Name: o.Name}
}
