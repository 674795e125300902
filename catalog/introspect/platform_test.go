package introspect

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bloom/catalog"
	"bloom/supabase"
	"bloom/supabase/server/servertest"
)

var platform = Scope{
	Schema: supabase.ManagedSchema, Role: supabase.ManagedRole, Table: supabase.ManagedTable, Extension: supabase.ManagedExtension,
	Publication: supabase.ManagedPublication, EventTrigger: supabase.ManagedEventTrigger, DefaultPrivileges: supabase.ManagedDefaultPrivileges, Setting: supabase.ManagedSetting,
}

func readPlatform(t *testing.T, s *servertest.Server, sql string) *catalog.Catalog {
	t.Helper()
	url := s.Platform(t)
	servertest.Exec(t, url, sql)
	c, err := Database(t.Context(), servertest.Connect(t, url), Options{Scope: platform})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPlatform: of what users put on the platform's objects, what is theirs is in
// the catalog and the rest in Base.
func TestPlatform(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		fresh := readPlatform(t, s, "")
		for id := range fresh.All() {
			if id.Kind != catalog.KindDefaultPrivilege && id.Name != "public" && id.Kind != catalog.KindExtension {
				t.Errorf("a fresh project has %s", id)
			}
		}
		if _, ok := fresh.Relation("auth", "users"); !ok {
			t.Error("auth.users is not in Base")
		}
		if fresh.Lookup(catalog.ID{Kind: catalog.KindColumn, Schema: "auth", Table: "users", Name: "id"}) == nil {
			t.Error("auth.users.id is not in Base")
		}
		if len(fresh.Unmodelled) > 0 {
			t.Errorf("not modelled: %v", fresh.Unmodelled)
		}
		c := readPlatform(t, s, `
			do $$ begin if not exists (select from pg_roles where rolname = 'introspect_c') then create role introspect_c; end if; end $$;
			create table public.profile (id uuid primary key references auth.users (id) on delete cascade);
			create function public.new_user() returns trigger language plpgsql as $$ begin return new; end $$;
			create trigger on_user after insert on auth.users for each row execute function public.new_user();
			create policy own on storage.objects for select using (owner = auth.uid());
			comment on policy own on storage.objects is 'mine';
			comment on table storage.objects is 'theirs';
			alter publication supabase_realtime add table public.profile;
			grant usage on schema storage to introspect_c;
			grant select on storage.objects to introspect_c;
			create index more on storage.objects (name);
			create table auth.extra (a int);`)
		var got []string
		for id := range c.All() {
			if fresh.Has(id) || id.Kind == catalog.KindColumn || id.Kind == catalog.KindOwner || id.Kind == catalog.KindGrant && strings.HasPrefix(id.Schema, "public") {
				continue
			}
			got = append(got, id.String())
		}
		want := []string{
			"table public.profile", "routine public.new_user()", "constraint public.profile.profile_id_fkey", "constraint public.profile.profile_pkey",
			"trigger auth.users.on_user", "policy storage.objects.own", "publication table public.profile (supabase_realtime)",
			"grant on schema storage (introspect_c)", "grant on table storage.objects (introspect_c)", "comment on policy storage.objects.own",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		fk := catalog.ID{Kind: catalog.KindConstraint, Schema: "public", Table: "profile", Name: "profile_id_fkey"}
		key := catalog.ID{Kind: catalog.KindColumn, Schema: "auth", Table: "users", Name: "id"}
		if !slices.Contains(c.Deps(fk), key) {
			t.Errorf("%s needs %v, not %s", fk, c.Deps(fk), key)
		}
	})
}

// TestPublic: what is live of schema public is also in Base, for declarations
// that do not mention it.
func TestPublic(t *testing.T) {
	c := readPlatform(t, servertest.Start(t, 17), "")
	n := 0
	for id, o := range c.All() {
		if id.Kind == catalog.KindSchema || id.Target() == (catalog.ID{Kind: catalog.KindSchema, Name: "public"}) {
			n++
			if diff := cmp.Diff(o, c.Base.Get(id)); diff != "" {
				t.Errorf("%s in Base (-live +base):\n%s", id, diff)
			}
		}
	}
	if n < 6 {
		t.Errorf("only %d objects about public", n)
	}
}

// TestExtensionDefaults: default privileges apply to the members of extensions;
// what a role of the project has by them is no grant that somebody made.
func TestExtensionDefaults(t *testing.T) {
	s := servertest.Start(t, 17)
	url := s.Database(t)
	servertest.Exec(t, url, `
		do $$ begin if not exists (select from pg_roles where rolname = 'introspect_c') then create role introspect_c; end if; end $$;
		alter default privileges grant execute on functions to introspect_c;
		create extension citext;
		grant usage on type citext to introspect_c;`)
	c, err := Database(t.Context(), servertest.Connect(t, url), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for id := range c.All() {
		if id.Kind == catalog.KindGrant && id.Role == "introspect_c" {
			got = append(got, id.String())
		}
	}
	if diff := cmp.Diff([]string{"grant on base type public.citext (introspect_c)"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
