package migrate

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Row is a migration in a database's history.
type Row struct {
	Version, Name string
	Statements    []string
	Known         bool // what the statements were
}

// History reads the history table, in the order of versions. A database without
// one has no rows; old tables lack columns.
func History(ctx context.Context, conn *pgx.Conn) ([]Row, error) {
	const from = ` FROM supabase_migrations.schema_migrations ORDER BY version COLLATE "C"`
	rows, err := readRows(ctx, conn, `SELECT version, coalesce(name, ''), coalesce(statements, '{}'), statements IS NOT NULL`+from)
	if isCode(err, "42703") {
		rows, err = readRows(ctx, conn, `SELECT version, '', '{}'::text[], false`+from)
	}
	if isCode(err, "42P01", "3F000") {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the migration history: %w", err)
	}
	return rows, nil
}

func readRows(ctx context.Context, conn *pgx.Conn, sql string) ([]Row, error) {
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Row])
}

func isCode(err error, codes ...string) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	for _, code := range codes {
		if pg.Code == code {
			return true
		}
	}
	return false
}

const historyDDL = `CREATE SCHEMA IF NOT EXISTS supabase_migrations;
CREATE TABLE IF NOT EXISTS supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY);
ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS statements text[];
ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS name text`

const seedDDL = `CREATE SCHEMA IF NOT EXISTS supabase_migrations;
CREATE TABLE IF NOT EXISTS supabase_migrations.seed_files (path text NOT NULL PRIMARY KEY, hash text NOT NULL)`

// progressDDL is bloom's own: how far a migration came that can't be one
// transaction. Its rows go with the history row's coming, so that it is empty
// but for what was interrupted.
const progressDDL = `CREATE TABLE IF NOT EXISTS supabase_migrations.bloom_progress (version text NOT NULL PRIMARY KEY, done integer NOT NULL, running boolean NOT NULL, hash text NOT NULL)`

// EnsureHistory makes the history table unless it is there and complete. The
// statements for that lock it even when they change nothing.
func (s *Session) EnsureHistory(ctx context.Context) error {
	return s.ensure(ctx, "schema_migrations", 3, []string{"version", "statements", "name"}, historyDDL)
}

// EnsureSeeds makes the table of seeds unless it is there.
func (s *Session) EnsureSeeds(ctx context.Context) error {
	return s.ensure(ctx, "seed_files", 2, []string{"path", "hash"}, seedDDL)
}

func (s *Session) ensure(ctx context.Context, table string, columns int, names []string, ddl string) error {
	var found int
	err := s.Conn.QueryRow(ctx, `SELECT count(*) FROM pg_catalog.pg_attribute a
		JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'supabase_migrations' AND c.relname = $1 AND a.attname = ANY ($2) AND NOT a.attisdropped`, table, names).Scan(&found)
	if err != nil || found == columns {
		return err
	}
	return s.retry(ctx, func() error {
		return s.inTransaction(ctx, "BEGIN", func() error { return s.exec(ctx, "SET LOCAL client_min_messages = warning; "+ddl) })
	})
}

const insertRow = `INSERT INTO supabase_migrations.schema_migrations(version, name, statements) VALUES($1, $2, $3)`

// Repair marks migrations as applied, or versions as not applied, without
// running anything. All at once; truncate empties the history before.
func (s *Session) Repair(ctx context.Context, truncate bool, applied []*File, reverted []string) error {
	return s.retry(ctx, func() error {
		return s.inTransaction(ctx, "BEGIN", func() error {
			if truncate {
				if err := s.exec(ctx, "TRUNCATE supabase_migrations.schema_migrations"); err != nil {
					return err
				}
			}
			for _, f := range applied {
				_, err := s.Conn.Exec(ctx, insertRow+` ON CONFLICT (version) DO UPDATE SET name = EXCLUDED.name, statements = EXCLUDED.statements`,
					f.Version, f.Name, f.Statements())
				if err != nil {
					return err
				}
			}
			_, err := s.Conn.Exec(ctx, `DELETE FROM supabase_migrations.schema_migrations WHERE version = ANY($1)`, reverted)
			return err
		})
	})
}
