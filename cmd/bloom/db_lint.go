package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/urfave/cli/v2"

	"bloom/supabase"
)

// dbLintCommand looks through functions as the database has them.
func dbLintCommand() *cli.Command {
	return &cli.Command{
		Name:  "lint",
		Usage: "let plpgsql_check look through the database's PL/pgSQL functions",
		Description: "Needs the extension plpgsql_check, which is made for this and rolled back where the database has it\n" +
			"not yet. Trigger functions are checked with each table that has them. Prints JSON as the Supabase CLI does.",
		Flags: append(targetFlags(),
			&cli.StringSliceFlag{Name: "schema", Aliases: []string{"s"}, Usage: "look through `SCHEMA` only; repeatable (default: all of the project)"},
			&cli.StringFlag{Name: "level", Value: "warning", Usage: "show what is of this `LEVEL` at least: warning or error"},
			&cli.StringFlag{Name: "fail-on", Value: "none", Usage: "exit with 1 if something of this `LEVEL` is found: none, warning or error"},
		),
		OnUsageError: usageError,
		Action:       runDBLint,
	}
}

// lintLevels are the levels of issues, mild ones first. plpgsql_check has kinds
// of warnings, such as "warning extra", that all are warnings.
var lintLevels = []string{"warning", "error"}

func lintLevel(text string) int {
	return slices.IndexFunc(lintLevels, func(level string) bool { return strings.HasPrefix(text, level) })
}

// lintResult is what plpgsql_check found in one function.
type lintResult struct {
	Function string      `json:"function"`
	Table    string      `json:"table,omitempty"` // whose trigger calls it
	Issues   []lintIssue `json:"issues"`
}

type lintIssue struct {
	Level     string         `json:"level"`
	Message   string         `json:"message"`
	Statement *lintStatement `json:"statement,omitempty"`
	Query     *lintQuery     `json:"query,omitempty"`
	Hint      string         `json:"hint,omitempty"`
	Detail    string         `json:"detail,omitempty"`
	Context   string         `json:"context,omitempty"`
	SQLState  string         `json:"sqlState,omitempty"`
}

type lintStatement struct {
	LineNumber string `json:"lineNumber"`
	Text       string `json:"text"`
}

type lintQuery struct {
	Position string `json:"position"`
	Text     string `json:"text"`
}

func runDBLint(c *cli.Context) error {
	level, failOn := c.String("level"), c.String("fail-on")
	if !slices.Contains(lintLevels, level) {
		return fmt.Errorf("--level is %q, must be one of: %s", level, strings.Join(lintLevels, ", "))
	}
	if failOn != "none" && !slices.Contains(lintLevels, failOn) {
		return fmt.Errorf("--fail-on is %q, must be one of: none, %s", failOn, strings.Join(lintLevels, ", "))
	}
	con := newConsole(c)
	conn, err := connectQuietly(c, con)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var results []lintResult
	err = inRolledBack(c.Context, conn, func() (err error) {
		results, err = lintDatabase(c.Context, con, conn, c.StringSlice("schema"))
		return err
	})
	if err != nil {
		return supabase.Redact(err)
	}
	return printLint(con, results, lintLevel(level), failOn)
}

func printLint(con *console, results []lintResult, least int, failOn string) error {
	worst := -1
	var shown []lintResult
	for _, r := range results {
		r.Issues = slices.DeleteFunc(r.Issues, func(i lintIssue) bool { return lintLevel(i.Level) < least })
		for _, issue := range r.Issues {
			worst = max(worst, lintLevel(issue.Level))
		}
		if len(r.Issues) > 0 {
			shown = append(shown, r)
		}
	}
	if len(shown) == 0 {
		con.say("\nNo schema errors found")
		return nil
	}
	e := json.NewEncoder(con.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(shown); err != nil {
		return err
	}
	if failOn != "none" && worst >= lintLevel(failOn) {
		return fmt.Errorf("fail-on is set to %s, non-zero exit", failOn)
	}
	return nil
}

// lintFunction is a function to look through, for a trigger's with its table.
type lintFunction struct {
	OID          uint32
	Schema, Name string
	Relation     uint32 // 0: none
	Table        string
	Old, New     *string // transition tables of the trigger
}

const lintFunctions = `SELECT p.oid, n.nspname, p.proname, coalesce(t.tgrelid, 0)::oid, coalesce(t.tgrelid::regclass::text, ''), t.tgoldtable, t.tgnewtable
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
LEFT JOIN (SELECT DISTINCT tgfoid, tgrelid, tgoldtable, tgnewtable FROM pg_catalog.pg_trigger WHERE NOT tgisinternal AND tgparentid = 0) t ON t.tgfoid = p.oid
WHERE l.lanname = 'plpgsql' AND (p.prorettype <> 'trigger'::regtype OR t.tgrelid IS NOT NULL)
	AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY n.nspname, p.proname, p.oid::regprocedure::text, 5, 6, 7`

// lintDatabase looks through the functions of the schemas, in a transaction that
// is rolled back.
func lintDatabase(ctx context.Context, con *console, conn *pgx.Conn, schemas []string) ([]lintResult, error) {
	check, err := enableCheck(ctx, conn)
	if err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, lintFunctions)
	if err != nil {
		return nil, err
	}
	functions, err := pgx.CollectRows(rows, pgx.RowToStructByPos[lintFunction])
	if err != nil {
		return nil, err
	}
	functions = slices.DeleteFunc(functions, func(f lintFunction) bool {
		if len(schemas) > 0 {
			return !slices.Contains(schemas, f.Schema)
		}
		return supabase.ManagedSchema(f.Schema)
	})
	var results []lintResult
	last := ""
	for _, f := range functions {
		if f.Schema != last {
			con.say("Linting schema: %s", f.Schema)
			last = f.Schema
		}
		r, err := lintOne(ctx, conn, check, f)
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, nil
}

// enableCheck makes the extension where it is not there, and gives the schema
// that its functions are in.
func enableCheck(ctx context.Context, conn *pgx.Conn) (string, error) {
	var available bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'plpgsql_check') OR EXISTS (SELECT FROM pg_extension WHERE extname = 'plpgsql_check')").Scan(&available); err != nil {
		return "", err
	}
	if !available {
		return "", fmt.Errorf("the server has no extension plpgsql_check, so the bodies of its functions cannot be looked through\n"+
			"hint: Supabase's servers have it, Debian's package is postgresql-%d-plpgsql-check", serverMajor(conn))
	}
	if _, err := conn.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS plpgsql_check"+inExtensions(ctx, conn)); err != nil {
		return "", fmt.Errorf("making the extension plpgsql_check, to be rolled back: %w\nhint: an administrator can make it once with CREATE EXTENSION plpgsql_check", explainServerError(err))
	}
	var schema string
	err := conn.QueryRow(ctx, "SELECT n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'plpgsql_check'").Scan(&schema)
	return pgx.Identifier{schema}.Sanitize(), err
}

// lintOne looks through one function. What the extension itself fails at is an
// issue like any other.
func lintOne(ctx context.Context, conn *pgx.Conn, schema string, f lintFunction) (lintResult, error) {
	r := lintResult{Function: f.Schema + "." + f.Name, Table: f.Table}
	if _, err := conn.Exec(ctx, "SAVEPOINT lint"); err != nil {
		return r, err
	}
	sql, args := "SELECT "+schema+".plpgsql_check_function($1::oid::regprocedure, $2::oid::regclass, format => 'json'", []any{f.OID, f.Relation}
	for name, table := range map[string]*string{"oldtable": f.Old, "newtable": f.New} {
		if table != nil { // the function is strict: with a null it says nothing at all
			args = append(args, *table)
			sql += fmt.Sprintf(", %s => $%d", name, len(args))
		}
	}
	rows, err := conn.Query(ctx, sql+")", args...)
	if err != nil {
		return r, err
	}
	text, err := pgx.CollectRows(rows, pgx.RowTo[string])
	var server *pgconn.PgError
	switch {
	case errors.As(err, &server):
		r.Issues = []lintIssue{{Level: "error", Message: server.Message, Detail: server.Detail, Hint: server.Hint, Context: server.Where, SQLState: server.Code}}
		_, err = conn.Exec(ctx, "ROLLBACK TO SAVEPOINT lint")
		return r, err
	case err != nil:
		return r, err
	}
	found := r
	if len(text) == 0 { // nothing to say of it
		text = []string{"{}"}
	}
	if err := json.Unmarshal([]byte(strings.Join(text, "\n")), &found); err != nil {
		return r, fmt.Errorf("what plpgsql_check says of %s is no JSON: %w", r.Function, err)
	}
	r.Issues = found.Issues
	_, err = conn.Exec(ctx, "RELEASE SAVEPOINT lint")
	return r, err
}
