package main

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bloom/supabase/server/servertest"
)

// privilegeObject is something that has privileges and an owner.
type privilegeObject struct{ make, kind, name, owner string }

var privilegeObjects = []privilegeObject{
	{"CREATE SCHEMA app", "SCHEMA", "app", "SCHEMA app"},
	{"CREATE TABLE app.t (a int, b text, c int)", "TABLE", "app.t", "TABLE app.t"},
	{"CREATE TABLE u (a int GENERATED ALWAYS AS IDENTITY, b text, c serial)", "TABLE", "u", "TABLE u"},
	{"CREATE TABLE parts (a int, b text, c int) PARTITION BY LIST (a)", "TABLE", "parts", "TABLE parts"},
	{"CREATE VIEW v AS SELECT 1 AS a, 2 AS b, 3 AS c", "TABLE", "v", "VIEW v"},
	{"CREATE MATERIALIZED VIEW app.m AS SELECT 1 AS a, 2 AS b, 3 AS c", "TABLE", "app.m", "MATERIALIZED VIEW app.m"},
	{"CREATE SEQUENCE app.s", "SEQUENCE", "app.s", "SEQUENCE app.s"},
	{"CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'", "FUNCTION", "f(int)", "FUNCTION f(int)"},
	{"CREATE AGGREGATE app.ag(int) (sfunc = int4pl, stype = int)", "FUNCTION", "app.ag(int)", "AGGREGATE app.ag(int)"},
	{"CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1'", "PROCEDURE", "p()", "PROCEDURE p()"},
	{"CREATE TYPE e AS ENUM ('x')", "TYPE", "e", "TYPE e"},
	{"CREATE TYPE app.co AS (x int)", "TYPE", "app.co", "TYPE app.co"},
	{"CREATE DOMAIN d AS int", "DOMAIN", "d", "DOMAIN d"},
	{"CREATE FOREIGN DATA WRAPPER w", "FOREIGN DATA WRAPPER", "w", ""},
	{"CREATE SERVER srv FOREIGN DATA WRAPPER w", "FOREIGN SERVER", "srv", "SERVER srv"},
}

var privilegeNames = map[string][]string{
	"TABLE": {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"}, "SEQUENCE": {"USAGE", "SELECT", "UPDATE"},
	"FUNCTION": {"EXECUTE"}, "PROCEDURE": {"EXECUTE"}, "SCHEMA": {"USAGE", "CREATE"}, "COLUMN": {"SELECT", "INSERT", "UPDATE", "REFERENCES"},
}

// effectivePrivileges lists who owns what and who may do what. An owner may pass on what he
// may do whatever the ACL says, and what he gives himself in a schema is his anyway.
const effectivePrivileges = `
WITH o(name, acl, owner, built_in) AS (
	SELECT oid::regclass::text, relacl, relowner, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner)
		FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S') AND oid >= 16384
	UNION ALL SELECT attrelid::regclass || '.' || attname, attacl, relowner, NULL FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE c.oid >= 16384 AND attacl IS NOT NULL
	UNION ALL SELECT oid::regprocedure::text, proacl, proowner, acldefault('f', proowner) FROM pg_proc WHERE oid >= 16384
	UNION ALL SELECT oid::regtype::text, typacl, typowner, acldefault('T', typowner) FROM pg_type
		WHERE oid >= 16384 AND typtype IN ('e', 'd', 'c') AND (typrelid = 0 OR (SELECT relkind = 'c' FROM pg_class WHERE oid = typrelid))
	UNION ALL SELECT nspname, nspacl, nspowner, acldefault('n', nspowner) FROM pg_namespace WHERE oid >= 16384
	UNION ALL SELECT fdwname, fdwacl, fdwowner, acldefault('F', fdwowner) FROM pg_foreign_data_wrapper
	UNION ALL SELECT srvname, srvacl, srvowner, acldefault('S', srvowner) FROM pg_foreign_server)
SELECT string_agg(line, E'\n' ORDER BY line COLLATE "C") FROM (
	SELECT format('%s of %s: %s %s%s', name, owner::regrole, grantee::regrole, privilege_type, CASE WHEN bool_or(is_grantable) AND grantee <> owner THEN '*' END) AS line
	FROM o LEFT JOIN LATERAL aclexplode(coalesce(acl, built_in)) ON true GROUP BY name, owner, grantee, privilege_type
	UNION ALL
	SELECT format('new %s of %s in %s: %s %s%s', defaclobjtype, defaclrole::regrole, nullif(defaclnamespace, 0)::regnamespace, grantee::regrole, privilege_type, CASE WHEN is_grantable THEN '*' END)
	FROM pg_default_acl, aclexplode(defaclacl) WHERE defaclnamespace = 0 OR grantee <> defaclrole) AS lines`

// TestPrivilegesAtRandom plans between databases that random sequences of GRANT, REVOKE, ALTER
// DEFAULT PRIVILEGES and ALTER … OWNER TO have made, and compares with what the files make.
func TestPrivilegesAtRandom(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		admin := s.Database(t)
		roles := "DO $$ BEGIN CREATE ROLE random_%[1]d; EXCEPTION WHEN duplicate_object THEN END $$;"
		for i := range 3 {
			servertest.Exec(t, admin, fmt.Sprintf(roles, i))
		}
		for seed := range int64(12) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) { randomPrivileges(t, s, seed) })
		}
	})
}

func randomPrivileges(t *testing.T, s *servertest.Server, seed int64) {
	g := &privilegeWriter{Rand: rand.New(rand.NewSource(seed)), major: s.Major}
	g.begin()
	current, desired := g.script(), g.script()
	ours, theirs, dir := s.Database(t), s.Database(t), t.TempDir()
	servertest.Exec(t, ours, current)
	servertest.Exec(t, theirs, desired)
	if err := os.WriteFile(filepath.Join(dir, "schema.sql"), []byte(desired), 0o644); err != nil {
		t.Fatal(err)
	}
	plan := bloom(t, dir, "diff", "--db-url", ours, "--schema-dir", dir)
	servertest.Exec(t, ours, plan)
	var got, want string
	for url, to := range map[string]*string{ours: &got, theirs: &want} {
		if err := servertest.Connect(t, url).QueryRow(t.Context(), effectivePrivileges).Scan(to); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Fatalf("(-of the files +after the plan):\n%s\nthere was:\n%s\nthe files:\n%s\nthe plan:\n%s", diff, current, desired, plan)
	}
	if left := bloom(t, dir, "diff", "--db-url", ours, "--schema-dir", dir); left != "" {
		t.Fatalf("there is a second plan:\n%s", left)
	}
}

// privilegeWriter writes scripts that agree on whose owners and default privileges they speak of:
// of others, a file says nothing, and what is there stays.
type privilegeWriter struct {
	*rand.Rand
	major    int
	owned    map[string]bool
	defaults []string
	lines    []string
	made     []privilegeObject
	given    map[string]bool
}

func (g *privilegeWriter) begin() {
	g.owned = map[string]bool{}
	for _, o := range privilegeObjects {
		g.owned[o.name] = o.owner != "" && g.Intn(3) == 0
	}
	for range g.Intn(3) {
		g.defaults = append(g.defaults, one(g, "", " FOR ROLE random_0")+one(g, "", " IN SCHEMA public", " IN SCHEMA app")+"|"+one(g, "TABLE", "SEQUENCE", "FUNCTION", "TYPE"))
	}
}

func one(g *privilegeWriter, of ...string) string { return of[g.Intn(len(of))] }

func (g *privilegeWriter) script() string {
	g.lines, g.made, g.given = nil, nil, map[string]bool{}
	for i, o := range privilegeObjects {
		if needed := i == 0 || o.kind == "FOREIGN DATA WRAPPER"; needed || g.Intn(4) > 0 {
			g.lines = append(g.lines, o.make)
			g.made = append(g.made, o)
			g.some(g.Intn(4))
		}
	}
	g.some(4 + g.Intn(10))
	for _, d := range g.defaults {
		g.byDefault(d)
	}
	for _, o := range g.made {
		g.own(o)
	}
	return strings.Join(g.lines, ";\n") + ";\n"
}

func (g *privilegeWriter) some(n int) {
	for range n {
		o := g.made[g.Intn(len(g.made))]
		switch n := g.Intn(20); {
		case n < 10:
			g.change("", o.kind, o.kind+" "+o.name, "")
		case n < 13 && o.kind == "TABLE":
			g.change("", "COLUMN", o.name, " ("+one(g, "a", "b", "a, c")+")")
		case n < 15:
			kind := one(g, "TABLE", "SEQUENCE", "FUNCTION", "PROCEDURE")
			g.change("", kind, "ALL "+kind+"S IN SCHEMA "+one(g, "public", "app"), "")
		case n < 18 && len(g.defaults) > 0:
			g.byDefault(g.defaults[g.Intn(len(g.defaults))])
		default:
			g.own(o)
		}
	}
}

func (g *privilegeWriter) own(o privilegeObject) {
	if g.owned[o.name] && !g.given[o.name] {
		g.given[o.name] = true
		g.lines = append(g.lines, "ALTER "+o.owner+" OWNER TO "+one(g, "random_0", "random_1", "CURRENT_USER"))
	}
}

func (g *privilegeWriter) byDefault(key string) {
	prefix, kind, _ := strings.Cut(key, "|")
	g.change("ALTER DEFAULT PRIVILEGES"+prefix+" ", kind, kind+"S", "")
}

// change writes a GRANT or a REVOKE.
func (g *privilegeWriter) change(prefix, kind, on, columns string) {
	list := "ALL" + columns
	if names := privilegeNames[kind]; names != nil && g.Intn(5) > 1 {
		if kind == "TABLE" && g.major >= 17 {
			names = append([]string{"MAINTAIN"}, names...)
		}
		list = names[g.Intn(len(names))] + columns + ", " + names[g.Intn(len(names))] + columns
	}
	who := one(g, "random_0", "random_1", "random_2", "random_0, random_1", "CURRENT_USER")
	option := g.Intn(4) == 0
	if !option && g.Intn(3) == 0 {
		who = "PUBLIC"
	}
	statement := prefix + "GRANT " + list + " ON " + on + " TO " + who
	switch grant := g.Intn(5) < 3; {
	case grant && option:
		statement += " WITH GRANT OPTION"
	case !grant && option:
		statement = prefix + "REVOKE GRANT OPTION FOR " + list + " ON " + on + " FROM " + who
	case !grant:
		statement = prefix + "REVOKE " + list + " ON " + on + " FROM " + who
	}
	g.lines = append(g.lines, statement)
}
