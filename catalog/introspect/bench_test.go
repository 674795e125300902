package introspect

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bloom/supabase/server/servertest"
)

// schemaSQL is a schema of n tables with ten columns each, and what applications
// put on tables: indexes, checks, foreign keys, policies, triggers, views, comments, grants.
func schemaSQL(n int) string {
	var b strings.Builder
	b.WriteString(`create schema app; grant usage on schema app to anon;
		create function app.touch() returns trigger language plpgsql as $$ begin new.updated_at := now(); return new; end $$;
		alter default privileges in schema app grant select on tables to anon;
		create type app.mood as enum ('sad', 'ok', 'happy');`)
	for i := range n {
		parent := ""
		if i > 0 {
			parent = fmt.Sprintf("references app.t%d on delete cascade", i/2)
		}
		fmt.Fprintf(&b, `
			create table app.t%[1]d (id bigint generated always as identity primary key, parent_id bigint %[2]s, name varchar(80) not null default '',
				status text not null default 'new' check (status in ('new', 'open', 'done')), mood app.mood default 'ok', amount numeric(12,2) default 0 check (amount >= 0),
				tags text[] default '{}', data jsonb default '{}', created_at timestamptz not null default now(), updated_at timestamptz not null default now(), unique (parent_id, name));
			create index on app.t%[1]d (lower(name)) where status <> 'done'; create index on app.t%[1]d using gin (data); create index on app.t%[1]d (created_at desc, id);
			alter table app.t%[1]d enable row level security;
			create policy read on app.t%[1]d for select to anon using (status = 'open' and exists (select 1 from app.t%[3]d p where p.id = parent_id));
			create trigger touch before update on app.t%[1]d for each row execute function app.touch();
			create view app.v%[1]d as select id, name, amount, count(*) over (partition by status) as alike from app.t%[1]d where status = 'open';
			comment on table app.t%[1]d is 'table %[1]d';`, i, parent, i/2)
	}
	return b.String()
}

var benchSizes = []int{10, 100, 1000}

func benchDatabase(b *testing.B, n int) *pgx.Conn {
	s := servertest.Start(b, 17)
	url := s.Database(b)
	servertest.Exec(b, url, "set check_function_bodies = off; "+schemaSQL(n))
	servertest.Exec(b, url, "vacuum analyze")
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func BenchmarkDatabase(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprintf("tables=%d", n), func(b *testing.B) {
			conn := benchDatabase(b, n)
			objects := 0
			for b.Loop() {
				c, err := Database(context.Background(), conn, Options{})
				if err != nil {
					b.Fatal(err)
				}
				objects = c.Len()
			}
			b.ReportMetric(float64(objects), "objects")
		})
	}
}

// BenchmarkFloor runs the same queries and throws the rows away.
func BenchmarkFloor(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprintf("tables=%d", n), func(b *testing.B) {
			conn := benchDatabase(b, n)
			for b.Loop() {
				batch := &pgconn.Batch{}
				batch.ExecParams("begin isolation level repeatable read read only", nil, nil, nil, nil)
				for _, s := range steps {
					batch.ExecParams(dialect(170000).Replace(s.statement()), nil, nil, nil, binaryFormat)
				}
				batch.ExecParams("commit", nil, nil, nil, nil)
				results := conn.PgConn().ExecBatch(context.Background(), batch)
				for results.NextResult() {
					for rows := results.ResultReader(); rows.NextRow(); {
					}
				}
				if err := results.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
