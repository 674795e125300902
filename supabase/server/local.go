package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// DefaultPort is the port of a project's server, as in the Supabase CLI.
const DefaultPort = 54322

// Local is the server of a project: postgres/postgres on 127.0.0.1, with the
// platform's shape in database postgres.
//
// Its data are in supabase/.bloom/db of the project. Where the server runs as
// another user than us (we are root) and that user can't enter the project's
// folder, they are in /var/lib/bloom/<name>-<hash>/db; see [Local.Data].
type Local struct {
	Root     string       // the project's folder
	Port     int          // 0: DefaultPort
	Major    int          // 0: that of the data, else the newest found
	BinDir   string       // empty: found
	Progress func(string) // may be nil
}

// Status is the state of a project's server.
type Status struct {
	Running bool
	Made    bool   // there are data
	URL     string // where it listens, or would
	Port    int
	PID     int    // 0 unless running
	Major   int    // of the data; 0 without
	Data    string // folder
}

const rootData = "/var/lib/bloom"

const localConf = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
wal_level = logical
max_connections = 100
max_locks_per_transaction = 256
log_line_prefix = '%m [%p] '
`

func (l *Local) port() int {
	if l.Port == 0 {
		return DefaultPort
	}
	return l.Port
}

// Data is the data folder, whether it exists or not.
func (l *Local) Data() (string, error) {
	root, err := filepath.Abs(l.Root)
	if err != nil {
		return "", err
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return "", err
	}
	who, err := serverAccount()
	if err != nil {
		return "", err
	}
	if who.enters(root) {
		return filepath.Join(root, "supabase", ".bloom", "db"), nil
	}
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(root)))[:8]
	return filepath.Join(rootData, filepath.Base(root)+"-"+hash, "db"), nil
}

// URL is the connection string of database postgres.
func (l *Local) URL() string { return localURL(l.port()) }

func localURL(port int) string {
	return fmt.Sprintf("postgres://postgres:postgres@%s:%d/postgres?sslmode=disable", Host, port)
}

// Status asks nothing of the server.
func (l *Local) Status() (Status, error) {
	data, err := l.Data()
	if err != nil {
		return Status{}, err
	}
	s := Status{URL: l.URL(), Port: l.port(), Data: data}
	version, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s.Made = true
	if s.Major, err = strconv.Atoi(strings.TrimSpace(string(version))); err != nil {
		return s, fmt.Errorf("%s: %w", filepath.Join(data, "PG_VERSION"), err)
	}
	if f := readPidFile(data); f.running(data) {
		s.Running, s.PID = true, f.pid
		if f.port != 0 { // not written yet by a server that just started
			s.Port, s.URL = f.port, localURL(f.port)
		}
	}
	return s, nil
}

// Start starts the server, on the first time with new data. A server that
// runs already is left alone, and already is true.
func (l *Local) Start(ctx context.Context) (s Status, already bool, err error) {
	data, err := l.Data()
	if err != nil {
		return s, false, err
	}
	if err := makeHome(filepath.Dir(data)); err != nil {
		return s, false, err
	}
	lock, err := waitLock(ctx, filepath.Join(filepath.Dir(data), "lock"))
	if err != nil {
		return s, false, err
	}
	defer lock.Close()
	if s, err = l.Status(); err != nil || s.Running {
		return s, s.Running, err
	}
	if err := l.portFree(); err != nil {
		return s, false, err
	}
	bin, who, err := l.binaries(ctx, s)
	if err != nil {
		return s, false, err
	}
	if !s.Made {
		l.say("Making a database with PostgreSQL " + bin.Version + "...")
		err := once(ctx, data, func(scratch string) error { return makeLocal(ctx, bin, who, scratch) })
		if err != nil {
			return s, false, fmt.Errorf("making the local database: %w", err)
		}
	}
	if err := l.launch(ctx, bin, who, data); err != nil {
		return s, false, err
	}
	s, err = l.Status()
	return s, false, err
}

func (l *Local) say(text string) {
	if l.Progress != nil {
		l.Progress(text)
	}
}

// makeHome makes the folder around the data, which no repository should have.
func makeHome(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*\n"), 0o644)
}

func (l *Local) portFree() error {
	listener, err := net.Listen("tcp", net.JoinHostPort(Host, strconv.Itoa(l.port())))
	if err == nil {
		return listener.Close()
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("can't listen on port %d: %w\nhint: set another one as [db] port in supabase/config.toml", l.port(), err)
	}
	return fmt.Errorf("port %d is taken by another program\nhint: stop that program (`supabase stop` if it is the Supabase CLI's database, `bloom stop` in another project's folder), or set another port as [db] port in supabase/config.toml", l.port())
}

// binaries are those that fit the data, if there are any.
func (l *Local) binaries(ctx context.Context, s Status) (*Binaries, account, error) {
	major := l.Major
	if s.Made {
		if major != 0 && major != s.Major {
			return nil, account{}, fmt.Errorf("the local database was made by PostgreSQL %d, the project wants %d\nhint: `bloom stop --reset` removes it, then start again", s.Major, major)
		}
		major = s.Major
	}
	who, err := serverAccount()
	if err != nil {
		return nil, who, err
	}
	bin, err := Find(ctx, Want{Dir: l.BinDir, Major: major, Install: true, Progress: l.Progress})
	if err != nil {
		return nil, who, err
	}
	bin, err = bin.readableBy(ctx, who)
	return bin, who, err
}

// makeLocal makes the data of a project's server. They are complete, with
// the platform's shape, before anybody can see them.
func makeLocal(ctx context.Context, bin *Binaries, who account, data string) (err error) {
	if err := who.own(data); err != nil {
		return err
	}
	o := initOptions{conf: localConf, password: "postgres", flags: []string{"--auth=scram-sha-256"}}
	if err := initdb(ctx, bin, who, data, o); err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	p, err := startProcess(ctx, bin, who, run{data: data, port: port, stop: stopFast})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	if err := LoadPlatform(ctx, localURL(port)); err != nil {
		return err
	}
	return execute(ctx, localURL(port), `
		ALTER ROLE supabase_admin PASSWORD 'postgres';
		ALTER ROLE authenticator PASSWORD 'postgres';`)
}

// launch starts a server that outlives us.
func (l *Local) launch(ctx context.Context, bin *Binaries, who account, data string) error {
	// Whoever is named there is not our server: see Status.
	if err := os.Remove(filepath.Join(data, "postmaster.pid")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	log, err := os.Create(filepath.Join(filepath.Dir(data), "server.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	var last error
	// Children of a killed server need a moment to notice, and keep its memory until then.
	for range 20 {
		err := launchOnce(ctx, bin, who, data, l.port(), log)
		if err == nil || !strings.Contains(err.Error(), "pre-existing shared memory") {
			return err
		}
		last = err
		time.Sleep(250 * time.Millisecond)
	}
	return last
}

func launchOnce(ctx context.Context, bin *Binaries, who account, data string, port int, log *os.File) error {
	cmd := exec.Command(bin.program("postgres"), "-D", data, "-p", strconv.Itoa(port))
	cmd.Dir, cmd.Env, cmd.SysProcAttr = "/", bin.env(), who.attr()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting postgres: %w", err)
	}
	p := &process{done: make(chan struct{}), log: log}
	go func() {
		cmd.Wait()
		close(p.done)
	}()
	err := p.waitReady(ctx, data)
	if err != nil {
		cmd.Process.Signal(syscall.SIGQUIT)
		<-p.done
		return fmt.Errorf("%w\nhint: its log is %s", err, log.Name())
	}
	return nil
}

// Stop stops the server; was says whether there was one to stop.
func (l *Local) Stop(ctx context.Context) (was bool, err error) {
	s, err := l.Status()
	if err != nil || !s.Running {
		return false, err
	}
	if err := syscall.Kill(s.PID, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
		return true, fmt.Errorf("stopping the server, process %d: %w", s.PID, err)
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for readPidFile(s.Data).running(s.Data) {
		select {
		case <-ctx.Done():
			return true, fmt.Errorf("the server, process %d, does not stop: %w", s.PID, ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
	return true, nil
}

// Reset stops the server and removes its data.
func (l *Local) Reset(ctx context.Context) error {
	if _, err := l.Stop(ctx); err != nil {
		return err
	}
	data, err := l.Data()
	if err != nil {
		return err
	}
	home := filepath.Dir(data)
	for _, name := range []string{"db", "db.new", "db.lock", "server.log", "lock", ".gitignore"} {
		err = errors.Join(err, os.RemoveAll(filepath.Join(home, name)))
	}
	os.Remove(home) // unless something else is there
	return err
}
