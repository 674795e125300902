package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"bloom/differ"
	"bloom/planner"
	"bloom/supabase"
)

func checkCommand() *cli.Command {
	return &cli.Command{
		Name:  "check",
		Usage: "tell what the declared files have and no migration makes; needs no database",
		Description: "Replays supabase/migrations in memory and compares the result with the declared files. Ends with 0 when\n" +
			"they agree, 2 when they do not, 1 when something failed. With --base the files of the migrations' folder\n" +
			"are held against those of a revision: applied files must not change, new ones come last.",
		Flags: append(reportFlags(),
			&cli.StringSliceFlag{Name: "schema-dir", Usage: "file or folder `DIR` of declared SQL; repeatable, overrides config.toml"},
			&cli.StringSliceFlag{Name: "schema", Aliases: []string{"s"}, Usage: "compare objects of the schema `NAME` only; repeatable"},
			&cli.StringFlag{Name: "base", Usage: "compare the migrations' folder with that of `git:REV`"},
		),
		OnUsageError: usageError,
		Action:       runCheck,
	}
}

func runCheck(c *cli.Context) error {
	con := newConsole(c)
	format, err := reportFormat(c)
	if err != nil {
		return err
	}
	project, err := openProject(c, con)
	if err != nil {
		return err
	}
	o := comparisonOptions(c)
	o.from, o.to = "migrations", "schema"
	r := newReport("check")
	if err := checkFolder(c.Context, project, c.String("base"), r); err != nil {
		return err
	}
	if err := checkDeclared(c.Context, con, project, o, r); err != nil {
		return supabase.Redact(err)
	}
	return con.finishReport(r, format)
}

// checkDeclared compares what the migrations make with what is declared.
func checkDeclared(ctx context.Context, con *console, project *supabase.Project, o compareOptions, r *report) error {
	ignore, err := readIgnore(project.Root)
	if err != nil {
		return err
	}
	pair, err := load(ctx, con, project, o)
	if err != nil {
		return err
	}
	defer pair.close()
	comparer := &comparer{newMemo(nil), pair.turned(), scope(o.schemas)}
	changes := ignore.filter(comparer.diff(pair.current, pair.desired), pair.current, pair.desired)
	con.trace("compared: %d changes", len(changes))
	r.changeFindings(causeNoMigration, changes, func(ch differ.Change) (string, []string) {
		id := ch.ID()
		switch ch.Op {
		case differ.Create:
			return fmt.Sprintf("%s is declared, and no migration makes it", id), []string{"bloom diff -f NAME"}
		case differ.Drop:
			return fmt.Sprintf("%s is made by the migrations and not declared any more", id), []string{"bloom diff -f NAME", "declare it again"}
		}
		return fmt.Sprintf("%s is not as the migrations make it: %s", id, joined(ch.Fields)), []string{"bloom diff -f NAME"}
	}, pair.desired, pair.current)
	for _, n := range pair.unreplayed() {
		r.add(divergence{Cause: causeUnreplayed, Level: "note", Message: "not replayed: " + n.Msg}, n.Pos)
	}
	if len(changes) == 0 {
		return nil
	}
	plan, err := planner.Plan(pair.current, pair.desired, changes, o.plan)
	if err != nil { // what is missing is told all the same
		con.warn("no SQL can be shown: %v", err)
		return nil
	}
	r.SQL, r.Hazards = plan.Script(), hazards(plan)
	return nil
}

func joined(list []string) string { return strings.Join(list, ", ") }
