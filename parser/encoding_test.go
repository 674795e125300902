package parser

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bloom/catalog"
)

// TestClientEncoding: after SET client_encoding the bytes of a file are what the server takes them for.
func TestClientEncoding(t *testing.T) {
	tests := []struct {
		name, sql string
		want      string // the comment on t
		err       string
	}{
		{name: "UTF-8", sql: "SET client_encoding = 'UTF8'; COMMENT ON TABLE t IS 'é';", want: "é"},
		{name: "saved in Latin 1", sql: "SET client_encoding = 'LATIN1';\nCOMMENT ON TABLE t IS '\xe9';", want: "é"},
		{name: "saved in UTF-8, said to be Latin 1", sql: "SET client_encoding TO latin1; COMMENT ON TABLE t IS 'é';", want: "Ã©"},
		{name: "names", sql: "SET NAMES 'WIN1251'; COMMENT ON TABLE t IS '\xe9';", want: "й"},
		{name: "psql's command", sql: "\\encoding latin1\nCOMMENT ON TABLE t IS '\xe9';", want: "é"},
		{name: "back again", sql: "SET client_encoding = latin1; COMMENT ON COLUMN t.a IS '\xe9\xe9'; SET client_encoding = utf8; COMMENT ON TABLE t IS 'é';", want: "é"},
		{name: "from one to another", sql: "SET client_encoding = latin1; COMMENT ON COLUMN t.a IS '\xe9'; SET client_encoding = win1251; COMMENT ON TABLE t IS '\xe9';", want: "й"},
		{name: "in a body", sql: "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS 'BEGIN SET client_encoding = latin1; END'; COMMENT ON TABLE t IS 'é';", want: "é"},
		{name: "another one, but nothing in it", sql: "SET client_encoding = 'EUC_JP'; COMMENT ON TABLE t IS 'e';", want: "e"},
		{name: "another one", sql: "SET client_encoding = 'EUC_JP'; COMMENT ON TABLE t IS '\xa4\xa2';", err: "a.sql:2:32: text in the encoding 'EUC_JP' cannot be read"},
		{name: "not said", sql: "COMMENT ON TABLE t IS '\xe9';", err: "a.sql:2:24: byte 0xe9 is not valid in UTF-8 text"},
		{name: "place of an error behind it", sql: "SET client_encoding = 'LATIN1'; -- \xe9\xe9\nDROP TABLE nope;", err: `a.sql:3:1: relation "nope" does not exist`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Read(context.Background(), []Source{{Name: "a.sql", Text: "CREATE TABLE t (a int);\n" + tt.sql}})
			var c *catalog.Catalog
			if err == nil {
				c, _, err = s.Declare(Options{Role: "postgres"})
			}
			if err != nil {
				if got := err.Error(); tt.err == "" || len(got) < len(tt.err) || got[:len(tt.err)] != tt.err {
					t.Errorf("error %q, want %q", got, tt.err)
				}
				return
			}
			comment := get(t, c, catalog.Comment{Target: catalog.Table{Schema: "public", Name: "t"}.ID()})
			if diff := cmp.Diff(tt.want, comment.Text); diff != "" || tt.err != "" {
				t.Errorf("want error %q (-want +got)\n%s", tt.err, diff)
			}
		})
	}
}
