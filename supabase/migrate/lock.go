package migrate

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"bloom/parser/split"

	"github.com/jackc/pgx/v5"
)

// lockKey is the advisory lock of whoever changes a database with bloom. It is
// "bloommig" in ASCII.
const lockKey int64 = 0x626c6f6f6d6d6967

// Lock waits until no other bloom changes the database. The lock ends with the
// session. It is asked for again and again rather than waited for in the
// server, where the wait would hold a snapshot that index builds wait for.
func (s *Session) Lock(ctx context.Context) error {
	deadline, told := time.Now().Add(s.options.Wait), false
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		var got bool
		if err := s.Conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", lockKey).Scan(&got); err != nil || got {
			return err
		}
		holder := s.lockHolder(ctx)
		if time.Now().After(deadline) {
			return fmt.Errorf("another bloom is changing this database: %s\nhint: wait for it to end, then try again; nothing was applied", holder)
		}
		if !told {
			s.say("Waiting for another bloom that is changing this database: %s", holder)
			told = true
		}
		if err := sleep(ctx, min(pause, max(time.Until(deadline), time.Millisecond))); err != nil {
			return err
		}
	}
}

func (s *Session) lockHolder(ctx context.Context) string {
	rows, err := s.Conn.Query(ctx, activity+` FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a USING (pid)
		WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
		AND l.classid = $1 AND l.objid = $2`, uint32(lockKey>>32), uint32(lockKey&0xffffffff))
	if err != nil {
		return "unknown"
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[backend])
	if err != nil || len(found) == 0 {
		return "unknown"
	}
	return found[0].String()
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// backend is another session of the server.
type backend struct {
	PID                      int32
	User, Application, State string
	Since                    float64 // seconds since its transaction began
	Query                    string
}

const activity = `SELECT pid, coalesce(a.usename::text, '?'), coalesce(a.application_name, ''), coalesce(a.state, ''),
	coalesce(extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.backend_start)), 0)::float8, coalesce(a.query, '')`

// String tells who it is; of its query no constants, which may be secrets.
func (b backend) String() string {
	text := fmt.Sprintf("pid %d, user %s", b.PID, b.User)
	if b.Application != "" {
		text += ", " + b.Application
	}
	if b.State != "" {
		text += fmt.Sprintf(", %s for %.0f s", b.State, b.Since)
	}
	if query := split.WithoutConstants(b.Query); query != "" {
		if len(query) > 120 {
			query = strings.ToValidUTF8(query[:120], "") + "…"
		}
		text += ": " + query
	}
	return text
}

// retry runs a whole transaction, and again where another session was in the
// way, after a pause that grows and differs from process to process.
func (s *Session) retry(ctx context.Context, transaction func() error) error {
	for attempt := 0; ; attempt++ {
		watch := s.watch(ctx)
		err := watch.stop(transaction())
		if err == nil || s.Conn.IsClosed() || !passing(err) {
			return err
		}
		if attempt == s.options.Retries {
			return &blockedError{err: err, attempts: attempt + 1, timeout: s.options.LockTimeout, blockers: watch.blockers}
		}
		pause := min(500*time.Millisecond<<min(attempt, 6), 30*time.Second)
		pause = pause/2 + rand.N(pause/2)
		s.say("%s: trying again in %s%s", oneLine(err), pause.Round(100*time.Millisecond), inTheWay(watch.blockers))
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// passing says whether an error may not come again.
func passing(err error) bool {
	return isCode(err, "55P03", "40P01", "40001") || isCode(err, "XX000") && strings.Contains(err.Error(), "tuple concurrently updated")
}

func oneLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

func inTheWay(blockers []string) string {
	if len(blockers) == 0 {
		return ""
	}
	return "; in the way: " + strings.Join(blockers, "; ")
}

// blockedError is a transaction that never got its locks.
type blockedError struct {
	err      error
	attempts int
	timeout  time.Duration
	blockers []string
}

func (e *blockedError) Unwrap() error { return e.err }

func (e *blockedError) Error() string {
	text := fmt.Sprintf("%s\nother sessions were in the way %d times (lock_timeout %s)", e.err, e.attempts, e.timeout)
	for _, b := range e.blockers {
		text += "\n  blocked by " + b
	}
	return text + "\nhint: end what blocks, with SELECT pg_terminate_backend(pid) if need be, or try at a quieter time; --lock-timeout and --lock-retries wait longer"
}

var errLostTransaction = errors.New("the statement ended the transaction that it ran in\nhint: a migration must not have COMMIT or ROLLBACK, not even inside of procedures")
