// Package migrate runs SQL files on a database and keeps the history of them,
// such that at any moment, whatever gets killed, history and database agree.
//
// A [Session] is a connection with the settings that migrations run under.
// [Session.Apply] runs a file: as one transaction together with its history row
// where that is possible, else in parts, with a note of how far it came.
package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"bloom/supabase"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Options say how files are run.
type Options struct {
	LockTimeout   time.Duration // how long a statement waits for a lock
	Retries       int           // how often a transaction that got no lock is tried again
	Wait          time.Duration // how long to wait for another push to end
	AllowWarnings []string      // SQLSTATEs of warnings that are no errors
	Say           func(string)  // told what is done; may be nil
	Progress      func(string)  // shown on one line that is overwritten, or removed if empty; may be nil
}

// Defaults are the options of a push.
func Defaults() Options {
	return Options{LockTimeout: 4 * time.Second, Retries: 10, Wait: 10 * time.Minute}
}

// Session is a connection to run migrations on.
type Session struct {
	Conn    *pgx.Conn
	target  *supabase.Target
	options Options
	process int32          // the server's, behind whatever pooler
	warning *pgconn.Notice // the first that is an error
}

// Connect opens a session.
func Connect(ctx context.Context, target *supabase.Target, o Options) (*Session, error) {
	if o.Say == nil {
		o.Say = func(string) {}
	}
	s := &Session{options: o}
	t := *target
	t.Config = target.Config.Copy()
	t.Config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { s.notice(n) }
	// Migrations may say DEALLOCATE ALL: nothing prepared must be relied on.
	t.Config.DefaultQueryExecMode = pgx.QueryExecModeExec
	s.target = &t
	var err error
	if s.Conn, err = t.Connect(ctx); err != nil {
		return s, err
	}
	return s, s.Conn.QueryRow(ctx, "SELECT pg_catalog.pg_backend_pid()").Scan(&s.process)
}

// Close ends the session, and with it its locks.
func (s *Session) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = s.Conn.Close(ctx)
}

func (s *Session) say(format string, args ...any) { s.options.Say(fmt.Sprintf(format, args...)) }

// errorWarnings are warnings after which the database is not what the file
// says: rights that were not given or taken, and transaction commands that
// did nothing.
var errorWarnings = []string{"01006", "01007", "25P01"}

func (s *Session) notice(n *pgconn.Notice) {
	s.say("%s (%s): %s", n.Severity, n.Code, n.Message)
	if s.warning == nil && slices.Contains(errorWarnings, n.Code) && !slices.Contains(s.options.AllowWarnings, n.Code) {
		s.warning = n
	}
}

// exec runs one statement, or several that belong together.
func (s *Session) exec(ctx context.Context, sql string) error {
	s.warning = nil
	if _, err := s.Conn.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
		return err
	}
	if n := s.warning; n != nil {
		return &warningError{n}
	}
	return nil
}

// warningError is a warning that is taken for an error.
type warningError struct{ notice *pgconn.Notice }

func (e *warningError) Error() string {
	return fmt.Sprintf("WARNING: %s (SQLSTATE %s)\nhint: the statement did not do all it says; --allow-warning %[2]s lets it pass", e.notice.Message, e.notice.Code)
}

// settle gives the session the settings that each file starts with, whatever
// the one before it left: role, search_path, timeouts.
func (s *Session) settle(ctx context.Context) error {
	if err := s.exec(ctx, "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; SET lock_timeout = "+milliseconds(s.options.LockTimeout)); err != nil {
		return err
	}
	// So that a killed bloom does not leave an index build behind that nobody waits for.
	if err := s.exec(ctx, "SET client_connection_check_interval = '2s'"); err != nil && !isCode(err, "22023") { // not on every platform
		return err
	}
	if s.target.Patience() > 0 {
		if err := s.exec(ctx, s.target.Settings()); err != nil {
			return err
		}
	}
	return s.target.StepDown(ctx, s.Conn)
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%d", d.Milliseconds()) }

// syntax asks the server whether it can parse a statement; nothing is run.
func (s *Session) syntax(ctx context.Context) func(string) error {
	return func(sql string) error {
		_, err := s.Conn.PgConn().Prepare(ctx, "", sql, nil)
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == "42601" && strings.Contains(pg.Message, "syntax error") {
			return err
		}
		return nil
	}
}

// CheckWritable says why nothing could be written, before anything is tried.
func (s *Session) CheckWritable(ctx context.Context) error {
	var standby, readOnly bool
	err := s.Conn.QueryRow(ctx, `SELECT pg_is_in_recovery(), current_setting('transaction_read_only')::boolean`).Scan(&standby, &readOnly)
	switch {
	case err != nil:
		return err
	case standby:
		return fmt.Errorf("%s is a standby server, which can't be written to\nhint: connect to the primary", s.target.Name)
	case readOnly:
		return fmt.Errorf("%s is read-only (default_transaction_read_only is on)\nhint: a hosted project is set so when its disk is full; nothing was applied", s.target.Name)
	}
	return nil
}
