package differ

import (
	"bloom/catalog"
	"bloom/parser/analyze"
)

// Memo compares catalogs and remembers what it learned of expressions, so that
// the second comparison of a run (the replayed plan with the desired state) asks
// about what is new only.
type Memo struct {
	judge   Judge
	answers map[memoKey]analyze.Answer
}

type memoKey struct {
	id               catalog.ID
	path             string
	current, desired catalog.Expr
}

// NewMemo returns an empty memo. judge may be nil.
func NewMemo(judge Judge) *Memo { return &Memo{judge, map[memoKey]analyze.Answer{}} }

// ask answers questions, from memory or by analysis and judge.
func (m *Memo) ask(current, desired *catalog.Catalog, qs []question) []analyze.Answer {
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
	fresh := analyze.Compare(current, desired, open)
	m.appeal(open, fresh)
	for i, a := range fresh {
		answers[at[i]] = a
		m.answers[qs[at[i]].key] = a
	}
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
		if a.Verdict != analyze.Equal {
			open, at = append(open, qs[i]), append(at, i)
		}
	}
	if len(open) == 0 {
		return
	}
	for i, a := range m.judge(open) {
		if a.Verdict != analyze.Unknown {
			answers[at[i]] = a
		}
	}
}
