package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"bloom/supabase"
	"bloom/supabase/migrate"
)

// writeDifference writes what the database has and the migrations do not make, such
// as what somebody changed by hand, as a migration that is applied already.
func (p *pulled) writeDifference(c *cli.Context, local []supabase.Migration, slug string) error {
	if err := sameHistory(local, p.source.applied); err != nil {
		return err
	}
	o := compareOptions{target: targetOptions(c), schemas: c.StringSlice("schema"), from: "migrations", to: "live"}
	pair, err := compare(c.Context, p.con, p.project, o)
	if err != nil {
		return supabase.Redact(err)
	}
	p.con.unreplayed(pair.unreplayed())
	if len(pair.changes) == 0 {
		p.con.say("No schema changes found")
		return nil
	}
	p.con.summarise(pair)
	if len(pair.unreplayed()) > 0 {
		p.con.warn("what these statements did is in the database as well: look through the new migration, it may repeat that")
	}
	return p.writeApplied(c, func() ([]string, error) { return putMigrations(p.project, pair, slug) })
}

// sameHistory demands that all migrations are applied, and that all that is
// applied has its file.
func sameHistory(local []supabase.Migration, applied []string) error {
	found := migrate.Compare(local, applied)
	pending := slices.Concat(found.OutOfOrder, found.Files)
	if len(pending)+len(found.Missing) == 0 {
		return nil
	}
	text := "The remote database's migration history does not match local files in supabase/migrations directory."
	if len(found.Missing) > 0 {
		text += "\nhint: without a file: " + strings.Join(found.Missing, ", ") + "; bloom fetch writes the files from the history"
	}
	if len(pending) > 0 {
		var versions []string
		for _, m := range pending {
			versions = append(versions, m.Version)
		}
		text += "\nhint: not applied: " + strings.Join(versions, ", ") + "; bloom push applies them, bloom repair --status applied says that they are"
	}
	return errors.New(text)
}
