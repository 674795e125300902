package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// invocation is a run of the program.
type invocation struct {
	stdout, stderr string
	code           int
}

func invoke(t *testing.T, stdin io.Reader, args ...string) invocation {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), append([]string{"bloom"}, args...), stdin, &stdout, &stderr)
	return invocation{stdout.String(), stderr.String(), code}
}

func TestNew(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	silent, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	tests := []struct {
		name       string
		stdin      io.Reader
		args       []string
		file, text string // of the migration, after the version
		say        string
	}{
		{"empty", null, []string{"add_status"}, "_add_status.sql", "", ""},
		{"piped", strings.NewReader("SELECT 1;\n"), []string{"add_status"}, "_add_status.sql", "SELECT 1;\n", ""},
		{"empty pipe", strings.NewReader(""), []string{"add_status"}, "_add_status.sql", "", ""},
		{"silent pipe", silent, []string{"add_status"}, "_add_status.sql", "", "--stdin waits longer"},
		{"name changed", null, []string{"Add status"}, "_add_status.sql", "", `"Add status" was changed to "add_status"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			got := invoke(t, tt.stdin, append([]string{"--workdir", dir, "new"}, tt.args...)...)
			if got.code != 0 || !strings.Contains(got.stderr, tt.say) {
				t.Fatalf("%+v", got)
			}
			path, ok := strings.CutPrefix(strings.TrimSpace(got.stdout), "Created new migration at ")
			if !ok || !strings.HasPrefix(path, "supabase/migrations/") || !strings.HasSuffix(path, tt.file) {
				t.Fatalf("stdout is %q", got.stdout)
			}
			if text, err := os.ReadFile(filepath.Join(dir, path)); err != nil || string(text) != tt.text {
				t.Errorf("the migration has %q, %v", text, err)
			}
		})
	}
}

func TestNewErrors(t *testing.T) {
	for _, args := range [][]string{{}, {"a", "b"}, {"--"}, {"///"}} {
		dir := t.TempDir()
		got := invoke(t, strings.NewReader(""), append([]string{"--workdir", dir, "new"}, args...)...)
		if got.code != exitError || got.stdout != "" || !strings.Contains(got.stderr, "hint:") {
			t.Errorf("new %q: %+v", args, got)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("new %q wrote %v", args, left)
		}
	}
}

func TestVersion(t *testing.T) {
	if got := invoke(t, nil, "version"); got.code != 0 || !strings.HasPrefix(got.stdout, "bloom ") {
		t.Errorf("%+v", got)
	}
}
