// Package supabase knows what a Supabase project is: where it begins, its
// config.toml, its declared files and migrations, the databases it can talk
// to, the history table in them, and what in them belongs to the platform.
//
// Names, order and formats are those of the Supabase CLI, so that a team can
// use both on one project; where bloom differs, the comment says so.
//
// [Find] gives the [Project]; all else hangs on it.
package supabase

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Project is a folder with a Supabase project in it, or one that could be.
type Project struct {
	Root   string // absolute
	Config Config
	Note   func(string) // told what the user should know; never nil

	file document // config.toml, as read
}

// Folders and files of a project, relative to its root.
const (
	configFile    = "supabase/config.toml"
	migrationsDir = "supabase/migrations"
	schemasDir    = "supabase/schemas"
	schemaDir     = "schema"
	refFile       = "supabase/.temp/project-ref"
	poolerFile    = "supabase/.temp/pooler-url"
)

// Find opens the project of a folder.
//
// A workdir, from --workdir or SUPABASE_WORKDIR, is the root as it is. Else
// the root is the nearest folder from dir upwards that has
// supabase/config.toml or supabase/migrations, but not above a git
// repository's top. Else it is dir itself: a project without any of these
// can still have a schema folder. (The CLI knows config.toml only and goes up
// to /.)
//
// Variables of the project's .env files become part of this process's
// environment, as with the CLI. Note may be nil.
func Find(dir, workdir string, note func(string)) (*Project, error) {
	if note == nil {
		note = func(string) {}
	}
	root := workdir
	if root == "" {
		var err error
		if root, err = findRoot(dir); err != nil {
			return nil, err
		}
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("no folder %s\nhint: --workdir names the folder above supabase/", root)
	}
	if here, err := filepath.Abs(dir); err == nil && here != root {
		note("Using workdir " + root)
	}
	p := &Project{Root: root, Note: note}
	if err := p.loadEnv(); err != nil {
		return nil, err
	}
	if p.file, err = readDocument(p.path(configFile)); err != nil {
		return nil, fmt.Errorf("%s: %w", configFile, err)
	}
	if err := p.configure(""); err != nil {
		return nil, err
	}
	return p, nil
}

func findRoot(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for at := start; ; at = filepath.Dir(at) {
		for _, marker := range []string{configFile, migrationsDir} {
			if exists(filepath.Join(at, marker)) {
				return at, nil
			}
		}
		if exists(filepath.Join(at, ".git")) || at == filepath.Dir(at) {
			return start, nil
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// path is the place of a file that is named relative to the root.
func (p *Project) path(name string) string {
	return filepath.Join(p.Root, filepath.FromSlash(name))
}

// Rel is how a file is called in messages: relative to the root, with
// slashes, unless it is outside.
func (p *Project) Rel(path string) string {
	rel, err := filepath.Rel(p.Root, path)
	if err != nil || !filepath.IsLocal(rel) {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(rel)
}

var refPattern = regexp.MustCompile(`^[a-z]{20}$`)

// Ref is the reference of the hosted project that this one is linked to.
func (p *Project) Ref() (string, error) {
	ref := os.Getenv("SUPABASE_PROJECT_ID")
	if ref == "" {
		text, err := os.ReadFile(p.path(refFile))
		if errors.Is(err, fs.ErrNotExist) {
			return "", errors.New("cannot find project ref. Have you run supabase link?\nhint: or set SUPABASE_PROJECT_ID")
		}
		if err != nil {
			return "", err
		}
		ref = strings.TrimSpace(string(text))
	}
	if !refPattern.MatchString(ref) {
		return "", fmt.Errorf("invalid project ref format: must be like `abcdefghijklmnopqrst`, is %q", ref)
	}
	return ref, nil
}
