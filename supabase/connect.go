package supabase

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"bloom/supabase/server"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Connect opens a connection, as the role that the platform wants objects to
// belong to. Its errors have no password, and say what to do.
func (t *Target) Connect(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, t.Config)
	if err != nil {
		return nil, t.explain(err)
	}
	if err := t.prepare(ctx, conn); err != nil {
		conn.Close(context.WithoutCancel(ctx))
		return nil, Redact(err)
	}
	return conn, nil
}

func (t *Target) prepare(ctx context.Context, conn *pgx.Conn) error {
	version := conn.PgConn().ParameterStatus("server_version")
	if major := majorOf(version); major < server.OldestMajor {
		return fmt.Errorf("the server at %s is PostgreSQL %s, bloom needs %d or newer\nhint: upgrade the server; Supabase does it in the project's settings, under Infrastructure", t.Name, version, server.OldestMajor)
	}
	if err := t.checkSession(ctx, conn); err != nil {
		return err
	}
	return t.StepDown(ctx, conn)
}

// majorOf reads "15.8" and "18beta1".
func majorOf(version string) int {
	end := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(version)
	}
	major, _ := strconv.Atoi(version[:end])
	return major
}

// StepDown makes role postgres the current one where the login is an
// administrator of the platform: what supabase_admin owns, migrations of the
// project can't alter. (The CLI does not in a local database.) The target may
// name another role. RESET ALL undoes the search_path set here, but not the
// role, so whoever says that steps down again.
func (t *Target) StepDown(ctx context.Context, conn *pgx.Conn) error {
	role := t.Role
	if role == "" && stepsDown(t.Config.User) {
		role = "postgres"
	}
	if role == "" {
		return nil
	}
	// The settings of a role come with the login, so those of postgres are missing.
	sql := "SET SESSION ROLE " + pgx.Identifier{role}.Sanitize() + "; SET search_path = " + server.PlatformSearchPath
	if t.Role != "" && !stepsDown(t.Config.User) {
		sql, _, _ = strings.Cut(sql, ";")
	}
	if _, err := conn.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
		return fmt.Errorf("changing from role %s to %s: %w\nhint: --role names another", t.Config.User, role, err)
	}
	return nil
}

func stepsDown(login string) bool {
	role, _, _ := strings.Cut(login, ".") // poolers want the project's ref behind the name
	return role == "supabase_admin" || strings.HasPrefix(role, "cli_login_")
}

// explain says of a failed connection what the user can do about it.
func (t *Target) explain(err error) error {
	cause, hint := err, ""
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &pg):
		switch pg.Code {
		case "28P01", "28000":
			hint = "check user and password; a password may also come from PGPASSWORD or a .pgpass file"
		case "3D000":
			hint = "check the database's name, the last part of the URL"
		case "42501":
			hint = "the role may not connect to that database: GRANT CONNECT ON DATABASE … TO it, or use another role"
		case "08P01":
			if strings.Contains(pg.Message, "startup parameter") {
				hint = "a pooler is in the way that takes no such parameter: leave it out of the URL, or connect to the database itself"
			}
		case "53300":
			hint = "the server has no connection left; try again later"
		}
		err = fmt.Errorf("%s (SQLSTATE %s)", pg.Message, pg.Code)
	case t.Local:
		hint = "`bloom start` starts the local database"
	case strings.Contains(err.Error(), "server refused TLS"):
		hint = "the server has no TLS: add sslmode=disable to the URL if the way to it is safe"
	default:
		hint = "check host and port, and that the server runs and this machine may reach it"
	}
	text := fmt.Sprintf("can't connect to %s: %s", t.Name, oneLine(RedactText(network(err).Error())))
	if hint != "" {
		text += "\nhint: " + hint
	}
	return &redacted{text: text, err: cause}
}

// network is what the network said; pgx tells it twice, with each address it tried.
func network(err error) error {
	var lookup *net.DNSError
	var dial *net.OpError
	switch {
	case errors.As(err, &lookup):
		return lookup
	case errors.As(err, &dial):
		return dial
	}
	return err
}

// oneLine joins the lines of a message; pgx lists each address it tried on a line of its own.
func oneLine(text string) string {
	return strings.Join(strings.Fields(text), " ")
}
