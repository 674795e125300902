package parser

import (
	"testing"

	"bloom/catalog"
)

// TestDefaultEnds: a default is written up to the next clause of its column, and NULL in it is none.
func TestDefaultEnds(t *testing.T) {
	for text, want := range map[string]string{
		"DEFAULT 1 NOT NULL": "1",
		"DEFAULT 1 NULL":     "1",
		"DEFAULT CASE WHEN true THEN 'a' ELSE NULL END NOT NULL":                             "CASE WHEN true THEN 'a' ELSE NULL END",
		"DEFAULT 'x' || CASE 1 WHEN 2 THEN CASE WHEN true THEN NULL END END CHECK (a > 'b')": "'x' || CASE 1 WHEN 2 THEN CASE WHEN true THEN NULL END END",
		"DEFAULT 'x' || NULL UNIQUE":                                                         "'x' || NULL",
		"DEFAULT 1 IS DISTINCT FROM NULL":                                                    "1 IS DISTINCT FROM NULL",
		"DEFAULT (NULL IS NOT NULL) NOT NULL":                                                "(NULL IS NOT NULL)",
		"DEFAULT (f(NULL))[1] NULL":                                                          "(f(NULL))[1]",
	} {
		c, _ := replayed(t, "CREATE TABLE t (a text "+text+", b int)")
		d, _ := catalog.Find[catalog.Default](c, catalog.Default{Schema: "public", Table: "t", Column: "a"}.ID())
		if d.Expr.Text != want {
			t.Errorf("%s: %q, want %q", text, d.Expr.Text, want)
		}
	}
}
