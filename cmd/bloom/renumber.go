package main

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"bloom/supabase"
	"bloom/supabase/migrate"
)

func renumberCommand() *cli.Command {
	return &cli.Command{
		Name:      "renumber",
		Usage:     "give migrations that are applied nowhere yet a version after all others",
		ArgsUsage: "FILE or VERSION …",
		Description: "For a branch that comes late: its migrations are older than what was applied meanwhile. The database is\n" +
			"asked whether they are applied; nothing is written to it.",
		Flags:        targetFlags(),
		OnUsageError: usageError,
		Action:       runRenumber,
	}
}

func runRenumber(c *cli.Context) error {
	if c.NArg() == 0 {
		return errors.New("renumber wants FILE or VERSION\nhint: bloom list --wide shows which are out of order")
	}
	w, err := connect(c)
	if err != nil {
		return err
	}
	defer w.close()
	local, err := w.project.Migrations()
	if err != nil {
		return err
	}
	var chosen []supabase.Migration
	for _, arg := range c.Args().Slice() {
		m, err := findMigration(local, arg)
		if err != nil {
			return err
		}
		chosen = append(chosen, m)
	}
	rows, err := migrate.History(c.Context, w.session.Conn)
	if err != nil {
		return err
	}
	var applied []string
	for _, row := range rows {
		applied = append(applied, row.Version)
		for _, m := range chosen {
			// Of two files with one version, the history knows by name which it was.
			alone := len(slices.DeleteFunc(slices.Clone(local), func(l supabase.Migration) bool { return l.Version != m.Version })) == 1
			if row.Version == m.Version && (alone || row.Name == m.Name) {
				return fmt.Errorf("%s is applied: under another version it would run again; nothing was renamed", m.Path)
			}
		}
	}
	slices.SortFunc(chosen, func(a, b supabase.Migration) int { return slices.Index(local, a) - slices.Index(local, b) })
	for _, m := range chosen {
		to, err := w.project.Renumber(time.Now(), m, applied...)
		if err != nil {
			return err
		}
		fmt.Fprintf(w.con.out, "Renamed %s to %s\n", m.Path, to)
		if back, err := w.project.FindRollback(m.Version); err == nil {
			w.con.warn("%s takes back version %s: change its name, and its line bloom:reverts, to %s", back.Path, m.Version, supabase.VersionOf(to))
		}
	}
	return nil
}

// findMigration finds a migration by its version, its file's name or path.
func findMigration(local []supabase.Migration, arg string) (supabase.Migration, error) {
	var found []supabase.Migration
	for _, m := range local {
		if m.Version == arg || path.Base(m.Path) == path.Base(arg) {
			found = append(found, m)
		}
	}
	switch len(found) {
	case 0:
		return supabase.Migration{}, fmt.Errorf("no migration %q in %s", arg, path.Dir(supabase.MigrationPath("", "")))
	case 1:
		return found[0], nil
	}
	return supabase.Migration{}, fmt.Errorf("%d migrations have the version %s\nhint: name the file", len(found), arg)
}
