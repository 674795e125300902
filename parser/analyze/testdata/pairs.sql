-- Every context and construct that holds an expression, in forms that people write.
CREATE SCHEMA app;
CREATE SCHEMA ext;
SET search_path = app, public, ext;

CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE address AS (street text, zip varchar(10), pos point);
CREATE TYPE span AS RANGE (subtype = float8);
CREATE DOMAIN email AS text DEFAULT 'nobody@example.org' CHECK (VALUE ~ '^[^@]+@[^@]+$') CHECK (length(VALUE) < 200);
CREATE DOMAIN short AS varchar(12) DEFAULT 'x' CHECK (VALUE <> 'none' AND VALUE NOT IN ('a', 'b'));
CREATE DOMAIN amount AS numeric(10, 2) DEFAULT 0 CHECK (VALUE >= 0);
CREATE DOMAIN tags AS text[] CHECK (array_length(VALUE, 1) < 10);
CREATE SEQUENCE counter;

CREATE FUNCTION twice(i integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT i * 2';
CREATE FUNCTION twice(i numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT i * 2';
CREATE FUNCTION twice(i text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT i || i';
CREATE FUNCTION uid() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT NULL::uuid';
CREATE FUNCTION claims() RETURNS jsonb LANGUAGE sql STABLE AS $$SELECT '{}'::jsonb$$;
CREATE FUNCTION pick(a integer, b integer DEFAULT 1, c text DEFAULT 'x') RETURNS text LANGUAGE sql AS 'SELECT c';
CREATE FUNCTION total(VARIADIC n integer[]) RETURNS bigint LANGUAGE sql AS 'SELECT sum(x) FROM unnest(n) x';
CREATE FUNCTION pair_of(a anyelement, b anyelement) RETURNS anyarray LANGUAGE sql AS 'SELECT ARRAY[a, b]';
CREATE FUNCTION people(n integer DEFAULT 5, OUT id bigint, OUT name text) RETURNS SETOF record LANGUAGE sql AS $$SELECT 1::bigint, 'x'::text$$;
CREATE FUNCTION rows_of(n integer) RETURNS TABLE (k text, v numeric(8, 2)) LANGUAGE sql AS $$SELECT 'x', 1.5$$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION defaults(a text DEFAULT 'x', b timestamptz DEFAULT now(), c integer DEFAULT -1, d mood DEFAULT 'ok', e jsonb DEFAULT '{}',
  f text[] DEFAULT ARRAY[]::text[], g interval DEFAULT '1 day', h numeric DEFAULT 10, i boolean DEFAULT NULL, j varchar DEFAULT 'a' || 'b') RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION repeat_text(n integer, t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT repeat(t, n)';
CREATE OPERATOR @+@ (LEFTARG = integer, RIGHTARG = text, FUNCTION = repeat_text);

CREATE TABLE person (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  uid uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL DEFAULT '',
  nick varchar(20) DEFAULT 'none',
  code char(4) DEFAULT 'a',
  tag "char" DEFAULT 'x',
  mail email,
  mood mood NOT NULL DEFAULT 'ok',
  moods mood[] DEFAULT '{ok,sad}',
  age integer DEFAULT 0 CHECK (age BETWEEN 0 AND 150),
  score numeric(6, 2) DEFAULT 0 CHECK (score >= 0 AND score < 1000),
  rate double precision DEFAULT .5 CHECK (rate > 0),
  ratio real DEFAULT 1,
  big bigint DEFAULT 5000000000,
  small smallint DEFAULT -1,
  price money DEFAULT 0,
  active boolean NOT NULL DEFAULT true,
  born date CHECK (born > '1900-01-01'),
  made timestamptz NOT NULL DEFAULT now(),
  local timestamp DEFAULT (now() AT TIME ZONE 'utc'),
  seen timestamptz DEFAULT CURRENT_TIMESTAMP,
  seen3 timestamp(3) DEFAULT LOCALTIMESTAMP(3),
  opens time DEFAULT '9:00',
  zoned timetz DEFAULT CURRENT_TIME,
  today date DEFAULT CURRENT_DATE,
  wait interval DEFAULT '1 day',
  wait2 interval DEFAULT interval '2 hours',
  wait3 interval day to second DEFAULT '3 days 4 hours',
  meta jsonb NOT NULL DEFAULT '{}',
  raw json DEFAULT '{"b": 1, "a":  2}',
  list text[] NOT NULL DEFAULT '{}',
  list2 text[] DEFAULT ARRAY['a', 'b'],
  nums integer[] DEFAULT ARRAY[]::integer[],
  ip inet DEFAULT '10.0.0.1',
  net cidr DEFAULT '10.0.0.0/8',
  bits bit(3) DEFAULT B'101',
  vbits bit varying(8) DEFAULT B'1',
  bin bytea DEFAULT '\xDEAD',
  doc xml,
  home address,
  homes address[],
  during tstzrange CHECK (lower(during) IS NOT NULL AND NOT isempty(during)),
  steps int4range DEFAULT '[1,5)',
  sp span,
  cost amount DEFAULT 1.5,
  label short DEFAULT 'lbl',
  labels tags DEFAULT '{}',
  seq integer DEFAULT nextval('counter'),
  seq2 bigint DEFAULT nextval('app.counter'::regclass),
  who text DEFAULT current_user,
  who2 name DEFAULT CURRENT_USER,
  vec tsvector GENERATED ALWAYS AS (to_tsvector('english', coalesce(name, '') || ' ' || coalesce(nick, ''))) STORED,
  upper_name text GENERATED ALWAYS AS (upper(name)) STORED,
  cents integer GENERATED ALWAYS AS (score * 100) STORED,
  full_nick varchar(50) GENERATED ALWAYS AS (name || '-' || nick) STORED,
  zip text GENERATED ALWAYS AS ((home).zip) STORED,
  grade text GENERATED ALWAYS AS (CASE WHEN score > 90 THEN 'a' WHEN score > 50 THEN 'b' ELSE 'c' END) STORED
);

CREATE TABLE item (
  id serial PRIMARY KEY,
  person_id bigint REFERENCES person (id),
  kind text NOT NULL DEFAULT 'x' CHECK (kind IN ('x', 'y', 'z')),
  status varchar(10) DEFAULT 'new' CHECK (status IN ('new', 'old')),
  status1 varchar(10) CHECK (status1 IN ('new')),
  status2 varchar CHECK (status2 = ANY (ARRAY['a', 'b'])),
  status3 char(2) CHECK (status3 IN ('aa', 'bb')),
  qty integer NOT NULL CHECK (qty > 0),
  price numeric CHECK (price > 0.5 AND price <> 100),
  data jsonb,
  parent integer,
  at timestamptz DEFAULT now() + '1 day'::interval,
  CHECK (qty <> 5 OR kind = 'x'),
  CHECK (price IS NULL OR price * qty < 1e6),
  CHECK ((kind, status) <> ('x', 'old')),
  CHECK ((qty, price) = (1, 2)),
  CHECK (ROW(qty, price) < ROW(10, 20)),
  CHECK (kind LIKE 'a%' AND kind NOT LIKE '%b'),
  CHECK (kind ILIKE 'a%' OR kind NOT ILIKE '%b%' ESCAPE '!'),
  CHECK (kind SIMILAR TO 'a%' OR kind NOT SIMILAR TO 'b%' ESCAPE '#'),
  CHECK (kind ~ '^[a-z]+$' AND kind !~* 'X'),
  CHECK (qty IS DISTINCT FROM 3 AND kind IS NOT DISTINCT FROM 'x'),
  CHECK (qty IS NOT NULL AND (price IS NULL) IS NOT TRUE),
  CHECK (qty IS DISTINCT FROM NULL),
  CHECK (qty NOT IN (1, 2, 3) AND qty IN (4, parent, 6, 7)),
  CHECK (qty BETWEEN SYMMETRIC 10 AND 1 AND qty NOT BETWEEN 4 AND 5),
  CHECK (coalesce(price, 0) > 0 AND nullif(kind, '') IS NOT NULL),
  CHECK (greatest(qty, 1) > least(price, 2)),
  CHECK (data ->> 'a' = 'b' AND data #>> '{a,b}' IS NOT NULL AND data ? 'k'),
  CHECK (data @> '{"a": 1}' AND (data -> 'n')::int > 0 AND jsonb_typeof(data) = 'object'),
  CHECK ((data ->> 'n')::numeric(5,1) > 1),
  CHECK (length(kind) > 3 AND char_length(trim(kind)) < 10),
  CHECK (trim(both 'x' from kind) <> '' AND trim(leading from kind) <> ''),
  CHECK (substring(kind from 1 for 2) = 'ab' AND substring(kind from '^a') IS NOT NULL),
  CHECK (position('a' in kind) > 0 AND overlay(kind placing 'x' from 1) = 'x'),
  CHECK (extract(year from at) > 2000 AND date_part('month', at) < 12),
  CHECK (at > '2020-01-01' AND at < '2030-01-01 12:00+02'),
  CHECK (at AT TIME ZONE 'UTC' < '2031-01-01'),
  CHECK (timezone('UTC', at) > '2001-01-01' AND pg_catalog.extract('month', at) < 13),
  CHECK (overlay(kind, 'x', 1) <> 'y' AND pg_catalog.position(kind, 'b') > 0 AND substring(kind, 1, 2) <> 'cd' AND substr(kind, 2) <> 'e'),
  CHECK (btrim(kind) <> 'f' AND ltrim(kind, 'g') <> 'h' AND rtrim(kind) <> 'i' AND trim(trailing 'j' from kind) <> 'k'),
  CHECK (kind IS NORMALIZED AND kind IS NOT NFKC NORMALIZED AND pg_catalog.is_normalized(kind, 'NFC') AND normalize(kind) = kind AND normalize(kind, NFD) <> 'l'),
  CHECK ((at, at) OVERLAPS (at, interval '1 day') AND NOT pg_catalog."overlaps"(at, at, at, at)),
  CHECK (substring(kind SIMILAR 'm#"n#"o' ESCAPE '#') IS NULL AND substring(kind, 'p', '#') IS NULL),
  CHECK (collation for (kind) IS NOT NULL AND pg_catalog.pg_collation_for(kind) <> 'q'),
  CHECK (qty % 2 = 0 AND qty ^ 2 > 1 AND -qty < 0 AND @ qty > 0 AND ~qty <> 1 AND qty / 2 > 0),
  CHECK (qty::text = '1' AND CAST(qty AS bigint) > 0 AND int4(qty) > 0 AND text(qty) <> ''),
  CHECK (CASE kind WHEN 'x' THEN qty > 1 WHEN 'y' THEN qty > 2 ELSE false END),
  CHECK (CASE WHEN kind = 'x' THEN qty ELSE 0 END > 0),
  CHECK (kind COLLATE "C" > 'a'),
  CHECK (kind || 'x' <> 'ax' AND qty || '' <> '1' AND 'a' || kind <> ''),
  CHECK (twice(qty) > 2 AND twice(price) > 2 AND twice('a') = 'aa' AND app.twice(1) = 2),
  CHECK (qty @+@ 'x' <> 'xx'),
  CHECK (total(1, 2, qty) > 0 AND total(VARIADIC ARRAY[1, 2]) > 0),
  CHECK (pair_of(qty, 1) <> pair_of(2, 3)),
  CHECK (pick(1, c => 'y') = 'y' AND pick(b => 2, a => 1) = 'x' AND pick(a := 1) IS NOT NULL),
  CHECK (ARRAY[qty, 1] @> ARRAY[1] AND qty = ANY ('{1,2}') AND qty <> ALL (ARRAY[7, 8])),
  CHECK ((ARRAY[1, 2, 3])[qty] = 1 AND (ARRAY[1, 2, 3])[1:2] = ARRAY[1, 2]),
  CHECK (string_to_array(kind, ',') && ARRAY['a', 'b']),
  CHECK (num_nonnulls(person_id, parent) = 1),
  CHECK (NOT (qty = 1 AND kind = 'x')),
  CHECK (true AND NOT false),
  CHECK (kind <> 'last')
);
CREATE TABLE t_nojson (a text, CHECK (a = 'x' AND (a = 'y' AND (a = 'z' AND a = 'w'))), CHECK ((a = 'x' OR a = 'y') OR (a = 'z' OR a = 'w')));
CREATE TABLE item_tag (item_id integer REFERENCES item (id), tag text, weight real, PRIMARY KEY (item_id, tag));
CREATE TABLE doc (id integer PRIMARY KEY, person_id bigint, body text, moods mood[], during tstzrange, span span, addr address, mood mood, mail email, label short, n numeric(8,3), at timestamp, iv interval, iv2 interval hour to minute,
  CHECK (mood IN ('sad', 'ok')), CHECK (mood = 'ok'::mood OR mood <> ALL ('{sad}'::mood[])), CHECK (mail <> 'a@b' AND mail IN ('a@b', 'c@d')), CHECK (label IN ('p', 'q') AND label = 'p'),
  CHECK (n > 1 AND n < 2.5 AND n::integer <> 2), CHECK ((addr).zip = 'x' AND (addr).street IS NOT NULL), CHECK (addr IS NOT NULL),
  CHECK (during @> now() OR during && '[2020-01-01,2021-01-01)'), CHECK (span <> '[1,2)'::span), CHECK (lower(span) > 1),
  CHECK (iv > '1 day' AND iv2 < interval '2' hour AND iv <> interval '1-2' year to month AND make_interval(days => 3) > iv),
  CHECK (at > timestamp '2020-01-01' AND at::date <> date '2020-02-02' AND at + iv > at),
  CHECK (xmlserialize(content xmlelement(name a, 'x') as text) <> ''));

ALTER TABLE item ADD COLUMN extra text DEFAULT 'e' || 1 CHECK (extra <> 'f'), ALTER COLUMN qty SET DEFAULT 1 + 1;

CREATE INDEX ON person (lower(name));
CREATE INDEX ON person ((name || ' ' || nick), (meta ->> 'k')) WHERE active;
CREATE INDEX ON person (coalesce(nick, '')) WHERE mood IN ('ok', 'happy') AND age > 18;
CREATE INDEX ON person USING gin ((meta -> 'tags')) WHERE meta ? 'tags';
CREATE INDEX ON person (date_trunc('day', local)) WHERE nick <> '' AND score > 1;
CREATE INDEX ON person (((home).zip)) WHERE (home).street IS NOT NULL;
CREATE INDEX ON person (twice(age), md5(name)) WHERE name COLLATE "C" > 'a';
CREATE INDEX ON person (((meta ->> 'n')::integer)) WHERE NOT active OR name IS NULL;
CREATE INDEX ON person USING gin (to_tsvector('simple', name));
CREATE INDEX ON person USING gist (tstzrange(made, seen)) WHERE made < seen;
CREATE INDEX ON item ((kind = 'x'), (CASE WHEN qty > 1 THEN 'a' ELSE kind END)) WHERE status <> 'old';

CREATE POLICY p1 ON person USING (uid = uid());
CREATE POLICY p2 ON person USING ((SELECT uid()) = uid) WITH CHECK ((SELECT app.uid()) = person.uid AND active);
CREATE POLICY p3 ON person USING (EXISTS (SELECT 1 FROM item WHERE item.person_id = person.id AND kind = 'x'));
CREATE POLICY p4 ON person USING (id IN (SELECT person_id FROM item i WHERE i.qty > 1));
CREATE POLICY p5 ON person USING (id = ANY (SELECT i.person_id FROM item i JOIN item_tag t ON t.item_id = i.id WHERE t.tag = person.name));
CREATE POLICY p6 ON person USING ((claims() ->> 'role') = 'admin' OR claims() -> 'app' ->> 'x' = 'y');
CREATE POLICY p7 ON person WITH CHECK (NOT EXISTS (SELECT FROM item i2 WHERE i2.person_id = id AND i2.at > now() - interval '1 hour'));
CREATE POLICY p8 ON person USING ((SELECT count(*) FROM item WHERE person_id = person.id) < 10);
CREATE POLICY p9 ON person USING (true);
CREATE POLICY p10 ON person USING ((id, name) IN (SELECT person_id, kind FROM item));
CREATE POLICY p11 ON person USING (id > ALL (SELECT parent FROM item) AND name NOT IN (SELECT kind FROM item));
CREATE POLICY p12 ON person USING ((id, name) = (SELECT person_id, kind FROM item LIMIT 1));
CREATE POLICY p13 ON person USING (ARRAY(SELECT kind FROM item ORDER BY qty DESC) && list);
CREATE POLICY p14 ON person USING (current_setting('app.user', true)::uuid = uid);
CREATE POLICY p15 ON item USING (person_id IN (SELECT p.id FROM person p WHERE p.uid = uid()) AND kind IN ('a', 'b'));
CREATE POLICY p16 ON item USING (EXISTS (SELECT 1 FROM person p WHERE p.id = person_id AND EXISTS (SELECT 1 FROM item_tag WHERE item_id = item.id AND p.active)));

CREATE TRIGGER t1 AFTER UPDATE ON person FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch();
CREATE TRIGGER t2 BEFORE UPDATE OF name ON person FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name AND NEW.active) EXECUTE FUNCTION touch();
CREATE TRIGGER t3 AFTER INSERT ON person FOR EACH ROW WHEN (NEW.mood = 'ok' AND NEW.age > 18 AND NEW.nick IN ('a', 'b')) EXECUTE FUNCTION touch();
CREATE TRIGGER t4 AFTER UPDATE ON person FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND old.meta <> new.meta) EXECUTE FUNCTION touch();
CREATE TRIGGER t5 AFTER UPDATE ON item FOR EACH ROW WHEN ((OLD.qty, OLD.kind) IS DISTINCT FROM (NEW.qty, NEW.kind)) EXECUTE FUNCTION touch();

CREATE TABLE part (id integer, at timestamptz, region text, n numeric(6, 2)) PARTITION BY LIST (region);
CREATE TABLE part_a PARTITION OF part FOR VALUES IN ('a', 'b');
CREATE TABLE part_n PARTITION OF part FOR VALUES IN (NULL);
CREATE TABLE part_d PARTITION OF part DEFAULT;
CREATE TABLE rng (id integer, at timestamptz, d date) PARTITION BY RANGE (at);
CREATE TABLE rng_1 PARTITION OF rng FOR VALUES FROM ('2020-01-01') TO ('2021-01-01 00:00:00+00');
CREATE TABLE rng_2 PARTITION OF rng FOR VALUES FROM (MINVALUE) TO ('2019-01-01');
CREATE TABLE rng2 (id integer, d date, k text) PARTITION BY RANGE (id, d, lower(k));
CREATE TABLE rng2_1 PARTITION OF rng2 FOR VALUES FROM (1, '2020-01-01', 'a') TO (5 + 5, MAXVALUE, MAXVALUE);
CREATE TABLE hsh (id integer) PARTITION BY HASH (id);
CREATE TABLE hsh_1 PARTITION OF hsh FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE big_part (id bigint) PARTITION BY RANGE (id);
CREATE TABLE big_part1 PARTITION OF big_part FOR VALUES FROM (1) TO ('100');
CREATE TABLE booking (room integer, during tstzrange, at timestamptz, till timestamptz, name text, circle circle,
  CONSTRAINT no_overlap EXCLUDE USING gist (tstzrange(at, till, '[)') WITH &&, circle WITH &&) WHERE (room > 1 AND name NOT IN ('a', 'b')),
  CONSTRAINT other_name EXCLUDE USING btree (lower(name) WITH =, (room + 1) WITH =));
CREATE STATISTICS stat_a ON (lower(name)), (room % 10), at FROM booking;
CREATE STATISTICS stat_b ON (date_trunc('day', at)) FROM booking;
CREATE PUBLICATION pub FOR TABLE booking WHERE (room > 5 AND name <> 'x'), doc;
CREATE TABLE by_expr (id integer, name text, at timestamptz) PARTITION BY RANGE ((id % 4), lower(name), (at AT TIME ZONE 'utc'));
CREATE INDEX ON booking (lower(name) COLLATE "C", (name || 'x') DESC);
