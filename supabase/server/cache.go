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

// rootCache is root's cache. Root's own folders are closed to the user that
// the server runs as.
const rootCache = "/var/cache/bloom"

// CacheDir is the folder for installed binaries and prepared data:
// BLOOM_CACHE_DIR, else /var/cache/bloom for root, else bloom in the user's
// cache folder. It is made when missing. All in it can be made again.
func CacheDir() (string, error) {
	dir := os.Getenv("BLOOM_CACHE_DIR")
	switch {
	case dir != "":
	case os.Geteuid() == 0:
		dir = rootCache
	default:
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no cache folder: %w\nhint: set BLOOM_CACHE_DIR", err)
		}
		dir = filepath.Join(user, "bloom")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("making the cache folder: %w\nhint: set BLOOM_CACHE_DIR", err)
	}
	return filepath.Abs(dir)
}

// lockFile locks a file that it makes if missing. The lock goes with the
// file's closing or our end.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// waitLock is lockFile, but waits for others to unlock.
func waitLock(ctx context.Context, path string) (*os.File, error) {
	for {
		lock, err := lockFile(path)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// once makes a folder if it is not there: one process makes it, as a scratch
// folder that is renamed when complete, the others wait.
func once(ctx context.Context, path string, make func(scratch string) error) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	lock, err := waitLock(ctx, path+".lock")
	if err != nil {
		return err
	}
	defer lock.Close()
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	scratch := path + ".new"
	os.RemoveAll(scratch) // left by one who was killed
	if err := os.Mkdir(scratch, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if err := make(scratch); err != nil {
		return err
	}
	return os.Rename(scratch, path)
}
