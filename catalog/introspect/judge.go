package introspect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bloom/catalog"
	"bloom/parser/analyze"
)

// Judge has the server itself say whether two expressions mean the same. The
// server analyses the user's text, as it would if the object were made, and
// sends the tree as a notice; it is compared with the tree that the catalog
// keeps of the current object, or else with that of the server's own text.
//
// Nothing is run or written: all happens in read-only transactions that are
// rolled back, with locks that last for the analysis of one text: ACCESS SHARE,
// and ROW EXCLUSIVE as of any INSERT for a column's default or generated value. No right on the tables
// is needed, only USAGE of the schemas that texts name.
type Judge struct {
	ctx     context.Context
	config  *pgx.ConnConfig
	prepare func(context.Context, *pgx.Conn) error
	version catalog.Version
	live    *catalog.Catalog
	changed func() *changedNames
	states  []*catalog.Catalog
	asker   string // see sessionOf
	memory  *memory
	session *judgeSession
	problem error
}

// NewJudge returns a judge on the server that conn is connected to. It opens a
// connection of its own when it is asked first, because notices have to be
// caught from the start; prepare, if not nil, is run on that, to change the role for one.
//
// live is what Database read from the server, and states are those that questions
// are about. What a text mentions must be the same in all of
// them, because the server only knows its own.
func NewJudge(ctx context.Context, conn *pgx.Conn, prepare func(context.Context, *pgx.Conn) error, live *catalog.Catalog, states ...*catalog.Catalog) *Judge {
	j := &Judge{
		ctx: ctx, config: conn.Config(), prepare: prepare, live: live, changed: sync.OnceValue(func() *changedNames { return newChangedNames(live, states) }),
		states: append([]*catalog.Catalog{live}, states...), asker: sessionOf(conn),
	}
	j.version, j.problem = serverVersion(conn.PgConn())
	return j
}

// Remember has the judge keep what it calls equal in a file of folder dir, and
// look there before it asks the server. The folder is made when it is needed.
func (j *Judge) Remember(dir string) {
	j.memory = newMemory(dir, j.asker, j.states...)
}

func (j *Judge) major() int { return j.version.Major() }

// Problem says why the judge can't be used; nil if it can be, or was not asked
// yet. It is for printing once: every answer is Unknown then.
func (j *Judge) Problem() error { return j.problem }

// Close closes the judge's connection.
func (j *Judge) Close() {
	if j.session != nil {
		j.session.close()
		j.session = nil
	}
}

// inCourt is a question on its way to an answer.
type inCourt struct {
	inquiry
	question         analyze.Question
	current, desired catalog.Expr
	answer           *analyze.Answer
	tree             *treeNode // of the desired text
	stored           *treeNode // of the current object, if it can be compared
}

// Decide answers questions. A few round trips to the server are enough for any
// number of them.
func (j *Judge) Decide(questions []analyze.Question) []analyze.Answer {
	if j.memory != nil {
		return j.memory.recall(questions, j.ask)
	}
	return j.ask(questions)
}

func (j *Judge) ask(questions []analyze.Question) []analyze.Answer {
	answers := make([]analyze.Answer, len(questions))
	var cases []*inCourt
	for i, q := range questions {
		c, err := j.admit(q)
		if err != nil {
			answers[i].Reason = err.Error()
			continue
		}
		c.answer = &answers[i]
		c.answer.Reason = "the server gave no answer"
		cases = append(cases, c)
	}
	if len(cases) == 0 {
		return answers
	}
	err := j.problem
	if err == nil {
		err = j.hear(cases)
	}
	if err != nil {
		j.problem = fmt.Errorf("the server can't be asked what expressions mean: %w", err)
		j.Close()
		for i := range answers {
			answers[i] = analyze.Answer{Reason: j.problem.Error()}
		}
	}
	return answers
}

// admit prepares a question; the error says why the server can't be asked it.
func (j *Judge) admit(q analyze.Question) (*inCourt, error) {
	c := &inCourt{question: q}
	current, ok := exprAt(q.Current, q.Path)
	desired, ok2 := exprAt(q.Desired, q.Path)
	if !ok || !ok2 || q.Current.ID().Kind != q.Desired.ID().Kind {
		return nil, errors.New("there is no expression on both sides")
	}
	c.current, c.desired = current, desired
	var err error
	if c.inquiry, err = j.newInquiry(q); err != nil {
		return nil, err
	}
	texts := desired.Text + "\n" + catalog.Quote(c.implied)
	if current.Path != "" { // not the server's own
		texts += "\n" + current.Text
	}
	if name := j.changed().mentioned(texts, c.relations); name != "" {
		return nil, fmt.Errorf("it depends on %s, which changes too", name)
	}
	return c, nil
}

func exprAt(o catalog.Object, path string) (catalog.Expr, bool) {
	for _, f := range catalog.Exprs(o) {
		if f.Path == path {
			return f.Expr, true
		}
	}
	return catalog.Expr{}, false
}

// hear has the cases decided in a transaction. An error means that it cannot be asked at all.
func (j *Judge) hear(cases []*inCourt) error {
	if j.session == nil {
		s, err := openJudgeSession(j.ctx, j.config, j.prepare)
		if err != nil {
			return err
		}
		j.session = s
	}
	if err := j.decide(cases); err != nil {
		return err
	}
	return j.session.end()
}

func (j *Judge) decide(cases []*inCourt) error {
	stored, queries := storedFor(cases)
	if err := j.session.begin(j.ctx, queries); err != nil {
		return err
	}
	// The same path together: the server looks up fewer things anew.
	slices.SortStableFunc(cases, func(a, b *inCourt) int { return strings.Compare(a.desired.Path, b.desired.Path) })
	probe := &asked{sql: "SELECT 1"}
	list := []*asked{probe}
	for _, c := range cases {
		list = append(list, &asked{path: c.desired.Path, sql: c.sql(c.desired.Text)})
	}
	if err := j.session.ask(list); err != nil {
		return err
	}
	if probe.err != nil {
		return fmt.Errorf("%w; a pooler may be in the way: connect to the database itself", probe.err)
	}
	var open []*inCourt
	for i, c := range cases {
		if q := stored[c.inquiry.stored.kind]; q != nil && c.current.Path == "" {
			c.stored = q.tree(c.inquiry.stored, c.current.Text)
		}
		if !c.hearDesired(list[i+1]) {
			open = append(open, c)
		}
	}
	return j.appeal(open)
}

// storedFor makes the queries for the trees that the catalog keeps.
func storedFor(cases []*inCourt) (map[storedKind]*storedQuery, []*storedQuery) {
	byKind := map[storedKind]*storedQuery{}
	var queries []*storedQuery
	for _, c := range cases {
		at := c.inquiry.stored
		if at.kind == storedNone || c.current.Path != "" {
			continue
		}
		q := byKind[at.kind]
		if q == nil {
			q = newStoredQuery(at.kind)
			byKind[at.kind] = q
			queries = append(queries, q)
		}
		q.add(at.key)
	}
	return byKind, queries
}

// hearDesired takes the server's reply about the desired text. It reports
// whether that settles the case.
func (c *inCourt) hearDesired(a *asked) bool {
	tree, err := c.read(a, c.question.Desired)
	if err != nil {
		c.answer.Reason = "the server can't read the declared text: " + reasonOf(err)
		return true
	}
	c.tree = tree
	if c.stored != nil {
		named, err := withNames(c.stored, c.question.Current)
		if err == nil && named.equal(tree) {
			*c.answer = analyze.Answer{Verdict: analyze.Equal}
			return true
		}
	}
	return false
}

// appeal asks about the current text of what is not the stored tree.
func (j *Judge) appeal(cases []*inCourt) error {
	var ours, theirs []*inCourt
	for _, c := range cases {
		if c.current.Path == "" {
			theirs = append(theirs, c)
		} else {
			ours = append(ours, c)
		}
	}
	if err := j.askCurrent(ours); err != nil || len(theirs) == 0 {
		return err
	}
	j.session.pinServerText()
	return j.askCurrent(theirs)
}

func (j *Judge) askCurrent(cases []*inCourt) error {
	if len(cases) == 0 {
		return nil
	}
	var list []*asked
	for _, c := range cases {
		list = append(list, &asked{path: c.current.Path, sql: c.sql(c.current.Text)})
	}
	if err := j.session.ask(list); err != nil {
		return err
	}
	for i, c := range cases {
		tree, err := c.read(list[i], c.question.Current)
		switch {
		case err != nil && c.stored != nil:
			*c.answer = analyze.Answer{Verdict: analyze.Different, Reason: difference(c.stored, c.tree)}
		case err != nil:
			c.answer.Reason = "the server can't read the current text: " + reasonOf(err)
		case tree.equal(c.tree):
			*c.answer = analyze.Answer{Verdict: analyze.Equal}
		default:
			*c.answer = analyze.Answer{Verdict: analyze.Different, Reason: difference(tree, c.tree)}
		}
	}
	return nil
}

// read picks the part that matters out of a reply.
func (c *inCourt) read(a *asked, o catalog.Object) (*treeNode, error) {
	if a.err != nil {
		return nil, a.err
	}
	tree, err := c.pick(a.tree)
	if err != nil {
		return nil, err
	}
	return withNames(tree, o)
}

func reasonOf(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Message
	}
	return err.Error()
}
