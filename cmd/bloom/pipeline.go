package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"bloom/catalog"
	"bloom/catalog/snapshot"
	"bloom/differ"
	"bloom/parser"
	"bloom/parser/analyze"
	"bloom/parser/split"
	"bloom/planner"
	"bloom/supabase"
)

// comparison is two states and what leads from one to the other.
type comparison struct {
	current, desired *catalog.Catalog
	changes          []differ.Change
	plan             *planner.Migration
	after            *catalog.Catalog // current, after the plan was replayed on it
	before           *catalog.Catalog // current, before anything was renamed; nil if nothing is
	renames          []differ.Change
	back             []planner.Statement // what takes the renames back

	from, to *source
	base     *base
}

// applied are the versions that the databases' histories have.
func (p *comparison) applied() []string { return append(p.from.applied, p.to.applied...) }

// turned reports whether it is the desired state of which more is known: a database's.
func (p *comparison) turned() bool { return p.to.depth() > p.from.depth() }

// database is the source that is a database, if one is.
func (p *comparison) database() *source {
	if p.turned() {
		return p.to
	}
	return p.from
}

// unreplayed are the statements of histories whose effect is not known.
func (p *comparison) unreplayed() []parser.Note {
	return append(slices.Clone(p.from.unreplayed), p.to.unreplayed...)
}

type compareOptions struct {
	target     supabase.TargetFlags
	schemaDirs []string
	schemas    []string
	from, to   string
	strict     bool
	noJudge    bool
	renamed    []planner.Rename // what somebody said is renamed, beside the files
	plan       planner.Options
}

func comparisonOptions(c *cli.Context) compareOptions {
	return compareOptions{
		target:     targetOptions(c),
		schemaDirs: c.StringSlice("schema-dir"), schemas: c.StringSlice("schema"),
		from: c.String("from"), to: c.String("to"), strict: c.Bool("strict"), noJudge: c.Bool("no-judge"),
		plan: planner.Options{Online: planner.Online(c.String("online")), AssumeEmpty: c.Bool("assume-empty"), BrokenBody: brokenBody, Locks: split.Locks},
	}
}

// brokenBody asks analysis whether PostgreSQL would refuse a routine for what its text names.
func brokenBody(c *catalog.Catalog, r catalog.Routine) bool {
	return analyze.Broken(c, r, parser.DefaultSearchPath)
}

// compare is the program on one screen: two states are loaded, compared, the
// changes planned, and the plan proven by replaying it.
func compare(ctx context.Context, con *console, project *supabase.Project, o compareOptions) (*comparison, error) {
	pair, err := load(ctx, con, project, o)
	if err != nil {
		return nil, err
	}
	defer pair.close()
	judge := newJudge(ctx, o, pair)
	defer endJudge(con, judge)
	renamed, err := pair.rename(ctx, con, o.renamed)
	if err != nil {
		return nil, err
	}
	ignore, err := readIgnore(project.Root)
	if err != nil {
		return nil, err
	}
	comparer := &comparer{newMemo(judge), pair.turned(), ignore.inScope(con, scope(o.schemas), pair.current, pair.desired)}
	pair.changes = comparer.diff(pair.current, pair.desired)
	con.trace("compared: %d changes; texts by analysis: %s; of the rest by the judge: %s", len(pair.changes), comparer.memo.Analysis, comparer.memo.Judged)
	if len(pair.changes)+len(renamed) == 0 {
		return pair, nil
	}
	if pair.plan, err = planner.Plan(pair.current, pair.desired, pair.changes, o.plan); err != nil {
		return nil, err
	}
	pair.plan.Begin(renamed)
	pair.changes = append(pair.changes, pair.renames...)
	con.trace("planned: %d statements", len(pair.plan.Statements()))
	err = selfCheck(ctx, pair, comparer)
	con.trace("replayed the plan")
	return pair, err
}

// load reads the two states that are to be compared. What the files leave open
// is settled; the sources stay open until close.
func load(ctx context.Context, con *console, project *supabase.Project, o compareOptions) (*comparison, error) {
	pair := &comparison{}
	var err error
	if pair.from, err = newSource(ctx, project, cmp.Or(o.from, "live"), o); err != nil {
		return nil, err
	}
	if pair.to, err = newSource(ctx, project, cmp.Or(o.to, "schema"), o); err != nil {
		return nil, err
	}
	if err = pair.build(ctx, con, o); err != nil {
		pair.close()
		return nil, err
	}
	return pair, nil
}

func (p *comparison) build(ctx context.Context, con *console, o compareOptions) error {
	err := read(ctx, con, p.from, p.to)
	if err != nil {
		return err
	}
	if p.base, err = newBase(ctx, p.from, p.to); err != nil {
		return err
	}
	if p.base.missing, err = p.missingExtensions(ctx); err != nil {
		return err
	}
	if p.current, err = p.from.build(con, p.base); err != nil {
		return err
	}
	if p.from.live == nil {
		parser.WriteOutStars(p.current)
	}
	if p.desired, err = p.to.build(con, p.base.forFiles()); err != nil {
		return err
	}
	con.trace("built %d current and %d desired objects", p.current.Len(), p.desired.Len())
	if p.from.load != nil || p.to.load != nil {
		snapshot.Conceal(p.current)
		snapshot.Conceal(p.desired)
	}
	left := leftovers{hosted: p.base.hosted, named: p.to.grantees().And(p.from.grantees()), whole: p.from.live != nil && p.to.live != nil}
	live, files := p.current, p.desired
	if p.turned() {
		live, files = p.desired, p.current
	}
	for _, note := range left.leaveAlone(live, files) {
		con.say("%s", note)
	}
	return reportUnmodelled(con, o.strict, p.current)
}

func (p *comparison) close() {
	p.from.close()
	p.to.close()
}

// read parses files and reads databases, all at once.
func read(ctx context.Context, con *console, sources ...*source) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, s := range sources {
		g.Go(func() error {
			err := s.read(ctx)
			con.trace("read %s", s.name)
			return err
		})
	}
	return g.Wait()
}

// selfCheck is law 3: the plan, parsed and replayed on the current catalog, must
// give the desired one.
func selfCheck(ctx context.Context, pair *comparison, comparer *comparer) error {
	sql := pair.plan.Script()
	script, err := parser.Read(ctx, []parser.Source{{Name: "plan.sql", Text: sql}})
	if err != nil {
		return planError("the planned SQL does not parse", err.Error(), sql)
	}
	replayed := cmp.Or(pair.before, pair.current).Clone()
	_, err = script.Replay(replayed, pair.base.optionsOn(pair.from))
	if err != nil {
		return planError("the planned SQL cannot be replayed", err.Error(), sql)
	}
	pair.after = replayed
	rest := comparer.diff(replayed, pair.desired)
	if len(rest) == 0 {
		return nil
	}
	var left []string
	for _, ch := range rest {
		left = append(left, fmt.Sprintf("%s %s (%s)", ch.Op, ch.ID(), strings.Join(ch.Fields, ", ")))
	}
	return planError("the planned SQL does not lead to what the files declare", strings.Join(left, "\n  "), sql)
}

func planError(what, detail, sql string) error {
	return fmt.Errorf("internal: %s\n  %s\nhint: nothing was written; please report this together with the plan below\n\n%s", what, detail, inBlock(sql))
}

// inBlock keeps the lines of SQL in an error together.
func inBlock(sql string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(sql), "\n", "\n    ")
}

// scope filters changes by the schemas asked for; without any, all are in scope.
func scope(schemas []string) func([]differ.Change) []differ.Change {
	return func(changes []differ.Change) []differ.Change {
		left := map[string]bool{} // publications whose making or dropping is not asked for, nor then their members
		for _, ch := range changes {
			if id := ch.ID(); id.Kind == catalog.KindPublication && ch.Op != differ.Alter && !inScope(schemas, id) {
				left[id.Name] = true
			}
		}
		return slices.DeleteFunc(changes, func(ch differ.Change) bool {
			id := ch.ID()
			member := id.Kind == catalog.KindPublicationTable || id.Kind == catalog.KindPublicationSchema
			return !inScope(schemas, id) || member && left[id.Role]
		})
	}
}

// inScope reports whether an object is of one of the schemas; without any, all are.
func inScope(schemas []string, id catalog.ID) bool {
	name := id.Schema
	if id.Kind == catalog.KindSchema || id.On == catalog.KindSchema {
		name = id.Name
	}
	return len(schemas) == 0 || slices.Contains(schemas, name)
}

func reportUnmodelled(con *console, strict bool, current *catalog.Catalog) error {
	if len(current.Unmodelled) == 0 {
		return nil
	}
	if strict {
		return fmt.Errorf("bloom has no model of these objects: %s\nhint: leave out --strict to go on without them", strings.Join(current.Unmodelled, ", "))
	}
	for _, u := range current.Unmodelled {
		con.warn("not compared: %s (bloom has no model of it)", u)
	}
	return nil
}
