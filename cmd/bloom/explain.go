package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"bloom/catalog"
	"bloom/parser/analyze"
	"bloom/supabase"
)

func explainCommand() *cli.Command {
	return &cli.Command{
		Name:      "explain-diff",
		Usage:     "show why an object differs, or why it does not",
		ArgsUsage: "OBJECT",
		Description: "Shows for each expression of the object both texts, what analysis made of them, the first place\n" +
			"in which they differ, and who decided. OBJECT is named as bloom names it: public.users.email, or\n" +
			"with its kind, \"policy public.users.owner reads\".",
		Flags:        append(targetFlags(), comparisonFlags()...),
		OnUsageError: usageError,
		Action:       runExplain,
	}
}

func runExplain(c *cli.Context) error {
	con := newConsole(c)
	if c.NArg() == 0 {
		return fmt.Errorf("explain-diff needs the name of an object\nhint: bloom diff --json names those that differ")
	}
	project, err := openProject(c, con)
	if err != nil {
		return err
	}
	o := comparisonOptions(c)
	pair, err := load(c.Context, con, project, o)
	if err != nil {
		return supabase.Redact(err)
	}
	defer pair.close()
	judge := newJudge(c.Context, o, pair)
	defer endJudge(con, judge)
	newMemo(nil).Diff(pair.current, pair.desired) // names what has no name of its own
	name := strings.Join(c.Args().Slice(), " ")
	found := false
	for _, id := range namedObjects(pair, name) {
		found = true
		e := explanation{con: con, pair: pair}
		if judge != nil {
			e.judge = judge.Decide
		}
		e.object(id)
	}
	if !found {
		return fmt.Errorf("no object is called %q, neither now nor in the files\nhint: names are as in bloom diff --json, with their schema", name)
	}
	return nil
}

// namedObjects are those of either state that go by the name.
func namedObjects(pair *comparison, name string) []catalog.ID {
	var ids []catalog.ID
	for _, c := range []*catalog.Catalog{pair.current, pair.desired} {
		for id := range c.All() {
			if (id.Path() == name || id.String() == name) && (c == pair.current || !pair.current.Has(id)) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

type explanation struct {
	con   *console
	pair  *comparison
	judge func([]analyze.Question) []analyze.Answer
}

func (e explanation) object(id catalog.ID) {
	w := e.con.out
	fmt.Fprintln(w, id)
	cur, des := e.pair.current.Get(id), e.pair.desired.Get(id)
	switch {
	case cur == nil:
		fmt.Fprintf(w, "  only in the files (%s)\n", e.pair.desired.Pos(id))
		return
	case des == nil:
		fmt.Fprintln(w, "  not in the files")
		return
	}
	desired := map[string]catalog.Expr{}
	for _, f := range catalog.Exprs(des) {
		desired[f.Path] = f.Expr
	}
	n := 0
	for _, f := range catalog.Exprs(cur) {
		if d, ok := desired[f.Path]; ok {
			n++
			e.expr(f.Path, cur, des, f.Expr, d)
		}
	}
	if n == 0 {
		fmt.Fprintln(w, "  has no expressions to compare")
	}
}

func (e explanation) expr(path string, cur, des catalog.Object, ce, de catalog.Expr) {
	w := e.con.out
	q := analyze.Question{Path: path, Current: cur, Desired: des}
	fmt.Fprintf(w, "\n%s\n  current:  %s\n  desired:  %s\n", path, indent(ce.Text), indent(de.Text))
	e.tree("current", e.pair.current, cur, path)
	e.tree("desired", e.pair.desired, des, path)
	a := analyze.Compare(e.pair.current, e.pair.desired, []analyze.Question{q})[0]
	fmt.Fprintf(w, "  analysis: %s\n", verdict(a))
	if a.Verdict == analyze.Equal || a.Spelling {
		fmt.Fprintln(w, "  decided by analysis")
		return
	}
	if e.judge == nil {
		fmt.Fprintln(w, "  decided by analysis: there is no judge")
		return
	}
	j := e.judge([]analyze.Question{q})[0]
	fmt.Fprintf(w, "  judge:    %s\n", verdict(j))
	who := "the judge"
	if j.Verdict == analyze.Unknown {
		who = "analysis: the judge cannot say"
	}
	fmt.Fprintf(w, "  decided by %s\n", who)
}

func (e explanation) tree(which string, c *catalog.Catalog, o catalog.Object, path string) {
	tree, troubles, err := analyze.Tree(c, o, path)
	if err != nil {
		tree = err.Error()
	}
	fmt.Fprintf(e.con.out, "  %s tree:\n    %s\n", which, strings.ReplaceAll(strings.TrimSpace(tree), "\n", "\n    "))
	for _, t := range troubles {
		fmt.Fprintf(e.con.out, "    not resolved: %s\n", t)
	}
}

func verdict(a analyze.Answer) string {
	v := [...]string{analyze.Unknown: "unknown", analyze.Equal: "equal", analyze.Different: "different"}[a.Verdict]
	if a.Reason != "" {
		v += ": " + a.Reason
	}
	return v
}

func indent(s string) string { return strings.ReplaceAll(s, "\n", "\n            ") }
