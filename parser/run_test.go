package parser

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bloom/catalog"
)

// TestDoRuns compares what a DO block does in a replay with plain statements.
func TestDoRuns(t *testing.T) {
	const tables = `CREATE TABLE a (x int, y text); CREATE TABLE b (x int);`
	tests := []struct{ name, block, plain string }{
		{"static", `CREATE TYPE mood AS ENUM ('good');`, `CREATE TYPE mood AS ENUM ('good');`},
		{"absent", `IF NOT EXISTS (SELECT 1 FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE typname = 'mood' AND n.nspname = 'public') THEN CREATE TYPE mood AS ENUM ('good'); END IF;`, `CREATE TYPE mood AS ENUM ('good');`},
		{"present", `IF NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 'a' AND column_name = 'y') THEN ALTER TABLE a ADD y text; ELSE ALTER TABLE a DROP COLUMN y; END IF;`, `ALTER TABLE a DROP COLUMN y;`},
		{"handler", `CREATE TABLE c (); CREATE TABLE a (); EXCEPTION WHEN duplicate_table THEN ALTER TABLE a ADD z int;`, `ALTER TABLE a ADD z int;`},
		{"array", `FOREACH t IN ARRAY ARRAY['a', 'b'] LOOP EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t); EXECUTE 'COMMENT ON TABLE ' || quote_ident(t) || ' IS ' || quote_literal('it''s ' || t); END LOOP;`,
			`ALTER TABLE a ENABLE ROW LEVEL SECURITY; ALTER TABLE b ENABLE ROW LEVEL SECURITY; COMMENT ON TABLE a IS 'it''s a'; COMMENT ON TABLE b IS 'it''s b';`},
		{"query", `FOR r IN SELECT tablename, schemaname FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'b' LOOP EXECUTE format('DROP TABLE %I.%I', r.schemaname, r.tablename); END LOOP;`, `DROP TABLE a;`},
		{"scalar of a query", `FOR t IN SELECT unnest(ARRAY['a','b']) LOOP CONTINUE WHEN t = 'a'; EXECUTE 'DROP TABLE ' || t; END LOOP;`, `DROP TABLE b;`},
		{"integers", `FOR i IN 1..2 LOOP EXECUTE format('CREATE TABLE p_%s (x int)', i); END LOOP;`, `CREATE TABLE p_1 (x int); CREATE TABLE p_2 (x int);`},
		{"into", `SELECT conname INTO t FROM pg_constraint WHERE conrelid = 'public.a'::regclass AND contype = 'c'; IF t IS NULL THEN ALTER TABLE a ADD CHECK (x > 0); END IF; IF FOUND THEN DROP TABLE b; END IF;`, `ALTER TABLE a ADD CHECK (x > 0);`},
		{"data decides nothing", `SELECT count(*) INTO i FROM a; IF i > 1 THEN UPDATE a SET x = 1; RAISE NOTICE 'so'; END IF; DROP TABLE b;`, `DROP TABLE b;`},
		{"nested variables", `
FOR i IN 1..2 LOOP
 DECLARE n text := 'q' || i; BEGIN EXECUTE 'CREATE TABLE ' || n || ' ()'; EXCEPTION WHEN others THEN NULL; END; END LOOP;`, `CREATE TABLE q1 (); CREATE TABLE q2 ();`},
		{"return", `IF to_regclass('public.a') IS NOT NULL THEN RETURN; END IF; DROP TABLE b;`, ``},
		{"case statement", `CASE (SELECT count(*) FROM pg_tables WHERE schemaname = 'public') WHEN 1, 2 THEN DROP TABLE b; ELSE DROP TABLE a; END CASE; CASE WHEN to_regclass('b') IS NULL THEN ALTER TABLE a ADD z int; END CASE;`, `DROP TABLE b; ALTER TABLE a ADD z int;`},
		{"case expression", `EXECUTE 'DROP TABLE ' || CASE WHEN EXISTS (SELECT FROM pg_class WHERE relname = 'nothing') THEN 'a' ELSE CASE 'x' WHEN 'y' THEN 'a' WHEN 'x' THEN 'b' END END;`, `DROP TABLE b;`},
		{"texts", `FOREACH t IN ARRAY string_to_array('a:x,b:y', ',') LOOP EXECUTE format('COMMENT ON TABLE %I IS %L', split_part(t, ':', 1), concat_ws('-', left(t, 1), right(t, -2), NULL, length(t), substring(t, 3, 1), strpos(t, ':'), NULLIF(ltrim(t, 'ab'), 'x'), array_to_string(ARRAY[t, 'z'], '+'))); END LOOP;`,
			`COMMENT ON TABLE a IS 'a-x-3-x-2-:x-a:x+z'; COMMENT ON TABLE b IS 'b-y-3-y-2-:y-b:y+z';`},
		{"union", `FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' UNION SELECT 'a' LOOP EXECUTE 'COMMENT ON TABLE ' || t || ' IS ' || quote_literal('there'); END LOOP;`, `COMMENT ON TABLE a IS 'there'; COMMENT ON TABLE b IS 'there';`},
		{"attribute of a type", `CREATE TYPE pair AS (l int, r text); IF EXISTS (SELECT FROM pg_type t JOIN pg_attribute a ON a.attrelid = t.typrelid WHERE t.typname = 'pair' AND a.attname = 'r' AND a.attnum > 1 AND NOT a.attisdropped) THEN DROP TABLE b; END IF;`, `CREATE TYPE pair AS (l int, r text); DROP TABLE b;`},
		{"element of an array", `DECLARE names text[] := ARRAY['a', 'b']; BEGIN FOR i IN 1..array_length(names, 1) LOOP EXECUTE 'COMMENT ON TABLE ' || names[i] || ' IS ''' || coalesce(names[i + 1], 'last') || ''''; END LOOP; END;`,
			`COMMENT ON TABLE a IS 'b'; COMMENT ON TABLE b IS 'last';`},
		{"arithmetic", `EXECUTE format('CREATE TABLE n_%s ()', (2 + 3) * 4 / 3 % 4 - 1);`, `CREATE TABLE n_1 ();`},
		{"steps", `FOR i IN 1..5 BY 2 LOOP EXECUTE 'CREATE TABLE up_' || i || ' ()'; END LOOP; FOR i IN REVERSE 5..1 BY 4 LOOP EXECUTE 'CREATE TABLE down_' || i || ' ()'; END LOOP;`,
			`CREATE TABLE up_1 (); CREATE TABLE up_3 (); CREATE TABLE up_5 (); CREATE TABLE down_5 (); CREATE TABLE down_1 ();`},
		{"series", `FOR i IN SELECT n FROM generate_series(4, 1, -3) AS n LOOP EXECUTE format('CREATE TABLE s_%s ()', i); END LOOP; FOR t IN SELECT x FROM string_to_table('u;v', ';') x LOOP EXECUTE format('CREATE TABLE %I ()', t); END LOOP; FOR t IN SELECT regexp_split_to_table FROM regexp_split_to_table('w,z', ',') LOOP EXECUTE format('CREATE TABLE %I ()', t); END LOOP;`,
			`CREATE TABLE s_4 (); CREATE TABLE s_1 (); CREATE TABLE u (); CREATE TABLE v (); CREATE TABLE w (); CREATE TABLE z ();`},
		{"values", `FOR r IN SELECT * FROM (VALUES ('a', 'x'), ('b', 'x')) AS v(tab, col) LOOP EXECUTE format('ALTER TABLE %I RENAME COLUMN %I TO first', r.tab, r.col); END LOOP;`,
			`ALTER TABLE a RENAME COLUMN x TO first; ALTER TABLE b RENAME COLUMN x TO first;`},
		{"split into parts", `t := 'a.b'; EXECUTE 'DROP TABLE ' || (string_to_array(t, '.'))[2];`, `DROP TABLE b;`},
		{"one side decides", `IF false AND EXISTS (SELECT 1 FROM a) THEN DROP TABLE b; END IF;`, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want, _ := replayed(t, tables+tt.plain)
			got, notes := replayed(t, tables+"DO $$ DECLARE t text; r record; i int; BEGIN "+tt.block+" END $$;")
			if len(notes) > 0 {
				t.Errorf("notes %v", notes)
			}
			if diff := cmp.Diff(withoutPositions(objects(want)), withoutPositions(objects(got))); diff != "" {
				t.Errorf("(-plain +block)\n%s", diff)
			}
		})
	}
}

func TestReplayKeepsInstant(t *testing.T) {
	c, _ := replayed(t, "CREATE TABLE a (at timestamp DEFAULT '1970-01-01'); ALTER TABLE a ALTER at TYPE timestamptz;")
	d, _ := catalog.Find[catalog.Default](c, catalog.Default{Schema: "public", Table: "a", Column: "at"}.ID())
	if want := "'1970-01-01'::timestamp without time zone"; d.Expr.Text != want {
		t.Errorf("default %s, want %s", d.Expr.Text, want)
	}
}

func TestIndexOnColumnInParentheses(t *testing.T) {
	c, _ := replayed(t, "CREATE TABLE a (x int); CREATE INDEX i ON a ((x));")
	ix, _ := catalog.Find[catalog.Index](c, catalog.Index{Schema: "public", Table: "a", Name: "i"}.ID())
	if len(ix.Elements) != 1 || ix.Elements[0].Column != "x" || !ix.Elements[0].Expr.IsZero() {
		t.Errorf("elements %v, want column x", ix.Elements)
	}
}

// TestDoIsLeftOut checks that what cannot be known changes nothing and is said,
// at the place of the block.
func TestDoIsLeftOut(t *testing.T) {
	for name, block := range map[string]string{
		"rows decide":       `DROP TABLE b; IF EXISTS (SELECT 1 FROM a) THEN DROP TABLE a; END IF;`,
		"rows make text":    `DROP TABLE b; FOR r IN SELECT y FROM a LOOP EXECUTE r.y; END LOOP;`,
		"unknown column":    `DROP TABLE b; IF EXISTS (SELECT 1 FROM pg_class WHERE relpages > 3) THEN DROP TABLE a; END IF;`,
		"unknown function":  `DROP TABLE b; IF pg_is_in_recovery() THEN DROP TABLE a; END IF;`,
		"it raises":         `DROP TABLE b; RAISE EXCEPTION 'no';`,
		"endless":           `DROP TABLE b; LOOP EXECUTE 'SELECT 1'; END LOOP;`,
		"not what it takes": `DROP TABLE b; BEGIN IF EXISTS (SELECT 1 FROM a) THEN DROP TABLE a; END IF; EXCEPTION WHEN others THEN DROP TABLE a; END;`,
	} {
		t.Run(name, func(t *testing.T) {
			const tables = "CREATE TABLE a (x int, y text); CREATE TABLE b (x int);\n"
			want, _ := replayed(t, tables)
			got, notes := replayed(t, tables+"DO $$ DECLARE r record; BEGIN "+block+" END $$;")
			if len(notes) != 1 || !notes[0].Unreplayed || !strings.HasPrefix(notes[0].String(), "a.sql:2:1: ") {
				t.Errorf("notes %v, want one at a.sql:2:1", notes)
			}
			if diff := cmp.Diff(withoutPositions(objects(want)), withoutPositions(objects(got))); diff != "" {
				t.Errorf("(-before +after)\n%s", diff)
			}
		})
	}
}

func replayed(t *testing.T, sql string) (*catalog.Catalog, []Note) {
	t.Helper()
	c := catalog.New()
	notes, err := read(t, sql).Replay(c, Options{Role: "postgres"})
	if err != nil {
		t.Fatal(err)
	}
	return c, notes
}
