package main

import (
	"os"
	"strings"
	"testing"
)

// TestLintDocument: the table of docs/lint.md is that of the rules.
func TestLintDocument(t *testing.T) {
	const name = "../../docs/lint.md"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(text), "| code |")
	want := head + ruleTable()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Error("docs/lint.md is not what bloom lint --rules prints: go test ./cmd/bloom -run TestLintDocument -update")
	}
}
