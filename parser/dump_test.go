package parser

import (
	"testing"

	"bloom/catalog"
)

// TestPublicOfDumps: a pg_dump that says who may use the schema public names all of them; other files
// leave the others alone.
func TestPublicOfDumps(t *testing.T) {
	public := catalog.Schema{Name: "public"}
	anon := catalog.Grant{Target: public.ID(), Grantee: "anon", Privileges: []catalog.Privilege{{Name: "USAGE"}}}
	const dump = "SELECT pg_catalog.set_config('search_path', '', false);"
	for sql, want := range map[string]bool{
		"CREATE TABLE t ();":                                                                     true,
		"GRANT USAGE ON SCHEMA public TO reader;":                                                true,
		dump + "CREATE TABLE public.t ();":                                                       true,
		dump + "CREATE TABLE public.t (); GRANT USAGE ON SCHEMA public TO reader;":               false,
		dump + "CREATE TABLE public.t (); GRANT USAGE ON SCHEMA public TO anon;":                 true,
		dump + "CREATE TABLE IF NOT EXISTS public.t (); GRANT USAGE ON SCHEMA public TO reader;": true,
		dump + `CREATE TABLE "public"."t" (); GRANT USAGE ON SCHEMA "public" TO "reader";`:       true,
		dump + `CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1 FROM "public"."t"'; GRANT USAGE ON SCHEMA public TO reader;`: false,
		dump + "CREATE SCHEMA other; CREATE TABLE public.t (); GRANT USAGE ON SCHEMA other TO reader;":                                        true,
	} {
		base := catalog.New()
		base.Put(public)
		base.Put(anon)
		for _, role := range []string{"anon", "reader", "postgres"} {
			base.Put(catalog.Role{Name: role})
		}
		c, _, err := read(t, sql).Declare(Options{Role: "postgres", Base: base})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Has(anon.ID()); got != want {
			t.Errorf("%s\nanon may use public: %v, want %v", sql, got, want)
		}
	}
}
