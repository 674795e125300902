package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// allowedImports is the one-way graph of docs/architecture.md: what a package may
// import of bloom and of the libraries that belong to one place.
var allowedImports = map[string][]string{
	"catalog":                    {},
	"catalog/builtin":            {"bloom/catalog"},
	"catalog/introspect":         {"bloom/catalog", "bloom/parser/analyze", "github.com/jackc/pgx"},
	"catalog/snapshot":           {"bloom/catalog"},
	"parser":                     {"bloom/catalog", "bloom/catalog/builtin", "bloom/parser/analyze", "bloom/parser/split", "github.com/pganalyze/pg_query_go"},
	"parser/analyze":             {"bloom/catalog", "bloom/catalog/builtin", "bloom/parser/analyze/literal", "bloom/parser/analyze/printed", "github.com/pganalyze/pg_query_go"},
	"parser/analyze/literal":     {},
	"parser/analyze/printed":     {"github.com/pganalyze/pg_query_go"},
	"parser/split":               {"bloom/catalog", "github.com/pganalyze/pg_query_go"},
	"parser/edit":                {"bloom/catalog", "bloom/parser/split", "github.com/pganalyze/pg_query_go"},
	"parser/lint":                {"bloom/catalog", "bloom/parser/split", "github.com/pganalyze/pg_query_go"},
	"differ":                     {"bloom/catalog", "bloom/parser/analyze", "github.com/google/go-cmp"},
	"planner":                    {"bloom/catalog", "bloom/differ"},
	"supabase":                   {"bloom/supabase/server", "github.com/jackc/pgx"},
	"supabase/server":            {"github.com/jackc/pgx"},
	"supabase/server/servertest": {"bloom/supabase/server", "github.com/jackc/pgx"},
}

// owned are the libraries whose use is kept to the packages listed above.
var owned = []string{"bloom/", "github.com/jackc/pgx", "github.com/pganalyze/pg_query_go", "github.com/google/go-cmp", "github.com/urfave/cli"}

func TestImports(t *testing.T) {
	const root = "../.."
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		dir := path.Dir(filepath.ToSlash(strings.TrimPrefix(file, root+"/")))
		allowed, ok := allowedImports[dir]
		if !ok {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range f.Imports {
			name, _ := strconv.Unquote(i.Path.Value)
			has := func(prefixes []string) bool {
				return slices.ContainsFunc(prefixes, func(p string) bool {
					return name == p || strings.HasPrefix(name, strings.TrimSuffix(p, "/")+"/")
				})
			}
			exact := slices.Contains(allowed, name) || !strings.HasPrefix(name, "bloom/") && has(allowed)
			if has(owned) && !exact {
				t.Errorf("%s imports %s", file, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
