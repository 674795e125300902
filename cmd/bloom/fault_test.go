package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"bloom/supabase/server"
	"bloom/supabase/server/servertest"
)

// faultCount is how many faults a test makes: few, or with BLOOM_FAULTS as many
// as it says.
func faultCount(t *testing.T, few int) int {
	text := os.Getenv("BLOOM_FAULTS")
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("BLOOM_FAULTS: %v", err)
	}
	return n
}

// faultsSurvived is how many faults all tests together made in vain.
var faultsSurvived atomic.Int64

const faultFiles = 20

func faultVersion(i int) string { return fmt.Sprintf("202401010000%02d", i) }

// faultSQL are the migrations of the faulty pushes: every way in which a file
// can be run.
func faultSQL(i int) string {
	table := fmt.Sprintf("CREATE TABLE f%d (n int);\nINSERT INTO f%[1]d VALUES (1), (2), (3);\nSELECT pg_sleep(0.002);\nINSERT INTO f%[1]d VALUES (4);\n", i)
	switch i % 5 {
	case 1:
		return "BEGIN;\n" + table + "COMMIT;\n"
	case 2: // in parts, of which the second is not idempotent
		return table + fmt.Sprintf("CREATE INDEX CONCURRENTLY f%d_n ON f%[1]d (n);\nINSERT INTO f%[1]d VALUES (5);\n", i)
	case 3: // as bloom diff writes it
		return fmt.Sprintf("SET statement_timeout = 0;\nCOMMIT;\nCREATE UNIQUE INDEX CONCURRENTLY g%d ON f%d (n);\nCOMMIT;\n", i, i-1)
	case 4: // a value that is used in the file that adds it, and an index less
		return table + fmt.Sprintf("CREATE TYPE e%d AS ENUM ('a');\nALTER TYPE e%[1]d ADD VALUE 'b';\nALTER TABLE f%[1]d ADD COLUMN e e%[1]d DEFAULT 'b';\nDROP INDEX CONCURRENTLY g%[2]d;\n", i, i-1)
	}
	return table
}

func faultProject(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "supabase/migrations"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range faultFiles {
		if err := os.WriteFile(filepath.Join(dir, "supabase/migrations", faultVersion(i)+"_f.sql"), []byte(faultSQL(i)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// process is this program in a process of its own.
func process(t *testing.T, out *bytes.Buffer, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Args[0] = "bloom"
	cmd.Stdout, cmd.Stderr = out, out
	return cmd
}

// pushProcess starts a push.
func pushProcess(t *testing.T, out *bytes.Buffer, dir, url string, more ...string) *exec.Cmd {
	t.Helper()
	cmd := process(t, out, append([]string{"--workdir", dir, "--yes", "push", "--db-url", url}, more...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// quiet waits until no session of a push is left in the database.
func quiet(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	var last error
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			last = err
			continue
		}
		n := 0
		last = conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'bloom' AND datname = current_database()").Scan(&n)
		if last == nil && n == 0 {
			return conn
		}
		conn.Close(context.Background())
	}
	t.Fatalf("the database does not come to rest: %v", last)
	return nil
}

// agree fails the test if history and catalog tell different stories.
func agree(t *testing.T, url string) (applied int) {
	t.Helper()
	conn := quiet(t, url)
	defer conn.Close(context.Background())
	exists := func(sql string) (found bool) {
		t.Helper()
		if err := conn.QueryRow(t.Context(), "SELECT coalesce(("+sql+"), false)").Scan(&found); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return found
	}
	recorded := func(i int) bool {
		return exists("to_regclass('supabase_migrations.schema_migrations') IS NOT NULL") &&
			exists(fmt.Sprintf("SELECT true FROM supabase_migrations.schema_migrations WHERE version = '%s'", faultVersion(i)))
	}
	begun := func(i int) bool {
		return exists("to_regclass('supabase_migrations.bloom_progress') IS NOT NULL") &&
			exists(fmt.Sprintf("SELECT true FROM supabase_migrations.bloom_progress WHERE version = '%s'", faultVersion(i)))
	}
	for i := range faultFiles {
		rows := map[int]int{2: 5}[i%5]
		if rows == 0 {
			rows = 4
		}
		table := i%5 != 3 && exists(fmt.Sprintf("to_regclass('f%d') IS NOT NULL", i))
		index := ""
		switch i % 5 {
		case 2:
			index = fmt.Sprintf("f%d_n", i)
		case 3:
			index = fmt.Sprintf("g%d", i)
		}
		switch {
		case recorded(i):
			applied++
			if begun(i) {
				t.Errorf("file %d is recorded and in progress", i)
			}
			if i%5 != 3 && (!table || !exists(fmt.Sprintf("SELECT count(*) = %d FROM f%d", rows, i))) {
				t.Errorf("file %d is recorded, but its table is not as it makes it", i)
			}
			dropped := i%5 == 3 && (recorded(i+1) || begun(i+1))
			if index != "" && !dropped && !exists("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('"+index+"')") {
				t.Errorf("file %d is recorded, but index %s is not there or not valid", i, index)
			}
		case table && !begun(i):
			t.Errorf("file %d is not recorded, but its table is there", i)
		case i%5 == 3 && exists("to_regclass('"+index+"') IS NOT NULL") && !begun(i):
			t.Errorf("file %d is not recorded, but index %s is there", i, index)
		}
	}
	return applied
}

// picture is what the database has, to compare with one that met no fault.
func picture(t *testing.T, url string) string {
	t.Helper()
	conn := quiet(t, url)
	defer conn.Close(context.Background())
	var text string
	sql := `SELECT string_agg(x, E'\n' ORDER BY x) FROM (
		SELECT format('%s %s %s', relname, relkind, (SELECT indisvalid FROM pg_index WHERE indexrelid = c.oid)) AS x FROM pg_class c WHERE relnamespace = 'public'::regnamespace
		UNION ALL SELECT format('%s %s', version, statements) FROM supabase_migrations.schema_migrations
		UNION ALL SELECT format('progress %s', version) FROM supabase_migrations.bloom_progress
		UNION ALL SELECT format('enum %s %s', enumtypid::regtype, enumlabel) FROM pg_enum`
	for i := range faultFiles {
		if i%5 != 3 {
			sql += fmt.Sprintf(" UNION ALL SELECT format('f%d %%s %%s', count(*), sum(n)) FROM f%[1]d", i)
		}
	}
	if err := conn.QueryRow(t.Context(), sql+") AS p").Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

// faults makes faults while pushes run, until enough were survived. A fault
// gets a push and how long one takes undisturbed, and comes back when the
// push has ended.
func faults(t *testing.T, what string, count int, database func() string, through func(string) string, fault func(push func() *exec.Cmd, took time.Duration)) {
	dir := faultProject(t)
	var out bytes.Buffer
	clean := database()
	start := time.Now()
	if err := pushProcess(t, &out, dir, clean).Wait(); err != nil {
		t.Fatalf("a push without any fault: %v\n%s", err, &out)
	}
	took := time.Since(start)
	want := picture(t, clean)
	survived, finished := 0, 0
	for url := ""; survived < count; {
		if url == "" {
			url = database()
		}
		out.Reset()
		var cmd *exec.Cmd
		fault(func() *exec.Cmd {
			cmd = pushProcess(t, &out, dir, through(url))
			return cmd
		}, took)
		if !cmd.ProcessState.Success() {
			survived++
		}
		if applied := agree(t, url); applied == faultFiles && cmd.ProcessState.Success() {
			if diff := cmp.Diff(want, picture(t, url)); diff != "" {
				t.Errorf("after %s (-undisturbed +got)\n%s", what, diff)
			}
			finished, url = finished+1, ""
		}
		if t.Failed() {
			t.Fatalf("after %d of %s; the last push said\n%s", survived, what, &out)
		}
		if survived == count && url != "" {
			out.Reset()
			if err := pushProcess(t, &out, dir, url).Wait(); err != nil {
				t.Fatalf("the push after the last fault: %v\n%s", err, &out)
			}
			if diff := cmp.Diff(want, picture(t, url)); diff != "" {
				t.Errorf("in the end (-undisturbed +got)\n%s", diff)
			}
			finished++
		}
	}
	t.Logf("survived %d %s, over %d pushes of %d files that were finished at last", survived, what, finished, faultFiles)
	faultsSurvived.Add(int64(survived))
}

func direct(url string) string { return url }

// TestFaultKill kills bloom at random moments.
func TestFaultKill(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		faults(t, "kills of bloom", faultCount(t, 20), func() string { return s.Database(t) }, direct, func(push func() *exec.Cmd, took time.Duration) {
			cmd := push()
			timer := time.AfterFunc(rand.N(took), func() { _ = cmd.Process.Kill() })
			_ = cmd.Wait()
			timer.Stop()
		})
	})
}

// TestFaultServer kills the server, which then recovers from its log.
func TestFaultServer(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a server")
	}
	root := "/dev/shm" // where syncing costs nothing; a server that starts after a crash syncs all its files
	if _, err := os.Stat(root); err != nil {
		root = ""
	}
	dir, err := os.MkdirTemp(root, "bloom-project-") // unlike t.TempDir, open to the server's user
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	local := &server.Local{Root: dir, Port: listener.Addr().(*net.TCPAddr).Port, Major: servertest.Majors()[0]}
	listener.Close()
	if _, _, err := local.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_, _ = local.Stop(context.Background())
		_ = local.Reset(context.Background())
	}()
	n := 0
	database := func() string {
		n++
		name := fmt.Sprintf("faults_%d", n)
		servertest.Exec(t, local.URL(), "CREATE DATABASE "+name)
		return strings.Replace(local.URL(), "/postgres?", "/"+name+"?", 1)
	}
	faults(t, "kills of the server", faultCount(t, 4), database, direct, func(push func() *exec.Cmd, took time.Duration) {
		cmd := push()
		killed := make(chan bool, 1)
		timer := time.AfterFunc(rand.N(took), func() {
			status, err := local.Status()
			running := err == nil && status.Running
			if running {
				_ = syscall.Kill(status.PID, syscall.SIGKILL)
			}
			killed <- running
		})
		_ = cmd.Wait()
		if !timer.Stop() && <-killed {
			awaitSilence(t, local.Port) // or it would seem to run still, and nobody would start it
		}
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			_, _, err := local.Start(t.Context())
			if err == nil {
				return
			}
			if time.Now().After(end) { // the killed one's children may take a moment to notice
				t.Fatal(err)
			}
		}
	})
}

// awaitSilence waits until nobody listens on the port.
func awaitSilence(t *testing.T, port int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", net.JoinHostPort(server.Host, strconv.Itoa(port)))
		if err != nil {
			return
		}
		conn.Close()
	}
	t.Fatalf("port %d is open although its server was killed", port)
}

// TestFaultConnection cuts the connection after a random number of messages.
func TestFaultConnection(t *testing.T) {
	s := servertest.Start(t, servertest.Majors()[0])
	p := newProxy(t, fmt.Sprintf("%s:%d", server.Host, s.Port))
	through := func(url string) string {
		return strings.Replace(url, fmt.Sprintf(":%d/", s.Port), fmt.Sprintf(":%d/", p.port), 1)
	}
	faults(t, "cuts of the connection", faultCount(t, 60), func() string { return s.Database(t) }, through, func(push func() *exec.Cmd, _ time.Duration) {
		p.allow(rand.IntN(230))
		_ = push().Wait()
	})
}

// TestFaultConcurrent lets several pushes start at once.
func TestFaultConcurrent(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		dir, url := faultProject(t), s.Database(t)
		const pushes = 4
		outs := make([]bytes.Buffer, pushes)
		cmds := make([]*exec.Cmd, pushes)
		for i := range pushes {
			cmds[i] = pushProcess(t, &outs[i], dir, url)
		}
		applied := 0
		for i, cmd := range cmds {
			if err := cmd.Wait(); err != nil {
				t.Errorf("push %d: %v\n%s", i, err, &outs[i])
			}
			applied += strings.Count(outs[i].String(), "Applying migration")
		}
		if n := agree(t, url); n != faultFiles || applied != faultFiles {
			t.Errorf("%d files are applied, by %d attempts; want %d of both", n, applied, faultFiles)
		}
	})
}
