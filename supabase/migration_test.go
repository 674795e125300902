package supabase

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestMigrations(t *testing.T) {
	p, said := open(t, map[string]string{
		"supabase/migrations/20200101000000_init.sql":      "",
		"supabase/migrations/20240102000000_b c.d-e.sql":   "",
		"supabase/migrations/20240101000000_a.sql":         "",
		"supabase/migrations/20240103000000_.sql":          "",
		"supabase/migrations/20240104000000_sub/x.sql":     "",
		"supabase/migrations/README.md":                    "",
		"supabase/migrations/20230101000000_init.sql":      "",
		"supabase/migrations/" + scratchPrefix + "1234567": "",
	})
	got, err := p.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	equal(t, []Migration{
		{"20230101000000", "init", "supabase/migrations/20230101000000_init.sql"},
		{"20240101000000", "a", "supabase/migrations/20240101000000_a.sql"},
		{"20240102000000", "b c.d-e", "supabase/migrations/20240102000000_b c.d-e.sql"},
		{"20240103000000", "", "supabase/migrations/20240103000000_.sql"},
	}, got)
	equal(t, notes{
		`Skipping migration 20200101000000_init.sql... (replace "init" with a different file name to apply this migration)`,
		`Skipping migration README.md... (file name must match pattern "<timestamp>_name.sql")`,
	}, *said)
}

func TestMigrationsOldInit(t *testing.T) {
	p, said := open(t, map[string]string{
		"supabase/migrations/20200101000000_init.sql": "",
		"supabase/migrations/20200102000000_init.sql": "",
	})
	got, err := p.Migrations()
	if err != nil || len(got) != 1 || got[0].Version != "20200102000000" {
		t.Errorf("%v, %v", got, err)
	}
	equal(t, notes{`Skipping migration 20200101000000_init.sql... (replace "init" with a different file name to apply this migration)`}, *said)
}

func TestMigrationsNone(t *testing.T) {
	p, _ := open(t, nil)
	if got, err := p.Migrations(); got != nil || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

func TestNewVersion(t *testing.T) {
	now := time.Date(2026, 3, 1, 1, 59, 59, 999, time.FixedZone("", 2*3600))
	tests := []struct {
		name     string
		existing []string
		want     string
	}{
		{"UTC", nil, "20260228235959"},
		{"older ones", []string{"20250101000000", "20260228235958"}, "20260228235959"},
		{"same second", []string{"20260228235959"}, "20260301000000"},
		{"newer, in any order", []string{"20270101000000", "20261231235959"}, "20270101000001"},
		{"no time", []string{"20270101000099"}, "20270101000100"},
		{"other lengths", []string{"9", "202701010000000", "99999999"}, "20260228235959"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { equal(t, tt.want, NewVersion(now, tt.existing)) })
	}
}

func TestSlug(t *testing.T) {
	tests := []struct{ name, want string }{
		{"add_status_to_experiments", "add_status_to_experiments"},
		{"add-status  to.Experiments", "add_status_to_experiments"},
		{"addStatus", "add_status"},
		{" v2.0 ", "v2_0"},
		{"a/../b.sql", "a_b"},
		{"__x__", "x"},
		{"2fa", "2fa"},
	}
	for _, tt := range tests {
		got, note, err := Slug(tt.name)
		if err != nil || got != tt.want {
			t.Errorf("Slug(%q) = %q, %v, want %q", tt.name, got, err, tt.want)
		}
		if changed := got != tt.name; changed != (note != "") || changed && !strings.Contains(note, got) {
			t.Errorf("Slug(%q) notes %q", tt.name, note)
		}
		if again, note, _ := Slug(got); again != got || note != "" {
			t.Errorf("Slug(%q) = %q, which becomes %q", tt.name, got, again)
		}
	}
	for _, name := range []string{"", "--", "日本", strings.Repeat("x", 300)} {
		if got, _, err := Slug(name); err == nil {
			t.Errorf("Slug(%q) = %q, want an error", name, got)
		}
	}
}

func TestWriteMigration(t *testing.T) {
	p, _ := open(t, nil)
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var got []string
	for _, known := range [][]string{nil, nil, {"20260102030500"}} {
		path, err := p.WriteMigration(now, "x", "SELECT 1;\n", known...)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, path)
	}
	equal(t, []string{
		"supabase/migrations/20260102030405_x.sql",
		"supabase/migrations/20260102030406_x.sql",
		"supabase/migrations/20260102030501_x.sql",
	}, got)
	text, err := p.ReadMigration(Migration{Path: got[0]})
	if err != nil || text != "SELECT 1;\n" {
		t.Errorf("%q, %v", text, err)
	}
	info, err := os.Stat(p.path(got[0]))
	if err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// TestWriteMigrationTogether: no two writers get one version.
func TestWriteMigrationTogether(t *testing.T) {
	p, said := open(t, nil)
	const writers = 20
	now := time.Now()
	var wait sync.WaitGroup
	for i := range writers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			if _, err := p.WriteMigration(now, fmt.Sprint("m", i), "SELECT 1;"); err != nil {
				t.Error(err)
			}
		}()
	}
	wait.Wait()
	list, err := p.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]bool{}
	for _, m := range list {
		versions[m.Version] = true
	}
	if len(list) != writers || len(versions) != writers {
		t.Errorf("%d files with %d versions", len(list), len(versions))
	}
	equal(t, notes(nil), *said)
	left, _ := filepath.Glob(p.path(migrationsDir + "/" + scratchPrefix + "*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWriteNew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := writeNew(path, "first"); err != nil {
		t.Fatal(err)
	}
	if err := writeNew(path, "second"); err == nil {
		t.Error("a file was overwritten")
	}
	if text, _ := os.ReadFile(path); string(text) != "first" {
		t.Errorf("the file has %q", text)
	}
}
