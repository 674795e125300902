package introspect

import "bloom/catalog"

var collations = query[collationRow]{name: "collations", sql: `
select c.oid, c.collname, c.collnamespace, c.collowner, c.collprovider, c.collisdeterministic,
       c.collcollate, c.collctype, {collation.locale}, {collation.rules}
from pg_collation c`,
	add: (*loader).addCollation}

type collationRow struct {
	OID                           oid
	Name                          string
	Schema, Owner                 oid
	Provider                      string
	Deterministic                 bool
	Collate, CType, Locale, Rules string
}

func (l *loader) addCollation(r collationRow) error {
	at := ref{pgCollation, r.OID}
	s, o, ok := l.locate(at, r.Schema)
	l.collations[r.OID] = catalog.QName{Schema: s.name, Name: r.Name}
	if !ok || s.name == "pg_catalog" { // initdb imports those of the system
		return nil
	}
	o = l.define(at, o, catalog.Collation{
		Schema: s.name, Name: r.Name, Provider: word(r.Provider, "c", "libc", "i", "icu", "b", "builtin", "d", "default"),
		Deterministic: r.Deterministic, LCCollate: r.Collate, CType: r.CType, Locale: r.Locale, Rules: r.Rules,
	})
	l.own(o, r.Owner)
	l.needSchema(o, s.name)
	return nil
}

// collationOf is the collation unless it is the one that is had anyway.
func (l *loader) collationOf(collation, usual oid) catalog.QName {
	if collation == usual {
		return catalog.QName{}
	}
	return l.collations[collation]
}

// word translates a code of a catalog: pairs are code and word. A code that a
// newer major brings stays as it is.
func word(code string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] == code {
			return pairs[i+1]
		}
	}
	return code
}
