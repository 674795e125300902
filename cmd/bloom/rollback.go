package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"bloom/differ"
	"bloom/parser"
	"bloom/planner"
	"bloom/supabase"
)

func rollbackCommand() *cli.Command {
	return &cli.Command{
		Name:      "rollback",
		Usage:     "show the way back from a migration, and with --apply go it",
		ArgsUsage: "VERSION",
		Description: "Runs supabase/rollbacks/<version>_<name>_rollback.sql, which bloom diff -f NAME --rollback writes, and\n" +
			"takes the migration out of the history, in one transaction. Rows that the migration removed do not\n" +
			"come back, and rows that came into what it made are lost.",
		Flags: append(append(targetFlags(), sessionFlags()...),
			&cli.BoolFlag{Name: "apply", Usage: "run it"},
			&cli.BoolFlag{Name: "out-of-order", Usage: "also if newer migrations are applied"}),
		OnUsageError: usageError,
		Action:       runRollback,
	}
}

func runRollback(c *cli.Context) error {
	con := newConsole(c)
	if c.NArg() != 1 {
		return fmt.Errorf("rollback wants one VERSION, got %d\nhint: bloom list shows the versions", c.NArg())
	}
	project, err := openProject(c, con)
	if err != nil {
		return err
	}
	back, err := project.FindRollback(c.Args().First())
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(con.out, back.Text); err != nil {
		return err
	}
	if !c.Bool("apply") {
		con.say("%s was not run; --apply runs it", back.Path)
		return nil
	}
	w, err := connect(c)
	if err != nil {
		return err
	}
	defer w.close()
	return w.rollBack(c, back)
}

func (w *work) rollBack(c *cli.Context, back *supabase.Rollback) error {
	ctx := c.Context
	file, err := w.session.Read(ctx, back.Path, back.Text)
	if err != nil {
		return err
	}
	if err := w.checkRollback(ctx, back, c.Bool("out-of-order")); err != nil {
		return err
	}
	if err := w.session.CheckWritable(ctx); err != nil {
		return err
	}
	question := fmt.Sprintf("Do you want to take these migrations back in the %s database, with the SQL above?", w.where())
	if err := w.con.confirm(question, back.Versions, false); err != nil {
		return err
	}
	if err := w.session.Lock(ctx); err != nil {
		return err
	}
	if err := w.checkRollback(ctx, back, c.Bool("out-of-order")); err != nil {
		return err
	}
	if err := w.session.RollBack(ctx, file, back.Versions); err != nil {
		return w.explain(file, err)
	}
	w.con.say("Repaired migration history: %s => reverted", fmt.Sprint(back.Versions))
	w.con.say("The files of the migrations are still there: bloom push would apply them again.")
	return nil
}

// checkRollback makes sure that what is to be taken back is there, and last.
func (w *work) checkRollback(ctx context.Context, back *supabase.Rollback, outOfOrder bool) error {
	applied, err := supabase.Applied(ctx, w.session.Conn)
	if err != nil {
		return err
	}
	last := ""
	for _, version := range back.Versions {
		if !slices.Contains(applied, version) {
			return fmt.Errorf("%s is not in the history of the %s database: there is nothing to take back", version, w.where())
		}
		last = max(last, version)
	}
	var newer []string
	for _, version := range applied {
		if version > last {
			newer = append(newer, version)
		}
	}
	if len(newer) > 0 && !outOfOrder {
		return fmt.Errorf("newer migrations are applied, which may need what would go: %s\nhint: take those back first, or say --out-of-order", strings.Join(newer, " "))
	}
	return nil
}

// rollback is the SQL that leads back from the state after the plan to the
// current one: a plan of its own, in one transaction, proven like the other.
func (p *comparison) rollback() (string, error) {
	fail := func(why any) (string, error) {
		return "", fmt.Errorf("no way back could be written, so no migration was written either: %v\nhint: leave out --rollback", why)
	}
	changes := differ.NewMemo(nil).Diff(p.current, p.after)
	for i, ch := range changes {
		changes[i].Current, changes[i].Desired = ch.Desired, ch.Current
		switch ch.Op {
		case differ.Create:
			changes[i].Op = differ.Drop
		case differ.Drop:
			changes[i].Op = differ.Create
		}
	}
	plan, err := planner.Plan(p.after, p.current, changes, planner.Options{Online: planner.OnlineNever, BrokenBody: brokenBody})
	if err != nil {
		return fail(err)
	}
	plan.End(p.back)
	files := plan.Files()
	if len(files) != 1 || plan.Units[0].NoTransaction {
		return fail("it takes more than one transaction")
	}
	script, err := parser.Read(context.Background(), []parser.Source{{Name: "rollback.sql", Text: files[0]}})
	if err != nil {
		return fail(err)
	}
	replayed := p.after.Clone()
	if _, err := script.Replay(replayed, p.base.options()); err != nil {
		return fail(err)
	}
	for _, ch := range differ.NewMemo(nil).Diff(replayed, cmp.Or(p.before, p.current)) {
		return fail(fmt.Sprintf("after it there is a difference: %s %s (%s)", ch.Op, ch.ID(), strings.Join(ch.Fields, ", ")))
	}
	return files[0], nil
}
