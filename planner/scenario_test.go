package planner_test

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bloom/differ"
	"bloom/planner"
	"bloom/supabase/server/servertest"
)

// scenario is one of testdata/scenarios.txt, where the lines are explained, or of testdata/in_use.txt.
type scenario struct {
	title                        string
	from, below                  int
	both, current, desired, rows string
	plain                        [][2]string // SQLSTATE, or none, and SQL
	hazards                      []string
	fails, refused, truth        string
	same, online, either         bool
}

func scenarios(t *testing.T) []scenario {
	t.Helper()
	var out []scenario
	for _, file := range []string{"scenarios", "in_use"} {
		out = append(out, readScenarios(t, "testdata/"+file+".txt")...)
	}
	return out
}

func readScenarios(t *testing.T, file string) []scenario {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []scenario
	for i, block := range strings.Split(string(text), "\n## ") {
		if i == 0 {
			continue
		}
		lines := strings.Split(strings.TrimSpace(block), "\n")
		s := scenario{title: lines[0], below: 99}
		for _, line := range lines[1:] {
			s.read(t, line)
		}
		out = append(out, s)
	}
	return out
}

func (s *scenario) read(t *testing.T, line string) {
	t.Helper()
	word, sql, _ := strings.Cut(line, ": ")
	kind, arg, _ := strings.Cut(word, " ")
	switch kind {
	case "v":
		if n, ok := strings.CutPrefix(arg, "<"); ok {
			s.below, _ = strconv.Atoi(n)
		} else {
			s.from, _ = strconv.Atoi(arg)
		}
	case "b":
		s.both = sql
	case "c":
		s.current = sql
	case "d":
		s.desired = sql
	case "r":
		s.rows = sql
	case "x":
		s.plain = append(s.plain, [2]string{arg, sql})
	case "h":
		s.hazards = append(s.hazards, arg)
	case "f":
		s.fails = arg
	case "n", "n?":
		s.refused, s.either = sql, kind == "n?"
	case "q":
		s.truth = sql
	case "o":
		s.online = true
	case "=":
		s.same = true
	default:
		t.Fatalf("%s: %s", s.title, line)
	}
}

// TestScenarios: what fails the plain way works as a plan, or is refused, or is announced.
func TestScenarios(t *testing.T) {
	servertest.Each(t, func(t *testing.T, server *servertest.Server) {
		ours, theirs := server.Database(t), server.Database(t)
		for _, s := range scenarios(t) {
			if server.Major < s.from || server.Major >= s.below {
				continue
			}
			t.Run(s.title, func(t *testing.T) { s.run(t, ours, theirs) })
		}
	})
}

const cleared = anew + "DROP SCHEMA IF EXISTS old CASCADE; DROP PUBLICATION IF EXISTS pub; DROP FOREIGN DATA WRAPPER IF EXISTS w CASCADE; ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM anon;\n"

func (s scenario) run(t *testing.T, ours, theirs string) {
	servertest.Exec(t, ours, cleared+s.both+";"+s.current)
	servertest.Exec(t, theirs, cleared+s.both+";"+s.desired)
	servertest.Exec(t, ours, s.rows)
	for _, p := range s.plain {
		if code := tried(t, ours, p[1]); code != p[0] {
			t.Errorf("the plain way gives %q, not %q: %s", code, p[0], p[1])
		}
	}
	current, desired := read(t, ours), read(t, theirs)
	changes := differ.NewMemo(nil).Diff(current, desired)
	c := testCase{}
	if s.online {
		c.online = planner.OnlineAlways
	}
	m, err := planner.Plan(current, desired, changes, c.options())
	if s.either && err == nil {
		s.refused = ""
	}
	switch {
	case s.refused != "" && (err == nil || !strings.Contains(err.Error(), s.refused)):
		t.Fatalf("refused with %v, not %q", err, s.refused)
	case s.refused != "":
		return
	case err != nil:
		t.Fatal(err)
	case s.same != (len(changes) == 0):
		t.Fatalf("changes: %s", describe(changes))
	}
	s.announced(t, m)
	if s.fails != "" {
		code, rows := check(t, ours, m)
		if code == "" && !strings.HasPrefix(s.fails, "55") {
			t.Errorf("no query finds the rows (%s)\n%s", rows, m.Script())
		}
		if got := played(t, ours, m); got != s.fails {
			t.Errorf("the plan gives %q, not %q\n%s", got, s.fails, m.Script())
		}
		return
	}
	applyMeasured(t, ours, m)
	if left := differ.NewMemo(nil).Diff(read(t, ours), desired); len(left) > 0 {
		t.Errorf("after the plan there is a difference:\n%s\n%s", describe(left), m.Script())
	}
	var ok bool
	if s.truth == "" {
		return
	}
	if err := servertest.Connect(t, ours).QueryRow(t.Context(), s.truth).Scan(&ok); err != nil || !ok {
		t.Errorf("not true after the plan (%v): %s\n%s", err, s.truth, m.Script())
	}
}

func (s scenario) announced(t *testing.T, m *planner.Migration) {
	t.Helper()
	have := map[string]bool{}
	for _, h := range m.Hazards() {
		have[h.Code] = true
	}
	for _, code := range s.hazards {
		if !have[code] {
			t.Errorf("no hazard %s in\n%s", code, m.Script())
		}
	}
}

// tried runs SQL in a transaction, takes it back, and returns the SQLSTATE of its error.
func tried(t *testing.T, url, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if !strings.Contains(sql, "CONCURRENTLY") {
		sql = "BEGIN;" + sql
	}
	_, err = conn.PgConn().Exec(t.Context(), sql).ReadAll()
	return sqlstate(err)
}

// played runs a plan as psql does, and returns the SQLSTATE of the first error.
func played(t *testing.T, url string, m *planner.Migration) string {
	t.Helper()
	conn := servertest.Connect(t, url)
	for _, u := range m.Units {
		var sql strings.Builder
		for _, st := range u.Statements {
			sql.WriteString(path(st) + ";\n" + st.SQL + ";\n")
		}
		text := sql.String()
		if u.NoTransaction {
			text = u.Statements[0].SQL
		}
		if _, err := conn.PgConn().Exec(t.Context(), text).ReadAll(); err != nil {
			return sqlstate(err)
		}
	}
	return ""
}

func sqlstate(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
