package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/urfave/cli/v2"

	"bloom/parser/split"
	"bloom/supabase"
)

func testCommand() *cli.Command {
	return &cli.Command{
		Name:      "test",
		Usage:     "run the SQL tests of supabase/tests",
		ArgsUsage: "[FILE or DIR …]",
		Description: "Each file runs in a transaction that is rolled back. It fails if a statement fails, or if pgTAP, where\n" +
			"the server has it, says not ok. Without pgTAP, ASSERT in a DO block serves: any error is a failure.",
		Flags:        targetFlags(),
		OnUsageError: usageError,
		Action:       runTest,
	}
}

const testsDir = "supabase/tests"

func runTest(c *cli.Context) error {
	con := newConsole(c)
	project, err := openProject(c, con)
	if err != nil {
		return err
	}
	files, err := testFiles(project, c.Args().Slice())
	if err != nil {
		return err
	}
	conn, err := connectQuietly(c, con)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var pgtap bool
	if err := conn.QueryRow(c.Context, "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pgtap')").Scan(&pgtap); err != nil {
		return err
	}
	checks, failed := 0, 0
	for _, file := range files {
		start := time.Now()
		t := &testRun{}
		t.run(c.Context, conn, file, pgtap)
		checks += t.count
		took := time.Since(start).Round(time.Millisecond)
		if len(t.failures) == 0 {
			fmt.Fprintf(con.out, "ok      %s (%d checks, %s)\n", project.Rel(file), t.count, took)
			continue
		}
		failed++
		fmt.Fprintf(con.out, "FAILED  %s (%d checks, %s)\n", project.Rel(file), t.count, took)
		for _, failure := range t.failures {
			fmt.Fprintln(con.out, "        "+strings.ReplaceAll(failure, "\n", "\n        "))
		}
		if conn.IsClosed() {
			return errors.New("the connection was lost")
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d test files failed", failed, len(files))
	}
	con.say("%d test files passed, %d checks.", len(files), checks)
	return nil
}

// testFiles are the files named, or below the folders named.
func testFiles(p *supabase.Project, names []string) ([]string, error) {
	if len(names) > 0 && names[0] == "db" && notThere(names[0]) { // the Supabase CLI's name for it
		names = names[1:]
	}
	if len(names) == 0 {
		names = []string{filepath.Join(p.Root, testsDir)}
	}
	var files []string
	for _, name := range names {
		err := filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
			if ext := filepath.Ext(path); err == nil && entry.Type().IsRegular() && (ext == ".sql" || ext == ".pg") {
				files = append(files, path)
			}
			return err
		})
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("no tests: %w\nhint: put SQL files into %s", err, testsDir)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no .sql file in %s", strings.Join(names, ", "))
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// testRun is what came of a file.
type testRun struct {
	count    int // checks that passed or failed
	planned  int // of pgTAP's plan; 0: none
	tap      bool
	failures []string
}

func (t *testRun) run(ctx context.Context, conn *pgx.Conn, file string, pgtap bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.failures = append(t.failures, err.Error())
		return
	}
	statements, err := testStatements(file, string(text))
	if err == nil {
		// What one file sets must not reach the next.
		if _, err = conn.Exec(ctx, "DISCARD ALL"); err == nil {
			err = inRolledBack(ctx, conn, func() error {
				if pgtap {
					if _, err := conn.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS pgtap"+inExtensions(ctx, conn)); err != nil {
						return explainServerError(err)
					}
				}
				return t.statements(ctx, conn, statements)
			})
		}
	}
	if err != nil {
		t.failures = append(t.failures, supabase.RedactText(err.Error()))
	}
	if t.tap && err == nil && t.planned > 0 && t.count != t.planned {
		t.failures = append(t.failures, fmt.Sprintf("planned %d checks, ran %d", t.planned, t.count))
	}
}

// inExtensions keeps the objects of an extension out of public, where the
// platform has a schema for that.
func inExtensions(ctx context.Context, conn *pgx.Conn) string {
	var exists bool
	if conn.QueryRow(ctx, "SELECT to_regnamespace('extensions') IS NOT NULL").Scan(&exists) != nil || !exists {
		return ""
	}
	return " SCHEMA extensions"
}

func (t *testRun) statements(ctx context.Context, conn *pgx.Conn, list []split.Statement) error {
	for _, s := range list {
		results, err := query(ctx, conn.PgConn(), s.Text)
		for _, r := range results {
			t.read(r)
		}
		switch {
		case err != nil:
			t.count++
			return fmt.Errorf("%s: %w", s.Pos, explainServerError(err))
		case conn.PgConn().TxStatus() == 'I':
			return errKept
		case !t.tap:
			t.count++
		}
	}
	return nil
}

// testStatements cuts a test. pgTAP's manual has BEGIN and ROLLBACK around it.
func testStatements(file, text string) ([]split.Statement, error) {
	list, err := split.File(file, text)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(s split.Statement) bool { return s.Kind == split.Comment })
	if n := len(list); n > 1 && list[0].Kind == split.Begin && (list[n-1].Kind == split.Rollback || list[n-1].Kind == split.Commit) {
		list = list[1 : n-1]
	}
	for _, s := range list {
		if s.Kind != split.Ordinary && s.Kind != split.Savepoint {
			return nil, fmt.Errorf("%s: %.40q can't run in a test, which is one transaction that is rolled back", s.Pos, s.Text)
		}
	}
	return list, nil
}

var (
	tapLine = regexp.MustCompile(`^(not )?ok \d+( |$)`)
	tapPlan = regexp.MustCompile(`^1\.\.(\d+)`)
	tapMild = regexp.MustCompile(`(?i)#\s*(todo|skip)\b`)
)

// read looks for lines of the Test Anything Protocol, which pgTAP's functions return.
func (t *testRun) read(r *pgconn.Result) {
	for _, row := range r.Rows {
		if len(row) != 1 {
			continue
		}
		for line := range strings.Lines(string(row[0])) {
			line = strings.TrimRight(line, "\n")
			if m := tapPlan.FindStringSubmatch(line); m != nil {
				if !t.tap {
					t.tap, t.count = true, 0
				}
				t.planned, _ = strconv.Atoi(m[1])
				continue
			}
			m := tapLine.FindStringSubmatch(line)
			switch {
			case m != nil:
				if !t.tap {
					t.tap, t.count = true, 0 // statements were counted until now
				}
				t.count++
				if m[1] != "" && !tapMild.MatchString(line) {
					t.failures = append(t.failures, line)
				}
			case strings.HasPrefix(line, "#") && len(t.failures) > 0:
				t.failures = append(t.failures, line)
			}
		}
	}
}

func notThere(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}
