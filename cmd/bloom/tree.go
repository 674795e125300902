package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// tree is a folder of declared files that is to be written.
type tree struct {
	dir      string // absolute
	files    []declaredFile
	replaced []string // files that are there and get another text
	stale    []string // .sql files that are there and declare nothing more
}

// newTree compares the files with what the folder has.
func newTree(dir string, files []declaredFile) (*tree, error) {
	t := &tree{dir: dir}
	there := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && filepath.Ext(path) == ".sql" {
			rel, relErr := filepath.Rel(dir, path)
			there[filepath.ToSlash(rel)], err = true, relErr
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, f := range files {
		full := filepath.Join(dir, filepath.FromSlash(f.path))
		old, err := os.ReadFile(full)
		switch {
		case err == nil && string(old) == f.text:
			delete(there, f.path)
			continue
		case err == nil:
			t.replaced = append(t.replaced, f.path)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("%s is in the way: %w", full, err)
		}
		delete(there, f.path)
		t.files = append(t.files, f)
	}
	for path := range there {
		t.stale = append(t.stale, path)
	}
	slices.Sort(t.stale)
	return t, nil
}

// touched lists what is there and would change, each with what happens to it.
func (t *tree) touched() []string {
	var list []string
	for _, path := range t.replaced {
		list = append(list, path+" (replaced)")
	}
	for _, path := range t.stale {
		list = append(list, path+" (removed: nothing in the database is declared there)")
	}
	return list
}

// write makes the folder what it should be, or leaves it as it was: all files
// are written aside, then moved to their places one by one.
func (t *tree) write() error {
	parent := filepath.Dir(t.dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp(parent, ".bloom-pull-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	fresh, old := filepath.Join(scratch, "new"), filepath.Join(scratch, "old")
	for _, f := range t.files {
		if err := writeFile(filepath.Join(fresh, filepath.FromSlash(f.path)), f.text); err != nil {
			return err
		}
	}
	var m mover
	for _, path := range slices.Concat(t.replaced, t.stale) {
		m.move(filepath.Join(t.dir, filepath.FromSlash(path)), filepath.Join(old, filepath.FromSlash(path)))
	}
	for _, f := range t.files {
		m.move(filepath.Join(fresh, filepath.FromSlash(f.path)), filepath.Join(t.dir, filepath.FromSlash(f.path)))
	}
	if m.err != nil {
		return errors.Join(fmt.Errorf("nothing was changed: %w", m.err), m.undo())
	}
	return nil
}

// mover moves files and can move them back.
type mover struct {
	moved [][2]string
	dirs  []string // that were made
	err   error
}

func (m *mover) move(from, to string) {
	if m.err != nil {
		return
	}
	if m.err = m.folder(filepath.Dir(to)); m.err != nil {
		return
	}
	if _, err := os.Lstat(to); err == nil {
		m.err = fmt.Errorf("%s has come into being meanwhile", to)
		return
	}
	if m.err = os.Rename(from, to); m.err == nil {
		m.moved = append(m.moved, [2]string{from, to})
	}
}

// folder makes a folder and those above it.
func (m *mover) folder(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if err := m.folder(filepath.Dir(dir)); err != nil {
		return err
	}
	err := os.Mkdir(dir, 0o755)
	if err == nil {
		m.dirs = append(m.dirs, dir)
	}
	return err
}

func (m *mover) undo() error {
	var errs []error
	for _, pair := range slices.Backward(m.moved) {
		errs = append(errs, os.Rename(pair[1], pair[0]))
	}
	for _, dir := range slices.Backward(m.dirs) {
		if !strings.Contains(dir, ".bloom-pull-") {
			errs = append(errs, os.Remove(dir))
		}
	}
	return errors.Join(errs...)
}

// writeFile writes a file that is complete or not there.
func writeFile(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}
