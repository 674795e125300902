package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"bloom/supabase"
	"bloom/supabase/migrate"
)

func repairCommand() *cli.Command {
	return &cli.Command{
		Name:      "repair",
		Usage:     "change the history, without running anything",
		ArgsUsage: "[VERSION …]",
		Description: "--status applied puts the file's statements into the history, --status reverted takes the versions\n" +
			"out of it. Without a version, the whole history is made anew from the files, or emptied.\n" +
			"--squashed puts what bloom squash wrote in place of the versions that it is made of.",
		Flags: append(append(targetFlags(), sessionFlags()...),
			&cli.StringFlag{Name: "status", Usage: "`STATUS` to give: applied or reverted"},
			&cli.BoolFlag{Name: "squashed", Usage: "take note that migrations were squashed"}),
		OnUsageError: usageError,
		Action:       runRepair,
	}
}

func runRepair(c *cli.Context) error {
	status, versions := c.String("status"), c.Args().Slice()
	if c.Bool("squashed") {
		if status != "" || len(versions) > 0 {
			return errors.New("--squashed takes neither --status nor versions")
		}
		w, err := connect(c)
		if err != nil {
			return err
		}
		defer w.close()
		return w.repairSquashed(c.Context)
	}
	if status != "applied" && status != "reverted" {
		return fmt.Errorf("must provide --status: applied or reverted, got %q\nhint: bloom repair --status applied 20240131120000", status)
	}
	for _, version := range versions {
		if _, err := strconv.ParseUint(version, 10, 64); err != nil {
			return fmt.Errorf("failed to parse %s: invalid version number", version)
		}
	}
	w, err := connect(c)
	if err != nil {
		return err
	}
	defer w.close()
	all := len(versions) == 0
	var files []*migrate.File
	if status == "applied" {
		if files, err = w.filesOf(versions); err != nil {
			return err
		}
	}
	if all {
		for _, f := range files {
			versions = append(versions, f.Version)
		}
	}
	if err := w.session.CheckWritable(c.Context); err != nil {
		return err
	}
	if err := w.confirmRepair(c.Context, status, versions, all); err != nil {
		return err
	}
	if err := w.session.Lock(c.Context); err != nil {
		return err
	}
	if err := w.session.EnsureHistory(c.Context); err != nil {
		return fmt.Errorf("making the migration history: %w", explainServerError(err))
	}
	reverted := versions
	if status == "applied" {
		reverted = nil
	}
	if err := w.session.Repair(c.Context, all, files, reverted); err != nil {
		return supabase.Redact(explainServerError(err))
	}
	w.con.say("Repaired migration history: %s => %s", fmt.Sprint(versions), status)
	fmt.Fprintln(w.con.out, "Finished supabase migration repair.")
	w.con.say("Run bloom list to show the updated migration history.")
	return nil
}

// confirmRepair says what will happen to each version, and asks.
func (w *work) confirmRepair(ctx context.Context, status string, versions []string, all bool) error {
	applied, err := supabase.Applied(ctx, w.session.Conn)
	if err != nil {
		return err
	}
	for _, version := range versions {
		known := slices.Contains(applied, version)
		switch {
		case status == "applied" && known:
			w.con.say("%s is in the history; its statements and name are taken from the file again.", version)
		case status == "applied":
			w.con.say("%s is put into the history as applied; its SQL is not run.", version)
		case known:
			w.con.say("%s is taken out of the history; what it did to the database stays.", version)
		default:
			w.con.say("%s is not in the history; nothing to do for it.", version)
		}
	}
	if !all {
		return w.con.confirm("Do you want to repair the migration history of the "+w.where()+" database?", nil, true)
	}
	if status == "reverted" {
		w.con.say("All %d versions are taken out of the history.", len(applied))
	}
	return w.con.confirm("Do you want to repair the entire migration history table to match local migration files?", nil, false)
}

// filesOf are the project's migrations of some versions, or all.
func (w *work) filesOf(versions []string) ([]*migrate.File, error) {
	local, err := w.project.Migrations()
	if err != nil {
		return nil, err
	}
	if err := migrate.CheckNames(local); err != nil {
		return nil, err
	}
	var wanted []supabase.Migration
	var missing []string
	for _, version := range versions {
		i := slices.IndexFunc(local, func(m supabase.Migration) bool { return m.Version == version })
		if i < 0 {
			missing = append(missing, fmt.Sprintf("glob %s: file does not exist", supabase.MigrationPath(version, "*")))
			continue
		}
		wanted = append(wanted, local[i])
	}
	if len(missing) > 0 {
		return nil, errors.New(strings.Join(missing, "\n"))
	}
	if len(versions) == 0 {
		wanted = local
	}
	return migrate.ReadHistoric(w.project, wanted)
}
