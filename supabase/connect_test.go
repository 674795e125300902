package supabase_test

import (
	"errors"
	"strings"
	"testing"

	"bloom/supabase"
	"bloom/supabase/server"
	"bloom/supabase/server/servertest"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
)

func target(t *testing.T, url string) *supabase.Target {
	t.Helper()
	dir := t.TempDir()
	p, err := supabase.Find(dir, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	to, err := p.ByURL(url)
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func TestConnect(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		url := s.Platform(t)
		tests := []struct {
			login, role, want string
			local             bool
		}{
			{"postgres", "", "postgres " + server.PlatformSearchPath, false},
			{"supabase_admin", "", "postgres " + server.PlatformSearchPath, false},
			{"supabase_admin", "", "postgres " + server.PlatformSearchPath, true},
			{"supabase_admin", "supabase_admin", "supabase_admin " + server.PlatformSearchPath, false},
			{"postgres", "dashboard_user", "dashboard_user " + server.PlatformSearchPath, false},
		}
		for _, tt := range tests {
			to := target(t, strings.Replace(url, "postgres@", tt.login+"@", 1))
			to.Local, to.Role = tt.local, tt.role
			conn, err := to.Connect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(t.Context())
			var got, app string
			row := conn.QueryRow(t.Context(), "SELECT current_user || ' ' || current_setting('search_path'), current_setting('application_name')")
			if err := row.Scan(&got, &app); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{tt.want, "bloom"}, []string{got, app}); diff != "" {
				t.Errorf("login %s, local %v (-want +got)\n%s", tt.login, tt.local, diff)
			}
		}
	})
}

func TestConnectErrors(t *testing.T) {
	s := servertest.Start(t, servertest.Majors()[0])
	url := s.Database(t)
	servertest.Exec(t, url, "CREATE ROLE locked_out NOLOGIN")
	t.Cleanup(func() { servertest.Exec(t, s.URL("postgres"), "DROP ROLE locked_out") })
	tests := []struct{ name, url, state, want string }{
		{"no such database", s.URL("none"), "3D000", "hint: check the database's name"},
		{"no login", strings.Replace(url, "postgres@", "locked_out:hunter2@", 1), "28000", "hint: check user and password"},
		{"nobody there", "postgres://u:hunter2@127.0.0.1:1/d?sslmode=disable", "", "hint: check host and port"},
		{"no local server", "postgres://u:hunter2@127.0.0.1:54320/d?sslmode=disable", "", "hint: `bloom start`"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := target(t, tt.url).Connect(t.Context())
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error is %q", err)
			}
			var pg *pgconn.PgError
			if errors.As(err, &pg) && pg.Code != tt.state || pg == nil && tt.state != "" {
				t.Errorf("SQLSTATE is not %q: %v", tt.state, err)
			}
		})
	}
}

func TestApplied(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		url := s.Database(t)
		conn := servertest.Connect(t, url)
		steps := []struct {
			name, sql string
			want      []string
		}{
			{"no schema", "", nil},
			{"no table", "CREATE SCHEMA supabase_migrations", nil},
			{"old table", "CREATE TABLE supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY)", nil},
			{"in order of files", "INSERT INTO supabase_migrations.schema_migrations VALUES ('20240102000000'), ('1'), ('20240101000000'), ('10')",
				[]string{"1", "10", "20240101000000", "20240102000000"}},
			{"more columns", "ALTER TABLE supabase_migrations.schema_migrations ADD statements text[], ADD name text, ADD other int",
				[]string{"1", "10", "20240101000000", "20240102000000"}},
		}
		for _, step := range steps {
			servertest.Exec(t, url, step.sql)
			got, err := supabase.Applied(t.Context(), conn)
			if err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			if diff := cmp.Diff(step.want, got, cmp.Transformer("nil", func(v []string) []string { return append([]string{}, v...) })); diff != "" {
				t.Errorf("%s (-want +got)\n%s", step.name, diff)
			}
		}
		servertest.Exec(t, url, "ALTER TABLE supabase_migrations.schema_migrations RENAME version TO v")
		if got, err := supabase.Applied(t.Context(), conn); err == nil {
			t.Errorf("a table without versions: %v", got)
		}
	})
}

// TestManagedNames: what the platform brings is known to be the platform's.
func TestManagedNames(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		conn := servertest.Connect(t, s.Platform(t))
		check := func(sql string, managed func(string) bool, but ...string) {
			t.Helper()
			rows, _ := conn.Query(t.Context(), sql)
			var name string
			n := 0
			for rows.Next() {
				if err := rows.Scan(&name); err != nil {
					t.Fatal(err)
				}
				if n++; managed(name) == (len(but) > 0 && name == but[0]) {
					t.Errorf("%q is managed: %v", name, managed(name))
				}
			}
			if rows.Err() != nil || n == 0 {
				t.Errorf("%s: %d rows, %v", sql, n, rows.Err())
			}
		}
		check("SELECT nspname FROM pg_namespace", supabase.ManagedSchema, "public")
		check("SELECT rolname FROM pg_roles", supabase.ManagedRole)
		check("SELECT pubname FROM pg_publication", supabase.ManagedPublication)
		check("SELECT extname FROM pg_extension", func(name string) bool {
			return supabase.ManagedExtension(name) || supabase.PreinstalledExtension(name)
		})
	})
}

func TestManaged(t *testing.T) {
	tests := []struct {
		what      string
		got, want bool
	}{
		{"schema public", supabase.ManagedSchema("public"), false},
		{"schema authors", supabase.ManagedSchema("authors"), false},
		{"schema pg_temp_3", supabase.ManagedSchema("pg_temp_3"), true},
		{"schema _timescaledb_catalog", supabase.ManagedSchema("_timescaledb_catalog"), true},
		{"role bloom_user", supabase.ManagedRole("bloom_user"), false},
		{"role supabase_fan", supabase.ManagedRole("supabase_fan"), false},
		{"role cli_login_postgres", supabase.ManagedRole("cli_login_postgres"), true},
		{"role pg_read_all_data", supabase.ManagedRole("pg_read_all_data"), true},
		{"bloom_user to authenticator", supabase.ManagedMembership("bloom_user", "authenticator"), false},
		{"anon to authenticator", supabase.ManagedMembership("anon", "authenticator"), true},
		{"anon to bloom_user", supabase.ManagedMembership("anon", "bloom_user"), true},
		{"bloom_user to bloom_writer", supabase.ManagedMembership("bloom_user", "bloom_writer"), false},
		{"api role anon", supabase.APIRole("anon"), true},
		{"api role authenticator", supabase.APIRole("authenticator"), false},
		{"default privileges of postgres", supabase.ManagedDefaultPrivileges("postgres"), false},
		{"default privileges of supabase_admin", supabase.ManagedDefaultPrivileges("supabase_admin"), true},
		{"default privileges of bloom_user", supabase.ManagedDefaultPrivileges("bloom_user"), false},
		{"publication mine", supabase.ManagedPublication("mine"), false},
		{"publication supabase_realtime_messages_publication", supabase.ManagedPublication("supabase_realtime_messages_publication"), true},
		{"event trigger pgrst_ddl_watch", supabase.ManagedEventTrigger("pgrst_ddl_watch", "postgres"), true},
		{"event trigger of postgres", supabase.ManagedEventTrigger("mine", "postgres"), false},
		{"event trigger of supabase_admin", supabase.ManagedEventTrigger("mine", "supabase_admin"), true},
		{"extension pg_trgm", supabase.ManagedExtension("pg_trgm"), false},
		{"extension plpgsql", supabase.ManagedExtension("plpgsql"), true},
		{"table public.schema_migrations", supabase.ManagedTable("public", "schema_migrations"), true},
		{"table public.users", supabase.ManagedTable("public", "users"), false},
		{"table auth.users", supabase.ManagedTable("auth", "users"), true},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: managed is %v", tt.what, tt.got)
		}
	}
}
