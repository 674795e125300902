package analyze

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// Broken reports whether the text of a routine in language sql names what the catalog does not have. path is
// the search_path of who makes it, if it does not set its own.
func Broken(c *catalog.Catalog, r catalog.Routine, path string) bool {
	tree, err := pg.Parse(r.Body)
	if err != nil {
		return true
	}
	for _, s := range r.Config {
		if name, value, _ := strings.Cut(s, "="); strings.EqualFold(name, "search_path") {
			path = value
		}
	}
	a := newAnalyzer(envOf(c), path)
	a.parameters(r)
	for _, s := range tree.GetStmts() {
		switch n := s.GetStmt(); n.GetNode().(type) {
		case *pg.Node_SelectStmt, *pg.Node_InsertStmt, *pg.Node_UpdateStmt, *pg.Node_DeleteStmt, *pg.Node_MergeStmt:
			a.statement(n, &scope{})
		}
	}
	for _, t := range a.troubles {
		if a.env.certain(t) {
			return true
		}
	}
	return false
}
