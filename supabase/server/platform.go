package server

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// platformSQL makes the roles and objects of a fresh Supabase database.
//
//go:embed platform.sql
var platformSQL string

// PlatformSQL is the SQL that makes the platform's shape in an empty database.
func PlatformSQL() string { return platformSQL }

// PlatformSearchPath is the search_path of role postgres on the platform.
const PlatformSearchPath = `"$user", public, extensions`

// LoadPlatform gives a database the platform's shape. The URL's role must be
// a superuser. All or nothing; on a database that has the shape it fails.
func LoadPlatform(ctx context.Context, url string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	// Roles and their settings are shared by a cluster's databases, so
	// what must differ between databases is set here, not there.
	sql := platformSQL + "\n" + SearchPathSQL(config.Database)
	if err := execute(ctx, url, sql); err != nil {
		return fmt.Errorf("loading the platform's shape: %w", err)
	}
	return nil
}

// SearchPathSQL gives a database the platform's search_path, which a copy of
// a database does not inherit.
func SearchPathSQL(database string) string {
	return "ALTER DATABASE " + pgx.Identifier{database}.Sanitize() + " SET search_path = " + PlatformSearchPath
}
