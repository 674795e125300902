package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"bloom/supabase/server"
)

func statusCommand() *cli.Command {
	return &cli.Command{
		Name:  "status",
		Usage: "say whether the project's local PostgreSQL runs, and where; exit 1 if it does not",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print it as JSON"},
		},
		Action: runStatus,
	}
}

func runStatus(c *cli.Context) error {
	con := newConsole(c)
	local, err := localServer(c, con)
	if err != nil {
		return err
	}
	status, err := local.Status()
	if err != nil {
		return err
	}
	if err := printStatus(con, status, c.Bool("json")); err != nil {
		return err
	}
	if !status.Running {
		return errors.New("the local database is not running\nhint: `bloom start` starts it")
	}
	return nil
}

// statusJSON is what --json prints.
type statusJSON struct {
	State      string `json:"state"`
	URL        string `json:"url"`
	Data       string `json:"data"`
	PostgreSQL int    `json:"postgresql,omitempty"`
	PID        int    `json:"pid,omitempty"`
}

func printStatus(con *console, s server.Status, asJSON bool) error {
	out := statusJSON{State: "no data", URL: s.URL, Data: s.Data, PostgreSQL: s.Major, PID: s.PID}
	switch {
	case s.Running:
		out.State = "running"
	case s.Made:
		out.State = "stopped"
	}
	if asJSON {
		e := json.NewEncoder(con.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(out)
	}
	text := fmt.Sprintf("state: %s\nurl:   %s\ndata:  %s\n", out.State, out.URL, out.Data)
	if s.Running {
		text += fmt.Sprintf("pid:   %d (PostgreSQL %d)\n", s.PID, s.Major)
	}
	_, err := fmt.Fprint(con.out, text)
	return err
}
