package parser

import (
	"slices"

	pg "github.com/pganalyze/pg_query_go/v5"
)

// The tree of PL/pgSQL as libpg_query gives it in JSON, as far as it matters here.

type plFunction struct {
	Datums []plDatum `json:"datums"`
	Action struct {
		Block *plBlock `json:"PLpgSQL_stmt_block"`
	} `json:"action"`
}

type plDatum struct {
	Var *plVar `json:"PLpgSQL_var"`
	Rec *plVar `json:"PLpgSQL_rec"`
	Row *plRow `json:"PLpgSQL_row"`
}

func (d plDatum) name() string {
	switch {
	case d.Var != nil:
		return d.Var.Name
	case d.Rec != nil:
		return d.Rec.Name
	}
	return ""
}

type plVar struct {
	Name string `json:"refname"`
	Line int    `json:"lineno"`
	Type struct {
		Type struct {
			Name string `json:"typname"`
		} `json:"PLpgSQL_type"`
	} `json:"datatype"`
	Default *struct {
		Expr plExpr `json:"PLpgSQL_expr"`
	} `json:"default_val"`
}

// implied reports whether no DECLARE made the variable: FOUND, that of FOR.
func (v *plVar) implied() bool { return v.Type.Type.Name == "UNKNOWN" }

type plRow struct {
	Fields []struct {
		Name string `json:"name"`
		Var  int    `json:"varno"`
	} `json:"fields"`
}

type plExpr struct {
	Query string `json:"query"`
}

type plExprNode struct {
	Expr plExpr `json:"PLpgSQL_expr"`
}

// plTarget is where a row goes to.
type plTarget struct {
	Row *plRow `json:"PLpgSQL_row"`
	Var *plVar `json:"PLpgSQL_var"`
	Rec *plVar `json:"PLpgSQL_rec"`
}

// targets are the variables that are assigned.
func (r *run) targets(t *plTarget) []int {
	var out []int
	if t.Row != nil {
		for _, f := range t.Row.Fields {
			out = append(out, r.slots[f.Var])
		}
		return out
	}
	v := t.Var
	if v == nil {
		v = t.Rec
	}
	if v == nil {
		return nil
	}
	if i := slices.Index(r.names, v.Name); i >= 0 {
		out = append(out, i)
	}
	return out
}

type plStatement struct {
	Block       *plBlock       `json:"PLpgSQL_stmt_block"`
	If          *plIf          `json:"PLpgSQL_stmt_if"`
	ForEach     *plForEach     `json:"PLpgSQL_stmt_foreach_a"`
	ForSelect   *plForQuery    `json:"PLpgSQL_stmt_fors"`
	ForDynamic  *plForQuery    `json:"PLpgSQL_stmt_dynfors"`
	ForInt      *plForInt      `json:"PLpgSQL_stmt_fori"`
	While       *plWhile       `json:"PLpgSQL_stmt_while"`
	Loop        *plWhile       `json:"PLpgSQL_stmt_loop"`
	Exit        *plExit        `json:"PLpgSQL_stmt_exit"`
	Return      *plReturn      `json:"PLpgSQL_stmt_return"`
	Perform     *plPerform     `json:"PLpgSQL_stmt_perform"`
	Call        *plPerform     `json:"PLpgSQL_stmt_call"`
	Case        *plCase        `json:"PLpgSQL_stmt_case"`
	SQL         *plSQL         `json:"PLpgSQL_stmt_execsql"`
	Execute     *plExecute     `json:"PLpgSQL_stmt_dynexecute"`
	Assign      *plAssign      `json:"PLpgSQL_stmt_assign"`
	Diagnostics *plDiagnostics `json:"PLpgSQL_stmt_getdiag"`
	Raise       *plRaise       `json:"PLpgSQL_stmt_raise"`
}

type plReturn struct {
	Expr *plExprNode `json:"expr"`
}

type plPerform struct {
	Expr plExprNode `json:"expr"`
}

type plBlock struct {
	Line       int           `json:"lineno"`
	Body       []plStatement `json:"body"`
	Exceptions *struct {
		Block struct {
			List []struct {
				Exception plException `json:"PLpgSQL_exception"`
			} `json:"exc_list"`
		} `json:"PLpgSQL_exception_block"`
	} `json:"exceptions"`
}

type plException struct {
	Conditions []struct {
		Condition struct {
			Name string `json:"condname"`
		} `json:"PLpgSQL_condition"`
	} `json:"conditions"`
	Action []plStatement `json:"action"`
}

type plBranch struct {
	Cond plExprNode    `json:"cond"`
	Body []plStatement `json:"stmts"`
}

type plIf struct {
	Cond  plExprNode    `json:"cond"`
	Then  []plStatement `json:"then_body"`
	Elsif []plElsif     `json:"elsif_list"`
	Else  []plStatement `json:"else_body"`
}

type plElsif struct {
	Branch plBranch `json:"PLpgSQL_if_elsif"`
}

type plForEach struct {
	Label string        `json:"label"`
	Var   int           `json:"varno"`
	Expr  plExprNode    `json:"expr"`
	Body  []plStatement `json:"body"`
}

type plForQuery struct {
	Label  string        `json:"label"`
	Target plTarget      `json:"var"`
	Query  plExprNode    `json:"query"`
	Body   []plStatement `json:"body"`
}

type plForInt struct {
	Label   string        `json:"label"`
	Target  plTarget      `json:"var"`
	Lower   plExprNode    `json:"lower"`
	Upper   plExprNode    `json:"upper"`
	Step    *plExprNode   `json:"step"`
	Reverse bool          `json:"reverse"`
	Body    []plStatement `json:"body"`
}

type plWhile struct {
	Label string        `json:"label"`
	Cond  *plExprNode   `json:"cond"`
	Body  []plStatement `json:"body"`
}

type plExit struct {
	IsExit bool        `json:"is_exit"`
	Label  string      `json:"label"`
	Cond   *plExprNode `json:"cond"`
}

type plCase struct {
	Test *plExprNode `json:"t_expr"`
	Var  int         `json:"t_varno"` // that holds the value tested
	When []struct {
		When struct {
			Expr plExprNode    `json:"expr"`
			Body []plStatement `json:"stmts"`
		} `json:"PLpgSQL_case_when"`
	} `json:"case_when_list"`
	Else []plStatement `json:"else_stmts"`
}

type plSQL struct {
	Line   int        `json:"lineno"`
	Stmt   plExprNode `json:"sqlstmt"`
	Into   bool       `json:"into"`
	Target *plTarget  `json:"target"`
}

type plExecute struct {
	Line   int        `json:"lineno"`
	Query  plExprNode `json:"query"`
	Into   bool       `json:"into"`
	Target *plTarget  `json:"target"`
}

type plAssign struct {
	Var  int        `json:"varno"`
	Expr plExprNode `json:"expr"`
}

type plDiagnostics struct {
	Items []struct {
		Item struct {
			Kind   string `json:"kind"`
			Target int    `json:"target"`
		} `json:"PLpgSQL_diag_item"`
	} `json:"diag_items"`
}

type plRaise struct {
	Level     int    `json:"elog_level"`
	Condition string `json:"condname"`
}

// anyEffect reports whether statements may change the schema, or how the block
// goes on. What they assign to variables is left to skip.
func (r *run) anyEffect(list ...plStatement) bool {
	return slices.ContainsFunc(list, func(s plStatement) bool {
		switch {
		case s.Execute != nil, s.Exit != nil, s.Return != nil:
			return true
		case s.SQL != nil:
			return !isData(s.SQL.Stmt.Expr.Query)
		case s.Perform != nil:
			return r.definesBy(s.Perform)
		case s.Call != nil:
			return r.definesBy(s.Call)
		}
		return r.anyEffect(s.inner()...)
	})
}

func (r *run) definesBy(p *plPerform) bool {
	tree, err := pg.Parse(p.Expr.Expr.Query)
	r.in.stmt = r.outer
	return err == nil && len(tree.GetStmts()) == 1 && r.in.callsDefiner(tree.GetStmts()[0].GetStmt())
}

// inner are the statements inside of a statement, on all its ways.
func (s plStatement) inner() []plStatement {
	switch {
	case s.Block != nil:
		return s.Block.Body
	case s.If != nil:
		list := append(slices.Clone(s.If.Then), s.If.Else...)
		for _, e := range s.If.Elsif {
			list = append(list, e.Branch.Body...)
		}
		return list
	case s.Case != nil:
		list := slices.Clone(s.Case.Else)
		for _, w := range s.Case.When {
			list = append(list, w.When.Body...)
		}
		return list
	}
	_, body := s.loopBody()
	return body
}

// skip passes over statements that change nothing of the schema: what they may
// have assigned is not known any more.
func (r *run) skip(list ...plStatement) {
	forget := func(v int) { r.vars[v] = &unknownError{what: r.names[v] + " is not known"} }
	for _, s := range list {
		switch {
		case s.Assign != nil:
			forget(r.slots[s.Assign.Var])
		case s.Diagnostics != nil:
			for _, item := range s.Diagnostics.Items {
				forget(r.slots[item.Item.Target])
			}
		case s.SQL != nil && s.SQL.Into:
			for _, v := range r.targets(s.SQL.Target) {
				forget(v)
			}
			forget(r.found())
		}
		r.skip(s.inner()...)
	}
}

// loopBody is the label and the statements of a loop.
func (s plStatement) loopBody() (string, []plStatement) {
	switch {
	case s.ForEach != nil:
		return s.ForEach.Label, s.ForEach.Body
	case s.ForSelect != nil:
		return s.ForSelect.Label, s.ForSelect.Body
	case s.ForDynamic != nil:
		return s.ForDynamic.Label, s.ForDynamic.Body
	case s.ForInt != nil:
		return s.ForInt.Label, s.ForInt.Body
	case s.While != nil:
		return s.While.Label, s.While.Body
	case s.Loop != nil:
		return s.Loop.Label, s.Loop.Body
	}
	return "", nil
}

// isData reports whether a statement reads or changes rows only.
func isData(sql string) bool {
	f, err := newFile(Source{Text: sql})
	if err != nil {
		return false
	}
	for _, w := range []string{"select", "with", "insert", "update", "delete", "merge", "call"} {
		if f.tokens.is(0, w) {
			return true
		}
	}
	return false
}
