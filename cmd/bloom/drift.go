package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"bloom/catalog"
	"bloom/differ"
	"bloom/parser"
	"bloom/supabase"
)

func driftCommand() *cli.Command {
	return &cli.Command{
		Name:  "drift",
		Usage: "tell what a database has otherwise than its migrations made it, and why",
		Description: "Replays the applied migrations in memory and compares the result with the database: what differs was changed\n" +
			"by hand. Besides, it tells what pending migrations would change, and what is declared and in no migration.\n" +
			"Only reads. Ends with 0 when there is nothing to tell, 2 when there is, 1 when something failed.",
		Flags: append(append(targetFlags(), reportFlags()...),
			&cli.StringSliceFlag{Name: "schema-dir", Usage: "file or folder `DIR` of declared SQL; repeatable, overrides config.toml"},
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

// states are those that drift compares: what the applied migrations made, what the
// database has, what all migrations make, and what is declared.
type states struct {
	applied, live, all, declared *catalog.Catalog
	open                         map[catalog.ID]bool // the files declare it otherwise than the database has it
}

// findDrift compares them: what differs between the first two was changed by hand,
// between the first and the third is pending, between the last two was forgotten.
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
	s := &states{applied: pair.current.Clone(), live: pair.desired, all: pair.current.Clone()}
	if pending != nil {
		if s.all, err = pending.build(con, pair.base); err != nil {
			return err
		}
	}
	forgotten, files, err := s.forgotten(ctx, con, project, pair, pending, o)
	if err != nil {
		return err
	}
	comparer := &comparer{newMemo(judge), pair.turned(), scope(o.schemas)}
	byHand := comparer.diff(pair.current, pair.desired)
	if s.declared != nil && len(byHand) > 0 {
		forgotten = s.settled(comparer, files, pair.base.hosted, byHand, forgotten)
	}
	r.changeFindings(causeByHand, ignore.filter(byHand, pair.current, s.live), s.byHand, s.places(pair.current, s.live)...)
	if pending != nil {
		waiting := scope(o.schemas)(newMemo(nil).Diff(s.applied, s.all))
		waiting = slices.DeleteFunc(waiting, func(ch differ.Change) bool { return s.done(ch.ID()) })
		r.changeFindings(causePending, ignore.filter(waiting, s.applied, s.all), s.pending, s.places(s.all, s.applied)...)
	}
	r.changeFindings(causeForgotten, ignore.filter(scope(o.schemas)(forgotten), s.all, s.live), s.neglected, s.places(s.all)...)
	for _, n := range append(pair.unreplayed(), notReplayed(pending)...) {
		r.note(n)
	}
	return nil
}

// note tells of a statement whose effect is not known, once.
func (r *report) note(n parser.Note) {
	f := divergence{Cause: causeUnreplayed, Level: "note", Message: "not replayed: " + n.Msg, File: n.Pos.File, Line: n.Pos.Line, Column: n.Pos.Col}
	if !slices.ContainsFunc(r.Findings, func(o divergence) bool {
		return o.Cause == f.Cause && o.File == f.File && o.Line == f.Line && o.Column == f.Column && o.Message == f.Message
	}) {
		r.add(f, n.Pos)
	}
}

func notReplayed(s *source) []parser.Note {
	if s == nil {
		return nil
	}
	return s.unreplayed
}

// places are where objects are looked up, the declared files first.
func (s *states) places(then ...*catalog.Catalog) []*catalog.Catalog {
	if s.declared == nil {
		return then
	}
	return append([]*catalog.Catalog{s.declared}, then...)
}

// forgotten lists what the declared files have otherwise than all migrations make it;
// nothing in a project without declared files.
func (s *states) forgotten(ctx context.Context, con *console, project *supabase.Project, pair *comparison, pending *source, o compareOptions) ([]differ.Change, *source, error) {
	files, err := declaredSource(project, o)
	if err != nil {
		if len(o.schemaDirs) > 0 {
			return nil, nil, err
		}
		con.say("no declared files: nothing is compared with them")
		return nil, nil, nil
	}
	if err := files.read(ctx); err != nil {
		return nil, nil, err
	}
	if s.declared, err = files.build(con, pair.base.forFiles()); err != nil {
		return nil, nil, err
	}
	named := files.grantees().And(pair.from.grantees())
	if pending != nil {
		named = named.And(pending.grantees())
	}
	made := s.all.Clone()
	leftovers{hosted: pair.base.hosted, named: named}.leaveAlone(made, s.declared)
	return newMemo(nil).Diff(made, s.declared), files, nil
}

// settled finds out what of the changes by hand is declared already. That is not
// forgotten besides: it is one and the same thing.
func (s *states) settled(c *comparer, files *source, hosted bool, byHand, forgotten []differ.Change) []differ.Change {
	live, declared := s.live.Clone(), s.declared.Clone()
	leftovers{hosted: hosted, named: files.grantees()}.leaveAlone(live, declared)
	s.open = map[catalog.ID]bool{}
	for _, ch := range c.memo.Diff(live, declared) {
		s.open[ch.ID()] = true
	}
	return slices.DeleteFunc(forgotten, func(ch differ.Change) bool {
		return !s.open[ch.ID()] && slices.ContainsFunc(byHand, func(h differ.Change) bool { return h.ID() == ch.ID() })
	})
}

// byHand says how the database differs from what its migrations made, and both ways out.
func (s *states) byHand(ch differ.Change) (string, []string) {
	id := ch.ID()
	text := fmt.Sprintf("%s is in the database, and no applied migration makes it", id)
	switch ch.Op {
	case differ.Drop:
		text = fmt.Sprintf("%s was made by a migration and is gone from the database", id)
	case differ.Alter:
		text = fmt.Sprintf("%s is not as the migrations made it: %s", id, joined(ch.Fields))
	}
	if s.done(id) {
		return text + "; a pending migration would do the same", []string{
			"to keep it: bloom repair --status applied VERSION, for the migration that makes it",
			"to take it back: bloom diff --from live --to migrations",
		}
	}
	keep := "to keep it: bloom diff --from migrations --to live -f changes_from_studio"
	switch {
	case s.declared == nil:
	case !s.open[id]:
		text += "; the files declare what the database has"
	default:
		keep = "to keep it: bloom adopt " + shellWord(id.Path()) + ", and bloom diff --from migrations --to live -f changes_from_studio"
	}
	return text, []string{keep, "to take it back: bloom diff --from live --to migrations"}
}

// done reports whether somebody did by hand what a pending migration would do.
func (s *states) done(id catalog.ID) bool {
	return s.all.Has(id) && s.live.Has(id) && (!s.applied.Has(id) || differ.Equal(s.all.Get(id), s.live.Get(id)))
}

func (s *states) pending(ch differ.Change) (string, []string) {
	return fmt.Sprintf("%s: a pending migration would %s it", ch.ID(), ch.Op), []string{"to apply it: bloom push", "to do without: remove the migration"}
}

// neglected says what is declared and no migration makes.
func (s *states) neglected(ch differ.Change) (string, []string) {
	id := ch.ID()
	make := "to have it: bloom diff --from migrations --to schema -f NAME"
	switch ch.Op {
	case differ.Create:
		return fmt.Sprintf("%s is declared, and no migration makes it", id), []string{make, "to do without: remove the declaration"}
	case differ.Drop:
		return fmt.Sprintf("%s is made by the migrations and not declared", id), []string{"to drop it: bloom diff --from migrations --to schema -f NAME", "to keep it: declare it; bloom adopt " + shellWord(id.Path()) + " does, if the database has it"}
	}
	return fmt.Sprintf("%s is declared otherwise than the migrations make it: %s", id, joined(ch.Fields)), []string{make, "to do without: declare it as it was"}
}

// shellWord quotes a word for the shell if it needs that.
func shellWord(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool {
		return !(r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
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
