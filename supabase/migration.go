package supabase

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Migration is a file supabase/migrations/<version>_<name>.sql.
type Migration struct {
	Version string // digits, compared as text
	Name    string // may be empty
	Path    string // relative to the root, with slashes
}

const versionFormat = "20060102150405"

var (
	migrationPattern = regexp.MustCompile(`^([0-9]+)_(.*)\.sql$`)
	initPattern      = regexp.MustCompile(`([0-9]{14})_init\.sql`)
)

// Migrations lists the migrations in the order in which they run: that of the
// file names. What is in the folder and is none is noted.
func (p *Project) Migrations() ([]Migration, error) {
	entries, err := os.ReadDir(p.path(migrationsDir)) // sorted by name
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	entries = slices.DeleteFunc(entries, func(entry fs.DirEntry) bool {
		return strings.HasPrefix(entry.Name(), scratchPrefix)
	})
	var list []Migration
	for i, entry := range entries {
		name := entry.Name()
		if entry.IsDir() {
			continue
		}
		// The first file of very old projects only repeats what the platform has.
		if match := initPattern.FindStringSubmatch(name); i == 0 && match != nil && match[1] < "20211209000000" {
			p.Note("Skipping migration " + name + `... (replace "init" with a different file name to apply this migration)`)
			continue
		}
		match := migrationPattern.FindStringSubmatch(name)
		if match == nil {
			p.Note("Skipping migration " + name + `... (file name must match pattern "<timestamp>_name.sql")`)
			continue
		}
		list = append(list, Migration{Version: match[1], Name: match[2], Path: path.Join(migrationsDir, name)})
	}
	return list, nil
}

// MigrationPath is the path of a migration's file.
func MigrationPath(version, name string) string {
	return path.Join(migrationsDir, version+"_"+name+".sql")
}

// ReadMigration reads a migration's text.
func (p *Project) ReadMigration(m Migration) (string, error) {
	text, err := os.ReadFile(p.path(m.Path))
	return string(text), err
}

// NewVersion is the version of a migration made now: UTC to the second, but
// after all existing ones, so that it never runs out of order. Versions of
// another length than 14 have no time to be after.
func NewVersion(now time.Time, existing []string) string {
	version := now.UTC().Format(versionFormat)
	for _, other := range existing {
		if len(other) == len(versionFormat) && other >= version {
			version = next(other)
		}
	}
	return version
}

// next is a second later; if a version is no time (20240101000099), one more.
func next(version string) string {
	if t, err := time.Parse(versionFormat, version); err == nil {
		return t.Add(time.Second).Format(versionFormat)
	}
	n, err := strconv.ParseUint(version, 10, 64)
	if err != nil {
		return version // not digits: no version at all
	}
	return strconv.FormatUint(n+1, 10)
}

var (
	notInSlug = regexp.MustCompile(`[^a-z0-9]+`)
	camelHump = regexp.MustCompile(`([a-z0-9])([A-Z])`)
)

// maxName leaves room for version and extension in a file name of 255 bytes.
const maxName = 200

// Slug makes a migration's name of what the user wrote: lower-case words
// joined by underscores. The note says what was changed, and is empty when
// nothing was.
func Slug(name string) (slug, note string, err error) {
	slug = strings.TrimSuffix(strings.TrimSpace(name), ".sql")
	slug = camelHump.ReplaceAllString(slug, "${1}_${2}")
	slug = strings.Trim(notInSlug.ReplaceAllString(strings.ToLower(slug), "_"), "_")
	if slug == "" {
		return "", "", fmt.Errorf("%q is no name for a migration\nhint: use words of a-z and 0-9, a verb first: add_status_to_experiments", name)
	}
	if len(slug) > maxName {
		return "", "", fmt.Errorf("the migration's name has %d letters, at most %d fit", len(slug), maxName)
	}
	if slug != name {
		note = fmt.Sprintf("migration name %q was changed to %q", name, slug)
	}
	return slug, note, nil
}

// scratchPrefix begins the names of migrations that are being written.
const scratchPrefix = ".bloom-"

// WriteMigration writes a new migration and gives its path, relative to the
// root. known are versions that the database has, which may have no file
// here; the new version is after those too. The file appears complete or not
// at all, and never in place of another.
func (p *Project) WriteMigration(now time.Time, name, sql string, known ...string) (string, error) {
	return p.putNew(now, name, known, func(to string) error { return writeNew(to, sql) })
}

// Renumber gives a migration a version after all others and gives its new path.
func (p *Project) Renumber(now time.Time, m Migration, known ...string) (string, error) {
	return p.putNew(now, m.Name, known, func(to string) error {
		if exists(to) {
			return fs.ErrExist
		}
		return os.Rename(p.path(m.Path), to)
	})
}

// putNew has a migration put under a new version.
func (p *Project) putNew(now time.Time, name string, known []string, put func(to string) error) (string, error) {
	dir := p.path(migrationsDir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	// Two at a time would choose the same version under different names.
	lock, err := os.Open(dir)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("locking %s: %w", migrationsDir, err)
	}
	quiet := *p
	quiet.Note = func(string) {}
	existing, err := quiet.Migrations()
	if err != nil {
		return "", err
	}
	for _, m := range existing {
		known = append(known, m.Version)
	}
	file := NewVersion(now, known) + "_" + name + ".sql"
	if err := put(filepath.Join(dir, file)); err != nil {
		return "", fmt.Errorf("writing %s: %w", path.Join(migrationsDir, file), err)
	}
	return path.Join(migrationsDir, file), nil
}

// writeNew makes a file by linking a finished one to its name: unlike a
// rename, that fails if the name is taken.
func writeNew(to, text string) error {
	scratch, err := writeScratch(to, text)
	if err != nil {
		return err
	}
	defer os.Remove(scratch)
	err = os.Link(scratch, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// A file system without links, as on some shared folders: the lock on the
	// folder is what we have there.
	if exists(to) {
		return fs.ErrExist
	}
	return os.Rename(scratch, to)
}

// replace makes a file, or another in its place.
func replace(to, text string) error {
	scratch, err := writeScratch(to, text)
	if err != nil {
		return err
	}
	defer os.Remove(scratch)
	return os.Rename(scratch, to)
}

// writeScratch writes a file beside another, complete and on the disk.
func writeScratch(to, text string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(to), scratchPrefix)
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}
