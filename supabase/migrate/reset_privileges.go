package migrate

import (
	"context"
	"fmt"

	"bloom/supabase"

	"github.com/jackc/pgx/v5"
)

// planDefaultPrivileges brings the default privileges of the migrating role
// back to those of a fresh database: what the first migration makes must be
// born with the same rights as the first time, whatever the last one said.
func (s *Session) planDefaultPrivileges(ctx context.Context, r *Reset, role string, expose *bool) error {
	// Of all schemas: what differs from the built-in defaults. Of one schema: all, as there defaults only add.
	rows, err := s.Conn.Query(ctx, `
		SELECT n.nspname, d.defaclobjtype::text, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(g.rolname) END, a.privilege_type, false
		FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace, pg_catalog.aclexplode(d.defaclacl) a LEFT JOIN pg_catalog.pg_roles g ON g.oid = a.grantee
		WHERE d.defaclrole = $1::regrole AND (d.defaclnamespace <> 0 OR (a.grantee, a.privilege_type) NOT IN (
			SELECT grantee, privilege_type FROM pg_catalog.aclexplode(pg_catalog.acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole))))
		UNION ALL
		SELECT NULL, d.defaclobjtype::text, CASE WHEN b.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(g.rolname) END, b.privilege_type, true
		FROM pg_catalog.pg_default_acl d, pg_catalog.aclexplode(pg_catalog.acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole)) b
			LEFT JOIN pg_catalog.pg_roles g ON g.oid = b.grantee
		WHERE d.defaclrole = $1::regrole AND d.defaclnamespace = 0
		AND (b.grantee, b.privilege_type) NOT IN (SELECT grantee, privilege_type FROM pg_catalog.aclexplode(d.defaclacl))
		ORDER BY 1, 2, 3, 4`, pgx.Identifier{role}.Sanitize())
	if err != nil {
		return err
	}
	objects := map[string]string{"r": "TABLES", "S": "SEQUENCES", "f": "FUNCTIONS", "T": "TYPES", "n": "SCHEMAS", "L": "LARGE OBJECTS"}
	owner := "ALTER DEFAULT PRIVILEGES FOR ROLE " + pgx.Identifier{role}.Sanitize()
	var schema *string
	var kind, grantee, privilege string
	var missing bool
	_, err = pgx.ForEachRow(rows, []any{&schema, &kind, &grantee, &privilege, &missing}, func() error {
		if schema != nil && supabase.ManagedSchema(*schema) {
			return nil
		}
		sql := owner
		if schema != nil {
			sql += " IN SCHEMA " + pgx.Identifier{*schema}.Sanitize()
		}
		if missing {
			sql += fmt.Sprintf(" GRANT %s ON %s TO %s", privilege, objects[kind], grantee)
		} else {
			sql += fmt.Sprintf(" REVOKE %s ON %s FROM %s", privilege, objects[kind], grantee)
		}
		r.statements = append(r.statements, sql)
		return nil
	})
	if err != nil {
		return err
	}
	return s.planPlatformPrivileges(ctx, r, owner, expose)
}

// planPlatformPrivileges gives what the platform gives in public: everything,
// for the roles that requests run as, unless the project says otherwise.
func (s *Session) planPlatformPrivileges(ctx context.Context, r *Reset, owner string, expose *bool) error {
	var platform bool
	if err := s.Conn.QueryRow(ctx, "SELECT to_regnamespace('auth') IS NOT NULL AND (SELECT count(*) = 3 FROM pg_catalog.pg_roles WHERE rolname IN ('anon', 'authenticated', 'service_role'))").Scan(&platform); err != nil || !platform {
		return err
	}
	grantees := "postgres, anon, authenticated, service_role"
	if expose != nil && !*expose {
		grantees = "postgres"
	}
	for _, objects := range []string{"TABLES", "SEQUENCES", "FUNCTIONS"} {
		r.statements = append(r.statements, owner+" IN SCHEMA public GRANT ALL ON "+objects+" TO "+grantees)
	}
	return nil
}
