package main

import (
	"cmp"
	"slices"

	"bloom/catalog"
	"bloom/differ"
)

// Causes of findings.
const (
	causeNoMigration = "no-migration" // declared, and no migration makes it so
	causePending     = "pending"      // a migration makes it so that was not applied
	causeByHand      = "by-hand"      // the database has it otherwise than the migrations made it
	causeForgotten   = "forgotten"    // declared, and in no migration
	causeFolder      = "migrations"   // a file of the migrations' folder
	causeUnreplayed  = "not-replayed" // a statement whose effect is not known
)

// divergence is one thing that a checking command found.
type divergence struct {
	Cause   string   `json:"cause"`
	Level   string   `json:"level"` // "error", "warning" or "note"
	Message string   `json:"message"`
	Op      string   `json:"op,omitempty"`
	Kind    string   `json:"kind,omitempty"`
	Object  string   `json:"object,omitempty"`
	Fields  []string `json:"fields,omitempty"`
	File    string   `json:"file,omitempty"`
	Line    int      `json:"line,omitempty"`
	Column  int      `json:"column,omitempty"`
	WaysOut []string `json:"ways_out,omitempty"`
	Reason  string   `json:"reason,omitempty"` // of a rule of bloom lint
	id      catalog.ID
}

// report is what a checking command found. Its JSON is stable: fields may be
// added, none change their meaning.
type report struct {
	Version  int          `json:"version"`
	Command  string       `json:"command"`
	InSync   bool         `json:"in_sync"`
	Findings []divergence `json:"findings"`
	// SQL leads from the first state to the second.
	SQL     string   `json:"sql,omitempty"`
	Hazards []string `json:"hazards,omitempty"`
	tables  []catalog.ID
	foreign [][2]catalog.ID
	causes  [][2]string // each with its title
	fails   []string    // levels of findings that make the command fail
	nothing string      // what is said when there is no finding
}

func newReport(command string) *report {
	return &report{Version: 1, Command: command, Findings: []divergence{}, causes: causeTitles, fails: []string{"error"}, nothing: "No schema changes found"}
}

func (r *report) add(f divergence, pos catalog.Pos) {
	f.File, f.Line, f.Column = pos.File, pos.Line, pos.Col
	r.Findings = append(r.Findings, f)
}

// finish puts findings into their order: the dangerous first, then by place.
func (r *report) finish() {
	level := map[string]int{"error": 0, "warning": 1, "note": 2}
	slices.SortStableFunc(r.Findings, func(a, b divergence) int {
		return cmp.Or(cmp.Compare(level[a.Level], level[b.Level]), cmp.Compare(a.Cause, b.Cause),
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), a.id.Compare(b.id))
	})
	r.InSync = !slices.ContainsFunc(r.Findings, func(f divergence) bool { return slices.Contains(r.fails, f.Level) })
}

// changeFindings tells of each change, but of those only that stand for
// themselves: the columns of a new table need no findings of their own.
func (r *report) changeFindings(cause string, changes []differ.Change, describe func(differ.Change) (string, []string), places ...*catalog.Catalog) {
	changed := map[catalog.ID]differ.Op{}
	for _, ch := range changes {
		changed[ch.ID()] = ch.Op
	}
	for _, ch := range changes {
		id := ch.ID()
		if partOf(id, ch.Op, changed, places) {
			continue
		}
		f := divergence{Cause: cause, Level: "error", Op: ch.Op.String(), Kind: id.Kind.String(), Object: id.Path(), Fields: ch.Fields, id: id}
		f.Message, f.WaysOut = describe(ch)
		if len(ch.Doubts) > 0 {
			f.Level = "note"
			f.Message += ": nobody could decide whether it differs, the change may be none"
		}
		r.add(f, place(id, places))
		r.draw(ch, places)
	}
}

// partOf reports whether the parent of an object is made or dropped with it.
func partOf(id catalog.ID, op differ.Op, changed map[catalog.ID]differ.Op, places []*catalog.Catalog) bool {
	for _, c := range places {
		if parent, ok := c.Parent(id); ok {
			if of, is := changed[parent]; is && of == op && op != differ.Alter {
				return true
			}
		}
	}
	return false
}

// place is where one of the states declares the object, or what it belongs to.
func place(id catalog.ID, places []*catalog.Catalog) catalog.Pos {
	for at, ok := id, true; ok; {
		var parent catalog.ID
		ok = false
		for _, c := range places {
			if pos := c.Place(at); !pos.IsZero() {
				return pos
			}
			if p, has := c.Parent(at); has && !ok {
				parent, ok = p, true
			}
		}
		at = parent
	}
	return catalog.Pos{}
}
