package differ

import (
	"fmt"
	"time"

	"bloom/catalog"
	"bloom/parser/analyze"
)

// Memo compares catalogs and remembers what it learned of expressions, so that
// the second comparison of a run (the replayed plan with the desired state) asks
// about what is new only.
type Memo struct {
	// Analysis counts what analysis said of the texts that differ in writing, and Judged what the judge
	// said of those that it did not find equal.
	Analysis, Judged Tally
	// Analysing is the time that analysis took, of the wall clock.
	Analysing time.Duration

	judge   Judge
	answers map[memoKey]analyze.Answer
	last    batch // not among the answers yet: often nobody asks again
}

// batch is questions that were asked together, with their answers.
type batch struct {
	questions []*question
	answers   []analyze.Answer
}

// remember makes the answers of the last batch known.
func (m *Memo) remember() {
	if m.answers == nil {
		m.answers = make(map[memoKey]analyze.Answer, len(m.last.questions))
	}
	for i, q := range m.last.questions {
		m.answers[q.key] = m.last.answers[i]
	}
	m.last = batch{}
}

// Tally counts verdicts.
type Tally struct{ Equal, Different, Unknown int }

func (t *Tally) add(v analyze.Verdict) {
	switch v {
	case analyze.Equal:
		t.Equal++
	case analyze.Different:
		t.Different++
	default:
		t.Unknown++
	}
}

func (t Tally) String() string {
	return fmt.Sprintf("%d equal, %d different, %d unknown", t.Equal, t.Different, t.Unknown)
}

// memoKey is what an answer is remembered under: which expression, and the two texts with the search_paths of their names.
type memoKey struct {
	id               catalog.ID
	path             string
	current, desired text
}

type text struct{ text, path string }

func newMemoKey(id catalog.ID, path string, current, desired catalog.Expr) memoKey {
	return memoKey{id, path, text{current.Text, current.Path}, text{desired.Text, desired.Path}}
}

// NewMemo returns an empty memo. judge may be nil.
func NewMemo(judge Judge) *Memo {
	return &Memo{judge: judge}
}

// ask answers questions, from memory or by analysis and judge.
func (m *Memo) ask(current, desired *catalog.Catalog, qs []*question) []analyze.Answer {
	m.remember()
	answers := make([]analyze.Answer, len(qs))
	var open []analyze.Question
	var at []int
	for i, q := range qs {
		if a, ok := m.answers[q.key]; ok {
			answers[i] = a
		} else {
			open, at = append(open, q.Question), append(at, i)
		}
	}
	if len(open) == 0 {
		return answers
	}
	start := time.Now()
	fresh := analyze.Compare(current, desired, open)
	m.Analysing += time.Since(start)
	for _, a := range fresh {
		m.Analysis.add(a.Verdict)
	}
	m.appeal(open, fresh)
	for i, a := range fresh {
		answers[at[i]] = a
		m.last.questions = append(m.last.questions, qs[at[i]])
	}
	m.last.answers = fresh
	return answers
}

// appeal puts to the judge what analysis did not call equal.
func (m *Memo) appeal(qs []analyze.Question, answers []analyze.Answer) {
	if m.judge == nil {
		return
	}
	var open []analyze.Question
	var at []int
	for i, a := range answers {
		if a.Verdict != analyze.Equal && !a.Spelling {
			open, at = append(open, qs[i]), append(at, i)
		}
	}
	if len(open) == 0 {
		return
	}
	for i, a := range m.judge(open) {
		m.Judged.add(a.Verdict)
		if a.Verdict != analyze.Unknown {
			answers[at[i]] = a
		}
	}
}
