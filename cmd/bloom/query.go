package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

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
		results, err := query(c.Context, conn.PgConn(), text)
		for _, r := range results {
			if err := printResult(con.out, r); err != nil {
				return err
			}
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
