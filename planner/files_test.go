package planner_test

import (
	"strings"
	"testing"

	"bloom/catalog"
	"bloom/differ"
	"bloom/planner"
)

// TestFiles: a file per transaction, in order; nothing but what lifts the time
// limit is before a statement that can be in none, and no COMMIT is in the others.
func TestFiles(t *testing.T) {
	c := testCase{files: map[string]string{
		"current.sql": "CREATE TABLE public.t (a int, b text);",
		"desired.sql": "CREATE TABLE public.t (a int NOT NULL, b text);\nCREATE INDEX i ON public.t (b);",
	}}
	current, desired := declare(t, c, "current.sql"), declare(t, c, "desired.sql")
	m, err := planner.Plan(current, desired, differ.NewMemo(nil).Diff(current, desired), planner.Options{Online: planner.OnlineAlways})
	if err != nil {
		t.Fatal(err)
	}
	files := m.Files()
	if len(files) != len(m.Units) || len(files) != 4 {
		t.Fatalf("%d files of %d units:\n%s", len(files), len(m.Units), strings.Join(files, "----\n"))
	}
	for i, f := range files {
		single := strings.Contains(f, "CONCURRENTLY")
		if single != m.Units[i].NoTransaction || single != strings.Contains(f, "COMMIT;") || single == strings.Contains(f, "SET LOCAL lock_timeout") {
			t.Errorf("file %d:\n%s", i+1, f)
		}
		if single && !strings.Contains(f, "\nSET statement_timeout = 0;\nCOMMIT;\n") {
			t.Errorf("the time limit stays:\n%s", f)
		}
	}
}

// TestOnlineByFacts: the size of the table decides, unless it is said.
func TestOnlineByFacts(t *testing.T) {
	c := testCase{files: map[string]string{
		"current.sql": "CREATE TABLE public.t (a int);",
		"desired.sql": "CREATE TABLE public.t (a int);\nCREATE INDEX i ON public.t (a);",
	}}
	for _, tt := range []struct {
		name    string
		stats   *catalog.Stats
		options planner.Options
		want    bool
	}{
		{"unknown size", nil, planner.Options{Online: planner.OnlineAuto}, false},
		{"many rows", &catalog.Stats{Rows: 50_000, Bytes: 1}, planner.Options{Online: planner.OnlineAuto}, true},
		{"few rows", &catalog.Stats{Rows: 49_999, Bytes: 1 << 20}, planner.Options{Online: planner.OnlineAuto}, false},
		{"never analysed but large", &catalog.Stats{Rows: -1, Bytes: 10 << 20}, planner.Options{Online: planner.OnlineAuto}, true},
		{"never analysed and small", &catalog.Stats{Rows: -1, Bytes: 1 << 20}, planner.Options{Online: planner.OnlineAuto}, false},
		{"always", &catalog.Stats{Empty: true}, planner.Options{Online: planner.OnlineAlways}, true},
		{"never", &catalog.Stats{Rows: 1e9, Bytes: 1 << 40}, planner.Options{Online: planner.OnlineNever}, false},
		{"taken to be empty", &catalog.Stats{Rows: 1e9, Bytes: 1 << 40}, planner.Options{Online: planner.OnlineAuto, AssumeEmpty: true}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			current, desired := declare(t, c, "current.sql"), declare(t, c, "desired.sql")
			if tt.stats != nil {
				current.SetStats(catalog.ID{Kind: catalog.KindTable, Schema: "public", Name: "t"}, *tt.stats)
			}
			m, err := planner.Plan(current, desired, differ.NewMemo(nil).Diff(current, desired), tt.options)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(m.Script(), "CONCURRENTLY"); got != tt.want {
				t.Errorf("online %v, want %v:\n%s", got, tt.want, m.Script())
			}
		})
	}
}
