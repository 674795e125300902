// Package parser reads SQL into a catalog.
//
// [Read] splits and parses sources and reports everything that is wrong in any
// of them. [Script.Declare] makes the catalog that the statements describe
// together, whatever their order. [Script.Replay] runs them one after the other
// on a catalog that is there already, as PostgreSQL would.
//
// One interpreter serves both: each statement changes the catalog as it would
// change a database, with all that PostgreSQL does on the way (names it chooses,
// sequences of serial columns, what partitions inherit, what falls with what is
// dropped). A statement that is not modelled is an error.
package parser

import (
	"errors"
	"time"

	"bloom/catalog"
	"bloom/parser/analyze"
)

// Options is what a script is read against.
type Options struct {
	Base       *catalog.Catalog // what exists besides, see catalog.Catalog.Base
	Version    catalog.Version
	Role       string // who runs the statements; empty: unknown
	SearchPath string // empty: DefaultSearchPath
	// DefaultPrivileges are those in force before the first statement.
	DefaultPrivileges []catalog.DefaultPrivilege
	// NewPrivileges are the default privileges of a new database of the platform. Those that files change hold in Declare until they do.
	NewPrivileges []catalog.DefaultPrivilege
	// Missing are extensions that cannot be made, because the server has not their files. What dumps say of them is passed over, with a note.
	Missing map[string]bool
	// PassOverData makes Declare leave out statements about rows, with a note;
	// else they are errors.
	PassOverData bool
	// Analysis, if not nil, is given the time that Declare's analysis of expressions took.
	Analysis *time.Duration
}

// Declare makes the catalog that all statements together describe. A statement
// that names what does not exist yet is tried again after the others. The error
// is an ErrorList with all that is wrong.
func (s *Script) Declare(o Options) (*catalog.Catalog, []Note, error) {
	c := catalog.New()
	c.Base, c.Version, c.Role = o.Base, o.Version, o.Role
	in := newInterpreter(c, o)
	in.privileges = newPrivileges(o)
	in.trees = analyze.NewTrees()
	statements := s.expand(in, s.statements(o))
	in.touchDefaultPrivileges(statements)
	in.beginWithPublic()
	if grantsOnPublic(statements) {
		in.emptyPublic()
	}
	var definitions, grants []*task
	for _, st := range statements {
		t := &task{stmt: st, run: func() error { return in.statement(st) }}
		if afterDefinitions(st.node) {
			grants = append(grants, t)
		} else {
			definitions = append(definitions, t)
		}
	}
	in.settle(definitions)
	in.settle(grants)
	if len(in.errors) == 0 {
		start := time.Now()
		in.resolve()
		if o.Analysis != nil {
			*o.Analysis = time.Since(start)
		}
	}
	in.trees = nil
	in.countRows()
	s.loaded = in.loaded
	in.errors.sortWithin(s.files)
	return c, append(s.notes, in.notes...), in.errors.orNil()
}

// Replay runs the statements in their order, changing c. Statements that fail
// change nothing and are reported, all of them.
func (s *Script) Replay(c *catalog.Catalog, o Options) ([]Note, error) {
	if o.Base == nil {
		o.Base = c.Base
	}
	c.Base = o.Base
	in := newInterpreter(c, o)
	in.replay = true
	in.privileges = newPrivileges(o)
	in.privileges.load(c)
	if c.Len() == 0 {
		in.beginWithPublic()
	}
	for _, st := range s.statements(o) {
		in.attempt(&task{stmt: st, run: func() error { return in.statement(st) }}, true)
	}
	in.resolveRest()
	return append(s.notes, in.notes...), in.errors.orNil()
}

// statements are those of all files in order, with the settings under which
// they are read.
func (s *Script) statements(o Options) []*statement {
	var all []*statement
	for _, f := range s.files {
		f.setSessions(o)
		all = append(all, f.statements...)
	}
	return all
}

// task is a statement, or what is left to do of it.
type task struct {
	stmt *statement
	src  *catalog.Source
	run  func() error
}

// settle runs tasks until none is left that can be done, and reports the others.
func (in *interpreter) settle(pending []*task) {
	in.final = false
	for len(pending) > 0 {
		var next []*task
		for _, t := range pending {
			if !in.attempt(t, false) {
				next = append(next, t)
			}
			next, in.later = append(next, in.later...), nil
		}
		if len(next) >= len(pending) && in.progress == 0 {
			break
		}
		pending, in.progress = next, 0
	}
	in.final = true
	for _, t := range pending {
		in.attempt(t, true)
	}
}

// attempt runs a task. If it fails the catalog is as it was. What is missing is
// an error only the last time.
func (in *interpreter) attempt(t *task, last bool) (done bool) {
	in.begin(t)
	err := t.run()
	if err == nil {
		in.commit()
		in.progress++
		return true
	}
	in.rollback()
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Pos: in.pos(t.stmt.start), Msg: err.Error()}
	}
	if e.temporary {
		return true
	}
	if e.missing && !last {
		return false
	}
	if g := t.stmt.guard; g.duplicate && e.duplicate || g.missing && e.missing {
		return true
	}
	in.errors = append(in.errors, e)
	return true
}
