package lint

import (
	"regexp"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// nameRules are about names.
var nameRules = []*Rule{
	{
		Code: "NAME_TOO_LONG", Level: Error,
		What:      "a name of more than 63 bytes",
		Reason:    "PostgreSQL cuts it, and two that are cut may be the same",
		Fix:       "a shorter name",
		statement: tooLong,
	},
	{
		Code: "NAME_STYLE", Level: Note,
		What:      "a name that has to be written in quotes",
		Reason:    "capitals, blanks and the like need quotes wherever the name is used",
		Fix:       "a name in small letters, digits and _",
		statement: names(func(n string) bool { return !plainName.MatchString(n) }, "has to be written in quotes"),
	},
	{
		Code: "NAME_KEYWORD", Level: Note,
		What:      "a name that is a reserved word",
		Reason:    "it has to be written in quotes wherever it is used",
		Fix:       "another name",
		statement: names(func(n string) bool { return plainName.MatchString(n) && catalog.Quote(n) != n }, "is a reserved word"),
	},
	{
		Code: "NAME_UNQUALIFIED", Level: Note, Optional: true,
		What:      "a table made or altered by a name without its schema",
		Reason:    "where it is depends on the search_path of who runs the statement",
		Fix:       "write public.name",
		statement: unqualified,
	},
}

var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

func names(bad func(string) bool, what string) func(*statement, found) {
	return func(s *statement, report found) {
		n := s.Node()
		if r := n.GetCreateStmt().GetRelation(); r != nil && bad(r.GetRelname()) {
			report(s.At(r.GetLocation()), "table name %s %s", r.GetRelname(), what)
		}
		if r := n.GetViewStmt().GetView(); r != nil && bad(r.GetRelname()) {
			report(s.At(r.GetLocation()), "view name %s %s", r.GetRelname(), what)
		}
		if f := n.GetCreateFunctionStmt(); f != nil && bad(last(f.GetFuncname())) {
			report(s.Pos, "function name %s %s", last(f.GetFuncname()), what)
		}
		if i := n.GetIndexStmt(); i.GetIdxname() != "" && bad(i.GetIdxname()) {
			report(s.Pos, "index name %s %s", i.GetIdxname(), what)
		}
		for _, c := range s.columns() {
			if bad(c.name) {
				report(s.At(c.location), "column name %s.%s %s", c.table, c.name, what)
			}
		}
	}
}

var longName = regexp.MustCompile(`[\p{L}_][\p{L}\p{N}_$]{40,}|"[^"]{40,}"`)

// tooLong looks at the text: the parser cuts names as PostgreSQL does.
func tooLong(s *statement, report found) {
	if !longName.MatchString(s.Text) {
		return
	}
	tokens, err := pg.Scan(s.Text)
	if err != nil {
		return
	}
	for _, t := range tokens.GetTokens() {
		name := strings.Trim(s.Text[t.GetStart():t.GetEnd()], `"`)
		if t.GetToken() == pg.Token_IDENT && len(name) > 63 {
			report(s.At(t.GetStart()), "%s is longer than 63 bytes and is cut", name)
		}
	}
}

func unqualified(s *statement, report found) {
	n := s.Node()
	for _, r := range []*pg.RangeVar{n.GetCreateStmt().GetRelation(), n.GetAlterTableStmt().GetRelation(), n.GetViewStmt().GetView(), n.GetIndexStmt().GetRelation()} {
		if r != nil && r.GetSchemaname() == "" && r.GetRelpersistence() != "t" {
			report(s.At(r.GetLocation()), "%s is named without its schema", r.GetRelname())
		}
	}
}
