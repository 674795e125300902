package planner_test

import (
	"os"
	"slices"
	"testing"

	"bloom/differ"
	"bloom/planner"
	"bloom/planner/busytest"
	"bloom/supabase/server/servertest"
)

const clearedForBusy = anew + `DO $$DECLARE p text; BEGIN FOR p IN SELECT pubname FROM pg_publication LOOP EXECUTE format('DROP PUBLICATION %I', p); END LOOP; END$$;`

// TestBusyLocks holds what is announced of changes of tables in use against what they
// lock and write anew, statement by statement. With BLOOM_BUSY set, each change by itself, also
// the way back and the forms for tables that nobody uses.
func TestBusyLocks(t *testing.T) {
	forms, together := []planner.Online{planner.OnlineAlways}, 20
	all := os.Getenv("BLOOM_BUSY") != ""
	if all {
		forms, together = append(forms, planner.OnlineNever), 1
	}
	servertest.Each(t, func(t *testing.T, s *servertest.Server) {
		t.Parallel()
		ours, theirs := s.Database(t), s.Database(t)
		for list := range slices.Chunk(busytest.Changes(t, s.Major, 100), together) {
			c := joined(list)
			for _, form := range forms {
				t.Run(c.Name+"/"+string(form), func(t *testing.T) { busyLocks(t, ours, theirs, c, form, true) })
				if all {
					back := c
					back.Current, back.Desired = c.Desired, c.Current
					t.Run(c.Name+"/"+string(form)+"/back", func(t *testing.T) { busyLocks(t, ours, theirs, back, form, false) })
				}
			}
		}
	})
}

// joined is several changes as one.
func joined(list []busytest.Change) busytest.Change {
	c := list[0]
	for _, more := range list[1:] {
		c.Current, c.Desired, c.Rows = c.Current+more.Current, c.Desired+more.Desired, c.Rows+more.Rows
		c.First, c.Announced = append(c.First, more.First...), append(c.Announced, more.Announced...)
	}
	return c
}

func busyLocks(t *testing.T, ours, theirs string, c busytest.Change, form planner.Online, forward bool) {
	t.Helper()
	for _, url := range []string{ours, theirs} {
		conn := servertest.Connect(t, url)
		for _, sql := range c.First {
			_, _ = conn.Exec(t.Context(), sql)
		}
	}
	servertest.Exec(t, ours, clearedForBusy+c.Current+c.Rows)
	servertest.Exec(t, theirs, clearedForBusy+c.Desired)
	servertest.Exec(t, ours, "ANALYZE")
	current, desired := read(t, ours), read(t, theirs)
	changes := differ.NewMemo(nil).Diff(current, desired)
	m, err := planner.Plan(current, desired, changes, testCase{online: form}.options())
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Units) == 0 {
		t.Fatal("no change")
	}
	var codes []string
	for _, h := range m.Hazards() {
		codes = append(codes, h.Code)
	}
	if forward && form == planner.OnlineAlways {
		for _, code := range c.Announced {
			if !slices.Contains(codes, code) {
				t.Errorf("%s is not announced, but %s\n%s", code, codes, m.Script())
			}
		}
		if slices.Contains(codes, "TABLE_REWRITE") && !c.Announces("TABLE_REWRITE") {
			t.Errorf("announced to write a table anew, which busy.txt does not expect:\n%s", m.Script())
		}
	}
	applyMeasured(t, ours, m)
	if left := differ.NewMemo(nil).Diff(read(t, ours), desired); len(left) > 0 {
		t.Errorf("after the plan there is a difference:\n%s\n%s", describe(left), m.Script())
	}
}
