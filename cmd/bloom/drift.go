package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"bloom/catalog"
	"bloom/differ"
	"bloom/supabase"
)

func driftCommand() *cli.Command {
	return &cli.Command{
		Name:  "drift",
		Usage: "tell what a database has otherwise than its migrations made it, and why",
		Description: "Replays the applied migrations in memory and compares the result with the database: what differs was changed\n" +
			"by hand. Besides, it tells what pending migrations would change. Only reads. Ends with 0 when there is\n" +
			"nothing to tell, 2 when there is, 1 when something failed.",
		Flags: append(append(targetFlags(), reportFlags()...),
			&cli.StringSliceFlag{Name: "schema", Aliases: []string{"s"}, Usage: "compare objects of the schema `NAME` only; repeatable"},
			&cli.BoolFlag{Name: "no-judge", Usage: "do not ask the server what analysis cannot decide"},
		),
		OnUsageError: usageError,
		Action:       runDrift,
	}
}

func runDrift(c *cli.Context) error {
	con := newConsole(c)
	format, err := reportFormat(c)
	if err != nil {
		return err
	}
	project, err := openProject(c, con)
	if err != nil {
		return err
	}
	r := newReport("drift")
	if err := findDrift(c.Context, con, project, comparisonOptions(c), r); err != nil {
		return supabase.Redact(err)
	}
	return con.finishReport(r, format)
}

// findDrift compares the state that the applied migrations make with the
// database, and with the state that all of them make.
func findDrift(ctx context.Context, con *console, project *supabase.Project, o compareOptions, r *report) error {
	ignore, err := readIgnore(project.Root)
	if err != nil {
		return err
	}
	applied, pending, err := splitMigrations(ctx, project, o)
	if err != nil {
		return err
	}
	o.to = "live"
	pair := &comparison{from: applied}
	if pair.to, err = newSource(ctx, project, o.to, o); err != nil {
		return err
	}
	defer pair.close()
	if err := pair.build(ctx, con, o); err != nil {
		return err
	}
	judge := newJudge(ctx, o, pair)
	defer endJudge(con, judge)
	before := pair.current.Clone()
	comparer := &comparer{newMemo(judge), pair.turned(), scope(o.schemas)}
	byHand := ignore.filter(comparer.diff(pair.current, pair.desired), pair.current, pair.desired)
	byHand = slices.DeleteFunc(byHand, func(ch differ.Change) bool { return inHistory(ch.ID()) })
	r.changeFindings(causeByHand, byHand, func(ch differ.Change) (string, []string) {
		id := ch.ID()
		text := fmt.Sprintf("%s is in the database, and no applied migration makes it", id)
		switch ch.Op {
		case differ.Drop:
			text = fmt.Sprintf("%s was made by a migration and is gone from the database", id)
		case differ.Alter:
			text = fmt.Sprintf("%s is not as the migrations made it: %s", id, joined(ch.Fields))
		}
		return text, []string{
			"to keep it: bloom diff --from migrations --to live -f NAME, and declare it",
			"to take it back: bloom diff --from live --to migrations",
		}
	}, pair.current, pair.desired)
	for _, n := range pair.unreplayed() {
		r.add(divergence{Cause: causeUnreplayed, Level: "note", Message: "not replayed: " + n.Msg}, n.Pos)
	}
	if pending == nil {
		return nil
	}
	return r.pending(con, pending, pair.base, before, o, ignore)
}

// inHistory reports whether an object belongs to the history of migrations, which
// no migration makes.
func inHistory(id catalog.ID) bool {
	const schema = "supabase_migrations"
	return id.Schema == schema || id.Schema == "" && id.Name == schema && (id.Kind == catalog.KindSchema || id.On == catalog.KindSchema)
}

// pending tells what migrations that were not applied would change.
func (r *report) pending(con *console, all *source, b *base, before *catalog.Catalog, o compareOptions, ignore ignoreRules) error {
	after, err := all.build(con, b)
	if err != nil {
		return err
	}
	changes := scope(o.schemas)(newMemo(nil).Diff(before, after))
	r.changeFindings(causePending, ignore.filter(changes, before, after), func(ch differ.Change) (string, []string) {
		return fmt.Sprintf("%s: a pending migration would %s it", ch.ID(), ch.Op), []string{"bloom push"}
	}, after, before)
	return nil
}

// splitMigrations gives the migrations that the database's history has, and all
// of them if some are pending.
func splitMigrations(ctx context.Context, project *supabase.Project, o compareOptions) (applied, pending *source, err error) {
	target, err := project.Target(ctx, o.target)
	if err != nil {
		return nil, nil, err
	}
	conn, err := target.Connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	versions, err := supabase.Applied(ctx, conn)
	_ = conn.Close(ctx)
	if err != nil {
		return nil, nil, err
	}
	list, err := project.Migrations()
	if err != nil {
		return nil, nil, err
	}
	var done, all []string
	for _, m := range list {
		all = append(all, m.Path)
		if slices.Contains(versions, m.Version) {
			done = append(done, m.Path)
		}
	}
	applied = migrationFiles(project, "applied migrations", done)
	if len(done) == len(all) {
		return applied, nil, nil
	}
	pending = migrationFiles(project, "migrations", all)
	return applied, pending, pending.read(ctx)
}
