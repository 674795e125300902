package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"bloom/supabase"
)

func newCommand() *cli.Command {
	return &cli.Command{
		Name:      "new",
		Usage:     "make an empty migration, or one with the SQL that comes through a pipe",
		ArgsUsage: "NAME",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "stdin", Usage: "wait for SQL on standard input, however long it takes"},
		},
		Action: runNew,
	}
}

func runNew(c *cli.Context) error {
	con := newConsole(c)
	if c.NArg() != 1 {
		return fmt.Errorf("new wants one NAME, got %d\nhint: bloom new add_status_to_experiments", c.NArg())
	}
	slug, note, err := supabase.Slug(c.Args().First())
	if err != nil {
		return err
	}
	project, err := openProject(c, con)
	if err != nil {
		return err
	}
	sql, err := pipedSQL(c.Context, con, c.Bool("stdin"))
	if err != nil {
		return err
	}
	path, err := project.WriteMigration(time.Now(), slug, sql)
	if err != nil {
		return err
	}
	if note != "" {
		con.say("%s", note)
	}
	_, err = fmt.Fprintln(con.out, "Created new migration at "+path)
	return err
}

// pipeWait is how long a pipe may take to bring its first byte. CI runners
// give programs a pipe that stays open and silent for ever.
const pipeWait = 2 * time.Second

// pipedSQL reads standard input if somebody feeds it: a file, a pipe that
// brings something in time, or with --stdin whatever it is.
func pipedSQL(ctx context.Context, con *console, wait bool) (string, error) {
	if f, ok := con.in.(*os.File); ok && !wait {
		info, err := f.Stat()
		if err != nil || info.Mode()&os.ModeCharDevice != 0 { // closed, a terminal or /dev/null
			return "", nil
		}
	}
	var late <-chan time.Time
	if !wait {
		late = time.After(pipeWait)
	}
	// Reading can't be interrupted; if nothing comes, the goroutine is left to the program's end.
	in, first := bufio.NewReader(con.in), make(chan error, 1)
	go func() {
		_, err := in.Peek(1)
		first <- err
	}()
	select {
	case err := <-first:
		if errors.Is(err, io.EOF) {
			return "", nil
		}
		if err != nil {
			return "", fmt.Errorf("reading standard input: %w", err)
		}
	case <-late:
		con.warn("nothing came through standard input within %s, so the migration is empty; --stdin waits longer", pipeWait)
		return "", nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
	sql, err := io.ReadAll(in)
	if err != nil {
		return "", fmt.Errorf("reading standard input: %w", err)
	}
	return string(sql), nil
}
