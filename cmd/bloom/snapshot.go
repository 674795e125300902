package main

import (
	"context"
	"os"

	"github.com/urfave/cli/v2"

	"bloom/catalog/snapshot"
	"bloom/supabase"
)

func snapshotCommand() *cli.Command {
	return &cli.Command{
		Name:  "snapshot",
		Usage: "print the state of the database as a file that --from and --to take in its place",
		Description: "Reads the schema in one read-only transaction and prints it as JSON, one object on each line: the same\n" +
			"state gives the same bytes. Rows and secrets are not in it (passwords, options of user mappings,\n" +
			"connection strings); the source text of functions is, as it stands in the database.\n\n" +
			"    bloom snapshot --linked > db.json\n" +
			"    bloom diff --from db.json",
		Flags: append(targetFlags(),
			&cli.BoolFlag{Name: "sizes", Usage: "say how big tables are, for the choice of forms; sizes change with the rows"}),
		OnUsageError: usageError,
		Action:       runSnapshot,
	}
}

func runSnapshot(c *cli.Context) error {
	con := newConsole(c)
	project, err := openProject(c, con)
	if err != nil {
		return err
	}
	s, err := newSource(c.Context, project, "live", compareOptions{target: targetOptions(c)})
	if err != nil {
		return err
	}
	con.say("Target: %s", s.target.Name)
	defer s.close()
	if err := s.read(c.Context); err != nil {
		return supabase.Redact(err)
	}
	con.trace("read %d objects", s.live.Len())
	return snapshot.Write(con.out, &snapshot.Snapshot{Catalog: s.live, Hosted: s.hosted, Applied: s.applied, Sizes: c.Bool("sizes")})
}

// snapshotFile is the source that a file is if it is a snapshot, else nil.
func snapshotFile(path string) (*source, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil || !snapshot.Is(text) {
		return nil, err
	}
	return snapshotSource("snapshot "+path, path, text), nil
}

func snapshotSource(name, file string, text []byte) *source {
	return &source{name: name, load: func(_ context.Context, s *source) error {
		read, err := snapshot.Read(file, text)
		if err == nil {
			s.live, s.hosted, s.applied = read.Catalog, read.Hosted, read.Applied
		}
		return err
	}}
}
