package analyze

import (
	"testing"

	"bloom/catalog"
)

// BenchmarkCompare measures one question: parsing and analysing both sides and comparing them.
// Target: 50 µs for a default or check, 500 µs for a policy or view.
func BenchmarkCompare(b *testing.B) {
	c, pairs := readRecorded(b, "testdata/pairs-17.jsonl")
	for _, kind := range []string{"Default", "Constraint", "Index", "Policy", "Trigger", "View", "Rule"} {
		var qs []Question
		for _, p := range pairs {
			if p.Kind == kind {
				qs = append(qs, p.questions(b)[0])
			}
		}
		b.Run("kind="+kind, func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				Compare(c, c, qs)
				n += len(qs)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/question")
		})
	}
}

// BenchmarkAnalyze measures the analysis of one expression alone, without parsing.
func BenchmarkAnalyze(b *testing.B) {
	c, pairs := readRecorded(b, "testdata/pairs-17.jsonl")
	e := newEnv(c)
	for _, kind := range []string{"Default", "Constraint", "Policy", "View"} {
		var sources []source
		for _, p := range pairs {
			if p.Kind == kind {
				q := p.questions(b)[0]
				sources = append(sources, source{q.Desired, q.Path, exprAt(q.Desired, q.Path)})
			}
		}
		trees := parseAll(sources)
		b.Run("kind="+kind, func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				for i, s := range sources {
					e.analyze(s, trees[i].tree)
				}
				n += len(sources)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1000/float64(n), "µs/expression")
		})
	}
}

// BenchmarkCompareSchema is the whole of a large schema: 1000 tables with 6 defaults, 2 checks and a policy each.
// Target: less than its introspection takes, about 300 ms.
func BenchmarkCompareSchema(b *testing.B) {
	c := catalog.New()
	c.Version = 170000
	c.Put(catalog.Routine{Schema: "public", Name: "uid", Returns: "uuid", Language: "sql"})
	var qs []Question
	ask := func(path string, current, desired catalog.Object) {
		qs = append(qs, Question{path, current, desired})
	}
	expr := func(text, path string) catalog.Expr { return catalog.Expr{Text: text, Path: path} }
	for i := range 1000 {
		t := "t" + itoa(i)
		table := catalog.Table{Schema: "public", Name: t}
		for k := range 10 {
			name := "c" + itoa(k)
			table.Columns = append(table.Columns, name)
			c.Put(catalog.Column{Schema: "public", Table: t, Name: name, Type: []catalog.Type{"text", "character varying(20)", "integer", "uuid", "jsonb"}[k%5]})
		}
		c.Put(table)
		for k := range 6 {
			if k%5 != 3 {
				server := []string{"'x'::text", "'x'::character varying", "0", "", "'{}'::jsonb"}[k%5]
				source := []string{"'x'", "'x'", "0", "", "'{}'"}[k%5]
				d := catalog.Default{Schema: "public", Table: t, Column: "c" + itoa(k)}
				cur, des := d, d
				cur.Expr, des.Expr = expr(server, ""), expr(source, "public")
				ask("Expr", cur, des)
			}
		}
		k := catalog.Constraint{Schema: "public", Table: t, Name: "k", Type: catalog.Check}
		cur, des := k, k
		cur.Check = expr("((c1)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))", "")
		des.Check = expr("c1 IN ('a', 'b')", "public")
		ask("Check", cur, des)
		cur.Check, des.Check = expr("((c2 >= 0) AND (c2 <= 10))", ""), expr("c2 BETWEEN 0 AND 10", "public")
		ask("Check", cur, des)
		p := catalog.Policy{Schema: "public", Table: t, Name: "p"}
		pc, pd := p, p
		pc.Using, pd.Using = expr("(( SELECT public.uid() AS uid) = c3)", ""), expr("(SELECT uid()) = c3", "public")
		ask("Using", pc, pd)
	}
	b.Run("tables=1000", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for i, a := range Compare(c, c, qs) {
				if a.Verdict != Equal {
					b.Fatalf("%v: %s", qs[i], a.Reason)
				}
			}
		}
		b.ReportMetric(float64(len(qs)), "questions")
	})
}
