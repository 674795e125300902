package analyze

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"bloom/catalog"
)

// Compare answers questions about two catalogs.
func Compare(current, desired *catalog.Catalog, questions []Question) []Answer {
	c := &comparison{current: envOf(current), questions: questions, answers: make([]Answer, len(questions))}
	c.desired = c.current
	if desired != current {
		c.desired = envOf(desired)
	}
	c.run()
	return c.answers
}

// exprAt is the expression of a field. Those of which a schema has most are at hand.
func exprAt(o catalog.Object, path string) catalog.Expr {
	switch o := o.(type) {
	case catalog.Default:
		if path == "Expr" {
			return o.Expr
		}
	case catalog.Policy:
		switch path {
		case "Using":
			return o.Using
		case "WithCheck":
			return o.WithCheck
		}
	case catalog.Constraint:
		if path == "Check" {
			return o.Check
		}
	}
	for _, f := range catalog.Exprs(o) {
		if f.Path == path {
			return f.Expr
		}
	}
	return catalog.Expr{}
}

// comparison is one call of Compare.
type comparison struct {
	current, desired *env
	questions        []Question
	answers          []Answer
}

// run parses and answers a chunk of the questions at a time, in parallel. The trees
// of a large schema take a lot of memory: those of a chunk are given up with it.
func (c *comparison) run() {
	inParallel((len(c.questions)+chunk-1)/chunk, func(i int) {
		at, end := i*chunk, min((i+1)*chunk, len(c.questions))
		asked := c.ask(c.questions[at:end])
		for k := range asked {
			c.answers[at+k] = c.answer(&asked[k])
		}
	})
}

// asked is a question with its current and its desired expression.
type asked struct {
	Question
	ours, theirs       source
	ourTree, theirTree parsed // theirTree: only if the expression is not analysed yet
	known              result // the desired expression, if it is analysed
	isKnown            bool
}

// ask parses what has to be parsed to answer some questions.
func (c *comparison) ask(questions []Question) []asked {
	out := make([]asked, len(questions))
	ours := make([]source, len(questions))
	var open []source // the desired expressions that are not analysed yet
	var places []int
	for i, q := range questions {
		x := &out[i]
		x.Question = q
		x.ours = source{q.Current, q.Path, exprAt(q.Current, q.Path)}
		x.theirs = source{q.Desired, q.Path, exprAt(q.Desired, q.Path)}
		ours[i] = x.ours
		if x.known, x.isKnown = c.desired.found(x.theirs); !x.isKnown {
			open, places = append(open, x.theirs), append(places, i)
		}
	}
	for i, p := range parseAll(ours) {
		out[i].ourTree = p
	}
	for i, p := range parseAll(open) {
		out[places[i]].theirTree = p
	}
	return out
}

// inParallel calls f for 0 to n-1 on all processors.
func inParallel(n int, f func(int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}

func (c *comparison) answer(q *asked) Answer {
	for side, p := range []parsed{q.ourTree, q.theirTree} {
		if p.err != nil {
			return Answer{Verdict: Unknown, Reason: fmt.Sprintf("the %s expression %v", [...]string{"current", "desired"}[side], p.err)}
		}
	}
	l, r := c.current.analyze(q.ours, q.ourTree.tree), q.known
	if !q.isKnown {
		r = c.desired.analyze(q.theirs, q.theirTree.tree)
	}
	answer := decide(q, l, r)
	if answer.Verdict == Equal {
		return answer
	}
	theirs := q.theirTree
	if q.isKnown {
		if theirs = parseOne(q.theirs); theirs.err != nil {
			return answer
		}
	}
	if sameRaw(c.current, c.desired, q.ours, q.theirs, q.ourTree.tree, theirs.tree) {
		answer.Verdict = Equal
		return answer
	}
	if c.typesChange(q.Question, l.refs) {
		// PostgreSQL reads the expression anew when it changes the type of a column in it
		anew := source{q.Desired, q.Path, q.ours.expr}
		if again := decide(q, c.desired.analyze(anew, q.ourTree.tree), r); again.Verdict == Equal {
			return again
		}
	}
	return answer
}

// decide compares two analysed expressions.
func decide(q *asked, l, r result) Answer {
	for side, x := range []result{l, r} {
		for _, t := range x.troubles {
			if t.class == notUnderstood {
				return Answer{Verdict: Unknown, Reason: fmt.Sprintf("the %s expression is not understood: %s", [...]string{"current", "desired"}[side], t.msg)}
			}
		}
	}
	d := compareTrees(l.node, r.node)
	if d == nil {
		if reason := differentColumns(q.Question, l, r); reason != "" {
			return Answer{Verdict: Different, Reason: reason}
		}
		if reason := differentSpelling(l.spellings, r.spellings, q.theirs.expr.Text); reason != "" {
			return Answer{Verdict: Different, Reason: reason, Spelling: true}
		}
		return Answer{Verdict: Equal, Reason: assumption(l, r)}
	}
	if d.certain {
		return Answer{Verdict: Different, Reason: d.reason}
	}
	return Answer{Verdict: Unknown, Reason: d.reason + "; " + assumption(l, r)}
}

// assumption says what is not known, empty if all is.
func assumption(l, r result) string {
	for _, x := range []result{r, l} {
		if len(x.troubles) > 0 {
			return x.troubles[0].msg
		}
	}
	return ""
}

// differentColumns compares the names of a view's columns, which are no part of its query's tree.
func differentColumns(q Question, l, r result) string {
	cur, ok1 := q.Current.(catalog.View)
	des, ok2 := q.Desired.(catalog.View)
	if !ok1 || !ok2 {
		return ""
	}
	a, b := viewFields(cur, l.columns), viewFields(des, r.columns)
	for i := range min(len(a), len(b)) {
		if a[i].name != b[i].name {
			return fmt.Sprintf("column %d is named %s, not %s", i+1, a[i].name, b[i].name)
		}
	}
	return ""
}

// typesChange reports whether a column that the current expression uses, or is for, has another type in the
// desired catalog.
func (c *comparison) typesChange(q Question, refs []catalog.ID) bool {
	if d, ok := q.Current.(catalog.Default); ok && c.typeChanges(d.ID()) {
		return true
	}
	if cur, ok := q.Current.(catalog.Column); ok {
		if des, ok := q.Desired.(catalog.Column); ok && cur.Type != des.Type {
			return true
		}
	}
	for _, id := range refs {
		if id.Kind == catalog.KindColumn && c.typeChanges(id) {
			return true
		}
	}
	return false
}

func (c *comparison) typeChanges(id catalog.ID) bool {
	l, r := c.current.relation(id.Schema, id.Table), c.desired.relation(id.Schema, id.Table)
	if l == nil || r == nil {
		return false
	}
	f, ok1 := l.field(id.Name)
	g, ok2 := r.field(id.Name)
	return ok1 && ok2 && (f.typ != g.typ || f.mods != g.mods)
}
