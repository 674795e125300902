package lint

import (
	"regexp"
	"slices"
	"strings"

	"bloom/catalog"
)

// ownRules are about the comments that let others pass, and what cannot be looked at.
var ownRules = []*Rule{allowUnreasoned, allowUnused, unreadable}

var unreadable = &Rule{
	Code: "UNREADABLE", Level: Warning,
	What:   "a statement of a migration that cannot be parsed",
	Reason: "no other rule can look at it; it may be newer than PostgreSQL 16's grammar, which bloom reads",
	Fix:    "see that it is right",
	file: func(f *file, report found) {
		for _, s := range f.statements {
			if s.Err != nil {
				report(s.Err.Pos, "%s", s.Err.Msg)
			}
		}
	},
}

var allowUnreasoned = &Rule{
	Code: "ALLOW_WITHOUT_REASON", Level: Error,
	What:   "`-- bloom:allow` without a code or a reason",
	Reason: "who reads it later must be able to tell whether the reason still holds",
	Fix:    "-- bloom:allow CODE the reason why",
}

var allowUnused = &Rule{
	Code: "ALLOW_UNUSED", Level: Note,
	What:   "`-- bloom:allow` of something that is not there",
	Reason: "it would let the same mistake pass when it is made anew",
	Fix:    "remove the comment",
}

var allowComment = regexp.MustCompile(`--[ \t]*bloom:allow(?:[ \t]+([A-Z_]+))?(?:[ \t]+(\S[^\n]*))?`)

// allow is a comment that lets a rule's findings pass: all of the statement's if it
// stands before it, else those of its line or, on a line of its own, of the next.
type allow struct {
	code, reason string
	statement    *statement
	whole        bool
	line         int // that it is about
	at           catalog.Pos
	used         bool
}

func readAllows(list []*statement) []*allow {
	var out []*allow
	for i, s := range list {
		for _, m := range allowComment.FindAllStringSubmatchIndex(s.Text, -1) {
			a := &allow{statement: s, line: s.Line(m[0])}
			a.at = catalog.Pos{File: s.Pos.File, Line: a.line, Col: 1}
			a.whole = a.line < s.Pos.Line
			a.line += below(s.Text, m[0])
			if m[2] >= 0 {
				a.code = s.Text[m[2]:m[3]]
			}
			if m[4] >= 0 {
				a.reason = strings.TrimSpace(s.Text[m[4]:m[5]])
			}
			// Behind a statement's semicolon the comment is the next one's text.
			if i > 0 && endLine(list[i-1]) == a.at.Line {
				a.statement, a.whole = list[i-1], true
			}
			out = append(out, a)
		}
	}
	return out
}

// below says how many lines after a comment the line is that it is about: none if
// it stands behind something, else the next that is no comment.
func below(text string, at int) int {
	if strings.TrimSpace(text[strings.LastIndexByte(text[:at], '\n')+1:at]) != "" {
		return 0
	}
	n := 0
	for _, line := range strings.Split(text[at:], "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "--") {
			break
		}
		n++
	}
	return n
}

func endLine(s *statement) int { return s.Line(len(s.Text)) }

func allowed(files []*file, f Finding) bool {
	for _, in := range files {
		if in.Name != f.Pos.File {
			continue
		}
		for _, a := range in.allows {
			if a.code != f.Code || a.reason == "" || a.statement == nil {
				continue
			}
			inside := a.statement.Pos.Line <= f.Pos.Line && f.Pos.Line <= endLine(a.statement)
			if a.whole && inside || a.line == f.Pos.Line {
				a.used = true
				return true
			}
		}
	}
	return false
}

// allowFindings is what is wrong with the comments themselves. Codes that no rule
// has are those of hazards, which bloom push looks for.
func allowFindings(files []*file) []Finding {
	var out []Finding
	for _, f := range files {
		for _, a := range f.allows {
			known := slices.ContainsFunc(Rules(), func(r *Rule) bool { return r.Code == a.code && !r.Optional })
			switch {
			case a.code == "" || a.reason == "":
				out = append(out, Finding{allowUnreasoned, a.at, "bloom:allow wants the code of a rule and the reason why it does not hold here"})
			case known && !a.used && !slices.Contains(gated, a.code):
				out = append(out, Finding{allowUnused, a.at, a.code + " is allowed here, and there is none"})
			}
		}
	}
	return out
}

// gated are the codes that bloom push looks for under the same name: it may find
// what is not found here.
var gated = []string{"DROP_TABLE", "DROP_COLUMN", "DROP_SEQUENCE", "RLS_DISABLED", "DROP_CASCADE", "TRUNCATE", "DELETE_ALL", "GRANT_TO_PUBLIC", "GRANT_TO_ANON",
	"TABLE_REWRITE", "TABLE_SCAN_EXCLUSIVE", "TABLE_SCAN_WRITES", "TO_UNLOGGED"}
