package supabase

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Hosted says whether the database has the platform in it: a schema auth that
// one of the platform's administrators owns. In a database without it, nothing
// is the platform's, whatever it is called.
func Hosted(ctx context.Context, conn *pgx.Conn) (bool, error) {
	var owner string
	err := conn.QueryRow(ctx, `SELECT coalesce((
		SELECT pg_catalog.pg_get_userbyid(nspowner) FROM pg_catalog.pg_namespace WHERE nspname = 'auth'), '')`).Scan(&owner)
	return owner != "postgres" && ManagedRole(owner), err
}
