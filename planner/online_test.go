package planner_test

import (
	"os"
	"strings"
	"testing"

	"bloom/planner"
	"bloom/supabase/server/servertest"
)

// TestOnline runs cases once more in the forms for tables in use, there and back: those
// that make a table again with its rows; with BLOOM_TEST_ALL every one.
func TestOnline(t *testing.T) {
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		for _, c := range cases(t) {
			if unfit(c, s) || os.Getenv("BLOOM_TEST_ALL") == "" && !strings.HasPrefix(c.name, "table/repartition") {
				continue
			}
			c.online = planner.OnlineAlways
			t.Run(c.name, func(t *testing.T) {
				current, desired := c.files["current.sql"], c.files["desired.sql"]
				t.Run("there", func(t *testing.T) { migrate(t, s, c, current, desired, c.files["rows.sql"]) })
				if !strings.Contains(string(c.archive.Comment), "one way") {
					t.Run("back", func(t *testing.T) { migrate(t, s, c, desired, current, c.files["rows_back.sql"]) })
				}
			})
		}
	})
}
