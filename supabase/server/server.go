// Package server runs a real PostgreSQL on this machine, without Docker.
//
// There are two kinds. [Start] makes a throwaway server: a free port, data in
// memory where there is room, nothing synced, gone with the process that
// started it however that one ends. [Local] is the server of a project: a
// fixed port, data that stay, a password, started by one command and stopped
// by another.
//
// Both take the programs from [Find]: what the machine has, else the npm
// package @embedded-postgres. PostgreSQL refuses to run as root, so for root
// the server runs as an unprivileged user; see account.
package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Host is the only address that servers of this package listen on.
const Host = "127.0.0.1"

// Options say what throwaway server to start. The zero value is the newest
// PostgreSQL found, empty, on a free port.
type Options struct {
	BinDir   string       // folder of the server's programs; empty: found
	Major    int          // wanted major version; 0: newest found
	Platform bool         // with the platform's roles, and PlatformTemplate as a database to copy
	Progress func(string) // told about what takes long; may be nil
}

// PlatformTemplate is the database that a throwaway server with
// [Options.Platform] keeps for CREATE DATABASE … TEMPLATE.
const PlatformTemplate = "bloom_platform"

// Server is a running throwaway server.
type Server struct {
	Port    int
	Major   int
	Version string // as "17.10"
	process *process
	lock    *os.File // on the data's folder, see throwawayDir
}

// throwawayConf trades all safety for speed: nobody needs these data again.
const throwawayConf = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
jit = off
wal_level = logical
max_connections = 100
max_locks_per_transaction = 256
shared_buffers = '64MB'
max_wal_size = '256MB'
min_wal_size = '8MB'
log_min_messages = fatal
`

// Start starts a throwaway server with superuser postgres, who needs no
// password. It ends with Stop or, at the latest, with this process.
func Start(ctx context.Context, o Options) (*Server, error) {
	bin, err := Find(ctx, Want{Dir: o.BinDir, Major: o.Major, Install: true, Progress: o.Progress})
	if err != nil {
		return nil, err
	}
	who, err := serverAccount()
	if err != nil {
		return nil, err
	}
	if bin, err = bin.readableBy(ctx, who); err != nil {
		return nil, err
	}
	from, err := template(ctx, bin, who, o.Platform)
	if err != nil {
		return nil, err
	}
	for range 5 {
		var s *Server
		// Another program may take the port between our asking and the server's binding it.
		if s, err = startThrowaway(ctx, bin, who, from); err == nil || !errors.Is(err, errPortTaken) {
			return s, err
		}
	}
	return nil, err
}

func startThrowaway(ctx context.Context, bin *Binaries, who account, from string) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, lock, err := throwawayDir(who)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	err = copyData(from, data, who)
	var p *process
	if err == nil {
		p, err = startProcess(ctx, bin, who, run{data: data, port: port, stop: stopNow, remove: dir})
	}
	if err != nil {
		os.RemoveAll(dir)
		lock.Close()
		return nil, err
	}
	return &Server{Port: port, Major: bin.Major, Version: bin.Version, process: p, lock: lock}, nil
}

// URL is the connection string for a database of the server.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://postgres@%s:%d/%s?sslmode=disable", Host, s.Port, database)
}

// Stop ends the server and removes its data.
func (s *Server) Stop() error {
	defer s.lock.Close()
	return s.process.stop()
}

// How throwaway servers name their folders, and the lock in them.
const (
	throwawayPrefix = "bloom-throwaway-"
	lockName        = "owner.lock"
)

// throwawayDir makes a folder for a server's data, in memory where there is
// room. The lock on it says that its owner lives; folders whose owner was
// killed together with its supervisor are swept here.
func throwawayDir(who account) (string, *os.File, error) {
	root := os.TempDir()
	var fs syscall.Statfs_t
	if syscall.Statfs("/dev/shm", &fs) == nil && fs.Bavail*uint64(fs.Bsize) > 1<<30 && syscall.Access("/dev/shm", 2) == nil {
		root = "/dev/shm"
	}
	sweep(root)
	dir, err := os.MkdirTemp(root, throwawayPrefix)
	if err != nil {
		return "", nil, err
	}
	lock, err := lockFile(filepath.Join(dir, lockName))
	if err == nil {
		err = who.own(dir)
	}
	return dir, lock, err
}

// sweep removes only what this package surely made and nobody uses: a folder
// of that name with a lock file in it that no living process holds. A folder
// without the file may be anybody's, or one that is being made.
func sweep(root string) {
	locks, _ := filepath.Glob(filepath.Join(root, throwawayPrefix+"*", lockName))
	for _, path := range locks {
		// Younger ones may be between the making of their lock and the taking of it.
		if info, err := os.Stat(path); err != nil || time.Since(info.ModTime()) < time.Minute {
			continue
		}
		lock, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			os.RemoveAll(filepath.Dir(path))
		}
		lock.Close()
	}
}
