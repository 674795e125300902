package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"bloom/catalog"
	"bloom/differ"
)

func reportFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "format", Value: "text", Usage: "`FORM` of the report: text, json, github, markdown or sarif"},
		&cli.BoolFlag{Name: "json", Usage: "the same as --format json"},
	}
}

func reportFormat(c *cli.Context) (string, error) {
	format := c.String("format")
	if c.Bool("json") {
		format = "json"
	}
	if !slices.Contains([]string{"text", "json", "github", "markdown", "sarif"}, format) {
		return "", fmt.Errorf("no format %q\nhint: --format text, json, github, markdown or sarif", format)
	}
	return format, nil
}

// finishReport prints a report; it is errDifferences if there is something in it.
func (c *console) finishReport(r *report, format string) error {
	r.finish()
	var err error
	switch format {
	case "json":
		err = indented(c.out, r)
	case "github":
		r.github(c.out)
	case "markdown":
		r.markdown(c.out)
	case "sarif":
		err = indented(c.out, r.sarif())
	default:
		c.text(r)
	}
	n := 0
	for _, f := range r.Findings {
		if f.Cause == causeUnreplayed {
			n++
		}
	}
	if n > 0 {
		fmt.Fprintf(c.err, "%s could not be replayed\n", count(n, "statement"))
	}
	if err == nil && !r.InSync {
		return errDifferences
	}
	return err
}

func indented(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func (f divergence) pos() string {
	return catalog.Pos{File: f.File, Line: f.Line, Col: f.Column}.String()
}

var causeTitles = [][2]string{
	{causeNoMigration, "Declared otherwise than the migrations make it"},
	{causePending, "Not applied yet"},
	{causeByHand, "Changed by hand"},
	{causeForgotten, "Declared, and forgotten in the migrations"},
	{causeFolder, "The migrations' folder"},
	{causeUnreplayed, "Not replayed"},
}

// title is what the findings of a cause stand under.
func (r *report) title(cause string) string {
	for _, c := range r.causes {
		if c[0] == cause {
			return c[1]
		}
	}
	return cause
}

// text prints a report for people.
func (c *console) text(r *report) {
	if len(r.Findings) == 0 {
		c.say("%s", r.nothing)
		return
	}
	colors := map[string]string{"error": "31", "warning": "33", "note": "36"}
	for i, f := range r.Findings {
		if i == 0 || f.Cause != r.Findings[i-1].Cause {
			fmt.Fprintln(c.out, r.title(f.Cause)+":")
		}
		line := "  " + c.paint(colors[f.Level], f.Message)
		if p := f.pos(); p != "" {
			line = "  " + p + ": " + c.paint(colors[f.Level], f.Message)
		}
		fmt.Fprintln(c.out, line)
		if i+1 < len(r.Findings) && r.Findings[i+1].Cause == f.Cause && slices.Equal(r.Findings[i+1].WaysOut, f.WaysOut) {
			continue // they are told once, after the last
		}
		for _, w := range f.WaysOut {
			fmt.Fprintln(c.out, "    hint: "+w)
		}
	}
	for _, h := range r.Hazards {
		c.warn("%s", h)
	}
}

// github prints annotations on the lines of a pull request.
func (r *report) github(w io.Writer) {
	escape := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, f := range r.Findings {
		level := f.Level
		if level == "note" {
			level = "notice"
		}
		at := ""
		if f.File != "" {
			at = fmt.Sprintf("file=%s,line=%d,col=%d,", property.Replace(f.File), max(f.Line, 1), max(f.Column, 1))
		}
		message := f.Message
		for _, way := range f.WaysOut {
			message += "\nhint: " + way
		}
		fmt.Fprintf(w, "::%s %stitle=%s::%s\n", level, at, property.Replace("bloom "+r.Command), escape.Replace(message))
	}
}

// markdown prints a comment for a pull request.
func (r *report) markdown(w io.Writer) {
	fmt.Fprintf(w, "### bloom %s\n\n", r.Command)
	if len(r.Findings) == 0 {
		fmt.Fprintln(w, r.nothing+".")
		return
	}
	cell := strings.NewReplacer("|", "\\|", "\n", " ")
	fmt.Fprintf(w, "| | where | what |\n|---|---|---|\n")
	for _, f := range r.Findings {
		where := ""
		if p := f.pos(); p != "" {
			where = "`" + p + "`"
		}
		fmt.Fprintf(w, "| %s | %s | %s |\n", f.Level, where, cell.Replace(f.Message))
	}
	if r.SQL != "" {
		fmt.Fprintf(w, "\n<details><summary>SQL</summary>\n\n```sql\n%s\n```\n\n</details>\n", strings.TrimRight(r.SQL, "\n"))
	}
	if len(r.Hazards) > 0 {
		fmt.Fprintf(w, "\n**Hazards**\n\n")
		for _, h := range r.Hazards {
			fmt.Fprintf(w, "* %s\n", cell.Replace(h))
		}
	}
	r.mermaid(w)
}

// draw notes the table of a change, and its neighbours, for the diagram.
func (r *report) draw(ch differ.Change, states []*catalog.Catalog) {
	id := ch.ID()
	table := catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}
	if id.Kind == catalog.KindTable {
		table = id
	}
	if table.Name == "" || slices.Contains(r.tables, table) {
		return
	}
	r.tables = append(r.tables, table)
	for _, c := range states {
		for other, o := range c.All() {
			fk, ok := o.(catalog.Constraint)
			if !ok || fk.Type != catalog.ForeignKey {
				continue
			}
			from := catalog.ID{Kind: catalog.KindTable, Schema: other.Schema, Name: other.Table}
			to := catalog.ID{Kind: catalog.KindTable, Schema: fk.RefTable.Schema, Name: fk.RefTable.Name}
			edge := [2]catalog.ID{from, to}
			if (from == table || to == table) && !slices.Contains(r.foreign, edge) {
				r.foreign = append(r.foreign, edge)
			}
		}
	}
}

// mermaid draws the changed tables and what refers to them.
func (r *report) mermaid(w io.Writer) {
	if len(r.tables) == 0 {
		return
	}
	names := map[catalog.ID]string{}
	node := func(id catalog.ID) string {
		if names[id] == "" {
			names[id] = fmt.Sprintf("t%d", len(names)+1)
			return fmt.Sprintf(`%s["%s"]`, names[id], strings.ReplaceAll(id.Path(), `"`, "#quot;"))
		}
		return names[id]
	}
	fmt.Fprintf(w, "\n```mermaid\ngraph LR\n")
	for _, t := range r.tables {
		fmt.Fprintf(w, "  %s:::changed\n", node(t))
	}
	for _, e := range r.foreign {
		from := node(e[0])
		fmt.Fprintf(w, "  %s --> %s\n", from, node(e[1]))
	}
	fmt.Fprintf(w, "  classDef changed stroke-width:3px\n```\n")
}
