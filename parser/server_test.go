package parser_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"bloom/catalog"
	"bloom/catalog/introspect"
	"bloom/differ"
	"bloom/parser"
	"bloom/supabase/server/servertest"
)

// TestServer runs statements on a server and in the parser: both must come to
// the same objects, names that PostgreSQL chooses included.
func TestServer(t *testing.T) {
	files, err := filepath.Glob("testdata/server/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		for _, f := range files {
			t.Run(filepath.Base(f), func(t *testing.T) {
				text, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				live := run(t, s, string(text))
				script, err := parser.Read(context.Background(), []parser.Source{{Name: f, Text: string(text)}})
				if err != nil {
					t.Fatal(err)
				}
				replayed := catalog.New()
				replayed.Version = live.Version
				if _, err := script.Replay(replayed, parser.Options{Role: "postgres", Version: live.Version}); err != nil {
					t.Fatal(err)
				}
				compare(t, live, replayed)
				for _, c := range differ.NewMemo(nil).Diff(replayed, live) {
					t.Errorf("%s %s: %v\nparser %s\nserver %s", c.Op, c.ID(), c.Fields, exprsOf(c.Current), exprsOf(c.Desired))
				}
			})
		}
	})
}

// run executes SQL in a database of its own and reads what it made.
func run(t *testing.T, s *servertest.Server, sql string) *catalog.Catalog {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	roles := "do $$ declare r text; begin foreach r in array array['parser_reader', 'parser_writer', 'parser_owner'] loop " +
		"begin execute 'create role ' || r; exception when duplicate_object or unique_violation then null; end; end loop; end $$"
	for _, q := range []string{roles, sql} {
		if _, err := conn.Exec(ctx, q, pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	c, err := introspect.Database(ctx, conn, introspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// exprsOf shows the texts in an object.
func exprsOf(o catalog.Object) string {
	var b strings.Builder
	if o != nil {
		for _, f := range catalog.Exprs(o) {
			fmt.Fprintf(&b, "%s: %s\n", f.Path, f.Expr.Text)
		}
	}
	return b.String()
}

func compare(t *testing.T, live, ours *catalog.Catalog) {
	t.Helper()
	for id, o := range live.All() {
		got := ours.Get(id)
		switch {
		case id.Kind == catalog.KindRole || id.Kind == catalog.KindRoleMember:
		case got == nil:
			t.Errorf("%s is on the server only: %+v", id, o)
		default:
			if diff := cmp.Diff(plain(o), plain(got)); diff != "" {
				t.Errorf("%s (-server +parser)\n%s", id, diff)
			}
		}
	}
	for id, o := range ours.All() {
		if !live.Has(id) {
			t.Errorf("%s is not on the server: %+v", id, o)
		}
	}
}

// plain takes away what is written differently on both sides: of expressions it
// only counts that they are there, and an empty list is none.
func plain(o catalog.Object) catalog.Object {
	o = catalog.WithExprs(o, func(string, catalog.Expr) catalog.Expr { return catalog.Expr{Text: "…"} })
	v := reflect.New(reflect.TypeOf(o)).Elem()
	v.Set(reflect.ValueOf(o))
	withoutEmpty(v)
	return v.Interface().(catalog.Object)
}

func withoutEmpty(v reflect.Value) {
	for i := range v.NumField() {
		f := v.Field(i)
		switch {
		case f.Kind() == reflect.Slice && f.Len() == 0:
			f.SetZero()
		case f.Kind() == reflect.Struct:
			withoutEmpty(f)
		}
	}
}
