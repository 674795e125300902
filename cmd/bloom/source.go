package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"bloom/catalog"
	"bloom/catalog/introspect"
	"bloom/parser"
	"bloom/supabase"
)

// source is where a state is read from: a database, a snapshot of one, declared
// files, or a folder of migrations.
type source struct {
	name    string
	foreign bool // files that the command line names, dumps for one: their rows are passed over
	replay  bool // files are migrations: run in order, on what the platform brings
	target  *supabase.Target
	files   func() ([]parser.Source, error)
	load    func(context.Context, *source) error // reads a snapshot of a database
	conn    *pgx.Conn
	script  *parser.Script // until it is built
	granted parser.Grantees
	live    *catalog.Catalog
	hosted  bool // the platform is in the database
	applied []string
	// unreplayed are the statements of a replay whose effect is not known.
	unreplayed []parser.Note
}

// newSource finds out what a SOURCE argument means.
func newSource(ctx context.Context, p *supabase.Project, arg string, o compareOptions) (*source, error) {
	switch {
	case arg == "live":
		t, err := p.Target(ctx, o.target)
		return &source{name: "live database", target: t}, err
	case arg == "schema":
		return declaredSource(p, o)
	case arg == "migrations" || strings.HasPrefix(arg, "migrations:"):
		return migrationsSource(p, strings.TrimPrefix(strings.TrimPrefix(arg, "migrations"), ":"))
	case strings.HasPrefix(arg, "git:"):
		return gitSource(ctx, p, strings.TrimPrefix(arg, "git:"), o)
	case strings.HasPrefix(arg, "postgres://") || strings.HasPrefix(arg, "postgresql://"):
		t, err := p.ByURL(arg)
		if err != nil {
			return nil, err
		}
		return &source{name: t.Name, target: t}, nil
	}
	switch s, err := snapshotFile(arg); {
	case err != nil:
		return nil, fmt.Errorf("%s is not a source: %w\nhint: live, schema, migrations[:DIR], git:REV[:PATH], postgres://…, a file, a folder or a snapshot", arg, err)
	case s != nil:
		return s, nil
	}
	return &source{name: arg, foreign: true, files: func() ([]parser.Source, error) { return parser.Files(arg) }}, nil
}

func declaredSource(p *supabase.Project, o compareOptions) (*source, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	d, err := p.Declared(dir, o.schemaDirs)
	if err != nil {
		return nil, err
	}
	for _, u := range d.Unused {
		p.Note(fmt.Sprintf("%s exists too; the declared files are those of %s", u, d.From))
	}
	return &source{name: d.From, foreign: len(o.schemaDirs) > 0, files: func() ([]parser.Source, error) { return readFiles(p, d.Files) }}, nil
}

func migrationsSource(p *supabase.Project, dir string) (*source, error) {
	if dir == "" {
		ms, err := p.Migrations()
		if err != nil {
			return nil, err
		}
		paths := make([]string, len(ms))
		for i, m := range ms {
			paths[i] = m.Path
		}
		return &source{name: "migrations", replay: true, files: func() ([]parser.Source, error) { return readFiles(p, paths) }}, nil
	}
	return &source{name: "migrations in " + dir, replay: true, files: func() ([]parser.Source, error) {
		paths, err := filepath.Glob(filepath.Join(dir, "*.sql"))
		if err != nil {
			return nil, err
		}
		if len(paths) == 0 {
			return nil, fmt.Errorf("%s has no migrations", dir)
		}
		return parser.Files(paths...)
	}}, nil
}

// migrationFiles is a history of these files.
func migrationFiles(p *supabase.Project, name string, paths []string) *source {
	return &source{name: name, replay: true, files: func() ([]parser.Source, error) { return readFiles(p, paths) }}
}

// readFiles reads files of the project; they are named relative to its root.
func readFiles(p *supabase.Project, paths []string) ([]parser.Source, error) {
	sources := make([]parser.Source, len(paths))
	for i, path := range paths {
		full := path
		if !filepath.IsAbs(path) {
			full = filepath.Join(p.Root, path)
		}
		b, err := os.ReadFile(full)
		if err != nil {
			return nil, err
		}
		sources[i] = parser.Source{Name: path, Text: string(b)}
	}
	return sources, nil
}

// read parses the files or reads the database.
func (s *source) read(ctx context.Context) error {
	if s.load != nil {
		return s.load(ctx, s)
	}
	if s.target == nil {
		files, err := s.files()
		if err != nil {
			return err
		}
		s.script, err = parser.Read(ctx, files)
		if s.replay && s.script != nil {
			return s.leaveOut(err)
		}
		return err
	}
	var err error
	if s.conn, err = s.target.Connect(ctx); err != nil {
		return err
	}
	if s.hosted, err = supabase.Hosted(ctx, s.conn); err != nil {
		return err
	}
	if s.live, err = introspect.Database(ctx, s.conn, platformScope(s.hosted)); err != nil {
		return err
	}
	withoutHistory(s.live)
	s.applied, err = supabase.Applied(ctx, s.conn)
	return err
}

// withoutHistory takes out what is about the history of migrations: who may read it
// is no part of the schema.
func withoutHistory(c *catalog.Catalog) {
	for id := range c.All() {
		if id.Schema == supabase.HistorySchema || id.On == catalog.KindSchema && id.Name == supabase.HistorySchema {
			c.Remove(id)
		}
	}
}

// build makes the catalog of what was read.
func (s *source) build(con *console, b *base) (*catalog.Catalog, error) {
	if s.live != nil {
		return s.live, nil
	}
	defer func() {
		s.granted = s.script.Grantees()
		s.script = nil // its trees are the largest thing in memory
	}()
	if s.replay {
		return s.run(con, b)
	}
	o := b.options()
	o.PassOverData = s.foreign
	c, notes, err := s.script.Declare(o)
	for _, n := range notes {
		con.say("%s", n)
	}
	return c, err
}

// run replays migrations on what the platform brings. A statement that cannot be
// replayed is left out and noted: a history is as it is, and nobody can change it.
func (s *source) run(con *console, b *base) (*catalog.Catalog, error) {
	c, err := b.empty()
	if err != nil {
		return nil, err
	}
	notes, err := s.script.Replay(c, b.optionsOn(s))
	if err := s.leaveOut(err); err != nil {
		return nil, err
	}
	for _, n := range notes {
		if n.Unreplayed {
			s.unreplayed = append(s.unreplayed, n)
		} else {
			con.say("%s", n)
		}
	}
	return c, nil
}

// leaveOut turns what is wrong with single statements of a history into notes.
func (s *source) leaveOut(err error) error {
	var list parser.ErrorList
	if !errors.As(err, &list) {
		return err
	}
	for _, e := range list {
		s.unreplayed = append(s.unreplayed, parser.Note{Pos: e.Pos, Msg: e.Msg, Unreplayed: true})
	}
	return nil
}

// depth says how much of a state is known: files leave things open, and only a
// server can be asked.
func (s *source) depth() int {
	switch {
	case s.live == nil:
		return 0
	case s.conn == nil:
		return 1
	}
	return 2
}

func (s *source) close() {
	if s.conn != nil {
		_ = s.conn.Close(context.Background())
	}
}

// grantees are the roles whose privileges the files decide about; none if the
// state is that of a database.
func (s *source) grantees() parser.Grantees { return s.granted }
