package planner_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bloom/planner"
)

// TestCodes: the list of hazards has what the sources name, and docs/hazards.md says the
// same; -update writes it.
func TestCodes(t *testing.T) {
	quoted := regexp.MustCompile(`"([A-Z]+(?:_[A-Z]+)+|REVOKE|BACKFILL)"`)
	used := map[string]bool{"LOCK_ACCESS_EXCLUSIVE": true, "LOCK_EXCLUSIVE": true, "LOCK_SHARE_ROW_EXCLUSIVE": true, "LOCK_SHARE": true} // composed
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if p == "codes.go" || strings.HasSuffix(p, "_test.go") {
			continue
		}
		for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
			if !strings.HasPrefix(m[1], "FINALFUNC") && !strings.HasPrefix(m[1], "MFINALFUNC") {
				used[m[1]] = true
			}
		}
	}
	for code := range used {
		if _, ok := planner.Codes[code]; !ok {
			t.Errorf("%s is not in codes.go", code)
		}
	}
	for code := range planner.Codes {
		if !used[code] {
			t.Errorf("%s of codes.go is nowhere used", code)
		}
	}
	const file = "../docs/hazards.md"
	if *update {
		if err := os.WriteFile(file, []byte(page()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != page() {
		t.Errorf("%s is not what codes.go says (%v): go test ./planner -run TestCodes -update", file, err)
	}
}

func page() string {
	var b strings.Builder
	b.WriteString(`# Hazards

What a plan says about its statements: in the file as ` + "`-- hazard CODE: reason (size); way out`" + `, on the terminal, and with ` + "`--json`" + ` also the level, the
object, the lock, who waits for it, rows and bytes, and the query that finds rows in the way. Written by ` + "`go test ./planner -run TestCodes -update`" + ` from planner/codes.go.

` + "`bloom push`" + ` asks for ` + "`--allow CODE`" + ` where data are lost or opened, or where a large table is worked through while others wait.
`)
	for _, level := range []planner.Level{planner.DataLoss, planner.Security, planner.Locks, planner.MayFail, planner.Breaks, planner.DataEdit, planner.Slows} {
		fmt.Fprintf(&b, "\n## %s\n\n| code | meaning | rows of the table | instead |\n|---|---|---|---|\n", level)
		for _, code := range slices.Sorted(maps.Keys(planner.Codes)) {
			if c := planner.Codes[code]; c.Level == level {
				fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", code, c.Means, c.Work, c.Instead)
			}
		}
	}
	return b.String()
}
