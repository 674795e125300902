package supabase

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// noServer clears what points to a database.
func noServer(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"BLOOM_DB_URL", "SUPABASE_DB_URL", "SUPABASE_DB_PASSWORD", "SUPABASE_PROJECT_ID", "SUPABASE_SERVICES_HOSTNAME",
		"PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSSLMODE", "PGSERVICE",
	} {
		t.Setenv(name, "")
	}
}

func TestTarget(t *testing.T) {
	tests := []struct {
		name       string
		env        map[string]string
		flags      TargetFlags
		want, pass string
		local      bool
	}{
		{name: "local by default", want: "127.0.0.1:6000/postgres", pass: "postgres", local: true},
		{name: "bloom's variable", env: map[string]string{"BLOOM_DB_URL": "postgres://u:p@a/d", "SUPABASE_DB_URL": "postgres://u:p@b/d"}, want: "a:5432/d", pass: "p"},
		{name: "supabase's variable", env: map[string]string{"SUPABASE_DB_URL": "postgres://u:p@b/d"}, want: "b:5432/d", pass: "p"},
		{name: "flag before variable", env: map[string]string{"BLOOM_DB_URL": "postgres://u:p@a/d"}, flags: TargetFlags{Local: true}, want: "127.0.0.1:6000/postgres", pass: "postgres", local: true},
		{name: "url", flags: TargetFlags{DBURL: "postgresql://u:p%40ss@h:7/d"}, want: "h:7/d", pass: "p@ss"},
		{name: "password by variable", env: map[string]string{"PGPASSWORD": "secret"}, flags: TargetFlags{DBURL: "postgres://u@h/d"}, want: "h:5432/d", pass: "secret"},
		{name: "key=value", flags: TargetFlags{DBURL: "host=h user=u dbname=d password=p"}, want: "h:5432/d", pass: "p"},
		{name: "socket", flags: TargetFlags{DBURL: "host=/run/postgresql user=u dbname=d"}, want: "/run/postgresql/d"},
		{name: "IPv6", flags: TargetFlags{DBURL: "postgres://u@[2001:db8::1]:5432/d"}, want: "[2001:db8::1]:5432/d"},
		{name: "localhost is local", flags: TargetFlags{DBURL: "postgres://u@localhost:6000/d"}, want: "localhost:6000/d", local: true},
		{name: "shadow port is local", flags: TargetFlags{DBURL: "postgres://u@[::1]:54320/d"}, want: "[::1]:54320/d", local: true},
		{name: "another server here is not", flags: TargetFlags{DBURL: "postgres://u@127.0.0.1:5432/d"}, want: "127.0.0.1:5432/d"},
		{name: "pooler's transaction mode", flags: TargetFlags{DBURL: "postgres://u:p@aws-0-eu.pooler.supabase.com:6543/d"}, want: "aws-0-eu.pooler.supabase.com:5432/d", pass: "p"},
		{name: "6543 elsewhere", flags: TargetFlags{DBURL: "postgres://u@h:6543/d"}, want: "h:6543/d"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			noServer(t)
			for name, value := range tt.env {
				t.Setenv(name, value)
			}
			p, _ := open(t, map[string]string{configFile: "[db]\nport = 6000\n"})
			got, err := p.Target(t.Context(), tt.flags)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, tt.want, got.Name)
			equal(t, tt.pass, got.Config.Password)
			equal(t, tt.local, got.Local)
			equal(t, "bloom", got.Config.RuntimeParams["application_name"])
			for _, fallback := range got.Config.Fallbacks {
				equal(t, got.Config.Port, fallback.Port)
			}
		})
	}
}

func TestTargetSSL(t *testing.T) {
	noServer(t)
	p, _ := open(t, nil)
	for mode, wantTLS := range map[string]bool{"disable": false, "require": true} {
		got, err := p.ByURL("postgres://u@h/d?sslmode=" + mode)
		if err != nil {
			t.Fatal(err)
		}
		if tls := got.Config.TLSConfig != nil; tls != wantTLS || len(got.Config.Fallbacks) > 0 {
			t.Errorf("sslmode=%s: TLS %v, %d fallbacks", mode, tls, len(got.Config.Fallbacks))
		}
	}
}

func TestTargetErrors(t *testing.T) {
	tests := []struct {
		name  string
		flags TargetFlags
		want  string
	}{
		{"two flags", TargetFlags{DBURL: "postgres://u@h/d", Local: true}, "[db-url local] were all set"},
		{"three flags", TargetFlags{DBURL: "postgres://u@h/d", Local: true, Linked: true}, "[db-url linked local] were all set"},
		{"raw # in the password", TargetFlags{DBURL: "postgres://u:hunter#2@h/d"}, "percent-encoded"},
		{"raw % in the password", TargetFlags{DBURL: "postgres://u:hunter%2@h/d"}, "percent-encoded"},
		{"no connection string", TargetFlags{DBURL: "password=hunter2 port=none"}, "failed to parse connection string"},
		{"dedicated pooler", TargetFlags{DBURL: "postgres://u:hunter2@db.abc.supabase.co:6543/d"}, "use port 5432"},
		{"not linked", TargetFlags{Linked: true}, "Have you run supabase link?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			noServer(t)
			p, _ := open(t, nil)
			_, err := p.Target(t.Context(), tt.flags)
			failsWith(t, err, tt.want)
			if strings.Contains(err.Error(), "hunter") {
				t.Errorf("the error has the password: %v", err)
			}
		})
	}
}

func TestTargetLinked(t *testing.T) {
	noServer(t)
	const ref = "abcdefghijklmnopqrst"
	p, said := open(t, map[string]string{
		refFile:    ref,
		configFile: "[remotes.live]\nproject_id = \"" + ref + "\"\n",
	})
	_, err := p.Target(t.Context(), TargetFlags{Linked: true})
	failsWith(t, err, "SUPABASE_DB_PASSWORD")
	t.Setenv("SUPABASE_DB_PASSWORD", "p@ss/word")
	got, err := p.Target(t.Context(), TargetFlags{Linked: true})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "db."+ref+".supabase.co:5432/postgres", got.Name)
	equal(t, "p@ss/word", got.Config.Password)
	equal(t, "Loading config override: [remotes.live]", (*said)[0])
	if got.Config.TLSConfig == nil || len(got.Config.Fallbacks) > 0 {
		t.Error("the password may go out without TLS")
	}
}

func TestPoolerURL(t *testing.T) {
	const ref = "abcdefghijklmnopqrst"
	stored := "postgresql://postgres." + ref + ":[YOUR-PASSWORD]@aws-0-eu.pooler.supabase.com:6543/postgres"
	dsn, err := poolerURL(stored, ref, "a b")
	if err != nil {
		t.Fatal(err)
	}
	p, _ := open(t, nil)
	got, err := p.ByURL(dsn)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "aws-0-eu.pooler.supabase.com:5432/postgres postgres."+ref+" a b",
		got.Name+" "+got.Config.User+" "+got.Config.Password)
	if got.Config.TLSConfig == nil {
		t.Error("the password may go out without TLS")
	}
	for _, bad := range []string{
		"",
		"postgresql://aws-0-eu.pooler.supabase.com/postgres",
		strings.Replace(stored, "supabase.com", "supabase.com.evil.org", 1),
		strings.Replace(stored, ref, "zzzzzzzzzzzzzzzzzzzz", 1),
	} {
		if got, err := poolerURL(bad, ref, "p"); err == nil {
			t.Errorf("poolerURL(%q) = %q, want an error", bad, got)
		}
	}
	if _, err := poolerURL("postgresql://postgres@x.supabase.com/postgres?options=reference%3D"+ref, ref, "p"); err != nil {
		t.Error(err)
	}
}

func TestRedact(t *testing.T) {
	tests := []struct{ text, want string }{
		{"cannot reach postgres://u:hunter2@h:5432/d now", "cannot reach postgres://u:xxxxx@h:5432/d now"},
		{"postgres://u:p@hunter2@h/d", "postgres://u:xxxxx@h/d"},
		{"postgres://u:hun/ter2@h/d", "postgres://u:xxxxx@h/d"},
		{"postgres://u@h:5432/d", "postgres://u@h:5432/d"},
		{"host=h password=hunter2 dbname=d", "host=h password=xxxxx dbname=d"},
		{`password = 'it\'s hunter2' user=u`, "password = xxxxx user=u"},
		{"postgres://h/d?user=u&password=hunter2&x=y", "postgres://h/d?user=u&password=xxxxx&x=y"},
		{"PGPASSWORD=hunter2 psql", "PGPASSWORD=xxxxx psql"},
		{"password authentication failed", "password authentication failed"},
	}
	for _, tt := range tests {
		equal(t, tt.want, RedactText(tt.text))
	}
	if Redact(nil) != nil {
		t.Error("Redact(nil) is an error")
	}
	err := Redact(fmt.Errorf("postgres://u:hunter2@h: %w", pgx.ErrNoRows))
	equal(t, "postgres://u:xxxxx@h: no rows in result set", err.Error())
	if err.(interface{ Unwrap() error }).Unwrap() == nil {
		t.Error("the cause is lost")
	}
}
