package parser

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bloom/catalog"
)

// TestDoDeclares compares what a DO block declares with plain statements.
func TestDoDeclares(t *testing.T) {
	tests := []struct{ name, block, plain string }{
		{"static", `DO $$ BEGIN CREATE TABLE a (x int); COMMENT ON TABLE a IS 'it''s'; END $$;`, `CREATE TABLE a (x int); COMMENT ON TABLE a IS 'it''s';`},
		{"plain quotes", `DO 'BEGIN CREATE TABLE a (x int); END' LANGUAGE plpgsql;`, `CREATE TABLE a (x int);`},
		{"guarded by a catalog", `DO $do$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typname = 'mood' AND nspname = 'public') THEN
    CREATE TYPE mood AS ENUM ('good', 'bad');
    RAISE NOTICE 'made; %', 'mood';
  END IF;
END;
$do$;
CREATE TABLE a (m mood);`, `CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE TABLE a (m mood);`},
		{"guarded by a handler", `DO $$ BEGIN CREATE TYPE mood AS ENUM ('good'); EXCEPTION WHEN duplicate_object OR duplicate_table THEN NULL; END $$;`, `CREATE TYPE mood AS ENUM ('good');`},
		{"guarded and there already", `CREATE TYPE mood AS ENUM ('good'); DO $$ BEGIN CREATE TYPE mood AS ENUM ('other'); EXCEPTION WHEN others THEN RAISE NOTICE 'there'; END $$;`, `CREATE TYPE mood AS ENUM ('good');`},
		{"used before", `CREATE TABLE a (m mood); DO $$ BEGIN CREATE TYPE mood AS ENUM ('good'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;`, `CREATE TYPE mood AS ENUM ('good'); CREATE TABLE a (m mood);`},
		{"to_regclass and count", `DO $$ BEGIN IF to_regclass('public.a') IS NULL AND (SELECT count(*) FROM pg_catalog.pg_class WHERE relname = 'a') = 0 THEN CREATE TABLE a (x int); END IF; END $$;`, `CREATE TABLE a (x int);`},
		{"a constraint", `CREATE TABLE a (x int); DO $$ BEGIN IF NOT EXISTS (SELECT FROM information_schema.table_constraints WHERE constraint_name = 'c') THEN ALTER TABLE a ADD CONSTRAINT c CHECK (x > 0); END IF; END $$;`,
			`CREATE TABLE a (x int); ALTER TABLE a ADD CONSTRAINT c CHECK (x > 0);`},
		{"nested blocks, labels, variables", `DO $$ <<l>> DECLARE n int := 1; s text = 'begin'; BEGIN BEGIN CREATE TABLE a (x int); EXCEPTION WHEN duplicate_table THEN NULL; END; BEGIN CREATE TABLE b (); END; END l $$;`,
			`CREATE TABLE a (x int); CREATE TABLE b ();`},
		{"data decides nothing", `CREATE TABLE a (x int); DO $$ DECLARE n int; BEGIN SELECT count(*) INTO n FROM a; IF n = (CASE WHEN n > 1 THEN 1 ELSE 0 END) THEN INSERT INTO a VALUES (1); ELSE PERFORM now(); END IF; n := 3; END $$;`, `CREATE TABLE a (x int);`},
		{"a role", `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN CREATE ROLE app LOGIN; END IF; END $$; CREATE TABLE a (); GRANT SELECT ON a TO app;`, `CREATE ROLE app LOGIN; CREATE TABLE a (); GRANT SELECT ON a TO app;`},
		{"what is not there is passed over", `DO $$ BEGIN ALTER TABLE nope ENABLE ROW LEVEL SECURITY; EXCEPTION WHEN undefined_table THEN NULL; END $$; CREATE TABLE a ();`, `CREATE TABLE a ();`},
		{"what is executed", `DO $$ BEGIN EXECUTE 'CREATE TABLE a (x int); ' || format('CREATE TABLE %I (%s)', 'B', lower('X INT')); END $$;`, `CREATE TABLE a (x int); CREATE TABLE "B" (x int);`},
		{"a function's own dollars", "DO $$ BEGIN CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $f$ SELECT 1; $f$; END $$;", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $f$ SELECT 1; $f$;"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(withoutPositions(objects(declare(t, tt.plain))), withoutPositions(objects(declare(t, tt.block)))); diff != "" {
				t.Errorf("(-plain +block)\n%s", diff)
			}
		})
	}
}

func TestExecuteForCurrentUser(t *testing.T) {
	c, _, err := read(t, "CREATE ROLE app; DO $$ BEGIN EXECUTE format('GRANT app TO %I', current_user); END $$;").Declare(Options{Role: "postgres"})
	if err != nil {
		t.Fatal(err)
	}
	if id := (catalog.RoleMember{Role: "app", Member: "postgres"}).ID(); !c.Has(id) {
		t.Errorf("%s is not declared", id)
	}
}

func TestGranteesInDo(t *testing.T) {
	s := read(t, "CREATE TABLE a (); DO $$ BEGIN GRANT SELECT ON a TO PUBLIC; END $$;")
	if _, _, err := s.Declare(Options{Role: "postgres"}); err != nil {
		t.Fatal(err)
	}
	if got := s.Grantees().Objects; !got[catalog.Public] {
		t.Errorf("grantees %v, want PUBLIC", got)
	}
}

func withoutPositions(list map[string]catalog.Object) map[string]catalog.Object {
	for k, o := range list {
		list[k] = catalog.WithExprs(o, func(_ string, e catalog.Expr) catalog.Expr {
			e.Pos = catalog.Pos{}
			return e
		})
	}
	return list
}

func TestDoErrors(t *testing.T) {
	tests := []struct{ name, sql, want string }{
		{"EXECUTE", "DO $$\nBEGIN\n  EXECUTE (SELECT 'DROP TABLE ' || relname FROM pg_class);\nEND $$;", "a.sql:3:3: a DO block declares nothing with EXECUTE of what depends on the database it runs in"},
		{"EXECUTE for a role that is not known", "DO $$\nBEGIN\n  EXECUTE format('CREATE ROLE %I', current_user);\nEND $$;", "a.sql:3:3: a DO block declares nothing with EXECUTE of what depends on the database it runs in"},
		{"EXECUTE with what is not a constant", "DO $$ DECLARE n text = 'a'; BEGIN\n  EXECUTE 'CREATE TABLE ' || n || ' ()';\nEND $$;", "a.sql:2:3: a DO block declares nothing with EXECUTE of what depends on the database it runs in"},
		{"what is executed has the place of the block's statement", "DO $$ BEGIN\n\n  EXECUTE 'CREATE TABLE a (x nope)';\nEND $$;", `a.sql:3:3: type "nope" does not exist`},
		{"loop", "DO $$ DECLARE r record; BEGIN\nFOR r IN SELECT 1 LOOP CREATE TABLE a (); END LOOP; END $$;", "a.sql:2:1: a DO block declares nothing with FOR: what it does depends on the database it runs in"},
		{"data as condition", "DO $$ BEGIN\n IF EXISTS (SELECT FROM t) THEN CREATE TABLE a (); END IF; END $$;", "a.sql:2:2: what this IF declares depends on the database it runs in"},
		{"two branches", "DO $$ BEGIN\n IF NOT EXISTS (SELECT FROM pg_class) THEN CREATE TABLE a (); ELSE DROP TABLE a; END IF; END $$;", "a.sql:2:2: what this IF declares depends on the database it runs in"},
		{"what is inside has its place", "DO $$ BEGIN\n\n  CREATE TABLE é (x nope);\nEND $$;", `a.sql:3:21: type "nope" does not exist`},
		{"syntax of SQL", "DO $$ BEGIN\n  CREATE TABLE a (x int,);\nEND $$;", `a.sql:2:25: syntax error at or near ")"`},
		{"other language", "DO LANGUAGE plperl $$ x $$;", "a.sql:1:1: a DO block in plperl cannot be read"},
		{"search_path", "DO $$ BEGIN\nSET search_path = a; CREATE TABLE b (); END $$;", "a.sql:2:1: SET search_path in a DO block is not supported by bloom"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Read(context.Background(), []Source{{Name: "a.sql", Text: tt.sql}})
			if err == nil {
				_, _, err = s.Declare(Options{})
			}
			got := ""
			if err != nil {
				got, _, _ = strings.Cut(err.Error(), "\n")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestDefaultsOfDumps: a dump states the default privileges of a schema as a
// whole, others single ones.
func TestDefaultsOfDumps(t *testing.T) {
	anon := catalog.DefaultPrivilege{Owner: "postgres", Schema: "public", Objects: catalog.KindTable, Grantee: "anon", Privileges: []catalog.Privilege{{Name: "SELECT"}}}
	for sql, want := range map[string]bool{
		"CREATE TABLE a ();": true,
		"CREATE TABLE a (); ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO postgres;":         false,
		"CREATE TABLE a (); ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM anon;":          false,
		"CREATE TABLE a (); ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM other;":         true,
		"CREATE TABLE a (); ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON SEQUENCES TO postgres;":      true,
		"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO postgres, anon; CREATE TABLE a ()": true,
	} {
		c, _, err := read(t, sql).Declare(Options{Role: "postgres", DefaultPrivileges: []catalog.DefaultPrivilege{anon}})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Has(catalog.Grant{Target: catalog.Table{Schema: "public", Name: "a"}.ID(), Grantee: "anon"}.ID()); got != want {
			t.Errorf("%s\nanon has privileges on the table: %v, want %v", sql, got, want)
		}
	}
}
