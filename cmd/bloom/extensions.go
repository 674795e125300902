package main

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"bloom/catalog"
)

// missingExtensions are those of the files' extensions of which the server has not the files, so that it cannot make
// them. Those that are there nevertheless are marked: they stay in their schemas. The server is asked only if one
// would have to be made or moved.
func (p *comparison) missingExtensions(ctx context.Context) (map[string]bool, error) {
	database, files := p.from, p.to
	if p.turned() {
		database, files = p.to, p.from
	}
	if database.live == nil || files.script == nil || files.replay {
		return nil, nil
	}
	missing := map[string]bool{}
	for name, schema := range files.script.Extensions() {
		have, ok := catalog.Find[catalog.Extension](database.live, catalog.Extension{Name: name}.ID())
		if !ok || schema != "" && schema != have.Schema {
			missing[name] = true
		}
	}
	if len(missing) == 0 {
		return nil, nil
	}
	rows, err := database.conn.Query(ctx, "SELECT name FROM pg_catalog.pg_available_extensions WHERE name = ANY ($1)", slices.Collect(maps.Keys(missing)))
	if err != nil {
		return nil, err
	}
	available, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, name := range available {
		delete(missing, name)
	}
	for name := range missing {
		if e, ok := database.live.Get(catalog.Extension{Name: name}.ID()).(catalog.Extension); ok && err == nil {
			e.Fixed = true
			database.live.Put(e)
			delete(missing, name)
		}
	}
	return missing, err
}
