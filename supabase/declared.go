package supabase

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Declared are the files that say what the database should be.
type Declared struct {
	From   string   // what named them: "--schema-dir", "db.migrations.schema_paths", "supabase/schemas", "schema"
	Files  []string // in order; relative to the root where inside of it, else absolute; with slashes
	Unused []string // folders of declared files that exist as well and were not taken
}

// Declared finds the declared files: those of the flags (files or folders,
// relative to dir) if there are any, else of db.migrations.schema_paths, else
// of supabase/schemas, else of schema.
func (p *Project) Declared(dir string, flags []string) (*Declared, error) {
	d, err := p.declared(dir, flags)
	if err != nil {
		return nil, err
	}
	if len(flags) == 0 {
		for _, other := range []string{schemasDir, schemaDir} {
			taken := slices.ContainsFunc(d.Files, func(f string) bool { return strings.HasPrefix(f, other+"/") })
			if files, err := p.walk(p.path(other)); err == nil && len(files) > 0 && !taken {
				d.Unused = append(d.Unused, other)
			}
		}
	}
	return d, nil
}

func (p *Project) declared(dir string, flags []string) (*Declared, error) {
	if len(flags) > 0 {
		files, err := p.named(dir, flags)
		return &Declared{From: "--schema-dir", Files: files}, err
	}
	if patterns := p.Config.Migrations.SchemaPaths; len(patterns) > 0 {
		files, err := p.globs(patterns)
		return &Declared{From: "db.migrations.schema_paths", Files: files}, err
	}
	for _, folder := range []string{schemasDir, schemaDir} {
		files, err := p.walk(p.path(folder))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && len(files) == 0 {
			err = noFiles(folder)
		}
		return &Declared{From: folder, Files: files}, err
	}
	return nil, fmt.Errorf("no declared schema in %s\nhint: make a folder schema/ with .sql files, or name one with --schema-dir or as schema_paths under [db.migrations] in %s", p.Root, configFile)
}

func noFiles(folder string) error {
	return fmt.Errorf("%s has no .sql file\nhint: an empty .sql file declares an empty database", folder)
}

// named are the files of flags: a file as it is, a folder with all below it.
func (p *Project) named(dir string, names []string) ([]string, error) {
	var files []string
	for _, name := range names {
		full := name
		if !filepath.IsAbs(name) {
			full = filepath.Join(dir, name)
		}
		full, err := filepath.Abs(full)
		if err != nil {
			return nil, err
		}
		info, err := os.Stat(full)
		if err != nil {
			return nil, fmt.Errorf("--schema-dir: %w", err)
		}
		found := []string{p.Rel(full)}
		if info.IsDir() {
			if found, err = p.walk(full); err != nil {
				return nil, fmt.Errorf("--schema-dir: %w", err)
			}
			if len(found) == 0 {
				return nil, noFiles(name)
			}
		}
		files = appendNew(files, found)
	}
	return files, nil
}

// walk lists the regular files named *.sql below a folder, by whole path,
// bytewise: a/z.sql before b.sql, 10.sql before 2.sql.
func (p *Project) walk(folder string) ([]string, error) {
	var files []string
	root := folder + string(filepath.Separator) // a link to a folder is walked, too
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && filepath.Ext(name) == ".sql" {
			files = append(files, p.Rel(name))
		}
		return err
	})
	slices.Sort(files)
	return files, err
}

// globs lists the files that patterns match: each pattern's sorted bytewise,
// pattern after pattern, each file once. A pattern without a match is no
// error if another has one. A folder that matches stands for what is below
// it; the CLI fails there.
func (p *Project) globs(patterns []string) ([]string, error) {
	var files []string
	for _, pattern := range patterns {
		full := filepath.FromSlash(pattern)
		if !filepath.IsAbs(full) {
			full = filepath.Join(escapeGlob(p.path("supabase")), full)
		}
		matches, err := filepath.Glob(full)
		if err != nil {
			return nil, fmt.Errorf("%s: db.migrations.schema_paths: %w: %s", configFile, err, pattern)
		}
		slices.Sort(matches)
		for _, match := range matches {
			info, err := os.Stat(match)
			if err != nil {
				return nil, err
			}
			found := []string{p.Rel(match)}
			if info.IsDir() {
				if found, err = p.walk(match); err != nil {
					return nil, err
				}
			}
			files = appendNew(files, found)
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no files matched pattern: %s\nhint: schema_paths under [db.migrations] in %s are relative to supabase/, and ** is no more than *", strings.Join(patterns, ", "), configFile)
	}
	return files, nil
}

func appendNew(files, found []string) []string {
	for _, file := range found {
		if !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	return files
}

var globMeta = regexp.MustCompile(`[\\*?\[]`)

// escapeGlob makes a pattern that matches a path literally.
func escapeGlob(path string) string { return globMeta.ReplaceAllString(path, `\$0`) }
