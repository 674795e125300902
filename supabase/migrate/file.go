package migrate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"bloom/parser/split"
	"bloom/supabase"
)

// File is SQL that was looked through and can be run.
type File struct {
	Path       string // as shown
	Version    string // of a migration; empty for seeds and roles
	Name       string // of a migration
	Hash       string // of the bytes, SHA-256 in hex
	statements []split.Statement
	parts      []part
}

// part is what runs at once: a transaction, or a statement that can't be in one.
type part struct {
	begin      string // the command that starts the transaction
	statements []int
	alone      bool
}

// Statements is what the history keeps of the file.
func (f *File) Statements() []string {
	texts := make([]string, len(f.statements))
	for i, s := range f.statements {
		texts[i] = s.Text
	}
	return texts
}

// Parsed lists the statements with what is known about them.
func (f *File) Parsed() []split.Statement { return f.statements }

// atomic says whether the file runs as a whole or not at all.
func (f *File) atomic() bool { return len(f.parts) == 0 || len(f.parts) == 1 && !f.parts[0].alone }

// Read looks through a file's text, and asks the server about what may be newer
// SQL than bloom's parser knows.
func (s *Session) Read(ctx context.Context, path, text string) (*File, error) {
	return read(path, text, s.syntax(ctx))
}

// read looks through a file's text. The syntax function judges what the parser
// does not know; nil takes that for wrong.
func read(path, text string, syntax func(sql string) error) (*File, error) {
	statements, err := split.File(path, text)
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256([]byte(text))
	f := &File{Path: path, Hash: hex.EncodeToString(hash[:]), statements: statements}
	var errs []error
	for _, s := range statements {
		if s.Err == nil {
			continue
		}
		if syntax == nil || syntax(s.Text) != nil {
			errs = append(errs, s.Err)
		}
	}
	f.parts, err = arrange(statements)
	return f, errors.Join(append(errs, err)...)
}

// ReadMigrations looks through migrations before the first of them runs; the
// error has all that is wrong in any of them.
func (s *Session) ReadMigrations(ctx context.Context, p *supabase.Project, list []supabase.Migration) ([]*File, error) {
	var files []*File
	var errs []error
	for _, m := range list {
		text, err := p.ReadMigration(m)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		f, err := s.Read(ctx, m.Path, text)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		f.Version, f.Name = m.Version, m.Name
		files = append(files, f)
	}
	return files, errors.Join(errs...)
}

// ReadHistoric cuts migrations for the history only: they are not run, so what
// is in them may be anything.
func ReadHistoric(p *supabase.Project, list []supabase.Migration) ([]*File, error) {
	var files []*File
	for _, m := range list {
		text, err := p.ReadMigration(m)
		if err != nil {
			return nil, err
		}
		statements, err := split.File(m.Path, text)
		if err != nil {
			return nil, err
		}
		files = append(files, &File{Path: m.Path, Version: m.Version, Name: m.Name, statements: statements})
	}
	return files, nil
}

// refusal is why a statement can't be in a file.
func refusal(s split.Statement, why string, hint string) error {
	return fmt.Errorf("%s: %s: %s\nhint: %s", s.Pos, firstWords(s.Text), why, hint)
}

// arrange groups statements into parts. A file's own single BEGIN … COMMIT is
// taken as the transaction that it runs in anyway, together with its history
// row. COMMIT beside a statement that runs alone is left out: nothing is open
// there. (bloom diff writes it for runners that know less.)
func arrange(list []split.Statement) ([]part, error) {
	var run []int
	for i, s := range list {
		if s.Kind != split.Comment {
			run = append(run, i)
		}
	}
	var errs []error
	a := arranger{list: list, begin: "BEGIN"}
	run, a.own = a.outer(run)
	for k, i := range run {
		var err error
		switch s := list[i]; s.Kind {
		case split.Commit:
			if a.own || !besideAlone(list, run, k) {
				err = refusal(s, "a migration is one transaction, and its own commands for that would end it half-way", "leave BEGIN and COMMIT out, or have one pair around the whole file; what must be apart goes to a file of its own")
			}
		case split.Begin, split.Rollback, split.TwoPhase:
			err = refusal(s, "a migration is one transaction, and its own commands for that would end it half-way", "leave BEGIN and COMMIT out, or have one pair around the whole file; what must be apart goes to a file of its own")
		case split.CopyFromStdin:
			err = refusal(s, "the data of COPY … FROM stdin can't be in a migration", "use INSERT, or load the data with psql")
		case split.Alone:
			err = a.alone(i)
		default:
			if _, _, ok := s.Batches(); ok && !a.own {
				err = a.alone(i)
				break
			}
			a.add(i, run[k+1:])
		}
		errs = append(errs, err)
	}
	return a.parts, errors.Join(errs...)
}

// besideAlone says whether COMMIT stands before or after a statement that runs alone.
func besideAlone(list []split.Statement, run []int, k int) bool {
	return k > 0 && list[run[k-1]].Kind == split.Alone || k+1 < len(run) && list[run[k+1]].Kind == split.Alone
}

type arranger struct {
	list  []split.Statement
	parts []part
	begin string
	own   bool // the file has its own BEGIN … COMMIT
	cut   bool // the next statement begins a new transaction
}

// outer takes away the BEGIN … COMMIT around a file; only SET may stand before it.
func (a *arranger) outer(run []int) ([]int, bool) {
	first := 0
	for first < len(run) && a.list[run[first]].SetsSession() {
		first++
	}
	if first+1 >= len(run) {
		return run, false
	}
	begin, commit := run[first], run[len(run)-1]
	if a.list[begin].Kind != split.Begin || a.list[commit].Kind != split.Commit {
		return run, false
	}
	a.begin = withoutComments(a.list[begin])
	return append(append([]int{}, run[:first]...), run[first+1:len(run)-1]...), true
}

// withoutComments is BEGIN with its options, such as an isolation level.
func withoutComments(s split.Statement) string {
	if options := split.WithoutConstants(s.Text); options != "" {
		return options
	}
	return "BEGIN"
}

func (a *arranger) add(i int, rest []int) {
	if n := len(a.parts); n == 0 || a.parts[n-1].alone || a.cut {
		a.parts = append(a.parts, part{begin: a.begin})
		a.cut = false
	}
	last := &a.parts[len(a.parts)-1]
	last.statements = append(last.statements, i)
	if label, ok := a.list[i].AddsValue(); ok && !a.own {
		for _, later := range rest {
			if _, adds := a.list[later].AddsValue(); !adds && a.list[later].Mentions(label) {
				a.cut = true // a label can't be used in the transaction that adds it
			}
		}
	}
}

func (a *arranger) alone(i int) error {
	s := a.list[i]
	if a.own {
		return refusal(s, "it can't run inside a transaction", "take it out of BEGIN … COMMIT, best into a file of its own")
	}
	if index, _, ok := s.CreatesIndex(); ok && index == "" {
		return refusal(s, "the index has no name", "give it one: without, an interrupted build can't be found again")
	}
	a.parts = append(a.parts, part{statements: []int{i}, alone: true})
	return nil
}

// firstWords is how a statement is called in a message.
func firstWords(text string) string {
	words := strings.Fields(split.WithoutConstants(text))
	if len(words) > 6 {
		words = append(words[:6], "…")
	}
	return strings.Join(words, " ")
}
