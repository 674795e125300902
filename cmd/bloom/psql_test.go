package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"bloom/supabase/server/servertest"
)

// TestPrintResult compares with psql itself.
func TestPrintResult(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("no psql to compare with")
	}
	url := servertest.Start(t, servertest.Majors()[0]).Database(t)
	servertest.Exec(t, url, "CREATE TABLE t (id int, name text)")
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, sql := range []string{
		"SELECT 1 AS id, 'a' AS name, NULL AS nothing",
		"SELECT 100000 AS n, 'abc' AS name UNION ALL SELECT 2, 'a'",
		"SELECT 'a' || chr(10) || 'bcd' AS x, 1 AS y, 'e' || chr(10) || 'f' AS z",
		"SELECT 'a' AS " + `"two` + "\n" + `lines", 1 AS y`,
		"SELECT 'ä€' AS x, '日本語' AS y, 'a' AS z UNION ALL SELECT 'abcdef', 'b', 'c'",
		"SELECT 'a' || chr(9) || 'b' || chr(13) || chr(1) AS x",
		"SELECT id FROM t", "SELECT FROM t", "SELECT", "SELECT true AS b, 1.5::numeric AS n, 2.5::float8 AS f, now() < now() AS l, '{}'::jsonb AS j",
		"INSERT INTO t VALUES (1, 'a'), (2, 'b')", "UPDATE t SET name = 'c' RETURNING id, name", "DELETE FROM t", "BEGIN; COMMIT", "SHOW server_encoding",
		"EXPLAIN SELECT 1", "CREATE TABLE u (x int)", "VALUES (1, 'x')",
	} {
		cmd := exec.Command(psql, "-X", "-d", url, "-c", sql)
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "PGCLIENTENCODING=UTF8")
		servertest.Exec(t, url, "CREATE TABLE before AS TABLE t")
		want, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		servertest.Exec(t, url, "DROP TABLE IF EXISTS u; TRUNCATE t; INSERT INTO t TABLE before; DROP TABLE before")
		results, err := query(t.Context(), conn.PgConn(), sql)
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		var got bytes.Buffer
		for _, r := range results {
			if err := printResult(&got, r); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("%s (-psql +bloom)\n%s", sql, diff)
		}
	}
}
