package supabase

import (
	"os"
	"path/filepath"
	"testing"
)

func TestDeclared(t *testing.T) {
	const paths = "[db.migrations]\nschema_paths = "
	tests := []struct {
		name   string
		files  []string
		config string
		dir    string // of the user, relative to the root
		flags  []string
		want   Declared
	}{
		{
			name:  "schema folder",
			files: []string{"schema/b.sql", "schema/a/z.sql", "schema/10.sql", "schema/2.sql", "schema/B.SQL", "schema/note.md"},
			want:  Declared{From: "schema", Files: []string{"schema/10.sql", "schema/2.sql", "schema/a/z.sql", "schema/b.sql"}},
		},
		{
			name:  "supabase/schemas is said to win",
			files: []string{"schema/a.sql", "supabase/schemas/b.sql"},
			want:  Declared{From: "supabase/schemas", Files: []string{"supabase/schemas/b.sql"}, Unused: []string{"schema"}},
		},
		{
			name:   "config wins",
			files:  []string{"schema/a.sql", "schema/sub/b.sql", "supabase/schemas/c.sql"},
			config: paths + `["../schema/*.sql"]`,
			want:   Declared{From: "db.migrations.schema_paths", Files: []string{"schema/a.sql", "schema/sub"}, Unused: []string{"supabase/schemas"}},
		},
		{
			name:   "order of patterns, each file once",
			files:  []string{"schema/b.sql", "schema/a.sql", "schema/last.sql"},
			config: paths + `["../schema/l*.sql", "../schema/none.sql", "../schema/*.sql"]`,
			want:   Declared{From: "db.migrations.schema_paths", Files: []string{"schema/last.sql", "schema/a.sql", "schema/b.sql"}},
		},
		{
			name:   "two stars are one, folders stand for their files",
			files:  []string{"supabase/schemas/a.sql", "supabase/schemas/x/b.sql", "supabase/schemas/x/y/c.sql"},
			config: paths + `["schemas/**/*.sql", "./schemas/x/y"]`,
			want:   Declared{From: "db.migrations.schema_paths", Files: []string{"supabase/schemas/x/b.sql", "supabase/schemas/x/y/c.sql"}},
		},
		{
			name:   "flag wins",
			files:  []string{"schema/a.sql", "db/x.sql", "db/one.ddl"},
			config: paths + `["../schema/*.sql"]`,
			dir:    "db",
			flags:  []string{"one.ddl", ".", "../schema/a.sql"},
			want:   Declared{From: "--schema-dir", Files: []string{"db/one.ddl", "db/x.sql", "schema/a.sql"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{configFile: tt.config}
			for _, name := range tt.files {
				files[name] = ""
			}
			if tt.name == "config wins" { // a folder whose name matches the pattern has no file
				delete(files, "schema/sub/b.sql")
				tt.want.Files = tt.want.Files[:1]
			}
			p, _ := open(t, files)
			got, err := p.Declared(filepath.Join(p.Root, tt.dir), tt.flags)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, tt.want, *got)
		})
	}
}

func TestDeclaredOddRoot(t *testing.T) {
	root := folder(t, map[string]string{
		"odd [x]*/supabase/config.toml": "[db.migrations]\nschema_paths = [\"../schema/*.sql\"]\n",
		"odd [x]*/schema/a.sql":         "",
		"elsewhere/e.sql":               "",
	})
	p, err := Find(root, filepath.Join(root, "odd [x]*"), nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Declared(p.Root, nil)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, []string{"schema/a.sql"}, got.Files)

	// Outside of the root, through a link to a folder.
	if err := os.Symlink(filepath.Join(root, "elsewhere"), filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	got, err = p.Declared(root, []string{"link"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, []string{filepath.Join(root, "link", "e.sql")}, got.Files)
}

func TestDeclaredErrors(t *testing.T) {
	tests := []struct {
		name, config string
		files        map[string]string
		flags        []string
		want         []string
	}{
		{name: "nothing", want: []string{"no declared schema", "hint:", "schema_paths"}},
		{name: "empty folder", files: map[string]string{"schema/": ""}, want: []string{"schema has no .sql file"}},
		{name: "no match", config: "[db.migrations]\nschema_paths = [\"a/*.sql\"]", want: []string{"no files matched pattern: a/*.sql"}},
		{name: "bad pattern", config: "[db.migrations]\nschema_paths = [\"[\"]", want: []string{"syntax error in pattern"}},
		{name: "missing folder", flags: []string{"none"}, want: []string{"--schema-dir", "none"}},
		{name: "empty folder by flag", files: map[string]string{"d/x.txt": ""}, flags: []string{"d"}, want: []string{"d has no .sql file"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{configFile: tt.config}
			for name, text := range tt.files {
				files[name] = text
			}
			p, _ := open(t, files)
			_, err := p.Declared(p.Root, tt.flags)
			failsWith(t, err, tt.want...)
		})
	}
}
