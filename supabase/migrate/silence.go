package migrate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// silence looks for a process that has nothing more to say, or that cannot be heard. TCP
// finds out when the network is dead, but not when a proxy or pooler on the way is stuck.
type silence struct {
	patience time.Duration // 0: without end
	state    string        // at rest since when, or gone; empty while the process is at work
	since    time.Time     // when that was seen first
}

// look says why nothing will come of a process any more, if nothing will.
func (s *silence) look(ctx context.Context, conn *pgx.Conn, pid int32) string {
	if s.patience == 0 {
		return ""
	}
	asking, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	var state string // who may not see it takes it for work
	err := conn.QueryRow(asking, `SELECT coalesce(max(CASE WHEN state LIKE 'idle%' THEN state_change::text ELSE '' END), 'gone')
		FROM pg_catalog.pg_stat_activity WHERE pid = $1`, pid).Scan(&state)
	switch {
	case ctx.Err() != nil:
		return ""
	case asking.Err() != nil:
		return fmt.Sprintf("the server did not answer for %s", s.patience)
	case err != nil || state == "" || state != s.state:
		s.state, s.since = state, time.Now()
	case time.Since(s.since) >= s.patience:
		return fmt.Sprintf("the server has long ended the statement or the session, but no answer came for %s", s.patience)
	}
	return ""
}
