package migrate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bloom/catalog"
	"bloom/parser/split"

	"github.com/jackc/pgx/v5"
)

// indexState is an index as the catalog has it.
type indexState struct {
	Name  string // qualified and quoted
	Valid bool
	Busy  bool // some session is building it
}

const indexColumns = `SELECT format('%I.%I', n.nspname, c.relname), i.indisvalid AND i.indisready,
	EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = c.oid)
	FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace `

// index finds an index of a table.
func (s *Session) index(ctx context.Context, name string, table catalog.QName) (*indexState, error) {
	return s.oneIndex(ctx, `WHERE c.relname = $1 AND i.indrelid = to_regclass($2)`, name, quote(table))
}

func (s *Session) oneIndex(ctx context.Context, where string, args ...any) (*indexState, error) {
	rows, err := s.Conn.Query(ctx, indexColumns+where, args...)
	if err != nil {
		return nil, err
	}
	state, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[indexState])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return state, err
}

func quote(name catalog.QName) string {
	if name.Schema == "" {
		return pgx.Identifier{name.Name}.Sanitize()
	}
	return pgx.Identifier{name.Schema, name.Name}.Sanitize()
}

// InvalidIndexes are those that no session builds and that no query can use:
// what is left of interrupted builds. Managed schemas are not looked at.
func (s *Session) InvalidIndexes(ctx context.Context) ([]string, error) {
	rows, err := s.Conn.Query(ctx, indexColumns+`WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname <> ALL ('{pg_toast,pg_catalog,auth,storage}')`)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[indexState])
	var names []string
	for _, i := range found {
		if !i.Busy {
			names = append(names, i.Name)
		}
	}
	return names, err
}

// recover prepares for a statement that may have been interrupted: what is left
// over is cleaned up. If the statement was begun earlier and the database
// shows that it was done, it is ready.
func (s *Session) recover(ctx context.Context, statement split.Statement, begun bool) (ready bool, err error) {
	if name, table, ok := statement.CreatesIndex(); ok {
		return s.recoverIndex(ctx, name, table, begun)
	}
	if !begun {
		return false, nil
	}
	if names, ok := statement.DropsIndexes(); ok {
		for _, name := range names {
			var exists bool
			if err := s.Conn.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", quote(name)).Scan(&exists); err != nil || exists {
				return false, err
			}
		}
		return true, nil
	}
	if table, partition, ok := statement.Detaches(); ok {
		return s.recoverDetach(ctx, table, partition)
	}
	if query, name, drop, ok := statement.Makes(); ok {
		var exists bool
		err := s.Conn.QueryRow(ctx, "SELECT EXISTS ("+query+")", name).Scan(&exists)
		return exists != drop, err
	}
	// REINDEX CONCURRENTLY leaves copies behind; all else can run twice.
	return false, s.dropCopies(ctx)
}

func (s *Session) recoverIndex(ctx context.Context, name string, table catalog.QName, begun bool) (ready bool, err error) {
	for told := false; ; told = true {
		state, err := s.index(ctx, name, table)
		switch {
		case err != nil || state == nil:
			return false, err
		case state.Valid:
			return begun, nil
		case !state.Busy:
			s.say("Dropping the invalid index %s, left by an interrupted build...", state.Name)
			return false, s.exec(ctx, "DROP INDEX CONCURRENTLY IF EXISTS "+state.Name)
		}
		if !told {
			s.say("Waiting for another session that builds index %s...", state.Name)
		}
		if err := sleep(ctx, 500*time.Millisecond); err != nil {
			return false, err
		}
	}
}

func (s *Session) recoverDetach(ctx context.Context, table, partition catalog.QName) (ready bool, err error) {
	var pending bool
	err = s.Conn.QueryRow(ctx, "SELECT inhdetachpending FROM pg_catalog.pg_inherits WHERE inhparent = to_regclass($1) AND inhrelid = to_regclass($2)", quote(table), quote(partition)).Scan(&pending)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return true, nil
	case err != nil || !pending:
		return false, err
	}
	s.say("Finishing the interrupted detaching of partition %s...", partition)
	return true, s.exec(ctx, "ALTER TABLE "+quote(table)+" DETACH PARTITION "+quote(partition)+" FINALIZE")
}

func (s *Session) dropCopies(ctx context.Context) error {
	names, err := s.InvalidIndexes(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		state, err := s.oneIndex(ctx, `WHERE c.oid = to_regclass($1) AND c.relname ~ '_cc(new|old)[0-9]*$'`, name)
		if err != nil || state == nil {
			return err
		}
		s.say("Dropping the invalid index %s, left by an interrupted REINDEX...", name)
		if err := s.exec(ctx, "DROP INDEX CONCURRENTLY IF EXISTS "+name); err != nil {
			return err
		}
	}
	return nil
}

// verify looks whether a statement that ran alone did what it says. CREATE
// INDEX … IF NOT EXISTS succeeds even where the existing one is invalid.
func (s *Session) verify(ctx context.Context, statement split.Statement) error {
	name, table, ok := statement.CreatesIndex()
	if !ok {
		return nil
	}
	state, err := s.index(ctx, name, table)
	if err == nil && (state == nil || !state.Valid) {
		err = fmt.Errorf("index %s is not there or not valid after it was built\nhint: another index may have its name, on another table", name)
	}
	return err
}

// leftOver adds to an error what the statement left behind.
func (s *Session) leftOver(ctx context.Context, statement split.Statement, err error) error {
	name, table, ok := statement.CreatesIndex()
	if !ok || s.Conn.IsClosed() {
		return err
	}
	if state, e := s.index(ctx, name, table); e == nil && state != nil && !state.Valid {
		return fmt.Errorf("%w\nindex %s is left behind invalid: it costs writes and serves no query\nhint: the next bloom push drops it and builds it again", err, state.Name)
	}
	return err
}
