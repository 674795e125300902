package main

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bloom/catalog/introspect"
	"bloom/supabase"
)

// platformScope tells introspection what in the database is the platform's.
func platformScope(ctx context.Context, conn *pgx.Conn) (introspect.Options, error) {
	hosted, err := supabase.Hosted(ctx, conn)
	if err != nil || !hosted {
		return introspect.Options{}, err
	}
	return introspect.Options{Scope: introspect.Scope{
		Schema:            supabase.ManagedSchema,
		Role:              supabase.ManagedRole,
		Table:             supabase.ManagedTable,
		Extension:         supabase.ManagedExtension,
		Publication:       supabase.ManagedPublication,
		EventTrigger:      supabase.ManagedEventTrigger,
		DefaultPrivileges: supabase.ManagedDefaultPrivileges,
	}}, nil
}
