package planner_test

import (
	"fmt"
	"strings"
	"testing"

	"bloom/differ"
	"bloom/parser"
	"bloom/parser/analyze"
	"bloom/planner"
)

// BenchmarkPlan plans a schema from nothing and back to nothing. It is to grow
// no faster than the number of tables.
func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		script, err := parser.Read(b.Context(), []parser.Source{{Name: "schema.sql", Text: schemaOf(n)}})
		if err != nil {
			b.Fatal(err)
		}
		full, _, err := script.Declare(options())
		if err != nil {
			b.Fatal(err)
		}
		analyze.Resolve(full, nil)
		none, _, _ := (&parser.Script{}).Declare(options())
		there, back := differ.NewMemo(nil).Diff(none, full), differ.NewMemo(nil).Diff(full, none)
		b.Run(fmt.Sprintf("create/tables=%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := planner.Plan(none, full, there, planner.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("drop/tables=%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := planner.Plan(full, none, back, planner.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func schemaOf(tables int) string {
	var s strings.Builder
	for i := range tables {
		ref := ""
		if i > 0 {
			ref = fmt.Sprintf(" REFERENCES public.t%d (id)", i/2)
		}
		fmt.Fprintf(&s, `CREATE TABLE public.t%d (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), parent uuid%s, name text NOT NULL, status text NOT NULL DEFAULT 'a' CHECK (status IN ('a', 'b')),
    metadata jsonb NOT NULL DEFAULT '{}', created_at timestamptz NOT NULL DEFAULT now(), UNIQUE (parent, name)
);
CREATE INDEX t%d_created ON public.t%d (created_at DESC);
ALTER TABLE public.t%d ENABLE ROW LEVEL SECURITY;
CREATE POLICY p%d ON public.t%d USING (name <> '');
COMMENT ON TABLE public.t%d IS 'table';
GRANT SELECT ON public.t%d TO anon;
CREATE VIEW public.v%d AS SELECT id, name FROM public.t%d;
`, i, ref, i, i, i, i, i, i, i, i, i)
	}
	return s.String()
}
