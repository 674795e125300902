package main

import (
	"github.com/urfave/cli/v2"

	"bloom/supabase"
)

// targetFlags choose the database.
func targetFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "db-url", Usage: "database as a connection `URL` (default: BLOOM_DB_URL, SUPABASE_DB_URL, else local)"},
		&cli.BoolFlag{Name: "local", Usage: "the local database, 127.0.0.1 and db.port of config.toml"},
		&cli.BoolFlag{Name: "linked", Usage: "the linked project's database"},
		&cli.StringFlag{Name: "password", Aliases: []string{"p"}, Usage: "of the linked database (better: SUPABASE_DB_PASSWORD)"},
	}
}

func targetOptions(c *cli.Context) supabase.TargetFlags {
	return supabase.TargetFlags{DBURL: c.String("db-url"), Local: c.Bool("local"), Linked: c.Bool("linked"), Password: c.String("password")}
}
