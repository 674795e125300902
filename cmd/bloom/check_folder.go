package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"bloom/catalog"
	"bloom/parser/lint"
	"bloom/parser/split"
	"bloom/supabase"
)

const migrationsFolder = "supabase/migrations"

// checkFolder looks at the migrations' files as files: their names, and what a
// revision that others have already says of them.
func checkFolder(ctx context.Context, p *supabase.Project, base string, r *report) error {
	quiet := *p
	var skipped []string
	quiet.Note = func(note string) { skipped = append(skipped, note) }
	list, err := quiet.Migrations()
	if err != nil {
		return err
	}
	bad := func(file, format string, args ...any) {
		r.add(divergence{Cause: causeFolder, Level: "error", Message: fmt.Sprintf(format, args...)}, catalog.Pos{File: file, Line: 1, Col: 1})
	}
	if err := misnamed(p, list, bad); err != nil {
		return err
	}
	versions := map[string]string{}
	for _, m := range list {
		if first, ok := versions[m.Version]; ok {
			bad(m.Path, "version %s is also that of %s; only one of them can be applied", m.Version, path.Base(first))
		}
		versions[m.Version] = m.Path
	}
	if base == "" {
		return checkStatements(&quiet, list, "warning", r)
	}
	rev := strings.TrimPrefix(base, "git:")
	theirs, err := migrationsOf(ctx, p, rev)
	if err != nil {
		return err
	}
	if err := againstBase(ctx, p, rev, theirs, list, bad); err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(m supabase.Migration) bool { return slices.Contains(theirs, m.Path) })
	return checkStatements(&quiet, list, "error", r)
}

// preflight are the rules of bloom lint that tell whether a migration can run at all.
var preflight = []string{"NOT_TRANSACTIONAL", "TRANSACTION_OPEN", "ENUM_VALUE_SAME_TX", "UNREADABLE"}

// doubtful are the words of statements that preflight finds. Long histories are looked
// through for them, as parsing each file once more would take as long as the rest.
var doubtful = regexp.MustCompile(`(?im)\b(concurrently|vacuum|reindex|cluster|add\s+value|alter\s+system|(create|drop|alter)\s+(database|tablespace|subscription))\b|^\s*(begin|start\s+transaction)\s*(;|work|transaction)`)

// checkStatements looks for what cannot run. Without a base nobody knows which files
// were applied already, and those cannot be changed.
func checkStatements(p *supabase.Project, list []supabase.Migration, level string, r *report) error {
	var in lint.Input
	for _, m := range list {
		text, err := p.ReadMigration(m)
		if err != nil {
			return err
		}
		if level == "warning" && !doubtful.MatchString(text) {
			continue
		}
		statements, err := split.File(m.Path, text)
		var bad *split.Error
		if errors.As(err, &bad) {
			r.add(divergence{Cause: causeFolder, Level: level, Message: bad.Msg}, bad.Pos)
			continue
		}
		if err != nil {
			return err
		}
		in.Files = append(in.Files, lint.File{Name: m.Path, Statements: statements, Migration: true})
	}
	for _, f := range lint.Run(in) {
		if slices.Contains(preflight, f.Code) {
			r.add(divergence{Cause: causeFolder, Level: level, Message: f.Code + ": " + f.Message, WaysOut: []string{f.Fix}}, f.Pos)
		}
	}
	return nil
}

// migrationsOf lists the migrations that a revision has.
func migrationsOf(ctx context.Context, p *supabase.Project, rev string) ([]string, error) {
	out, err := git(ctx, p.Root, "ls-tree", "-z", "--name-only", rev, "--", migrationsFolder+"/")
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(strings.Split(out, "\x00"), func(name string) bool {
		_, _, versioned := strings.Cut(path.Base(name), "_")
		return !versioned || !strings.HasSuffix(name, ".sql")
	}), nil
}

// misnamed finds files that are left out because of their names.
func misnamed(p *supabase.Project, list []supabase.Migration, bad func(string, string, ...any)) error {
	entries, err := os.ReadDir(filepath.Join(p.Root, migrationsFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		file := path.Join(migrationsFolder, e.Name())
		known := slices.ContainsFunc(list, func(m supabase.Migration) bool { return m.Path == file })
		if !e.IsDir() && strings.HasSuffix(e.Name(), ".sql") && !known {
			bad(file, "this file is not run: its name is not <version>_name.sql")
		}
	}
	return nil
}

// againstBase finds what others may have applied already and is otherwise here.
func againstBase(ctx context.Context, p *supabase.Project, rev string, theirs []string, list []supabase.Migration, bad func(string, string, ...any)) error {
	newest := ""
	for _, name := range theirs {
		version, _, _ := strings.Cut(path.Base(name), "_")
		newest = max(newest, version)
	}
	for _, name := range theirs {
		i := slices.IndexFunc(list, func(m supabase.Migration) bool { return m.Path == name })
		if i < 0 {
			bad(name, "%s has this migration, here it is gone; where it was applied it stays applied", rev)
			continue
		}
		text, err := git(ctx, p.Root, "show", rev+":./"+name)
		if err != nil {
			return err
		}
		ours, err := p.ReadMigration(list[i])
		if err != nil {
			return err
		}
		if text != ours {
			bad(name, "%s has this migration with another text; where it was applied the change is never run; write a new migration", rev)
		}
	}
	for _, m := range list {
		if !slices.Contains(theirs, m.Path) && m.Version <= newest {
			bad(m.Path, "this migration is new, but not after %s of %s; rename it to a later version", newest, rev)
		}
	}
	return nil
}
