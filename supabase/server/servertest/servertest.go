// Package servertest gives tests a real PostgreSQL: one throwaway server for
// each test process and major version, and a fresh database for whoever asks.
//
// Servers are found or installed by package server, end with the test
// process, and cost about a third of a second. go test -short skips their
// tests.
package servertest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"bloom/supabase/server"

	"github.com/jackc/pgx/v5"
)

// Majors are the versions to test with: those of Supabase, and with
// BLOOM_TEST_ALL set all that bloom supports.
func Majors() []int {
	if os.Getenv("BLOOM_TEST_ALL") != "" {
		return []int{15, 16, 17, 18}
	}
	return []int{15, 17}
}

// Each runs a test on every version of Majors.
func Each(t *testing.T, test func(t *testing.T, s *Server)) {
	t.Helper()
	for _, major := range Majors() {
		t.Run(fmt.Sprintf("postgres=%d", major), func(t *testing.T) { test(t, Start(t, major)) })
	}
}

// Server is a server that the tests of a process share. It has the
// platform's roles; its databases begin empty unless asked for otherwise.
type Server struct {
	*server.Server
	databases atomic.Int64
}

type result struct {
	server *Server
	err    error
}

var servers sync.Map // major → func() result, that starts once

// Start gives the shared server of a major version. It is never stopped: it
// ends with the test process.
func Start(t testing.TB, major int) *Server {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a server")
	}
	start, _ := servers.LoadOrStore(major, sync.OnceValue(func() result {
		s, err := server.Start(context.Background(), server.Options{
			Major:    major,
			Platform: true,
			Progress: func(text string) { fmt.Fprintln(os.Stderr, text) },
		})
		return result{&Server{Server: s}, err}
	}))
	r := start.(func() result)()
	if r.err != nil {
		t.Fatalf("no PostgreSQL %d to test with: %v", major, r.err)
	}
	return r.server
}

// Database makes an empty database, gives its URL, and drops it at the
// test's end.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	url, _ := s.create(t, "template1")
	return url
}

// Platform is Database, with the platform's shape.
func (s *Server) Platform(t testing.TB) string {
	t.Helper()
	url, name := s.create(t, server.PlatformTemplate)
	Exec(t, s.URL("postgres"), server.SearchPathSQL(name))
	return url
}

// Copy makes a database like another, to which nobody may be connected.
func (s *Server) Copy(t testing.TB, url string) string {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	copied, _ := s.create(t, config.Database)
	return copied
}

func (s *Server) create(t testing.TB, template string) (url, name string) {
	t.Helper()
	name = fmt.Sprintf("test_%d", s.databases.Add(1))
	Exec(t, s.URL("postgres"), "CREATE DATABASE "+name+" TEMPLATE "+template)
	t.Cleanup(func() { Exec(t, s.URL("postgres"), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return s.URL(name), name
}

// Exec runs SQL, one or several statements, on a connection of its own.
func Exec(t testing.TB, url, sql string) {
	t.Helper()
	ctx := context.Background() // fit for cleanups too
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
}

// Connect opens a connection for the length of the test.
func Connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}
