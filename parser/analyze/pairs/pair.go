package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"bloom/catalog"
	"bloom/parser/analyze"
)

// pair is an expression as it was written and as the server prints it.
type pair struct {
	slot
	source, server string
	columns        []catalog.ViewColumn // of a view, as the server has them
	mutants        []mutant
}

// mutant is a changed expression and the server's text of it, which differs from that of the original.
type mutant struct{ how, source, server string }

type stats struct {
	failed, unprobed, catalogs int
	pairs, equal               map[string]int
	unknown                    int
	mutants, mutantsUnknown    int
	wrong                      int
	spent                      time.Duration
}

// compare puts the pairs to the analysis, each against the same catalog.
func (c *collector) compare(cat *catalog.Catalog, pairs []pair) error {
	if c.stats.pairs == nil {
		c.stats.pairs, c.stats.equal = map[string]int{}, map[string]int{}
	}
	var questions []analyze.Question
	type origin struct{ pair, mutant int }
	var from []origin
	for i, p := range pairs {
		current := p.current()
		questions = append(questions, analyze.Question{Path: p.path, Current: current, Desired: p.with(p.source, p.searchPath)})
		from = append(from, origin{i, -1})
		for j, m := range p.mutants {
			questions = append(questions, analyze.Question{Path: p.path, Current: current, Desired: p.with(m.source, p.searchPath)})
			from = append(from, origin{i, j})
		}
	}
	start := time.Now()
	answers := analyze.Compare(cat, cat, questions)
	c.stats.spent += time.Since(start)
	for i, a := range answers {
		p := pairs[from[i].pair]
		if from[i].mutant < 0 {
			c.count(p, a)
		} else {
			c.countMutant(p, p.mutants[from[i].mutant], a)
		}
	}
	c.pairs = append(c.pairs, pairs...)
	return nil
}

// current is the object as the server has it.
func (p pair) current() catalog.Object {
	o := p.with(p.server, "")
	if v, ok := o.(catalog.View); ok {
		v.Columns = p.columns
		return v
	}
	return o
}

// with is the object with a text in place of the expression.
func (s slot) with(text, path string) catalog.Object {
	found := false
	o := catalog.WithExprs(s.object, func(field string, e catalog.Expr) catalog.Expr {
		if field == s.path {
			found = true
			return catalog.Expr{Text: text, Path: path}
		}
		return e
	})
	if !found {
		panic("no field " + s.path + " in " + s.object.ID().String())
	}
	return o
}

func (c *collector) count(p pair, a analyze.Answer) {
	k := p.object.ID().Kind.String() + " " + strings.TrimRight(strings.Split(p.path, "[")[0], "0123456789")
	c.stats.pairs[k]++
	if a.Verdict == analyze.Equal {
		c.stats.equal[k]++
		return
	}
	if a.Verdict == analyze.Unknown {
		c.stats.unknown++
	}
	if c.verbose {
		fmt.Printf("--- [%s] %s %s\n  reason %s\n  source %s\n  server %s\n", c.name, p.object.ID(), verdict(a), oneLine(a.Reason, 300), oneLine(p.source, 600), oneLine(p.server, 600))
	}
}

func (c *collector) countMutant(p pair, m mutant, a analyze.Answer) {
	c.stats.mutants++
	switch a.Verdict {
	case analyze.Unknown:
		c.stats.mutantsUnknown++
	case analyze.Equal:
		c.stats.wrong++
		if c.verbose {
			fmt.Printf("--- WRONG [%s] %s %s %s\n  mutant %s\n  server %s\n  its own %s\n", c.name, m.how, p.object.ID(), a.Reason, oneLine(m.source, 600), oneLine(p.server, 600), oneLine(m.server, 600))
		}
	}
}

func verdict(a analyze.Answer) string {
	return map[analyze.Verdict]string{analyze.Equal: "equal", analyze.Different: "different", analyze.Unknown: "unknown"}[a.Verdict]
}

func (c *collector) report(w io.Writer) {
	s := c.stats
	kinds := make([]string, 0, len(s.pairs))
	pairs, equal := 0, 0
	for k, n := range s.pairs {
		kinds = append(kinds, k)
		pairs, equal = pairs+n, equal+s.equal[k]
	}
	slices.Sort(kinds)
	for _, k := range kinds {
		fmt.Fprintf(w, "KIND %-40s %5d %5d\n", k, s.pairs[k], s.equal[k])
	}
	fmt.Fprintf(w, "TOTAL %s pairs %d equal %d unknown %d mutants %d wrong %d unknown %d; %d statements failed, %d expressions not probed, %v\n",
		c.name, pairs, equal, s.unknown, s.mutants, s.wrong, s.mutantsUnknown, s.failed, s.unprobed, s.spent.Round(time.Millisecond))
}
