package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// facts is what one server knows: rows without their version field.
type facts struct {
	builtin    []string
	extensions map[string][]string
}

// skipped are extensions whose objects nobody's schema refers to, or that are languages.
var skipped = map[string]bool{
	"plpgsql": true, "plperl": true, "plperlu": true, "plpython3u": true, "pltcl": true, "pltclu": true,
	"bool_plperl": true, "bool_plperlu": true, "hstore_plperl": true, "hstore_plperlu": true,
	"hstore_plpython3u": true, "jsonb_plperl": true, "jsonb_plperlu": true, "jsonb_plpython3u": true, "ltree_plpython3u": true,
	"adminpack": true, "old_snapshot": true, "pg_surgery": true, "pageinspect": true, "pg_walinspect": true, "pg_logicalinspect": true,
	"intagg": true, "xml2": true, "postgis_sfcgal": true, "address_standardizer_data_us": true,
}

// sharesSchema are extensions that must be in the schema of another one.
var sharesSchema = map[string]string{"postgis_raster": "postgis"}

func read(ctx context.Context, s server) (*facts, error) {
	url := s.from
	if !strings.Contains(url, "://") {
		c, err := start(s.from)
		if err != nil {
			return nil, err
		}
		defer c.stop()
		url = c.url
	}
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.RuntimeParams = map[string]string{}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	var major int
	if err := conn.QueryRow(ctx, "select current_setting('server_version_num')::int / 10000").Scan(&major); err != nil {
		return nil, err
	}
	if major != s.major {
		return nil, fmt.Errorf("it is a server of major %d", major)
	}
	return readAll(ctx, conn)
}

func readAll(ctx context.Context, conn *pgx.Conn) (*facts, error) {
	f := &facts{extensions: map[string][]string{}}
	var err error
	if f.builtin, err = snapshot(ctx, conn); err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, `select e.name from pg_available_extensions e
		join pg_available_extension_versions v on v.name = e.name and v.version = e.default_version order by 1`)
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if skipped[name] {
			continue
		}
		lines, err := extension(ctx, conn, name)
		var pgErr *pgconn.PgError
		if errors.As(err, &pgErr) {
			fmt.Printf("  %s: left out: %s\n", name, pgErr.Message)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("extension %s: %w", name, err)
		}
		f.extensions[name] = lines
	}
	return f, nil
}

// extension installs the extension, and first those it requires, each into a schema named like the
// extension after a colon, and returns the rows that this adds. All of it is rolled back.
func extension(ctx context.Context, conn *pgx.Conn, name string) ([]string, error) {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(ctx)
	var required []string
	err = tx.QueryRow(ctx, `with recursive r(name, depth) as (
			select $1::name, 0
			union all
			select q, depth + 1 from r, pg_available_extension_versions v, pg_available_extensions e, unnest(v.requires) q
			where v.name = r.name and e.name = r.name and v.version = e.default_version)
		select coalesce(array_agg(name order by depth desc), '{}')
		from (select name::text, max(depth) as depth from r where depth > 0 and name <> 'plpgsql' group by 1) x`, name).Scan(&required)
	if err != nil {
		return nil, err
	}
	for _, r := range required {
		if err := install(ctx, tx, r); err != nil {
			return nil, err
		}
	}
	before, err := snapshot(ctx, tx)
	if err != nil {
		return nil, err
	}
	if err := install(ctx, tx, name); err != nil {
		return nil, err
	}
	after, err := snapshot(ctx, tx)
	if err != nil {
		return nil, err
	}
	had := map[string]bool{}
	for _, line := range before {
		had[line] = true
	}
	var added []string
	for _, line := range after {
		if !had[line] {
			added = append(added, line)
		}
	}
	return added, nil
}

func install(ctx context.Context, tx pgx.Tx, name string) error {
	var schema *string
	err := tx.QueryRow(ctx, `select v.schema::text from pg_available_extension_versions v
		join pg_available_extensions e on e.name = v.name and e.default_version = v.version where v.name = $1`, name).Scan(&schema)
	if err != nil {
		return err
	}
	extension := pgx.Identifier{name}.Sanitize()
	if schema != nil { // the extension dictates it
		_, err = tx.Exec(ctx, "create extension "+extension)
		return err
	}
	in := pgx.Identifier{":" + cmp.Or(sharesSchema[name], name)}.Sanitize()
	if _, err := tx.Exec(ctx, "create schema if not exists "+in); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "create extension "+extension+" schema "+in); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "select set_config('search_path', current_setting('search_path') || ', ' || $1, true)", in)
	return err
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// snapshot returns a row for each fact in the database.
func snapshot(ctx context.Context, q querier) ([]string, error) {
	var lines []string
	for _, sql := range queries {
		rows, err := q.Query(ctx, sql)
		if err != nil {
			return nil, err
		}
		fields := []string(nil)
		for rows.Next() {
			if err := rows.Scan(&fields); err != nil {
				return nil, err
			}
			for _, f := range fields {
				if strings.ContainsAny(f, "\t\n") {
					return nil, fmt.Errorf("a name with a tab or newline cannot be stored: %q", f)
				}
			}
			lines = append(lines, strings.Join(fields, "\t"))
		}
		if err := rows.Err(); err != nil {
			return nil, fmt.Errorf("%w\n%s", err, sql)
		}
	}
	return lines, nil
}
