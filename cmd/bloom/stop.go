package main

import (
	"github.com/urfave/cli/v2"
)

func stopCommand() *cli.Command {
	return &cli.Command{
		Name:  "stop",
		Usage: "stop the project's local PostgreSQL",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "reset", Usage: "remove its data, too"},
		},
		Action: runStop,
	}
}

func runStop(c *cli.Context) error {
	con := newConsole(c)
	local, err := localServer(c, con)
	if err != nil {
		return err
	}
	was, err := local.Stop(c.Context)
	if err != nil {
		return err
	}
	if was {
		con.say("Stopped local database.")
	} else {
		con.say("The local database was not running.")
	}
	if !c.Bool("reset") {
		return nil
	}
	if err := local.Reset(c.Context); err != nil {
		return err
	}
	con.say("Removed its data.")
	return nil
}
