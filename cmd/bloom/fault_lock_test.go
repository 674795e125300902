package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bloom/supabase/server/servertest"
)

// smallProject is a project with migrations, by version.
func smallProject(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "supabase/migrations"), 0o755); err != nil {
		t.Fatal(err)
	}
	for version, sql := range files {
		if err := os.WriteFile(filepath.Join(dir, "supabase/migrations", version+"_a.sql"), []byte(sql), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestBlocker has a session that holds a lock: the push gives up, says who it
// was, and has done nothing; once the lock is gone it goes through.
func TestBlocker(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		url := s.Database(t)
		servertest.Exec(t, url, "CREATE TABLE plots (id int)")
		dir := smallProject(t, map[string]string{"20240101000000": "CREATE TABLE first (id int);\nALTER TABLE plots ADD COLUMN area int;\n"})
		blocker := servertest.Connect(t, url+"&application_name=reporting")
		if _, err := blocker.Exec(t.Context(), "BEGIN; SELECT count(*), 'hunter2' FROM plots"); err != nil {
			t.Fatal(err)
		}
		push := []string{"--workdir", dir, "--yes", "push", "--db-url", url, "--lock-timeout", "300ms", "--lock-retries", "1"}
		got := invoke(t, strings.NewReader(""), push...)
		for _, want := range []string{
			"canceling statement due to lock timeout", "trying again in", "blocked by pid", "reporting, idle in transaction for",
			"SELECT count ( * ) , ? FROM plots", "wanted: AccessExclusiveLock on plots", "At statement: 1",
		} {
			if !strings.Contains(got.stderr, want) {
				t.Errorf("stderr has no %q", want)
			}
		}
		if got.code != exitError || strings.Contains(got.stderr, "hunter2") {
			t.Errorf("%+v", got)
		}
		var clean bool
		if err := servertest.Connect(t, url).QueryRow(t.Context(), "SELECT to_regclass('first') IS NULL AND NOT EXISTS (SELECT FROM supabase_migrations.schema_migrations)").Scan(&clean); err != nil || !clean {
			t.Errorf("the push left something: %v", err)
		}

		// Gone while the push still tries.
		time.AfterFunc(500*time.Millisecond, func() { blocker.Close(context.Background()) })
		push[len(push)-1] = "10"
		if got := invoke(t, strings.NewReader(""), push...); got.code != 0 || !strings.Contains(got.stderr, "trying again in") {
			t.Errorf("%+v", got)
		}
	})
}

// TestLockWait has another bloom at work for longer than this one waits.
func TestLockWait(t *testing.T) {
	url := servertest.Start(t, servertest.Majors()[0]).Database(t)
	dir := smallProject(t, map[string]string{"20240101000000": "SELECT pg_sleep(2);\n"})
	var out bytes.Buffer
	first := pushProcess(t, &out, dir, url)
	waitFor(t, url, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)%' AND pid <> pg_backend_pid())")
	got := invoke(t, strings.NewReader(""), "--workdir", dir, "--yes", "push", "--db-url", url, "--wait", "300ms")
	if got.code != exitError || !strings.Contains(got.stderr, "another bloom is changing this database: pid ") || !strings.Contains(got.stderr, "user postgres, bloom, active for") {
		t.Errorf("%+v", got)
	}
	if err := first.Wait(); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
	if got := invoke(t, strings.NewReader(""), "--workdir", dir, "--yes", "push", "--db-url", url); got.code != 0 || got.stdout != "Remote database is up to date.\n" {
		t.Errorf("%+v", got)
	}
}

func waitFor(t *testing.T, url, sql string) {
	t.Helper()
	conn := servertest.Connect(t, url)
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		var ok bool
		if err := conn.QueryRow(t.Context(), sql).Scan(&ok); err != nil {
			t.Fatal(err)
		}
		if ok {
			return
		}
	}
	t.Fatalf("never true: %s", sql)
}

// inserters insert into a table as fast as they can, until they are stopped.
type inserters struct {
	written atomic.Int64
	done    sync.WaitGroup
	stop    chan struct{}
}

func startInserters(t *testing.T, url, sql string, count int) *inserters {
	t.Helper()
	w := &inserters{stop: make(chan struct{})}
	for range count {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		w.done.Go(func() {
			defer conn.Close(context.Background())
			for {
				select {
				case <-w.stop:
					return
				default:
				}
				if _, err := conn.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
					t.Errorf("a writer failed: %v", err)
					return
				}
				w.written.Add(1)
			}
		})
	}
	return w
}

// end stops them and tells how many rows they wrote.
func (w *inserters) end() int64 {
	close(w.stop)
	w.done.Wait()
	return w.written.Load()
}

const (
	writersTable = "CREATE TABLE plots (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int NOT NULL)"
	writersRow   = "INSERT INTO plots (n) VALUES (1)"
)

// writersFiles change the table that is written into, in many ways.
func writersFiles(t *testing.T) string {
	t.Helper()
	return smallProject(t, map[string]string{
		"20240101000000": "ALTER TABLE plots ADD COLUMN area int NOT NULL DEFAULT 1;\nSELECT pg_sleep(0.05);",
		"20240102000000": "CREATE INDEX CONCURRENTLY plots_n ON plots (n);",
		"20240103000000": "ALTER TABLE plots ADD CONSTRAINT positive CHECK (n >= 0) NOT VALID;",
		"20240104000000": "ALTER TABLE plots VALIDATE CONSTRAINT positive;\nALTER TABLE plots ALTER n TYPE bigint;",
	})
}

// nothingLost compares what the table has with what was written.
func nothingLost(t *testing.T, url string, written int64) {
	t.Helper()
	var rows int64
	var valid bool
	if err := servertest.Connect(t, url).QueryRow(t.Context(), "SELECT count(*), (SELECT indisvalid FROM pg_index WHERE indexrelid = 'plots_n'::regclass) FROM plots").Scan(&rows, &valid); err != nil {
		t.Fatal(err)
	}
	if rows != written || rows == 0 || !valid {
		t.Errorf("%d rows of %d written, index valid: %v", rows, written, valid)
	}
}

// TestConcurrentWriters writes into a table while migrations change it.
func TestConcurrentWriters(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		url := s.Database(t)
		servertest.Exec(t, url, writersTable)
		w := startInserters(t, url, writersRow, 3)
		got := invoke(t, strings.NewReader(""), "--workdir", writersFiles(t), "--yes", "push", "--db-url", url)
		written := w.end()
		if got.code != 0 {
			t.Fatalf("%+v", got)
		}
		nothingLost(t, url, written)
		t.Logf("%d rows written meanwhile, none lost", written)
	})
}

// TestFaultWriters kills bloom while others write into the tables that it changes.
func TestFaultWriters(t *testing.T) {
	s := servertest.Start(t, servertest.Majors()[0])
	dir, count := writersFiles(t), faultCount(t, 4)
	rows, survived, finished := int64(0), 0, 0
	for survived < count {
		url := s.Database(t)
		servertest.Exec(t, url, writersTable)
		w := startInserters(t, url, writersRow, 3)
		for done := false; !done; {
			var out bytes.Buffer
			cmd := pushProcess(t, &out, dir, url)
			timer := time.AfterFunc(rand.N(500*time.Millisecond), func() { _ = cmd.Process.Kill() })
			_ = cmd.Wait()
			timer.Stop()
			if done = cmd.ProcessState.Success(); !done {
				survived++
			}
			if code := cmd.ProcessState.ExitCode(); code > 0 {
				t.Fatalf("a push failed: %d\n%s", code, &out)
			}
		}
		written := w.end()
		nothingLost(t, url, written)
		if t.Failed() {
			t.Fatalf("after %d kills", survived)
		}
		rows, finished = rows+written, finished+1
		servertest.Exec(t, url, "DROP TABLE plots")
	}
	faultsSurvived.Add(int64(survived))
	t.Logf("survived %d kills of bloom while others wrote %d rows, over %d pushes that were finished at last; none was lost", survived, rows, finished)
}
