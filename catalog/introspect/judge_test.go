package introspect

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"bloom/catalog"
	"bloom/parser/analyze"
	"bloom/supabase/server/servertest"
)

// judged is one place that expressions stand in, with different ones for it.
type judged struct {
	name  string
	since int // major
	// make is the statements that make the object, %[1]s its name and %[2]s the text.
	make string
	// id is that of the object.
	id   func(name string) catalog.ID
	path string
	// texts are expressions that mean different things.
	texts []string
	// equal are, by text, other ways to say the same.
	equal map[string][]string
}

const judgeSetup = `
create schema app;
create type app.st as enum ('a', 'b');
create domain app.code as varchar(8);
create function app.f(int) returns int immutable language sql as 'select $1';
create function app.g() returns text language sql as 'select 1::text';
create function app.uid() returns uuid stable language sql as 'select null::uuid';
create function app.tf() returns trigger language plpgsql as 'begin return new; end';
grant usage on schema app to public;
create sequence app.sq;
create table app.t (id int primary key, i int, big bigint, n numeric(10,2), s text, v varchar(20), c char(5), b bool,
  ts timestamptz, t0 timestamp, tm time, d date, iv interval, j jsonb, u uuid, e app.st, a int[], ta text[], ip inet, m money, x float8, "Odd Name" text, r int4range);
create table app.o (id int primary key, t_id int, name text, v varchar(20), "key" text);
create publication pub;
`

func tableID(kind catalog.Kind, table string) func(string) catalog.ID {
	return func(name string) catalog.ID { return catalog.ID{Kind: kind, Schema: "app", Table: table, Name: name} }
}

func ownTable(kind catalog.Kind) func(string) catalog.ID {
	return func(name string) catalog.ID { return catalog.ID{Kind: kind, Schema: "app", Table: name, Name: "c"} }
}

func schemaID(kind catalog.Kind, args string) func(string) catalog.ID {
	return func(name string) catalog.ID { return catalog.ID{Kind: kind, Schema: "app", Name: name, Args: args} }
}

func defaultsOf(typ string, texts ...string) judged {
	return judged{
		name: "default of " + typ, make: "create table app.%[1]s (c " + typ + " default (%[2]s))",
		id: ownTable(catalog.KindDefault), path: "Expr", texts: texts,
	}
}

var conditions = []string{
	"s in ('a','b')", "s in ('a')", "s not in ('a','b')", "v in ('a','b')", "e in ('a','b')", "e = 'a'", "i between 1 and 10",
	"i not between 1 and 10", "i between 1 and 10 and b", "i between symmetric 1 and 10", "s like 'a%%'", "s not like 'a%%'", "s ilike 'a%%'", "s ~ '^a'", "s ~ '^b'", "s similar to 'a%%'",
	"i <> 1", "not b", "b", "b = true", "b is true", "i is not null", "(i > 1) and (big > 2) or b", "(i > 1) and ((big > 2) or b)",
	"i > -1", "i > 1", "i >= 1", "n > 0", "n > 0.5", "n > 0.50", "x > 1", "big > 0", "tm >= '09:00'", "d >= '2020-01-01'", "d >= '2020-01-02'",
	"ts > now() - interval '1 day'", "ts > now() - interval '24 hours'", "t0 < current_timestamp", "t0 < localtimestamp", "coalesce(i,0) > 0", "nullif(i,0) is null",
	"case when b then i else 0 end > 0", "case when b then i end > 0", "length(s) > 3", "char_length(s) > 3", "s = lower(s)", "upper(v) = v", "v = upper(v)",
	"substring(s from 1 for 3) = 'abc'", "position('a' in s) > 0", "trim(s) <> ''", "trim(both 'x' from s) <> ''",
	"extract(year from d) > 2000", "extract(month from d) > 2000", "ts at time zone 'UTC' > t0", "i::text = s", "i::varchar = s", "i::varchar(3) = s",
	"s = 'x'", "s = 'x '", "s = E'x\\n'", "array_length(a,1) > 0", "a @> array[1]", "a @> array[1,2]", "'x' = any(ta)", "'x' = all(ta)", "i = any('{1,2}')", "i in (1,2,3)",
	"j->>'k' = 'v'", "j->'k' = '\"v\"'", "j ? 'k'", "(j->>'n')::int > 0", "(j->>'n')::bigint > 0", "ip << '10.0.0.0/8'", "app.f(i) > 0", "i is distinct from 1", "i is not distinct from 1",
	"greatest(i,1) > 0", "least(i,1) > 0", "(i,big) = (1,2)", "row(i,big) is not null", "s || 'x' <> 'ax'", "i %% 2 = 0", "i ^ 2 > 0", "b and not b", "b or not b",
	`s collate "C" > 'a'`, "s > 'a'", "overlay(s placing 'x' from 1) = 'x'", "m > 0::money", `"Odd Name" = 'x'`, "r @> 1", "r && '[1,2)'", "a[1] = 1", "a[2] = 1", "a[1:2] = '{1}'",
	"v::text = 'a'", "v = 'a'", "v::varchar = 'a'", "c = 'a'", "c::text = 'a'", "iv > '1 day'", "u = '00000000-0000-0000-0000-000000000001'", "s is null or length(s) = any (array[1,2])",
	"t.* is not null", "t.s = 'y'", "ts > '2020-01-01 00:00:00+00'", "i + 1 > big", "(i + 1) * 2 > 3", "i + 1 * 2 > 3",
}

// formsOfCalls are pairs of the two ways in which one function can be called. The server prints each as it was written.
var formsOfCalls = []string{
	"ts at time zone 'utc' > t0", "timezone('utc', ts) > t0", "extract(year from d) > 2000", "pg_catalog.extract('year', d) > 2000", "overlay(s placing 'x' from 1) = 'x'", "overlay(s, 'x', 1) = 'x'",
	"position('a' in s) > 0", "pg_catalog.position(s, 'a') > 0", "substring(s from 1 for 3) = 'abc'", "substring(s, 1, 3) = 'abc'", "substring(s from 'b') = 'b'", "substring(s, 'b') = 'b'", "substring(s similar 'b' escape '#') = 'b'", "substring(s, 'b', '#') = 'b'",
	"trim(s) <> ''", "btrim(s) <> ''", "trim(both 'x' from s) <> ''", "btrim(s, 'x') <> ''", "trim(leading from s) <> ''", "ltrim(s) <> ''", "trim(trailing from s) <> ''", "rtrim(s) <> ''",
	"normalize(s, nfd) = s", "pg_catalog.normalize(s, 'NFD') = s", "s is nfc normalized", "pg_catalog.is_normalized(s, 'NFC')", "(d, d) overlaps (d, d)", `pg_catalog."overlaps"(d, d, d, d)`,
	"collation for (s) = 'x'", "pg_catalog.pg_collation_for(s) = 'x'", "xmlexists('x' passing (s::xml))", "pg_catalog.xmlexists('x', s::xml)",
}

var sameConditions = map[string][]string{
	"s in ('a','b')": {"s = any (array['a','b'])", "s = ANY (ARRAY['a'::text, 'b'::text])", "(((s IN ('a', 'b'))))", "app.t.s in ('a','b') -- remark"},
	"v in ('a','b')": {
		"(v)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])",
		"(v)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])",
	},
	"i <> 1":                      {"i != 1", "i <> cast(1 as integer)"},
	"i between 1 and 10":          {"i >= 1 and i <= 10"},
	"i between 1 and 10 and b":    {"i >= 1 and i <= 10 and b", "i >= 1 and (i <= 10 and b)"},
	"s like 'a%%'":                {"s ~~ 'a%%'"},
	"s ilike 'a%%'":               {"s ~~* 'a%%'"},
	"length(s) > 3":               {"pg_catalog.length(s) > 3", "length(s) OPERATOR(pg_catalog.>) 3"},
	"i is distinct from 1":        {"(i is distinct from 1)"},
	"i is not distinct from 1":    {"not (i is distinct from 1)"},
	"a @> array[1]":               {"a @> array[1]::int[]"},
	"case when b then i end > 0":  {"case when b then i else null end > 0"},
	"e = 'a'":                     {"e = 'a'::app.st"},
	"extract(year from d) > 2000": {"extract('year' from d) > 2000"},
}

var subSelects = []string{
	"(select app.uid()) = u", "app.uid() = u", "exists (select 1 from app.o where o.t_id = t.id and name = 'x')", "exists (select 1 from app.o where o.t_id = t.id and name = 'y')",
	"exists (select 1 from app.o where o.t_id = t.i)", "id in (select t_id from app.o where name = 'x')", "id in (select t_id from app.o where v = 'x')", "id in (select o.id from app.o where name = 'x')",
	"exists (select 1 from app.o oo join app.t tt on tt.id = oo.t_id where oo.name = t.s)", "exists (select 1 from app.o oo left join app.t tt on tt.id = oo.t_id where oo.name = t.s)",
	"i > (select count(*) from app.o)", "s = any (select name from app.o)", "array(select id from app.o) @> a", "v in ('a','b') and exists (select 1 from app.o where o.v in ('c','d'))",
	"(with w as (select 1 as k) select k from w) = i", "exists (select 1 from unnest(ta) q where q = t.s)", "true", "false", "current_user = 'x'",
}

var judgedPlaces = []judged{
	{
		name: "check", make: "alter table app.t add constraint %[1]s check (%[2]s)",
		id: tableID(catalog.KindConstraint, "t"), path: "Check", texts: conditions, equal: sameConditions,
	},
	{
		name: "forms of calls", make: "alter table app.t add constraint %[1]s check (%[2]s)",
		id: tableID(catalog.KindConstraint, "t"), path: "Check", texts: formsOfCalls, equal: map[string][]string{
			"ts at time zone 'utc' > t0":  {"((ts AT TIME ZONE 'utc'::text) > t0)"},
			"timezone('utc', ts) > t0":    {"(timezone('utc'::text, ts) > t0)"},
			"trim(s) <> ''":               {"(TRIM(BOTH FROM s) <> ''::text)"},
			"substring(s from 'b') = 'b'": {`("substring"(s, 'b'::text) = 'b'::text)`},
		},
	},
	{
		name: "policy using", make: "create policy %[1]s on app.t using (%[2]s)",
		id: tableID(catalog.KindPolicy, "t"), path: "Using", texts: append(subSelects, conditions[:20]...), equal: map[string][]string{
			"exists (select 1 from app.o where o.t_id = t.id and name = 'x')": {
				"exists (select 1 from app.o where (o.t_id = t.id and o.name = 'x'::text))", "exists (select 1 from app.o k where k.t_id = t.id and k.name = 'x')",
				"EXISTS ( SELECT 1 FROM app.o WHERE ((o.t_id = t.id) AND (o.name = 'x'::text)))",
			},
			"id in (select t_id from app.o where name = 'x')": {"id = any (select t_id from app.o where name = 'x')", "(id IN ( SELECT o.t_id FROM app.o WHERE (o.name = 'x'::text)))"},
		},
	},
	{
		name: "policy with check", make: "create policy %[1]s on app.t for insert with check (%[2]s)",
		id: tableID(catalog.KindPolicy, "t"), path: "WithCheck", texts: subSelects,
	},
	{
		name: "index expression", make: "create index %[1]s on app.t (id, (%[2]s))",
		id: tableID(catalog.KindIndex, "t"), path: "Elements[1].Expr",
		texts: []string{"lower(s)", "upper(s)", "i + 1", "i + 2", "j->>'k'", "(j->>'k')::int", "coalesce(s, 'x')", "coalesce(v, 'x')", "date_trunc('day', t0)", "lower(v)", "s || 'x'", "(i > 0)", "md5(s)", `lower("Odd Name")`},
		equal: map[string][]string{"lower(s)": {"pg_catalog.lower(s)", "lower(t.s)"}, "j->>'k'": {"(j ->> 'k'::text)"}},
	},
	{
		name: "second index expression", make: "create index %[1]s on app.t ((i * 7), id, (%[2]s))",
		id: tableID(catalog.KindIndex, "t"), path: "Elements[2].Expr", texts: []string{"lower(s)", "i * 7", "i * 8"},
	},
	{
		name: "index predicate", make: "create index %[1]s on app.t (id) where %[2]s",
		id: tableID(catalog.KindIndex, "t"), path: "Predicate",
		texts: []string{"v in ('a','b') and i > 0", "b", "not b", "s is not null and n > 0 or e='a'", "i > 0", "i > 1", "not b and (i>1 and (i<5 and big>2))", "ts > '2020-01-01 00:00:00+00'"},
		equal: map[string][]string{"not b and (i>1 and (i<5 and big>2))": {"not b and i>1 and i<5 and big>2"}},
	},
	{
		name: "exclusion element", make: "alter table app.t add constraint %[1]s exclude using gist ((%[2]s) with &&)",
		id: tableID(catalog.KindConstraint, "t"), path: "Elements[0].IndexElement.Expr", texts: []string{"int4range(i, i + 1)", "int4range(i, i + 2)", "int4range(i, i + 1, '[]')", "r * r"},
	},
	{
		name: "exclusion predicate", make: "alter table app.t add constraint %[1]s exclude using gist (r with &&) where (%[2]s)",
		id: tableID(catalog.KindConstraint, "t"), path: "Predicate", texts: []string{"i > 0", "b", "v in ('a','b')"},
	},
	{
		name: "trigger when", make: "create trigger %[1]s before update on app.t for each row when (%[2]s) execute function app.tf()",
		id: tableID(catalog.KindTrigger, "t"), path: "When",
		texts: []string{"old.s is distinct from new.s", "new.s is distinct from old.s", "old.s is distinct from new.s and new.i > 0", "old.* is distinct from new.*", "new.i > 0", "old.i > 0", "new.v in ('a','b')", "pg_trigger_depth() = 0", "pg_trigger_depth() < 1"},
		equal: map[string][]string{"new.v in ('a','b')": {"NEW.v in ('a','b')", "(new.v)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])"}},
	},
	{
		name: "generated int", make: "create table app.%[1]s (a int, b int, s text, c int generated always as (%[2]s) stored)",
		id: ownTable(catalog.KindColumn), path: "Generated", texts: []string{"a * 2", "a + b", "b + a", "length(s)", "a * 2.5", "(a * 2.5)::int", "case when a > 0 then 1 else 0 end"},
		equal: map[string][]string{"a * 2.5": {"((a)::numeric * 2.5)"}},
	},
	{
		name: "generated varchar", make: "create table app.%[1]s (s text, v varchar(10), c varchar(5) generated always as (%[2]s) stored)",
		id: ownTable(catalog.KindColumn), path: "Generated", texts: []string{"upper(s)", "upper(s)::varchar(5)", "upper(s)::varchar(4)", "v", "v::text", "s || '-' || v", "'x'"},
	},
	defaultsOf("text", "'x'", "'y'", "current_user", "'it''s'", "app.g()", "E'a\\nb'", "upper('x')", "now()", "1"),
	defaultsOf("varchar(5)", "'x'", "upper('x')", "upper('x')::varchar(5)", "'x'::varchar(3)", "current_user", "current_user::text", "current_user::varchar(5)"),
	defaultsOf("int", "-1", "1", "1+1", "2", "nextval('app.sq')", "1.5", "'7'", "app.f(1)", "(random() * 10)", "(random() * 10)::int"),
	defaultsOf("bigint", "0", "0::bigint", "5000000000", "nextval('app.sq')", "app.f(1)", "app.f(1)::bigint", "app.f(1)::numeric", "app.f(1)::numeric::bigint"),
	defaultsOf("numeric(5,2)", "0", "1.234", "1.23", "0.0"),
	defaultsOf("bool", "true", "false", "1 = 1"),
	defaultsOf("timestamptz", "now()", "clock_timestamp()", "current_timestamp", "'2020-01-01 00:00:00+00'", "now() + interval '1 day'", "current_timestamp(3)"),
	defaultsOf("timestamp(0)", "now()", "now() at time zone 'utc'", "localtimestamp", "now()::timestamp", "now()::timestamp(0)"),
	defaultsOf("date", "current_date", "now()", "'2020-01-01'"),
	defaultsOf("jsonb", "'{}'", "'[]'", `'{"a": 1}'`, "jsonb_build_object('a', 1)"),
	defaultsOf("text[]", "'{}'", "array['a']", "array['a','b']", "array['a'::varchar]", "array['a'::varchar]::text[]"),
	defaultsOf("int[]", "array[1,2]", "'{1,2,3}'", "array[]::int[]"),
	defaultsOf("uuid", "gen_random_uuid()", "app.uid()", "'00000000-0000-0000-0000-000000000001'"),
	defaultsOf("app.st", "'a'", "'b'"),
	defaultsOf("app.code", "'x'", "'y'", "upper('x')"),
	defaultsOf("interval", "'1 day'", "'24 hours'", "'1 month'"),
	defaultsOf("char(3)", "'a'", "'b'"),
	defaultsOf("bit(3)", "b'101'", "b'111'"),
	{
		name: "domain check", make: "create domain app.%[1]s as varchar(9) check (%[2]s)",
		id: func(name string) catalog.ID {
			return catalog.ID{Kind: catalog.KindDomainConstraint, Schema: "app", Table: name, Name: name + "_check"}
		},
		path: "Check", texts: []string{"value ~ '^a'", "value ~ '^b'", "value ~ '^a' and length(value) < 5", "value in ('a','b')", "value is not null", "length(value) > 0", "value > 'a'"},
		equal: map[string][]string{"value ~ '^a'": {"VALUE::text ~ '^a'::text"}, "value in ('a','b')": {"VALUE = any (array['a'::varchar, 'b'])"}},
	},
	{
		name: "domain default", make: "create domain app.%[1]s as int default %[2]s", id: schemaID(catalog.KindDomain, ""), path: "Default",
		texts: []string{"1", "1.5", "2", "1 + 1", "nextval('app.sq')"},
	},
	{
		name: "domain default text", make: "create domain app.%[1]s as text default %[2]s", id: schemaID(catalog.KindDomain, ""), path: "Default",
		texts: []string{"'x'", "'y'", "current_user", "upper('x')"},
	},
	{
		name: "argument default", make: "create function app.%[1]s(a int, b int default %[2]s, out r int, c numeric(5,2) default 3) language sql as 'select 1'",
		id: schemaID(catalog.KindRoutine, "integer, integer, numeric"), path: "Params[1].Default", texts: []string{"1", "2", "1 + 1", "1.5", "'1'", "app.f(1)"},
	},
	{
		name: "second argument default", make: "create function app.%[1]s(a int default 5, b text default %[2]s) returns int language sql as 'select 1'",
		id: schemaID(catalog.KindRoutine, "integer, text"), path: "Params[1].Default", texts: []string{"'x'", "'5'", "5", "null", "current_user"},
	},
	{
		name: "return", make: "create function app.%[1]s(p int, q text) returns bigint language sql %[2]s", id: schemaID(catalog.KindRoutine, "integer, text"), path: "SQLBody",
		texts: []string{"return p + 1", "RETURN p + 2", "return length(q)", "return (select count(*) from app.t where t.i = p)", "return (select max(t.big) from app.t)"},
	},
	{
		name: "begin atomic", make: "create function app.%[1]s(p int, q text) returns bigint language sql %[2]s", id: schemaID(catalog.KindRoutine, "integer, text"), path: "SQLBody",
		texts: []string{"BEGIN ATOMIC SELECT p + 1; END", "begin atomic select count(*) from app.t where t.i = p and s = q; end", "begin atomic select count(*) from app.t where t.i = p or s = q; end"},
	},
	{
		name: "publication filter", make: "create table app.%[1]s (id int primary key, s text, v varchar(3)); alter publication pub add table app.%[1]s where (%[2]s)",
		id: func(name string) catalog.ID {
			return catalog.ID{Kind: catalog.KindPublicationTable, Schema: "app", Table: name, Role: "pub"}
		},
		path: "Where", texts: []string{"id > 1", "id > 2", "s = 'x'", "s = 'y'"},
	},
	{
		name: "statistics", make: "create statistics app.%[1]s on (%[2]s), (i + 99) from app.t", id: schemaID(catalog.KindStatistics, ""), path: "Exprs[0].Expr",
		texts: []string{"lower(s)", "upper(s)", "i + 1", "date_trunc('day', t0)"},
	},
	{
		name: "partition key expression", make: "create table app.%[1]s (s text, i int) partition by range (i, (%[2]s))", id: schemaID(catalog.KindTable, ""), path: "PartitionBy.Elements[1].Expr",
		texts: []string{"lower(s)", "upper(s)", "i + 1", "i + 2"},
	},
	{
		name: "view", make: "create view app.%[1]s as %[2]s", id: schemaID(catalog.KindView, ""), path: "Query",
		texts: []string{
			"select * from app.t", "select id from app.t", "select id as k from app.t", `select id as "K k" from app.t`, "select distinct id from app.t", "select id from only app.t", "select id from app.t where s in ('a','b')", "select id from app.t where v in ('a','b')",
			"select id from app.t order by id", "select id from app.t order by id desc", "select id from app.t limit 5", "select id from app.t limit 6", "select id from app.t limit 6::bigint", "values (1, 2.5), (3.5, 4)", "values (1::numeric, 2.5), (3.5, 4)", "select id from app.t offset 5", "select count(*) from app.o", "select count(id) from app.o",
			"select t.id, o.name from app.t join app.o on o.t_id = t.id", "select t.id, o.name from app.t left join app.o on o.t_id = t.id", "select t.id, o.name from app.t join app.o on o.t_id = t.i",
			"with q as (select t_id, count(*) c from app.o group by 1) select t.id, q.c from app.t join q on q.t_id = t.id order by 2 desc limit 5", "select id, row_number() over (partition by s order by id) rn from app.t",
			"select id, row_number() over (partition by s order by id desc) rn from app.t", "select distinct on (s) * from app.t order by s, id", "select id from app.t union all select id from app.o", "select id from app.t union select id from app.o",
			"select j->>'a' as a, coalesce(n,0) n, case when b then 1 else 2 end k from app.t where ts > now() - interval '1 day'", "select id, s from app.t where exists (select 1 from app.o where o.t_id = t.id)", "select id, name from app.o join app.t using (id)",
			"select s, count(*) filter (where b) from app.t group by s having count(*) > 1", "select s, i, sum(n) from app.t group by grouping sets ((s), (i), ())", "select * from app.t cross join lateral (select name from app.o where o.t_id = t.id limit 1) l",
			"select x.id, y.id as id2 from app.t x, app.t y where x.i = y.id", "values (1, 'a'), (2, 'b')", "select 1 as one", "select row_to_json(o) from app.o", "select to_jsonb(q) from (select id, name as n from app.o) q", "select to_jsonb(q) from (select id, name from app.o) q",
			"select id from app.t for update", "select string_agg(name, ',' order by id) from app.o", "select string_agg(name, ';' order by id) from app.o", "with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) select n from r",
		},
		equal: map[string][]string{
			"select id from app.t where s in ('a','b')":                  {"SELECT t.id FROM app.t WHERE (t.s = ANY (ARRAY['a'::text, 'b'::text]))", "select z.id from app.t as z where z.s in ('a','b')", "select all id from app.t where (s in ('a','b'))"},
			"select id as k from app.t":                                  {"select id k from app.t", "select t.id as k from app.t"},
			"select t.id, o.name from app.t join app.o on o.t_id = t.id": {"select t.id, o.name from app.t inner join app.o on (o.t_id = t.id)"},
		},
	},
	{
		name: "view with column names", make: `create view app.%[1]s (first, "Second Column") as %[2]s`, id: schemaID(catalog.KindView, ""), path: "Query",
		texts: []string{"select id, s from app.t", "select id, v from app.t"},
	},
	{
		name: "materialized view", make: "create materialized view app.%[1]s as %[2]s with no data", id: schemaID(catalog.KindView, ""), path: "Query",
		texts: []string{"select id, s from app.t", "select id, s as q from app.t", "select t_id, count(*) from app.o group by 1"},
	},
}

// place is a judged text as an object of the database.
type place struct {
	judged
	name, text string
	object     catalog.Object
}

// makePlaces makes an object for every text.
func makePlaces(t *testing.T, conn *pgx.Conn, major int) (places []*place) {
	t.Helper()
	run := func(sql string) {
		if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
			t.Errorf("%v\n%s", err, sql)
		}
	}
	run(judgeSetup)
	for n, j := range judgedPlaces {
		if j.since > major {
			continue
		}
		for i, text := range j.texts {
			text = strings.ReplaceAll(text, "%%", "%")
			p := &place{judged: j, name: fmt.Sprintf("x%d_%d", n, i), text: text}
			run(fmt.Sprintf(j.make, p.name, text))
			places = append(places, p)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
	return places
}

const userPath = `"$user", public, extensions`

// question asks about a text in this place; columns are those of the view that
// the text is the query of.
func (p *place) question(text string, from *place) analyze.Question {
	desired := catalog.WithExprs(p.object, func(path string, e catalog.Expr) catalog.Expr {
		if path == p.path {
			return catalog.Expr{Text: text, Path: userPath}
		}
		return e
	})
	if v, ok := desired.(catalog.View); ok {
		v.Columns = from.object.(catalog.View).Columns
		desired = v
	}
	return analyze.Question{Path: p.path, Current: p.object, Desired: desired}
}

func (p *place) serverText(t *testing.T) string {
	e, ok := exprAt(p.object, p.path)
	if !ok {
		t.Fatalf("%s: no expression at %s of %#v", p.judged.name, p.path, p.object)
	}
	return e.Text
}

func readPlaces(t *testing.T, conn *pgx.Conn, places []*place) *catalog.Catalog {
	t.Helper()
	live, err := Database(t.Context(), conn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range places {
		if p.object = live.Get(p.id(p.name)); p.object == nil {
			t.Fatalf("%s: %s is not in the catalog", p.judged.name, p.id(p.name))
		}
	}
	return live
}

func TestJudge(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		url := s.Database(t)
		conn := servertest.Connect(t, url)
		places := makePlaces(t, conn, s.Major)
		servertest.Exec(t, url, "create role lowly_"+fmt.Sprint(s.Major)+" login")
		t.Cleanup(func() { servertest.Exec(t, s.URL("postgres"), "drop role lowly_"+fmt.Sprint(s.Major)) })
		live := readPlaces(t, conn, places)
		mutants := mutantsOf(places)
		for _, user := range []string{"postgres", "lowly_" + fmt.Sprint(s.Major)} {
			t.Run("role="+strings.TrimRight(user, "_0123456789"), func(t *testing.T) {
				judge := NewJudge(t.Context(), servertest.Connect(t, strings.Replace(url, "postgres@", user+"@", 1)), nil, live)
				defer judge.Close()
				testJudge(t, judge, places, mutants)
				mutants = nil // once is enough
			})
		}
	})
}

// mutantsOf gives to each text the ones after it in its list, which are the
// most like it, and some that are not.
func mutantsOf(places []*place) map[*place][]*place {
	byName := map[string][]*place{}
	for _, p := range places {
		byName[p.judged.name] = append(byName[p.judged.name], p)
	}
	mutants := map[*place][]*place{}
	for _, list := range byName {
		for i, p := range list {
			for k := 1; k < len(list); k += max(1, k/3) {
				mutants[p] = append(mutants[p], list[(i+k)%len(list)])
			}
		}
	}
	return mutants
}

func testJudge(t *testing.T, judge *Judge, places []*place, mutants map[*place][]*place) {
	type expectation struct {
		p     *place
		text  string
		equal bool
	}
	var expected []expectation
	var questions []analyze.Question
	expect := func(p *place, text string, from *place, equal bool) {
		expected = append(expected, expectation{p, text, equal})
		questions = append(questions, p.question(text, from))
	}
	for _, p := range places {
		expect(p, p.text, p, true)
		expect(p, p.serverText(t), p, true)
		for _, same := range p.equal[p.text] {
			expect(p, strings.ReplaceAll(same, "%%", "%"), p, true)
		}
		for _, other := range mutants[p] {
			if other.serverText(t) != p.serverText(t) {
				expect(p, other.text, other, false)
			}
		}
	}
	answers := judge.Decide(questions)
	if err := judge.Problem(); err != nil {
		t.Fatal(err)
	}
	for i, e := range expected {
		a := answers[i]
		switch {
		case e.equal && a.Verdict != analyze.Equal:
			t.Errorf("%s: %s\n  server: %s\n  want equal, got %v: %s", e.p.judged.name, e.text, e.p.serverText(t), a.Verdict, a.Reason)
		case !e.equal && a.Verdict != analyze.Different:
			t.Errorf("%s: %s\n  server: %s\n  want different, got %v: %s", e.p.judged.name, e.text, e.p.serverText(t), a.Verdict, a.Reason)
		}
	}
	t.Logf("%d questions", len(questions))
}
