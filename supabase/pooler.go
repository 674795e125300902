package supabase

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// checkSession returns an error if the connection is no session: behind a pooler in transaction mode each transaction gets any
// server connection, and the role, settings, locks and prepared statements of one are lost to the next, and left to others.
//
// A pooler gives out keys of its own, by which it is known. Then it is tried out whether this client
// stays with a server process, and another one gets another.
func (t *Target) checkSession(ctx context.Context, conn *pgx.Conn) error {
	first, err := serverProcess(ctx, conn)
	if err != nil || first == strconv.FormatUint(uint64(conn.PgConn().PID()), 10) {
		return err
	}
	shared := t.othersProcess(ctx) == first
	for range 2 { // in turns two connections come round again
		again, err := serverProcess(ctx, conn)
		if err != nil {
			return err
		}
		shared = shared || again != first
	}
	if !shared {
		return nil
	}
	return fmt.Errorf("%s is a pooler in transaction mode: roles, settings and locks do not last from one transaction to the next\n"+
		"hint: connect to the database itself, or to the pooler's session mode (Supabase: port 5432)", t.Name)
}

// othersProcess is the server process of another client; empty if it gets none.
func (t *Target) othersProcess(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	other, err := pgx.ConnectConfig(ctx, t.Config)
	if err != nil {
		return ""
	}
	defer other.Close(context.WithoutCancel(ctx))
	process, _ := serverProcess(ctx, other)
	return process
}

// serverProcess asks for it without preparing a statement.
func serverProcess(ctx context.Context, conn *pgx.Conn) (string, error) {
	results, err := conn.PgConn().Exec(ctx, "SELECT pg_catalog.pg_backend_pid()").ReadAll()
	if err != nil || len(results) == 0 || len(results[0].Rows) == 0 {
		return "", err
	}
	return string(results[0].Rows[0][0]), nil
}
