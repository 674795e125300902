package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"bloom/supabase"
	"bloom/supabase/migrate"
)

func resetCommand() *cli.Command {
	return &cli.Command{
		Name:  "reset",
		Usage: "drop what migrations made in the local database, and run them again",
		Description: "What belongs to the platform stays: its schemas, extensions, roles. Policies and triggers on its\n" +
			"tables, members of its publication, changed default privileges and the history go. Rows of\n" +
			"storage go, too, in a local database: migrations make the buckets again; users stay without\n" +
			"--with-auth-data. Roles that migrations made stay, as they are the cluster's.",
		Flags: append(append(targetFlags(), sessionFlags()...),
			&cli.StringFlag{Name: "version", Usage: "run migrations up to `VERSION` only"},
			&cli.IntFlag{Name: "last", Usage: "leave out the last `N` migrations"},
			&cli.BoolFlag{Name: "no-seed", Usage: "run no seeds"},
			&cli.BoolFlag{Name: "with-auth-data", Usage: "remove the users of auth, too"},
			&cli.BoolFlag{Name: "i-know", Usage: "the database is not the local one, and I mean it"},
			&cli.StringFlag{Name: "confirm-database", Usage: "`NAME` of that database, instead of typing it"},
		),
		OnUsageError: usageError,
		Action:       runReset,
	}
}

func runReset(c *cli.Context) error {
	con := newConsole(c)
	project, err := openProject(c, con)
	if err != nil {
		return err
	}
	local, err := project.Migrations()
	if err != nil {
		return err
	}
	list, version, err := upTo(c, local)
	if err != nil {
		return err
	}
	w, err := connect(c)
	if err != nil {
		return err
	}
	defer w.close()
	if err := w.allowReset(c); err != nil {
		return err
	}
	if !project.Config.Migrations.Enabled {
		con.say("Skipping migrations because it is disabled in config.toml.")
		list = nil
	}
	files, roles, err := w.readReset(c.Context, list)
	if err != nil {
		return err
	}
	if err := w.session.CheckWritable(c.Context); err != nil {
		return err
	}
	if err := w.session.Lock(c.Context); err != nil {
		return err
	}
	if err := w.drop(c, version); err != nil {
		return err
	}
	if err := w.vault(c.Context); err != nil {
		return err
	}
	if roles != nil {
		con.say("Seeding globals from roles.sql...")
		if err := w.session.Run(c.Context, roles, nil); err != nil {
			return w.explain(roles, err)
		}
	}
	if err := w.apply(c.Context, files, nil); err != nil {
		return err
	}
	if project.Config.Seed.Enabled && !c.Bool("no-seed") {
		seeds, err := w.findSeeds(c.Context, true)
		if err != nil {
			return err
		}
		if err := w.seed(c.Context, seeds); err != nil {
			return err
		}
	}
	con.say("Finished supabase db reset%s.", onBranch(c.Context, project))
	return nil
}

// upTo are the migrations that a reset runs, and the version of the last if not all.
func upTo(c *cli.Context, local []supabase.Migration) ([]supabase.Migration, string, error) {
	version, last := c.String("version"), c.Int("last")
	switch {
	case c.IsSet("version") && c.IsSet("last"):
		return nil, "", errors.New("if any flags in the group [version last] are set none of the others can be; [last version] were all set")
	case c.IsSet("last") && last < 1:
		return nil, "", errors.New("--last must be greater than 0")
	case c.IsSet("last") && last >= len(local):
		return nil, "", nil
	case c.IsSet("last"):
		local = local[:len(local)-last]
		return local, local[len(local)-1].Version, nil
	case c.IsSet("version"):
		if _, err := strconv.ParseUint(version, 10, 64); err != nil {
			return nil, "", fmt.Errorf("failed to parse %s: invalid version number", version)
		}
		if !slices.ContainsFunc(local, func(m supabase.Migration) bool { return m.Version == version }) {
			return nil, "", fmt.Errorf("glob %s: file does not exist", supabase.MigrationPath(version, "*"))
		}
		return slices.DeleteFunc(local, func(m supabase.Migration) bool { return m.Version > version }), version, nil
	}
	return local, "", nil
}

// allowReset lets only the project's own local database pass, or one that was
// named twice.
func (w *work) allowReset(c *cli.Context) error {
	if w.target.Local {
		return nil
	}
	name := w.target.Config.Database
	if !c.Bool("i-know") {
		return fmt.Errorf("%s is not the local database of this project: reset would drop all that the project has there, with its data\nhint: bloom start gives a local one; if you mean this one: --i-know, and type its name", w.target.Name)
	}
	typed := c.String("confirm-database")
	if typed == "" && isTerminal(w.con.in) {
		fmt.Fprintf(w.con.err, "Type the name of the database to reset, %s: ", name)
		line, _ := bufio.NewReader(w.con.in).ReadString('\n')
		typed = strings.TrimSpace(line)
	}
	if typed != name {
		return fmt.Errorf("the name of the database is %s, not %q; nothing was dropped\nhint: --confirm-database %[1]s", name, typed)
	}
	return nil
}

// readReset looks through all files before anything is dropped.
func (w *work) readReset(ctx context.Context, list []supabase.Migration) ([]*migrate.File, *migrate.File, error) {
	if err := migrate.CheckNames(list); err != nil {
		return nil, nil, err
	}
	files, err := w.session.ReadMigrations(ctx, w.project, list)
	roles, rolesErr := w.readRoles(ctx)
	return files, roles, errors.Join(err, rolesErr)
}

// drop says what will go, asks, and drops it.
func (w *work) drop(c *cli.Context, version string) error {
	plan, err := w.session.PlanReset(c.Context, migrate.ResetOptions{
		StorageRows: w.target.Local, AuthData: c.Bool("with-auth-data"), Expose: w.project.Config.AutoExposeNewTables,
	})
	if err != nil {
		return err
	}
	w.con.say("This drops %d objects, with all rows of the tables:", len(plan.Drops))
	for _, object := range plan.Drops {
		w.con.say(" • %s", object)
	}
	w.con.say("Emptied: %s", strings.Join(plan.Empties, ", "))
	for _, object := range plan.Kept {
		w.con.say("Not touched: %s", object)
	}
	if err := w.con.confirm("Do you want to reset the "+w.where()+" database?", nil, false); err != nil {
		return err
	}
	if version != "" {
		w.con.say("Resetting %s database to version: %s", w.where(), version)
	} else {
		w.con.say("Resetting %s database...", w.where())
	}
	if err := w.session.Reset(c.Context, plan); err != nil {
		return supabase.Redact(fmt.Errorf("nothing was dropped: %w", explainServerError(err)))
	}
	return nil
}

// onBranch names the git branch, as the Supabase CLI does.
func onBranch(ctx context.Context, p *supabase.Project) string {
	out, err := exec.CommandContext(ctx, "git", "-C", p.Root, "branch", "--show-current").Output()
	if branch := strings.TrimSpace(string(out)); err == nil && branch != "" {
		return " on branch " + branch
	}
	return ""
}
