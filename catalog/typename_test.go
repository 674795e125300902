package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTypeParts(t *testing.T) {
	tests := []struct {
		typ  Type
		want TypeName
	}{
		{"integer", TypeName{"pg_catalog", "int4", "", false}},
		{"integer[]", TypeName{"pg_catalog", "int4", "", true}},
		{"character varying(20)", TypeName{"pg_catalog", "varchar", "20", false}},
		{"character varying(20)[]", TypeName{"pg_catalog", "varchar", "20", true}},
		{"character(1)", TypeName{"pg_catalog", "bpchar", "1", false}},
		{`"char"`, TypeName{"pg_catalog", "char", "", false}},
		{"numeric(10,2)", TypeName{"pg_catalog", "numeric", "10,2", false}},
		{"timestamp(3) with time zone", TypeName{"pg_catalog", "timestamptz", "3", false}},
		{"timestamp with time zone", TypeName{"pg_catalog", "timestamptz", "", false}},
		{"time(0) without time zone[]", TypeName{"pg_catalog", "time", "0", true}},
		{"interval", TypeName{"pg_catalog", "interval", "", false}},
		{"interval(3)", TypeName{"pg_catalog", "interval", "3", false}},
		{"interval day to second(3)", TypeName{"pg_catalog", "interval", "day to second(3)", false}},
		{"jsonb", TypeName{"pg_catalog", "jsonb", "", false}},
		{"public.status", TypeName{"public", "status", "", false}},
		{`public."My ""Type"[]`, TypeName{"public", `My "Type`, "", true}},
		{"extensions.geometry(Point,4326)", TypeName{"extensions", "geometry", "Point,4326", false}},
		{`"my.schema"."a(b)"`, TypeName{"my.schema", "a(b)", "", false}},
	}
	for _, tt := range tests {
		t.Run(string(tt.typ), func(t *testing.T) {
			got := tt.typ.Parts()
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
			if back := got.Type(); back != tt.typ && tt.typ != `public."My ""Type"[]` {
				t.Errorf("Type() = %q, want %q", back, tt.typ)
			}
		})
	}
}

func TestQuote(t *testing.T) {
	for name, want := range map[string]string{
		"users": "users", "Users": `"Users"`, "user": `"user"`, `a"b`: `"a""b"`, "a$": `"a$"`, "1a": `"1a"`, "": `""`, "é": `"é"`, "name": "name",
	} {
		if got := Quote(name); got != want {
			t.Errorf("Quote(%q) = %s, want %s", name, got, want)
		}
	}
	for s, want := range map[string]string{"it's": "'it''s'", `a\b`: `E'a\\b'`} {
		if got := QuoteLiteral(s); got != want {
			t.Errorf("QuoteLiteral(%q) = %s, want %s", s, got, want)
		}
	}
	if d := cmp.Diff([]string{"$user", "public", "a,b", "x"}, SplitNames(`"$user", public, "a,b",X`)); d != "" {
		t.Error(d)
	}
}
