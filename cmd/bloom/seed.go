package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"bloom/supabase/migrate"
)

func seedCommand() *cli.Command {
	return &cli.Command{
		Name:  "seed",
		Usage: "run the seed files that the database does not have yet",
		Description: "A seed runs once. When it changes later, only its hash is brought up to date, as with the\n" +
			"Supabase CLI; --reseed runs it again.",
		Flags: append(append(targetFlags(), sessionFlags()...),
			&cli.BoolFlag{Name: "reseed", Usage: "run all seeds again, changed or not"},
			&cli.BoolFlag{Name: "dry-run", Usage: "say what would be done, and check the files"},
		),
		OnUsageError: usageError,
		Action:       runSeed,
	}
}

func runSeed(c *cli.Context) error {
	w, err := connect(c)
	if err != nil {
		return err
	}
	defer w.close()
	seeds, err := w.findSeeds(c.Context, c.Bool("reseed"))
	if err != nil {
		return err
	}
	if len(seeds) == 0 {
		w.con.say("Seed files are up to date.")
		return nil
	}
	if c.Bool("dry-run") {
		for _, name := range seedNames(seeds) {
			w.con.say("Would seed: %s", name)
		}
		return nil
	}
	if err := w.session.CheckWritable(c.Context); err != nil {
		return err
	}
	if err := w.con.confirm(fmt.Sprintf("Do you want to seed the %s database with these files?", w.where()), seedNames(seeds), true); err != nil {
		return err
	}
	if err := w.session.Lock(c.Context); err != nil {
		return err
	}
	if seeds, err = w.findSeeds(c.Context, c.Bool("reseed")); err != nil {
		return err
	}
	return w.seed(c.Context, seeds)
}

// seed is a seed file that the database has not, or has otherwise.
type seed struct {
	*migrate.File
	run bool // else only its hash is noted
}

func (w *work) findSeeds(ctx context.Context, all bool) ([]seed, error) {
	paths, err := w.project.Seeds()
	if err != nil {
		return nil, err
	}
	hashes, err := migrate.SeedHashes(ctx, w.session.Conn)
	if err != nil {
		return nil, err
	}
	var seeds []seed
	var errs []error
	for _, path := range paths {
		text, err := w.project.ReadText(path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		f, err := w.session.Read(ctx, path, text)
		errs = append(errs, err)
		if err != nil {
			continue
		}
		old, known := hashes[path]
		if all || !known || old != f.Hash {
			seeds = append(seeds, seed{f, all || !known})
		}
	}
	return seeds, errors.Join(errs...)
}

func seedNames(seeds []seed) []string {
	var names []string
	for _, s := range seeds {
		name := s.Path
		if !s.run {
			name += " (hash update)"
		}
		names = append(names, name)
	}
	return names
}

func (w *work) seed(ctx context.Context, seeds []seed) error {
	if len(seeds) == 0 {
		return nil
	}
	if err := w.session.EnsureSeeds(ctx); err != nil {
		return fmt.Errorf("making the table of seeds: %w", explainServerError(err))
	}
	for _, s := range seeds {
		if s.run {
			w.con.say("Seeding data from %s...", s.Path)
		} else {
			w.con.say("Updating seed hash to %s...", s.Path)
			w.con.warn("%s changed, but ran before: it was not run again; bloom seed --reseed does that", s.Path)
		}
		if err := w.session.Seed(ctx, s.File, s.run); err != nil {
			return w.explain(s.File, err)
		}
	}
	return nil
}
