package migrate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// progress is how far a file came: so many of its parts are done, and of the
// next it is known that it was begun, if it runs alone.
type progress struct {
	done    int
	running bool
}

// applyParts runs a file that can't be one transaction. Each part that is a
// transaction notes in it that it is done, so that it never runs twice. A
// statement that runs alone is noted before and after; if the note after it is
// missing, the database itself tells whether it was done.
func (s *Session) applyParts(ctx context.Context, f *File, record func() error) error {
	if err := s.ensure(ctx, "bloom_progress", 4, []string{"version", "done", "running", "hash"}, progressDDL); err != nil {
		return err
	}
	at, err := s.progress(ctx, f)
	if err != nil {
		return err
	}
	if at.done > 0 || at.running {
		s.say("%s was interrupted in an earlier push: going on with part %d of %d", f.Path, at.done+1, len(f.parts))
	}
	for i, p := range f.parts {
		if i < at.done {
			continue
		}
		if err := s.restore(ctx, f, f.parts[:i]); err != nil {
			return err
		}
		if p.alone {
			err = s.applyAlone(ctx, f, i, at.running && i == at.done)
		} else {
			err = s.applyPart(ctx, f, p, func() error { return s.note(ctx, f, progress{done: i + 1}) })
		}
		if err != nil {
			return err
		}
	}
	return s.applyPart(ctx, f, part{begin: "BEGIN"}, func() error {
		if _, err := s.Conn.Exec(ctx, "DELETE FROM supabase_migrations.bloom_progress WHERE version = $1", f.Version); err != nil {
			return &recordError{err}
		}
		return record()
	})
}

// progress reads what an earlier push noted. The part of the file that it ran
// must still be the same.
func (s *Session) progress(ctx context.Context, f *File) (progress, error) {
	var p progress
	var hash string
	err := s.Conn.QueryRow(ctx, "SELECT done, running, hash FROM supabase_migrations.bloom_progress WHERE version = $1", f.Version).Scan(&p.done, &p.running, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return progress{}, nil
	}
	if err != nil {
		return p, err
	}
	if p.done > len(f.parts) || p.running && p.done == len(f.parts) || hash != f.hashOf(p) {
		return p, fmt.Errorf("%s was edited after an interrupted push had run the first %d of its parts\nhint: bring back what was run; if the database is as it should be, bloom repair --status applied %s", f.Path, p.done, f.Version)
	}
	return p, nil
}

// hashOf is of the statements that a note is about.
func (f *File) hashOf(p progress) string {
	end := p.done
	if p.running {
		end++
	}
	var texts []string
	for _, part := range f.parts[:end] {
		for _, i := range part.statements {
			texts = append(texts, f.statements[i].Text)
		}
	}
	hash := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return hex.EncodeToString(hash[:])
}

func (s *Session) note(ctx context.Context, f *File, p progress) error {
	_, err := s.Conn.Exec(ctx, `INSERT INTO supabase_migrations.bloom_progress (version, done, running, hash) VALUES ($1, $2, $3, $4)
		ON CONFLICT (version) DO UPDATE SET done = EXCLUDED.done, running = EXCLUDED.running, hash = EXCLUDED.hash`, f.Version, p.done, p.running, f.hashOf(p))
	if err != nil {
		return &recordError{err}
	}
	return nil
}

// applyAlone runs a statement outside of any transaction. It may wait as long as it takes:
// giving up half-way is what leaves invalid indexes behind.
func (s *Session) applyAlone(ctx context.Context, f *File, i int, begun bool) error {
	index := f.parts[i].statements[0]
	statement := f.statements[index]
	ready, err := s.recover(ctx, statement, begun)
	if err != nil {
		return err
	}
	if !ready {
		if err := s.note(ctx, f, progress{done: i, running: true}); err != nil {
			return err
		}
		var lockTimeout, statementTimeout string
		if err := s.Conn.QueryRow(ctx, "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')").Scan(&lockTimeout, &statementTimeout); err != nil {
			return err
		}
		if err := s.exec(ctx, "SET lock_timeout = 0; SET statement_timeout = 0"); err != nil {
			return err
		}
		w := s.watch(ctx)
		err := w.stop(s.runAlone(ctx, f, index))
		if err == nil {
			err = s.verify(ctx, statement)
		}
		if err != nil {
			return s.leftOver(ctx, statement, err)
		}
		if _, err := s.Conn.Exec(ctx, "SELECT set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false)", lockTimeout, statementTimeout); err != nil {
			return err
		}
	}
	return s.note(ctx, f, progress{done: i + 1})
}
