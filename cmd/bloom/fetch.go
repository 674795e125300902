package main

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"bloom/parser/split"
	"bloom/supabase"
	"bloom/supabase/migrate"
)

func fetchCommand() *cli.Command {
	return &cli.Command{
		Name:  "fetch",
		Usage: "write the files of migrations that the database's history has",
		Description: "A file that says the same already is left as it is, whatever its name; files of versions that the\n" +
			"history does not have are left, too.",
		Flags:        targetFlags(),
		OnUsageError: usageError,
		Action:       runFetch,
	}
}

func runFetch(c *cli.Context) error {
	w, err := connect(c)
	if err != nil {
		return err
	}
	defer w.close()
	rows, err := migrate.History(c.Context, w.session.Conn)
	if err != nil {
		return err
	}
	local, err := w.project.Migrations()
	if err != nil {
		return err
	}
	var write []supabase.Migration
	var texts, overwritten []string
	for _, row := range rows {
		if !row.Known {
			w.con.warn("the history does not know the statements of %s: no file is written", row.Version)
			continue
		}
		m := supabase.Migration{Version: row.Version, Name: row.Name, Path: supabase.MigrationPath(row.Version, row.Name)}
		if i := slices.IndexFunc(local, func(l supabase.Migration) bool { return l.Version == row.Version }); i >= 0 {
			edited, err := w.edited(local[i], row)
			if err != nil {
				return err
			}
			if !edited {
				continue
			}
			m = local[i]
			overwritten = append(overwritten, m.Path)
		}
		write, texts = append(write, m), append(texts, split.Join(row.Statements))
	}
	if len(overwritten) > 0 {
		if err := w.con.confirm("Do you want to overwrite existing files in supabase/migrations directory?", overwritten, true); err != nil {
			return err
		}
	}
	for i, m := range write {
		if err := w.project.PutMigration(m, texts[i]); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w.con.out, "Created new migration at "+m.Path); err != nil {
			return err
		}
	}
	w.con.say("%d migrations in the history, %d files written.", len(rows), len(write))
	return nil
}
