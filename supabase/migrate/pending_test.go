package migrate

import (
	"strings"
	"testing"

	"bloom/supabase"

	"github.com/google/go-cmp/cmp"
)

func migrations(versions string) []supabase.Migration {
	var list []supabase.Migration
	for _, v := range strings.Fields(versions) {
		list = append(list, supabase.Migration{Version: v, Name: "a", Path: "supabase/migrations/" + v + "_a.sql"})
	}
	return list
}

// TestCompare has the cases on which the Supabase CLI's decision is known.
func TestCompare(t *testing.T) {
	tests := []struct {
		name, local, applied         string
		pending, outOfOrder, unfiled string
	}{
		{"nothing", "", "", "", "", ""},
		{"nothing applied", "0 1", "", "0 1", "", ""},
		{"all applied", "0 1", "0 1", "", "", ""},
		{"newer", "0 1 2", "0 1", "2", "", ""},
		{"out of order", "0 1 2 3 4", "2 4", "", "0 1 3", ""},
		{"out of order and newer", "0 1 2 3", "1 2", "3", "0", ""},
		{"missing", "0 2", "0 1 2 3 4", "", "", "1 3 4"},
		{"missing all", "", "0", "", "", "0"},
		{"missing and out of order", "1 3", "2 3", "", "1", "2"},
		{"versions are text", "10 9", "10", "9", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Compare(migrations(tt.local), strings.Fields(tt.applied))
			versions := func(list []supabase.Migration) string {
				var out []string
				for _, m := range list {
					out = append(out, m.Version)
				}
				return strings.Join(out, " ")
			}
			have := []string{versions(got.Files), versions(got.OutOfOrder), strings.Join(got.Missing, " ")}
			if diff := cmp.Diff([]string{tt.pending, tt.outOfOrder, tt.unfiled}, have); diff != "" {
				t.Errorf("pending, out of order, missing (-want +got)\n%s", diff)
			}
		})
	}
}

func TestCheckNames(t *testing.T) {
	list := migrations("1 2")
	list = append(list, supabase.Migration{Version: "2", Path: "supabase/migrations/2_b.sql"})
	err := CheckNames(list)
	if err == nil || !strings.Contains(err.Error(), "2_a.sql and supabase/migrations/2_b.sql have the same version 2") {
		t.Error(err)
	}
	if err := CheckNames(migrations("1 2")); err != nil {
		t.Error(err)
	}
}

func TestArrange(t *testing.T) {
	tests := []struct {
		name, sql string
		want      string // parts: the indices of their statements, ! alone
		wrong     string
	}{
		{"ordinary", "select 1; select 2", "0 1", ""},
		{"nothing", "-- a", "", ""},
		{"own transaction", "-- a\nBEGIN; select 1; select 2; COMMIT; -- b", "1 2", ""},
		{"own transaction after SET", "SET lock_timeout = 1; BEGIN; select 1; END;", "0 2", ""},
		{"alone", "create index concurrently i on t (a)", "!0", ""},
		{"alone among others", "select 1; create index concurrently i on t (a); vacuum; select 2", "0|!1|!2|3", ""},
		{"as bloom diff writes it", "SET statement_timeout = 0; COMMIT; create index concurrently i on t (a); COMMIT;", "0|!2", ""},
		{"savepoint", "savepoint a; select 1; rollback to a", "0 1 2", ""},
		{"new value used", "alter type e add value 'x'; insert into t values ('x'); select 1", "0|1 2", ""},
		{"new value not used", "alter type e add value 'x'; alter type e add value 'y' after 'x'; select 1", "0 1 2", ""},
		{"SET LOCAL is the transaction's", "SET LOCAL lock_timeout = 1; select 1", "0 1", ""},
		{"commit in the middle", "select 1; commit; begin; select 2", "", "a.sql:1:11: commit: a migration is one transaction"},
		{"two transactions", "begin; select 1; commit; begin; select 2; commit", "", "a.sql:1:18: commit: "},
		{"begin alone", "begin; select 1", "", "a.sql:1:1: begin: "},
		{"rollback", "select 1; rollback", "", "rollback: "},
		{"two phases", "prepare transaction 'x'", "", "PREPARE TRANSACTION ?: "},
		{"alone in own transaction", "begin; create index concurrently i on t (a); commit", "", "can't run inside a transaction"},
		{"index without a name", "create index concurrently on t (a)", "", "the index has no name"},
		{"copy", "copy t from stdin", "", "data of COPY"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := read("a.sql", tt.sql, nil)
			if tt.wrong != "" {
				if err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(tt.wrong)) {
					t.Fatalf("got %v, want %s", err, tt.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var parts []string
			for _, p := range f.parts {
				var b strings.Builder
				for k, i := range p.statements {
					if k > 0 {
						b.WriteByte(' ')
					}
					if p.alone {
						b.WriteByte('!')
					}
					b.WriteString(string(rune('0' + i)))
				}
				parts = append(parts, b.String())
			}
			if got := strings.Join(parts, "|"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
