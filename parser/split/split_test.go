package split

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func texts(t *testing.T, sql string) []string {
	t.Helper()
	list, err := File("a.sql", sql)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range list {
		out = append(out, s.Text)
	}
	return out
}

func TestFile(t *testing.T) {
	tests := []struct {
		name, sql string
		want      []string
	}{
		{"nothing", " \n;;\n", nil},
		{"two", "select 1; select 2", []string{"select 1", "select 2"}},
		{"comments stay with what follows", "-- a\nselect 1; -- b\n/* c; */ select 2;\n", []string{"-- a\nselect 1", "-- b\n/* c; */ select 2"}},
		{"a last comment is an element", "select 1;\n-- the end;\n", []string{"select 1", "-- the end;"}},
		{"comment before a lone semicolon", "select 1; -- a\n; select 2;;", []string{"select 1", "-- a", "select 2"}},
		{"byte order mark", "\ufeffselect 1;", []string{"select 1"}},
		{"quotes", `select ';', "a;b", $$;$$, $x$ ; $$ ; $x$; select 'it''s;'`, []string{`select ';', "a;b", $$;$$, $x$ ; $$ ; $x$`, `select 'it''s;'`}},
		{"nested comment", "/* a /* ; */ ; */ select 1; select 2", []string{"/* a /* ; */ ; */ select 1", "select 2"}},
		{"rule", "create rule r as on insert to t do (select 1; select 2); select 3", []string{"create rule r as on insert to t do (select 1; select 2)", "select 3"}},
		// where the CLI's scanner goes wrong
		{"E string", `select E'it\'s; ok'; select 2`, []string{`select E'it\'s; ok'`, "select 2"}},
		{"case in an atomic body", "create function f() returns int begin atomic select case when true then 1 end; select 2; END; select 3",
			[]string{"create function f() returns int begin atomic select case when true then 1 end; select 2; END", "select 3"}},
		{"nested parentheses", "select ((1;2);3); select 4", []string{"select ((1;2);3)", "select 4"}},
		{"identifier with $", "select a$b$c; select d$b$e", []string{"select a$b$c", "select d$b$e"}},
		{"transaction block is no atomic body", "begin; select 1; end; select 2", []string{"begin", "select 1", "end", "select 2"}},
		{"newer syntax", "select 1; alter table t add b int generated always as (a) virtual; select 2", []string{"select 1", "alter table t add b int generated always as (a) virtual", "select 2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, texts(t, tt.sql)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			// A file made of the history, as fetch does it, gives the same history.
			if diff := cmp.Diff(tt.want, texts(t, Join(tt.want))); diff != "" {
				t.Errorf("after a round trip (-want +got)\n%s", diff)
			}
		})
	}
}

func TestKind(t *testing.T) {
	tests := map[Kind][]string{
		Comment:  {"-- a"},
		Ordinary: {"select 1", "create index i on t (a)", "analyze t", "cluster t using i", "refresh materialized view concurrently v", "reindex table t", "reindex (concurrently false) table t", "alter type e add value 'x'", "alter database d set work_mem = 1", "create subscription s connection 'c' publication p with (connect = false)", "alter table p detach partition c", "alter subscription s disable", "drop table t"},
		Alone: {"create unique index concurrently i on t (a)", "drop index concurrently i", "reindex table concurrently t", "reindex (concurrently) index i", "reindex schema s", "vacuum t", "cluster",
			"alter system set work_mem = 1", "create database d", "drop database d", "create tablespace s location '/x'", "alter database d set tablespace s",
			"create subscription s connection 'c' publication p", "drop subscription s", "alter subscription s refresh publication", "alter table p detach partition c concurrently"},
		Begin: {"begin", "start transaction isolation level serializable"}, Commit: {"commit", "end"}, Rollback: {"rollback", "abort"},
		Savepoint: {"savepoint a", "release a", "rollback to a"}, TwoPhase: {"prepare transaction 'a'", "commit and chain"},
		CopyFromStdin: {"copy t from stdin"},
	}
	for want, list := range tests {
		for _, sql := range list {
			got, err := File("a.sql", sql)
			if err != nil || len(got) != 1 || got[0].Kind != want || got[0].Err != nil {
				t.Errorf("%s: %+v, %v", sql, got, err)
			}
		}
	}
}

func TestTouchesRows(t *testing.T) {
	block := func(code string) string { return "DO $$ DECLARE r record; n text; BEGIN " + code + " END $$" }
	tests := []struct {
		sql  string
		want bool
	}{
		{"CREATE TABLE t (id int)", false}, {"INSERT INTO t VALUES (1)", true}, {"SELECT f()", true}, {"CALL p()", true}, {"TRUNCATE t", true},
		{block("CREATE ROLE r;"), false},
		{block("IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'a') THEN CREATE ROLE a; END IF;"), false},
		{block("FOR r IN SELECT tablename FROM pg_tables LOOP EXECUTE format('CREATE POLICY %I ON %I FOR INSERT', r.a, r.b); END LOOP;"), false},
		{block("EXECUTE 'GRANT INSERT ON t TO ' || quote_ident(n);"), false},
		{block("BEGIN ALTER TABLE t ADD x int; EXCEPTION WHEN duplicate_column THEN NULL; END;"), false},
		{block("PERFORM 1 FROM pg_class; IF NOT FOUND THEN RAISE NOTICE 'x'; END IF;"), false},
		{block("SELECT count(*) INTO n FROM pg_class;"), false},
		{block("IF true THEN UPDATE t SET x = 1; END IF;"), true},
		{block("FOR r IN SELECT 1 LOOP INSERT INTO t VALUES (r.x); END LOOP;"), true},
		{block("BEGIN NULL; EXCEPTION WHEN others THEN DELETE FROM t; END;"), true},
		{block("EXECUTE n;"), true},
		{block("EXECUTE format('INSERT INTO %I VALUES (1)', n);"), true},
		{block("PERFORM pgmq.create('q');"), true},
		{block("SELECT make_rows() INTO n;"), true},
		{block("CALL p();"), true},
		{"DO LANGUAGE plpython3u 'pass'", true},
		{"DO $$ no plpgsql $$", true},
	}
	for _, tt := range tests {
		list, err := File("x.sql", tt.sql)
		if err != nil || len(list) != 1 || list[0].Err != nil {
			t.Fatalf("%s: %v, %v", tt.sql, list, err)
		}
		if got := list[0].TouchesRows(); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.sql, got, tt.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for sql, want := range map[string]string{
		"select 1;\nselect 'ä;": "a.sql:2:8: unterminated quoted string",
		"select \xff":           "a.sql:1:8: not valid in UTF-8",
		"select 1;\x00":         "a.sql:1:10: a zero byte",
	} {
		if _, err := File("a.sql", sql); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", sql, err, want)
		}
	}
	got, err := File("a.sql", "select 1;\n-- ä\nselect 'ä' frmo frmo t;\nselct 1;")
	if err != nil || len(got) != 3 || got[1].Err == nil || got[2].Err == nil {
		t.Fatal(got, err)
	}
	for i, want := range []string{1: `a.sql:3:17: syntax error at or near "frmo"`, 2: `a.sql:4:1: syntax error at or near "selct"`} {
		if want != "" && got[i].Err.Error() != want {
			t.Errorf("got %v, want %s", got[i].Err, want)
		}
	}
}

func TestWords(t *testing.T) {
	same := [][2]string{
		{"CREATE TABLE a (x int);", "create table  a(x INT) -- c"},
		{"select 1;\nselect 2;", "select 1;;select 2"},
	}
	different := [][2]string{
		{"select 'a'", "select 'A'"}, {"select 1", "select 2"}, {`select "a"`, `select "A"`},
		{"select $$a$$", "select $$b$$"}, {"select E'a'", "select E'A'"}, {"select 'a' 'b'", "select 'ab'"},
	}
	for _, p := range same {
		if Words(p[0]) != Words(p[1]) {
			t.Errorf("%q and %q should say the same", p[0], p[1])
		}
	}
	for _, p := range different {
		if Words(p[0]) == Words(p[1]) {
			t.Errorf("%q and %q should differ", p[0], p[1])
		}
	}
}

func TestWithoutConstants(t *testing.T) {
	got := WithoutConstants("ALTER ROLE a /* hunter2 */ PASSWORD 'hunter2' -- hunter2\n CONNECTION LIMIT 2")
	if want := "ALTER ROLE a PASSWORD ? CONNECTION LIMIT ?"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := WithoutConstants("ALTER ROLE a PASSWORD 'hunt"); got != "" {
		t.Errorf("a cut query gives %s", got)
	}
}

// TestCorpus cuts real migrations as the CLI does.
func TestCorpus(t *testing.T) {
	dir := os.Getenv("BLOOM_CORPUS")
	if dir == "" {
		t.Skip("NOT TESTED: BLOOM_CORPUS does not name a folder of repositories with migrations")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "repos", "Salk-Harnessing-Plants-Initiative+bloom", "migrations", "*.sql"))
	if len(files) != 219 {
		t.Fatalf("%d migrations, want 219", len(files))
	}
	elements, comments := 0, 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := File(file, string(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range got {
			elements++
			if s.Kind == Comment {
				comments++
			}
			if s.Err != nil {
				t.Error(s.Err)
			}
		}
		if diff := cmp.Diff(cliScan(string(text)), texts(t, string(text))); diff != "" {
			t.Errorf("%s (-cli +bloom)\n%s", file, diff)
		}
	}
	if elements != 1497 || comments != 5 {
		t.Errorf("%d elements, %d of them comments; want 1497 and 5", elements, comments)
	}
}

// cliScan cuts as the CLI's hand-written scanner does, mistakes included.
func cliScan(s string) []string {
	var out []string
	start, parens, atomic := 0, false, false
	add := func(end int) {
		if piece := strings.TrimSpace(strings.TrimRight(s[start:end], ";")); piece != "" {
			out = append(out, piece)
		}
	}
	for i := 0; i < len(s); i++ {
		rest := s[i:]
		switch {
		case strings.HasPrefix(rest, "--"):
			i += max(strings.IndexByte(rest+"\n", '\n')-1, 0)
		case strings.HasPrefix(rest, "/*"):
			for depth := 0; i < len(s); i++ {
				if strings.HasPrefix(s[i:], "/*") {
					depth++
					i++
				} else if strings.HasPrefix(s[i:], "*/") {
					depth--
					i++
				}
				if depth == 0 {
					break
				}
			}
		case s[i] == '\'' || s[i] == '"':
			for q := s[i]; ; {
				i += 1 + strings.IndexByte(s[i+1:], q)
				if i+1 >= len(s) || s[i+1] != q {
					break
				}
				i++
			}
		case s[i] == '\\':
			i++
		case s[i] == '$':
			if end := strings.IndexByte(rest[1:], '$'); end >= 0 && isTag(rest[1:end+1]) {
				tag := rest[:end+2]
				if n := strings.Index(rest[len(tag):], tag); n >= 0 {
					i += n + 2*len(tag) - 1
				}
			}
		case s[i] == '(':
			parens = true
		case s[i] == ')':
			parens = false
		case len(rest) > 12 && strings.EqualFold(rest[:12], "begin atomic"):
			atomic = true
		case atomic && strings.EqualFold(rest[:3], "end"):
			atomic = false
		case s[i] == ';' && !parens && !atomic:
			add(i + 1)
			start = i + 1
		}
	}
	add(len(s))
	return out
}

func isTag(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r != '_' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z') }) < 0
}
