package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// supervise runs a server that must not outlive us. It reads from a pipe
// whose other end only we hold: however we end, even by SIGKILL, the read
// returns, the server is stopped and its folder removed. (The parent-death
// signal of Linux would do less: it is bound to a thread and removes nothing.)
//
// Arguments: signal, folder to remove or empty, then the server's command.
const supervise = `
signal=$1 remove=$2; shift 2
exec 3<&0
"$@" </dev/null 3<&- & server=$!
{ read -r _ <&3; kill -$signal $server; } & reader=$!
wait $server; code=$?
kill $reader 2>/dev/null
[ -z "$remove" ] || rm -rf "$remove" 2>/dev/null
exit $code
`

// How a server is asked to stop, as signals of the postmaster.
const (
	stopFast = "INT"  // clean: checkpoint first
	stopNow  = "QUIT" // at once
)

// run says what startProcess starts.
type run struct {
	data   string // data folder
	port   int
	stop   string // signal
	remove string // folder to remove afterwards; may be empty
}

// process is a server under its supervisor.
type process struct {
	pipe io.Closer     // closing it stops the server
	done chan struct{} // closed when server and supervisor have ended
	log  *os.File      // unlinked
}

var errPortTaken = errors.New("port is taken")

// startTimeout is long: a loaded machine may need it, and a server that
// fails does so at once.
const startTimeout = 60 * time.Second

func startProcess(ctx context.Context, bin *Binaries, who account, r run) (*process, error) {
	log, err := os.CreateTemp("", "bloom-log-")
	if err != nil {
		return nil, err
	}
	os.Remove(log.Name())
	args := []string{"-c", supervise, "bloom-supervise", r.stop, r.remove,
		bin.program("postgres"), "-D", r.data, "-p", strconv.Itoa(r.port)}
	cmd := exec.Command("/bin/sh", args...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = "/", bin.env(), who.attr()
	cmd.Stdout, cmd.Stderr = log, log
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting postgres: %w", err)
	}
	p := &process{pipe: pipe, done: make(chan struct{}), log: log}
	go func() {
		cmd.Wait() // its status says nothing that the log doesn't
		close(p.done)
	}()
	if err := p.waitReady(ctx, r.data); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// waitReady waits for the server itself to write "ready" into its data
// folder: no other server that might listen on the port can do that.
func (p *process) waitReady(ctx context.Context, data string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		if readPidFile(data).ready {
			return nil
		}
		select {
		case <-p.done:
			text := p.logText()
			if strings.Contains(text, "could not bind") {
				return fmt.Errorf("%w: %s", errPortTaken, text)
			}
			return fmt.Errorf("postgres does not start: %s", text)
		case <-ctx.Done():
			return fmt.Errorf("postgres does not get ready: %w: %s", ctx.Err(), p.logText())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (p *process) stop() error {
	p.pipe.Close()
	select {
	case <-p.done:
		return p.log.Close()
	case <-time.After(startTimeout):
		return errors.New("postgres does not stop")
	}
}

// logText is the end of what the server said.
func (p *process) logText() string {
	const most = 2000
	info, err := p.log.Stat()
	if err != nil {
		return ""
	}
	text := make([]byte, most)
	n, _ := p.log.ReadAt(text, max(0, info.Size()-most))
	return strings.TrimSpace(string(text[:n]))
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", Host+":0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
