package parser

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// A history calls functions that it made: what one does to the schema is done by
// running its body as a DO block is run.

// definition is a word with which a statement that changes the schema begins.
var definition = regexp.MustCompile(`(?i)\b(create|alter|drop|grant|revoke|comment\s+on|reassign|security\s+label|import\s+foreign)\b`)

// calls runs a query or a CALL outside of blocks for what the functions in it do to the schema.
func (in *interpreter) calls(n *pg.Node) error {
	if !in.replay || !in.callsDefiner(n) {
		return nil
	}
	r := &run{in: in, outer: in.stmt}
	return in.end(r, "this call", r.effects(n))
}

// callsDefiner reports whether a statement calls a function of the project whose text,
// or that of one that it mentions, may change the schema.
func (in *interpreter) callsDefiner(n *pg.Node) bool {
	found := false
	if c := n.GetCallStmt(); c != nil {
		n = &pg.Node{Node: &pg.Node_FuncCall{FuncCall: c.GetFunccall()}}
	}
	walk(n, func(n *pg.Node) {
		if c := n.GetFuncCall(); c != nil && !found {
			for _, id := range in.routinesCalled(qualified(c.GetFuncname())) {
				found = found || in.defines(id)
			}
		}
	})
	return found
}

// routinesCalled are the project's routines that a name in a call may mean.
func (in *interpreter) routinesCalled(q catalog.QName) []catalog.ID {
	schemas := in.schemas()
	if q.Schema != "" {
		schemas = []string{q.Schema}
	}
	for _, s := range schemas {
		ids := slices.DeleteFunc(slices.Clone(in.routines(catalog.QName{Schema: s, Name: q.Name})), func(id catalog.ID) bool {
			_, ok := in.c.Get(id).(catalog.Routine)
			return !ok
		})
		if len(ids) > 0 {
			return ids
		}
	}
	return nil
}

// defines reports whether the text of a routine, or that of one that it mentions, may
// change the schema.
func (in *interpreter) defines(id catalog.ID) bool {
	if in.definers == nil {
		in.definers = map[catalog.ID]bool{}
	}
	yes, known := in.definers[id]
	if !known {
		yes = in.definesWithin(id, map[catalog.ID]bool{})
		in.definers[id] = yes
	}
	return yes
}

func (in *interpreter) definesWithin(id catalog.ID, seen map[catalog.ID]bool) bool {
	f, ok := in.c.Get(id).(catalog.Routine)
	if !ok || seen[id] {
		return false
	}
	seen[id] = true
	if definition.MatchString(f.Body) {
		return true
	}
	for _, other := range in.c.OfKinds(catalog.KindRoutine) {
		if other != id && strings.Contains(f.Body, other.Name+"(") && in.definesWithin(other, seen) {
			return true
		}
	}
	return false
}

// effects evaluates what a statement calls.
func (r *run) effects(n *pg.Node) error {
	var err error
	if c := n.GetCallStmt(); c != nil {
		_, err = r.call(c.GetFunccall(), nil)
	} else {
		_, err = r.selectRows(n.GetSelectStmt(), nil)
	}
	if !r.in.callsDefiner(n) {
		return nil
	}
	return err
}

// callRoutine runs a routine of the project. Its result is known if the body gives it.
func (r *run) callRoutine(ids []catalog.ID, args []any) (any, error) {
	var f catalog.Routine
	n := 0
	for _, id := range ids {
		g, _ := r.in.c.Get(id).(catalog.Routine)
		if takes(g, len(args)) {
			f = g
			n++
		}
	}
	switch {
	case n != 1:
		return nil, r.missed(ids[0], unknownf("which function %s is called is not known", ids[0].Name))
	case !strings.EqualFold(f.Language, "plpgsql"):
		return nil, r.missed(f.ID(), unknownf("function %s is not evaluated", f.Name))
	case r.depth >= 20:
		return nil, r.missed(f.ID(), unknownf("it calls too deep"))
	}
	v, err := r.routine(f, args)
	return v, r.missed(f.ID(), err)
}

// missed remembers that what a routine does to the schema is not known, even if its
// result does not matter.
func (r *run) missed(id catalog.ID, err error) error {
	if hidden := (*unknownError)(nil); errors.As(err, &hidden) && r.in.defines(id) {
		r.failed = err
	}
	return err
}

// takes reports whether a routine can be called with so many arguments by position.
func takes(f catalog.Routine, n int) bool {
	most, least := 0, 0
	for _, p := range f.Params {
		switch p.Mode {
		case "variadic":
			return false
		case "out", "table":
			continue
		}
		most++
		if p.Default.IsZero() {
			least = most
		}
	}
	return n >= least && n <= most
}

func (r *run) routine(f catalog.Routine, args []any) (any, error) {
	outer := *r.outer
	outer.session = withConfig(r.outer.session, f.Config)
	inner := &run{in: r.in, outer: &outer, fixed: true, depth: r.depth + 1, steps: r.steps}
	fn, err := inner.load(header(f) + "$bloom_do$" + f.Body + "$bloom_do$")
	if err != nil {
		return nil, err
	}
	inner.declare(fn)
	for i, p := range inParams(f) {
		at := slices.Index(inner.names, p.Name)
		switch {
		case at < 0:
		case i < len(args):
			inner.vars[at] = args[i]
		default:
			inner.vars[at] = inner.hold(p.Default.Text)
		}
	}
	end, err := inner.enter(fn, fn.Action.Block, -1)
	if err == nil {
		err = inner.failed
	}
	r.views, r.in.stmt, r.steps = nil, r.outer, inner.steps
	if err != nil {
		r.in.journal = inner.kept
		r.in.rollbackTo(0)
		r.in.journal = nil
		return nil, err
	}
	r.kept = append(r.kept, inner.kept...)
	return known(end.value)
}

func inParams(f catalog.Routine) []catalog.Param {
	return slices.DeleteFunc(slices.Clone(f.Params), func(p catalog.Param) bool { return p.Mode == "out" || p.Mode == "table" })
}

// header is a CREATE FUNCTION with the routine's parameters, for their names.
func header(f catalog.Routine) string {
	var params []string
	for _, p := range f.Params {
		if p.Name != "" && p.Mode != "table" {
			mode := ""
			if p.Mode == "out" || p.Mode == "inout" {
				mode = p.Mode + " "
			}
			params = append(params, mode+catalog.Quote(p.Name)+" text")
		}
	}
	returns := ""
	switch {
	case f.ReturnsSet:
		returns = " RETURNS SETOF text"
	case f.Returns == "void":
		returns = " RETURNS void"
	case !f.Procedure && !slices.ContainsFunc(f.Params, func(p catalog.Param) bool { return p.Mode == "out" || p.Mode == "inout" }):
		returns = " RETURNS text"
	}
	return "CREATE FUNCTION f(" + strings.Join(params, ", ") + ")" + returns + " LANGUAGE plpgsql AS "
}

// withConfig is a session under the settings of a routine.
func withConfig(s *session, config []string) *session {
	n := *s
	for _, c := range config {
		if name, value, _ := strings.Cut(c, "="); strings.EqualFold(name, "search_path") {
			n.path = value
		}
	}
	return &n
}

// load parses PL/pgSQL code.
func (r *run) load(create string) (plFunction, error) {
	tree, err := pg.ParsePlPgSqlToJSON(create)
	if err != nil {
		return plFunction{}, unknownf("%v", err)
	}
	var functions []struct {
		Function plFunction `json:"PLpgSQL_function"`
	}
	if err := json.Unmarshal([]byte(tree), &functions); err != nil || len(functions) != 1 {
		return plFunction{}, unknownf("its code cannot be read")
	}
	return functions[0].Function, nil
}

// declare makes the variables of the code known.
func (r *run) declare(f plFunction) {
	for i, d := range f.Datums {
		slot := i
		if first := slices.Index(r.names, d.name()); first >= 0 && d.name() != "" {
			slot = first
		}
		r.names, r.slots, r.vars = append(r.names, d.name()), append(r.slots, slot), append(r.vars, nil)
	}
}
