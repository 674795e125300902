package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	pg_query "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
	"bloom/catalog/introspect"
	"bloom/differ"
	"bloom/parser"
	"bloom/planner"
	"bloom/supabase/server/servertest"
)

// benchTables is a schema of n tables as a Supabase project has them: keys,
// checks, indexes of three sorts, row security with four policies, a trigger,
// comments. One table in a hundred is given a column, an index and a policy more
// when changed is set.
func benchTables(n int, changed bool) string {
	var b strings.Builder
	b.WriteString(`CREATE FUNCTION public.uid() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('bench.uid', true), '')::uuid $$;
CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
`)
	for i := range n {
		benchTable(&b, i, changed && i%100 == 50%min(n, 100))
	}
	return b.String()
}

func benchTable(b *strings.Builder, i int, changed bool) {
	name, parent := fmt.Sprintf("plot_%05d", i), fmt.Sprintf("plot_%05d", i/2)
	extra := ""
	if changed {
		extra = "    remark text NOT NULL DEFAULT 'none',\n"
	}
	member := fmt.Sprintf("EXISTS (SELECT 1 FROM public.%s p WHERE p.id = %s.parent_id AND p.owner_id = public.uid())", parent, name)
	fmt.Fprintf(b, `CREATE TABLE public.%[1]s (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    owner_id uuid NOT NULL,
    parent_id uuid CONSTRAINT %[1]s_parent_fk REFERENCES public.%[2]s (id) ON DELETE CASCADE,
    name text NOT NULL,
    code varchar(40) NOT NULL,
    state text NOT NULL DEFAULT 'sown' CHECK (state IN ('sown', 'grown', 'harvested')),
    weight numeric(10,3) NOT NULL DEFAULT 0 CHECK (weight >= 0 AND weight < 100000),
    tags text[] NOT NULL DEFAULT '{}',
    traits jsonb NOT NULL DEFAULT '{}'::jsonb,
%[3]s    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX %[1]s_owner_idx ON public.%[1]s (owner_id, created_at DESC);
CREATE INDEX %[1]s_grown_idx ON public.%[1]s (name) WHERE state = 'grown';
CREATE UNIQUE INDEX %[1]s_code_idx ON public.%[1]s (lower(code));
ALTER TABLE public.%[1]s ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON public.%[1]s FOR SELECT TO authenticated USING (owner_id = public.uid() OR %[4]s);
CREATE POLICY make ON public.%[1]s FOR INSERT TO authenticated WITH CHECK (owner_id = public.uid() AND %[4]s);
CREATE POLICY change ON public.%[1]s FOR UPDATE TO authenticated USING (%[4]s) WITH CHECK (owner_id = public.uid());
CREATE POLICY remove ON public.%[1]s FOR DELETE TO authenticated USING (owner_id = public.uid());
CREATE TRIGGER touch BEFORE UPDATE ON public.%[1]s FOR EACH ROW EXECUTE FUNCTION public.touch();
COMMENT ON TABLE public.%[1]s IS 'Plot number %[5]d';
COMMENT ON COLUMN public.%[1]s.state IS 'sown, grown, harvested';
`, name, parent, extra, member, i)
	if changed {
		fmt.Fprintf(b, "CREATE INDEX %[1]s_remark_idx ON public.%[1]s (remark);\nCREATE POLICY visible ON public.%[1]s AS RESTRICTIVE FOR SELECT TO authenticated USING (remark <> 'hidden');\n", name)
	}
}

var benchSizes = []int{10, 100, 1000}

// benchDatabase builds the schema once for each size. What is measured on it collects garbage as the program does.
func benchDatabase(b *testing.B, n int) string {
	percent := debug.SetGCPercent(gcPercent)
	b.Cleanup(func() { debug.SetGCPercent(percent) })
	url := servertest.Start(b, 17).Database(b)
	servertest.Exec(b, url, benchTables(n, false))
	servertest.Exec(b, url, "ANALYZE")
	return url
}

func BenchmarkParse(b *testing.B) {
	for _, n := range benchSizes {
		text := benchTables(n, true)
		b.Run(fmt.Sprintf("tables=%d/floor=pg_query.Parse", n), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			var cpu cpuTime
			for b.Loop() {
				cpu.of(func() {
					if _, err := pg_query.Parse(text); err != nil {
						b.Fatal(err)
					}
				})
			}
			cpu.report(b)
		})
		b.Run(fmt.Sprintf("tables=%d/read", n), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			var cpu cpuTime
			for b.Loop() {
				cpu.of(func() {
					if _, err := parser.Read(context.Background(), []parser.Source{{Name: "bench.sql", Text: text}}); err != nil {
						b.Fatal(err)
					}
				})
			}
			cpu.report(b)
		})
		b.Run(fmt.Sprintf("tables=%d/read+declare", n), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			var cpu cpuTime
			for b.Loop() {
				cpu.of(func() { benchDeclare(b, text, parser.Options{Role: "postgres"}) })
			}
			cpu.report(b)
		})
	}
}

// BenchmarkPipeline is bloom diff as a user runs it, with nothing to do and with
// one table in a hundred that differs, beside the least that it could take: one
// parse of the files.
func BenchmarkPipeline(b *testing.B) {
	for _, n := range benchSizes {
		url := benchDatabase(b, n)
		for _, changed := range []bool{false, true} {
			text := benchTables(n, changed)
			file := filepath.Join(b.TempDir(), "schema.sql")
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("tables=%d/changed=%t", n, changed), func(b *testing.B) {
				b.ReportAllocs()
				var cpu cpuTime
				for b.Loop() {
					var stderr strings.Builder
					cpu.of(func() {
						if code := run(b.Context(), []string{"bloom", "diff", "--db-url", url, "--schema-dir", file}, strings.NewReader(""), io.Discard, &stderr); code != 0 {
							b.Fatal(stderr.String())
						}
					})
				}
				cpu.report(b)
			})
		}
	}
}

// BenchmarkStages takes the pipeline apart, and runs it whole, on a database in
// which one table in a hundred differs.
func BenchmarkStages(b *testing.B) {
	for _, n := range benchSizes {
		url := benchDatabase(b, n)
		conn := servertest.Connect(b, url)
		current, err := introspect.Database(b.Context(), conn, introspect.Options{})
		if err != nil {
			b.Fatal(err)
		}
		text := benchTables(n, true)
		b.Run(fmt.Sprintf("tables=%d/introspect", n), func(b *testing.B) {
			var cpu cpuTime
			for b.Loop() {
				cpu.of(func() {
					if _, err := introspect.Database(b.Context(), conn, introspect.Options{}); err != nil {
						b.Fatal(err)
					}
				})
			}
			cpu.report(b)
		})
		o := parser.Options{Base: current.Base, Version: current.Version, Role: current.Role}
		b.Run(fmt.Sprintf("tables=%d/diff", n), func(b *testing.B) {
			var cpu cpuTime
			for b.Loop() {
				b.StopTimer()
				desired := benchDeclare(b, text, o)
				b.StartTimer()
				cpu.of(func() { differ.NewMemo(nil).Diff(current, desired) })
			}
			cpu.report(b)
		})
		b.Run(fmt.Sprintf("tables=%d/plan", n), func(b *testing.B) {
			desired := benchDeclare(b, text, o)
			changes := differ.NewMemo(nil).Diff(current, desired)
			var cpu cpuTime
			for b.Loop() {
				cpu.of(func() {
					if _, err := planner.Plan(current, desired, changes, planner.Options{}); err != nil {
						b.Fatal(err)
					}
				})
			}
			cpu.report(b)
		})
	}
}

// BenchmarkAnalysis sets what it takes to find out what all expressions mean and to compare them, those of the files
// (declared) and those of the server, against what introspection takes: ratio is to be 1 at most. The whole of
// comparing two states (diff) is told beside it. Each round does all three, so that other
// work on the machine is in all of them; the times are medians of the rounds.
func BenchmarkAnalysis(b *testing.B) {
	for _, n := range benchSizes {
		url := benchDatabase(b, n)
		conn := servertest.Connect(b, url)
		text := benchTables(n, true)
		b.Run(fmt.Sprintf("tables=%d", n), func(b *testing.B) {
			var introspection, declared, compared, analysis rounds
			for b.Loop() {
				var current *catalog.Catalog
				read := measure(func() {
					var err error
					if current, err = introspect.Database(b.Context(), conn, introspect.Options{}); err != nil {
						b.Fatal(err)
					}
				})
				var resolved time.Duration
				desired := benchDeclare(b, text, parser.Options{Base: current.Base, Version: current.Version, Role: current.Role, Analysis: &resolved})
				memo := differ.NewMemo(nil)
				diff := measure(func() { memo.Diff(current, desired) })
				introspection, declared, compared = append(introspection, read), append(declared, resolved), append(compared, diff)
				analysis = append(analysis, resolved+memo.Analysing)
			}
			b.ReportMetric(introspection.median(), "introspect-ms")
			b.ReportMetric(declared.median(), "declared-ms")
			b.ReportMetric(compared.median(), "diff-ms")
			b.ReportMetric(analysis.median(), "analysis-ms")
			b.ReportMetric(analysis.median()/introspection.median(), "ratio")
		})
	}
}

// measure returns how long f took, without the garbage of what was before.
func measure(f func()) time.Duration {
	runtime.GC()
	start := time.Now()
	f()
	return time.Since(start)
}

// rounds are the times of one thing, done several times.
type rounds []time.Duration

// median is in milliseconds.
func (r rounds) median() float64 {
	r = slices.Sorted(slices.Values(r))
	return float64(r[len(r)/2].Microseconds()) / 1000
}

func benchDeclare(b *testing.B, text string, o parser.Options) *catalog.Catalog {
	b.Helper()
	script, err := parser.Read(context.Background(), []parser.Source{{Name: "bench.sql", Text: text}})
	if err != nil {
		b.Fatal(err)
	}
	c, _, err := script.Declare(o)
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// cpuTime is what a benchmark used of all processors, collecting garbage included:
// beside other work it says more than the clock does.
type cpuTime struct {
	used time.Duration
	n    int
}

// of measures one call, which starts without the garbage of what was before.
func (c *cpuTime) of(f func()) {
	runtime.GC()
	at := processTime()
	f()
	c.used += processTime() - at
	c.n++
}

func (c *cpuTime) report(b *testing.B) {
	b.ReportMetric(float64(c.used.Microseconds())/1000/float64(c.n), "cpu-ms/op")
}

func processTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
