package main

import (
	"fmt"
	"strings"
)

// The order of the fields of each kind; package builtin decodes them. The first two are the kind and the
// key of the lookup; the version field is put in after them.

// queries returns one text[] per row.
var queries = []string{types, functions, operators, casts, collations, ranges, opclasses, relations}

// schema is the name of the schema n, empty for pg_catalog; prefix is what stands before a name in it.
const (
	schema = `case when n.nspname = 'pg_catalog' then '' else n.nspname end`
	prefix = `case when n.nspname = 'pg_catalog' then '' else n.nspname || '.' end`
)

const schemas = `n.nspname !~ '^pg_(toast|temp)'`

// typeName is the name of the type whose oid is the expression, ” for none.
func typeName(oid string) string {
	return fmt.Sprintf(`coalesce((select %s || y.typname from pg_type y join pg_namespace n on n.oid = y.typnamespace where y.oid = %s), '')`, prefix, oid)
}

// typeNames is the names of an array of types, comma-separated.
func typeNames(oids string) string {
	return fmt.Sprintf(`coalesce((select string_agg(%s, ',' order by o) from unnest(%s) with ordinality u(x, o)), '')`, typeName("x"), oids)
}

func collationName(oid string) string {
	return fmt.Sprintf(`coalesce((select %s || k.collname from pg_collation k join pg_namespace n on n.oid = k.collnamespace where k.oid = %s), '')`, prefix, oid)
}

func yes(condition string) string { return "case when " + condition + " then 't' else '' end" }

// sql puts the fields into an array.
func sql(from string, fields ...string) string {
	return "select array[" + strings.Join(fields, ",\n") + "]::text[] " + from
}

var types = sql(`from pg_type t join pg_namespace n on n.oid = t.typnamespace where `+schemas,
	"'type'", "t.typname", schema,
	"t.typtype", "t.typcategory", yes("t.typispreferred"),
	typeName("t.typelem"),
	`case t.typsubscript::regproc::text when 'array_subscript_handler' then 'array' when 'raw_array_subscript_handler' then 'raw' when 'jsonb_subscript_handler' then 'jsonb' when '-' then '' else 'other' end`,
	typeName("t.typarray"), typeName("t.typbasetype"), "case when t.typtypmod >= 0 then t.typtypmod::text else '' end",
	yes("t.typnotnull"), collationName("t.typcollation"),
	"coalesce((select string_agg(enumlabel, ',' order by enumsortorder) from pg_enum where enumtypid = t.oid), '')")

var functions = sql(`from pg_proc p join pg_namespace n on n.oid = p.pronamespace left join pg_aggregate a on a.aggfnoid = p.oid where `+schemas,
	"'function'", "p.proname", schema,
	"p.prokind", typeNames("p.proargtypes"), typeName("p.prorettype"), yes("p.proretset"),
	typeName("p.provariadic"), "case when p.pronargdefaults > 0 then p.pronargdefaults::text else '' end",
	"p.provolatile", yes("p.proisstrict"),
	"coalesce(array_to_string(p.proargmodes, ''), '')", "coalesce(array_to_string(p.proargnames, ','), '')", typeNames("p.proallargtypes"),
	"case when a.aggkind is null or a.aggkind = 'n' then '' else a.aggkind::text || a.aggnumdirectargs::text end")

var operators = sql(`from pg_operator o join pg_namespace n on n.oid = o.oprnamespace join pg_proc p on p.oid = o.oprcode where `+schemas,
	"'operator'", "o.oprname", schema,
	typeName("o.oprleft"), typeName("o.oprright"), typeName("o.oprresult"),
	`(select `+prefix+` || p.proname from pg_namespace n where n.oid = p.pronamespace)`)

var casts = sql(`from pg_cast c join pg_type t on t.oid = c.castsource join pg_namespace n on n.oid = t.typnamespace left join pg_proc p on p.oid = c.castfunc`,
	"'cast'", "t.typname", schema, typeName("c.casttarget"), "c.castcontext", "c.castmethod",
	`coalesce((select `+prefix+` || p.proname from pg_namespace n where n.oid = p.pronamespace), '')`,
	"case when p.oid is null then '' else "+typeNames("p.proargtypes")+" end")

// Collations of the operating system and most of the hundreds of ICU locales depend on the server's
// build; those that are kept are written by hand in schema files.
var collations = sql(`from pg_collation k join pg_namespace n on n.oid = k.collnamespace
	where `+schemas+` and (k.collprovider not in ('i', 'c') or k.collname in ('C', 'POSIX', 'ucs_basic', 'unicode')
		or k.collname ~ '^(und|ar|cs|da|de|el|en|en-AU|en-CA|en-GB|en-US|es|fi|fr|he|hi|hu|id|it|ja|ko|nb|nl|pl|pt|pt-BR|ro|ru|sv|th|tr|uk|vi|zh)-x-icu$')`,
	"'collation'", "k.collname", schema, yes("not k.collisdeterministic"))

var ranges = sql(`from pg_range r join pg_type t on t.oid = r.rngtypid join pg_namespace n on n.oid = t.typnamespace`,
	"'range'", "t.typname", schema, typeName("r.rngsubtype"), typeName("r.rngmultitypid"), collationName("r.rngcollation"))

var opclasses = sql(`from pg_opclass c join pg_namespace n on n.oid = c.opcnamespace join pg_am a on a.oid = c.opcmethod where `+schemas,
	"'opclass'", "a.amname", "c.opcname", schema, typeName("c.opcintype"), yes("c.opcdefault"), typeName("c.opckeytype"))

var relations = sql(`from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'v', 'm', 'f', 'p', 'c') and `+schemas,
	"'relation'", "c.relname", schema, "c.relkind",
	`coalesce((select string_agg(rtrim(concat_ws('|', a.attname, `+typeName("a.atttypid")+`, `+yes("a.attnotnull")+`,
		case when a.atttypmod >= 0 then a.atttypmod::text else '' end,
		case when a.attcollation <> t.typcollation then `+collationName("a.attcollation")+` else '' end), '|'), ',' order by a.attnum)
		from pg_attribute a join pg_type t on t.oid = a.atttypid where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '')`)
