package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"bloom/supabase/server"
)

func versionCommand() *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print the version",
		Action: func(c *cli.Context) error {
			_, err := fmt.Fprintf(newConsole(c).out, "bloom %s (%s, %s/%s; PostgreSQL %d and newer)\n",
				buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH, server.OldestMajor)
			return err
		},
	}
}

// buildVersion is what the Go toolchain noted when it built the program: the
// module's version, and the commit when built from a checkout.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	version := info.Main.Version
	if version == "" {
		version = "(devel)"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
			version += " " + setting.Value[:12]
		}
	}
	return version
}
