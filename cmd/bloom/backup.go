package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"bloom/supabase"
)

// backup writes a pg_dump of the database: as SQL, or in pg_restore's format if
// the file is called *.dump. The file is complete or not there.
func backup(ctx context.Context, con *console, target *supabase.Target, conn *pgx.Conn, file string) error {
	if _, err := os.Stat(file); err == nil {
		return fmt.Errorf("%s exists; nothing was applied\nhint: --backup wants a new file", file)
	}
	program, err := pgDump(ctx, serverMajor(conn))
	if err != nil {
		return err
	}
	con.say("Backing up to %s...", file)
	scratch := file + ".part"
	defer os.Remove(scratch)
	args := []string{"--no-password", "--file", scratch}
	if filepath.Ext(file) == ".dump" {
		args = append(args, "--format=custom")
	}
	// The password goes by the environment: arguments are for all to see.
	config, mode := target.Config, "disable"
	if tls := config.TLSConfig; tls != nil {
		mode = "require"
		if !tls.InsecureSkipVerify {
			mode = "verify-full"
		}
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "PGHOST="+config.Host, fmt.Sprintf("PGPORT=%d", config.Port), "PGUSER="+config.User,
		"PGPASSWORD="+config.Password, "PGDATABASE="+config.Database, "PGSSLMODE="+mode)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("the backup failed, nothing was applied: %w\n  %s", err, strings.ReplaceAll(supabase.RedactText(strings.TrimSpace(string(out))), "\n", "\n  "))
	}
	if err := os.Chmod(scratch, 0o600); err != nil {
		return err
	}
	return os.Rename(scratch, file)
}

// serverMajor is the server's major version, 0 if it does not tell.
func serverMajor(conn *pgx.Conn) int {
	version, _, _ := strings.Cut(conn.PgConn().ParameterStatus("server_version"), ".")
	major, _ := strconv.Atoi(version)
	return major
}

var dumpVersion = regexp.MustCompile(`\) (\d+)`)

// pgDump finds a pg_dump that is not older than the server.
func pgDump(ctx context.Context, major int) (string, error) {
	var candidates []string
	if found, err := exec.LookPath("pg_dump"); err == nil {
		candidates = append(candidates, found)
	}
	if dir := os.Getenv("BLOOM_PG_BIN"); dir != "" {
		candidates = append(candidates, filepath.Join(dir, "pg_dump"))
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/pg_dump", "/usr/pgsql-*/bin/pg_dump", "/opt/homebrew/opt/postgresql@*/bin/pg_dump", "/usr/local/opt/postgresql@*/bin/pg_dump"} {
		found, _ := filepath.Glob(pattern)
		candidates = append(candidates, found...)
	}
	slices.Reverse(candidates[min(1, len(candidates)):])
	for _, path := range candidates {
		out, err := exec.CommandContext(ctx, path, "--version").Output()
		if m := dumpVersion.FindSubmatch(out); err == nil && m != nil {
			if n, _ := strconv.Atoi(string(m[1])); n >= major {
				return path, nil
			}
		}
	}
	return "", fmt.Errorf("no pg_dump of PostgreSQL %d or newer found; nothing was applied\nhint: install the postgresql-client package, or set BLOOM_PG_BIN to its folder", major)
}
