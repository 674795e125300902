package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"bloom/parser/split"
	"bloom/supabase"
	"bloom/supabase/migrate"
)

// Rows that do not fit are looked for before a statement takes its lock and fails.

// checkPlan looks for the rows on which the plan of a diff would fail, and for those
// whose values it changes. It returns how many statements would fail.
func checkPlan(c *cli.Context, con *console, cmp *comparison) (int, error) {
	if !c.Bool("check-data") || cmp.plan == nil {
		return 0, nil
	}
	if cmp.from.target == nil {
		return 0, fmt.Errorf("--check-data wants a database to look into\nhint: bloom diff --from live, or --from postgres://…")
	}
	conn, err := cmp.from.target.Connect(c.Context)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close(context.Background()) }()
	failing := 0
	for _, st := range cmp.plan.Statements() {
		for _, h := range st.Hazards {
			if h.Check == "" {
				continue
			}
			path := ""
			if h.CheckPath != "" {
				path = "SET search_path = " + h.CheckPath
			}
			m, err := migrate.Check(c.Context, conn, split.Check{Code: h.Code, Query: h.Check, Reason: h.Reason}, path)
			if err != nil {
				return 0, supabase.Redact(err)
			}
			if m == nil {
				con.trace("checked: %s of %s", h.Code, h.Object)
				continue
			}
			m.Pos = st.Pos
			con.warn("%s", m)
			if m.Known() && fails(m.Code) {
				failing++
			}
		}
	}
	return failing, nil
}

// fails reports whether a statement fails on what its check lists, rather than
// changes the values.
func fails(code string) bool { return code != "TYPE_LOSSY" }

// checkData refuses files of which a statement would fail on the rows that are there.
func (p *push) checkData(ctx context.Context, files []*migrate.File) error {
	if p.c.Bool("no-check-data") {
		p.checked = len(p.files)
		return nil
	}
	found, n, err := p.session.CheckFiles(ctx, files)
	if err != nil {
		return supabase.Redact(err)
	}
	p.checked = len(p.files) - len(files) + n
	var failing []string
	for _, m := range found {
		switch {
		case !m.Known():
			p.con.trace("%s", m)
		case fails(m.Code):
			failing = append(failing, m.String())
		default:
			p.con.warn("%s", m)
		}
	}
	if len(failing) == 0 {
		return nil
	}
	return fmt.Errorf("%s\nhint: correct the rows, in a migration before it for example; --no-check-data lets the statement find out by itself", strings.Join(failing, "\n"))
}

// checkRest looks at the rows for a file and those after it, if a file before it
// changed rows, so that nobody could look earlier.
func (p *push) checkRest(ctx context.Context, i int) error {
	if i < p.checked {
		return nil
	}
	return p.checkData(ctx, p.files[i:])
}
