package main

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"bloom/supabase/server/servertest"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestMain lets the scripts run this program as `bloom`.
func TestMain(m *testing.M) {
	testscript.Main(counted{m}, map[string]func(){
		"bloom": func() { os.Exit(run(context.Background(), os.Args, os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// counted says at the end of all tests how many faults they survived.
type counted struct{ *testing.M }

func (c counted) Run() int {
	code := c.M.Run()
	if n := faultsSurvived.Load(); n > 0 && testing.Verbose() {
		fmt.Printf("faults survived: %d\n", n)
	}
	return code
}

// TestScript runs testdata/script/*.txtar against a real server. The commands
// besides testscript's own:
//
//	database NAME [platform]   makes an empty database, or one with the platform's shape, and sets $NAME to its URL
//	sql NAME FILE              runs a file in it
//	pooler NAME USER MODE      puts a pooler in front of it, and sets $POOLER to its URL for a user; session or transaction mode
func TestScript(t *testing.T) {
	srv := servertest.Start(t, 17)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_CACHE_HOME", e.WorkDir+"/.cache")
			e.Setenv("NO_COLOR", "1")
			e.Values["t"] = e.T().(testing.TB)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"database": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) < 1 || len(args) > 2 {
					ts.Fatalf("usage: database NAME [platform]")
				}
				tb := ts.Value("t").(testing.TB)
				if len(args) == 2 {
					ts.Setenv(args[0], srv.Platform(tb))
				} else {
					ts.Setenv(args[0], srv.Database(tb))
				}
			},
			"pooler": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 3 || args[2] != "session" && args[2] != "transaction" {
					ts.Fatalf("usage: pooler NAME USER session|transaction")
				}
				u, err := url.Parse(ts.Getenv(args[0]))
				ts.Check(err)
				u.User = url.User(args[1])
				ts.Setenv("POOLER", servertest.NewPooler(ts.Value("t").(testing.TB), u.String(), args[2] == "transaction").URL)
			},
			"sql": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 2 {
					ts.Fatalf("usage: sql NAME FILE")
				}
				servertest.Exec(ts.Value("t").(testing.TB), ts.Getenv(args[0]), ts.ReadFile(args[1]))
			},
		},
	})
}
