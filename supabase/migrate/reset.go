package migrate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bloom/supabase"

	"github.com/jackc/pgx/v5"
)

// ResetOptions say what besides the project's own objects goes.
type ResetOptions struct {
	StorageRows bool  // rows of storage: buckets that migrations make again
	AuthData    bool  // the users in auth
	Expose      *bool // api.auto_expose_new_tables; see default privileges
}

// Reset is what brings a database back to where it was before the first
// migration, but for roles, which are the cluster's.
type Reset struct {
	Drops   []string // what is dropped, for people
	Empties []string // tables whose rows go
	Kept    []string // what is the project's by place, but of a role of the platform

	statements []string          // in order
	schemas    []string          // dropped if they are empty then
	kept       map[uint32]string // what must still be there afterwards, by OID
}

// owned is an object of the catalog.
type owned struct {
	OID                    uint32
	Type, Identity         string
	Schema, Name, Owner    string
	Member, Again, Dropped bool // of an extension; an extension that can be made again; by a parent's drop
}

// ownedQuery lists what has an owner and was not there from initdb.
const ownedQuery = `WITH object AS (
	SELECT 'pg_class'::regclass AS class, oid, relnamespace AS ns, relowner AS owner, relname::text AS name FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND relpersistence <> 't'
	UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace, proowner, proname FROM pg_catalog.pg_proc
	UNION ALL SELECT 'pg_type'::regclass, t.oid, typnamespace, typowner, typname FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
		WHERE coalesce(c.relkind, 'c') = 'c' AND typtype <> 'm' AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
	UNION ALL SELECT 'pg_operator'::regclass, oid, oprnamespace, oprowner, oprname FROM pg_catalog.pg_operator
	UNION ALL SELECT 'pg_opfamily'::regclass, oid, opfnamespace, opfowner, opfname FROM pg_catalog.pg_opfamily
	UNION ALL SELECT 'pg_opclass'::regclass, oid, opcnamespace, opcowner, opcname FROM pg_catalog.pg_opclass
	UNION ALL SELECT 'pg_collation'::regclass, oid, collnamespace, collowner, collname FROM pg_catalog.pg_collation
	UNION ALL SELECT 'pg_conversion'::regclass, oid, connamespace, conowner, conname FROM pg_catalog.pg_conversion
	UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictnamespace, dictowner, dictname FROM pg_catalog.pg_ts_dict
	UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgnamespace, cfgowner, cfgname FROM pg_catalog.pg_ts_config
	UNION ALL SELECT 'pg_statistic_ext'::regclass, oid, stxnamespace, stxowner, stxname FROM pg_catalog.pg_statistic_ext
	UNION ALL SELECT 'pg_event_trigger'::regclass, oid, 0, evtowner, evtname FROM pg_catalog.pg_event_trigger
	UNION ALL SELECT 'pg_publication'::regclass, oid, 0, pubowner, pubname FROM pg_catalog.pg_publication
	UNION ALL SELECT 'pg_foreign_server'::regclass, oid, 0, srvowner, srvname FROM pg_catalog.pg_foreign_server
	UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, 0, fdwowner, fdwname FROM pg_catalog.pg_foreign_data_wrapper
	UNION ALL SELECT 'pg_extension'::regclass, oid, 0, extowner, extname FROM pg_catalog.pg_extension
	UNION ALL SELECT 'pg_namespace'::regclass, oid, oid, nspowner, nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'
)
SELECT o.oid, i.type, i.identity, coalesce(n.nspname, ''), o.name, r.rolname,
	EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype = 'e'),
	o.class = 'pg_extension'::regclass AND EXISTS (SELECT FROM pg_catalog.pg_available_extensions a WHERE a.name = o.name),
	EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype IN ('a', 'i') AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> o.oid)
FROM object o JOIN pg_catalog.pg_roles r ON r.oid = o.owner LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.ns, pg_catalog.pg_identify_object(o.class, o.oid, 0) i
WHERE o.oid >= 16384 ORDER BY i.type, i.identity`

// PlanReset finds out what a reset does.
func (s *Session) PlanReset(ctx context.Context, o ResetOptions) (*Reset, error) {
	rows, err := s.Conn.Query(ctx, ownedQuery)
	if err != nil {
		return nil, err
	}
	objects, err := pgx.CollectRows(rows, pgx.RowToStructByPos[owned])
	if err != nil {
		return nil, err
	}
	r := &Reset{kept: map[uint32]string{}}
	me := ""
	if err := s.Conn.QueryRow(ctx, "SELECT current_user").Scan(&me); err != nil {
		return nil, err
	}
	if err := s.planAttachments(ctx, r); err != nil {
		return nil, err
	}
	slices.SortStableFunc(objects, func(a, b owned) int { return dropRank(a.Type) - dropRank(b.Type) })
	for _, object := range objects {
		r.add(object, me)
	}
	if err := s.planDefaultPrivileges(ctx, r, me, o.Expose); err != nil {
		return nil, err
	}
	return r, s.planRows(ctx, r, o)
}

// dropRank orders drops: what reacts to drops first, what holds others last.
func dropRank(kind string) int {
	order := []string{"event trigger", "publication", "view", "materialized view", "foreign table", "table", "sequence", "function", "procedure", "aggregate"}
	if i := slices.Index(order, kind); i >= 0 {
		return i
	}
	switch kind {
	case "server":
		return len(order) + 1
	case "foreign-data wrapper":
		return len(order) + 2
	case "extension":
		return len(order) + 3
	case "schema":
		return len(order) + 4
	}
	return len(order)
}

// add sorts an object into what goes and what stays.
func (r *Reset) add(o owned, me string) {
	managed := o.Schema != "" && supabase.ManagedSchema(o.Schema) || o.Schema == "public" && supabase.ManagedTable(o.Schema, o.Name)
	ours := o.Owner == me || !supabase.ManagedRole(o.Owner)
	switch o.Type {
	case "event trigger":
		managed = supabase.ManagedEventTrigger(o.Name, o.Owner) && o.Owner != me
	case "publication":
		managed = supabase.ManagedPublication(o.Name)
	case "extension":
		managed = supabase.ManagedExtension(o.Name) || supabase.PreinstalledExtension(o.Name) || !o.Again
	case "schema":
		managed = managed || o.Name == "public"
	}
	switch {
	case o.Member, o.Dropped && ours && !managed:
		// stays or goes with its extension, table or parent
	case managed || !ours:
		if !managed {
			r.Kept = append(r.Kept, fmt.Sprintf("%s %s (of %s)", o.Type, o.Identity, o.Owner))
		}
		r.kept[o.OID] = o.Type + " " + o.Identity
	case o.Type == "schema":
		r.schemas = append(r.schemas, o.Identity)
		r.Drops = append(r.Drops, "schema "+o.Identity)
	default:
		r.Drops = append(r.Drops, o.Type+" "+o.Identity)
		kind := map[string]string{"statistics object": "statistics", "foreign-data wrapper": "foreign data wrapper", "composite type": "type"}[o.Type]
		if kind == "" {
			kind = o.Type
		}
		r.statements = append(r.statements, "DROP "+strings.ToUpper(kind)+" IF EXISTS "+o.Identity+" CASCADE")
	}
}

// planAttachments finds what the project has put on tables of the platform.
func (s *Session) planAttachments(ctx context.Context, r *Reset) error {
	rows, err := s.Conn.Query(ctx, `
		SELECT 'policy', polname::text, n.nspname, c.relname, '' FROM pg_catalog.pg_policy p
			JOIN pg_catalog.pg_class c ON c.oid = p.polrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('auth', 'storage', 'realtime')
		UNION ALL
		SELECT 'trigger', tgname, n.nspname, c.relname, f.nspname FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
			JOIN pg_catalog.pg_namespace f ON f.oid = p.pronamespace
			JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE NOT tgisinternal AND tgparentid = 0
		UNION ALL
		SELECT 'member', pubname, n.nspname, c.relname, '' FROM pg_catalog.pg_publication_rel m JOIN pg_catalog.pg_publication p ON p.oid = m.prpubid
			JOIN pg_catalog.pg_class c ON c.oid = m.prrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE pubname = $1
		UNION ALL
		SELECT 'schema', pubname, n.nspname, '', '' FROM pg_catalog.pg_publication_namespace m JOIN pg_catalog.pg_publication p ON p.oid = m.pnpubid
			JOIN pg_catalog.pg_namespace n ON n.oid = m.pnnspid WHERE pubname = $1
		ORDER BY 1, 3, 4, 2`, supabase.PlatformPublication)
	if err != nil {
		return err
	}
	var what, name, schema, table, function string
	_, err = pgx.ForEachRow(rows, []any{&what, &name, &schema, &table, &function}, func() error {
		on, quoted := pgx.Identifier{schema, table}.Sanitize(), pgx.Identifier{name}.Sanitize()
		sql := ""
		switch what {
		case "policy":
			sql = "DROP POLICY " + quoted + " ON " + on
		case "trigger":
			if supabase.ManagedSchema(schema) && !supabase.ManagedSchema(function) {
				sql = "DROP TRIGGER " + quoted + " ON " + on
			}
		case "member":
			sql = "ALTER PUBLICATION " + quoted + " DROP TABLE ONLY " + on
			what = "membership in publication"
		case "schema":
			sql, on = "ALTER PUBLICATION "+quoted+" DROP TABLES IN SCHEMA "+pgx.Identifier{schema}.Sanitize(), schema
			what = "membership in publication"
		}
		if sql != "" {
			r.statements = append(r.statements, sql)
			r.Drops = append(r.Drops, fmt.Sprintf("%s %s of %s", what, name, on))
		}
		return nil
	})
	return err
}

// planRows finds the tables whose rows go: history, seeds, and data that the
// project's files make.
func (s *Session) planRows(ctx context.Context, r *Reset, o ResetOptions) error {
	tables := []string{"supabase_migrations.schema_migrations", "supabase_migrations.seed_files", "supabase_migrations.bloom_progress"}
	if o.StorageRows {
		tables = append(tables, "storage.objects", "storage.prefixes", "storage.s3_multipart_uploads_parts", "storage.s3_multipart_uploads",
			"storage.iceberg_tables", "storage.iceberg_namespaces", "storage.buckets", "storage.buckets_analytics", "storage.buckets_vectors")
	}
	if o.AuthData {
		tables = append(tables, "auth.audit_log_entries", "auth.users")
	}
	for _, table := range tables {
		var exists bool
		if err := s.Conn.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", table).Scan(&exists); err != nil {
			return err
		}
		if exists {
			r.Empties = append(r.Empties, table)
			r.statements = append(r.statements, "DELETE FROM "+table)
		}
	}
	return nil
}

// Reset carries it out, in one transaction: afterwards all of it is done, or
// nothing. What was to stay must be there still.
func (s *Session) Reset(ctx context.Context, r *Reset) error {
	if err := s.settle(ctx); err != nil {
		return err
	}
	return s.retry(ctx, func() error { return s.inTransaction(ctx, "BEGIN", func() error { return s.reset(ctx, r) }) })
}

func (s *Session) reset(ctx context.Context, r *Reset) error {
	// The storage service guards its tables against DELETE unless this is set.
	if err := s.exec(ctx, "SET LOCAL client_min_messages = warning; SET LOCAL storage.allow_delete_query = 'true'"); err != nil {
		return err
	}
	for _, sql := range r.statements {
		if err := s.exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	for _, schema := range r.schemas {
		if err := s.exec(ctx, "SAVEPOINT bloom"); err != nil {
			return err
		}
		err := s.exec(ctx, "DROP SCHEMA IF EXISTS "+schema)
		if isCode(err, "2BP01") {
			s.say("Schema %s stays, as it has objects of others.", schema)
			err = s.exec(ctx, "ROLLBACK TO SAVEPOINT bloom")
		}
		if err != nil {
			return fmt.Errorf("DROP SCHEMA %s: %w", schema, err)
		}
	}
	return s.checkKept(ctx, r)
}

// checkKept finds what fell together with something it depended on.
func (s *Session) checkKept(ctx context.Context, r *Reset) error {
	rows, err := s.Conn.Query(ctx, `SELECT kept.oid FROM unnest($1::oid[]) AS kept (oid) WHERE NOT EXISTS (
		SELECT FROM pg_catalog.pg_class c WHERE c.oid = kept.oid UNION ALL SELECT FROM pg_catalog.pg_proc p WHERE p.oid = kept.oid UNION ALL
		SELECT FROM pg_catalog.pg_type t WHERE t.oid = kept.oid UNION ALL SELECT FROM pg_catalog.pg_operator o WHERE o.oid = kept.oid UNION ALL
		SELECT FROM pg_catalog.pg_opfamily f WHERE f.oid = kept.oid UNION ALL SELECT FROM pg_catalog.pg_opclass c WHERE c.oid = kept.oid UNION ALL
		SELECT FROM pg_catalog.pg_collation c WHERE c.oid = kept.oid UNION ALL SELECT FROM pg_catalog.pg_conversion c WHERE c.oid = kept.oid UNION ALL
		SELECT FROM pg_catalog.pg_ts_dict d WHERE d.oid = kept.oid UNION ALL SELECT FROM pg_catalog.pg_ts_config c WHERE c.oid = kept.oid UNION ALL
		SELECT FROM pg_catalog.pg_statistic_ext e WHERE e.oid = kept.oid UNION ALL SELECT FROM pg_catalog.pg_event_trigger e WHERE e.oid = kept.oid UNION ALL
		SELECT FROM pg_catalog.pg_publication p WHERE p.oid = kept.oid UNION ALL SELECT FROM pg_catalog.pg_foreign_server f WHERE f.oid = kept.oid UNION ALL
		SELECT FROM pg_catalog.pg_foreign_data_wrapper f WHERE f.oid = kept.oid UNION ALL SELECT FROM pg_catalog.pg_extension e WHERE e.oid = kept.oid UNION ALL
		SELECT FROM pg_catalog.pg_namespace n WHERE n.oid = kept.oid) ORDER BY 1`, slices.Sorted(maps.Keys(r.kept)))
	if err != nil {
		return err
	}
	missing, err := pgx.CollectRows(rows, pgx.RowTo[uint32])
	if err != nil || len(missing) == 0 {
		return err
	}
	var names []string
	for _, oid := range missing {
		names = append(names, r.kept[oid])
	}
	return fmt.Errorf("what is not the project's depends on what would be dropped, and would fall with it: %s\nhint: take that out of the way first", strings.Join(names, ", "))
}
