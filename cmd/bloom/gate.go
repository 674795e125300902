package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"bloom/catalog"
	"bloom/parser/split"
	"bloom/supabase/migrate"
)

// What the gate of push stops: what loses data or opens it to others, always; and
// what blocks others for long, if the table is large enough for it to take long.

// finding is a danger in a file that nobody has allowed yet.
type finding struct {
	at     catalog.Pos
	danger split.Danger
}

func (f finding) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", f.at.File, f.at.Line, f.danger.Code, f.danger.Reason)
}

// gated are the announced hazards that lose data or open it. What blocks is judged
// by the statement and the size that the table has now.
var gated = []string{
	"DROP_TABLE", "DROP_COLUMN", "DROP_SEQUENCE", "TYPE_LOSSY", "COMPOSITE_ATTR_DROPPED", "ROWTYPE_COLUMN_DROPPED", "TO_UNLOGGED", "SEQUENCE_RESET",
	"RLS_DISABLED", "RLS_NOT_FORCED", "SECURITY_INVOKER_LOST", "EXTENSION_DROPPED", "POSSIBLE_RENAME",
}

var (
	allowLine = regexp.MustCompile(`(?m)^--[ \t]*bloom:allow(?:[ \t]+([A-Z_]+))?(?:[ \t]+(.*\S))?[ \t]*$`)
	unitLine  = regexp.MustCompile(`(?m)^-- bloom:unit `)
)

// gate refuses pending files with dangers that neither --allow nor the file itself
// allows. On a terminal their codes can be typed instead.
func (p *push) gate(ctx context.Context) error {
	var found []finding
	made := map[catalog.QName]bool{}
	for _, f := range p.files {
		list, err := p.dangers(ctx, f, made)
		if err != nil {
			return err
		}
		found = append(found, list...)
	}
	if len(found) == 0 {
		return nil
	}
	codes := codesOf(found)
	if isTerminal(p.con.in) && !p.c.Bool("dry-run") {
		return p.allowTyped(found, codes)
	}
	return fmt.Errorf("%s\nhint: nothing was written; to go on: --allow %s\nhint: or write above the statement: -- bloom:allow %s the reason why",
		findingLines(found), strings.Join(codes, " --allow "), codes[0])
}

func findingLines(found []finding) string {
	lines := make([]string, len(found))
	for i, f := range found {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

func codesOf(found []finding) []string {
	var codes []string
	for _, f := range found {
		codes = append(codes, f.danger.Code)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// dangers are those of one file. made collects the relations that pending files
// make: nothing in them can be lost, and nobody waits for them.
func (p *push) dangers(ctx context.Context, f *migrate.File, made map[catalog.QName]bool) ([]finding, error) {
	statements := f.Parsed()
	allowed := slices.Clone(p.allowed)
	byBloom := false
	for _, s := range statements {
		byBloom = byBloom || unitLine.MatchString(s.Text)
		for _, m := range allowLine.FindAllStringSubmatch(s.Text, -1) {
			if m[1] == "" || m[2] == "" {
				return nil, fmt.Errorf("%s: -- bloom:allow wants the code of a hazard and the reason why it is allowed", f.Path)
			}
			allowed = append(allowed, m[1])
		}
	}
	var found []finding
	for _, s := range statements {
		for _, q := range s.Relations() {
			made[q] = true
			if q.Schema == "" || q.Schema == "public" {
				made[catalog.QName{Name: q.Name}] = true
				made[catalog.QName{Schema: "public", Name: q.Name}] = true
			}
		}
		seen := append(slices.Clone(allowed), s.Kept()...)
		for _, d := range s.Announced() {
			if slices.Contains(gated, d.Code) && !slices.Contains(seen, d.Code) {
				seen = append(seen, d.Code)
				found = append(found, finding{s.Pos, d})
			}
		}
		for _, d := range append(s.Dangers(), announcedWork(s)...) {
			if slices.Contains(seen, d.Code) || made[d.Relation] || d.Blocks && byBloom && !announcesWork(s) {
				continue
			}
			if d.Blocks {
				big, err := p.session.Large(ctx, d.Relation)
				if err != nil {
					return nil, err
				}
				if !big {
					continue
				}
			}
			found = append(found, finding{s.Pos, d})
		}
	}
	return found, nil
}

// working are the hazards of a statement that works through a table while others wait.
var working = []string{"TABLE_REWRITE", "TABLE_SCAN_EXCLUSIVE", "TABLE_SCAN_WRITES"}

// announcesWork reports whether bloom says of a statement that it works through a table
// while others wait: of its own, that is more than the text tells.
func announcesWork(s split.Statement) bool {
	return slices.ContainsFunc(s.Announced(), func(d split.Danger) bool { return slices.Contains(working, d.Code) })
}

// announcedWork is what bloom says of a statement whose text does not tell that it works
// through a table, as that of a new column does not.
func announcedWork(s split.Statement) []split.Danger {
	if slices.ContainsFunc(s.Dangers(), func(d split.Danger) bool { return d.Blocks }) {
		return nil
	}
	var out []split.Danger
	for _, d := range s.Announced() {
		for _, l := range split.Locks(s.Text) {
			if slices.Contains(working, d.Code) && l.Mode >= catalog.Share {
				d.Relation, d.Blocks = l.Relation, true
				out = append(out, d)
			}
		}
	}
	return out
}

// allowTyped asks for the codes of what was found.
func (p *push) allowTyped(found []finding, codes []string) error {
	want := strings.Join(codes, " ")
	fmt.Fprintf(p.con.err, "%s\nTo let these statements run, type %s: ", findingLines(found), want)
	line, err := bufio.NewReader(p.con.in).ReadString('\n')
	if err != nil {
		return fmt.Errorf("nothing was written: %w", err)
	}
	if strings.Join(strings.Fields(line), " ") != want {
		return errors.New("context canceled\nhint: nothing was written")
	}
	p.allowed = append(p.allowed, codes...)
	return nil
}
