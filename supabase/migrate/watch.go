package migrate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// watch looks from a second connection at what the session's own is busy with:
// who blocks it, how far an index is built, and whether anything still comes of it. It
// connects only if that takes a while; without a second connection it sees nothing.
type watch struct {
	conn   *pgx.Conn // the session's
	cancel context.CancelFunc
	clear  func()
	done   chan struct{}

	blockers []string
	lost     string // why the session's connection was given up
}

// watchDelay is how long a statement may take before it is looked at.
const watchDelay = 100 * time.Millisecond

func (s *Session) watch(ctx context.Context) *watch {
	ctx, cancel := context.WithCancel(ctx)
	w := &watch{conn: s.Conn, cancel: cancel, done: make(chan struct{}), clear: func() {
		if s.options.Progress != nil {
			s.options.Progress("")
		}
	}}
	go func() {
		defer close(w.done)
		if sleep(ctx, watchDelay) != nil {
			return
		}
		t := *s.target
		t.Config = s.target.Config.Copy()
		t.Config.OnNotice = nil
		conn, err := t.Connect(ctx)
		if err != nil {
			return
		}
		defer func() { _ = conn.Close(context.Background()) }()
		w.look(ctx, conn, s)
	}()
	return w
}

// stop ends the watch. It adds to an error that the connection was lost, if it was, and why.
func (w *watch) stop(err error) error {
	w.cancel()
	<-w.done
	w.clear()
	var statement *StatementError
	var server *pgconn.PgError
	switch {
	case err == nil || w.lost == "" && (!errors.As(err, &statement) || errors.As(err, &server) || !w.conn.IsClosed()):
		return err
	case w.lost == "":
		w.lost = "the connection to the server was lost"
	}
	return fmt.Errorf("%w: %s\nhint: run the command again: it looks into the history and goes on from there", err, w.lost)
}

func (w *watch) look(ctx context.Context, conn *pgx.Conn, s *Session) {
	pid, o := s.process, s.options
	every := min(max(o.LockTimeout/5, 20*time.Millisecond), time.Second)
	silence := &silence{patience: s.target.Patience()}
	for told := false; ; {
		if w.lost = silence.look(ctx, conn, pid); w.lost != "" {
			w.conn.PgConn().Conn().Close()
			return
		}
		blockers, err := blocking(ctx, conn, pid)
		if err != nil {
			return
		}
		if len(blockers) > 0 {
			w.blockers = blockers
			if o.Progress != nil && !told {
				told = true
				o.Say("Waiting" + inTheWay(blockers))
			}
		}
		if o.Progress != nil {
			if line := building(ctx, conn, pid); line != "" {
				o.Progress(line)
			}
		}
		if sleep(ctx, every) != nil {
			return
		}
	}
}

func blocking(ctx context.Context, conn *pgx.Conn, pid int32) ([]string, error) {
	rows, err := conn.Query(ctx, activity+` FROM unnest(pg_catalog.pg_blocking_pids($1)) b(pid) LEFT JOIN pg_catalog.pg_stat_activity a USING (pid)`, pid)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[backend])
	if err != nil || len(found) == 0 {
		return nil, err
	}
	var lock string // what is waited for; nothing where the wait just ended
	_ = conn.QueryRow(ctx, `SELECT mode || coalesce(' on ' || relation::regclass::text, '') FROM pg_catalog.pg_locks WHERE pid = $1 AND NOT granted LIMIT 1`, pid).Scan(&lock)
	var list []string
	for _, b := range found {
		text := b.String()
		if lock != "" {
			text += " (wanted: " + lock + ")"
		}
		list = append(list, text)
	}
	return list, nil
}

// building says how far the session's index build is.
func building(ctx context.Context, conn *pgx.Conn, pid int32) string {
	var name, phase string
	var done, total int64
	err := conn.QueryRow(ctx, `SELECT coalesce(index_relid::regclass::text, relid::regclass::text, ''), phase,
			CASE WHEN blocks_total > 0 THEN blocks_done WHEN tuples_total > 0 THEN tuples_done ELSE lockers_done END,
			CASE WHEN blocks_total > 0 THEN blocks_total WHEN tuples_total > 0 THEN tuples_total ELSE lockers_total END
		FROM pg_catalog.pg_stat_progress_create_index WHERE pid = $1`, pid).Scan(&name, &phase, &done, &total)
	if err != nil {
		return ""
	}
	if total > 0 {
		return fmt.Sprintf("  index %s: %s, %d %%", name, phase, 100*done/total)
	}
	return fmt.Sprintf("  index %s: %s", name, phase)
}
