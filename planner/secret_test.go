package planner_test

import (
	"strings"
	"testing"

	"bloom/differ"
	"bloom/planner"
)

// TestSecrets: a changed password is written in the words of the files, the one that
// is there never; and without such words there is no plan.
func TestSecrets(t *testing.T) {
	const head = "CREATE FOREIGN DATA WRAPPER w;\nCREATE SERVER s FOREIGN DATA WRAPPER w;\n"
	c := testCase{files: map[string]string{
		"current.sql": head + "CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (user 'a', password 'before');",
		"desired.sql": head + "CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (user 'b', password 'after');",
		"altered.sql": head + "CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (user 'a');\nALTER USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (ADD password 'after');",
	}}
	script := planOf(t, c, declare(t, c, "current.sql"), declare(t, c, "desired.sql")).Script()
	if !strings.Contains(script, "password 'after'") || strings.Contains(script, "before") || strings.Contains(script, "sha256") {
		t.Errorf("the plan is not in the words of the file:\n%s", script)
	}
	current, altered := declare(t, c, "current.sql"), declare(t, c, "altered.sql")
	m, err := planner.Plan(current, altered, differ.NewMemo(nil).Diff(current, altered), planner.Options{})
	if err == nil {
		t.Fatalf("a password that no statement of the files alone sets is planned:\n%s", m.Script())
	}
	if msg := err.Error(); !strings.Contains(msg, "password is a secret") || strings.Contains(msg, "before") {
		t.Errorf("got %v", err)
	}
}
