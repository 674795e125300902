package parser

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"bloom/catalog"
)

// A text that PostgreSQL prints of an expression is not known to the letter, but
// what names and literals it has is: those of the expression as it was written,
// and names of types and schemas, which are added to it.

var (
	oneWord    = regexp.MustCompile(`^%+([a-zA-Z_][a-zA-Z0-9_]*)%+$`)
	oneLiteral = regexp.MustCompile(`^%+('[a-zA-Z0-9_ -]*')%+$`)
)

// likely answers LIKE with one word or one literal for such a text.
func (r *run) likely(op string, err error, pattern any) (any, error) {
	var hidden *unknownError
	text, isText := pattern.(string)
	if !errors.As(err, &hidden) || hidden.text == "" || !isText || !strings.Contains(op, "~~") {
		return nil, plainly(err)
	}
	fold, not := strings.HasSuffix(op, "*"), op[0] == '!'
	m := oneWord.FindStringSubmatch(text)
	word := m != nil
	if !word {
		if m = oneLiteral.FindStringSubmatch(text); m == nil {
			return nil, plainly(err)
		}
	}
	in, part := hidden.text, m[1]
	if fold {
		in, part = strings.ToLower(in), strings.ToLower(part)
	}
	switch found := strings.Contains(in, part); {
	case found && !(word && mayGo(part)):
		return !not, nil
	case !found && (hidden.whole || !(word && r.mayCome(part))):
		return not, nil
	}
	return nil, plainly(err)
}

// plainly is the error without what may be known of the value that it stands for.
func plainly(err error) error {
	var hidden *unknownError
	if errors.As(err, &hidden) && (hidden.text != "" || hidden.notNull) {
		return &unknownError{what: hidden.what}
	}
	return err
}

// mayGo: keywords and operators are printed otherwise than they are written.
func mayGo(word string) bool {
	return slices.Contains([]string{"in", "between", "like", "ilike", "similar", "not", "is", "isnull", "cast", "as", "int", "bool", "decimal", "char", "float"}, strings.ToLower(word)) || len(word) < 3
}

// mayCome reports whether PostgreSQL may print a word that was not written.
func (r *run) mayCome(word string) bool {
	word = strings.ToLower(word)
	part := func(name string) bool { return strings.Contains(strings.ToLower(name), word) }
	for _, w := range []string{"any", "all", "array", "select", "from", "where", "collate", "pg_catalog", "coalesce", "case", "interval", "time zone", "without"} {
		if part(w) {
			return true
		}
	}
	for name := range internalTypes {
		if part(name) {
			return true
		}
	}
	for _, o := range r.objects(append(kinds(catalog.KindSchema), typeKinds...)) {
		id := o.ID()
		if id.Kind == catalog.KindSchema && part(id.Name) {
			return true
		}
		if _, name, kind := typtype(o); kind != "" && kind != "c" && part(name) {
			return true
		}
	}
	return false
}

// internalTypes are the names under which PostgreSQL prints its types in casts.
var internalTypes = map[string]bool{
	"text": true, "integer": true, "bigint": true, "smallint": true, "boolean": true, "numeric": true, "real": true, "double precision": true,
	"character varying": true, "character": true, "bpchar": true, "name": true, "uuid": true, "date": true, "timestamp": true, "json": true,
	"jsonb": true, "bytea": true, "inet": true, "regclass": true, "oid": true,
}
