// Package differ compares two catalogs. It names no kind: what an object is made
// of is the catalog's to say, and whether two texts mean the same is asked of
// parser/analyze and then of a judge.
package differ

import (
	"reflect"
	"slices"

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
	identical        bool           // the texts of expressions too
	questions        []question
	answers          []analyze.Answer
}

func newPair(current, desired catalog.Object) *pair {
	p := &pair{current: current, desired: desired, desiredSettled: desired}
	if s, ok := desired.(catalog.Settler); ok {
		p.desiredSettled = s.Settle(current)
	}
	if p.identical = identical(p.current, p.desiredSettled); p.identical {
		return p
	}
	exprs := catalog.Exprs(desired)
	if len(exprs) == 0 {
		return p
	}
	theirs := catalog.Exprs(current)
	for _, f := range exprs {
		if e, ok := exprAt(theirs, f.Path); ok && !e.Equal(f.Expr) {
			q := analyze.Question{Path: f.Path, Current: current, Desired: p.desiredSettled}
			p.questions = append(p.questions, question{q, newMemoKey(desired.ID(), f.Path, e, f.Expr)})
		}
	}
	return p
}

// exprAt is the expression of a field; an object has few of them.
func exprAt(exprs []catalog.ExprField, path string) (catalog.Expr, bool) {
	for _, f := range exprs {
		if f.Path == path {
			return f.Expr, true
		}
	}
	return catalog.Expr{}, false
}

// decide asks about all pairs at once.
func (d *diff) decide(pairs []*pair) {
	n := 0
	for _, p := range pairs {
		n += len(p.questions)
	}
	if n == 0 {
		return
	}
	qs := make([]*question, 0, n)
	for _, p := range pairs {
		for i := range p.questions {
			qs = append(qs, &p.questions[i])
		}
	}
	answers := d.memo.ask(d.current, d.desired, qs)
	for _, p := range pairs {
		n := len(p.questions)
		p.answers, answers = answers[:n], answers[n:]
	}
}

// fields lists what differs between the two states and the doubts among it.
func (p *pair) fields() (fields, doubts []string) {
	if p.identical {
		return nil, nil
	}
	equal := make([]string, 0, len(p.questions)) // the fields whose texts mean the same
	for i, q := range p.questions {
		switch p.answers[i].Verdict {
		case analyze.Equal:
			equal = append(equal, q.Path)
		case analyze.Unknown:
			doubts = append(doubts, q.Path)
		}
	}
	same := p.desiredSettled
	if len(equal) > 0 {
		theirs := catalog.Exprs(p.current)
		same = catalog.WithExprs(same, func(path string, e catalog.Expr) catalog.Expr {
			if slices.Contains(equal, path) {
				e, _ = exprAt(theirs, path)
			}
			return e
		})
	}
	if reflect.DeepEqual(p.current, same) {
		return nil, doubts
	}
	return differing(p.current, same), doubts
}

// changes compares the objects of the two catalogs one by one. What differs stands in the order of their IDs,
// whoever worked it out first.
func (d *diff) changes(renamed map[catalog.ID]catalog.ID) []Change {
	taken := map[catalog.ID]catalog.ID{}
	for from, to := range renamed {
		taken[to] = from
	}
	desired := objects(d.desired)
	paired := make([]*pair, len(desired)) // nil where there is no current object
	inParallel(len(desired), func(i int) {
		id := desired[i].ID()
		if from, ok := taken[id]; ok {
			id = from
		}
		if cur := d.current.Get(id); cur != nil {
			paired[i] = newPair(cur, desired[i])
		}
	})
	var changes []Change
	var pairs []*pair
	for i, p := range paired {
		switch {
		case p == nil:
			changes = append(changes, Change{Op: Create, Desired: desired[i]})
		case !p.identical:
			pairs = append(pairs, p)
		}
	}
	d.decide(pairs)
	return slices.Concat(changes, altered(pairs), d.dropped(renamed))
}

// altered lists the pairs that differ.
func altered(pairs []*pair) []Change {
	found := make([]Change, len(pairs))
	inParallel(len(pairs), func(i int) {
		p := pairs[i]
		if fields, doubts := p.fields(); len(fields) > 0 {
			found[i] = Change{Op: Alter, Current: p.current, Desired: p.desired, Fields: fields, Doubts: doubts}
		}
	})
	return slices.DeleteFunc(found, func(c Change) bool { return c.Current == nil })
}

// dropped lists the current objects that are not desired, under no name.
func (d *diff) dropped(renamed map[catalog.ID]catalog.ID) []Change {
	var changes []Change
	for id, o := range d.current.All() {
		if _, gone := renamed[id]; !gone && !d.desired.Has(id) {
			changes = append(changes, Change{Op: Drop, Current: o})
		}
	}
	return changes
}

func objects(c *catalog.Catalog) []catalog.Object {
	out := make([]catalog.Object, 0, c.Len())
	for _, o := range c.All() {
		out = append(out, o)
	}
	return out
}
