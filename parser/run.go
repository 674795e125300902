package parser

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// In a replay a DO block is run, as far as what it does depends on nothing but
// the catalog: conditions and loops over system catalogs are answered from the
// catalog in memory, EXECUTE runs the text that its expression makes. What asks
// for rows of the project's tables, or for more of SQL than evaluation knows,
// leaves the block as a whole without effect, and a note says so.

// unknownError says what could not be evaluated.
type unknownError struct {
	what    string
	text    string // words that the value has, if those are known
	whole   bool   // it has no others
	notNull bool   // it is not NULL
}

func (e *unknownError) Error() string { return e.what }

func unknownf(format string, args ...any) error {
	return &unknownError{what: fmt.Sprintf(format, args...)}
}

// raisedError is an exception that the block itself raises.
type raisedError struct{ condition string }

func (e *raisedError) Error() string { return "raises an exception" }

// run is a DO block being run.
type run struct {
	in     *interpreter
	outer  *statement
	line   int   // of the file, on which the code starts
	slots  []int // of each variable: the first of its name
	names  []string
	vars   []any
	kept   []undo           // what the statements so far changed
	views  map[string][]row // rows of system catalogs since the last change
	steps  int
	failed error // why the effect of a function that was called is not known
	fixed  bool  // positions are the statement's: the code is a function's, made elsewhere
	depth  int   // of calls
	// numbered are the results of row_number() for the rows of a query.
	numbered map[*pg.FuncCall]map[*runScope]int64
}

// maxSteps ends loops that do not end.
const maxSteps = 10_000

// do runs a DO block in a replay.
func (in *interpreter) do(n *pg.DoStmt) error {
	r := &run{in: in, outer: in.stmt}
	return in.end(r, "this DO block", r.block(n))
}

// end keeps what a run did, or takes it back and says what of it is not known.
func (in *interpreter) end(r *run, what string, err error) error {
	if err == nil {
		err = r.failed
	}
	if err == nil {
		in.stmt = r.outer
		return nil
	}
	in.journal = r.kept
	in.rollbackTo(0)
	in.stmt = r.outer
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	in.unreplayed(what + ": " + err.Error())
	return nil
}

func (r *run) block(n *pg.DoStmt) error {
	source := ""
	for _, d := range elems(n.GetArgs()) {
		switch d.GetDefname() {
		case "language":
			if l := constText(d.GetArg()); l != "plpgsql" {
				return unknownf("it is in %s", l)
			}
		case "as":
			source = constText(d.GetArg())
		}
	}
	f, err := r.load("DO $bloom_do$" + source + "$bloom_do$")
	if err != nil {
		return err
	}
	for _, t := range r.outer.tokens.list {
		if t.kind == text {
			r.line = r.outer.file.pos(t.start).Line
			break
		}
	}
	r.declare(f)
	if _, err = r.enter(f, f.Action.Block, -1); err != nil {
		return err
	}
	return nil
}

// flow is how a list of statements ended.
type flow struct {
	kind  flowKind
	label string
	value any // of RETURN
}

type flowKind byte

const (
	flowOn flowKind = iota
	flowExit
	flowContinue
	flowReturn
)

// enter gives the variables of a block their first values and runs it.
func (r *run) enter(f plFunction, b *plBlock, above int) (flow, error) {
	for i, d := range f.Datums {
		if v := d.Var; v != nil && !v.implied() && v.Line > above && (v.Line <= b.Line || b.Line == 0) {
			r.vars[r.slots[i]] = nil
			if v.Default != nil {
				r.vars[r.slots[i]] = r.hold(v.Default.Expr.Query)
			}
		}
	}
	mark := len(r.kept)
	end, err := r.list(f, b.Body, b.Line)
	if err == nil || b.Exceptions == nil {
		return end, err
	}
	for _, x := range b.Exceptions.Block.List {
		if !x.Exception.catches(err) {
			continue
		}
		r.in.journal = r.kept
		r.in.rollbackTo(mark)
		r.kept, r.in.journal, r.views = r.kept[:mark:mark], nil, nil
		return r.list(f, x.Exception.Action, b.Line)
	}
	return end, err
}

// hold evaluates an expression for a variable: that it cannot be evaluated only
// matters when the variable is used.
func (r *run) hold(query string) any {
	v, err := r.eval(query)
	if err != nil {
		return &unknownError{what: err.Error()}
	}
	return v
}

func (r *run) list(f plFunction, list []plStatement, above int) (flow, error) {
	for _, s := range list {
		if r.steps++; r.steps > maxSteps {
			return flow{}, unknownf("it takes too long")
		}
		end, err := r.statement(f, s, above)
		if err != nil || end.kind != flowOn {
			return end, err
		}
	}
	return flow{}, nil
}

func (r *run) statement(f plFunction, s plStatement, above int) (flow, error) {
	switch {
	case s.Block != nil:
		return r.enter(f, s.Block, above)
	case s.If != nil:
		return r.ifThen(f, s.If, above)
	case s.ForEach != nil, s.ForSelect != nil, s.ForDynamic != nil, s.ForInt != nil, s.While != nil, s.Loop != nil:
		return r.loop(f, s, above)
	case s.Exit != nil:
		return r.exit(s.Exit)
	case s.Return != nil:
		end := flow{kind: flowReturn}
		if s.Return.Expr != nil {
			end.value = r.hold(s.Return.Expr.Expr.Query)
		}
		return end, nil
	case s.Perform != nil:
		return flow{}, r.perform(s.Perform.Expr.Expr.Query)
	case s.Call != nil:
		return flow{}, r.perform(s.Call.Expr.Expr.Query)
	case s.Case != nil:
		return r.choice(f, s, above)
	case s.SQL != nil:
		return flow{}, r.sql(s.SQL)
	case s.Execute != nil:
		return flow{}, r.execute(s.Execute)
	case s.Assign != nil:
		_, expr, _ := strings.Cut(s.Assign.Expr.Expr.Query, "=")
		r.vars[r.slots[s.Assign.Var]] = r.hold(expr)
	case s.Diagnostics != nil:
		for _, item := range s.Diagnostics.Items {
			r.vars[r.slots[item.Item.Target]] = &unknownError{what: item.Item.Kind + " is not known"}
		}
	case s.Raise != nil:
		if s.Raise.Level >= levelError {
			return flow{}, &raisedError{strings.ToLower(s.Raise.Condition)}
		}
	}
	return flow{}, nil
}

// levelError is elog's ERROR.
const levelError = 21

func (r *run) exit(e *plExit) (flow, error) {
	if e.Cond != nil {
		yes, err := r.condition(e.Cond.Expr.Query)
		if err != nil || !yes {
			return flow{}, err
		}
	}
	if e.IsExit {
		return flow{kind: flowExit, label: e.Label}, nil
	}
	return flow{kind: flowContinue, label: e.Label}, nil
}

func (r *run) condition(query string) (bool, error) {
	v, err := r.eval(query)
	if err != nil {
		return false, err
	}
	return v == true, nil
}

// ifThen runs IF. A condition that is not known does not matter if no branch
// changes the schema.
func (r *run) ifThen(f plFunction, s *plIf, above int) (flow, error) {
	branches := []plBranch{{s.Cond, s.Then}}
	for _, e := range s.Elsif {
		branches = append(branches, e.Branch)
	}
	for i, b := range branches {
		yes, err := r.condition(b.Cond.Expr.Query)
		if err != nil {
			rest := slices.Clone(s.Else)
			for _, b := range branches[i:] {
				rest = append(rest, b.Body...)
			}
			if !r.anyEffect(rest...) {
				r.skip(rest...)
				return flow{}, nil
			}
			return flow{}, err
		}
		if yes {
			return r.list(f, b.Body, above)
		}
	}
	return r.list(f, s.Else, above)
}

// choice runs CASE as an IF with a branch for each WHEN.
func (r *run) choice(f plFunction, s plStatement, above int) (flow, error) {
	branches := &plIf{Else: s.Case.Else}
	if s.Case.Test != nil {
		r.vars[r.slots[s.Case.Var]] = r.hold(s.Case.Test.Expr.Query)
	}
	for i, w := range s.Case.When {
		if i == 0 {
			branches.Cond, branches.Then = w.When.Expr, w.When.Body
			continue
		}
		branches.Elsif = append(branches.Elsif, plElsif{plBranch{w.When.Expr, w.When.Body}})
	}
	return r.ifThen(f, branches, above)
}

// sql runs a statement that stands in the block.
func (r *run) sql(s *plSQL) error {
	if s.Into {
		return r.into(s.Target, s.Stmt.Expr.Query)
	}
	return r.text(s.Stmt.Expr.Query, s.Line)
}

// perform runs a query for what the functions in it do.
func (r *run) perform(sql string) error {
	tree, err := pg.Parse(sql)
	if err != nil || len(tree.GetStmts()) != 1 {
		return unknownf("%q cannot be read", firstLine(sql))
	}
	n := tree.GetStmts()[0].GetStmt()
	r.in.stmt = r.outer
	if n.GetSelectStmt() == nil {
		return r.effects(n)
	}
	found := r.found()
	rows, err := r.selectRows(n.GetSelectStmt(), nil)
	r.vars[found] = len(rows) > 0
	if err != nil && len(rows) == 0 {
		r.vars[found] = &unknownError{what: "FOUND is not known"}
	}
	return nil
}

// found is the place of the variable FOUND.
func (r *run) found() int { return max(0, slices.Index(r.names, "found")) }

// into assigns what a query gives.
func (r *run) into(target *plTarget, query string) error {
	found := r.found()
	r.vars[found] = &unknownError{what: "FOUND is not known"}
	rows, err := r.query(query)
	if err == nil {
		r.vars[found] = len(rows) > 0
	}
	vars := r.targets(target)
	if err == nil && len(rows) > 0 {
		r.assign(vars, rows[0])
		return nil
	}
	for _, v := range vars {
		r.vars[v] = nil
		if err != nil {
			r.vars[v] = &unknownError{what: err.Error()}
		}
	}
	return nil
}

// execute runs the text that an expression makes.
func (r *run) execute(s *plExecute) error {
	v, err := r.eval(s.Query.Expr.Query)
	if err != nil {
		return err
	}
	if v == nil {
		return unknownf("EXECUTE of NULL")
	}
	if s.Into {
		return r.into(s.Target, str(v))
	}
	return r.text(str(v), s.Line)
}

// text runs statements, each with a source of its own at the line of the block.
func (r *run) text(sql string, line int) error {
	pos := r.outer.file.pos(r.outer.start)
	if !r.fixed {
		pos.Line, pos.Col = r.line+line-1, 1
	}
	f, err := newFile(Source{Name: pos.File, Text: sql})
	if err != nil {
		return err
	}
	f.within = pos
	for _, c := range f.chunks() {
		if c.parse(); len(c.errors) > 0 {
			return c.errors[0]
		}
		for _, st := range c.statements {
			st.seq, st.session = r.outer.seq, r.outer.session
			if v := st.node.GetVariableSetStmt(); v != nil && changesNames(v.GetName()) {
				return unknownf("SET %s in a block is not followed", v.GetName())
			}
			if err := r.one(st); err != nil {
				return err
			}
		}
	}
	return nil
}

func changesNames(setting string) bool {
	return slices.Contains([]string{"search_path", "role", "session_authorization"}, setting)
}

// one runs a statement as the interpreter runs those of a file, and keeps what
// takes it back.
func (r *run) one(st *statement) error {
	in := r.in
	in.journal, r.views = nil, nil
	in.begin(&task{stmt: st})
	if err := in.statement(st); err != nil {
		in.rollback()
		return err
	}
	r.kept = append(r.kept, in.journal...)
	in.commit()
	in.journal = nil
	return nil
}

// catches reports whether a handler takes the error. What bloom has no model of
// is none of PostgreSQL's errors.
func (x *plException) catches(err error) bool {
	var e *Error
	var raised *raisedError
	isError, isRaised := errors.As(err, &e), errors.As(err, &raised)
	for _, c := range x.Conditions {
		name := strings.ToLower(c.Condition.Name)
		switch {
		case isRaised && (name == "others" || name == "raise_exception" || name == raised.condition):
			return true
		case isError && e.duplicate && (name == "others" || strings.HasPrefix(name, "duplicate_")):
			return true
		case isError && e.missing && (name == "others" || strings.HasPrefix(name, "undefined_") || name == "invalid_schema_name"):
			return true
		}
	}
	return false
}
