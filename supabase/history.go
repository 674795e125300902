package supabase

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// HistorySchema holds the history of migrations, on every database that has one.
const HistorySchema = "supabase_migrations"

// Applied lists the versions that the database's history has, in the order of
// migration files. A database without a history has none.
func Applied(ctx context.Context, conn *pgx.Conn) ([]string, error) {
	rows, err := conn.Query(ctx, `SELECT version FROM supabase_migrations.schema_migrations ORDER BY version COLLATE "C"`)
	if err == nil {
		var versions []string
		if versions, err = pgx.CollectRows(rows, pgx.RowTo[string]); err == nil {
			return versions, nil
		}
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "42P01" || pg.Code == "3F000") { // no such table, no such schema
		return nil, nil
	}
	return nil, fmt.Errorf("reading the migration history: %w", err)
}
