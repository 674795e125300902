package printed

import (
	"strconv"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// typeName reads the name of a type as format_type writes it.
func (r *reader) typeName() *pg.TypeName {
	t := &pg.TypeName{Location: r.here(), Typemod: -1}
	var ok bool
	if w := r.tokens[r.i]; w.kind == name && ownSyntax[w.text] != "" {
		ok = r.ownSyntax(t, w.text)
	} else {
		t.Names = r.path()
		ok = t.Names != nil && r.modifiers(t)
	}
	if !ok {
		return nil
	}
	for r.take(openIndex) {
		if !r.take(closeIndex) {
			return nil
		}
		t.ArrayBounds = append(t.ArrayBounds, integer(-1))
	}
	return t
}

// ownSyntax are the words with which the types begin that have a grammar rule of their own, and what the catalog calls them.
var ownSyntax = map[string]string{
	"bigint": "int8", "boolean": "bool", "character": "varchar", "double": "float8", "integer": "int4", "interval": "interval",
	"numeric": "numeric", "real": "float4", "smallint": "int2", "time": "time", "timestamp": "timestamp",
}

// ownSyntax reads a type that begins with such a word.
func (r *reader) ownSyntax(t *pg.TypeName, word string) bool {
	r.i++
	t.Names = names("pg_catalog", ownSyntax[word])
	switch word {
	case "numeric":
		return r.modifiers(t)
	case "character":
		return r.takeWords("varying") && r.modifiers(t)
	case "double":
		return r.takeWords("precision")
	case "interval":
		next := r.tokens[r.i]
		return next.kind != open && (next.kind != name || !intervalFields[next.text])
	case "time", "timestamp":
		if !r.modifiers(t) {
			return false
		}
		if r.takeWords("with", "time", "zone") {
			t.Names = names("pg_catalog", ownSyntax[word]+"tz")
			return true
		}
		return r.takeWords("without", "time", "zone")
	}
	return true
}

var intervalFields = wordSet("year month day hour minute second")

// modifiers reads (10,2) if there is such a thing.
func (r *reader) modifiers(t *pg.TypeName) bool {
	if !r.take(open) {
		return true
	}
	for {
		n := r.next()
		i, err := strconv.ParseInt(n.text, 10, 32)
		if n.kind != number || err != nil {
			return false
		}
		t.Typmods = append(t.Typmods, intConst(int32(i), n.at))
		if r.take(closed) {
			return true
		}
		if !r.take(comma) {
			return false
		}
	}
}
