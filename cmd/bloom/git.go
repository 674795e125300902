package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path"
	"strings"

	"bloom/parser"
	"bloom/supabase"
)

// gitSource reads declared files as they are in a revision, without checking it
// out: REV, or REV:PATH for a file or folder in it, or a snapshot, whose name ends
// in .json.
func gitSource(ctx context.Context, p *supabase.Project, arg string, o compareOptions) (*source, error) {
	rev, dir, given := strings.Cut(arg, ":")
	if rev == "" {
		return nil, fmt.Errorf("git: names no revision\nhint: git:REV or git:REV:PATH, as in git:origin/main:schema")
	}
	if strings.HasSuffix(dir, ".json") {
		text, err := git(ctx, p.Root, "show", rev+":./"+dir)
		if err != nil {
			return nil, err
		}
		return snapshotSource("snapshot "+dir+" in git revision "+rev, arg, []byte(text)), nil
	}
	roots := []string{dir}
	if !given {
		var err error
		if roots, err = declaredRoots(p, o); err != nil {
			return nil, err
		}
	}
	return &source{name: "git revision " + rev, replay: isMigrations(dir), files: func() ([]parser.Source, error) {
		return gitFiles(ctx, p.Root, rev, roots)
	}}, nil
}

func isMigrations(dir string) bool { return path.Base(path.Clean(dir)) == "migrations" }

// declaredRoots are the folders in which the declared files of today are.
func declaredRoots(p *supabase.Project, o compareOptions) ([]string, error) {
	d, err := p.Declared(p.Root, o.schemaDirs)
	if err != nil {
		return nil, err
	}
	var roots []string
	seen := map[string]bool{}
	for _, f := range d.Files {
		if r := path.Dir(f); !seen[r] {
			seen[r] = true
			roots = append(roots, r)
		}
	}
	return roots, nil
}

func gitFiles(ctx context.Context, root, rev string, dirs []string) ([]parser.Source, error) {
	names, err := git(ctx, root, append([]string{"ls-tree", "-r", "-z", "--name-only", rev, "--"}, dirs...)...)
	if err != nil {
		return nil, err
	}
	var sources []parser.Source
	for _, name := range strings.Split(strings.TrimRight(names, "\x00"), "\x00") {
		if !strings.HasSuffix(name, ".sql") {
			continue
		}
		text, err := git(ctx, root, "show", rev+":./"+name)
		if err != nil {
			return nil, err
		}
		sources = append(sources, parser.Source{Name: rev + ":" + name, Text: text})
	}
	if len(sources) == 0 {
		return nil, fmt.Errorf("revision %s has no .sql file in %s", rev, strings.Join(dirs, ", "))
	}
	return sources, nil
}

func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("git %s: %s", args[0], strings.TrimSpace(stderr.String()))
	}
	return string(out), err
}
