package migrate

import (
	"context"
	"fmt"

	"bloom/supabase"

	"github.com/jackc/pgx/v5/pgconn"
)

// maxPasses is how often a table is gone through: others may move rows back to where
// it was done already.
const maxPasses = 20

// runAlone runs a statement outside of any transaction, or in many small ones.
func (s *Session) runAlone(ctx context.Context, f *File, i int) error {
	table, pages, ok := f.statements[i].Batches()
	if !ok {
		return s.statement(ctx, f, i)
	}
	for range maxPasses {
		n, err := s.pass(ctx, f, i, quote(table), pages)
		if err != nil {
			return &StatementError{Path: f.Path, Index: i, Text: f.statements[i].Text, Err: err}
		}
		if n == 0 {
			return nil
		}
	}
	return nil
}

// pass goes once through the pages of a table, and returns how many rows it changed. An
// UPDATE that changes what it looks for comes to an end.
func (s *Session) pass(ctx context.Context, f *File, i int, table string, pages int) (changed int64, err error) {
	var size int64
	err = s.Conn.QueryRow(ctx, "SELECT pg_catalog.pg_relation_size(pg_catalog.to_regclass($1)) / pg_catalog.current_setting('block_size')::int8", table).Scan(&size)
	if err != nil {
		return 0, supabase.Redact(err)
	}
	for page := int64(0); page <= size; page += int64(pages) {
		sql := fmt.Sprintf("%s\nAND ctid >= '(%d,0)' AND ctid < '(%d,0)'", f.statements[i].Text, page, page+int64(pages))
		results, err := s.Conn.PgConn().Exec(ctx, sql).ReadAll()
		if err != nil {
			return changed, err
		}
		changed += affected(results)
		if s.options.Progress != nil && size > 0 {
			s.options.Progress(fmt.Sprintf("  filling %s: %d %%", table, 100*page/max(size, 1)))
		}
	}
	return changed, nil
}

func affected(results []*pgconn.Result) int64 {
	var n int64
	for _, r := range results {
		n += r.CommandTag.RowsAffected()
	}
	return n
}
