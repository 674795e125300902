package literal

import (
	"path/filepath"
	"testing"
)

// FuzzCanonical demands that no text makes Canonical panic, and that what is canonical is so by itself.
func FuzzCanonical(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.tsv")
	for _, path := range files {
		for _, r := range readRows(f, path) {
			f.Add(r.typ, r.text)
		}
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		typ, ok := parseType(name)
		if !ok {
			return
		}
		value, ok := Canonical(typ, text)
		if !ok {
			return
		}
		if again, ok := Canonical(typ, value); !ok || again != value {
			t.Errorf("%s %q: canonical %q becomes %q, %v", name, text, value, again, ok)
		}
	})
}
