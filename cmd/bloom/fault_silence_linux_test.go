package main

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"bloom/supabase/server"
	"bloom/supabase/server/servertest"
)

// hole is a proxy to a server that forwards until it is told to be silent: nothing
// comes through any more, and nobody closes anything.
type hole struct {
	port  int
	mu    sync.Mutex
	conns []*net.TCPConn
	stuck chan struct{}
}

func newHole(t *testing.T, to string) *hole {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &hole{port: listener.Addr().(*net.TCPAddr).Port, stuck: make(chan struct{})}
	t.Cleanup(func() {
		listener.Close()
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, c := range h.conns {
			c.Close()
		}
	})
	go accept(listener, to, func(client, backend net.Conn) {
		h.mu.Lock()
		h.conns = append(h.conns, client.(*net.TCPConn), backend.(*net.TCPConn))
		h.mu.Unlock()
		go h.pass(client, backend)
		go h.pass(backend, client)
	})
	return h
}

func (h *hole) pass(from, to net.Conn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		select {
		case <-h.stuck:
			return // and leaves both open
		default:
		}
		if err != nil {
			from.Close()
			to.Close()
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

// getStuck makes it stop forwarding, while its system goes on to say that it is there.
func (h *hole) getStuck(*testing.T) { close(h.stuck) }

// vanish makes it a host that is gone: its sockets see no packet any more, not even those
// that ask whether it is there, and send none that says so.
func (h *hole) vanish(t *testing.T) {
	h.mu.Lock()
	defer h.mu.Unlock()
	drop := []syscall.SockFilter{{Code: syscall.BPF_RET | syscall.BPF_K, K: 0}}
	program := syscall.SockFprog{Len: 1, Filter: &drop[0]}
	for _, c := range h.conns {
		raw, err := c.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		_ = raw.Control(func(fd uintptr) {
			if _, _, e := syscall.Syscall6(syscall.SYS_SETSOCKOPT, fd, syscall.SOL_SOCKET, syscall.SO_ATTACH_FILTER, uintptr(unsafe.Pointer(&program)), unsafe.Sizeof(program), 0); e != 0 {
				t.Errorf("attaching a filter: %v", e)
			}
		})
	}
	close(h.stuck)
}

// TestFaultSilence has the way to the server go silent while a statement runs. The push
// notices, the server lets go of what the push had locked, and the next push goes on.
func TestFaultSilence(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		for _, tt := range []struct {
			name    string
			silence func(*hole, *testing.T)
			busy    time.Duration // the statement goes on for so long
			says    string
		}{
			{"host_gone", (*hole).vanish, time.Minute, "the connection to the server was lost"},
			{"proxy_stuck", (*hole).getStuck, 3 * time.Second, "the server did not answer for 3s"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				url := s.Database(t)
				servertest.Exec(t, url, "CREATE TABLE pace (seconds float); INSERT INTO pace VALUES ("+fmt.Sprint(tt.busy.Seconds())+"); CREATE TABLE plots (id int)")
				dir := smallProject(t, map[string]string{"20240101000000": "ALTER TABLE plots ADD COLUMN area int;\nSELECT pg_sleep(seconds) FROM pace;\n"})
				h := newHole(t, fmt.Sprintf("%s:%d", server.Host, s.Port))
				through := strings.Replace(url, fmt.Sprintf(":%d/", s.Port), fmt.Sprintf(":%d/", h.port), 1)
				through += "&keepalives_idle=1&keepalives_interval=1&keepalives_count=2"
				var out bytes.Buffer
				cmd := pushProcess(t, &out, dir, through)
				waitFor(t, url, "SELECT count(*) > 1 FROM pg_stat_activity WHERE application_name = 'bloom' AND datname = current_database()")
				waitFor(t, url, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND application_name = 'bloom' AND datname = current_database())")
				time.Sleep(300 * time.Millisecond)
				start := time.Now()
				tt.silence(h, t)
				_ = cmd.Wait()
				noticed := time.Since(start)
				if code := cmd.ProcessState.ExitCode(); code != exitError || noticed > 20*time.Second {
					t.Fatalf("the push ended after %s with %d:\n%s", noticed, code, &out)
				}
				if !strings.Contains(out.String(), tt.says) || !strings.Contains(out.String(), "hint: run the command again") {
					t.Errorf("the push does not say %q:\n%s", tt.says, &out)
				}
				waitFor(t, url, "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE relation = 'plots'::regclass)")
				t.Logf("noticed after %s, plots unlocked after %s", noticed, time.Since(start))
				servertest.Exec(t, url, "UPDATE pace SET seconds = 0")
				if got := invoke(t, strings.NewReader(""), "--workdir", dir, "--yes", "push", "--db-url", url); got.code != 0 {
					t.Errorf("the next push: %+v", got)
				}
			})
		}
	})
}
