package server_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bloom/supabase/server"
	"bloom/supabase/server/servertest"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

func query[T any](t *testing.T, url, sql string) T {
	t.Helper()
	var got T
	if err := servertest.Connect(t, url).QueryRow(t.Context(), sql).Scan(&got); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return got
}

func TestStart(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		url := s.Database(t)
		if got := query[int](t, url, "SELECT current_setting('server_version_num')::int / 10000"); got != s.Major {
			t.Errorf("server is %d, wanted %d", got, s.Major)
		}
		want := "postgres UTF8 true"
		got := query[string](t, url, `SELECT concat_ws(' ', current_user, getdatabaseencoding(),
			(SELECT rolsuper FROM pg_roles WHERE rolname = current_user))`)
		if diff := cmp.Diff(want, strings.Replace(got, " t", " true", 1)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if n := query[int](t, url, "SELECT count(*) FROM pg_namespace WHERE nspname IN ('auth', 'extensions')"); n != 0 {
			t.Errorf("an empty database has %d of the platform's schemas", n)
		}
		if s.Database(t) == url {
			t.Error("two databases have the same URL")
		}
	})
}

func TestDatabaseIsDropped(t *testing.T) {
	s := servertest.Start(t, servertest.Majors()[0])
	var url string
	t.Run("uses a database", func(t *testing.T) {
		url = s.Database(t)
		servertest.Exec(t, url, "CREATE TABLE t ()")
	})
	if conn, err := pgx.Connect(t.Context(), url); err == nil {
		conn.Close(t.Context())
		t.Error("the database is still there after its test")
	}
}

func TestStop(t *testing.T) {
	s, err := server.Start(t.Context(), server.Options{Major: servertest.Majors()[0]})
	if err != nil {
		t.Fatal(err)
	}
	data := query[string](t, s.URL("postgres"), "SELECT current_setting('data_directory')")
	if n := query[int](t, s.URL("postgres"), "SELECT count(*) FROM pg_roles WHERE rolname = 'anon'"); n != 0 {
		t.Error("a plain server has the platform's roles")
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(data)); err == nil {
		t.Errorf("%s is still there", filepath.Dir(data))
	}
	if _, err := pgx.Connect(t.Context(), s.URL("postgres")); err == nil {
		t.Error("the server still answers")
	}
}

// TestDiesWithParent kills a process that started a server, in the way that
// leaves it no chance to clean up.
func TestDiesWithParent(t *testing.T) {
	if out := os.Getenv("SERVER_TEST_PARENT"); out != "" {
		s, err := server.Start(t.Context(), server.Options{Major: servertest.Majors()[0]})
		if err != nil {
			t.Fatal(err)
		}
		os.WriteFile(out+".new", []byte(query[string](t, s.URL("postgres"), "SELECT current_setting('data_directory')")), 0o644)
		os.Rename(out+".new", out)
		select {}
	}
	servertest.Start(t, servertest.Majors()[0]) // skip where there can be none
	out := filepath.Join(t.TempDir(), "data")
	child := exec.Command(os.Args[0], "-test.run=^TestDiesWithParent$")
	child.Env = append(os.Environ(), "SERVER_TEST_PARENT="+out)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var data []byte
	await(t, "the child's server", func() bool {
		var err error
		data, err = os.ReadFile(out)
		return err == nil
	})
	child.Process.Kill()
	child.Wait()
	await(t, "removal of "+string(data), func() bool {
		_, err := os.Stat(filepath.Dir(string(data)))
		return os.IsNotExist(err)
	})
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestPlatform(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		url := s.Platform(t)
		tests := []struct{ name, sql, want string }{
			{"search_path", "SHOW search_path", server.PlatformSearchPath},
			{"api roles", `SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles
				WHERE pg_has_role('authenticator', oid, 'MEMBER') AND rolname <> 'authenticator' AND NOT rolsuper`, "anon authenticated service_role"},
			{"owner of auth.users", "SELECT relowner::regrole::text FROM pg_class WHERE oid = 'auth.users'::regclass", "supabase_auth_admin"},
			{"owner of storage.objects", "SELECT relowner::regrole::text FROM pg_class WHERE oid = 'storage.objects'::regclass", "supabase_storage_admin"},
			{"uid without a request", "SELECT coalesce(auth.uid()::text, 'nobody')", "nobody"},
			{"uid by claims", `SELECT auth.uid()::text FROM set_config('request.jwt.claims', '{"sub":"00000000-0000-0000-0000-000000000007"}', false)`, "00000000-0000-0000-0000-000000000007"},
			{"role by claim", "SELECT auth.role() FROM set_config('request.jwt.claim.role', 'anon', false)", "anon"},
			{"storage name", "SELECT concat_ws(' ', storage.foldername(n)::text, storage.filename(n), storage.extension(n)) FROM (SELECT 'a/b/c.tar.gz' AS n) AS x", "{a,b} c.tar.gz gz"},
			{"publication", "SELECT string_agg(pubname, ' ') FROM pg_publication", "supabase_realtime"},
			{"event triggers", "SELECT count(*)::text FROM pg_event_trigger", "0"},
			{"crypt", "SELECT (crypt('x', gen_salt('md5')) <> '')::text", "true"},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				if diff := cmp.Diff(tt.want, query[string](t, url, tt.sql)); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		}
		t.Run("default privileges", func(t *testing.T) {
			servertest.Exec(t, url, "CREATE TABLE public.t (id bigserial); CREATE FUNCTION public.f() RETURNS int LANGUAGE sql RETURN 1;")
			got := query[string](t, url, `SELECT concat_ws(' ', has_table_privilege('anon', 'public.t', 'TRUNCATE'),
				has_sequence_privilege('authenticated', 'public.t_id_seq', 'UPDATE'), has_function_privilege('service_role', 'public.f()', 'EXECUTE'))`)
			if diff := cmp.Diff("t t t", got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
		t.Run("a second load fails and changes nothing", func(t *testing.T) {
			count := "SELECT count(*) FROM pg_class"
			before := query[int](t, url, count)
			if err := server.LoadPlatform(t.Context(), url); err == nil {
				t.Error("no error")
			}
			if after := query[int](t, url, count); after != before {
				t.Errorf("%d relations became %d", before, after)
			}
		})
	})
}

func TestFindErrors(t *testing.T) {
	empty := t.TempDir()
	_, err := server.Find(t.Context(), server.Want{Dir: empty})
	if err == nil || !strings.Contains(err.Error(), empty) {
		t.Errorf("a folder without binaries: %v", err)
	}
	_, err = server.Find(t.Context(), server.Want{Major: 7})
	if err == nil || !strings.Contains(err.Error(), "hint:") {
		t.Errorf("a version that nobody has: %v", err)
	}
	t.Setenv("PATH", empty)
	_, err = server.Find(t.Context(), server.Want{Major: 7, Install: true})
	if err == nil || !strings.Contains(err.Error(), "PostgreSQL 7") {
		t.Errorf("a version that can't be installed: %v", err)
	}
}

func TestFindOrder(t *testing.T) {
	fake := func(version string) string {
		dir := t.TempDir()
		for _, program := range []string{"postgres", "initdb"} {
			text := "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + "'\n"
			if err := os.WriteFile(filepath.Join(dir, program), []byte(text), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	first, second, path, old := fake("92.1"), fake("92.2 (Debian 92.2-1)"), fake("93beta1"), fake("9.6.24")
	find := func(w server.Want) string {
		t.Helper()
		bin, err := server.Find(context.Background(), w)
		if err != nil {
			t.Fatal(err)
		}
		return bin.Version
	}
	t.Setenv("PATH", path+":"+os.Getenv("PATH"))
	t.Setenv("PG_BIN_92", second)
	t.Setenv("BLOOM_PG_BIN", old)
	got := []string{
		find(server.Want{Dir: first, Major: 92}),
		find(server.Want{Major: 92}),
		find(server.Want{Major: 93}),
		find(server.Want{}), // the one of BLOOM_PG_BIN is too old
	}
	t.Setenv("BLOOM_PG_BIN", first)
	got = append(got, find(server.Want{Major: 92}), find(server.Want{}))
	want := []string{"92.1", "92.2", "93beta1", "93beta1", "92.1", "92.1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
