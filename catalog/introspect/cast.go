package introspect

import "bloom/catalog"

var casts = query[castRow]{name: "casts", sql: `
select oid, castsource, casttarget, castfunc, castcontext, castmethod,
       exists (select from pg_depend d where d.classid = 'pg_cast'::regclass and d.objid = c.oid and d.deptype = 'i')
from pg_cast c where oid >= 16384`,
	add: (*loader).addCast}

type castRow struct {
	OID, Source, Target, Function oid
	Context, Method               string
	Internal                      bool // a range type brought it
}

func (l *loader) addCast(r castRow) error {
	at := ref{pgCast, r.OID}
	o := object{extension: l.members[at]}
	o.base = o.extension != 0 || r.Internal
	f := l.routines[r.Function]
	l.define(at, o, catalog.Cast{
		Source: l.typeText(r.Source), Target: l.typeText(r.Target), Context: word(r.Context, "e", "explicit", "a", "assignment", "i", "implicit"),
		Method: word(r.Method, "f", "function", "i", "inout", "b", "binary"), Function: f.QName, FunctionArgs: f.args,
	})
	return nil
}

var conversions = query[conversionRow]{name: "conversions", sql: `
select oid, conname, connamespace, conowner, pg_encoding_to_char(conforencoding)::text, pg_encoding_to_char(contoencoding)::text, conproc::oid, condefault
from pg_conversion where oid >= 16384`,
	add: (*loader).addConversion}

type conversionRow struct {
	OID           oid
	Name          string
	Schema, Owner oid
	From, To      string
	Function      oid
	Default       bool
}

func (l *loader) addConversion(r conversionRow) error {
	at := ref{pgConversion, r.OID}
	s, o, ok := l.locate(at, r.Schema)
	if !ok {
		return nil
	}
	o = l.define(at, o, catalog.Conversion{Schema: s.name, Name: r.Name, From: r.From, To: r.To, Function: l.routines[r.Function].QName, Default: r.Default})
	l.own(o, r.Owner)
	l.needSchema(o, s.name)
	return nil
}
