package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"bloom/supabase/server/servertest"
)

// standIn is a server that lets clients in, or not, and then hangs up.
func standIn(t *testing.T, answers ...pgproto3.BackendMessage) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			b := pgproto3.NewBackend(conn, conn)
			if _, err := b.ReceiveStartupMessage(); err == nil {
				for _, a := range answers {
					b.Send(a)
				}
				b.Flush()
				b.Receive()
			}
			conn.Close()
		}
	}()
	return "postgres://somebody:hunter2@" + l.Addr().String() + "/postgres?sslmode=disable"
}

// TestServersThatDoNotDo is what a user is told who cannot be let in.
func TestServersThatDoNotDo(t *testing.T) {
	refused := func(code, message string) []pgproto3.BackendMessage {
		return []pgproto3.BackendMessage{&pgproto3.ErrorResponse{Severity: "FATAL", Code: code, Message: message}}
	}
	tests := []struct {
		name   string
		answer []pgproto3.BackendMessage
		want   []string
	}{
		{"too old", []pgproto3.BackendMessage{
			&pgproto3.AuthenticationOk{}, &pgproto3.ParameterStatus{Name: "server_version", Value: "14.9"}, &pgproto3.ReadyForQuery{TxStatus: 'I'},
		}, []string{"is PostgreSQL 14.9, bloom needs 15 or newer", "hint: upgrade"}},
		{"wrong password", refused("28P01", `password authentication failed for user "somebody"`), []string{"password authentication failed", "hint: check user and password"}},
		{"may not connect", refused("42501", `permission denied for database "postgres"`), []string{"permission denied for database", "hint: the role may not connect"}},
		{"no such database", refused("3D000", `database "postgres" does not exist`), []string{"does not exist", "hint: check the database's name"}},
		{"full", refused("53300", "sorry, too many clients already"), []string{"too many clients", "hint: the server has no connection left"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			writeTree(t, dir, map[string]string{"schema/a.sql": "CREATE TABLE a (id int);"})
			for _, args := range [][]string{{"diff", "-f", "x"}, {"drift"}, {"push", "--yes"}, {"pull"}} {
				got := invoke(t, strings.NewReader(""), append(append([]string{"--workdir", dir}, args...), "--db-url", standIn(t, tt.answer...))...)
				if got.code != exitError || got.stdout != "" {
					t.Errorf("%v: exit status %d, stdout %q", args, got.code, got.stdout)
				}
				for _, want := range tt.want {
					if !strings.Contains(got.stderr, want) {
						t.Errorf("%v: %q lacks %q", args, got.stderr, want)
					}
				}
				if strings.Contains(got.stderr, "hunter2") {
					t.Errorf("%v shows the password", args)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "supabase", "migrations")); err == nil {
				t.Error("something was written")
			}
		})
	}
}

// TestUnreadable is a folder and a file that belong to somebody else, and a
// project that cannot be written to. It runs as nobody where root runs the tests.
func TestUnreadable(t *testing.T) {
	exe, err := exec.LookPath("bloom")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "bloom-unreadable-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	binary, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	writeTree(t, dir, map[string]string{"bloom": string(binary), "schema/a.sql": "CREATE TABLE a (id int);", "locked/a.sql": "", "file/b.sql": ""})
	for path, mode := range map[string]os.FileMode{dir: 0o555, dir + "/bloom": 0o755, dir + "/file/b.sql": 0, dir + "/locked": 0, dir + "/schema": 0o555} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		os.Chmod(dir, 0o755)
		os.Chmod(dir+"/locked", 0o755)
	})
	url := servertest.Start(t, servertest.Majors()[0]).Platform(t)
	for _, tt := range []struct{ args, want string }{
		{"diff --schema-dir locked", "locked/: permission denied"},
		{"diff --schema-dir file", "file/b.sql: permission denied"},
		{"diff --schema-dir schema -f x", "supabase"},
	} {
		cmd := exec.Command(filepath.Join(dir, "bloom"), append(strings.Fields(tt.args), "--workdir", dir, "--db-url", url)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "HOME="+dir)
		if os.Getuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		var stderr strings.Builder
		cmd.Stderr = &stderr
		cmd.Run()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != exitError {
			t.Errorf("%s: %v, %s", tt.args, cmd.ProcessState, stderr.String())
		}
		for _, want := range []string{tt.want, "permission denied", "hint: "} {
			if !strings.Contains(stderr.String(), want) {
				t.Errorf("%s: %q lacks %q", tt.args, stderr.String(), want)
			}
		}
	}
}

func writeTree(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
