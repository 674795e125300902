package migrate

import (
	"context"
	"fmt"
)

// RollBack runs the way back from migrations and takes them out of the
// history, in one transaction.
func (s *Session) RollBack(ctx context.Context, f *File, versions []string) error {
	return s.Run(ctx, f, func() error {
		tag, err := s.Conn.Exec(ctx, `DELETE FROM supabase_migrations.schema_migrations WHERE version = ANY($1)`, versions)
		if err == nil && int(tag.RowsAffected()) != len(versions) {
			err = fmt.Errorf("the history has %d of the versions %v", tag.RowsAffected(), versions)
		}
		if err != nil {
			return &recordError{err}
		}
		return nil
	})
}
