package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"bloom/catalog"
	"bloom/planner"
	"bloom/supabase"
)

// What is dropped while something like it is made may be a rename that the files do not
// tell of. On a terminal bloom asks; in CI, where nobody can answer, it stops.

// compareAsked compares, asks about what looks like a rename, and compares again with
// the answers.
func compareAsked(c *cli.Context, con *console, project *supabase.Project) (*comparison, error) {
	o := comparisonOptions(c)
	mode, err := renameMode(c, con)
	if err != nil {
		return nil, err
	}
	var asked []planner.Rename
	for {
		cmp, err := compare(c.Context, con, project, o)
		if err != nil || cmp.plan == nil || mode == "drop" {
			return cmp, err
		}
		suspects := slices.DeleteFunc(slices.Clone(cmp.plan.Suspects), func(r planner.Rename) bool { return slices.Contains(asked, r) })
		if len(suspects) == 0 {
			return cmp, nil
		}
		if mode == "stop" {
			return nil, unsaid(cmp.desired, suspects)
		}
		asked = append(asked, suspects...)
		yes, err := ask(bufio.NewReader(con.in), con.err, suspects)
		if err != nil {
			return nil, err
		}
		if len(yes) == 0 {
			return cmp, nil
		}
		o.renamed = append(o.renamed, yes...)
	}
}

// renameMode is what --renames says, or the place where bloom runs.
func renameMode(c *cli.Context, con *console) (string, error) {
	switch mode := c.String("renames"); mode {
	case "ask", "stop", "drop":
		return mode, nil
	case "auto":
	default:
		return "", fmt.Errorf("no --renames %q\nhint: --renames ask, stop, drop or auto", mode)
	}
	switch ci := strings.ToLower(os.Getenv("CI")); {
	case ci != "" && ci != "false" && ci != "0":
		return "stop", nil
	case isTerminal(con.in) && isTerminal(con.err) && !con.yes && !c.Bool("json"):
		return "ask", nil
	}
	return "drop", nil
}

// ask returns which of the suspects are renames. What is in something that is renamed
// is asked for when that is known.
func ask(in *bufio.Reader, out io.Writer, suspects []planner.Rename) ([]planner.Rename, error) {
	var yes []planner.Rename
	for _, r := range suspects {
		if slices.ContainsFunc(yes, func(y planner.Rename) bool { return y.From == r.From || y.To == r.To && y.Value == "" }) {
			continue
		}
		from, to := r.From.String(), r.To.Name
		if r.Value != "" {
			from, to = fmt.Sprintf("value %s of %s", r.Value, r.From), r.NewValue
		}
		fmt.Fprintf(out, "Is %s renamed to %s? Otherwise it is dropped. [y/N] ", from, to)
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("nothing was written: %w", err)
		}
		if answer := strings.ToLower(strings.TrimSpace(line)); answer == "y" || answer == "yes" {
			yes = append(yes, r)
		}
	}
	return yes, nil
}

// unsaid is the error about renames that the files do not tell of.
func unsaid(desired *catalog.Catalog, suspects []planner.Rename) error {
	var b strings.Builder
	for _, r := range suspects {
		pos := desired.Pos(r.To)
		at := ""
		if !pos.IsZero() {
			at = pos.String() + ": "
		}
		old, what := catalog.Quote(r.From.Name), r.To.String()
		if r.Value != "" {
			old, what = catalog.QuoteLiteral(r.Value), "value "+r.NewValue+" of "+what
		}
		fmt.Fprintf(&b, "%s%s looks like %s, which would be dropped\nhint: if it is the same, write above it: -- bloom:renamed-from %s\n", at, what, r.From, old)
	}
	return fmt.Errorf("%shint: if they are not the same: --renames drop", b.String())
}
