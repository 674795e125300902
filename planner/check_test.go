package planner_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"bloom/parser/split"
	"bloom/planner"
	runner "bloom/supabase/migrate"
	"bloom/supabase/server/servertest"
)

// misfits are changes that rows are in the way of: what the check of the plan says of
// them, and the error of the statement if nobody looked.
var misfits = []struct {
	name, current, rows, desired string
	from                         int // version
	code, found, sqlstate        string
}{
	{"null", "CREATE TABLE t (id int PRIMARY KEY, a int);", "INSERT INTO t VALUES (1, 1), (2, NULL)",
		"CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL);", 0, "FAILS_ON_NULLS", "id=2", "23502"},
	{"null without a key", "CREATE TABLE t (a int);", "INSERT INTO t VALUES (NULL)",
		"CREATE TABLE t (a int NOT NULL);", 0, "FAILS_ON_NULLS", "tableoid=t, ctid=(0,1)", "23502"},
	{"required column", "CREATE TABLE t (id int PRIMARY KEY);", "INSERT INTO t VALUES (7)",
		"CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL);", 0, "ADD_REQUIRED_COLUMN", "id=7", "23502"},
	{"check", "CREATE TABLE t (id int PRIMARY KEY, a int);", "INSERT INTO t VALUES (1, 1), (2, -1), (3, NULL)",
		"CREATE TABLE t (id int PRIMARY KEY, a int, CHECK (a > 0));", 0, "FAILS_ON_CHECK", "id=2", "23514"},
	{"check of several lines", "CREATE TABLE t (id int PRIMARY KEY, a int);", "INSERT INTO t VALUES (1, 1), (2, -1)",
		"CREATE TABLE t (id int PRIMARY KEY, a int,\n CONSTRAINT c CHECK (a > 0 -- not below\n AND a < 10));", 0, "FAILS_ON_CHECK", "id=2", "23514"},
	{"check that becomes valid", "CREATE TABLE t (id int PRIMARY KEY, a int);", "INSERT INTO t VALUES (2, -1); ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
		"CREATE TABLE t (id int PRIMARY KEY, a int, CONSTRAINT c CHECK (a > 0));", 0, "FAILS_ON_CHECK", "id=2", "23514"},
	{"foreign key", "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int);", "INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 1), (2, 2), (3, NULL)",
		"CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p);", 0, "FAILS_ON_ORPHANS", "id=2, p=2", "23503"},
	{"foreign key to a new table", "CREATE TABLE t (id int PRIMARY KEY, p int);", "INSERT INTO t VALUES (1, NULL), (2, 2)",
		"CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, p int REFERENCES p);", 0, "FAILS_ON_ORPHANS", "id=2, p=2", "23503"},
	{"foreign key match full", "CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE t (id int PRIMARY KEY, a int, b int);", "INSERT INTO p VALUES (1, 1); INSERT INTO t VALUES (1, 1, 1), (2, 1, NULL), (3, NULL, NULL)",
		"CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE t (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES p MATCH FULL);", 0, "FAILS_ON_ORPHANS", "id=2, a=1, b=NULL", "23503"},
	{"unique", "CREATE TABLE t (id int PRIMARY KEY, a int, b text);", "INSERT INTO t VALUES (1, 1, 'x'), (2, 1, 'x'), (3, 1, NULL), (4, 1, NULL)",
		"CREATE TABLE t (id int PRIMARY KEY, a int, b text, UNIQUE (a, b));", 0, "FAILS_ON_DUPLICATES", "a=1, b=x, count=2", "23505"},
	{"unique nulls not distinct", "CREATE TABLE t (id int PRIMARY KEY, a int);", "INSERT INTO t VALUES (1, NULL), (2, NULL)",
		"CREATE TABLE t (id int PRIMARY KEY, a int, UNIQUE NULLS NOT DISTINCT (a));", 0, "FAILS_ON_DUPLICATES", "a=NULL, count=2", "23505"},
	{"primary key", "CREATE TABLE t (a int NOT NULL);", "INSERT INTO t VALUES (1), (1)",
		"CREATE TABLE t (a int PRIMARY KEY);", 0, "FAILS_ON_DUPLICATES", "a=1, count=2", "23505"},
	{"unique index over an expression", "CREATE TABLE t (id int PRIMARY KEY, a text, gone bool);", "INSERT INTO t VALUES (1, 'X', NULL), (2, 'x', NULL), (3, 'y', true), (4, 'Y', true)",
		"CREATE TABLE t (id int PRIMARY KEY, a text, gone bool); CREATE UNIQUE INDEX i ON t (lower(a)) WHERE gone IS NULL;", 0, "FAILS_ON_DUPLICATES", "lower=x, count=2", "23505"},
	{"exclusion", "CREATE TABLE t (r int4range, id int PRIMARY KEY);", "INSERT INTO t VALUES ('[1,5)', 1), ('[4,9)', 2), ('[20,30)', 3)",
		"CREATE TABLE t (r int4range, id int PRIMARY KEY, EXCLUDE USING gist (r WITH &&));", 0, "FAILS_ON_OVERLAP", "e1=[1,5), e1=[4,9)", "23P01"},
	{"narrower string", "CREATE TABLE t (id int PRIMARY KEY, a varchar(20));", "INSERT INTO t VALUES (1, 'abc'), (2, 'abcd'), (3, 'abc    ')",
		"CREATE TABLE t (id int PRIMARY KEY, a varchar(3));", 0, "FAILS_ON_RANGE", "id=2, a=abcd", "22001"},
	{"narrower number", "CREATE TABLE t (id int PRIMARY KEY, a int);", "INSERT INTO t VALUES (1, 1), (2, 40000)",
		"CREATE TABLE t (id int PRIMARY KEY, a smallint);", 0, "FAILS_ON_RANGE", "id=2, a=40000", "22003"},
	{"narrower numeric", "CREATE TABLE t (id int PRIMARY KEY, a numeric(10,2));", "INSERT INTO t VALUES (1, 1), (2, 40000)",
		"CREATE TABLE t (id int PRIMARY KEY, a numeric(5,2));", 0, "FAILS_ON_RANGE", "numeric field overflow", "22003"},
	{"cast", "CREATE TABLE t (id int PRIMARY KEY, a text);", "INSERT INTO t VALUES (1, '1'), (2, 'one')",
		"CREATE TABLE t (id int PRIMARY KEY, a int);", 16, "FAILS_ON_CAST", "id=2, a=one", "22P02"},
	{"cast before 16", "CREATE TABLE t (id int PRIMARY KEY, a text);", "INSERT INTO t VALUES (1, '1'), (2, 'one')",
		"CREATE TABLE t (id int PRIMARY KEY, a int);", -15, "FAILS_ON_CAST", `invalid input syntax for type integer: "one"`, "22P02"},
	{"to an enum", "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (id int PRIMARY KEY, a text);", "INSERT INTO t VALUES (1, 'a'), (2, 'b')",
		"CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (id int PRIMARY KEY, a e);", 0, "FAILS_ON_CAST", "id=2, a=b", "22P02"},
	{"enum value removed", "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int PRIMARY KEY, a e, l e[]);", "INSERT INTO t VALUES (1, 'a', '{a}'), (2, 'a', '{a,b}')",
		"CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (id int PRIMARY KEY, a e, l e[]);", 0, "FAILS_ON_CAST", "id=2, l={a,b}", "22P02"},
	{"domain", "CREATE DOMAIN d AS int; CREATE TABLE t (id int PRIMARY KEY, a d);", "INSERT INTO t VALUES (1, 1), (2, -1)",
		"CREATE DOMAIN d AS int CHECK (VALUE > 0); CREATE TABLE t (id int PRIMARY KEY, a d);", 0, "FAILS_ON_CHECK", "id=2, value=-1", "23514"},
	{"list", "CREATE TABLE t (id int, a text);", "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, NULL), (4, 'it''s'), (5, 'd')",
		"CREATE TABLE t (id int, a text) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN ('a', 'it''s'); CREATE TABLE t2 PARTITION OF t FOR VALUES IN ('b', NULL);", 0, "FAILS_ON_PARTITION", "tableoid=t, ctid=(0,5), a=d", "23514"},
	{"list without NULL", "CREATE TABLE t (id int PRIMARY KEY, a text); ALTER TABLE t DROP CONSTRAINT t_pkey", "INSERT INTO t VALUES (1, 'a'), (2, NULL)",
		"CREATE TABLE t (id int NOT NULL, a text) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN ('a');", 0, "FAILS_ON_PARTITION", "tableoid=t, ctid=(0,2), a=NULL", "23514"},
	{"no partition", "CREATE TABLE t (a int);", "INSERT INTO t VALUES (1)",
		"CREATE TABLE t (a int) PARTITION BY RANGE (a);", 0, "FAILS_ON_PARTITION", "tableoid=t, ctid=(0,1), a=1", "23514"},
	{"range over two columns", "CREATE TABLE t (a int, b int) PARTITION BY LIST (a); CREATE TABLE t0 PARTITION OF t DEFAULT;", "INSERT INTO t VALUES (1, -9), (3, 0), (5, 9), (6, 99), (5, 10), (0, 5), (7, 0), (2, NULL)",
		"CREATE TABLE t (a int, b int) PARTITION BY RANGE (a, b); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1, MINVALUE) TO (5, 10); CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (5, MAXVALUE) TO (7, MINVALUE);", 0,
		"FAILS_ON_PARTITION", "tableoid=t0, ctid=(0,5), a=5, b=10; tableoid=t0, ctid=(0,6), a=0, b=5; tableoid=t0, ctid=(0,7), a=7, b=0; tableoid=t0, ctid=(0,8), a=2, b=NULL", "23514"},
	{"range over an expression", "CREATE TABLE t (a text) PARTITION BY LIST (a); CREATE TABLE t0 PARTITION OF t DEFAULT;", "INSERT INTO t VALUES ('A'), ('m'), ('Z')",
		"CREATE TABLE t (a text) PARTITION BY RANGE (lower(a)); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (MINVALUE) TO ('n');", 0, "FAILS_ON_PARTITION", "tableoid=t0, ctid=(0,3)", "23514"},
	{"partitions within partitions", "CREATE TABLE t (a int, b int);", "INSERT INTO t VALUES (1, 1), (1, 2), (2, 5)",
		"CREATE TABLE t (a int, b int) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1) PARTITION BY LIST (b); CREATE TABLE t11 PARTITION OF t1 FOR VALUES IN (1); CREATE TABLE t2 PARTITION OF t FOR VALUES IN (2);", 0,
		"FAILS_ON_PARTITION", "tableoid=t, ctid=(0,2), a=1", "23514"},
	{"partition key of another type", "CREATE TABLE t (a text);", "INSERT INTO t VALUES ('7'), ('12')",
		"CREATE TABLE t (a int) PARTITION BY RANGE (a); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);", 0, "FAILS_ON_PARTITION", "tableoid=t, ctid=(0,2), a=12", "23514"},
	{"rows that leave with their partition", "CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1, 8); CREATE TABLE t2 PARTITION OF t FOR VALUES IN (2);", "INSERT INTO t VALUES (1), (2), (8)",
		"CREATE TABLE t (a int) PARTITION BY RANGE (a); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1) TO (2); CREATE TABLE t2 (a int);", 0, "FAILS_ON_PARTITION", "tableoid=t1, ctid=(0,2), a=8", "23514"},
	{"attached", "CREATE TABLE p (a int, b int) PARTITION BY RANGE (a, b); CREATE TABLE t (a int, b int);", "INSERT INTO t VALUES (1, 1), (2, 5), (2, NULL)",
		"CREATE TABLE p (a int, b int) PARTITION BY RANGE (a, b); CREATE TABLE t PARTITION OF p FOR VALUES FROM (1, 1) TO (2, 5);", 0, "FAILS_ON_PARTITION_BOUND", "tableoid=t, ctid=(0,2), a=2, b=5; tableoid=t, ctid=(0,3), a=2, b=NULL", "23514"},
	{"new partition of what is in the default one", "CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE t0 PARTITION OF t DEFAULT;", "INSERT INTO t VALUES (1), (2)",
		"CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE t0 PARTITION OF t DEFAULT; CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);", 0, "FAILS_ON_PARTITION_BOUND", "tableoid=t0, ctid=(0,1), a=1", "23514"},
	{"new partition of what is in the default one, by two columns", "CREATE TABLE t (a int, b int) PARTITION BY RANGE (a, b); CREATE TABLE t0 PARTITION OF t DEFAULT;", "INSERT INTO t VALUES (1, 2), (2, NULL)",
		"CREATE TABLE t (a int, b int) PARTITION BY RANGE (a, b); CREATE TABLE t0 PARTITION OF t DEFAULT; CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (1, 1) TO (3, 0);", 0, "FAILS_ON_PARTITION_BOUND", "tableoid=t0, ctid=(0,1), a=1, b=2", "23514"},
	{"domain not null", "CREATE DOMAIN d AS int; CREATE TABLE t (id int PRIMARY KEY, a d);", "INSERT INTO t VALUES (1, 1), (2, NULL)",
		"CREATE DOMAIN d AS int NOT NULL; CREATE TABLE t (id int PRIMARY KEY, a d);", 0, "FAILS_ON_NULLS", "id=2, value=NULL", "23502"},
}

// anew empties a database, which is quicker than making another.
const anew = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"

// TestChecks: what is in the way is found before the statement finds it; without such
// rows nothing is found, and the plan runs.
func TestChecks(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		ours, theirs := s.Database(t), s.Database(t)
		for _, m := range misfits {
			if m.from > s.Major || m.from < 0 && s.Major > -m.from {
				continue
			}
			t.Run(m.name, func(t *testing.T) {
				servertest.Exec(t, ours, anew+m.current)
				servertest.Exec(t, theirs, anew+m.desired)
				desired := read(t, theirs)
				servertest.Exec(t, ours, m.rows)
				current := read(t, ours)
				var p *planner.Migration
				for _, online := range []planner.Online{planner.OnlineAlways, planner.OnlineNever} {
					p = plan(t, testCase{online: online}, current, desired)
					if code, found := check(t, ours, p); code != m.code || found != m.found {
						t.Errorf("%s: found %s (%s), want %s (%s)\n%s", online, code, found, m.code, m.found, p.Script())
					}
				}
				_, err := servertest.Connect(t, ours).PgConn().Exec(t.Context(), p.Script()).ReadAll()
				var pg *pgconn.PgError
				if !errors.As(err, &pg) || pg.Code != m.sqlstate {
					t.Errorf("the plan: %v, want %s", err, m.sqlstate)
				}
				servertest.Exec(t, ours, "TRUNCATE t CASCADE")
				if code, found := check(t, ours, p); code != "" {
					t.Errorf("no row is there, but %s finds %s", code, found)
				}
				apply(t, ours, p.Script())
			})
		}
	})
}

// check runs the checks that a migration's files carry.
func check(t *testing.T, url string, m *planner.Migration) (code, rows string) {
	t.Helper()
	conn := servertest.Connect(t, url)
	for _, f := range m.Files() {
		statements, err := split.File("plan.sql", f)
		if err != nil {
			t.Fatal(err)
		}
		for _, st := range statements {
			for _, c := range st.Checks() {
				found, err := runner.Check(t.Context(), conn, c, "")
				if err != nil {
					t.Fatal(err)
				}
				if found != nil && !found.Known() {
					t.Errorf("%s\n%s", found, c.Query)
				} else if found != nil {
					code, rows = found.Code, strings.Join(found.Rows, "; ")
				}
			}
		}
	}
	return code, rows
}
