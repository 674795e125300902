package coverage_test

import (
	"context"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bloom/catalog/coverage"
	"bloom/supabase/server/servertest"
)

var update = flag.Bool("update", false, "rewrite testdata and docs/coverage.md; read the diff before committing")

const doc = "../../docs/coverage.md"

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestDocument(t *testing.T) {
	want := coverage.Markdown()
	if *update {
		write(t, doc, want)
		return
	}
	got, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/coverage.md is stale: run make coverage (-want +got)\n%s", diff)
	}
}

func TestClasses(t *testing.T) {
	for _, c := range coverage.Columns() {
		if !slices.Contains(coverage.Classes, c.Class) || c.What == "" {
			t.Errorf("%s.%s: %q is no class, or it does not say what", c.Catalog, c.Name, c.Class)
		}
	}
}

// TestServers holds the list against the servers: nothing that one has is
// missing, and nothing is listed that it does not have.
func TestServers(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		listed := map[string]bool{}
		for _, c := range coverage.Columns() {
			if c.In(s.Major) {
				listed[c.Catalog+" "+c.Name] = true
			}
		}
		for _, name := range serverColumns(t, s) {
			rel, _, _ := strings.Cut(name, " ")
			switch {
			case listed[name]:
				delete(listed, name)
			case !listed[rel+" *"]:
				t.Errorf("%s is not listed in coverage.tsv", name)
			}
		}
		for name := range listed {
			if !strings.HasSuffix(name, " *") {
				t.Errorf("%s is listed, and PostgreSQL %d does not have it", name, s.Major)
			}
		}
	})
}

func serverColumns(t *testing.T, s *servertest.Server) []string {
	rows, err := servertest.Connect(t, s.Database(t)).Query(context.Background(), `
select c.relname || ' ' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		out = append(out, name)
	}
	if err := rows.Err(); err != nil || len(out) == 0 {
		t.Fatalf("no catalogs: %v", err)
	}
	return out
}
