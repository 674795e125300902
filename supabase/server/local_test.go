package server_test

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"bloom/supabase/server"
	"bloom/supabase/server/servertest"

	"github.com/jackc/pgx/v5"
)

// local is a project of its own with a server that is not started.
func local(t *testing.T, major int) *server.Local {
	t.Helper()
	listener, err := net.Listen("tcp", server.Host+":0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	l := &server.Local{Root: openDir(t), Port: listener.Addr().(*net.TCPAddr).Port, Major: major}
	t.Cleanup(func() {
		if err := l.Reset(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	return l
}

// openDir is a temporary folder that other users can enter.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "bloom-project-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestLocal(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a server")
	}
	for _, major := range servertest.Majors() {
		t.Run("postgres="+strconv.Itoa(major), func(t *testing.T) { testLocal(t, local(t, major)) })
	}
}

func testLocal(t *testing.T, l *server.Local) {
	if s, err := l.Status(); err != nil || s.Made || s.Running {
		t.Fatalf("before the start: %+v, %v", s, err)
	}
	s, already, err := l.Start(t.Context())
	if err != nil || already || !s.Running || s.Major != l.Major || s.Port != l.Port {
		t.Fatalf("first start: %+v, %v, %v", s, already, err)
	}
	if got := query[string](t, s.URL, "SELECT to_regclass('auth.users')::text"); got != "auth.users" {
		t.Errorf("the platform's shape is missing: %q", got)
	}
	if _, err := pgx.Connect(t.Context(), strings.Replace(s.URL, ":postgres@", ":wrong@", 1)); err == nil {
		t.Error("a wrong password is good enough")
	}
	servertest.Exec(t, s.URL, "CREATE TABLE kept ()")
	if again, already, err := l.Start(t.Context()); err != nil || !already || again.PID != s.PID {
		t.Errorf("second start: %+v, %v, %v", again, already, err)
	}

	// A killed server leaves its postmaster.pid behind.
	if err := syscall.Kill(s.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await(t, "death of the server", func() bool { s, err := l.Status(); return err == nil && !s.Running })
	if s, already, err = l.Start(t.Context()); err != nil || already {
		t.Fatalf("start of a killed server: %+v, %v, %v", s, already, err)
	}
	if got := query[string](t, s.URL, "SELECT to_regclass('kept')::text"); got != "kept" {
		t.Errorf("data are lost: %q", got)
	}

	if was, err := l.Stop(t.Context()); err != nil || !was {
		t.Errorf("stop: %v, %v", was, err)
	}
	if was, err := l.Stop(t.Context()); err != nil || was {
		t.Errorf("second stop: %v, %v", was, err)
	}
	// The number in a stale postmaster.pid may be that of any process by now.
	stale := "1\n" + s.Data + "\n1\n" + "1\n\n127.0.0.1\n\nready\n"
	if err := os.WriteFile(filepath.Join(s.Data, "postmaster.pid"), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, already, err := l.Start(t.Context()); err != nil || already || s.PID == 1 {
		t.Errorf("start over a stale postmaster.pid: %+v, %v, %v", s, already, err)
	}
	if err := l.Reset(t.Context()); err != nil {
		t.Error(err)
	}
	if s, err := l.Status(); err != nil || s.Made || s.Running {
		t.Errorf("after reset: %+v, %v", s, err)
	}
	if _, err := os.Stat(filepath.Dir(s.Data)); err == nil {
		t.Errorf("%s is still there", filepath.Dir(s.Data))
	}
}

func TestLocalPortTaken(t *testing.T) {
	l := local(t, 0)
	listener, err := net.Listen("tcp", server.Host+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	l.Port = listener.Addr().(*net.TCPAddr).Port
	_, _, err = l.Start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "is taken") || !strings.Contains(err.Error(), "hint:") {
		t.Errorf("start on a taken port: %v", err)
	}
	if s, err := l.Status(); err != nil || s.Made {
		t.Errorf("data were made: %+v, %v", s, err)
	}
}

func TestLocalOtherMajor(t *testing.T) {
	l := local(t, 17)
	data, err := l.Data()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err = l.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "--reset") {
		t.Errorf("start of version 17 on data of 15: %v", err)
	}
}

// TestLocalData: the server's user must be able to reach its data.
func TestLocalData(t *testing.T) {
	root := openDir(t)
	l := &server.Local{Root: root}
	got, err := l.Data()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got, root) || !strings.HasSuffix(got, "supabase/.bloom/db") {
		t.Errorf("data of an open project are in %s", got)
	}
	if os.Geteuid() != 0 {
		t.Skip("only root's servers run as somebody else")
	}
	if err := os.Chmod(root, 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err = l.Data(); err != nil || !strings.HasPrefix(got, "/var/lib/bloom/") {
		t.Errorf("data of a closed project are in %s: %v", got, err)
	}
}
