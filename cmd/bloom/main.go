// Command bloom turns declarative SQL into PostgreSQL migrations: a team edits
// schema/*.sql, bloom compares it with the live database and writes the
// migration that gets there.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/urfave/cli/v2"
)

// Exit codes: 0 is fine, 1 an error, 2 differences found by a checking command.
const (
	exitError       = 1
	exitDifferences = 2
)

// gcPercent: a run lasts seconds and ends. This is half the collections of the default for a third more memory.
const gcPercent = 200

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// errDifferences ends a checking command that found differences; they have been
// printed already.
var errDifferences = errors.New("differences found")

// run is the program: what it reads and writes comes from outside, so that tests
// can call it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	app := newApp()
	app.Reader, app.Writer, app.ErrWriter = stdin, stdout, stderr
	err := app.RunContext(ctx, reorder(app, args))
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errDifferences):
		return exitDifferences
	}
	printError(stderr, err)
	return exitError
}

func newApp() *cli.App {
	app := &cli.App{
		Name:                 "bloom",
		Usage:                "turn declarative SQL into PostgreSQL migrations",
		HideVersion:          true,
		HideHelpCommand:      true,
		EnableBashCompletion: true,
		Flags:                globalFlags(),
		Commands:             commands(),
		// Errors come back from Run: the program prints them once, in one place.
		ExitErrHandler: func(*cli.Context, error) {},
	}
	app.CommandNotFound = nil
	app.Action = func(c *cli.Context) error {
		if c.Args().Present() {
			return fmt.Errorf("no command %q\nhint: bloom --help lists the commands", c.Args().First())
		}
		return cli.ShowAppHelp(c)
	}
	app.OnUsageError = usageError
	return app
}

func usageError(_ *cli.Context, err error, _ bool) error {
	return fmt.Errorf("%w\nhint: --help lists the flags", err)
}

// globalFlags stand before or after the command's name.
func globalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "workdir", Usage: "project `DIR` (default: found upwards from here)", EnvVars: []string{"SUPABASE_WORKDIR"}},
		&cli.BoolFlag{Name: "no-color", Usage: "print without colour (also: NO_COLOR)"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "print results and errors only"},
		&cli.BoolFlag{Name: "debug", Usage: "say what is done and how long it took"},
		&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "answer yes to every question", EnvVars: []string{"SUPABASE_YES"}},
	}
}

// commands lists every command, in the order of --help.
func commands() []*cli.Command {
	return []*cli.Command{
		diffCommand(),
		checkCommand(),
		driftCommand(),
		adoptCommand(),
		snapshotCommand(),
		lintCommand(),
		explainCommand(),
		newCommand(),
		listCommand(),
		pushCommand(),
		repairCommand(),
		fetchCommand(),
		pullCommand(),
		dumpCommand(),
		rollbackCommand(),
		squashCommand(),
		renumberCommand(),
		seedCommand(),
		resetCommand(),
		asCommand(),
		testCommand(),
		startCommand(),
		stopCommand(),
		statusCommand(),
		versionCommand(),
		group("db", diffCommand(), queryCommand(), pushCommand(), resetCommand(), dbPullCommand(), dumpCommand(), dbLintCommand(), testCommand(), startCommand()),
		group("migration", newCommand(), listCommand(), upCommand(), repairCommand(), fetchCommand(), squashCommand()),
	}
}

// elsewhere are commands of the Supabase CLI that bloom has under no name, and why.
var elsewhere = map[string]string{
	"migration down": "it drops everything and runs the migrations again, with the loss of all rows\nhint: bloom rollback VERSION takes one migration back, bloom reset --last N makes a local database anew",
	"db remote":      "it is no longer there\nhint: bloom pull --migration writes a database as a first migration",
	"db schema":      "declared files are what bloom works with\nhint: bloom pull writes them, bloom diff -f NAME compares",
	"db advisors":    "bloom lint looks at declared files, bloom db lint at functions in the database",
}

func group(name string, subcommands ...*cli.Command) *cli.Command {
	return &cli.Command{
		Name: name, Usage: "commands under the names of the Supabase CLI", Subcommands: subcommands, HideHelpCommand: true, OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return cli.ShowSubcommandHelp(c)
			}
			full := name + " " + c.Args().First()
			if why, known := elsewhere[full]; known {
				return fmt.Errorf("bloom has no %s: %s", full, why)
			}
			return fmt.Errorf("no command %q\nhint: bloom %s --help lists the commands", full, name)
		},
	}
}
