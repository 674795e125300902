package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"bloom/supabase"
)

// A squashed migration says of which versions it is made, so that databases that
// have those can be told that they have it.

const squashesMark = "-- bloom:squashes "

var squashesLine = regexp.MustCompile(`(?m)^` + squashesMark + `([0-9 ]+)$`)

// squashesLines is what stands above a squashed migration.
func squashesLines(list []supabase.Migration) string {
	var b strings.Builder
	for some := range slices.Chunk(list, 8) {
		var versions []string
		for _, m := range some {
			versions = append(versions, m.Version)
		}
		b.WriteString(squashesMark + strings.Join(versions, " ") + "\n")
	}
	return b.String()
}

// squashed is a migration that stands for others.
type squashed struct {
	supabase.Migration
	versions []string // of which it is made, its own among them
}

// squashed lists the project's squashed migrations.
func (w *work) squashed() ([]squashed, error) {
	local, err := w.project.Migrations()
	if err != nil {
		return nil, err
	}
	var out []squashed
	for _, m := range local {
		text, err := w.project.ReadMigration(m)
		if err != nil {
			return nil, err
		}
		s := squashed{Migration: m}
		for _, line := range squashesLine.FindAllStringSubmatch(text, -1) {
			s.versions = append(s.versions, strings.Fields(line[1])...)
		}
		if len(s.versions) > 0 {
			out = append(out, s)
		}
	}
	return out, nil
}

// tellSquashed says of versions without a file that all of them are in a squashed
// migration; it is nil if they are not.
func (w *work) tellSquashed(missing []string) error {
	list, err := w.squashed()
	if err != nil {
		return err
	}
	for _, s := range list {
		if !slices.ContainsFunc(missing, func(version string) bool { return !slices.Contains(s.versions, version) }) {
			return fmt.Errorf("%d versions in the database's history were squashed into %s\nhint: bloom repair --squashed puts that into the history in their place; no SQL is run", len(missing), s.Path)
		}
	}
	return nil
}

// repairSquashed puts squashed migrations into the history of a database that has
// all that they are made of.
func (w *work) repairSquashed(ctx context.Context) error {
	applied, err := supabase.Applied(ctx, w.session.Conn)
	if err != nil {
		return err
	}
	list, err := w.squashed()
	if err != nil {
		return err
	}
	var versions, older []string
	for _, s := range list {
		var have, lack []string
		for _, version := range s.versions {
			switch {
			case slices.Contains(applied, version):
				have = append(have, version)
			default:
				lack = append(lack, version)
			}
		}
		if len(have) == 0 || len(have) == 1 && have[0] == s.Version {
			continue // to be applied as it is, or recorded already
		}
		if len(lack) > 0 {
			return fmt.Errorf("%s stands for %d versions, of which the history lacks %s; nothing was changed\nhint: apply them first, with the files as they were before", s.Path, len(s.versions), strings.Join(lack, ", "))
		}
		w.con.say("%s is put into the history in place of the %d versions that it is made of; no SQL is run.", s.Path, len(have))
		versions = append(versions, s.Version)
		older = append(older, slices.DeleteFunc(have, func(version string) bool { return version == s.Version })...)
	}
	if len(versions) == 0 {
		w.con.say("The history has no versions that were squashed.")
		return nil
	}
	if err := w.session.CheckWritable(ctx); err != nil {
		return err
	}
	if err := w.con.confirm("Do you want to repair the migration history of the "+w.where()+" database?", nil, true); err != nil {
		return err
	}
	if err := w.session.Lock(ctx); err != nil {
		return err
	}
	if now, err := supabase.Applied(ctx, w.session.Conn); err != nil || !slices.Equal(now, applied) {
		return errors.Join(err, errors.New("the history was changed meanwhile; nothing was done\nhint: run the command again"))
	}
	files, err := w.filesOf(versions)
	if err != nil {
		return err
	}
	if err := w.session.Repair(ctx, false, files, older); err != nil {
		return supabase.Redact(explainServerError(err))
	}
	w.con.say("Repaired migration history: %s => applied", versions)
	return nil
}
