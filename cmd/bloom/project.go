package main

import (
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"bloom/supabase"
)

// openProject finds the project that the command works on.
func openProject(c *cli.Context, con *console) (*supabase.Project, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("the current folder cannot be read: %w", err)
	}
	p, err := supabase.Find(dir, c.String("workdir"), func(note string) { con.say("%s", note) })
	if err != nil {
		return nil, err
	}
	con.trace("project %s", p.Root)
	return p, nil
}
