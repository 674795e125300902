package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/urfave/cli/v2"

	"bloom/supabase"
)

func queryCommand() *cli.Command {
	return &cli.Command{
		Name:      "query",
		Usage:     "run SQL in the database and print the rows",
		ArgsUsage: "[SQL]",
		Description: "Runs the SQL of the argument, the files or standard input. What is given at once is one\n" +
			"transaction: it happens as a whole or not at all.",
		Flags:        append(targetFlags(), &cli.StringSliceFlag{Name: "file", Aliases: []string{"f"}, Usage: "run the SQL of `FILE`; repeatable"}),
		OnUsageError: usageError,
		Action:       runQuery,
	}
}

func runQuery(c *cli.Context) error {
	con := newConsole(c)
	project, err := openProject(c, con)
	if err != nil {
		return err
	}
	texts, err := queryTexts(c)
	if err != nil {
		return err
	}
	target, err := project.Target(c.Context, targetOptions(c))
	if err != nil {
		return err
	}
	conn, err := target.Connect(c.Context)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, text := range texts {
		results, err := conn.PgConn().Exec(c.Context, text).ReadAll()
		for _, r := range results {
			printResult(con.out, r)
		}
		if err != nil {
			return supabase.Redact(explainServerError(err))
		}
	}
	return nil
}

func queryTexts(c *cli.Context) ([]string, error) {
	var texts []string
	for _, path := range c.StringSlice("file") {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(b))
	}
	switch {
	case c.NArg() > 0 && len(texts) == 0:
		return []string{strings.Join(c.Args().Slice(), " ")}, nil
	case c.NArg() > 0:
		return nil, errors.New("SQL and --file exclude each other")
	case len(texts) > 0:
		return texts, nil
	}
	b, err := io.ReadAll(c.App.Reader)
	return []string{string(b)}, err
}

// explainServerError adds what the server says besides its message.
func explainServerError(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	text := fmt.Sprintf("%s (SQLSTATE %s)", pg.Message, pg.Code)
	if pg.Detail != "" {
		text += "\n  " + pg.Detail
	}
	if pg.Hint != "" {
		text += "\nhint: " + pg.Hint
	}
	return errors.New(text)
}

// printResult prints rows in columns, or what the server says was done.
func printResult(w io.Writer, r *pgconn.Result) {
	if len(r.FieldDescriptions) == 0 {
		if tag := r.CommandTag.String(); tag != "" {
			fmt.Fprintln(w, tag)
		}
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	names := make([]string, len(r.FieldDescriptions))
	for i, f := range r.FieldDescriptions {
		names[i] = f.Name
	}
	fmt.Fprintln(t, strings.Join(names, "\t"))
	for _, row := range r.Rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = strings.ReplaceAll(string(v), "\n", `\n`)
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	_ = t.Flush()
	fmt.Fprintf(w, "(%d rows)\n", len(r.Rows))
}
