package server

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestSweep: only folders of dead owners go; what others made stays.
func TestSweep(t *testing.T) {
	root := t.TempDir()
	old := time.Now().Add(-time.Hour)
	folder := func(name string, files ...string) string {
		dir := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Join(dir, "data"), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			path := filepath.Join(dir, file)
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, old, old); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chtimes(dir, old, old); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	tests := []struct {
		dir  string
		stay bool
	}{
		{folder(throwawayPrefix+"dead", lockName), false},
		{folder(throwawayPrefix+"alive", lockName), true},
		{folder(throwawayPrefix + "without-lock"), true},
		{folder("bloom-pg-foreign"), true},
		{folder("bloom-pg-foreign-with-lock", lockName), true},
		{folder(throwawayPrefix + "young"), true},
	}
	lock, err := lockFile(filepath.Join(tests[1].dir, lockName))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := os.WriteFile(filepath.Join(tests[5].dir, lockName), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	sweep(root)
	for _, tt := range tests {
		_, err := os.Stat(filepath.Join(tt.dir, "data"))
		if stay := err == nil; stay != tt.stay {
			t.Errorf("%s stays: %v, want %v", filepath.Base(tt.dir), stay, tt.stay)
		}
		if _, err := os.Stat(filepath.Join(tt.dir, lockName)); filepath.Base(tt.dir) == throwawayPrefix+"without-lock" && err == nil {
			t.Error("sweep made a lock file in a foreign folder")
		}
	}
}
