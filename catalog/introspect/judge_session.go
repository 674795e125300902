package introspect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// judgeSession is the judge's own connection, on which notices are caught, and
// its pipeline during one transaction.
type judgeSession struct {
	conn     *pgx.Conn
	pipeline *pgconn.Pipeline
	notices  []*pgconn.Notice // since the last reply
}

// openJudgeSession connects as config says. prepare may be nil.
func openJudgeSession(ctx context.Context, config *pgx.ConnConfig, prepare func(context.Context, *pgx.Conn) error) (*judgeSession, error) {
	s := &judgeSession{}
	config = config.Copy()
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { s.notices = append(s.notices, n) }
	config.Tracer = nil
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if prepare != nil {
		if err := prepare(ctx, conn); err != nil {
			conn.Close(context.WithoutCancel(ctx))
			return nil, err
		}
	}
	s.conn = conn
	return s, nil
}

// patience is how long the first answer may take.
var patience = 20 * time.Second

// Names of the statements that are prepared while trees are not logged yet.
const (
	stmtBack = "bloom_judge_back"
	stmtPath = "bloom_judge_path"
)

// begin opens the transaction and reads the stored trees in it. The transaction
// is read-only and only ever rolled back. Trees go to the server's own log as
// well: that is turned off where the role may, which the platform lets it do by
// a SET statement only.
func (s *judgeSession) begin(ctx context.Context, stored []*storedQuery) error {
	// A pooler may let the connection wait until the other one, which waits for this one, is closed.
	unanswered := time.AfterFunc(patience, func() { s.conn.PgConn().Conn().Close() })
	defer unanswered.Stop()
	s.pipeline = s.conn.PgConn().StartPipeline(ctx)
	p := s.pipeline
	sent := 0
	run := func(sql string, args ...[]byte) {
		p.SendQueryParams(sql, args, nil, nil, nil)
		sent++
	}
	run("begin read only")
	run(`do $$ begin set local log_min_messages = fatal; exception when others then null; end $$`)
	run(`select pg_catalog.set_config('lock_timeout', '2s', true) where pg_catalog.current_setting('lock_timeout') = '0'`)
	run(`select pg_catalog.set_config('row_security', 'on', true), pg_catalog.set_config('transform_null_equals', 'off', true)`)
	p.SendPrepare(stmtBack, "rollback to bloom_judge", nil)
	p.SendPrepare(stmtPath, "select pg_catalog.set_config('search_path', $1, true)", nil)
	run("savepoint bloom_judge")
	run(serverTextSettings)
	first := sent
	for _, q := range stored {
		run(q.sql, q.args()...)
	}
	p.SendQueryPrepared(stmtBack, nil, nil, nil)
	run(`select pg_catalog.set_config('debug_print_parse', 'on', true), pg_catalog.set_config('debug_pretty_print', 'off', true),
		pg_catalog.set_config('client_min_messages', 'log', true)`)
	run("savepoint bloom_judge")
	p.SendPipelineSync()
	if err := p.Flush(); err != nil {
		return err
	}
	reply, err := s.reply()
	if err != nil && !unanswered.Stop() {
		return fmt.Errorf("no answer on a second connection within %v; a pooler may have none left", patience)
	}
	if err != nil {
		return err
	}
	if reply.err != nil {
		return reply.err
	}
	for i, q := range stored {
		if err := q.read(reply.rows[first+i]); err != nil {
			return err
		}
	}
	return nil
}

// serverTextSettings are those under which the server's own texts are printed,
// and read again: those of Database.
const serverTextSettings = `
select pg_catalog.set_config('search_path', '', true), pg_catalog.set_config('TimeZone', 'UTC', true),
       pg_catalog.set_config('DateStyle', 'ISO, MDY', true), pg_catalog.set_config('IntervalStyle', 'postgres', true),
       pg_catalog.set_config('extra_float_digits', '1', true), pg_catalog.set_config('bytea_output', 'hex', true),
       pg_catalog.set_config('quote_all_identifiers', 'off', true), pg_catalog.set_config('xmloption', 'content', true)`

// pinServerText sets, for the questions to come, what server text is printed under.
func (s *judgeSession) pinServerText() {
	p := s.pipeline
	p.SendQueryPrepared(stmtBack, nil, nil, nil)
	p.SendQueryParams(serverTextSettings, nil, nil, nil, nil)
	p.SendQueryParams("savepoint bloom_judge", nil, nil, nil, nil)
}

// asked is a statement to analyse, the search_path to do it under, and what came of it.
type asked struct {
	path string
	sql  string
	tree *treeNode
	err  error
}

// ask has the server analyse statements, in one round trip. It does not run
// them. Going back to the savepoint after each frees its locks.
func (s *judgeSession) ask(list []*asked) error {
	p := s.pipeline
	for _, a := range list {
		p.SendQueryPrepared(stmtBack, nil, nil, nil)
		p.SendQueryPrepared(stmtPath, [][]byte{[]byte(a.path)}, nil, nil)
		p.SendPrepare("", a.sql, nil)
		p.SendPipelineSync()
	}
	if err := p.Flush(); err != nil {
		return err
	}
	for _, a := range list {
		r, err := s.reply()
		if err != nil {
			return err
		}
		a.tree, a.err = r.analysed()
	}
	return nil
}

// end rolls back. The session can begin again.
func (s *judgeSession) end() error {
	p := s.pipeline
	s.pipeline = nil
	p.SendQueryParams("rollback", nil, nil, nil, nil)
	p.SendDeallocate(stmtBack)
	p.SendDeallocate(stmtPath)
	p.SendPipelineSync()
	flushErr := p.Flush()
	return errors.Join(flushErr, p.Close())
}

func (s *judgeSession) close() { s.conn.Close(context.Background()) }

// judgeReply is what came back up to a Sync.
type judgeReply struct {
	rows    [][][][]byte // of each statement that gives rows or might
	notices []*pgconn.Notice
	err     *pgconn.PgError // the first one; what came after it was not run
}

// reply reads up to the next Sync. Its error is that of the connection.
func (s *judgeSession) reply() (*judgeReply, error) {
	r := &judgeReply{}
	s.notices = nil
	for {
		result, err := s.pipeline.GetResults()
		var pg *pgconn.PgError
		switch {
		case errors.As(err, &pg):
			if r.err == nil {
				r.err = pg
			}
			continue
		case err != nil:
			return nil, err
		}
		switch result := result.(type) {
		case *pgconn.ResultReader:
			var rows [][][]byte
			for result.NextRow() {
				row := make([][]byte, len(result.Values()))
				for i, v := range result.Values() {
					if v != nil {
						row[i] = append([]byte{}, v...)
					}
				}
				rows = append(rows, row)
			}
			if _, err := result.Close(); errors.As(err, &pg) {
				if r.err == nil {
					r.err = pg
				}
			} else if err != nil {
				return nil, err
			}
			r.rows = append(r.rows, rows)
			// A statement that is run may be analysed anew first: not what was asked.
			s.notices = nil
		case *pgconn.StatementDescription, *pgconn.CloseComplete:
		case *pgconn.PipelineSync:
			r.notices = s.notices
			return r, nil
		case nil:
			return nil, errors.New("the server's replies ended too early")
		default:
			return nil, fmt.Errorf("unexpected reply %T", result)
		}
	}
}

// errCodesAfterAnalysis are errors of the rewriter, which comes after analysis:
// a generated column that is assigned to (which is how they are asked about), and policies that
// lead to each other, which the role that asks is subject to.
var errCodesAfterAnalysis = map[string]bool{"428C9": true, "42P17": true}

// analysed takes the tree out of the notices of one statement.
func (r *judgeReply) analysed() (*treeNode, error) {
	if r.err != nil && !errCodesAfterAnalysis[r.err.Code] {
		return nil, r.err
	}
	detail := ""
	for _, n := range r.notices {
		if n.Message != "parse tree:" {
			continue
		}
		if detail != "" {
			return nil, errors.New("the server sent two trees for one statement")
		}
		detail = n.Detail
	}
	if detail == "" {
		if r.err != nil {
			return nil, r.err
		}
		return nil, errNoTree
	}
	text, err := unwrapTree(detail)
	if err != nil {
		return nil, err
	}
	tree, err := parseTree(text)
	if err != nil {
		return nil, err
	}
	if tree.tag != "QUERY" || tree.value("utilityStmt") != "<>" {
		return nil, fmt.Errorf("the server's tree is a %s, not a query", tree.tag)
	}
	return tree, nil
}

// errNoTree: analysis went well but its log did not arrive.
var errNoTree = errors.New("the server's notices do not arrive")
