package introspect

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bloom/catalog"
	"bloom/parser/analyze"
	"bloom/supabase/server/servertest"
)

// checks makes n checks, twenty to a table, and gives the questions about them, in
// the user's words.
func checks(t *testing.T, url string, n int) (*catalog.Catalog, []analyze.Question) {
	t.Helper()
	var sql strings.Builder
	for i := range n {
		if i%20 == 0 {
			fmt.Fprintf(&sql, "create table many%d (i int, s text, v varchar(10), at timestamptz);", i/20)
		}
		fmt.Fprintf(&sql, "alter table many%d add constraint c%d check (i > %d and v in ('a', 'b', 'c') or at > '2020-01-01' and s like 'x%%');", i/20, i, i)
	}
	servertest.Exec(t, url, sql.String())
	live, err := Database(t.Context(), servertest.Connect(t, url), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var qs []analyze.Question
	for i := range n {
		current := live.Get(catalog.ID{Kind: catalog.KindConstraint, Schema: "public", Table: fmt.Sprintf("many%d", i/20), Name: fmt.Sprintf("c%d", i)}).(catalog.Constraint)
		desired := current
		desired.Check = catalog.Expr{Text: fmt.Sprintf("i > %d and v in ('a', 'b', 'c') or at > '2020-01-01' and s like 'x%%'", i), Path: userPath}
		qs = append(qs, analyze.Question{Path: "Check", Current: current, Desired: desired})
	}
	return live, qs
}

func decideAll(t *testing.T, judge *Judge, qs []analyze.Question, want analyze.Verdict, reason string) {
	t.Helper()
	for i, a := range judge.Decide(qs) {
		if a.Verdict != want || !strings.Contains(a.Reason, reason) {
			t.Fatalf("question %d: %v %q, want %v %q", i, a.Verdict, a.Reason, want, reason)
		}
	}
}

func TestJudgeManyQuestions(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		url := s.Database(t)
		// Literals mean what they mean in the session that makes the object.
		servertest.Exec(t, url, "do $$ begin execute 'alter database ' || current_database() || ' set TimeZone = ''Asia/Tokyo'''; end $$")
		live, qs := checks(t, url, 2000)
		judge := NewJudge(t.Context(), servertest.Connect(t, url), nil, live)
		defer judge.Close()
		start := time.Now()
		decideAll(t, judge, qs, analyze.Equal, "")
		t.Logf("%d questions equal to what is stored: %v", len(qs), time.Since(start))
		for i := range qs {
			c := qs[i].Desired.(catalog.Constraint)
			c.Check.Text = strings.Replace(c.Check.Text, "'2020-01-01'", "'2020-01-01 00:00:00+00'", 1)
			qs[i].Desired = c
		}
		start = time.Now()
		decideAll(t, judge, qs, analyze.Different, "constant")
		t.Logf("%d questions asked about both texts: %v", len(qs), time.Since(start))
	})
}

func TestJudgeUnknown(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		url := s.Database(t)
		live, qs := checks(t, url, 4)
		servertest.Exec(t, url, "create rule r as on delete to many0 do instead nothing; create table other (a int, kind text); create view v as select kind from other")
		judge := NewJudge(t.Context(), servertest.Connect(t, url), nil, live)
		defer judge.Close()
		texts := []string{"fresh > 0", "i > 0 and (", "f(i) > 0", "i > 0) or (true"}
		for i, text := range texts {
			c := qs[i].Desired.(catalog.Constraint)
			c.Check.Text = text
			qs[i].Desired = c
		}
		wants := []string{`column "fresh" does not exist`, "syntax error", "function f(integer) does not exist", ""}
		for i, a := range judge.Decide(qs) {
			if a.Verdict == analyze.Equal || i < 3 && a.Verdict != analyze.Unknown || !strings.Contains(a.Reason, wants[i]) {
				t.Errorf("%s: %v %q", texts[i], a.Verdict, a.Reason)
			}
		}
		if err := judge.Problem(); err != nil {
			t.Error(err)
		}
		for path, o := range map[string]catalog.Object{
			"Definition":        catalog.Rule{Schema: "public", Table: "many", Name: "r", Definition: catalog.Expr{Text: "x"}},
			"PartitionOf.Bound": catalog.Table{Schema: "public", Name: "many", PartitionOf: catalog.Partition{Bound: catalog.Expr{Text: "DEFAULT"}}},
		} {
			if a := judge.Decide([]analyze.Question{{Path: path, Current: o, Desired: o}})[0]; a.Verdict != analyze.Unknown || !strings.Contains(a.Reason, "cannot be asked") {
				t.Errorf("%s: %v %q", path, a.Verdict, a.Reason)
			}
		}
	})
}

// A star means the columns that the table has now, on the server.
func TestJudgeLeavesOpenWhatChanges(t *testing.T) {
	s := servertest.Start(t, servertest.Majors()[0])
	url := s.Database(t)
	servertest.Exec(t, url, "create table t (a int); create view v as select * from t")
	conn := servertest.Connect(t, url)
	live, err := Database(t.Context(), conn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	current := live.Get(catalog.ID{Kind: catalog.KindView, Schema: "public", Name: "v"}).(catalog.View)
	desired := live.Clone()
	declared := current
	declared.Query = catalog.Expr{Text: "select * from t", Path: userPath}
	desired.Put(declared)
	qs := []analyze.Question{{Path: "Query", Current: current, Desired: declared}}
	judge := NewJudge(t.Context(), conn, nil, live, desired)
	defer judge.Close()
	decideAll(t, judge, qs, analyze.Equal, "")
	desired.Put(catalog.Column{Schema: "public", Table: "t", Name: "b", Type: "integer"})
	judge = NewJudge(t.Context(), conn, nil, live, desired)
	defer judge.Close()
	decideAll(t, judge, qs, analyze.Unknown, "column public.t.b")
}

func TestJudgeCannotBeUsed(t *testing.T) {
	s := servertest.Start(t, servertest.Majors()[0])
	url := s.Database(t)
	live, qs := checks(t, url, 3)
	for _, tt := range []struct {
		name, reason string
		client       func([]byte) []byte // changes what the client sends
		server       func(byte) bool     // keeps a message of the server's
	}{
		{"no notices", "notices do not arrive", nil, func(kind byte) bool { return kind != 'N' }},
		{"setting refused", "debug_print_parsX", func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("debug_print_parse"), []byte("debug_print_parsX"))
		}, nil},
		{"no connection", "", func(b []byte) []byte { return nil }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			conn := servertest.Connect(t, url)
			judge := NewJudge(t.Context(), conn, nil, live)
			defer judge.Close()
			judge.config.Host, judge.config.Port = "127.0.0.1", between(t, conn.Config(), tt.client, tt.server)
			decideAll(t, judge, qs, analyze.Unknown, tt.reason)
			if judge.Problem() == nil {
				t.Error("the judge does not say that it can't be used")
			}
			t.Log(judge.Problem())
		})
	}
}

// TestJudgeIsNotHeard: a pooler that has no connection left takes what it is sent and keeps silent.
func TestJudgeIsNotHeard(t *testing.T) {
	s := servertest.Start(t, servertest.Majors()[0])
	url := s.Database(t)
	live, qs := checks(t, url, 3)
	defer func(d time.Duration) { patience = d }(patience)
	patience = 100 * time.Millisecond
	conn := servertest.Connect(t, url)
	judge := NewJudge(t.Context(), conn, nil, live)
	defer judge.Close()
	ready := 0
	judge.config.Host, judge.config.Port = "127.0.0.1", between(t, conn.Config(), nil, func(kind byte) bool {
		if kind == 'Z' {
			ready++
		}
		return ready == 0 || kind == 'Z' && ready == 1
	})
	decideAll(t, judge, qs, analyze.Unknown, "no answer on a second connection")
}

// between listens in front of a server and changes what passes.
func between(t *testing.T, server *pgx.ConnConfig, change func([]byte) []byte, keep func(byte) bool) uint16 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			upstream, err := net.Dial("tcp", net.JoinHostPort(server.Host, strconv.Itoa(int(server.Port))))
			if err != nil {
				client.Close()
				return
			}
			go passUp(client, upstream, change)
			go passDown(client, upstream, keep)
		}
	}()
	return uint16(l.Addr().(*net.TCPAddr).Port)
}

func passUp(client, upstream net.Conn, change func([]byte) []byte) {
	defer upstream.Close()
	buf := make([]byte, 1<<20)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		b := buf[:n]
		if change != nil {
			b = change(b)
		}
		if b == nil {
			client.Close()
			return
		}
		upstream.Write(b)
	}
}

func passDown(client, upstream net.Conn, keep func(byte) bool) {
	defer client.Close()
	for {
		head := make([]byte, 5)
		if _, err := io.ReadFull(upstream, head); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
		if _, err := io.ReadFull(upstream, body); err != nil {
			return
		}
		if keep == nil || keep(head[0]) {
			client.Write(append(head, body...))
		}
	}
}

func TestJudgeRemembers(t *testing.T) {
	s := servertest.Start(t, servertest.Majors()[0])
	url := s.Database(t)
	live, qs := checks(t, url, 5)
	dir := t.TempDir()
	conn := servertest.Connect(t, url)
	first := NewJudge(t.Context(), conn, nil, live)
	first.Remember(dir)
	decideAll(t, first, qs, analyze.Equal, "")
	first.Close()
	second := NewJudge(t.Context(), conn, nil, live)
	second.Remember(dir)
	second.config.Port = 1 // nobody there
	decideAll(t, second, qs, analyze.Equal, "")
	if err := second.Problem(); err != nil {
		t.Errorf("the server was asked again: %v", err)
	}
	if _, err := conn.Exec(t.Context(), "set TimeZone = 'Asia/Tokyo'"); err != nil {
		t.Fatal(err)
	}
	third := NewJudge(t.Context(), conn, nil, live)
	third.Remember(dir)
	third.config.Port = 1
	decideAll(t, third, qs, analyze.Unknown, "can't be asked")
}
