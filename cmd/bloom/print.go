package main

import (
	"fmt"
	"sort"
	"strings"

	"bloom/catalog"
	"bloom/differ"
	"bloom/parser"
	"bloom/planner"
)

// summarise tells on stderr what the plan holds: how many statements, and every
// hazard, the worst first.
func (c *console) summarise(cmp *comparison) {
	counts := map[differ.Op]int{}
	for _, ch := range cmp.changes {
		counts[ch.Op]++
	}
	var parts []string
	for _, op := range []differ.Op{differ.Create, differ.Alter, differ.Drop} {
		if counts[op] > 0 {
			parts = append(parts, fmt.Sprintf("%d to %s", counts[op], op))
		}
	}
	c.say("%d objects differ: %s", len(cmp.changes), strings.Join(parts, ", "))
	for _, h := range hazards(cmp.plan) {
		c.warn("%s", h)
	}
	for _, ch := range cmp.changes {
		for _, d := range ch.Doubts {
			c.warn("%s: nobody could decide whether %s differs; the change may be none", ch.ID(), d)
		}
	}
}

// unreplayed tells last which statements of a history could not be replayed.
func (c *console) unreplayed(notes []parser.Note) {
	if len(notes) == 0 {
		return
	}
	for _, n := range notes {
		fmt.Fprintf(c.err, "%s: not replayed: %s\n", n.Pos, n.Msg)
	}
	plural := "s"
	if len(notes) == 1 {
		plural = ""
	}
	fmt.Fprintf(c.err, "%d statement%s could not be replayed\n", len(notes), plural)
}

func hazards(m *planner.Migration) []string {
	var out []string
	for _, h := range m.Hazards() {
		out = append(out, fmt.Sprintf("%s (%s)", h, h.Object))
	}
	sort.Strings(out)
	return out
}

type diffJSON struct {
	InSync     bool            `json:"in_sync"`
	Objects    int             `json:"objects"`
	Changes    []changeJSON    `json:"changes"`
	Statements []statementJSON `json:"statements"`
	Unmodelled []string        `json:"unmodelled,omitempty"`
}

type changeJSON struct {
	Op     string   `json:"op"`
	Kind   string   `json:"kind"`
	Object string   `json:"object"`
	Fields []string `json:"fields,omitempty"`
	Doubts []string `json:"doubts,omitempty"`
	File   string   `json:"file,omitempty"`
	Line   int      `json:"line,omitempty"`
	Column int      `json:"column,omitempty"`
}

type statementJSON struct {
	SQL           string       `json:"sql"`
	Object        string       `json:"object"`
	NoTransaction bool         `json:"no_transaction,omitempty"`
	Locks         []lockJSON   `json:"locks,omitempty"`
	Hazards       []hazardJSON `json:"hazards,omitempty"`
}

type lockJSON struct {
	Relation string `json:"relation"`
	Mode     string `json:"mode"`
	Blocks   string `json:"blocks,omitempty"`
}

type hazardJSON struct {
	Code   string  `json:"code"`
	Level  string  `json:"level"`
	Object string  `json:"object"`
	Lock   string  `json:"lock,omitempty"`
	Blocks string  `json:"blocks,omitempty"`
	Work   string  `json:"work,omitempty"`
	Rows   float64 `json:"rows"`
	Bytes  int64   `json:"bytes"`
	Reason string  `json:"reason"`
	Wayout string  `json:"way_out,omitempty"`
	Check  string  `json:"check,omitempty"`
}

func jsonDiff(cmp *comparison) diffJSON {
	out := diffJSON{
		InSync: len(cmp.changes) == 0, Objects: cmp.desired.Len(),
		Changes: []changeJSON{}, Statements: []statementJSON{}, Unmodelled: cmp.current.Unmodelled,
	}
	for _, ch := range cmp.changes {
		out.Changes = append(out.Changes, jsonChange(cmp.desired, ch))
	}
	if cmp.plan == nil {
		return out
	}
	for _, s := range cmp.plan.Statements() {
		st := statementJSON{SQL: s.SQL, Object: s.Object.String(), NoTransaction: s.NoTransaction}
		for _, l := range s.Locks {
			st.Locks = append(st.Locks, lockJSON{l.Relation.String(), l.Mode.String(), l.Mode.Blocks()})
		}
		for _, h := range s.Hazards {
			st.Hazards = append(st.Hazards, hazardJSON{h.Code, string(h.Level), h.Object.String(), h.Lock, h.Blocks, planner.Codes[h.Code].Work, h.Rows, h.Bytes, h.Reason, h.Wayout, h.Check})
		}
		out.Statements = append(out.Statements, st)
	}
	return out
}

func jsonChange(desired *catalog.Catalog, ch differ.Change) changeJSON {
	id := ch.ID()
	pos := desired.Pos(id)
	return changeJSON{
		Op: ch.Op.String(), Kind: id.Kind.String(), Object: id.Path(), Fields: ch.Fields, Doubts: ch.Doubts,
		File: pos.File, Line: pos.Line, Column: pos.Col,
	}
}
