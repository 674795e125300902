package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"bloom/catalog"
	"bloom/differ"
	"bloom/parser"
	"bloom/parser/split"
	"bloom/supabase"
	"bloom/supabase/migrate"
	"bloom/supabase/server"
)

func squashCommand() *cli.Command {
	return &cli.Command{
		Name:  "squash",
		Usage: "make one migration of many, printed from what they make together",
		Description: "The migrations are replayed in memory and what they make is written in place of the last of them; the\n" +
			"others are removed. Statements about rows are kept aside in supabase/squashed/ and run no more. No\n" +
			"database is needed; --db-url, --local or --linked name one whose extensions and version count.",
		Flags: append(append(targetFlags(), sessionFlags()...),
			&cli.StringFlag{Name: "version", Usage: "squash migrations up to `VERSION` only"},
			&cli.BoolFlag{Name: "keep-blocks", Usage: "go on although bloom cannot tell what some statements do to the schema, and keep them aside"},
			&cli.BoolFlag{Name: "record", Usage: "put the new migration into the database's history, in place of those it is made of"}),
		OnUsageError: usageError,
		Action:       runSquash,
	}
}

// squash is migrations that become one.
type squash struct {
	con     *console
	project *supabase.Project
	list    []supabase.Migration
	base    *base
	text    string // of the new migration
	aside   string // statements about rows
	kept    []string
	blocks  int // DO blocks whose effect is in the new migration
}

func runSquash(c *cli.Context) error {
	s := &squash{con: newConsole(c)}
	var err error
	if s.project, err = openProject(c, s.con); err != nil {
		return err
	}
	local, err := s.project.Migrations()
	if err != nil {
		return err
	}
	if err := migrate.CheckNames(local); err != nil {
		return err
	}
	if s.list, _, err = upTo(c, local); err != nil {
		return err
	}
	if len(s.list) < 2 {
		return fmt.Errorf("there is nothing to squash: %d migrations", len(s.list))
	}
	if err := s.findBase(c); err != nil {
		return err
	}
	if err := s.replay(c.Context, c.Bool("keep-blocks")); err != nil {
		return err
	}
	if !c.Bool("record") {
		if err := s.confirm(); err != nil {
			return err
		}
		if err := s.write(); err != nil {
			return err
		}
		s.con.say("Databases that have these migrations have a history of their own: bloom repair --squashed.")
		return nil
	}
	return s.record(c)
}

// findBase is the platform's known shape, or what the database named by flags has.
func (s *squash) findBase(c *cli.Context) error {
	if !c.Bool("record") && !c.IsSet("db-url") && !c.Bool("local") && !c.Bool("linked") {
		// Where nothing is said it is for the oldest server: newer ones run that as well.
		major := cmp.Or(s.project.Config.DB.MajorVersion, server.OldestMajor)
		var err error
		s.base, err = platformBase(c.Context, catalog.Version(10_000*major))
		if err == nil {
			s.base.below = withoutProjects(s.base.below, s.base.role)
		}
		return err
	}
	live, err := newSource(c.Context, s.project, "live", compareOptions{target: targetOptions(c)})
	if err != nil {
		return err
	}
	defer live.close()
	if err := live.read(c.Context); err != nil {
		return supabase.Redact(err)
	}
	if s.base, err = newBase(c.Context, live); err != nil {
		return err
	}
	s.base.below, err = s.withoutRoles(s.base.below)
	return err
}

// createsRole is where migrations make a role, also in a DO block.
var createsRole = regexp.MustCompile(`(?i)\bCREATE\s+(?:ROLE|USER)\s+(?:"((?:[^"]|"")+)"|([a-z_][a-z0-9_$]*))`)

// withoutRoles takes the roles out that the migrations make: they belong to the
// cluster, and a block that makes them where they are not there would do nothing.
func (s *squash) withoutRoles(below *catalog.Catalog) (*catalog.Catalog, error) {
	c := below.Clone()
	for _, m := range s.list {
		text, err := s.project.ReadMigration(m)
		if err != nil {
			return nil, err
		}
		for _, match := range createsRole.FindAllStringSubmatch(text, -1) {
			name := cmp.Or(strings.ReplaceAll(match[1], `""`, `"`), strings.ToLower(match[2]))
			for id, o := range below.All() {
				switch o := o.(type) {
				case catalog.Role:
					if o.Name == name && !supabase.ManagedRole(name) {
						c.Remove(id)
					}
				case catalog.RoleMember:
					if o.Role == name || o.Member == name {
						c.Remove(id)
					}
				}
			}
		}
	}
	return c, nil
}

// withoutProjects takes out of the platform's shape what projects may change.
func withoutProjects(platform *catalog.Catalog, role string) *catalog.Catalog {
	c := platform.Clone()
	for _, d := range defaultPrivileges(platform) {
		if d.Owner == role && !supabase.ManagedSchema(d.Schema) {
			c.Remove(d.ID())
		}
	}
	return c
}

// replay runs the migrations in memory and prints what they make.
func (s *squash) replay(ctx context.Context, keepBlocks bool) error {
	var paths []string
	for _, m := range s.list {
		paths = append(paths, m.Path)
	}
	files, err := readFiles(s.project, paths)
	if err != nil {
		return err
	}
	script, err := parser.Read(ctx, files)
	if err != nil {
		return err
	}
	state, err := s.base.start(ctx, catalog.New())
	if err != nil {
		return err
	}
	options := s.base.options()
	options.DefaultPrivileges = defaultPrivileges(s.base.below)
	start := state.Clone()
	notes, err := script.Replay(state, options)
	var lost []string
	unreplayed := map[catalog.Pos]bool{}
	for _, n := range notes {
		if n.Unreplayed {
			lost = append(lost, n.String())
			unreplayed[n.Pos] = true
		}
	}
	if err != nil {
		if len(lost) > 0 {
			err = fmt.Errorf("%w\nhint: these may be why, as bloom cannot tell what they do:\n  %s", err, strings.Join(lost, "\n  "))
		}
		return fmt.Errorf("%w\nhint: nothing was written; --db-url names a database whose extensions count", err)
	}
	if len(lost) > 0 && !keepBlocks {
		return fmt.Errorf("bloom cannot tell what these statements do to the schema, so nothing was written:\n  %s\nhint: --keep-blocks keeps them aside, for you to look through", strings.Join(lost, "\n  "))
	}
	d, err := declare(ctx, state, s.base)
	if err != nil {
		return err
	}
	s.text = squashesLines(s.list) + d.baseline()
	for _, text := range d.byHand {
		s.con.warn("%s", text)
	}
	if err := s.prove(ctx, start, d.state, options); err != nil {
		return err
	}
	return s.keepAside(files, unreplayed)
}

// prove replays the new migration: it must make what the old ones made.
func (s *squash) prove(ctx context.Context, start, want *catalog.Catalog, options parser.Options) error {
	script, err := parser.Read(ctx, []parser.Source{{Name: "squashed.sql", Text: s.text}})
	if err != nil {
		return planError("the squashed SQL does not parse", err.Error(), s.text)
	}
	if _, err := script.Replay(start, options); err != nil {
		return planError("the squashed SQL cannot be replayed", err.Error(), s.text)
	}
	var left []string
	for _, ch := range differ.NewMemo(nil).Diff(start, want) {
		// Roles are made in blocks that pass if they are there.
		if k := ch.ID().Kind; k != catalog.KindRole && k != catalog.KindRoleMember {
			left = append(left, fmt.Sprintf("%s %s (%s)", ch.Op, ch.ID(), strings.Join(ch.Fields, ", ")))
		}
	}
	if len(left) > 0 {
		return planError("the squashed SQL does not make what the migrations make", strings.Join(left, "\n  "), s.text)
	}
	return nil
}

// keepAside collects the statements about rows, each with its place above it. A
// DO block that was replayed and is about the schema alone is in the new
// migration: it must not run again.
func (s *squash) keepAside(files []parser.Source, unreplayed map[catalog.Pos]bool) error {
	var b strings.Builder
	for _, f := range files {
		statements, err := split.File(f.Name, f.Text)
		if err != nil {
			return err
		}
		var settings string
		for _, st := range statements {
			warning := ""
			switch {
			case st.SetsSession():
				settings += st.Text + ";\n"
				continue
			case st.IsBlock() && unreplayed[st.Pos]:
				warning = "-- bloom could not tell what this does to the schema: that is not in the migration\n"
			case st.IsBlock() && st.TouchesRows() && st.ChangesSchema():
				warning = "-- what this does to the schema is in the migration, take it out before you run the rest\n"
			case !st.TouchesRows():
				if st.IsBlock() {
					s.blocks++
				}
				continue
			}
			s.kept = append(s.kept, fmt.Sprintf("%s:%d: %s", st.Pos.File, st.Pos.Line, headline(st.Text)))
			fmt.Fprintf(&b, "-- %s:%d\n%s%s%s;\n\n", st.Pos.File, st.Pos.Line, warning, settings, st.Text)
			settings = ""
		}
	}
	s.aside = b.String()
	return nil
}

func (s *squash) last() supabase.Migration { return s.list[len(s.list)-1] }

func (s *squash) asideName() string { return "supabase/squashed/" + s.last().Version + "_rows.sql" }

func (s *squash) confirm() error {
	s.con.say("%s is written anew, with what %d migrations make; %d older files are removed.", s.last().Path, len(s.list), len(s.list)-1)
	if s.blocks > 0 {
		s.con.say("%d DO blocks were replayed; what they made is in it.", s.blocks)
	}
	if len(s.kept) > 0 {
		s.con.say("Kept aside in %s and run no more:", s.asideName())
		for _, text := range s.kept {
			s.con.say(" • %s", text)
		}
	}
	return s.con.confirm("Do you want to squash these migrations?", nil, false)
}

// write writes what is new, and removes the old files when that is there.
func (s *squash) write() error {
	full := filepath.Join(s.project.Root, filepath.FromSlash(s.asideName()))
	if s.aside != "" {
		if _, err := os.Stat(full); err == nil {
			return fmt.Errorf("%s exists; nothing was written", s.asideName())
		}
		if err := writeFile(full, s.aside); err != nil {
			return err
		}
	}
	if err := s.project.PutMigration(s.last(), s.text); err != nil {
		if s.aside != "" {
			err = errors.Join(err, os.Remove(full))
		}
		return err
	}
	var errs []error
	for _, m := range s.list[:len(s.list)-1] {
		errs = append(errs, os.Remove(filepath.Join(s.project.Root, filepath.FromSlash(m.Path))))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%s is written, but not all files that it stands for could be removed: %w", s.last().Path, err)
	}
	_, err := fmt.Fprintf(s.con.out, "Squashed %d migrations into %s\n", len(s.list), s.last().Path)
	return err
}

// record writes the files, and puts the new migration into the history of a
// database that has all the old ones.
func (s *squash) record(c *cli.Context) error {
	w, err := connect(c)
	if err != nil {
		return err
	}
	defer w.close()
	applied, err := supabase.Applied(c.Context, w.session.Conn)
	if err != nil {
		return err
	}
	var older []string
	for _, m := range s.list {
		if !slices.Contains(applied, m.Version) {
			return fmt.Errorf("%s is not in the history of the %s database; nothing was written\nhint: bloom push first", m.Version, w.where())
		}
		if m.Version != s.last().Version {
			older = append(older, m.Version)
		}
	}
	if err := w.session.CheckWritable(c.Context); err != nil {
		return err
	}
	s.con.say("In the history of the %s database, %d versions become one, %s; no SQL is run.", w.where(), len(s.list), s.last().Version)
	if err := s.confirm(); err != nil {
		return err
	}
	if err := w.session.Lock(c.Context); err != nil {
		return err
	}
	if err := s.write(); err != nil {
		return err
	}
	files, err := w.filesOf([]string{s.last().Version})
	if err == nil {
		err = supabase.Redact(explainServerError(w.session.Repair(c.Context, false, files, older)))
	}
	if err != nil {
		return fmt.Errorf("the files are written, the history is as it was: %w\nhint: bloom repair --status reverted %s", err, strings.Join(older, " "))
	}
	s.con.say("Baselining migration history to %s", s.last().Version)
	return nil
}

// headline is the first line of a statement that is no comment.
func headline(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "--") {
			if runes := []rune(line); len(runes) > 70 {
				line = string(runes[:70]) + "…"
			}
			return line
		}
	}
	return ""
}
