package analyze_test

import (
	"context"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
	"bloom/catalog/introspect"
	"bloom/parser/analyze"
	"bloom/supabase/server/servertest"
)

// load runs the SQL that pairs are made of and reads the database back.
func load(t *testing.T, s *servertest.Server) *catalog.Catalog {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, file := range []string{"testdata/pairs.sql", "testdata/pairs_query.sql"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		statements, err := pg.SplitWithParser(string(text), true)
		if err != nil {
			t.Fatal(err)
		}
		for _, st := range statements {
			// the JSON constructors are not in 15
			if _, err := conn.Exec(ctx, st, pgx.QueryExecModeSimpleProtocol); err != nil && s.Major > 15 {
				t.Fatalf("%s: %v", st, err)
			}
		}
	}
	c, err := introspect.Database(ctx, conn, introspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestColumnsOfViews compares the columns that a view's query is found to have with those that the server gave it.
func TestColumnsOfViews(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		c := load(t, s)
		n := 0
		for id, o := range c.All() {
			v, ok := o.(catalog.View)
			if !ok {
				continue
			}
			n++
			got, err := analyze.QueryColumns(c, v.Query)
			if err != nil {
				t.Errorf("%s: %v", id, err)
			} else if diff := cmp.Diff([]catalog.ViewColumn(v.Columns), got); diff != "" {
				t.Errorf("%s (-server +analysis):\n%s", id, diff)
			}
		}
		if n < 80 {
			t.Errorf("only %d views", n)
		}
	})
}

// TestRefs compares what expressions are found to refer to with pg_depend.
func TestRefs(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		c := load(t, s)
		n := 0
		for id, o := range c.All() {
			var got []catalog.ID
			for _, f := range catalog.Exprs(o) {
				got = append(got, analyze.Refs(c, o, f.Path)...)
			}
			if len(got) == 0 {
				continue
			}
			n++
			slices.SortFunc(got, catalog.ID.Compare)
			got = slices.Compact(got)
			if diff := cmp.Diff(expressionDeps(c, id, got), got); diff != "" {
				t.Errorf("%s (-server +analysis):\n%s", id, diff)
			}
		}
		if n < 150 {
			t.Errorf("only %d objects", n)
		}
	})
}

// expressionDeps are the dependencies of an object, without those that its other fields make.
func expressionDeps(c *catalog.Catalog, id catalog.ID, found []catalog.ID) []catalog.ID {
	var out []catalog.ID
	for _, to := range c.Deps(id) {
		if slices.Contains(found, to) || !ofOtherFields(id, to) {
			out = append(out, to)
		}
	}
	return out
}

// ofOtherFields reports whether something that is no expression of the object can make it need the other.
func ofOtherFields(id, to catalog.ID) bool {
	switch id.Kind {
	case catalog.KindTrigger:
		return to.Kind == catalog.KindRoutine
	case catalog.KindRoutine: // types of parameters
		return to.Kind == catalog.KindTable || to.Kind == catalog.KindEnum || to.Kind == catalog.KindSchema
	case catalog.KindPublicationTable:
		return to.Kind == catalog.KindTable
	case catalog.KindConstraint, catalog.KindIndex, catalog.KindStatistics:
		return to.Schema == "app" && (to.Table == "booking" || to.Name == "booking") || to.Kind == catalog.KindSchema
	}
	return to.Kind == catalog.KindSchema
}
