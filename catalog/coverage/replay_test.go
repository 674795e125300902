package coverage_test

import (
	"context"
	"testing"

	"bloom/catalog"
	"bloom/differ"
	"bloom/parser"
	"bloom/supabase/server/servertest"
)

// TestReplay has the parser run the SQL of the cases: it must come to what the
// server came to, before the changes and after them.
func TestReplay(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		d := newDatabases(t, s)
		c := catalog.New()
		c.Version = d.before.Version
		for _, half := range []struct {
			part string
			live *catalog.Catalog
		}{{"before", d.before}, {"after", d.after}} {
			errs := d.replay(t, c, half.part)
			left := d.byCase(differ.NewMemo(nil).Diff(half.live, c))
			for _, tc := range d.cases {
				if tc.replayed() && (errs[tc.name] != "" || len(left[tc.name]) > 0) {
					t.Errorf("%s, %s: the parser comes to something else:\n%s%s", tc.name, half.part, errs[tc.name], describe(left[tc.name]))
				}
			}
		}
	})
}

// replayed: newer syntax than the parser knows is refused, and so is what is not
// modelled and what is written into catalogs.
func (c testCase) replayed() bool {
	_, unmodelled := c.parts["unmodelled"]
	_, unrun := c.parts["not run"]
	_, broken := c.parts["not run there"]
	_, unknown := c.parts["not replayed"]
	return c.first < 18 && !unmodelled && !unrun && !broken && !unknown
}

// replay runs one part of all cases and returns what is wrong with each.
func (d *databases) replay(t *testing.T, c *catalog.Catalog, part string) map[string]string {
	errs := map[string]string{}
	for _, tc := range d.cases {
		if !tc.replayed() {
			continue
		}
		text := tc.sql(part)
		if part == "before" {
			text = "create schema " + tc.name + ";\n" + text
		}
		script, err := parser.Read(context.Background(), []parser.Source{{Name: tc.name + ".sql", Text: text}})
		if err == nil {
			_, err = script.Replay(c, parser.Options{Role: d.before.Role, Version: c.Version, Base: d.before.Base})
		}
		if err != nil {
			errs[tc.name] = err.Error() + "\n"
		}
	}
	return errs
}
