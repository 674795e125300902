package migrate

import (
	"context"
	"fmt"

	"bloom/catalog"
	"bloom/supabase"
)

// From this size on a table takes so long to work through that others notice: the
// same size from which bloom diff chooses the forms that do not block.
const largeRows, largeBytes = 50_000, 10 << 20

// A table that was never analysed is taken to have rows of 100 bytes.
const sizeQuery = `SELECT coalesce(sum(CASE WHEN c.reltuples < 0 THEN pg_catalog.pg_table_size(c.oid) / 100 ELSE c.reltuples END), 0)::float8, coalesce(sum(pg_catalog.pg_table_size(c.oid)), 0)::int8
FROM pg_catalog.pg_class c
WHERE c.oid = pg_catalog.to_regclass($1) OR c.oid IN (SELECT relid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass($1)))`

// Large reports whether a table, its partitions counted, is so big that others
// notice when it is locked and worked through. What is not there is not large.
func (s *Session) Large(ctx context.Context, table catalog.QName) (bool, error) {
	var rows float64
	var bytes int64
	if err := s.Conn.QueryRow(ctx, sizeQuery, table.SQL()).Scan(&rows, &bytes); err != nil {
		return false, fmt.Errorf("measuring %s: %w", table, supabase.Redact(err))
	}
	return rows >= largeRows || bytes >= largeBytes, nil
}
