package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	pg "github.com/pganalyze/pg_query_go/v5"
	"google.golang.org/protobuf/proto"

	"bloom/catalog"
)

var bg = context.Background()

func itoa(i int) string { return strconv.Itoa(i) }

func qualified(schema, name string) string { return catalog.QName{Schema: schema, Name: name}.SQL() }

// probe is how the server is asked for its text of an expression: something is made with it, read and undone.
type probe struct{ before, after, read string }

const mark = "zz_marker_zz"

// marker stands for the expression in a statement that is printed.
func marker() *pg.Node {
	return &pg.Node{Node: &pg.Node_ColumnRef{ColumnRef: &pg.ColumnRef{Fields: []*pg.Node{str(mark)}}}}
}

func str(s string) *pg.Node { return &pg.Node{Node: &pg.Node_String_{String_: &pg.String{Sval: s}}} }

func nullNode() *pg.Node { return &pg.Node{Node: &pg.Node_AConst{AConst: &pg.A_Const{Isnull: true}}} }

// around makes the probe of a statement with a marker in it.
func around(m proto.Message, read string) probe {
	before, after, _ := strings.Cut(deparse(m), mark)
	return probe{before + "(", ")" + after, read}
}

// deparse prints a statement.
func deparse(m proto.Message) string {
	n := &pg.Node{}
	switch x := m.(type) {
	case *pg.Node:
		n = x
	case *pg.IndexStmt:
		n.Node = &pg.Node_IndexStmt{IndexStmt: x}
	case *pg.CreateTrigStmt:
		n.Node = &pg.Node_CreateTrigStmt{CreateTrigStmt: x}
	case *pg.CreateFunctionStmt:
		n.Node = &pg.Node_CreateFunctionStmt{CreateFunctionStmt: x}
	}
	s, err := pg.Deparse(&pg.ParseResult{Stmts: []*pg.RawStmt{{Stmt: n}}})
	if err != nil {
		return ""
	}
	return s
}

func deparseExpr(n *pg.Node) string {
	sel := &pg.SelectStmt{
		TargetList: []*pg.Node{{Node: &pg.Node_ResTarget{ResTarget: &pg.ResTarget{Val: n}}}}, LimitOption: pg.LimitOption_LIMIT_OPTION_DEFAULT, Op: pg.SetOperation_SETOP_NONE,
	}
	return strings.TrimPrefix(deparse(&pg.Node{Node: &pg.Node_SelectStmt{SelectStmt: sel}}), "SELECT ")
}

// text prints the expression of a slot as it would be written.
func (s slot) text(tree *pg.Node) string {
	switch s.path {
	case "Query", "Definition":
		return deparse(tree)
	case "PartitionOf.Bound":
		t := deparse(&pg.Node{Node: &pg.Node_CreateStmt{CreateStmt: &pg.CreateStmt{
			Relation: &pg.RangeVar{Relname: "t", Inh: true, Relpersistence: "p"}, Partbound: tree.GetPartitionBoundSpec(),
			InhRelations: []*pg.Node{{Node: &pg.Node_RangeVar{RangeVar: &pg.RangeVar{Relname: "p", Inh: true, Relpersistence: "p"}}}},
			Oncommit:     pg.OnCommitAction_ONCOMMIT_NOOP,
		}}})
		_, bound, _ := strings.Cut(t, " OF p ")
		return bound
	case "SQLBody":
		f := &pg.CreateFunctionStmt{Funcname: []*pg.Node{str("f")}, SqlBody: tree}
		_, body, _ := strings.Cut(deparse(f), "()")
		return strings.TrimSpace(body)
	}
	return deparseExpr(tree)
}

// ask puts a text to the server and returns its own, empty if it does not take it.
func (c *collector) ask(s slot, text string) string {
	if text == "" {
		return ""
	}
	if s.probe.before == "" && s.path != "Definition" {
		return c.bare(s.probe.read)
	}
	tx, err := c.conn.Begin(bg)
	if err != nil {
		return ""
	}
	defer func() { _ = tx.Rollback(bg) }()
	if _, err := tx.Exec(bg, "SELECT set_config('search_path', $1, true)", s.searchPath); err != nil {
		return ""
	}
	if _, err := tx.Exec(bg, s.probe.before+text+s.probe.after, pgx.QueryExecModeSimpleProtocol); err != nil {
		return ""
	}
	if _, err := tx.Exec(bg, "SELECT set_config('search_path', '', true)"); err != nil {
		return ""
	}
	var out *string
	if err := tx.QueryRow(bg, s.probe.read).Scan(&out); err != nil || out == nil {
		return ""
	}
	if s.path == "Query" {
		c.columns = viewColumns(tx)
	}
	if s.path == "When" {
		return whenClause(*out)
	}
	return strings.TrimSuffix(strings.TrimSpace(*out), ";")
}

func viewColumns(tx pgx.Tx) []catalog.ViewColumn {
	rows, err := tx.Query(bg, `SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
		WHERE relname = 'zz_probe' AND attnum > 0 ORDER BY attnum`)
	if err != nil {
		return nil
	}
	cols, _ := pgx.CollectRows(rows, pgx.RowToStructByPos[catalog.ViewColumn])
	return cols
}

// whenClause cuts the condition out of a trigger's definition.
func whenClause(def string) string {
	_, rest, ok := strings.Cut(def, " WHEN (")
	if !ok {
		return ""
	}
	cond, _, _ := strings.Cut(rest, ") EXECUTE ")
	return cond
}

// probeAll asks for the server's text of all expressions and of mutants of them.
func (c *collector) probeAll(ctx context.Context, slots []slot) []pair {
	if _, err := c.conn.Exec(ctx, "SET client_min_messages = error"); err != nil {
		return nil
	}
	var out []pair
	seen := map[string]bool{}
	for _, s := range slots {
		source := s.text(s.tree)
		server := c.ask(s, source)
		if server == "" {
			c.stats.unprobed++
			if c.verbose {
				_, err := c.conn.Exec(ctx, "SELECT 1")
				println("UNPROBED", s.object.ID().String(), oneLine(source, 200), err != nil)
			}
			continue
		}
		key := s.path + "|" + s.object.ID().String() + "|" + source + "|" + server
		if seen[key] {
			continue
		}
		seen[key] = true
		p := pair{slot: s, source: source, server: server, columns: c.columns}
		if s.probe.before != "" || s.path == "Definition" {
			c.mutate(&p)
		}
		out = append(out, p)
	}
	return out
}

// mutate asks the server about mutants and keeps those that it prints differently.
func (c *collector) mutate(p *pair) {
	for range c.mutants {
		tree := proto.Clone(p.tree).(*pg.Node)
		how := mutate(c.rand, tree)
		if how == "" {
			return
		}
		source := p.text(tree)
		if source == p.source {
			continue
		}
		server := c.ask(p.slot, source)
		if server == "" || server == p.server {
			continue
		}
		// Some trees are printed in a way that is read as another tree, a cast of ARRAY[…] for one:
		// what a dump and its reload make the same is no other text.
		if how == castDropped {
			if again := c.ask(p.slot, server); again != "" && again == c.ask(p.slot, p.server) {
				continue
			}
		}
		p.mutants = append(p.mutants, mutant{how, source, server})
	}
}
