package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"bloom/catalog"
	"bloom/parser"
	"bloom/planner"
	"bloom/supabase"
	"bloom/supabase/migrate"
)

func pullCommand() *cli.Command {
	return &cli.Command{
		Name:  "pull",
		Usage: "write the database's schema as declared files, or as a first migration",
		Description: "Adopts an existing database: one file per table with its constraints, indexes, policies, triggers,\n" +
			"comments and privileges; functions, types and views apart. Files that are there are left alone\n" +
			"unless you say otherwise. bloom diff right after it finds nothing.",
		ArgsUsage: "[NAME of the migration]",
		Flags: append(targetFlags(),
			schemasFlag(),
			&cli.StringFlag{Name: "schema-dir", Usage: "folder `DIR` to write to (default: where the declared files are, else schema)"},
			&cli.BoolFlag{Name: "force", Usage: "replace files that are there, and remove .sql files that declare nothing more"},
			&cli.BoolFlag{Name: "migration", Usage: "write a migration instead, with what the project's migrations lack, and mark it as applied in the database's history"},
			&cli.StringFlag{Name: "to", Usage: "- prints the schema instead"},
		),
		OnUsageError: usageError,
		Action:       runPull,
	}
}

// dbPullCommand is pull as the Supabase CLI has it: it writes a migration.
func dbPullCommand() *cli.Command {
	pull := pullCommand()
	pull.Usage = "write the database's schema as a first migration, or with --declarative as declared files"
	pull.Flags = append(pull.Flags, &cli.BoolFlag{Name: "declarative", Usage: "write declared files, as bloom pull does"})
	return pull
}

// pulled is a database that was read and printed.
type pulled struct {
	con     *console
	project *supabase.Project
	source  *source
	base    *base
	*declaration
}

// pullFrom reads the database and prints it.
func pullFrom(c *cli.Context) (*pulled, error) {
	p := &pulled{con: newConsole(c)}
	var err error
	if p.project, err = openProject(c, p.con); err != nil {
		return nil, err
	}
	if p.source, err = newSource(c.Context, p.project, "live", compareOptions{target: targetOptions(c)}); err != nil {
		return nil, err
	}
	p.con.say("Target: %s", p.source.target.Name)
	defer p.source.close()
	if err := p.source.read(c.Context); err != nil {
		return nil, supabase.Redact(err)
	}
	if p.base, err = newBase(c.Context, p.source); err != nil {
		return nil, err
	}
	p.con.trace("read %d objects", p.source.live.Len())
	if err := reportUnmodelled(p.con, false, p.source.live); err != nil {
		return nil, err
	}
	if p.declaration, err = declare(c.Context, p.source.live, p.base); err != nil {
		return nil, err
	}
	if err = p.narrow(c.StringSlice("schema")); err != nil {
		return nil, err
	}
	for _, text := range p.byHand {
		p.con.warn("%s", text)
	}
	return p, nil
}

func runPull(c *cli.Context) error {
	asMigration := c.Bool("migration") || hasFlag(c, "declarative") && !c.Bool("declarative") && !c.IsSet("schema-dir")
	switch {
	case c.IsSet("to") && c.String("to") != "-":
		return fmt.Errorf("--to knows - only, the standard output\nhint: --schema-dir %s writes files", c.String("to"))
	case c.IsSet("to"):
		return runDump(c)
	case c.NArg() > 1, c.NArg() == 1 && !asMigration:
		return fmt.Errorf("pull takes no such argument: %q\nhint: --schema-dir DIR says where to write; with --migration, NAME is that of the migration", c.Args().Slice())
	}
	p, err := pullFrom(c)
	if err != nil {
		return err
	}
	if asMigration {
		return p.writeBaseline(c)
	}
	return p.writeSchema(c)
}

func hasFlag(c *cli.Context, name string) bool {
	for _, f := range c.Command.Flags {
		for _, n := range f.Names() {
			if n == name {
				return true
			}
		}
	}
	return false
}

func (p *pulled) writeSchema(c *cli.Context) error {
	dir, err := schemaDir(p.project, c.String("schema-dir"))
	if err != nil {
		return err
	}
	files, err := p.files()
	if err != nil {
		return err
	}
	if err := p.covered(c, dir, files); err != nil {
		return err
	}
	t, err := newTree(dir, files)
	if err != nil {
		return err
	}
	kept, err := p.keepOthers(c.Context, t)
	if err != nil {
		return err
	}
	if err := p.readBack(c.Context, files, kept); err != nil {
		return err
	}
	shown := p.project.Rel(dir)
	if touched := t.touched(); len(touched) > 0 && !c.Bool("force") {
		if !p.con.yes && !isTerminal(p.con.in) {
			return fmt.Errorf("%s has files already; nothing was written:\n  %s\nhint: --force does that; --schema-dir names another folder", shown, strings.Join(touched, "\n  "))
		}
		if err := p.con.confirm("Do you want to change existing files in "+shown+"?", touched, false); err != nil {
			return err
		}
	}
	if len(t.files)+len(t.stale) == 0 {
		p.con.say("No schema changes found: %s declares what the database has (%d objects)", shown, p.count())
		return nil
	}
	if err := t.write(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.con.out, "Schema written to %s: %d of %d files (%d objects)\n", shown, len(t.files), len(files), p.count())
	return err
}

// schemaDir is the folder to write to: the one of the flag, else the one that
// declared files are read from, else schema.
func schemaDir(p *supabase.Project, flag string) (string, error) {
	if flag != "" {
		return filepath.Abs(flag)
	}
	patterns := p.Config.Migrations.SchemaPaths
	if len(patterns) == 0 {
		for _, folder := range []string{"supabase/schemas", "schema"} {
			if _, err := os.Stat(filepath.Join(p.Root, folder)); err == nil {
				return filepath.Join(p.Root, folder), nil
			}
		}
		return filepath.Join(p.Root, "schema"), nil
	}
	dir := filepath.FromSlash(patterns[0])
	if i := strings.IndexAny(dir, `*?[\`); i >= 0 {
		dir = filepath.Dir(dir[:i] + "x")
	} else if filepath.Ext(dir) == ".sql" {
		dir = filepath.Dir(dir)
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(p.Root, "supabase", dir)
	}
	return dir, nil
}

// covered makes sure that schema_paths of config.toml name all files, or the
// rest would not be declared.
func (p *pulled) covered(c *cli.Context, dir string, files []declaredFile) error {
	patterns := p.project.Config.Migrations.SchemaPaths
	if len(patterns) == 0 || c.String("schema-dir") != "" {
		return nil
	}
	root := filepath.Join(p.project.Root, "supabase")
	for _, f := range files {
		full := filepath.Join(dir, filepath.FromSlash(f.path))
		if !named(root, patterns, full) {
			rel, _ := filepath.Rel(root, dir)
			return fmt.Errorf("schema_paths in supabase/config.toml does not name %s, so nothing was written\nhint: schema_paths = [\"./%s\"] names all below the folder; or say --schema-dir",
				p.project.Rel(full), filepath.ToSlash(rel))
		}
	}
	return nil
}

// named reports whether a file is among those that patterns, relative to a folder, name.
func named(root string, patterns []string, full string) bool {
	for _, pattern := range patterns {
		if !filepath.IsAbs(pattern) {
			pattern = filepath.Join(root, filepath.FromSlash(pattern))
		}
		// A folder that matches stands for what is below it. The folders above the root may be named, too.
		for at := full; at != filepath.Dir(at); at = filepath.Dir(at) {
			if ok, _ := filepath.Match(pattern, at); ok {
				return true
			}
		}
	}
	return false
}

// readBack declares what was printed, with the files that are kept beside it,
// and compares it with the database.
func (p *pulled) readBack(ctx context.Context, files []declaredFile, kept []parser.Source) error {
	sources := kept
	for _, f := range files {
		sources = append(sources, parser.Source{Name: f.path, Text: f.text})
	}
	slices.SortFunc(sources, func(a, b parser.Source) int { return strings.Compare(a.Name, b.Name) })
	script, err := parser.Read(ctx, sources)
	if err != nil {
		return fmt.Errorf("internal: the printed schema does not parse; nothing was written\n%w", err)
	}
	declared, _, err := script.Declare(p.base.options())
	switch {
	case err != nil && len(p.schemas) > 0:
		return fmt.Errorf("the files of schema %s alone do not hold together; nothing was written\n%w\nhint: name the schemas, too, that they need, or pull all of them", strings.Join(p.schemas, ", "), err)
	case err != nil:
		return fmt.Errorf("internal: the printed schema does not hold together; nothing was written\n%w", err)
	}
	current := p.source.live.Clone()
	leftovers{hosted: p.base.hosted, named: script.Grantees()}.leaveAlone(current, declared)
	for _, ch := range newMemo(nil).Diff(current, declared) {
		if id := ch.ID(); id.Kind != catalog.KindUserMapping && inScope(p.schemas, id) {
			p.con.warn("bloom diff will differ: %s %s (%s)", ch.Op, id, strings.Join(ch.Fields, ", "))
		}
	}
	return nil
}

// writeBaseline writes the whole schema as the project's first migration and
// marks it as applied; in a project with migrations, what they lack.
func (p *pulled) writeBaseline(c *cli.Context) error {
	name := c.Args().First()
	if name == "" {
		name = "remote_schema"
	}
	slug, _, err := supabase.Slug(name)
	if err != nil {
		return err
	}
	local, err := p.project.Migrations()
	if err != nil {
		return err
	}
	if len(local)+len(p.source.applied) > 0 {
		return p.writeDifference(c, local, slug)
	}
	if p.count() == 0 {
		p.con.say("No schema changes found")
		return nil
	}
	return p.writeApplied(c, func() ([]string, error) {
		file, err := p.project.WriteMigration(time.Now(), slug, p.baseline())
		return []string{file}, err
	})
}

// writeApplied writes migrations whose effect the database has, and marks them as applied.
func (p *pulled) writeApplied(c *cli.Context, write func() ([]string, error)) error {
	w, err := connect(c)
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.session.CheckWritable(c.Context); err != nil {
		return err
	}
	p.con.say("The schema is written to a migration, and the migration is put into the history as applied; its SQL is not run.")
	if err := p.con.confirm("Do you want to write it and to update the migration history of the "+w.where()+" database?", nil, true); err != nil {
		return err
	}
	files, err := write()
	if err != nil {
		return err
	}
	var versions []string
	for _, file := range files {
		fmt.Fprintln(p.con.out, "Schema written to "+file)
		versions = append(versions, supabase.VersionOf(file))
	}
	if err := w.record(c.Context, versions); err != nil {
		return fmt.Errorf("%w\nhint: the file is written; bloom repair --status applied %s marks it as applied", err, strings.Join(versions, " "))
	}
	p.con.say("Repaired migration history: %s => applied", versions)
	_, err = fmt.Fprintln(p.con.out, "Finished supabase db pull.")
	return err
}

// record marks versions as applied.
func (w *work) record(ctx context.Context, versions []string) error {
	files, err := w.filesOf(versions)
	if err != nil {
		return err
	}
	return w.recordFiles(ctx, false, files)
}

func (w *work) recordFiles(ctx context.Context, truncate bool, files []*migrate.File) error {
	if err := w.session.Lock(ctx); err != nil {
		return err
	}
	if err := w.session.EnsureHistory(ctx); err != nil {
		return fmt.Errorf("making the migration history: %w", supabase.Redact(explainServerError(err)))
	}
	return supabase.Redact(explainServerError(w.session.Repair(ctx, truncate, files, nil)))
}

// baseline is the declaration as a migration: one transaction.
func (d *declaration) baseline() string {
	var parts []string
	for _, text := range append(guarded(d.within(d.head)).Files(), guarded(d.within(d.body)).Files()...) {
		parts = append(parts, strings.TrimRight(text, "\n")+"\n")
	}
	return strings.Join(parts, "\n")
}

// guarded makes roles and extensions only where they are not there: roles belong
// to the cluster, and the platform brings extensions.
func guarded(m *planner.Migration) *planner.Migration {
	out := *m
	out.Units = nil
	for _, u := range m.Units {
		u.Statements = slices.Clone(u.Statements)
		for i, st := range u.Statements {
			if rest, ok := strings.CutPrefix(st.SQL, "CREATE EXTENSION "); ok && st.Object.Kind == catalog.KindExtension {
				u.Statements[i].SQL = "CREATE EXTENSION IF NOT EXISTS " + rest
			}
			if st.Object.Kind == catalog.KindRole && strings.HasPrefix(st.SQL, "CREATE ROLE") {
				u.Statements[i].SQL = fmt.Sprintf("DO $role$ BEGIN\n    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = %s) THEN\n        %s;\n    END IF;\nEND $role$",
					catalog.QuoteLiteral(st.Object.Name), st.SQL)
			}
		}
		out.Units = append(out.Units, u)
	}
	return &out
}
