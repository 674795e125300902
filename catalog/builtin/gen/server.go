package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// cluster is a throwaway server.
type cluster struct {
	dir, url string
	cmd      *exec.Cmd
	cred     *syscall.Credential
	env      []string
}

// start makes a cluster with the binaries in bin and starts it on a free port. PostgreSQL refuses to run
// as root: then the user postgres, or nobody, does it.
func start(bin string) (*cluster, error) {
	dir, err := os.MkdirTemp("", "bloom-gen-")
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir, env: os.Environ()}
	if err := c.start(bin); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		c.stop()
		return nil, fmt.Errorf("%w\n%s", err, log)
	}
	return c, nil
}

func (c *cluster) start(bin string) error {
	if err := c.unprivileged(); err != nil {
		return err
	}
	if err := c.libraries(bin); err != nil {
		return err
	}
	data := filepath.Join(c.dir, "data")
	initdb := c.command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	l.Close()
	args := []string{"-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"}
	if _, err := os.Stat(filepath.Join(bin, "../lib/pg_cron.so")); err == nil { // installs only when preloaded
		args = append(args, "-c", "shared_preload_libraries=pg_cron")
	}
	c.cmd = c.command(filepath.Join(bin, "postgres"), args...)
	log, err := os.Create(filepath.Join(c.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	c.cmd.Stdout, c.cmd.Stderr = log, log
	if err := c.cmd.Start(); err != nil {
		return err
	}
	c.url = "postgres://postgres@127.0.0.1:" + port + "/postgres"
	for range 300 {
		conn, err := pgx.Connect(context.Background(), c.url)
		if err == nil {
			return conn.Close(context.Background())
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("%s does not start", bin)
}

// unprivileged chooses the user that runs the server.
func (c *cluster) unprivileged() error {
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return err
		}
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	c.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(c.dir, uid, gid)
}

// libraries makes the links between shared libraries that an npm package of PostgreSQL cannot carry.
func (c *cluster) libraries(bin string) error {
	text, err := os.ReadFile(filepath.Join(bin, "../pg-symlinks.json"))
	if err != nil {
		return nil // an ordinary installation
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(text, &links); err != nil {
		return err
	}
	dir := filepath.Join(c.dir, "links")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for _, l := range links {
		if err := os.Symlink(filepath.Join(bin, "../..", l.Source), filepath.Join(dir, filepath.Base(l.Target))); err != nil {
			return err
		}
	}
	c.env = append(c.env, "LD_LIBRARY_PATH="+strings.Join([]string{dir, filepath.Join(bin, "../lib")}, ":"))
	return os.Chmod(c.dir, 0o755)
}

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = c.dir, c.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.cred, Setpgid: true}
	return cmd
}

func (c *cluster) stop() {
	if c.cmd != nil && c.cmd.Process != nil {
		_ = c.cmd.Process.Signal(os.Interrupt)
		_ = c.cmd.Wait()
	}
	_ = os.RemoveAll(c.dir)
}
