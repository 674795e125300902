package main

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"bloom/catalog"
	"bloom/planner"
)

// refactorings are renames as histories of real projects have them: what was, and what
// the files say afterwards. With the directives nothing is dropped or made; without them
// each is suspected, or is a rename anyhow.
var refactorings = []struct{ name, before, after string }{
	{"table", "CREATE TABLE ideas (id int PRIMARY KEY, title text, body text);", "-- bloom:renamed-from ideas\nCREATE TABLE posts (id int PRIMARY KEY, title text, body text);"},
	{"table with quotes", `CREATE TABLE "Product" ("id" text PRIMARY KEY, "teamId" text);`, "-- bloom:renamed-from \"Product\"\nCREATE TABLE \"Project\" (\"id\" text PRIMARY KEY, \"teamId\" text);"},
	{"table in a schema", "CREATE SCHEMA s; CREATE TABLE s.image (id int, path text);", "CREATE SCHEMA s;\n-- bloom:renamed-from image\nCREATE TABLE s.media_object (id int, path text);"},
	{"table that gets a column", "CREATE TABLE memberships (id int PRIMARY KEY, user_id int, org_id int);", "-- bloom:renamed-from memberships\nCREATE TABLE project_memberships (id int PRIMARY KEY, user_id int, org_id int, role text);"},
	{"table under a foreign key", "CREATE TABLE entities (id int PRIMARY KEY, name text); CREATE TABLE notes (id int PRIMARY KEY, entity_id int REFERENCES entities);",
		"-- bloom:renamed-from entities\nCREATE TABLE concepts (id int PRIMARY KEY, name text);\nCREATE TABLE notes (id int PRIMARY KEY, entity_id int REFERENCES concepts);"},
	{"table under a view", "CREATE TABLE supporters (id int, at date); CREATE VIEW recent AS SELECT id FROM supporters;",
		"-- bloom:renamed-from supporters\nCREATE TABLE votes (id int, at date);\nCREATE VIEW recent AS SELECT id FROM votes;"},
	{"column", "CREATE TABLE t (id int, created_on date);", "CREATE TABLE t (\n  id int,\n  -- bloom:renamed-from created_on\n  created_at date\n);"},
	{"column with a check", "CREATE TABLE t (id int, gamma numeric CHECK (gamma > 0));", "CREATE TABLE t (\n  id int,\n  -- bloom:renamed-from gamma\n  scanner_gamma numeric CHECK (scanner_gamma > 0)\n);"},
	{"column under an index", "CREATE TABLE t (id int, domain text); CREATE INDEX i ON t (domain);", "CREATE TABLE t (\n  id int,\n  -- bloom:renamed-from domain\n  subdomain text\n);\nCREATE INDEX i ON t (subdomain);"},
	{"column under a view", "CREATE TABLE t (id int, n int); CREATE VIEW v AS SELECT id, n AS total FROM t;", "CREATE TABLE t (\n  id int,\n  -- bloom:renamed-from n\n  amount int\n);\nCREATE VIEW v AS SELECT id, amount AS total FROM t;"},
	{"column under a policy", "CREATE TABLE t (id int, inviter text); CREATE POLICY p ON t USING (inviter = current_user);", "CREATE TABLE t (\n  id int,\n  -- bloom:renamed-from inviter\n  invitee_email text\n);\nCREATE POLICY p ON t USING (invitee_email = current_user);"},
	{"column with a foreign key", "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int, team_id int REFERENCES p);", "CREATE TABLE p (id int PRIMARY KEY);\nCREATE TABLE t (\n  id int,\n  -- bloom:renamed-from team_id\n  organization_id int REFERENCES p\n);"},
	{"key column", "CREATE TABLE t (id int PRIMARY KEY, n int);", "CREATE TABLE t (\n  -- bloom:renamed-from id\n  t_id int PRIMARY KEY,\n  n int\n);"},
	{"column with quotes", `CREATE TABLE t ("stoppedAt" timestamptz, id int);`, "CREATE TABLE t (\n  -- bloom:renamed-from \"stoppedAt\"\n  \"deprecatedAt\" timestamptz,\n  id int\n);"},
	{"two columns", "CREATE TABLE t (id int, a text, b date);", "CREATE TABLE t (\n  id int,\n  -- bloom:renamed-from a\n  label text,\n  -- bloom:renamed-from b\n  due date\n);"},
	{"table and column", "CREATE TABLE person (id int, environment_id int);", "-- bloom:renamed-from person\nCREATE TABLE contact (\n  id int,\n  -- bloom:renamed-from environment_id\n  workspace_id int\n);"},
	{"constraint", "CREATE TABLE t (a int, CONSTRAINT ideas_positive CHECK (a > 0));", "CREATE TABLE t (\n  a int,\n  -- bloom:renamed-from ideas_positive\n  CONSTRAINT posts_positive CHECK (a > 0)\n);"},
	{"foreign key", "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (a int, CONSTRAINT ideas_p_fkey FOREIGN KEY (a) REFERENCES p);", "CREATE TABLE p (id int PRIMARY KEY);\nCREATE TABLE t (\n  a int,\n  -- bloom:renamed-from ideas_p_fkey\n  CONSTRAINT posts_p_fkey FOREIGN KEY (a) REFERENCES p\n);"},
	{"unique", "CREATE TABLE t (a int, CONSTRAINT idea_number_key UNIQUE (a));", "CREATE TABLE t (\n  a int,\n  -- bloom:renamed-from idea_number_key\n  CONSTRAINT post_number_key UNIQUE (a)\n);"},
	{"index", "CREATE TABLE t (a int); CREATE INDEX idx_messages_a ON t (a);", "CREATE TABLE t (a int);\n-- bloom:renamed-from idx_messages_a\nCREATE INDEX idx_timeline_a ON t (a);"},
	{"partial index", "CREATE TABLE t (a int, d bool); CREATE UNIQUE INDEX trimed ON t (a) WHERE d;", "CREATE TABLE t (a int, d bool);\n-- bloom:renamed-from trimed\nCREATE UNIQUE INDEX trimmed ON t (a) WHERE d;"},
	{"enum", "CREATE TYPE team_permission AS ENUM ('read', 'manage'); CREATE TABLE t (p team_permission);", "-- bloom:renamed-from team_permission\nCREATE TYPE project_permission AS ENUM ('read', 'manage');\nCREATE TABLE t (p project_permission);"},
	{"enum value", "CREATE TYPE queue AS ENUM ('WorkerTask', 'Trigger'); CREATE TABLE t (q queue);", "CREATE TYPE queue AS ENUM (\n  -- bloom:renamed-from 'WorkerTask'\n  'WorkerJob',\n  'Trigger'\n);\nCREATE TABLE t (q queue);"},
	{"composite type", "CREATE TYPE point2 AS (x int, y int); CREATE TABLE t (p point2);", "-- bloom:renamed-from point2\nCREATE TYPE place AS (x int, y int);\nCREATE TABLE t (p place);"},
	{"domain", "CREATE DOMAIN mail AS text; CREATE TABLE t (m mail);", "-- bloom:renamed-from mail\nCREATE DOMAIN email AS text;\nCREATE TABLE t (m email);"},
	{"function", "CREATE FUNCTION send_transfers(n int) RETURNS int LANGUAGE sql AS 'SELECT n';", "-- bloom:renamed-from send_transfers\nCREATE FUNCTION send_v0_transfers(n int) RETURNS int LANGUAGE sql AS 'SELECT n';"},
	{"policy", "CREATE TABLE t (a int); CREATE POLICY \"User can UPDATE entities\" ON t FOR UPDATE USING (a > 0);", "CREATE TABLE t (a int);\n-- bloom:renamed-from \"User can UPDATE entities\"\nCREATE POLICY \"User can UPDATE concepts\" ON t FOR UPDATE USING (a > 0);"},
	{"trigger", "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'; CREATE TABLE t (a int); CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();",
		"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';\nCREATE TABLE t (a int);\n-- bloom:renamed-from touch\nCREATE TRIGGER set_updated BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();"},
	{"view", "CREATE TABLE t (a int); CREATE VIEW old_list AS SELECT a FROM t;", "CREATE TABLE t (a int);\n-- bloom:renamed-from old_list\nCREATE VIEW list AS SELECT a FROM t;"},
	{"materialized view", "CREATE TABLE t (a int); CREATE MATERIALIZED VIEW sums AS SELECT sum(a) AS s FROM t;", "CREATE TABLE t (a int);\n-- bloom:renamed-from sums\nCREATE MATERIALIZED VIEW totals AS SELECT sum(a) AS s FROM t;"},
	{"sequence", "CREATE SEQUENCE invoice_no;", "-- bloom:renamed-from invoice_no\nCREATE SEQUENCE bill_no;"},
	{"schema", "CREATE SCHEMA legacy; CREATE TABLE legacy.t (a int); CREATE FUNCTION legacy.f() RETURNS int LANGUAGE sql AS 'SELECT 1';",
		"-- bloom:renamed-from legacy\nCREATE SCHEMA core;\nCREATE TABLE core.t (a int);\nCREATE FUNCTION core.f() RETURNS int LANGUAGE sql AS 'SELECT 1';"},
}

var (
	directiveLine = regexp.MustCompile(`(?m)^ *-- bloom:renamed-from .*\n`)
	rebuilt       = regexp.MustCompile(`(?m)^(DROP .*|CREATE (TABLE|TYPE|DOMAIN|VIEW|MATERIALIZED|INDEX|UNIQUE|SEQUENCE|SCHEMA|FUNCTION|POLICY|TRIGGER).*|ALTER TABLE .* (DROP|ADD CONSTRAINT) .*)$`)
)

func TestRefactorings(t *testing.T) {
	t.Setenv("CI", "")
	for _, r := range refactorings {
		t.Run(r.name, func(t *testing.T) {
			dir := t.TempDir()
			write := func(name, sql string) string {
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, []byte(sql), 0o644); err != nil {
					t.Fatal(err)
				}
				return path
			}
			before := write("before.sql", r.before)
			said := write("said.sql", r.after)
			silent := write("silent.sql", directiveLine.ReplaceAllString(r.after, ""))
			diff := func(to string, more ...string) invocation {
				return invoke(t, strings.NewReader(""), append([]string{"--workdir", dir, "diff", "--from", before, "--to", to}, more...)...)
			}
			got := diff(said)
			if got.code != 0 || !strings.Contains(got.stdout, "RENAME ") || rebuilt.MatchString(got.stdout) {
				t.Errorf("with the directive: %d\n%s\n%s", got.code, got.stdout, got.stderr)
			}
			got = diff(silent)
			suspected := strings.Contains(got.stderr, "POSSIBLE_RENAME") || strings.Contains(got.stderr, "SIMILAR_OBJECT")
			renamed := strings.Contains(got.stdout, "RENAME ") && !rebuilt.MatchString(got.stdout)
			if got.code != 0 || !suspected && !renamed {
				t.Errorf("without it: %d\n%s\n%s", got.code, got.stdout, got.stderr)
			}
			if got := diff(silent, "--renames", "stop"); suspected && (got.code != exitError || !strings.Contains(got.stderr, "-- bloom:renamed-from ") || got.stdout != "") {
				t.Errorf("stopped: %+v", got)
			}
		})
	}
}

// TestAskRenames: who says yes gets a rename, and is not asked for the parts of it.
func TestAskRenames(t *testing.T) {
	table := func(name string) catalog.ID { return catalog.ID{Kind: catalog.KindTable, Schema: "public", Name: name} }
	suspects := []planner.Rename{{From: table("a"), To: table("b")}, {From: table("a"), To: table("c")}, {From: table("d"), To: table("e")}}
	var out bytes.Buffer
	yes, err := ask(bufio.NewReader(strings.NewReader("y\n\n")), &out, suspects)
	if err != nil || len(yes) != 1 || yes[0] != suspects[0] || strings.Count(out.String(), "?") != 2 {
		t.Errorf("%v %v\n%s", yes, err, &out)
	}
	if _, err := ask(bufio.NewReader(strings.NewReader("")), &out, suspects); err == nil {
		t.Error("an answer was made up")
	}
}
