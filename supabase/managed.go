package supabase

import (
	"slices"
	"strings"
)

// What in a database belongs to the platform, by name. The platform's own
// services make and change these; a migration that did would break them, or
// fail for want of rights. When in doubt something is the platform's.
//
// What users put on the platform's objects is theirs all the same: policies
// and triggers on tables there, tables in a publication, grants to roles of
// the project.

// managedSchemas are made by the platform or by extensions it offers.
var managedSchemas = []string{
	"_analytics", "_realtime", "_supavisor",
	"auth", "cron", "dbdev", "etl", "extensions", "graphql", "graphql_public",
	"information_schema", "net", "pg_catalog", "pg_toast", "pgbouncer",
	"pgmq", "pgmq_public", "pgroonga", "pgsodium", "pgsodium_masks", "pgtle",
	"realtime", "repack", "storage", "supabase_functions", "supabase_migrations",
	"tiger", "tiger_data", "topology", "vault",
}

var managedSchemaPrefixes = []string{"pg_temp_", "pg_toast_temp_", "timescaledb_", "_timescaledb_"}

// ManagedSchema says whether a schema and what is in it belong to the platform.
func ManagedSchema(name string) bool {
	return slices.Contains(managedSchemas, name) || hasPrefix(name, managedSchemaPrefixes)
}

var managedRoles = []string{
	"anon", "authenticated", "authenticator", "dashboard_user",
	"pgbouncer", "pgsodium_keyholder", "pgsodium_keyiduser", "pgsodium_keymaker", "pgtle_admin",
	"postgres", "service_role",
	"supabase_admin", "supabase_auth_admin", "supabase_etl_admin", "supabase_functions_admin",
	"supabase_privileged_role", "supabase_read_only_user", "supabase_realtime_admin",
	"supabase_replication_admin", "supabase_storage_admin", "supabase_superuser",
}

// ManagedRole says whether a role is the platform's or PostgreSQL's own: not
// to be made, altered or dropped. Grants to it are the project's affair.
func ManagedRole(name string) bool {
	return slices.Contains(managedRoles, name) || hasPrefix(name, []string{"cli_login_", "pg_"})
}

// ManagedMembership says whether it is the platform's that member is in role.
// A role of the project, given to authenticator so that requests can run as
// it, or to postgres, is the project's affair.
func ManagedMembership(role, member string) bool {
	if member == "authenticator" || member == "postgres" {
		return ManagedRole(role)
	}
	return ManagedRole(role) || ManagedRole(member)
}

// ManagedSetting says whether a setting of the database is the platform's.
func ManagedSetting(name string) bool {
	return name == "search_path" || strings.HasPrefix(name, "app.settings.")
}

// APIRole says whether requests from outside run as the role. What is granted
// to it is granted to the world, but for row level security.
func APIRole(name string) bool {
	return name == "anon" || name == "authenticated" || name == "service_role"
}

// ManagedDefaultPrivileges says whether default privileges of a role's
// objects are the platform's. Those of postgres are the project's.
func ManagedDefaultPrivileges(role string) bool {
	return role != "postgres" && ManagedRole(role)
}

// PlatformPublication is there from the beginning, without tables. Its
// existence is the platform's, its tables are the project's.
const PlatformPublication = "supabase_realtime"

// ManagedPublication says whether a publication itself is the platform's. For
// PlatformPublication, which tables are in it is not.
func ManagedPublication(name string) bool {
	return name == PlatformPublication || strings.HasPrefix(name, PlatformPublication+"_messages_publication")
}

var managedEventTriggers = []string{
	"issue_graphql_placeholder", "issue_pg_cron_access", "issue_pg_graphql_access", "issue_pg_net_access",
	"pgrst_ddl_watch", "pgrst_drop_watch",
}

// ManagedEventTrigger says whether an event trigger is the platform's: by its
// name, or because a role of the platform other than postgres owns it.
func ManagedEventTrigger(name, owner string) bool {
	return slices.Contains(managedEventTriggers, name) || owner != "postgres" && ManagedRole(owner)
}

var managedExtensions = []string{"pg_graphql", "pg_stat_statements", "pgsodium", "plpgsql", "supabase_vault", "wrappers"}

// preinstalledExtensions are in a new project's database. Files may declare
// them and need not.
var preinstalledExtensions = []string{"pg_net", "pgcrypto", "pgjwt", "uuid-ossp"}

// ManagedExtension says whether an extension is the platform's, whatever the
// files say.
func ManagedExtension(name string) bool { return slices.Contains(managedExtensions, name) }

// PreinstalledExtension says whether an extension that the files do not
// declare came with the platform, so that it is not to be dropped.
func PreinstalledExtension(name string) bool { return slices.Contains(preinstalledExtensions, name) }

// ManagedTable says whether a table outside of the platform's schemas is its
// all the same: old hosts kept their own history in public.
func ManagedTable(schema, name string) bool {
	return ManagedSchema(schema) || schema == "public" && name == "schema_migrations"
}

func hasPrefix(name string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}
