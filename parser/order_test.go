package parser

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"bloom/catalog"
)

// statementsInNoOrder need each other in every direction.
var statementsInNoOrder = []string{
	`CREATE SCHEMA app`,
	`CREATE TYPE app.status AS ENUM ('on', 'off')`,
	`CREATE DOMAIN app.amount AS numeric(10, 2) CHECK (VALUE > 0)`,
	`CREATE TABLE app.users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), status app.status NOT NULL DEFAULT 'on', team int REFERENCES app.teams)`,
	`CREATE TABLE app.teams (id serial PRIMARY KEY, owner uuid REFERENCES app.users (id), paid app.amount)`,
	`ALTER TABLE app.teams ADD CONSTRAINT named CHECK (paid < 1000)`,
	`ALTER TABLE app.users ENABLE ROW LEVEL SECURITY`,
	`CREATE INDEX ON app.users (team)`,
	`CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
	`CREATE TRIGGER touch BEFORE UPDATE ON app.users FOR EACH ROW EXECUTE FUNCTION app.touch()`,
	`CREATE FUNCTION app.members(t app.teams) RETURNS SETOF app.users LANGUAGE sql AS 'SELECT * FROM app.users WHERE team = t.id'`,
	`CREATE POLICY own ON app.users USING (EXISTS (SELECT 1 FROM app.teams WHERE owner = app.users.id))`,
	`CREATE VIEW app.paying AS SELECT u.id, t.paid FROM app.users u JOIN app.teams t ON t.owner = u.id`,
	`CREATE TABLE app.log (at date NOT NULL, what text) PARTITION BY RANGE (at)`,
	`CREATE TABLE app.log_1 PARTITION OF app.log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`,
	`ALTER TABLE app.log ADD PRIMARY KEY (at)`,
	`COMMENT ON COLUMN app.users.status IS 'on or off'`,
	`COMMENT ON VIEW app.paying IS 'who pays'`,
	`GRANT SELECT ON app.users, app.paying TO reader`,
	`ALTER TABLE app.users OWNER TO somebody`,
}

func TestOrderMeansNothing(t *testing.T) {
	ignore := cmp.Options{cmpopts.IgnoreTypes(catalog.Pos{}), cmpopts.EquateEmpty()}
	want := objects(declare(t, strings.Join(statementsInNoOrder, ";\n")+";"))
	for seed := range uint64(20) {
		list := append([]string(nil), statementsInNoOrder...)
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		got := objects(declare(t, strings.Join(list, ";\n")+";"))
		if diff := cmp.Diff(want, got, ignore); diff != "" {
			t.Fatalf("seed %d (-in order +shuffled)\n%s", seed, diff)
		}
	}
}

// Default privileges count from their place in the files on, also if what they
// are about is declared further down.
func TestDefaultPrivilegesBeforeTheirSchema(t *testing.T) {
	c := declare(t, `ALTER DEFAULT PRIVILEGES IN SCHEMA lab GRANT SELECT ON TABLES TO reader;
CREATE SCHEMA lab;
CREATE TABLE lab.samples ();`)
	target := catalog.ID{Kind: catalog.KindTable, Schema: "lab", Name: "samples"}
	want := catalog.Grant{Target: target, Grantee: "reader", Privileges: []catalog.Privilege{{Name: "SELECT"}}}
	if diff := cmp.Diff(want, c.Get(want.ID())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func objects(c *catalog.Catalog) map[string]catalog.Object {
	out := map[string]catalog.Object{}
	for id, o := range c.All() {
		out[id.String()] = o
	}
	return out
}

func TestReplayKeepsOrder(t *testing.T) {
	c := catalog.New()
	_, err := read(t, "CREATE TABLE a (x int REFERENCES b);\nCREATE TABLE b (x int PRIMARY KEY);\nINSERT INTO b VALUES (1);\nCREATE TABLE b (y int);").Replay(c, Options{})
	want := []string{`a.sql:1:34: relation "b" does not exist`, `a.sql:4:14: table public.b exists already, first at a.sql:2:1`}
	if diff := cmp.Diff(want, messages(err)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if c.Has(catalog.Table{Schema: "public", Name: "a"}.ID()) {
		t.Error("a statement that failed has left its table")
	}
}

func TestTemporaryRelations(t *testing.T) {
	c := catalog.New()
	sql := "CREATE TEMP TABLE x (a int); CREATE INDEX ON x (a); ALTER TABLE x ADD b int; COMMENT ON TABLE x IS 'x'; DROP TABLE x; CREATE TABLE y (a int);"
	if _, err := read(t, sql).Replay(c, Options{}); err != nil {
		t.Fatal(err)
	}
	for id := range c.All() {
		if id.Name == "x" || id.Table == "x" {
			t.Errorf("%s is in the catalog", id)
		}
	}
	get(t, c, catalog.Table{Schema: "public", Name: "y"})
}

// TestFailureChangesNothing: a statement that fails in the middle changes nothing.
func TestFailureChangesNothing(t *testing.T) {
	c := catalog.New()
	if _, err := read(t, "CREATE TABLE a (x serial PRIMARY KEY, y int CHECK (y > 0)); CREATE INDEX i ON a (y); COMMENT ON INDEX i IS 'i';").Replay(c, Options{}); err != nil {
		t.Fatal(err)
	}
	before := objects(c)
	for _, sql := range []string{
		"ALTER TABLE a DROP COLUMN y, ADD COLUMN z int, ADD COLUMN w nope",
		"ALTER TABLE a RENAME TO a; ",
		"ALTER TABLE a DROP CONSTRAINT a_pkey, ALTER x DROP NOT NULL, DROP COLUMN nope",
		"CREATE TABLE b (x serial, y int REFERENCES a (nope))",
		"DROP TABLE a, nope",
	} {
		if _, err := read(t, sql).Replay(c, Options{}); err == nil {
			t.Errorf("%s: no error", sql)
		}
		if diff := cmp.Diff(before, objects(c), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-before +after)\n%s", sql, diff)
		}
	}
}

func FuzzDeclare(f *testing.F) {
	for _, s := range statementsInNoOrder {
		f.Add(s)
	}
	files, _ := filepath.Glob("testdata/server/*.sql")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for s := range strings.SplitSeq(string(text), "\n") {
			f.Add(s)
		}
	}
	f.Add("\\x\nCOPY a FROM stdin;\n1\n\\.\nSELECT 'é';")
	f.Fuzz(func(t *testing.T, sql string) {
		s, err := Read(context.Background(), []Source{{Name: "a.sql", Text: sql}})
		inside(t, sql, err)
		if s == nil {
			return
		}
		_, notes, err := s.Declare(Options{})
		inside(t, sql, err)
		for _, n := range notes {
			insidePos(t, sql, n.Pos)
		}
		_, err = s.Replay(catalog.New(), Options{})
		inside(t, sql, err)
	})
}

func inside(t *testing.T, sql string, err error) {
	t.Helper()
	if list, ok := err.(ErrorList); ok {
		for _, e := range list {
			insidePos(t, sql, e.Pos)
		}
	}
}

func insidePos(t *testing.T, sql string, p catalog.Pos) {
	t.Helper()
	lines := strings.Split(strings.TrimPrefix(sql, "\ufeff"), "\n")
	if p.Line < 1 || p.Line > len(lines) || p.Col < 1 || p.Col > utf8.RuneCountInString(lines[p.Line-1])+1 {
		t.Errorf("%v is outside of %q", p, sql)
	}
}
