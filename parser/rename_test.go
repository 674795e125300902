package parser

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"bloom/catalog"
)

// TestRenameInExpressions: what names an object in its text names it by its new name.
func TestRenameInExpressions(t *testing.T) {
	tests := []struct{ name, make, rename, want string }{
		{"column in a check", "CREATE TABLE t (é int, b int, CHECK (é > b AND t.b > 0))", "ALTER TABLE t RENAME b TO \"new B\"", `é > "new B" AND t."new B" > 0`},
		{"table in a check", "CREATE TABLE t (a int CHECK (t.a > 0))", "ALTER TABLE t RENAME TO u", `u.a > 0`},
		{"column in a policy", "CREATE TABLE t (a int); CREATE POLICY p ON t USING (a = 1 OR EXISTS (SELECT 1 FROM o WHERE a = t.a))", "ALTER TABLE t RENAME a TO z", `z = 1 OR EXISTS (SELECT 1 FROM o WHERE a = t.z)`},
		{"other table in a policy", "CREATE TABLE o (a int); CREATE TABLE t (a int); CREATE POLICY p ON t USING (EXISTS (SELECT 1 FROM o WHERE o.a = t.a))", "ALTER TABLE o RENAME TO q", `EXISTS (SELECT 1 FROM q AS /* old name */ o WHERE o.a = t.a)`},
		{"table in a view", "CREATE TABLE o (a int); CREATE VIEW v AS SELECT a FROM public.o", "ALTER TABLE o RENAME TO q", `SELECT a FROM public.q`},
		{"schema of a table", "CREATE SCHEMA s; CREATE TABLE o (a int); CREATE VIEW v AS SELECT a FROM o", "ALTER TABLE o SET SCHEMA s", `SELECT a FROM s.o`},
		{"schema", "CREATE SCHEMA s; CREATE TABLE s.o (a int); CREATE VIEW v AS SELECT a FROM s.o", "ALTER SCHEMA s RENAME TO z", `SELECT a FROM z.o`},
		{"sequence of a serial", "CREATE TABLE t (a serial)", "ALTER SEQUENCE t_a_seq RENAME TO s", `nextval('public.s'::regclass)`},
		{"function", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE t (a int DEFAULT f() + 1)", "ALTER FUNCTION f RENAME TO g", `g() + 1`},
		{"type", "CREATE TYPE e AS ENUM ('x'); CREATE TABLE t (a e DEFAULT 'x'::public.e)", "ALTER TYPE e RENAME TO f", `'x'::public.f`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := catalog.New()
			if _, err := read(t, tt.make+";"+tt.rename).Replay(c, Options{}); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, o := range c.All() {
				for _, f := range catalog.Exprs(o) {
					got = append(got, f.Expr.Text)
				}
			}
			if diff := cmp.Diff([]string{tt.want}, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
