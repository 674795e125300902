package supabase

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// RolesFile has the project's cluster-wide roles. It runs every time it is
// asked for, so it must be able to run twice.
const RolesFile = "supabase/roles.sql"

// Seeds lists the seed files, each pattern's sorted bytewise, pattern after
// pattern, each file once. A pattern that matches nothing is only noted.
func (p *Project) Seeds() ([]string, error) {
	var files []string
	for _, pattern := range p.Config.Seed.SQLPaths {
		full := filepath.FromSlash(pattern)
		if !filepath.IsAbs(full) {
			full = filepath.Join(escapeGlob(p.path("supabase")), full)
		}
		matches, err := filepath.Glob(full)
		if err != nil {
			return nil, fmt.Errorf("%s: db.seed.sql_paths: %w: %s", configFile, err, pattern)
		}
		if len(matches) == 0 {
			p.Note("WARN: no files matched pattern: " + p.Rel(filepath.Join(p.path("supabase"), filepath.FromSlash(pattern))))
		}
		slices.Sort(matches)
		for i, match := range matches {
			matches[i] = p.Rel(match)
		}
		files = appendNew(files, matches)
	}
	return files, nil
}

// ReadText reads a file that is named relative to the root.
func (p *Project) ReadText(name string) (string, error) {
	full := name
	if !filepath.IsAbs(name) {
		full = p.path(name)
	}
	text, err := os.ReadFile(full)
	return string(text), err
}

// PutMigration writes a migration of a given version, in place of what has its
// name. The file is complete or not there.
func (p *Project) PutMigration(m Migration, sql string) error {
	to := p.path(m.Path)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := replace(to, sql); err != nil {
		return fmt.Errorf("writing %s: %w", m.Path, err)
	}
	return nil
}
