package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/urfave/cli/v2"

	"bloom/catalog"
	"bloom/catalog/introspect"
	"bloom/differ"
	"bloom/parser/split"
	"bloom/planner"
	"bloom/supabase"
	"bloom/supabase/server"
)

// A proof does not rest on bloom's own parser: a server runs the plan and another
// database of it the files, and what both have afterwards is compared.

// proof is the value of --prove: nothing, "scratch" (also without a value) or "target".
type proof struct{ on string }

func (p *proof) String() string   { return p.on }
func (p *proof) IsBoolFlag() bool { return true }

func (p *proof) Set(value string) error {
	switch value {
	case "true", "scratch":
		p.on = "scratch"
	case "false":
		p.on = ""
	case "target":
		p.on = value
	default:
		return fmt.Errorf("no proof on %q: --prove or --prove=target", value)
	}
	return nil
}

// prove runs the plan somewhere and compares what comes of it with what the files make.
func prove(c *cli.Context, con *console, p *comparison) error {
	on, _ := c.Generic("prove").(*proof)
	if on == nil || on.on == "" || p.plan == nil {
		return nil
	}
	if p.from.target == nil || p.to.files == nil {
		return fmt.Errorf("--prove wants a database and the files that say what it should be\nhint: bloom diff, or --from postgres://… --to a folder")
	}
	major := p.base.version.Major()
	con.say("Starting a scratch server of version %d...", major)
	s, err := server.Start(c.Context, server.Options{Major: major, Platform: p.base.hosted, Progress: func(text string) { con.say("%s", text) }})
	if err != nil {
		return err
	}
	defer func() { _ = s.Stop() }()
	scratch := &scratch{Server: s, con: con, hosted: p.base.hosted}
	wanted, err := scratch.declared(c.Context, p)
	if err != nil {
		return err
	}
	var got *catalog.Catalog
	if on.on == "target" {
		got, err = provenOnTarget(c.Context, p)
	} else {
		got, err = scratch.migrated(c.Context, p)
	}
	if err != nil {
		return supabase.Redact(err)
	}
	return compareProof(con, p, got, wanted, c.StringSlice("schema"))
}

// compareProof tells what the plan leaves otherwise than the files make it.
func compareProof(con *console, p *comparison, got, wanted *catalog.Catalog, schemas []string) error {
	left := leftovers{hosted: p.base.hosted, named: p.to.grantees()}
	left.leaveAlone(got, wanted)
	changes := scope(schemas)(differ.NewMemo(nil).Diff(got, wanted))
	var lines []string
	for _, ch := range changes {
		if id := ch.ID(); id.Kind == catalog.KindOwner || ours(id) {
			continue // who runs the files here is not who runs them there
		}
		lines = append(lines, fmt.Sprintf("  %s %s (%s)", ch.Op, ch.ID(), strings.Join(ch.Fields, ", ")))
	}
	if len(lines) > 0 {
		return fmt.Errorf("the plan is not proven: what it leads to differs from what the server makes of the files\n%s", strings.Join(lines, "\n"))
	}
	con.say("Proven: the server makes the same of the plan and of the files (%d objects)", wanted.Len())
	return nil
}

// ours reports whether an object belongs to the history that bloom keeps.
func ours(id catalog.ID) bool {
	return id.Schema == "supabase_migrations" || id.Kind == catalog.KindSchema && id.Name == "supabase_migrations" || id.On == catalog.KindSchema && id.Name == "supabase_migrations"
}

// scratch is a throwaway server.
type scratch struct {
	*server.Server
	con    *console
	hosted bool
}

// database makes a database and connects to it.
func (s *scratch) database(ctx context.Context, name string) (*pgx.Conn, error) {
	template := "template1"
	if s.hosted {
		template = server.PlatformTemplate
	}
	admin, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = admin.Close(ctx) }()
	sql := "CREATE DATABASE " + name + " TEMPLATE " + template + ";"
	for _, statement := range []string{sql, server.SearchPathSQL(name)} {
		if statement == sql || s.hosted {
			if _, err := admin.Exec(ctx, statement); err != nil {
				return nil, err
			}
		}
	}
	return pgx.Connect(ctx, s.URL(name))
}

// migrated is a database that is made like the live one, after the plan.
func (s *scratch) migrated(ctx context.Context, p *comparison) (*catalog.Catalog, error) {
	conn, err := s.database(ctx, "migrated")
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(ctx) }()
	live := p.current
	if p.before != nil {
		live = p.before
	}
	makeRoles(ctx, conn, live)
	d, err := declare(ctx, live, p.base)
	if err != nil {
		return nil, err
	}
	if err := runScript(ctx, conn, "live.sql", d.script()); err != nil {
		return nil, fmt.Errorf("making a database like %s: %w", p.from.name, err)
	}
	if err := runScript(ctx, conn, "plan.sql", p.plan.Script()); err != nil {
		return nil, fmt.Errorf("running the plan: %w", err)
	}
	return introspect.Database(ctx, conn, platformScope(s.hosted))
}

// declared is a database that runs the files.
func (s *scratch) declared(ctx context.Context, p *comparison) (*catalog.Catalog, error) {
	conn, err := s.database(ctx, "declared")
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(ctx) }()
	makeRoles(ctx, conn, p.current)
	files, err := p.to.files()
	if err != nil {
		return nil, err
	}
	var statements []split.Statement
	for _, f := range files {
		list, err := split.File(f.Name, f.Text)
		if err != nil {
			return nil, err
		}
		statements = append(statements, list...)
	}
	if err := runInSomeOrder(ctx, conn, statements); err != nil {
		return nil, fmt.Errorf("running the files on the scratch server: %w", err)
	}
	return introspect.Database(ctx, conn, platformScope(s.hosted))
}

// makeRoles makes the roles that are there and that the scratch server has not. One
// that cannot be made is missed by the statements that name it.
func makeRoles(ctx context.Context, conn *pgx.Conn, c *catalog.Catalog) {
	if c.Base == nil {
		return
	}
	for id := range c.Base.All() {
		if id.Kind == catalog.KindRole && !strings.HasPrefix(id.Name, "pg_") {
			_, _ = conn.Exec(ctx, "CREATE ROLE "+catalog.Quote(id.Name))
		}
	}
}

// runScript runs statements one by one, as psql does.
func runScript(ctx context.Context, conn *pgx.Conn, name, text string) error {
	statements, err := split.File(name, text)
	if err != nil {
		return err
	}
	for _, st := range statements {
		if _, err := conn.PgConn().Exec(ctx, st.Text).ReadAll(); err != nil {
			return fmt.Errorf("%w\n%s", err, st.Text)
		}
	}
	return nil
}

// runInSomeOrder runs statements in an order in which they work: the one of the files
// means nothing. What sets something for those after it runs in its place every time.
func runInSomeOrder(ctx context.Context, conn *pgx.Conn, statements []split.Statement) error {
	if _, err := conn.Exec(ctx, "SET check_function_bodies = off"); err != nil {
		return err
	}
	for {
		var failed []split.Statement
		var first error
		done := 0
		for _, st := range statements {
			if st.Kind == split.Comment {
				continue
			}
			if _, err := conn.PgConn().Exec(ctx, st.Text).ReadAll(); err != nil {
				first = errors.Join(first, at(st, err))
				failed = append(failed, st)
				continue
			}
			if st.SetsSession() {
				failed = append(failed, st)
			} else {
				done++
			}
		}
		if first == nil {
			return nil
		}
		if done == 0 {
			return first
		}
		statements = failed
	}
}

func at(st split.Statement, err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return fmt.Errorf("%s: %s", st.Pos, pg.Message)
	}
	return err
}

// provenOnTarget runs the plan in the database itself, reads what it made, and takes it back.
func provenOnTarget(ctx context.Context, p *comparison) (*catalog.Catalog, error) {
	for _, u := range p.plan.Units {
		if u.NoTransaction {
			return nil, fmt.Errorf("--prove=target takes everything back, but a statement of the plan runs in no transaction: %s\nhint: --online never, or --prove", firstLine(u.Statements[0].SQL))
		}
	}
	conn, err := p.from.target.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(context.Background()) }() // without COMMIT, it is all taken back
	if _, err := conn.PgConn().Exec(ctx, "BEGIN; SET LOCAL lock_timeout = '4s'").ReadAll(); err != nil {
		return nil, err
	}
	for _, u := range p.plan.Units {
		for _, st := range u.Statements {
			if _, err := conn.PgConn().Exec(ctx, pathOf(st)+st.SQL).ReadAll(); err != nil {
				return nil, fmt.Errorf("running the plan: %w\n%s", err, st.SQL)
			}
		}
	}
	got, err := introspect.Database(ctx, conn, platformScope(p.base.hosted))
	if err != nil {
		return nil, err
	}
	_, err = conn.PgConn().Exec(ctx, "ROLLBACK").ReadAll()
	return got, err
}

func pathOf(st planner.Statement) string {
	if st.Path == "" {
		return "RESET search_path;\n"
	}
	return "SET LOCAL search_path = " + st.Path + ";\n"
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
