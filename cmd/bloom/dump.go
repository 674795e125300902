package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
)

func dumpCommand() *cli.Command {
	return &cli.Command{
		Name:  "dump",
		Usage: "print the database's schema as SQL that runs in an empty database of the same platform",
		Flags: append(targetFlags(), schemasFlag(),
			&cli.StringFlag{Name: "file", Aliases: []string{"f"}, Usage: "write it to `FILE`, which must not exist"},
			&cli.BoolFlag{Name: "data-only", Hidden: true}, &cli.BoolFlag{Name: "role-only", Hidden: true}), // of the Supabase CLI
		OnUsageError: usageError,
		Action:       runDump,
	}
}

func runDump(c *cli.Context) error {
	if c.Bool("data-only") || c.Bool("role-only") {
		return errors.New("bloom dump prints the schema only\nhint: pg_dump --data-only has the rows, pg_dumpall --roles-only the roles")
	}
	p, err := pullFrom(c)
	if err != nil {
		return err
	}
	text := p.script()
	if file := c.String("file"); file != "" {
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return err
		}
		_, err = f.WriteString(text)
		return errors.Join(err, f.Close())
	}
	_, err = fmt.Fprint(p.con.out, text)
	return err
}

// script is the declaration in the order in which a server can run it.
func (d *declaration) script() string {
	var parts []string
	for _, text := range []string{guarded(d.within(d.head)).Script(), guarded(d.within(d.body)).Script()} {
		if text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "\n")
}
