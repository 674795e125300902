package printed

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCorpus holds what stands in parentheses anywhere in the SQL of real projects against pg_query. BLOOM_CORPUS is their folder.
func TestCorpus(t *testing.T) {
	dir := os.Getenv("BLOOM_CORPUS")
	if dir == "" {
		t.Skip("BLOOM_CORPUS does not name a folder of repositories with migrations")
	}
	seen := map[string]bool{}
	read := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".sql") {
			return err
		}
		sql, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var opened []int
		for i, c := range sql {
			switch {
			case c == '(':
				opened = append(opened, i)
			case c == ')' && len(opened) > 0:
				from := opened[len(opened)-1]
				opened = opened[:len(opened)-1]
				if text := string(sql[from : i+1]); i-from < 2000 && !seen[text] {
					seen[text] = true
					if compare(t, text) {
						read++
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d texts are read", read, len(seen))
}
