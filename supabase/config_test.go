package supabase

import (
	"testing"
)

func TestConfigDefaults(t *testing.T) {
	p, _ := open(t, nil)
	var want Config
	want.Hostname = "127.0.0.1"
	want.DB.Port, want.DB.ShadowPort = 54322, 54320
	want.Migrations.Enabled, want.Seed.Enabled = true, true
	want.Seed.SQLPaths = []string{"./seed.sql"}
	want.Exposed = []string{"public", "graphql_public"}
	equal(t, want, p.Config)
}

func TestConfig(t *testing.T) {
	t.Setenv("BT_PORT", "6000")
	t.Setenv("SUPABASE_DB_SHADOW_PORT", "6001")
	t.Setenv("SUPABASE_DB_SEED_SQL_PATHS", "a.sql, b.sql")
	p, _ := open(t, map[string]string{configFile: `
		project_id = "env(BT_UNSET)"
		unknown = 1
		[db]
		port = "env(BT_PORT)"
		shadow_port = 1
		major_version = 15
		host = "stale"
		[db.migrations]
		enabled = false
		schema_paths = ["../schema/*.sql", "x-env(BT_PORT)"]
		[db.seed]
		sql_paths = ["never.sql"]
		[api]
		auto_expose_new_tables = false
		schemas = ["public", "api"]
	`})
	no := false
	var want Config
	want.ProjectID = "env(BT_UNSET)"
	want.Hostname = "127.0.0.1"
	want.DB.Port, want.DB.ShadowPort, want.DB.MajorVersion = 6000, 6001, 15
	want.Migrations.SchemaPaths = []string{"../schema/*.sql", "x-env(BT_PORT)"}
	want.Seed.Enabled = true
	want.Seed.SQLPaths = []string{"a.sql", "b.sql"}
	want.AutoExposeNewTables = &no
	want.Exposed = []string{"public", "api"}
	equal(t, want, p.Config)
}

func TestConfigRemote(t *testing.T) {
	const ref = "abcdefghijklmnopqrst"
	file := `
		[db]
		port = 1
		[db.migrations]
		schema_paths = ["base.sql"]
		[remotes."staging.eu"]
		project_id = "` + ref + `"
		[remotes."staging.eu".db.migrations]
		schema_paths = ["staging.sql"]
		[remotes.other]
		project_id = "zzzzzzzzzzzzzzzzzzzz"
		db.port = 2
		db.seed.enabled = true
	`
	p, said := open(t, map[string]string{configFile: file})
	equal(t, []string{"base.sql"}, p.Config.Migrations.SchemaPaths)
	equal(t, true, p.Config.Seed.Enabled)
	equal(t, notes(nil), *said)

	if err := p.configure(ref); err != nil {
		t.Fatal(err)
	}
	equal(t, []string{"staging.sql"}, p.Config.Migrations.SchemaPaths)
	equal(t, 1, p.Config.DB.Port)
	equal(t, false, p.Config.Seed.Enabled)
	equal(t, notes{"Loading config override: [remotes.staging.eu]"}, *said)

	if err := p.configure("zzzzzzzzzzzzzzzzzzzz"); err != nil {
		t.Fatal(err)
	}
	equal(t, 2, p.Config.DB.Port)
	equal(t, true, p.Config.Seed.Enabled)
}

func TestConfigVault(t *testing.T) {
	const ref = "abcdefghijklmnopqrst"
	t.Setenv("BT_TOKEN", "token")
	t.Setenv("SUPABASE_DB_VAULT_OVERRIDDEN", "by the environment")
	p, _ := open(t, map[string]string{configFile: `
		[db.vault]
		token = "env(BT_TOKEN)"
		"with.dot" = "a"
		unset = "env(BT_UNSET)"
		overridden = "x"
		[remotes.staging]
		project_id = "` + ref + `"
		[remotes.staging.db.vault]
		"with.dot" = "b"
	`})
	want := []Secret{
		{Name: "overridden", Value: "by the environment"}, {Name: "token", Value: "token"},
		{Name: "unset", Why: "environment variable is unset: BT_UNSET"}, {Name: "with.dot", Value: "a"},
	}
	equal(t, want, p.Config.Vault)
	if err := p.configure(ref); err != nil {
		t.Fatal(err)
	}
	want[3].Value = "b"
	equal(t, want, p.Config.Vault)
}

func TestConfigErrors(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"syntax", "[db]\nport = \n", "line 2"},
		{"number", "[db]\nport = \"abc\"\n", `db.port: must be a number, is "abc"`},
		{"unset variable", "[db]\nport = \"env(BT_UNSET)\"\n", `db.port: must be a number, is "env(BT_UNSET)"`},
		{"flag", "[db.seed]\nenabled = 3\n", "db.seed.enabled: must be true or false"},
		{"list", "[db.migrations]\nschema_paths = [1]\n", "db.migrations.schema_paths: must be a list of strings"},
		{"remote without ref", "[remotes.a]\nproject_id = \"x\"\n", "remotes.a.project_id: must be 20"},
		{"remotes of one ref", "[remotes.a]\nproject_id = \"abcdefghijklmnopqrst\"\n[remotes.b]\nproject_id = \"abcdefghijklmnopqrst\"\n", "remotes.a and remotes.b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := folder(t, map[string]string{configFile: tt.file})
			_, err := Find(root, root, nil)
			failsWith(t, err, configFile+": ", tt.want)
		})
	}
}
