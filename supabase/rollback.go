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
	"strings"
)

// rollbacksDir is beside the migrations, as no command may take what is in it
// for one.
const rollbacksDir = "supabase/rollbacks"

// Rollback is a file supabase/rollbacks/<version>_<name>_rollback.sql: the way
// back from a migration.
type Rollback struct {
	Path     string   // relative to the root, with slashes
	Versions []string // of the migrations that it takes back
	Text     string
}

// VersionOf is the version in a migration's file name.
func VersionOf(file string) string {
	version, _, _ := strings.Cut(path.Base(file), "_")
	return version
}

// revertsPattern is the line of a rollback that takes several migrations back.
var revertsPattern = regexp.MustCompile(`(?m)^-- bloom:reverts ((?:[0-9]+ ?)+)$`)

// WriteRollback writes the way back from migrations that were written together.
// The file bears the first one's version.
func (p *Project) WriteRollback(versions []string, name, sql string) (string, error) {
	if err := os.MkdirAll(p.path(rollbacksDir), 0o755); err != nil {
		return "", err
	}
	file := path.Join(rollbacksDir, versions[0]+"_"+name+"_rollback.sql")
	if err := writeNew(p.path(file), "-- bloom:reverts "+strings.Join(versions, " ")+"\n"+sql); err != nil {
		return "", fmt.Errorf("writing %s: %w", file, err)
	}
	return file, nil
}

// FindRollback finds the way back from a migration.
func (p *Project) FindRollback(version string) (*Rollback, error) {
	entries, err := os.ReadDir(p.path(rollbacksDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var found []*Rollback
	for _, entry := range entries {
		match := migrationPattern.FindStringSubmatch(entry.Name())
		if entry.IsDir() || match == nil {
			continue
		}
		text, err := os.ReadFile(filepath.Join(p.path(rollbacksDir), entry.Name()))
		if err != nil {
			return nil, err
		}
		r := &Rollback{Path: path.Join(rollbacksDir, entry.Name()), Versions: []string{match[1]}, Text: string(text)}
		if line := revertsPattern.FindStringSubmatch(r.Text); line != nil {
			r.Versions = strings.Fields(line[1])
		}
		if slices.Contains(r.Versions, version) {
			found = append(found, r)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("glob %s: file does not exist\nhint: bloom diff -f NAME --rollback writes it together with the migration", path.Join(rollbacksDir, version+"_*_rollback.sql"))
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("two files take %s back: %s and %s", version, found[0].Path, found[1].Path)
}
