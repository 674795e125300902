// Command pairs runs SQL files on a server and compares, for every expression in them, the text that was
// written with the text that the server prints for it. It also asks the server for its text of mutants of the expression: a mutant that
// the server prints differently must not be found equal.
//
// Usage: go run ./parser/analyze/pairs [flags] URL|MAJOR FILE...
//
// With a major version in place of a URL it starts a server of its own. make pairs does that for all majors.
// With -record it writes what it saw to a file that the tests of package analyze read. Only SQL of our
// own belongs there.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
	"bloom/catalog/introspect"
	"bloom/supabase/server"
)

func main() {
	c := &collector{rand: rand.New(rand.NewSource(1))}
	record := flag.String("record", "", "file to write the pairs to")
	flag.IntVar(&c.mutants, "mutants", 0, "mutants per expression")
	flag.BoolVar(&c.verbose, "v", false, "show what is not equal")
	flag.StringVar(&c.name, "name", "", "name of the run in the output")
	verify := flag.Bool("verify", false, "compare columns of views and dependencies with the server's")
	flag.Parse()
	if flag.NArg() < 2 {
		flag.Usage()
		os.Exit(2)
	}
	if err := c.run(flag.Arg(0), flag.Args()[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if *record != "" {
		if err := c.record(*record); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if *verify && c.last != nil {
		c.verify()
	}
	c.report(os.Stdout)
}

// collector runs files and collects pairs.
type collector struct {
	conn    *pgx.Conn
	rand    *rand.Rand
	mutants int
	verbose bool
	name    string
	pairs   []pair
	stats   stats

	columns []catalog.ViewColumn // of the view that was asked about last
	last    *catalog.Catalog
}

func (c *collector) run(url string, files []string) error {
	ctx := context.Background()
	if major, err := strconv.Atoi(url); err == nil {
		s, err := server.Start(ctx, server.Options{Major: major})
		if err != nil {
			return err
		}
		defer func() { _ = s.Stop() }()
		url = s.URL("postgres")
	}
	var err error
	if c.conn, err = pgx.Connect(ctx, url); err != nil {
		return err
	}
	defer c.conn.Close(ctx)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		if err := c.file(ctx, f, string(text)); err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
	}
	return nil
}

// file runs the statements of a file, then asks for the server's text of the expressions in them.
func (c *collector) file(ctx context.Context, name, text string) error {
	statements, err := split(text)
	if err != nil {
		statements = strings.Split(text, ";\n")
	}
	var found []slot
	for _, s := range statements {
		path := c.value("SELECT current_setting('search_path')")
		if _, err := c.conn.Exec(ctx, s, pgx.QueryExecModeSimpleProtocol); err != nil {
			c.stats.failed++
			if c.verbose {
				fmt.Printf("FAILED %s: %v: %s\n", name, err, oneLine(s, 100))
			}
			if c.conn.IsClosed() {
				return err
			}
			if c.conn.PgConn().TxStatus() != 'I' {
				_, _ = c.conn.Exec(ctx, "ROLLBACK")
			}
			continue
		}
		r, err := pg.Parse(s)
		if err != nil {
			continue
		}
		for _, st := range r.Stmts {
			for _, sl := range c.slots(st.Stmt) {
				sl.searchPath = path
				found = append(found, sl)
			}
		}
	}
	if c.conn.PgConn().TxStatus() != 'I' {
		_, _ = c.conn.Exec(ctx, "COMMIT")
	}
	if len(found) == 0 {
		return nil
	}
	cat, err := introspect.Database(ctx, c.conn, introspect.Options{})
	if err != nil {
		return err
	}
	c.last = cat
	return c.compare(cat, c.probeAll(ctx, found))
}

// value asks for one text; empty if there is none.
func (c *collector) value(sql string, args ...any) string {
	var v *string
	if err := c.conn.QueryRow(context.Background(), sql, args...).Scan(&v); err != nil || v == nil {
		return ""
	}
	return *v
}

// bare asks for one text under an empty search_path.
func (c *collector) bare(sql string, args ...any) string {
	tx, err := c.conn.Begin(bg)
	if err != nil {
		return ""
	}
	defer func() { _ = tx.Rollback(bg) }()
	var v *string
	if _, err := tx.Exec(bg, "SELECT set_config('search_path', '', true)"); err != nil {
		return ""
	}
	if err := tx.QueryRow(bg, sql, args...).Scan(&v); err != nil || v == nil {
		return ""
	}
	return *v
}

func oneLine(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}

// split cuts a file into statements, also one that has a mistake somewhere.
func split(text string) ([]string, error) {
	if s, err := pg.SplitWithParser(text, true); err == nil {
		return s, nil
	}
	return pg.SplitWithScanner(text, true)
}
