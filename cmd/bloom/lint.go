package main

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"bloom/catalog"
	"bloom/parser"
	"bloom/parser/lint"
	"bloom/parser/split"
	"bloom/supabase"
)

func lintCommand() *cli.Command {
	return &cli.Command{
		Name:  "lint",
		Usage: "look for mistakes in declared files and migrations; needs no database",
		Description: "docs/lint.md has the table of rules. -- bloom:allow CODE reason above a statement, or on or above a line of it,\n" +
			"lets it pass. Ends with 0 when nothing is found, 2 when something is, 1 when something failed. With --base only\n" +
			"migrations that the revision does not have are looked at: others may be applied, and cannot be changed.",
		ArgsUsage: "[FILE…, to tell of those only]",
		Flags: append(reportFlags(),
			&cli.StringSliceFlag{Name: "schema-dir", Usage: "file or folder `DIR` of declared SQL; repeatable, overrides config.toml"},
			&cli.StringFlag{Name: "base", Usage: "leave out migrations that `git:REV` has"},
			&cli.BoolFlag{Name: "all", Usage: "try the rules of taste too"},
			&cli.StringFlag{Name: "fail-on", Value: "warning", Usage: "`LEVEL` from which a finding makes the command end with 2: error, warning or note"},
			&cli.BoolFlag{Name: "rules", Usage: "print the rules"},
		),
		OnUsageError: usageError,
		Action:       runLint,
	}
}

func runLint(c *cli.Context) error {
	con := newConsole(c)
	if c.Bool("rules") {
		_, err := fmt.Fprint(con.out, ruleTable())
		return err
	}
	format, err := reportFormat(c)
	if err != nil {
		return err
	}
	levels := []string{"error", "warning", "note"}
	from := slices.Index(levels, c.String("fail-on"))
	if from < 0 {
		return fmt.Errorf("no level %q\nhint: --fail-on error, warning or note", c.String("fail-on"))
	}
	project, err := openProject(c, con)
	if err != nil {
		return err
	}
	r := newReport("lint")
	r.fails, r.nothing, r.causes = levels[:from+1], "Nothing found", nil
	for _, rule := range lint.Rules() {
		r.causes = append(r.causes, [2]string{rule.Code, rule.Code + ": " + rule.What})
	}
	in, err := lintInput(c.Context, con, project, comparisonOptions(c), c.String("base"))
	if err != nil {
		return supabase.Redact(err)
	}
	in.All = c.Bool("all")
	for _, f := range lint.Run(*in) {
		if c.NArg() == 0 || slices.ContainsFunc(c.Args().Slice(), func(name string) bool { return path.Clean(name) == f.Pos.File }) {
			r.add(divergence{Cause: f.Code, Level: string(f.Level), Message: f.Message, Reason: f.Reason, WaysOut: []string{f.Fix}}, f.Pos)
		}
	}
	return con.finishReport(r, format)
}

// lintInput reads the declared files and the migrations, and makes the state that the
// files declare; in a project without any, that which the migrations make.
func lintInput(ctx context.Context, con *console, project *supabase.Project, o compareOptions, base string) (*lint.Input, error) {
	in := &lint.Input{Exposed: project.Config.Exposed}
	history, err := migrationsSource(project, "")
	if err != nil {
		return nil, err
	}
	migrations, err := history.files()
	if err != nil {
		return nil, err
	}
	declared, err := declaredSource(project, o)
	var files []parser.Source
	if err == nil {
		files, err = declared.files()
	}
	if err != nil && (len(migrations) == 0 || len(o.schemaDirs) > 0) {
		return nil, err
	}
	state := declared
	if err != nil {
		con.say("no declared files; the state is that which the migrations make")
		state = history
	}
	if in.State, err = lintState(ctx, con, state); err != nil {
		return nil, err
	}
	if migrations, err = newMigrations(ctx, project, base, migrations); err != nil {
		return nil, err
	}
	for i, f := range slices.Concat(files, migrations) {
		statements, err := split.File(f.Name, f.Text)
		if err != nil {
			return nil, err
		}
		in.Files = append(in.Files, lint.File{Name: f.Name, Statements: statements, Migration: i >= len(files)})
	}
	return in, nil
}

func lintState(ctx context.Context, con *console, s *source) (*catalog.Catalog, error) {
	if err := s.read(ctx); err != nil {
		return nil, err
	}
	b, err := newBase(ctx, s)
	if err != nil {
		return nil, err
	}
	if !s.replay {
		b = b.forFiles()
	}
	c, err := s.build(con, b)
	con.unreplayed(s.unreplayed)
	return c, err
}

// newMigrations leaves out what the base has.
func newMigrations(ctx context.Context, p *supabase.Project, base string, migrations []parser.Source) ([]parser.Source, error) {
	if base == "" {
		return migrations, nil
	}
	names, err := migrationsOf(ctx, p, strings.TrimPrefix(base, "git:"))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(migrations, func(f parser.Source) bool { return slices.Contains(names, f.Name) }), nil
}

// ruleTable is the table of docs/lint.md.
func ruleTable() string {
	var b strings.Builder
	b.WriteString("| code | level | what is found | why | what to do |\n|---|---|---|---|---|\n")
	for _, r := range lint.Rules() {
		level := string(r.Level)
		if r.Optional {
			level += ", with --all"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.Code, level, r.What, r.Reason, r.Fix)
	}
	return b.String()
}
