package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"bloom/parser/split"
	"bloom/supabase"
	"bloom/supabase/migrate"
)

func listCommand() *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "show the migrations of the project beside those that the database has",
		Flags: append(targetFlags(),
			&cli.BoolFlag{Name: "wide", Usage: "with names and states"},
			&cli.BoolFlag{Name: "json", Usage: "print it as JSON"},
			&cli.BoolFlag{Name: "exit-code", Usage: "exit with 2 unless every migration is applied as it stands"},
		),
		OnUsageError: usageError,
		Action:       runList,
	}
}

// States of a migration.
const (
	stateApplied    = "applied"
	statePending    = "pending"
	stateMissing    = "missing locally"
	stateEdited     = "edited since applied"
	stateOutOfOrder = "out of order"
)

// listed is a migration in the list.
type listed struct {
	Local  string `json:"local"`  // version; empty: no file
	Remote string `json:"remote"` // version; empty: not applied
	Time   string `json:"time"`
	Name   string `json:"name"`
	State  string `json:"state"`
}

func runList(c *cli.Context) error {
	w, err := connect(c)
	if err != nil {
		return err
	}
	defer w.close()
	list, err := w.list(c.Context)
	if err != nil {
		return err
	}
	switch {
	case c.Bool("json"):
		e := json.NewEncoder(w.con.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		err = e.Encode(map[string][]listed{"migrations": list})
	case c.Bool("wide"):
		err = printMarkdown(w, []string{"Local", "Remote", "Time (UTC)", "Name", "State"}, list, func(l listed) []string { return []string{l.Local, l.Remote, l.Time, l.Name, l.State} })
	default:
		err = printMarkdown(w, []string{"Local", "Remote", "Time (UTC)"}, list, func(l listed) []string { return []string{l.Local, l.Remote, l.Time} })
	}
	if err == nil && c.Bool("exit-code") && slices.ContainsFunc(list, func(l listed) bool { return l.State != stateApplied }) {
		err = errDifferences
	}
	return err
}

// list merges files and history by number, as the CLI does; what is no number
// can't be sorted in and is said.
func (w *work) list(ctx context.Context) ([]listed, error) {
	local, err := w.project.Migrations()
	if err != nil {
		return nil, err
	}
	rows, err := migrate.History(ctx, w.session.Conn)
	if err != nil {
		return nil, err
	}
	var applied []string
	history := map[string]migrate.Row{}
	for _, row := range rows {
		applied = append(applied, row.Version)
		history[row.Version] = row
	}
	outOfOrder := migrate.Compare(local, applied).OutOfOrder
	list := []listed{}
	for _, m := range local {
		row, known := history[m.Version]
		delete(history, m.Version)
		item := listed{Local: m.Version, Time: timeOf(m.Version), Name: m.Name, State: statePending}
		switch {
		case known:
			item.Remote, item.State = m.Version, stateApplied
			edited, err := w.edited(m, row)
			if err != nil {
				return nil, err
			}
			if edited {
				item.State = stateEdited
			}
		case slices.Contains(outOfOrder, m):
			item.State = stateOutOfOrder
		}
		list = append(list, item)
	}
	for _, row := range history {
		list = append(list, listed{Remote: row.Version, Time: timeOf(row.Version), Name: row.Name, State: stateMissing})
	}
	return w.sortByNumber(list), nil
}

func (w *work) sortByNumber(list []listed) []listed {
	number := func(l listed) uint64 {
		n, err := strconv.ParseUint(cmp.Or(l.Local, l.Remote), 10, 64)
		if err != nil {
			return 0
		}
		return n
	}
	list = slices.DeleteFunc(list, func(l listed) bool {
		_, err := strconv.ParseUint(cmp.Or(l.Local, l.Remote), 10, 64)
		if err != nil {
			w.con.warn("version %q is no number and not shown", cmp.Or(l.Local, l.Remote))
		}
		return err != nil
	})
	slices.SortStableFunc(list, func(a, b listed) int { return cmp.Compare(number(a), number(b)) })
	return list
}

// edited says whether a file says something else than what was applied. Old
// rows don't know what that was.
func (w *work) edited(m supabase.Migration, row migrate.Row) (bool, error) {
	if !row.Known {
		return false, nil
	}
	text, err := w.project.ReadMigration(m)
	if err != nil {
		return false, err
	}
	return split.Words(text) != split.Words(split.Join(row.Statements)), nil
}

// timeOf is the time that a version stands for, or else the version.
func timeOf(version string) string {
	t, err := time.Parse("20060102150405", version)
	if err != nil {
		return version
	}
	return t.Format(time.DateTime)
}

// printMarkdown prints the table as the Supabase CLI does, which scripts take
// apart: a blank line, one of two spaces, header, dashes, rows, a blank line.
func printMarkdown(w *work, header []string, list []listed, cells func(listed) []string) error {
	rows := [][]string{header}
	for _, l := range list {
		rows = append(rows, cells(l))
	}
	widths := make([]int, len(header))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	b.WriteString("\n  \n")
	for n, row := range rows {
		for i, cell := range row {
			row[i] = " " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)) + " "
		}
		b.WriteString("  " + strings.Join(row, "|") + "\n")
		if n == 0 {
			for i, width := range widths {
				row[i] = strings.Repeat("-", width+2)
			}
			b.WriteString("  " + strings.Join(row, "|") + "\n")
		}
	}
	_, err := fmt.Fprintln(w.con.out, b.String())
	return err
}
