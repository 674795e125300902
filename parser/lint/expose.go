package lint

import (
	"slices"

	"bloom/catalog"
)

// exposeRules are about what else an exposed schema should not have.
var exposeRules = []*Rule{
	{
		Code: "EXTENSION_IN_PUBLIC", Level: Warning,
		What:   "an extension in an exposed schema",
		Reason: "all its functions can be called by requests, and its names are in the way of yours",
		Fix:    "CREATE EXTENSION … WITH SCHEMA extensions",
		schema: extensionInPublic,
	},
	{
		Code: "FOREIGN_TABLE_EXPOSED", Level: Warning,
		What:   "a foreign table that requests get at",
		Reason: "foreign tables have no row security",
		Fix:    "keep it in a schema that is not exposed, or REVOKE ALL … FROM anon, authenticated",
		schema: foreignTable,
	},
}

// fixedSchema are extensions that make a schema of their own or can live nowhere else.
var fixedSchema = []string{"pg_cron", "pg_net", "pgmq", "pgsodium", "supabase_vault", "plpgsql", "pg_graphql", "pg_tle"}

func extensionInPublic(s *state, report found) {
	each(s, func(e catalog.Extension, at catalog.Pos) {
		if s.isExposed(e.Schema) && !slices.Contains(fixedSchema, e.Name) {
			report(at, "extension %s is in the exposed schema %s", e.Name, e.Schema)
		}
	})
}

func foreignTable(s *state, report found) {
	each(s, func(t catalog.Table, at catalog.Pos) {
		if t.Server != "" && s.isExposed(t.Schema) && s.open(t.ID()) {
			report(at, "foreign table %s.%s is open to requests, without row security", t.Schema, t.Name)
		}
	})
}
