package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"

	"github.com/jackc/pgx/v5"
	"github.com/urfave/cli/v2"

	"bloom/parser/split"
	"bloom/supabase"
)

func asCommand() *cli.Command {
	return &cli.Command{
		Name:      "as",
		Usage:     "run SQL as a user of the API would, and roll it back",
		ArgsUsage: "[SQL]",
		Description: "The SQL runs in a transaction with the role and the claims that Supabase sets for a request, so that\n" +
			"policies apply. Whatever it changes is rolled back. --user takes e-mail and metadata from auth.users.",
		Flags: append(targetFlags(),
			&cli.StringFlag{Name: "user", Usage: "`UUID` of the user who asks (role authenticated)"},
			&cli.StringFlag{Name: "role", Usage: "`ROLE` to run as: anon, authenticated, service_role or another"},
			&cli.StringFlag{Name: "claims", Usage: "more claims of the token, as `JSON`"},
			&cli.StringSliceFlag{Name: "file", Aliases: []string{"f"}, Usage: "run the SQL of `FILE`; repeatable"},
		),
		OnUsageError: usageError,
		Action:       runAs,
	}
}

var uuidPattern = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func runAs(c *cli.Context) error {
	con := newConsole(c)
	user, role := c.String("user"), c.String("role")
	if user == "" && role == "" {
		return errors.New("who asks?\nhint: --user UUID, or --role anon, authenticated or service_role")
	}
	if user != "" && !uuidPattern.MatchString(user) {
		return fmt.Errorf("--user %q is no UUID", user)
	}
	claims := map[string]any{}
	if text := c.String("claims"); text != "" {
		if err := json.Unmarshal([]byte(text), &claims); err != nil {
			return fmt.Errorf("--claims is no JSON object: %w", err)
		}
	}
	if role == "" {
		role = "authenticated"
		if claimed, ok := claims["role"].(string); ok {
			role = claimed
		}
	}
	texts, err := queryTexts(c)
	if err != nil {
		return err
	}
	var statements []split.Statement
	for _, text := range texts {
		list, err := rollbackable("SQL", text)
		if err != nil {
			return err
		}
		statements = append(statements, list...)
	}
	conn, err := connectQuietly(c, con)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.Background()) }()
	return inRolledBack(c.Context, conn, func() error {
		if err := impersonate(c.Context, conn, role, user, claims); err != nil {
			return err
		}
		for _, s := range statements {
			if err := printStatement(c.Context, con, conn, s); err != nil {
				return err
			}
		}
		con.trace("rolled back")
		return nil
	})
}

// connectQuietly opens the database for a command whose result is all that counts.
func connectQuietly(c *cli.Context, con *console) (*pgx.Conn, error) {
	project, err := openProject(c, con)
	if err != nil {
		return nil, err
	}
	target, err := project.Target(c.Context, targetOptions(c))
	if err != nil {
		return nil, err
	}
	con.trace("target %s", target.Name)
	target.Config.DefaultQueryExecMode = pgx.QueryExecModeExec // DISCARD ALL would take prepared statements away
	return target.Connect(c.Context)
}

// rollbackable cuts SQL that is going to be rolled back; it must not say
// otherwise itself.
func rollbackable(name, text string) ([]split.Statement, error) {
	list, err := split.File(name, text)
	if err != nil {
		return nil, err
	}
	var out []split.Statement
	for _, s := range list {
		switch s.Kind {
		case split.Comment:
			continue
		case split.Ordinary, split.Savepoint:
		default:
			return nil, fmt.Errorf("%s: %.40q can't run here: everything is one transaction, which is rolled back", s.Pos, s.Text)
		}
		out = append(out, s)
	}
	return out, nil
}

var errKept = errors.New("the SQL ended the transaction: what it did so far was not rolled back")

// inRolledBack runs something in a transaction that never commits.
func inRolledBack(ctx context.Context, conn *pgx.Conn, run func() error) error {
	if _, err := conn.Exec(ctx, "BEGIN"); err != nil {
		return err
	}
	err := run()
	if conn.IsClosed() {
		return err
	}
	if conn.PgConn().TxStatus() == 'I' && !errors.Is(err, errKept) {
		return errors.Join(err, errKept)
	}
	_, rollback := conn.Exec(context.WithoutCancel(ctx), "ROLLBACK")
	return errors.Join(err, rollback)
}

func printStatement(ctx context.Context, con *console, conn *pgx.Conn, s split.Statement) error {
	results, err := query(ctx, conn.PgConn(), s.Text)
	for _, r := range results {
		if err := printResult(con.out, r); err != nil {
			return err
		}
	}
	if err != nil {
		return supabase.Redact(explainServerError(err))
	}
	if conn.PgConn().TxStatus() == 'I' {
		return errKept
	}
	return nil
}

// impersonate makes the transaction one of a request: the role, and the claims
// of its token, as PostgREST sets them.
func impersonate(ctx context.Context, conn *pgx.Conn, role, user string, more map[string]any) error {
	claims := map[string]any{"role": role}
	if user != "" {
		claims["aud"], claims["sub"] = "authenticated", user
		if err := userClaims(ctx, conn, user, claims); err != nil {
			return err
		}
	}
	maps.Copy(claims, more)
	text, err := json.Marshal(claims)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, `SELECT set_config('request.jwt.claims', $1, true), set_config('request.method', 'POST', true), set_config('role', $2, true)`, string(text), role)
	if err != nil {
		return fmt.Errorf("becoming role %s: %w", role, explainServerError(err))
	}
	return nil
}

// userClaims adds what a user's token says of him, if the database knows him.
func userClaims(ctx context.Context, conn *pgx.Conn, user string, claims map[string]any) error {
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT has_table_privilege(to_regclass('auth.users'), 'SELECT') IS TRUE").Scan(&exists); err != nil || !exists {
		return err
	}
	var email *string
	var app, meta *string
	err := conn.QueryRow(ctx, "SELECT email, raw_app_meta_data::text, raw_user_meta_data::text FROM auth.users WHERE id = $1", user).Scan(&email, &app, &meta)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if email != nil {
		claims["email"] = *email
	}
	for name, value := range map[string]*string{"app_metadata": app, "user_metadata": meta} {
		if value != nil {
			claims[name] = json.RawMessage(*value)
		}
	}
	return nil
}
