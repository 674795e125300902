// Package lint looks for what is legal and yet a mistake: in the schema that
// files make together, in how a statement is written, and in what a migration does
// to a database that is in use.
//
// A rule has a code, a level, the reason why it is there, and what to do. The rules
// stand in families, a file for each; the list of them all is below. A comment
// -- bloom:allow CODE reason lets a statement, or the line below it, pass.
package lint

import (
	"cmp"
	"fmt"
	"slices"

	"bloom/catalog"
	"bloom/parser/split"
)

// Level says how bad a finding is.
type Level string

// Levels, from the worst.
const (
	Error   Level = "error"   // loses data, opens it to others or fails
	Warning Level = "warning" // is slow, blocks others or will be regretted
	Note    Level = "note"    // style
)

// Rule is one thing to look for. One of its functions is set.
type Rule struct {
	Code   string
	Level  Level
	What   string // what is found, for the table of rules
	Reason string
	Fix    string
	// Optional rules are matters of taste: they are looked for only if asked.
	Optional bool

	schema    func(*state, found)     // looks at what all files make together
	statement func(*statement, found) // looks at a statement, in declared files and migrations
	migration func(*statement, found) // looks at a statement of a migration
	file      func(*file, found)      // looks at a migration as a whole
}

// found takes a finding of the rule that is being tried.
type found func(at catalog.Pos, format string, args ...any)

// Rules lists all rules, by family.
func Rules() []*Rule {
	return slices.Concat(ownRules, securityRules, policyRules, viewRules, routineRules, exposeRules, indexRules, typeRules, nameRules,
		lossRules, renameRules, lockRules, columnRules, transactionRules)
}

// Finding is a place where a rule does not hold.
type Finding struct {
	*Rule
	Pos     catalog.Pos
	Message string
}

// File is a file of SQL.
type File struct {
	Name       string
	Statements []split.Statement
	Migration  bool
}

// Input is what is looked at.
type Input struct {
	Files []File
	// State is what they make together; nil if that is not known.
	State   *catalog.Catalog
	Exposed []string // schemas that requests reach through the API
	All     bool     // optional rules too
}

// Run looks for everything and gives what nobody allowed, by place.
func Run(in Input) []Finding {
	var files []*file
	for _, f := range in.Files {
		files = append(files, newFile(f))
	}
	var findings []Finding
	for _, r := range Rules() {
		if r.Optional && !in.All {
			continue
		}
		report := func(at catalog.Pos, format string, args ...any) {
			findings = append(findings, Finding{r, at, fmt.Sprintf(format, args...)})
		}
		if r.schema != nil && in.State != nil {
			r.schema(&state{in.State, in.Exposed}, report)
		}
		for _, f := range files {
			f.try(r, report)
		}
	}
	findings = slices.DeleteFunc(findings, func(f Finding) bool { return allowed(files, f) })
	findings = append(findings, allowFindings(files)...)
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	return findings
}

// file is a file whose statements know what was before them.
type file struct {
	File
	statements []*statement
	allows     []*allow
}

// statement is one statement of a file.
type statement struct {
	split.Statement
	before []*statement           // of the same file
	made   map[catalog.QName]bool // relations that those before it made: nobody uses them yet
}

func newFile(f File) *file {
	out := &file{File: f}
	made := map[catalog.QName]bool{}
	for _, s := range f.Statements {
		st := &statement{Statement: s, before: out.statements, made: made}
		if len(s.Relations()) > 0 {
			next := map[catalog.QName]bool{}
			for q := range made {
				next[q] = true
			}
			for _, q := range s.Relations() {
				next[named(q)] = true
			}
			made = next
		}
		out.statements = append(out.statements, st)
	}
	out.allows = readAllows(out.statements)
	return out
}

// named is a name with the schema that it most likely is in.
func named(q catalog.QName) catalog.QName {
	if q.Schema == "" {
		q.Schema = "public"
	}
	return q
}

// isNew reports whether the migration itself made the relation.
func (s *statement) isNew(q catalog.QName) bool { return s.made[named(q)] }

func (f *file) try(r *Rule, report found) {
	if r.file != nil && f.Migration {
		r.file(f, report)
	}
	for _, s := range f.statements {
		if s.Node() == nil {
			continue
		}
		if r.statement != nil {
			r.statement(s, report)
		}
		if r.migration != nil && f.Migration {
			r.migration(s, report)
		}
	}
}

// state is what the files make together, for rules about it.
type state struct {
	*catalog.Catalog
	exposed []string
}

// isExposed reports whether requests reach the schema.
func (s *state) isExposed(schema string) bool { return slices.Contains(s.exposed, schema) }

// place is where an object is declared, or what it belongs to.
func (s *state) place(id catalog.ID) catalog.Pos {
	for at, ok := id, true; ok; at, ok = s.Parent(at) {
		if pos := s.Place(at); !pos.IsZero() {
			return pos
		}
	}
	return catalog.Pos{}
}

// each calls f for every object of a type that a file declares.
func each[T catalog.Object](s *state, f func(T, catalog.Pos)) {
	for id, o := range s.All() {
		if t, ok := o.(T); ok {
			if at := s.place(id); !at.IsZero() {
				f(t, at)
			}
		}
	}
}
