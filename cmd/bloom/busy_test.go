package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bloom/planner/busytest"
	"bloom/supabase/server/servertest"
)

const (
	busyRows        = 10000
	busyLockTimeout = time.Second
	// What a statement of others may take on top of that, on a machine that does other
	// things as well; and beside what is announced to write tables anew while all wait.
	busySlack, busyRewriteSlack = 2 * time.Second, 20 * time.Second
	busyTogether                = 20 // changes that are one plan
)

// TestBusy makes changes of every kind while their tables are read and written, in the
// forms for tables in use. No row is lost or changed but by the writers, nobody waits
// longer than the migration does for a lock, no writer gets an error, and no table is written
// anew of which that is not announced. With BLOOM_BUSY set, each change is made by itself.
func TestBusy(t *testing.T) {
	together := busyTogether
	if os.Getenv("BLOOM_BUSY") != "" {
		together = 1
	}
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		var quick, rewriting []busytest.Change
		for _, c := range busytest.Changes(t, s.Major, busyRows) {
			if c.Announces("TABLE_REWRITE") {
				rewriting = append(rewriting, c)
			} else {
				quick = append(quick, c)
			}
		}
		for _, list := range [][]busytest.Change{quick, rewriting} {
			for group := range slices.Chunk(list, together) {
				name := group[0].Name
				if len(group) > 1 {
					name += "-" + group[len(group)-1].Name
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					busy(t, s, group)
				})
			}
		}
	})
}

func busy(t *testing.T, s *servertest.Server, changes []busytest.Change) {
	t.Helper()
	url := s.Database(t)
	var tables, reads []string
	var desired strings.Builder
	for _, c := range changes {
		conn := servertest.Connect(t, url)
		for _, sql := range c.First {
			_, _ = conn.Exec(t.Context(), sql)
		}
		servertest.Exec(t, url, c.Current+c.Rows)
		desired.WriteString(c.Desired)
		tables = append(tables, c.Table)
		if c.Read != "" {
			reads = append(reads, c.Read)
		}
	}
	servertest.Exec(t, url, "ANALYZE")
	dir := smallProject(t, nil)
	if err := os.WriteFile(filepath.Join(dir, "schema.sql"), []byte(desired.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	diff := []string{"--workdir", dir, "diff", "--db-url", url, "--schema-dir", filepath.Join(dir, "schema.sql"), "--online", "always",
		"--renames", "drop"} // some changes look like renames beside others
	got := invoke(t, strings.NewReader(""), append(diff, "-f", "busy")...)
	if got.code != 0 {
		t.Fatalf("%+v", got)
	}
	before := tableFiles(t, url)
	w := startWriters(t, url, tables, reads)
	push := []string{"--workdir", dir, "--yes", "push", "--db-url", url, "--lock-timeout", busyLockTimeout.String(), "--lock-retries", "20",
		"--allow", "DROP_COLUMN"} // of which the plan knows that it is generated, and the gate does not
	for _, code := range regexp.MustCompile(`(?m)^warning: ([A-Z_]+):`).FindAllStringSubmatch(got.stderr, -1) {
		push = append(push, "--allow", code[1])
	}
	got = invoke(t, strings.NewReader(""), push...)
	w.stop()
	if got.code != 0 {
		t.Fatalf("%+v", got)
	}
	slack := busySlack
	if changes[0].Announces("TABLE_REWRITE") {
		slack = busyRewriteSlack
	} else {
		for name, file := range tableFiles(t, url) {
			if before[name] != 0 && before[name] != file {
				t.Errorf("%s was written anew, and nobody said so", name)
			}
		}
	}
	w.verify(t, url, busyLockTimeout+slack)
	if again := invoke(t, strings.NewReader(""), append(diff, "--exit-code")...); again.code != 0 {
		t.Errorf("after the plan: %+v", again)
	}
}

// tableFiles are the files of all tables with rows, by the tables' numbers and names.
func tableFiles(t *testing.T, url string) map[string]uint32 {
	t.Helper()
	rows, err := servertest.Connect(t, url).Query(t.Context(), `SELECT oid || ' ' || relname, pg_relation_filenode(oid) FROM pg_class
		WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0`)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]uint32{}
	var name string
	var file uint32
	if _, err := pgx.ForEachRow(rows, []any{&name, &file}, func() error { out[name] = file; return nil }); err != nil {
		t.Fatal(err)
	}
	return out
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
	reads   []string                 // of what hangs on the tables
	count   int
}

func startWriters(t *testing.T, url string, tables, reads []string) *writers {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w := &writers{cancel: cancel, rows: map[string]map[int64]int{}, reads: reads}
	for _, table := range tables {
		w.rows[table] = map[int64]int{}
		for id := int64(1); id <= busyRows; id++ {
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
		if len(w.reads) > 0 && rand.IntN(2) == 0 {
			sql = w.reads[rand.IntN(len(w.reads))]
		}
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
	case err != nil && strings.Contains(err.Error(), "cache lookup failed for statistics object"):
		// PostgreSQL's own race: DROP STATISTICS locks out nobody who is planning a statement.
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

func (w *writers) verify(t *testing.T, url string, patience time.Duration) {
	t.Helper()
	t.Logf("%d statements of others, the longest %s", w.count, w.longest)
	if w.longest > patience {
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
