package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bloom/supabase/server/servertest"
)

// busyChanges are changes of a table {t} with rows (id, n) that others read and write
// meanwhile: what it is now, what else there is, and what is wanted.
var busyChanges = []struct{ name, current, desired string }{
	{"add_column", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int)", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int, a text NOT NULL DEFAULT 'x')"},
	{"volatile_default", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int)", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int, a uuid NOT NULL DEFAULT gen_random_uuid())"},
	{"drop_column", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int, a text)", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int)"},
	{"not_null", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int)", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int NOT NULL)"},
	{"not_null_filled", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int, a int)", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int, a int NOT NULL DEFAULT 7)"},
	{"check", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int)", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int, CONSTRAINT {t}_c CHECK (n >= 0))"},
	{"check_replaced", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int, CONSTRAINT {t}_c CHECK (n >= 0))", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int, CONSTRAINT {t}_c CHECK (n >= 0 AND id > 0))"},
	{"unique", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int)", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int, CONSTRAINT {t}_u UNIQUE (id, n))"},
	{"primary_key", "CREATE TABLE {t} (id bigint NOT NULL, n int)", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int)"},
	{"foreign_key", "CREATE TABLE {t}_p (n int PRIMARY KEY); INSERT INTO {t}_p SELECT generate_series(0, 2000); CREATE TABLE {t} (id bigint PRIMARY KEY, n int)",
		"CREATE TABLE {t}_p (n int PRIMARY KEY); CREATE TABLE {t} (id bigint PRIMARY KEY, n int REFERENCES {t}_p)"},
	{"index", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int)", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int); CREATE INDEX {t}_i ON {t} (n)"},
	{"index_replaced", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int); CREATE INDEX {t}_i ON {t} (n)", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int); CREATE INDEX {t}_i ON {t} (n, id)"},
	{"index_dropped", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int); CREATE INDEX {t}_i ON {t} (n)", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int)"},
	{"type", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int, a varchar(20))", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int, a text)"},
	{"policy", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int)", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int); ALTER TABLE {t} ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON {t} USING (true)"},
	{"trigger", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int)",
		"CREATE TABLE {t} (id bigint PRIMARY KEY, n int); CREATE FUNCTION {t}_f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'; CREATE TRIGGER tr BEFORE UPDATE ON {t} FOR EACH ROW EXECUTE FUNCTION {t}_f()"},
	{"view", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int); CREATE VIEW {t}_v AS SELECT id FROM {t}", "CREATE TABLE {t} (id bigint PRIMARY KEY, n int); CREATE VIEW {t}_v AS SELECT id, n FROM {t}"},
	{"partition_index", "CREATE TABLE {t} (id bigint, n int) PARTITION BY RANGE (id); CREATE TABLE {t}_1 PARTITION OF {t} FOR VALUES FROM (0) TO (5000); CREATE TABLE {t}_2 PARTITION OF {t} FOR VALUES FROM (5000) TO (MAXVALUE)",
		"CREATE TABLE {t} (id bigint, n int) PARTITION BY RANGE (id); CREATE TABLE {t}_1 PARTITION OF {t} FOR VALUES FROM (0) TO (5000); CREATE TABLE {t}_2 PARTITION OF {t} FOR VALUES FROM (5000) TO (MAXVALUE); CREATE INDEX {t}_i ON {t} (n)"},
	{"partition_key", "CREATE TABLE {t} (id bigint NOT NULL, n int) PARTITION BY RANGE (id); CREATE TABLE {t}_1 PARTITION OF {t} FOR VALUES FROM (0) TO (5000); CREATE TABLE {t}_2 PARTITION OF {t} FOR VALUES FROM (5000) TO (MAXVALUE)",
		"CREATE TABLE {t} (id bigint NOT NULL, n int, PRIMARY KEY (id)) PARTITION BY RANGE (id); CREATE TABLE {t}_1 PARTITION OF {t} FOR VALUES FROM (0) TO (5000); CREATE TABLE {t}_2 PARTITION OF {t} FOR VALUES FROM (5000) TO (MAXVALUE)"},
	{"attach", "CREATE TABLE {t}_all (id bigint NOT NULL, n int) PARTITION BY RANGE (id); CREATE TABLE {t} (id bigint NOT NULL, n int)",
		"CREATE TABLE {t}_all (id bigint NOT NULL, n int) PARTITION BY RANGE (id); CREATE TABLE {t} PARTITION OF {t}_all FOR VALUES FROM (0) TO (MAXVALUE)"},
	{"detach", "CREATE TABLE {t}_all (id bigint NOT NULL, n int) PARTITION BY RANGE (id); CREATE TABLE {t} PARTITION OF {t}_all FOR VALUES FROM (0) TO (MAXVALUE)",
		"CREATE TABLE {t}_all (id bigint NOT NULL, n int) PARTITION BY RANGE (id); CREATE TABLE {t} (id bigint NOT NULL, n int)"},
}

const (
	busyLockTimeout = time.Second
	// What a statement of others may take on top of that, on a machine that does other
	// things as well.
	busySlack = 2 * time.Second
)

// TestBusy makes all of these changes at once while every table is read and written, in
// the forms for tables in use. No row is lost or changed but by the writers, nobody
// waits longer than the migration does for a lock, and no writer gets an error.
// With BLOOM_BUSY set, each change is made by itself, on all versions.
func TestBusy(t *testing.T) {
	if os.Getenv("BLOOM_BUSY") == "" {
		var names []int
		for i := range busyChanges {
			names = append(names, i)
		}
		busy(t, servertest.Start(t, 17), names...)
		return
	}
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		for i, c := range busyChanges {
			t.Run(c.name, func(t *testing.T) { busy(t, s, i) })
		}
	})
}

func busy(t *testing.T, s *servertest.Server, changes ...int) {
	t.Helper()
	url := s.Database(t)
	var tables []string
	var current, desired strings.Builder
	for _, i := range changes {
		name := func(sql string) string { return strings.ReplaceAll(sql, "{t}", "t"+fmt.Sprint(i)) + ";\n" }
		current.WriteString(name(busyChanges[i].current + ";\nINSERT INTO {t} (id, n) SELECT i, i % 1000 FROM generate_series(1, 10000) i"))
		desired.WriteString(name(busyChanges[i].desired))
		tables = append(tables, fmt.Sprintf("t%d", i))
	}
	servertest.Exec(t, url, current.String()+"ANALYZE;")
	dir := smallProject(t, nil)
	if err := os.WriteFile(filepath.Join(dir, "schema.sql"), []byte(desired.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	diff := []string{"--workdir", dir, "diff", "--db-url", url, "--schema-dir", filepath.Join(dir, "schema.sql"), "-s", "public", "--online", "always"}
	got := invoke(t, strings.NewReader(""), append(diff, "-f", "busy")...)
	if got.code != 0 {
		t.Fatalf("%+v", got)
	}
	w := startWriters(t, url, tables)
	push := []string{"--workdir", dir, "--yes", "push", "--db-url", url, "--lock-timeout", busyLockTimeout.String(), "--lock-retries", "20"}
	for _, code := range regexp.MustCompile(`(?m)^warning: ([A-Z_]+):`).FindAllStringSubmatch(got.stderr, -1) {
		push = append(push, "--allow", code[1])
	}
	got = invoke(t, strings.NewReader(""), push...)
	w.stop()
	if got.code != 0 {
		t.Fatalf("%+v", got)
	}
	w.verify(t, url)
	if again := invoke(t, strings.NewReader(""), append(diff, "--exit-code")...); again.code != 0 {
		t.Errorf("after the plan: %+v", again)
	}
}

// writers change rows, each those of its own, and know what they hold.
type writers struct {
	cancel  context.CancelFunc
	wg      sync.WaitGroup
	mu      sync.Mutex
	longest time.Duration
	slowest string
	errs    []error
	rows    map[string]map[int64]int // by table
	count   int
}

func startWriters(t *testing.T, url string, tables []string) *writers {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w := &writers{cancel: cancel, rows: map[string]map[int64]int{}}
	for _, table := range tables {
		w.rows[table] = map[int64]int{}
		for id := int64(1); id <= 10000; id++ {
			w.rows[table][id] = int(id % 1000)
		}
	}
	for k := range 3 {
		conn, err := pgx.Connect(context.Background(), url)
		if err != nil {
			t.Fatal(err)
		}
		w.wg.Add(1)
		go func() {
			defer w.wg.Done()
			defer conn.Close(context.Background())
			for ctx.Err() == nil {
				w.work(conn, tables[rand.IntN(len(tables))], int64(k))
				time.Sleep(time.Millisecond)
			}
		}()
	}
	return w
}

// work is one statement; writer k has the rows whose number leaves k when divided by three.
func (w *writers) work(conn *pgx.Conn, table string, k int64) {
	id := rand.Int64N(4000)*3 + k
	w.mu.Lock()
	n, there := w.rows[table][id]
	w.mu.Unlock()
	sql := fmt.Sprintf("SELECT count(*) FROM %s WHERE id BETWEEN %d AND %d", table, id, id+100)
	kind := rand.IntN(4)
	switch {
	case kind == 0 && id > 0 && !there:
		sql = fmt.Sprintf("INSERT INTO %s (id, n) VALUES (%d, 1)", table, id)
	case kind == 1 && there:
		sql = fmt.Sprintf("UPDATE %s SET n = %d WHERE id = %d", table, (n+1)%1000, id)
	case kind == 2 && there:
		sql = fmt.Sprintf("DELETE FROM %s WHERE id = %d", table, id)
	default:
		kind = 3
	}
	start := time.Now()
	_, err := conn.PgConn().Exec(context.Background(), sql).ReadAll()
	took := time.Since(start)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count++
	if took > w.longest {
		w.longest, w.slowest = took, sql
	}
	switch {
	case err != nil:
		w.errs = append(w.errs, fmt.Errorf("%s: %w", sql, err))
	case kind == 0:
		w.rows[table][id] = 1
	case kind == 1:
		w.rows[table][id] = (n + 1) % 1000
	case kind == 2:
		delete(w.rows[table], id)
	}
}

func (w *writers) stop() {
	w.cancel()
	w.wg.Wait()
}

func (w *writers) verify(t *testing.T, url string) {
	t.Helper()
	t.Logf("%d statements of others, the longest %s", w.count, w.longest)
	if w.longest > busyLockTimeout+busySlack {
		t.Errorf("somebody waited %s: %s", w.longest, w.slowest)
	}
	for _, err := range w.errs {
		t.Error(err)
	}
	conn := servertest.Connect(t, url)
	for table, want := range w.rows {
		rows, err := conn.Query(t.Context(), "SELECT id, n FROM "+table)
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		var id int64
		var n int
		_, err = pgx.ForEachRow(rows, []any{&id, &n}, func() error {
			got++
			if want[id] != n {
				t.Errorf("%s: row %d is %d, not %d", table, id, n, want[id])
			}
			return nil
		})
		if err != nil || got != len(want) {
			t.Errorf("%s has %d rows, not %d (%v)", table, got, len(want), err)
		}
	}
}
