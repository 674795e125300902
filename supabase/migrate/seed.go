package migrate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// SeedHashes are the seeds that a database had, path to hash.
func SeedHashes(ctx context.Context, conn *pgx.Conn) (map[string]string, error) {
	rows, err := conn.Query(ctx, "SELECT path, hash FROM supabase_migrations.seed_files")
	hashes := map[string]string{}
	if err == nil {
		var path, hash string
		_, err = pgx.ForEachRow(rows, []any{&path, &hash}, func() error { hashes[path] = hash; return nil })
	}
	if err != nil && !isCode(err, "42P01", "3F000") {
		return nil, fmt.Errorf("reading which seeds ran: %w", err)
	}
	return hashes, nil
}

// Seed runs a seed file and notes its hash, or only does the latter. Statement
// after statement, so that one may use what another made.
func (s *Session) Seed(ctx context.Context, f *File, run bool) error {
	only := *f
	if !run {
		only.statements, only.parts = nil, nil
	}
	return s.Run(ctx, &only, func() error {
		_, err := s.Conn.Exec(ctx, `INSERT INTO supabase_migrations.seed_files(path, hash) VALUES($1, $2) ON CONFLICT (path) DO UPDATE SET hash = EXCLUDED.hash`, f.Path, f.Hash)
		return err
	})
}
