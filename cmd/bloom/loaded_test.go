package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bloom/catalog"
	"bloom/differ"
	"bloom/parser"
)

// TestSilenceAboutPrivileges: anon gets all on new tables of the platform. What files mean that do not name it, or name less, depends on
// how they came about.
func TestSilenceAboutPrivileges(t *testing.T) {
	const (
		dump     = "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.t (a integer);\n"
		platform = "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE IF NOT EXISTS \"public\".\"t\" (a integer);\n"
		hand     = "CREATE TABLE t (a integer);\n"
		defaults = "ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON TABLES TO postgres;\nALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON TABLES TO anon;\n"
		closed   = "ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON TABLES TO postgres;\n"
		selects  = "GRANT SELECT ON TABLE public.t TO anon;\n"
		revokes  = "REVOKE ALL ON TABLE public.t FROM anon;\n"
		column   = "GRANT SELECT (a) ON TABLE public.t TO anon;\n"
	)
	const all = "DELETE INSERT REFERENCES SELECT TRIGGER TRUNCATE UPDATE"
	table := catalog.Table{Schema: "public", Name: "t"}.ID()
	anon := catalog.About(catalog.KindGrant, table, "anon")
	given := catalog.DefaultPrivilege{Owner: "postgres", Schema: "public", Objects: catalog.KindTable, Grantee: "anon", Privileges: privilegesNamed(all)}
	tests := []struct {
		name, files, live string // what anon has in the database
		want              string // what it is to have there; "": as it is
	}{
		{"a dump is exact: nothing said, nothing had", dump + defaults, "", ""},
		{"a dump is exact: nothing said, all had", dump + defaults, all, "none"},
		{"a dump is exact: some said, all had", dump + selects + defaults, all, "SELECT"},
		{"platform dump of a database that has nothing", platform + defaults, "", ""},
		{"platform dump that was run", platform + defaults, all, ""},
		{"platform dump, something else is there", platform + defaults, "SELECT", "none"},
		{"platform dump without the role among its default privileges, run", platform + closed, all, ""},
		{"platform dump without the role among its default privileges, read off", platform + closed, "", ""},
		{"platform dump that says some, read off", platform + selects + defaults, "SELECT", ""},
		{"platform dump that says some, run", platform + selects + defaults, all, ""},
		{"platform dump that says some, nothing is there", platform + selects + defaults, "", "SELECT"},
		{"platform dump that says some, more is there", platform + selects + defaults, "INSERT SELECT", "SELECT"},
		{"platform dump that revokes", platform + revokes + defaults, all, "none"},
		{"platform dump that revokes and gives some", platform + revokes + selects + defaults, all, "SELECT"},
		{"platform dump with a column's privilege", platform + column + defaults, all, ""},
		{"written: it is run on the platform", hand + defaults, all, ""},
		{"written: it is run on the platform, and somebody revoked", hand + defaults, "", all},
		{"written: closed before the table is made", "ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public REVOKE ALL ON TABLES FROM anon;\n" + hand, "", ""},
		{"written: closed before, but opened in the database", "ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public REVOKE ALL ON TABLES FROM anon;\n" + hand, all, "none"},
		{"written: some more of what is there by default", hand + "ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT SELECT ON TABLES TO anon;\n" + selects, all, ""},
		{"written: nothing said of default privileges, revoked", hand + revokes, all, "none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// Only where the files name a role of the platform at all do they decide about it.
			script, err := parser.Read(t.Context(), []parser.Source{{Name: "schema.sql", Text: tt.files + "GRANT USAGE ON SCHEMA public TO anon;"}})
			if err != nil {
				t.Fatal(err)
			}
			options := parser.Options{Role: "postgres", Version: 150000, NewPrivileges: []catalog.DefaultPrivilege{given}, DefaultPrivileges: []catalog.DefaultPrivilege{given}}
			files, _, err := script.Declare(options)
			if err != nil {
				t.Fatal(err)
			}
			live := files.Clone()
			if live.Remove(anon); tt.live != "" {
				live.Put(catalog.Grant{Target: table, Grantee: "anon", Privileges: privilegesNamed(tt.live)})
			}
			leftovers{hosted: true, named: script.Grantees()}.leaveAlone(live, files)
			got := ""
			for _, ch := range differ.NewMemo(nil).Diff(live, files) {
				switch want, _ := ch.Desired.(catalog.Grant); {
				case ch.ID().Kind == catalog.KindDefaultPrivilege: // a live database's are not part of this
				case ch.ID() != anon:
					t.Errorf("%s %s", ch.Op, ch.ID())
				case ch.Desired == nil:
					got = "none"
				default:
					got = strings.Join(namesOf(want.Privileges), " ")
				}
			}
			if got != tt.want {
				t.Errorf("anon is to have %q, want %q", got, tt.want)
			}
		})
	}
}

// TestNewObjectOfAPlatformDump: what is not there yet gets what the dump says and no more.
func TestNewObjectOfAPlatformDump(t *testing.T) {
	script, err := parser.Read(t.Context(), []parser.Source{{Name: "schema.sql", Text: `SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE IF NOT EXISTS public.t (a integer);
ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public GRANT ALL ON TABLES TO anon;`}})
	if err != nil {
		t.Fatal(err)
	}
	given := catalog.DefaultPrivilege{Owner: "postgres", Schema: "public", Objects: catalog.KindTable, Grantee: "anon", Privileges: privilegesNamed("SELECT")}
	files, _, err := script.Declare(parser.Options{Role: "postgres", Version: 150000, NewPrivileges: []catalog.DefaultPrivilege{given}})
	if err != nil {
		t.Fatal(err)
	}
	live := catalog.New()
	live.Put(catalog.Schema{Name: "public"})
	live.Role = "postgres"
	leftovers{hosted: true, named: script.Grantees()}.leaveAlone(live, files)
	var got []string
	for id := range files.All() {
		if id.Kind == catalog.KindGrant && id.Role == "anon" {
			got = append(got, id.String())
		}
	}
	if diff := cmp.Diff([]string(nil), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func privilegesNamed(names string) (out []catalog.Privilege) {
	for _, n := range strings.Fields(names) {
		out = append(out, catalog.Privilege{Name: n})
	}
	return out
}

func namesOf(privileges []catalog.Privilege) (names []string) {
	for _, p := range privileges {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return names
}
