package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"bloom/planner"
	"bloom/supabase"
)

func diffCommand() *cli.Command {
	return &cli.Command{
		Name:  "diff",
		Usage: "print or write the migration that makes the database what the files declare",
		Description: "Compares the live database with the declared files (schema/*.sql) and prints the SQL that leads\n" +
			"from one to the other; with -f it is written to supabase/migrations/. Nothing is executed.",
		Flags: append(append(targetFlags(), comparisonFlags()...),
			&cli.StringFlag{Name: "file", Aliases: []string{"f"}, Usage: "write supabase/migrations/<version>_`NAME`.sql"},
			&cli.BoolFlag{Name: "rollback", Usage: "with -f: write the way back, too, supabase/rollbacks/<version>_NAME_rollback.sql"},
			&cli.BoolFlag{Name: "exit-code", Usage: "exit with 2 when there are differences"},
			&cli.GenericFlag{Name: "prove", Value: &proof{}, Usage: "run the plan on a scratch server that is made like the database, and compare with the files run there; --prove=target: in the database, in a transaction that is taken back"},
			&cli.StringFlag{Name: "renames", Value: "auto", Usage: "what looks like a rename: ask, stop, drop, or auto: ask on a terminal, stop in CI"},
			&cli.BoolFlag{Name: "check-data", Usage: "look in the database for rows on which the plan would fail, and which it would change"},
			&cli.BoolFlag{Name: "json", Usage: "print changes, statements and hazards as JSON"},
		),
		OnUsageError: usageError,
		Action:       runDiff,
	}
}

// comparisonFlags say what is compared, and how.
func comparisonFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "schema-dir", Usage: "file or folder `DIR` of declared SQL; repeatable, overrides config.toml"},
		&cli.StringSliceFlag{Name: "schema", Aliases: []string{"s"}, Usage: "compare objects of the schema `NAME` only; repeatable"},
		&cli.StringFlag{Name: "from", Usage: "what is: `SOURCE` = live, schema, migrations[:DIR], git:REV[:PATH], a URL, a file, a folder or a snapshot"},
		&cli.StringFlag{Name: "to", Usage: "what should be: `SOURCE` as in --from"},
		&cli.BoolFlag{Name: "strict", Usage: "objects that bloom has no model of are an error"},
		&cli.StringFlag{Name: "online", Value: "auto", Usage: "forms that do not block: auto, always or never"},
		&cli.BoolFlag{Name: "assume-empty", Usage: "choose forms as if no table had rows"},
		&cli.BoolFlag{Name: "no-judge", Usage: "do not ask the server what analysis cannot decide"},
	}
}

func runDiff(c *cli.Context) error {
	con := newConsole(c)
	project, err := openProject(c, con)
	if err != nil {
		return err
	}
	if online := planner.Online(c.String("online")); !slices.Contains([]planner.Online{planner.OnlineAuto, planner.OnlineAlways, planner.OnlineNever}, online) {
		return fmt.Errorf("no --online %q\nhint: --online auto, always or never", online)
	}
	if name := c.String("file"); name != "" && c.Bool("json") {
		return fmt.Errorf("--json and --file exclude each other\nhint: --json prints the statements; leave -f out")
	}
	if c.Bool("rollback") && c.String("file") == "" {
		return fmt.Errorf("--rollback wants -f NAME: it writes a file beside the migration")
	}
	cmp, err := compareAsked(c, con, project)
	if err != nil {
		return supabase.Redact(err)
	}
	misfits, err := checkPlan(c, con, cmp)
	if err != nil {
		return err
	}
	if err := prove(c, con, cmp); err != nil {
		return err
	}
	if err := printDiff(c, con, project, cmp); err != nil {
		return err
	}
	con.unreplayed(cmp.unreplayed())
	if misfits > 0 {
		return fmt.Errorf("%s of the plan would fail on the rows that are there\nhint: correct them before it is applied, or in a migration before it", count(misfits, "statement"))
	}
	if c.Bool("exit-code") && len(cmp.changes) > 0 {
		return errDifferences
	}
	return nil
}

func printDiff(c *cli.Context, con *console, project *supabase.Project, cmp *comparison) error {
	if c.Bool("json") {
		return indented(con.out, jsonDiff(cmp))
	}
	if len(cmp.changes) == 0 {
		con.say("No schema changes found (%d objects compared)", cmp.desired.Len())
		return nil
	}
	con.summarise(cmp)
	if name := c.String("file"); name != "" {
		return writeMigrations(con, project, cmp, name, c.Bool("rollback"))
	}
	_, err := fmt.Fprint(con.out, cmp.plan.Script())
	return err
}

// writeMigrations writes the plan to supabase/migrations: one file, or several
// in order where it has to be committed in between.
func writeMigrations(con *console, project *supabase.Project, cmp *comparison, name string, rollback bool) error {
	slug, note, err := supabase.Slug(name)
	if err != nil {
		return err
	}
	if note != "" {
		con.say("%s", note)
	}
	back := ""
	if rollback {
		if back, err = cmp.rollback(); err != nil {
			return err
		}
	}
	paths, err := putMigrations(project, cmp, slug)
	var versions []string
	for _, path := range paths {
		con.say("Created new migration at %s", path)
		versions = append(versions, supabase.VersionOf(path))
	}
	if err != nil || !rollback {
		return err
	}
	path, err := project.WriteRollback(versions, slug, back)
	if err == nil {
		con.say("Created the way back at %s", path)
	}
	return err
}

// putMigrations writes the files of a plan and gives their paths.
func putMigrations(project *supabase.Project, cmp *comparison, slug string) (paths []string, err error) {
	files := cmp.plan.Files()
	for i, sql := range files {
		n := slug
		if len(files) > 1 {
			n = fmt.Sprintf("%s_%02d", slug, i+1)
		}
		path, err := project.WriteMigration(time.Now(), n, sql, cmp.applied()...)
		if err != nil {
			return paths, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}
