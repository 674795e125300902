package supabase

import (
	"fmt"
	"maps"
	"slices"
)

// Config is what bloom needs of supabase/config.toml. All other keys are left
// to the CLI.
type Config struct {
	ProjectID string
	Hostname  string // of the local database; not in the file
	DB        struct {
		Port         int
		ShadowPort   int
		MajorVersion int // 0: not said
	}
	Migrations struct {
		Enabled     bool
		SchemaPaths []string // globs, relative to supabase/
	}
	Seed struct {
		Enabled  bool
		SQLPaths []string // globs, relative to supabase/
	}
	Exposed             []string // api.schemas: what requests reach
	AutoExposeNewTables *bool    // api.auto_expose_new_tables; nil: not said
	Vault               []Secret
}

// configure reads the configuration, for a hosted project if ref is not empty:
// its [remotes.*] block then stands before the rest of the file.
func (p *Project) configure(ref string) error {
	name, block, err := p.file.remote(ref)
	if err != nil {
		return fmt.Errorf("%s: %w", configFile, err)
	}
	if block != nil {
		p.Note("Loading config override: [remotes." + name + "]")
	}
	r := reader{over: block, file: p.file}
	p.Config = r.config()
	if r.err != nil {
		return fmt.Errorf("%s: %w", configFile, r.err)
	}
	return nil
}

func (r *reader) config() Config {
	var c Config
	c.ProjectID = r.text("project_id", "")
	c.Hostname = envOr("SUPABASE_SERVICES_HOSTNAME", "127.0.0.1")
	c.DB.Port = r.number("db.port", 54322)
	c.DB.ShadowPort = r.number("db.shadow_port", 54320)
	c.DB.MajorVersion = r.number("db.major_version", 0)
	c.Migrations.Enabled = r.flag("db.migrations.enabled", true)
	c.Migrations.SchemaPaths = r.list("db.migrations.schema_paths", nil)
	c.Seed.Enabled = r.flag("db.seed.enabled", true)
	c.Seed.SQLPaths = r.list("db.seed.sql_paths", []string{"./seed.sql"})
	if _, said := r.over.lookup("db.seed.enabled"); r.over != nil && !said {
		c.Seed.Enabled = r.env("db.seed.enabled") == "true" // a developer's seed is nothing for a hosted database
	}
	c.Exposed = r.list("api.schemas", []string{"public", "graphql_public"})
	if v, ok := r.find("api.auto_expose_new_tables"); ok {
		b := r.toFlag("api.auto_expose_new_tables", v)
		c.AutoExposeNewTables = &b
	}
	c.Vault = r.secrets("db.vault")
	return c
}

// remote is the [remotes.*] block for a ref, nil if there is none.
func (d document) remote(ref string) (name string, block document, err error) {
	blocks, _ := d["remotes"].(map[string]any)
	owner := map[string]string{}
	for _, each := range slices.Sorted(maps.Keys(blocks)) {
		table, ok := blocks[each].(map[string]any)
		if !ok {
			return "", nil, fmt.Errorf("remotes.%s: must be a table", each)
		}
		id, _ := substitute(table["project_id"]).(string)
		if !refPattern.MatchString(id) {
			return "", nil, fmt.Errorf("remotes.%s.project_id: must be 20 lower-case letters, is %q", each, id)
		}
		if other, ok := owner[id]; ok {
			return "", nil, fmt.Errorf("remotes.%s and remotes.%s have the same project_id", other, each)
		}
		owner[id] = each
		if id == ref {
			name, block = each, table
		}
	}
	return name, block, nil
}
