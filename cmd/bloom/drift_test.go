package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"bloom/supabase/server/servertest"
)

// handMade is one change of testdata/drift/by_hand.txtar.
type handMade struct {
	name, schema  string
	setup, change string
	want          string
}

func handMadeChanges(t *testing.T, ar *txtar.Archive) []handMade {
	var cases []handMade
	for i, f := range ar.Files {
		parts := strings.Split(string(f.Data), "==\n")
		if len(parts) != 3 {
			t.Fatalf("%s: not three parts", f.Name)
		}
		c := handMade{name: f.Name, schema: fmt.Sprintf("c%03d", i), want: parts[2]}
		c.setup = fmt.Sprintf("CREATE SCHEMA %s;\n", c.schema) + strings.ReplaceAll(parts[0], "$", c.schema)
		c.change = strings.ReplaceAll(parts[1], "$", c.schema)
		// In SQL $1 is a parameter.
		c.setup = strings.ReplaceAll(c.setup, "("+c.schema+"1)", "($1)")
		cases = append(cases, c)
	}
	return cases
}

// TestDrift makes a hundred changes by hand on one database, each in a schema of its
// own. bloom drift has to find each, and nothing else, as made by hand; bloom adopt has
// to write them all into the declared files.
func TestDrift(t *testing.T) {
	s := servertest.Start(t, 17)
	const name = "testdata/drift/by_hand.txtar"
	ar, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	servertest.Exec(t, s.URL("postgres"), "CREATE ROLE drift_owner")
	t.Cleanup(func() { servertest.Exec(t, s.URL("postgres"), "DROP ROLE drift_owner") })
	url, dir := s.Platform(t), t.TempDir()
	cases := handMadeChanges(t, ar)
	var migration strings.Builder
	for _, c := range cases {
		migration.WriteString(c.setup)
		if err := writeFile(filepath.Join(dir, "schema", c.schema+".sql"), c.setup); err != nil {
			t.Fatal(err)
		}
	}
	if err := writeFile(filepath.Join(dir, "supabase/migrations/20240101000000_all.sql"), migration.String()); err != nil {
		t.Fatal(err)
	}
	bloom(t, dir, "push", "--yes", "--db-url", url)
	bloom(t, dir, "drift", "--db-url", url)
	for _, c := range cases {
		servertest.Exec(t, url, c.change)
	}
	found := driftFindings(t, dir, url)
	claimed := map[string]bool{}
	for i, c := range cases {
		var got strings.Builder
		for _, f := range found {
			// What belongs to no schema is named in the statement that made it.
			if strings.Contains(f.Message, c.schema) || !strings.Contains(f.Object, ".") && strings.Contains(c.change, " "+f.Object+" ") {
				claimed[f.Message] = true
				fmt.Fprintf(&got, "%s: %s %s %s\n", f.Cause, f.Op, f.Kind, strings.ReplaceAll(f.Object, c.schema, "$"))
			}
		}
		if *update {
			ar.Files[i].Data = []byte(strings.Join(append(strings.Split(string(ar.Files[i].Data), "==\n")[:2], got.String()), "==\n"))
			continue
		}
		if d := cmp.Diff(c.want, got.String()); d != "" {
			t.Errorf("%s: %s(-want +got)\n%s", c.name, c.change, d)
		}
	}
	for _, f := range found {
		if !claimed[f.Message] {
			t.Errorf("nobody did this: %s", f.Message)
		}
		if at := fmt.Sprint(f.Op); at != "create" && (f.File == "" || f.Line == 0 || f.Column == 0) {
			t.Errorf("no place is told: %s", f.Message)
		}
		if len(f.WaysOut) != 2 {
			t.Errorf("not two ways out: %s: %q", f.Message, f.WaysOut)
		}
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d changes, %d findings", len(cases), len(found))
	bloom(t, dir, "adopt", "--all", "--db-url", url)
	if rest := bloom(t, dir, "diff", "--from", "schema", "--to", "live", "--db-url", url); rest != "" {
		t.Errorf("what was adopted differs:\n%s", rest)
	}
}

// driftFindings is what bloom drift tells, notes left out.
func driftFindings(t *testing.T, dir, url string) []divergence {
	t.Helper()
	got := invoke(t, strings.NewReader(""), "--workdir", dir, "drift", "--json", "--db-url", url)
	if got.code == exitError {
		t.Fatal(got.stderr)
	}
	var r report
	if err := json.Unmarshal([]byte(got.stdout), &r); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(r.Findings, func(f divergence) bool { return f.Cause == causeUnreplayed })
}
