// Package planner turns the differences between two catalogs into a migration:
// SQL statements in an order that works, with what is dangerous about them and
// where a transaction has to end.
//
// [Plan] goes in five steps. It decides for each change whether the object is
// created, altered, dropped or replaced (rules.go: a rule per kind). It spreads
// replacement to what stands in the way of it (replace.go). It gathers objects
// that one statement makes, where it can in the words of the user's own file
// (gather.go). It orders the statements by the dependencies of both catalogs
// (order.go). And it cuts the result into transactions (migration.go).
//
// Everything here is deterministic, and nothing says CASCADE.
package planner

import (
	"errors"
	"slices"

	"bloom/catalog"
	"bloom/differ"
)

// Online says whether forms that do not block a table's users are chosen.
type Online string

const (
	OnlineAuto   Online = "auto" // where the table has rows
	OnlineAlways Online = "always"
	OnlineNever  Online = "never"
)

// Options choose the forms of statements.
type Options struct {
	Online      Online
	AssumeEmpty bool // no table has rows
	// BrokenBody reports whether the text of a routine in language sql names what is
	// not there. A database has such routines when what they name was dropped later.
	BrokenBody func(*catalog.Catalog, catalog.Routine) bool
	// Locks says what the text of a statement locks. Without it, nothing is said about locks.
	Locks func(sql string) []catalog.Lock
}

// Plan makes the migration that brings a database in state current to desired.
// changes is what differ.Diff says of the two.
func Plan(current, desired *catalog.Catalog, changes []differ.Change, o Options) (*Migration, error) {
	s := newState(current, desired, o)
	s.decide(changes)
	s.spread()
	s.settleExpansions()
	if len(s.errs) > 0 {
		return nil, errors.Join(s.errs...)
	}
	nodes, err := s.order()
	if len(s.errs) > 0 {
		return nil, errors.Join(s.errs...)
	}
	if err != nil {
		return nil, err
	}
	s.warn(nodes)
	s.lock(nodes)
	m := s.migration(nodes)
	m.Suspects = s.suspects
	for i := range m.Units {
		s.lockHazards(&m.Units[i])
	}
	s.checkRemade(m)
	s.checkRejoined(m)
	if len(s.errs) > 0 {
		return nil, errors.Join(s.errs...)
	}
	return m, nil
}

// state is a plan in the making.
type state struct {
	current, desired *catalog.Catalog
	options          Options
	role             string // who will run the migration
	rules            map[catalog.Kind]renderer
	defaults         map[catalog.Kind][]catalog.DefaultPrivilege // in force for role, by class; nil until asked for

	making    map[catalog.ID]bool        // desired objects to be created
	altering  map[catalog.ID]*alteration // by desired ID
	gone      map[catalog.ID]catalog.ID  // current object → the one whose drop takes it along: itself, if it is dropped by a statement
	known     map[catalog.ID]catalog.ID  // current object → desired one, where the name differs
	reason    map[catalog.ID]catalog.ID  // rebuilt current object → what forced it
	before    []edge                     // order that the dependencies do not tell
	apart     map[catalog.ID]bool        // not in the statement of its table: a cycle was cut there
	swapped   map[catalog.ID]bool        // types that a new one takes the place of, without what was said about the old one
	early     map[catalog.ID]bool        // current object dropped by itself although its parent goes too: a cycle was cut there
	said      map[catalog.ID]bool        // covered by the user's own text
	owning    map[catalog.ID]bool        // sequences that get another owner column, or theirs again
	remade    map[catalog.ID]catalog.ID  // current table that is dropped and made again with its rows → the one at the head of its partitions
	why       map[catalog.ID]string      // what a table is remade for
	parked    map[catalog.ID]*parking    // current columns that are text for some steps, and typed tables that are ordinary ones
	freed     map[catalog.ID]bool        // sequences that stay while the table of their column is remade
	inherited []inheritance              // privileges that come with a change of owner
	names     map[catalog.QName]bool     // see usedNames; nil until asked for
	errs      []error

	expanding map[catalog.ID]*expansion // desired columns that take the place of one of another type (online_type.go)
	rigid     map[catalog.ID]string     // columns that do not, and why

	indexNames map[catalog.QName]bool // see inUse; nil until asked for

	suspects   []Rename                        // what may be renames
	references []catalog.Constraint            // see foreignKeys; nil until asked for
	bodies     map[string][]catalog.ID         // see mentions; nil until asked for
	indexed    map[catalog.QName]catalog.QName // see tablesOfIndexes; nil until asked for
}

// alteration is an object that is changed in place.
type alteration struct {
	current, want, desired catalog.Object
	statements             []Statement
	blockers               []catalog.ID // current objects that have to go before and come back after
}

func newState(current, desired *catalog.Catalog, o Options) *state {
	role := current.Role
	if role == "" {
		role = desired.Role
	}
	return &state{
		current: current, desired: desired, options: o, role: role, rules: rules(),
		making: map[catalog.ID]bool{}, altering: map[catalog.ID]*alteration{}, gone: map[catalog.ID]catalog.ID{},
		known: map[catalog.ID]catalog.ID{}, reason: map[catalog.ID]catalog.ID{},
		apart: map[catalog.ID]bool{}, early: map[catalog.ID]bool{}, swapped: map[catalog.ID]bool{}, owning: map[catalog.ID]bool{},
		remade: map[catalog.ID]catalog.ID{}, why: map[catalog.ID]string{}, freed: map[catalog.ID]bool{}, parked: map[catalog.ID]*parking{},
		expanding: map[catalog.ID]*expansion{}, rigid: map[catalog.ID]string{},
	}
}

// decide sorts the changes into what is made, altered and dropped.
func (s *state) decide(changes []differ.Change) {
	changes = retarget(s.pairSequences(changes))
	for _, c := range changes {
		switch c.Op {
		case differ.Create:
			s.making[c.Desired.ID()] = true
		case differ.Alter:
			if from, to := c.Current.ID(), c.Desired.ID(); from != to {
				s.known[from] = to
			}
			s.altering[c.Desired.ID()] = &alteration{current: c.Current, want: wanted(c), desired: c.Desired}
		}
	}
	for _, c := range changes {
		if c.Op == differ.Drop {
			s.remove(c.Current.ID())
		}
	}
	s.inheritPrivileges()
	s.releaseKeys()
	for _, id := range sortedIDs(s.altering) {
		a := s.altering[id]
		if a == nil || s.isGone(a.current.ID()) {
			continue
		}
		rule := s.rules[id.Kind]
		after, statements := rule.alter(s, a.current, a.want)
		if !differ.Equal(after, a.want) {
			s.replace(a, after)
			continue
		}
		a.statements, a.blockers = statements, rule.blockers(s, a.current, a.want)
	}
}

// desiredID is the ID that a current object has in the desired catalog, if it is there.
func (s *state) desiredID(id catalog.ID) catalog.ID {
	if to, ok := s.known[id]; ok {
		return to
	}
	return id
}

// fresh reports whether the relation is made by this plan: nothing is in it and nobody uses it.
func (s *state) fresh(schema, name string) bool {
	id, ok := s.desired.Relation(schema, name)
	return ok && s.making[id] || !s.inCurrent(schema, name)
}

func (s *state) inCurrent(schema, name string) bool {
	_, ok := s.current.Relation(schema, name)
	return ok
}

func sortedIDs[V any](m map[catalog.ID]V) []catalog.ID {
	ids := make([]catalog.ID, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, catalog.ID.Compare)
	return ids
}
