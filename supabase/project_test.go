package supabase

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// folder makes files below a temporary folder. Names that end in / are folders.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(root, name)
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// notes collects what a project says.
type notes []string

func (n *notes) add(text string) { *n = append(*n, text) }

// open finds the project in a folder of these files.
func open(t *testing.T, files map[string]string) (*Project, *notes) {
	t.Helper()
	var said notes
	root := folder(t, files)
	p, err := Find(root, root, said.add)
	if err != nil {
		t.Fatal(err)
	}
	return p, &said
}

func failsWith(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q has no %q", err, part)
		}
	}
}

func equal(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestFind(t *testing.T) {
	tests := []struct {
		name          string
		files         []string
		dir, workdir  string
		want, wantSay string // relative to the test's folder
	}{
		{name: "config above", files: []string{"a/supabase/config.toml", "a/b/c/"}, dir: "a/b/c", want: "a", wantSay: "a"},
		{name: "migrations only", files: []string{"a/supabase/migrations/", "a/b/"}, dir: "a/b", want: "a", wantSay: "a"},
		{name: "here", files: []string{"a/supabase/config.toml"}, dir: "a", want: "a"},
		{name: "nearest", files: []string{"supabase/config.toml", "a/supabase/config.toml"}, dir: "a/supabase", want: "a", wantSay: "a"},
		{name: "not above the repository", files: []string{"supabase/config.toml", "a/.git/", "a/b/"}, dir: "a/b", want: "a/b"},
		{name: "top of the repository", files: []string{"a/supabase/config.toml", "a/.git", "a/b/"}, dir: "a/b", want: "a", wantSay: "a"},
		{name: "none", files: []string{"a/.git/", "a/schema/"}, dir: "a", want: "a"},
		{name: "workdir as it is", files: []string{"a/supabase/config.toml", "b/"}, dir: "a", workdir: "b", want: "b", wantSay: "b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{}
			for _, name := range tt.files {
				files[name] = ""
			}
			top := folder(t, files)
			workdir := tt.workdir
			if workdir != "" {
				workdir = filepath.Join(top, workdir)
			}
			var said notes
			p, err := Find(filepath.Join(top, tt.dir), workdir, said.add)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, filepath.Join(top, tt.want), p.Root)
			var want notes
			if tt.wantSay != "" {
				want = notes{"Using workdir " + filepath.Join(top, tt.wantSay)}
			}
			equal(t, want, said)
		})
	}
	_, err := Find(t.TempDir(), "/no/such/folder", nil)
	failsWith(t, err, "/no/such/folder", "hint:")
}

func TestRef(t *testing.T) {
	const ref = "abcdefghijklmnopqrst"
	p, _ := open(t, map[string]string{refFile: ref + "\n"})
	got, err := p.Ref()
	if err != nil || got != ref {
		t.Errorf("Ref: %q, %v", got, err)
	}
	t.Setenv("SUPABASE_PROJECT_ID", "short")
	_, err = p.Ref()
	failsWith(t, err, "invalid project ref format")
	t.Setenv("SUPABASE_PROJECT_ID", "")
	p, _ = open(t, nil)
	_, err = p.Ref()
	failsWith(t, err, "cannot find project ref", "SUPABASE_PROJECT_ID")
}

func TestEnvFiles(t *testing.T) {
	names := []string{"BT_A", "BT_B", "BT_C", "BT_D", "BT_E"}
	for _, name := range names {
		t.Setenv(name, "") // restored after the test
		os.Unsetenv(name)
	}
	t.Setenv("BT_A", "process")
	open(t, map[string]string{
		"supabase/.env.development.local": "BT_A=1\nBT_B=1\n",
		"supabase/.env.local":             "BT_B=2\nBT_C=2\n",
		"supabase/.env":                   "BT_C=4\nBT_D=4\n",
		".env.development":                "BT_D=5\nBT_E='of the root'\n",
		".env":                            "BT_E=6\n",
		".env.production":                 "BT_A=7\n",
	})
	var got []string
	for _, name := range names {
		got = append(got, os.Getenv(name))
	}
	equal(t, []string{"process", "1", "2", "4", "of the root"}, got)
}

func TestEnvFileTest(t *testing.T) {
	t.Setenv("SUPABASE_ENV", "test")
	t.Setenv("BT_A", "")
	os.Unsetenv("BT_A")
	open(t, map[string]string{".env.local": "BT_A=local\n", ".env.test": "BT_A=test\n"})
	equal(t, "test", os.Getenv("BT_A"))
}

func TestEnvFileError(t *testing.T) {
	root := folder(t, map[string]string{"supabase/.env": "SECRET\"=hunter2\nx"})
	_, err := Find(root, root, nil)
	failsWith(t, err, "supabase/.env")
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error quotes the file: %v", err)
	}
}
