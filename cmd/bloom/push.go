package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"bloom/supabase"
	"bloom/supabase/migrate"
)

func pushCommand() *cli.Command {
	return &cli.Command{
		Name:  "push",
		Usage: "apply the migrations that the database does not have yet",
		Description: "Each file runs as one transaction together with its row in the history, so that it is applied\n" +
			"and recorded, or neither. Statements that can't be in a transaction, such as CREATE INDEX\n" +
			"CONCURRENTLY, run alone; if they are interrupted, the next push cleans up and goes on.",
		Flags: append(append(targetFlags(), sessionFlags()...),
			&cli.BoolFlag{Name: "dry-run", Usage: "say what would be done, and check the files"},
			&cli.BoolFlag{Name: "include-all", Usage: "apply migrations, too, that are older than the newest applied one"},
			&cli.BoolFlag{Name: "include-roles", Usage: "run supabase/roles.sql first"},
			&cli.BoolFlag{Name: "include-seed", Usage: "run the seeds that are new, at the end"},
			&cli.StringFlag{Name: "to", Usage: "apply migrations up to `VERSION` only"},
			&cli.StringSliceFlag{Name: "allow", Usage: "let statements with the hazard `CODE` run, as DROP_COLUMN; repeatable"},
			&cli.BoolFlag{Name: "no-check-data", Usage: "do not look for rows that do not fit before the statements run"},
			&cli.StringFlag{Name: "backup", Usage: "write a pg_dump to `FILE` first"},
		),
		OnUsageError: usageError,
		Action:       func(c *cli.Context) error { return runPush(c, "Finished supabase db push.") },
	}
}

// upCommand is push under another name of the Supabase CLI.
func upCommand() *cli.Command {
	up := pushCommand()
	up.Name = "up"
	up.Action = func(c *cli.Context) error { return runPush(c, "") }
	return up
}

// push is what is to be done to the database.
type push struct {
	*work
	c       *cli.Context
	pending []supabase.Migration
	files   []*migrate.File
	roles   *migrate.File
	seeds   []seed
	allowed []string // hazards that were allowed, by code
	told    bool     // that files were edited
	checked int      // files whose rows were looked at
}

func runPush(c *cli.Context, end string) error {
	if c.NArg() > 0 {
		return fmt.Errorf("push takes no arguments, got %q", c.Args().First())
	}
	w, err := connect(c)
	if err != nil {
		return err
	}
	defer w.close()
	if !w.project.Config.Migrations.Enabled {
		ref, _ := w.project.Ref()
		w.con.say("%s", strings.TrimSpace("Skipping migrations because it is disabled in config.toml for project: "+ref))
		return nil
	}
	p := &push{work: w, c: c, allowed: c.StringSlice("allow")}
	dry := c.Bool("dry-run")
	if dry {
		w.con.say("DRY RUN: migrations will *not* be pushed to the database.")
	}
	if err := p.plan(c.Context); err != nil {
		return err
	}
	upToDate := strings.ToUpper(w.where()[:1]) + w.where()[1:] + " database is up to date."
	if p.empty() {
		_, err := fmt.Fprintln(w.con.out, upToDate)
		return err
	}
	if dry {
		if err := p.checkData(c.Context, p.files); err != nil {
			return err
		}
		p.announce()
	} else if err := p.run(c.Context); err != nil {
		return err
	}
	if end == "" {
		end = upToDate
	}
	_, err = fmt.Fprintln(w.con.out, end)
	return err
}

func (p *push) empty() bool { return len(p.files) == 0 && p.roles == nil && len(p.seeds) == 0 }

// plan finds out what is to be done and looks through all files, before the
// first of them runs.
func (p *push) plan(ctx context.Context) error {
	var err error
	if p.pending, err = p.findPending(ctx); err != nil {
		return err
	}
	var errs []error
	p.files, err = p.session.ReadMigrations(ctx, p.project, p.pending)
	if err == nil {
		err = p.gate(ctx)
	}
	errs = append(errs, err)
	if p.c.Bool("include-roles") {
		p.roles, err = p.readRoles(ctx)
		errs = append(errs, err)
	}
	if p.c.Bool("include-seed") && p.project.Config.Seed.Enabled {
		p.seeds, err = p.findSeeds(ctx, false)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (w *work) readRoles(ctx context.Context) (*migrate.File, error) {
	text, err := w.project.ReadText(supabase.RolesFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return w.session.Read(ctx, supabase.RolesFile, text)
}

// findPending compares the project's files with the database's history.
func (p *push) findPending(ctx context.Context) ([]supabase.Migration, error) {
	local, err := p.project.Migrations()
	if err != nil {
		return nil, err
	}
	if err := migrate.CheckNames(local); err != nil {
		return nil, err
	}
	if odd := migrate.OddVersions(local); len(odd) > 0 {
		p.con.warn("versions should have 14 digits, YYYYMMDDHHMMSS, or their order depends on who sorts them: %s", strings.Join(odd, ", "))
	}
	applied, err := supabase.Applied(ctx, p.session.Conn)
	if err != nil {
		return nil, err
	}
	found := migrate.Compare(local, applied)
	if err := p.disagreement(ctx, found); err != nil {
		return nil, err
	}
	if err := p.tellEdited(ctx, local); err != nil {
		return nil, err
	}
	pending := append(found.OutOfOrder, found.Files...)
	to := p.c.String("to")
	if to == "" {
		return pending, nil
	}
	if !slices.ContainsFunc(local, func(m supabase.Migration) bool { return m.Version == to }) {
		return nil, fmt.Errorf("glob %s: file does not exist\nhint: --to wants the version of a migration", supabase.MigrationPath(to, "*"))
	}
	return slices.DeleteFunc(pending, func(m supabase.Migration) bool { return m.Version > to }), nil
}

// tellEdited warns of files that say something else than what was applied: their
// versions are known, so what changed in them never runs.
func (p *push) tellEdited(ctx context.Context, local []supabase.Migration) error {
	if p.told {
		return nil
	}
	p.told = true
	rows, err := migrate.History(ctx, p.session.Conn)
	if err != nil {
		return err
	}
	history := map[string]migrate.Row{}
	for _, row := range rows {
		history[row.Version] = row
	}
	for _, m := range local {
		row, known := history[m.Version]
		if !known {
			continue
		}
		edited, err := p.edited(m, row)
		if err != nil {
			return err
		}
		if edited {
			p.con.warn("%s was edited since it was applied, and is not applied again: bloom new makes a migration for what changed, bloom fetch brings back what was applied", m.Path)
		}
	}
	return nil
}

// disagreement is why files and history don't fit together.
func (p *push) disagreement(ctx context.Context, found migrate.Pending) error {
	if len(found.Missing) > 0 {
		if err := p.tellSquashed(found.Missing); err != nil {
			return err
		}
		text := "Remote migration versions not found in local migrations directory.\n\n"
		for _, version := range found.Missing {
			text += "  " + version + p.whereabouts(ctx, version) + "\n"
		}
		return errors.New(text + "hint: get the files: pull the branch that has them, or write them from the history with bloom fetch.\n" +
			"hint: only if what they did is really undone in the database: bloom repair --status reverted " + strings.Join(found.Missing, " "))
	}
	if len(found.OutOfOrder) > 0 && !p.c.Bool("include-all") {
		text := "Found local migration files to be inserted before the last migration on remote database.\n\n" +
			" Rerun the command with --include-all flag to apply these migrations:\n"
		for _, m := range found.OutOfOrder {
			text += " " + m.Path + "\n"
		}
		return errors.New(text + "hint: a file that is applied nowhere yet can also be given a newer version: bloom renumber FILE")
	}
	return nil
}

// announce is the dry run.
func (p *push) announce() {
	if p.roles != nil {
		p.con.say("Would create custom roles %s...", p.roles.Path)
	}
	if len(p.files) > 0 {
		p.con.say("Would push these migrations:\n • %s", strings.Join(p.names(), "\n • "))
	}
	if len(p.seeds) > 0 {
		p.con.say("Would seed these files:\n • %s", strings.Join(seedNames(p.seeds), "\n • "))
	}
}

func (p *push) names() []string {
	var names []string
	for _, f := range p.files {
		names = append(names, path.Base(f.Path))
	}
	return names
}

// run asks, and then does it all.
func (p *push) run(ctx context.Context) error {
	if err := p.session.CheckWritable(ctx); err != nil {
		return err
	}
	if err := p.ask(); err != nil {
		return err
	}
	if err := p.session.Lock(ctx); err != nil {
		return err
	}
	if err := p.planAgain(ctx); err != nil {
		return err
	}
	if err := p.checkData(ctx, p.files); err != nil {
		return err
	}
	if file := p.c.String("backup"); file != "" {
		if err := backup(ctx, p.con, p.target, p.session.Conn, file); err != nil {
			return err
		}
	}
	if p.roles != nil {
		p.con.say("Seeding globals from roles.sql...")
		if err := p.session.Run(ctx, p.roles, nil); err != nil {
			return p.explain(p.roles, err)
		}
	}
	if len(p.files) > 0 {
		if err := p.vault(ctx); err != nil {
			return err
		}
	}
	if err := p.apply(ctx, p.files, p.checkRest); err != nil {
		return err
	}
	if len(p.files) == 0 && len(p.seeds) > 0 {
		p.con.say("Schema migrations are up to date.")
	}
	return p.seed(ctx, p.seeds)
}

func (p *push) ask() error {
	if p.roles != nil {
		if err := p.con.confirm("Do you want to create custom roles in the database cluster?", nil, true); err != nil {
			return err
		}
	}
	if len(p.files) > 0 {
		question := fmt.Sprintf("Do you want to push these migrations to the %s database?", p.where())
		if err := p.con.confirm(question, p.names(), true); err != nil {
			return err
		}
	}
	if len(p.seeds) > 0 {
		question := fmt.Sprintf("Do you want to seed the %s database with these files?", p.where())
		return p.con.confirm(question, seedNames(p.seeds), true)
	}
	return nil
}

// planAgain looks once more, now that nobody else changes the history. What
// others applied in the meantime is left out; more than was confirmed is not
// applied.
func (p *push) planAgain(ctx context.Context) error {
	before := p.pending
	if err := p.plan(ctx); err != nil {
		return err
	}
	if !slices.Equal(before, p.pending) {
		p.con.say("Another push was at work meanwhile: %d of %d migrations are left to apply.", len(p.pending), len(before))
	}
	for _, m := range p.pending {
		if !slices.Contains(before, m) {
			return fmt.Errorf("%s is pending now, but was not when you were asked\nhint: run the command again", m.Path)
		}
	}
	return nil
}

// apply runs migrations one after the other. What was applied stays when a
// later one fails. before, which may be nil, is asked before each of them.
func (w *work) apply(ctx context.Context, files []*migrate.File, before func(ctx context.Context, i int) error) error {
	if len(files) == 0 {
		return nil
	}
	if err := w.session.EnsureHistory(ctx); err != nil {
		return fmt.Errorf("making the migration history: %w", supabase.Redact(explainServerError(err)))
	}
	invalid, err := w.session.InvalidIndexes(ctx)
	if err != nil {
		return err
	}
	for _, name := range invalid {
		w.con.warn("index %s is invalid, left by an interrupted build", name)
	}
	for i, f := range files {
		var err error
		if before != nil {
			err = before(ctx, i)
		}
		if err == nil {
			w.con.say("Applying migration %s...", path.Base(f.Path))
			if err = w.session.Apply(ctx, f); err != nil {
				err = w.explain(f, err)
			}
		}
		if err != nil {
			if i > 0 {
				err = fmt.Errorf("%w\nhint: what was applied before it is recorded and stays (%d of %d files)", err, i, len(files))
			}
			return err
		}
		w.con.trace("applied %s", f.Path)
	}
	return nil
}
