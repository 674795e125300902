package planner

import (
	"regexp"
	"strings"

	"bloom/catalog"
)

// Statement is one SQL command of a migration, without its final semicolon.
type Statement struct {
	SQL     string
	Object  catalog.ID  // what it is about
	Pos     catalog.Pos // where the text was declared; zero if it was composed
	Path    string      // search_path that its names need; empty: any
	Hazards []Hazard
	// Kept is the code of what the statement seems to lose or open, and why it does not:
	// "RLS_NOT_FORCED they are forced again below".
	Kept  string
	Locks []catalog.Lock // on relations that were there before the plan
	// Data is set for a statement that changes rows.
	Data bool
	// Batches is how many pages of the table a runner that can does at a time, each
	// time in a transaction of its own; zero: all at once.
	Batches int
	// NoTransaction is set for a statement that cannot run in a transaction block.
	NoTransaction bool
	// Builds is the index that the statement builds concurrently, which may come out invalid.
	Builds catalog.QName
	// Values are enum labels that the statement adds: what uses them has to wait
	// for the end of its transaction.
	Values []string

	stage   stage
	extra   []catalog.Lock // what it locks beyond what its text says
	makes   bool           // gives the object its name, after statements that prepared it
	remade  catalog.ID     // the table whose rows it keeps aside or puts back
	rejoins catalog.ID     // the partition that it takes out of its table, or puts in again
	block   string         // the statement that its DO block runs; empty: it is none
}

// do makes a statement about an object.
func do(id catalog.ID, f fragment, hazards ...Hazard) Statement {
	return Statement{SQL: f.text, Object: id, Path: f.path, Hazards: present(hazards)}
}

// one is a list of one statement.
func one(id catalog.ID, f fragment, hazards ...Hazard) []Statement {
	return []Statement{do(id, f, hazards...)}
}

// verbatim makes a statement of the user's own text.
func verbatim(id catalog.ID, src *catalog.Source) Statement {
	text := strings.TrimRight(strings.TrimSpace(src.Text), "; \t\r\n")
	if last := text[strings.LastIndexByte(text, '\n')+1:]; strings.Contains(last, "--") {
		text += "\n"
	}
	return Statement{SQL: text, Object: id, Pos: src.Pos, Path: neededPath(src.Path)}
}

func present(hazards []Hazard) []Hazard {
	var out []Hazard
	for _, h := range hazards {
		if h.Code != "" {
			out = append(out, h)
		}
	}
	return out
}

var createHead = regexp.MustCompile(`(?is)^((?:\s|--[^\n]*\n|/\*.*?\*/)*)create\s+(?:or\s+replace\s+)?(view|function|procedure)\b`)

// replaceVerbatim is the user's own statement as one that replaces what is there.
// Not ok if that makes more than the object, or something else than is desired.
func (s *state) replaceVerbatim(id catalog.ID) (Statement, bool) {
	src := s.desired.Source(id)
	if src == nil || !createHead.MatchString(src.Text) {
		return Statement{}, false
	}
	made := false
	for _, m := range src.Makes {
		made = made || m == id
		if m != id && !bookkeeping(m) {
			return Statement{}, false
		}
	}
	st := verbatim(id, src)
	m := createHead.FindStringSubmatchIndex(st.SQL)
	if m == nil {
		return Statement{}, false
	}
	st.SQL = st.SQL[:m[3]] + "CREATE OR REPLACE " + strings.ToUpper(st.SQL[m[4]:m[5]]) + st.SQL[m[1]:]
	return st, made
}
