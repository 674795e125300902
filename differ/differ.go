// Package differ compares two catalogs. It names no kind: what an object is made
// of is the catalog's to say, and whether two texts mean the same is asked of
// parser/analyze and then of a judge.
package differ

import (
	"reflect"

	"bloom/catalog"
	"bloom/parser/analyze"
)

// Op is what has to be done to an object.
type Op int

const (
	Create Op = iota
	Alter
	Drop
)

func (op Op) String() string { return [...]string{"create", "alter", "drop"}[op] }

// Change is one object that differs. An object that only has another name is
// altered: Current and Desired then have different IDs.
type Change struct {
	Op               Op
	Current, Desired catalog.Object // nil where there is none
	Fields           []string       // what differs, for people
	// Doubts names the expressions that nobody could decide about: the change
	// may be none.
	Doubts []string
}

// ID is that of the desired object, or of the current one if it goes.
func (c Change) ID() catalog.ID {
	if c.Desired != nil {
		return c.Desired.ID()
	}
	return c.Current.ID()
}

// Judge decides questions that analysis did not answer with Equal.
type Judge func([]analyze.Question) []analyze.Answer

// Diff compares two catalogs. The desired one may be adjusted: objects without a
// name of their own take that of the current object which they match.
func (m *Memo) Diff(current, desired *catalog.Catalog) []Change {
	d := &diff{current: current, desired: desired, memo: m}
	return d.changes(d.match())
}

type diff struct {
	current, desired *catalog.Catalog
	memo             *Memo
}

// question is one for analysis, with what the answer is remembered under.
type question struct {
	analyze.Question
	key memoKey
}

// pair is two states of an object and what is known of their equality.
type pair struct {
	current, desired catalog.Object
	desiredSettled   catalog.Object // desired with what it leaves open taken from current
	questions        []question
	answers          []analyze.Answer
}

func newPair(current, desired catalog.Object) *pair {
	p := &pair{current: current, desired: desired, desiredSettled: desired}
	if s, ok := desired.(catalog.Settler); ok {
		p.desiredSettled = s.Settle(current)
	}
	if reflect.DeepEqual(p.current, p.desiredSettled) {
		return p
	}
	exprs := catalog.Exprs(desired)
	if len(exprs) == 0 {
		return p
	}
	theirs := exprsByPath(current)
	for _, f := range exprs {
		if e, ok := theirs[f.Path]; ok && !e.Equal(f.Expr) {
			q := analyze.Question{Path: f.Path, Current: current, Desired: p.desiredSettled}
			p.questions = append(p.questions, question{q, memoKey{desired.ID(), f.Path, e, f.Expr}})
		}
	}
	return p
}

func exprsByPath(o catalog.Object) map[string]catalog.Expr {
	exprs := catalog.Exprs(o)
	m := make(map[string]catalog.Expr, len(exprs))
	for _, f := range exprs {
		m[f.Path] = f.Expr
	}
	return m
}

// decide asks about all pairs at once.
func (d *diff) decide(pairs []*pair) {
	var qs []question
	for _, p := range pairs {
		qs = append(qs, p.questions...)
	}
	if len(qs) == 0 {
		return
	}
	answers := d.memo.ask(d.current, d.desired, qs)
	for _, p := range pairs {
		n := len(p.questions)
		p.answers, answers = answers[:n], answers[n:]
	}
}

// fields lists what differs between the two states and the doubts among it.
func (p *pair) fields() (fields, doubts []string) {
	verdicts := map[string]analyze.Verdict{}
	for i, q := range p.questions {
		verdicts[q.Path] = p.answers[i].Verdict
		if p.answers[i].Verdict == analyze.Unknown {
			doubts = append(doubts, q.Path)
		}
	}
	theirs := exprsByPath(p.current)
	same := catalog.WithExprs(p.desiredSettled, func(path string, e catalog.Expr) catalog.Expr {
		if verdicts[path] == analyze.Equal {
			return theirs[path]
		}
		return e
	})
	if reflect.DeepEqual(p.current, same) {
		return nil, doubts
	}
	return differing(p.current, same), doubts
}

func (d *diff) changes(renamed map[catalog.ID]catalog.ID) []Change {
	var changes []Change
	var pairs []*pair
	gone := map[catalog.ID]bool{}
	for from := range renamed {
		gone[from] = true
	}
	taken := map[catalog.ID]catalog.ID{}
	for from, to := range renamed {
		taken[to] = from
	}
	for id, o := range d.desired.All() {
		if from, ok := taken[id]; ok {
			pairs = append(pairs, newPair(d.current.Get(from), o))
			continue
		}
		if cur := d.current.Get(id); cur != nil {
			pairs = append(pairs, newPair(cur, o))
			continue
		}
		changes = append(changes, Change{Op: Create, Desired: o})
	}
	d.decide(pairs)
	for _, p := range pairs {
		if reflect.DeepEqual(p.current, p.desiredSettled) {
			continue
		}
		if fields, doubts := p.fields(); len(fields) > 0 {
			changes = append(changes, Change{Op: Alter, Current: p.current, Desired: p.desired, Fields: fields, Doubts: doubts})
		}
	}
	for id, o := range d.current.All() {
		if !d.desired.Has(id) && !gone[id] {
			changes = append(changes, Change{Op: Drop, Current: o})
		}
	}
	return changes
}
