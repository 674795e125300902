package analyze

import (
	"testing"
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
