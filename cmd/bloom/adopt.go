package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"bloom/catalog"
	"bloom/differ"
	"bloom/parser"
	"bloom/supabase"
)

func adoptCommand() *cli.Command {
	return &cli.Command{
		Name:  "adopt",
		Usage: "write what the database has into the declared files, in place",
		Description: "For what was changed by hand and is to stay: the statements that declare the objects are edited, everything else\n" +
			"in the files stays as it is. New objects go to the file that bloom pull would choose. Before anything is written\n" +
			"the edited files are compared with the database: they must agree about the objects. OBJECT is a name as\n" +
			"bloom drift prints it (public.users, public.users.email, public.f(integer)); a table stands for all it has.",
		ArgsUsage: "OBJECT… | --all",
		Flags: append(targetFlags(),
			&cli.StringSliceFlag{Name: "schema-dir", Usage: "file or folder `DIR` of declared SQL; repeatable, overrides config.toml"},
			&cli.BoolFlag{Name: "all", Usage: "adopt everything that differs"},
			&cli.BoolFlag{Name: "dry-run", Usage: "say what would be written"},
			&cli.BoolFlag{Name: "no-judge", Usage: "do not ask the server what analysis cannot decide"},
		),
		OnUsageError: usageError,
		Action:       runAdopt,
	}
}

func runAdopt(c *cli.Context) error {
	con := newConsole(c)
	if c.NArg() == 0 && !c.Bool("all") || c.NArg() > 0 && c.Bool("all") {
		return fmt.Errorf("adopt wants the names of objects, or --all\nhint: bloom drift tells what differs")
	}
	project, err := openProject(c, con)
	if err != nil {
		return err
	}
	o := comparisonOptions(c)
	o.from, o.to = "schema", "live"
	a := &adoption{con: con, project: project, options: o, names: c.Args().Slice()}
	if err := a.run(c.Context); err != nil {
		return supabase.Redact(err)
	}
	if len(a.written) == 0 {
		con.say("No schema changes found: the files declare what the database has")
		return nil
	}
	verb := "Changed"
	if c.Bool("dry-run") {
		verb = "Would change"
	} else if err := a.write(); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(a.written)) {
		fmt.Fprintln(con.out, verb+" "+name)
	}
	con.say("Adopted: %s", strings.Join(a.told, ", "))
	return nil
}

// adoption is objects whose live state goes into the declared files.
type adoption struct {
	con     *console
	project *supabase.Project
	options compareOptions
	names   []string

	files    []parser.Source // as they are
	pair     *comparison
	comparer *comparer
	live     *catalog.Catalog // before anything was left alone
	dir      string           // for new files
	told     []string
	written  map[string]string // new texts by name
}

func (a *adoption) run(ctx context.Context) error {
	a.pair = &comparison{}
	defer a.close()
	if err := a.load(ctx); err != nil {
		return err
	}
	judge := newJudge(ctx, a.options, a.pair)
	defer endJudge(a.con, judge)
	a.comparer = &comparer{newMemo(judge), a.pair.turned(), scope(nil)}
	ignore, err := readIgnore(a.project.Root)
	if err != nil {
		return err
	}
	all := ignore.filter(a.comparer.diff(a.pair.current, a.pair.desired), a.pair.current, a.pair.desired)
	wanted, err := a.choose(all)
	if err != nil || len(wanted) == 0 {
		return err
	}
	fresh, err := declare(ctx, a.live, a.pair.base)
	if err != nil {
		return err
	}
	e := newEditor(a, fresh)
	if err := e.edit(ctx, all, wanted); err != nil {
		return err
	}
	a.written = e.changed()
	return nil
}

func (a *adoption) load(ctx context.Context) error {
	var err error
	p := a.pair
	if p.from, err = newSource(ctx, a.project, "schema", a.options); err != nil {
		return err
	}
	if p.to, err = newSource(ctx, a.project, "live", a.options); err != nil {
		return err
	}
	a.con.say("Target: %s", p.to.target.Name)
	if a.files, err = p.from.files(); err != nil {
		return err
	}
	if err := read(ctx, a.con, p.from, p.to); err != nil {
		return err
	}
	a.live = p.to.live.Clone()
	if p.base, err = newBase(ctx, p.from, p.to); err != nil {
		return err
	}
	if a.dir, err = schemaDir(a.project, ""); err != nil {
		return err
	}
	if dirs := a.options.schemaDirs; len(dirs) > 0 {
		if a.dir, err = filepath.Abs(dirs[0]); err != nil {
			return err
		}
		if strings.HasSuffix(a.dir, ".sql") {
			a.dir = filepath.Dir(a.dir)
		}
	}
	p.current, p.desired, err = a.state(ctx, a.files)
	return err
}

func (a *adoption) close() {
	for _, s := range []*source{a.pair.from, a.pair.to} {
		if s != nil {
			s.close()
		}
	}
}

// state is what files declare, and the live state to compare it with.
func (a *adoption) state(ctx context.Context, files []parser.Source) (declared, live *catalog.Catalog, err error) {
	script, err := parser.Read(ctx, files)
	if err != nil {
		return nil, nil, err
	}
	o := a.pair.base.forFiles().options()
	o.PassOverData = a.pair.from.foreign
	if declared, _, err = script.Declare(o); err != nil {
		return nil, nil, err
	}
	live = a.live.Clone()
	leftovers{hosted: a.pair.base.hosted, named: script.Grantees()}.leaveAlone(live, declared)
	return declared, live, nil
}

// choose picks the changes that are about the objects asked for.
func (a *adoption) choose(all []differ.Change) ([]differ.Change, error) {
	if len(a.names) == 0 {
		return all, nil
	}
	var wanted []differ.Change
	for _, name := range a.names {
		n := 0
		for _, ch := range all {
			if a.isAbout(ch, name) {
				n++
				if !slices.ContainsFunc(wanted, func(w differ.Change) bool { return w.ID() == ch.ID() && w.Op == ch.Op }) {
					wanted = append(wanted, ch)
				}
			}
		}
		if n > 0 {
			continue
		}
		if !a.exists(name) {
			return nil, fmt.Errorf("there is no %s, neither in the files nor in the database\nhint: names are like public.users, public.users.email, public.f(integer)", name)
		}
		a.con.say("%s is declared as it is", name)
	}
	return wanted, nil
}

// isAbout reports whether a change is one of the named object, of what belongs to it
// or of a sequence that a column of it owns.
func (a *adoption) isAbout(ch differ.Change, name string) bool {
	for _, o := range []catalog.Object{ch.Current, ch.Desired} {
		if o == nil {
			continue
		}
		if seq, ok := o.(catalog.Sequence); ok && !seq.OwnedBy.IsZero() && a.named(seq.OwnedBy.ID(), name) || a.named(o.ID(), name) {
			return true
		}
	}
	return false
}

func (a *adoption) named(id catalog.ID, name string) bool {
	for ok := true; ok; {
		path := id.Path()
		if slices.Contains([]string{path, id.String(), strings.TrimPrefix(path, "public.")}, name) {
			return true
		}
		if bare, _, args := strings.Cut(path, "("); args && (bare == name || bare == "public."+name) {
			return true
		}
		next, has := a.pair.desired.Parent(id)
		if !has {
			next, has = a.pair.current.Parent(id)
		}
		id, ok = next, has
	}
	return false
}

func (a *adoption) exists(name string) bool {
	for _, c := range []*catalog.Catalog{a.pair.current, a.pair.desired} {
		for id := range c.All() {
			if a.named(id, name) {
				return true
			}
		}
	}
	return false
}

// write writes all files, each whole: what fails leaves the others' new texts beside
// them at worst, never half a file.
func (a *adoption) write() error {
	var moves [][2]string
	var errs []error
	for name, text := range a.written {
		full := filepath.FromSlash(name)
		if !filepath.IsAbs(full) {
			full = filepath.Join(a.project.Root, full)
		}
		aside := full + ".bloom-new"
		if err := writeFile(aside, text); err != nil {
			errs = append(errs, err)
			break
		}
		if info, err := os.Stat(full); err == nil {
			errs = append(errs, os.Chmod(aside, info.Mode().Perm()))
		}
		moves = append(moves, [2]string{aside, full})
	}
	if err := errors.Join(errs...); err != nil {
		for _, m := range moves {
			errs = append(errs, os.Remove(m[0]))
		}
		return fmt.Errorf("nothing was written: %w", errors.Join(errs...))
	}
	for _, m := range moves {
		errs = append(errs, os.Rename(m[0], m[1]))
	}
	return errors.Join(errs...)
}
