package migrate

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// Apply runs a migration that is not in the history, and puts it there. If it
// was interrupted in an earlier push, it goes on where that came to.
func (s *Session) Apply(ctx context.Context, f *File) error {
	if err := s.settle(ctx); err != nil {
		return err
	}
	record := func() error {
		if _, err := s.Conn.Exec(ctx, insertRow, f.Version, f.Name, f.Statements()); err != nil {
			return &recordError{err}
		}
		return nil
	}
	var err error
	if f.atomic() {
		err = s.applyAtomic(ctx, f, record)
	} else {
		err = s.applyParts(ctx, f, record)
	}
	if err == nil && s.Conn.PgConn().TxStatus() != 'I' {
		err = errLostTransaction
	}
	return err
}

// recordError is an error not of a file, but of putting it into the history.
type recordError struct{ err error }

func (e *recordError) Error() string { return e.err.Error() }
func (e *recordError) Unwrap() error { return e.err }

// Run runs a file that must be one transaction, and records it in the same.
func (s *Session) Run(ctx context.Context, f *File, record func() error) error {
	if !f.atomic() {
		return fmt.Errorf("%s: has statements that can't run in a transaction\nhint: such statements belong in migrations", f.Path)
	}
	if err := s.settle(ctx); err != nil {
		return err
	}
	return s.applyAtomic(ctx, f, record)
}

func (s *Session) applyAtomic(ctx context.Context, f *File, record func() error) error {
	p := part{begin: "BEGIN"}
	if len(f.parts) > 0 {
		p = f.parts[0]
	}
	return s.applyPart(ctx, f, p, record)
}

// applyPart runs statements as one transaction, again and again while others
// are in the way.
func (s *Session) applyPart(ctx context.Context, f *File, p part, record func() error) error {
	return s.retry(ctx, func() error {
		return s.inTransaction(ctx, p.begin, func() error {
			for _, i := range p.statements {
				if err := s.statement(ctx, f, i); err != nil {
					return err
				}
				if s.Conn.PgConn().TxStatus() != 'T' {
					return &StatementError{Path: f.Path, Index: i, Text: f.statements[i].Text, Err: errLostTransaction}
				}
			}
			// The file may have changed the role, and the new one have no rights on the history.
			if err := s.exec(ctx, "RESET SESSION AUTHORIZATION; RESET ROLE"); err != nil {
				return err
			}
			if err := s.target.StepDown(ctx, s.Conn); err != nil {
				return err
			}
			if record == nil {
				return nil
			}
			return record()
		})
	})
}

// inTransaction runs what is one transaction, and leaves none open.
func (s *Session) inTransaction(ctx context.Context, begin string, run func() error) error {
	if err := s.exec(ctx, begin); err != nil {
		return err
	}
	err := run()
	if err == nil {
		err = s.commit(ctx)
	}
	if err != nil && !s.Conn.IsClosed() && s.Conn.PgConn().TxStatus() != 'I' {
		err = errors.Join(err, s.exec(ctx, "ROLLBACK"))
	}
	return err
}

func (s *Session) commit(ctx context.Context) error {
	s.warning = nil
	results, err := s.Conn.PgConn().Exec(ctx, "COMMIT").ReadAll()
	switch {
	case err != nil && s.Conn.IsClosed():
		return fmt.Errorf("the connection was lost while committing, so that it is not known whether that happened: %w\nhint: run the command again: it looks into the history and goes on from there", err)
	case err != nil:
		return err
	case len(results) != 1 || results[0].CommandTag.String() != "COMMIT":
		return errLostTransaction
	}
	return nil
}

// statement runs a file's statement.
func (s *Session) statement(ctx context.Context, f *File, i int) error {
	if err := s.exec(ctx, f.statements[i].Text); err != nil {
		return &StatementError{Path: f.Path, Index: i, Text: f.statements[i].Text, Err: err}
	}
	return nil
}

// restore runs again what finished parts set for those after them: in an earlier
// push, or before the role was changed back to write down that they are done.
func (s *Session) restore(ctx context.Context, f *File, finished []part) error {
	for _, p := range finished {
		for _, i := range p.statements {
			if !f.statements[i].SetsSession() {
				continue
			}
			if err := s.statement(ctx, f, i); err != nil {
				return err
			}
		}
	}
	return nil
}

// StatementError is what the server says of a statement.
type StatementError struct {
	Path  string
	Index int // from 0, as the CLI counts
	Text  string
	Err   error
}

func (e *StatementError) Error() string {
	return fmt.Sprintf("%s, statement %d (%s): %s", e.Path, e.Index, firstWords(e.Text), serverText(e.Err))
}

func (e *StatementError) Unwrap() error { return e.Err }

// serverText is the server's message as the CLI shows it.
func serverText(err error) string {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err.Error()
	}
	return fmt.Sprintf("%s: %s (SQLSTATE %s)", pg.Severity, pg.Message, pg.Code)
}
