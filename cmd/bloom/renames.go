package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"bloom/catalog"
	"bloom/differ"
	"bloom/parser"
	"bloom/planner"
)

// A declared object, or a part of one, goes on under a new name where the line
// above it says: -- bloom:renamed-from old_name. The rename is made on the current
// model before the comparison, so that all that follows the name follows here, too.

var renamedFrom = regexp.MustCompile(`^[ \t]*--[ \t]*bloom:renamed-from[ \t]+("(?:[^"]|"")+"|'(?:[^']|'')+'|[^\s"']+)[ \t]*$`)

// directive is one such line and what it stands above.
type directive struct {
	old  string
	next string // the first code after it
	pos  catalog.Pos
	head bool // stands before the statement
}

// directives finds those in a statement's text.
func directives(src *catalog.Source) []directive {
	lines := strings.Split(src.Text, "\n")
	first := codeLine(lines, 0)
	base := src.Pos.Line - first
	var out []directive
	for i, line := range lines {
		m := renamedFrom.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		d := directive{old: m[1], head: i < first, pos: catalog.Pos{File: src.Pos.File, Line: base + i, Col: 1}}
		if n := codeLine(lines, i+1); n < len(lines) {
			d.next = strings.TrimLeft(lines[n], " \t,(")
		}
		out = append(out, d)
	}
	return out
}

// codeLine is the first line from i on that is neither empty nor a comment.
func codeLine(lines []string, i int) int {
	for i < len(lines) && (strings.TrimSpace(lines[i]) == "" || strings.HasPrefix(strings.TrimSpace(lines[i]), "--")) {
		i++
	}
	return i
}

// renames lists what the files say is renamed, containers before what is in them.
func renames(desired *catalog.Catalog) ([]planner.Rename, error) {
	var out []planner.Rename
	var errs []error
	seen := map[*catalog.Source]bool{}
	for id := range desired.All() {
		src := desired.Source(id)
		if src == nil || seen[src] || !strings.Contains(src.Text, "bloom:renamed-from") {
			continue
		}
		seen[src] = true
		for _, d := range directives(src) {
			r, err := d.rename(desired, src)
			errs = append(errs, err)
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b planner.Rename) int { return a.To.Compare(b.To) })
	return out, errors.Join(errs...)
}

// rename is what a directive says of the objects that its statement makes.
func (d directive) rename(desired *catalog.Catalog, src *catalog.Source) (planner.Rename, error) {
	for id := range desired.All() {
		if desired.Source(id) != src || !d.means(id) {
			continue
		}
		r := planner.Rename{From: id, To: id, Pos: d.pos}
		if enum, ok := desired.Get(id).(catalog.Enum); ok && !d.head {
			r.Value, r.NewValue = unquoted(d.old, '\''), label(d.next)
			if !slices.Contains(enum.Labels, r.NewValue) {
				continue
			}
			return r, nil
		}
		r.From.Name = unquoted(d.old, '"')
		return r, nil
	}
	return planner.Rename{}, fmt.Errorf("%s: bloom:renamed-from %s stands above nothing that can be renamed\nhint: it belongs on the line above an object, a column, a constraint or a value", d.pos, d.old)
}

// means reports whether the directive is about the object: what its statement makes
// as a whole, or the part that begins below.
func (d directive) means(id catalog.ID) bool {
	switch id.Kind {
	case catalog.KindOwner, catalog.KindGrant, catalog.KindComment, catalog.KindDefault, catalog.KindRowSecurity, catalog.KindSecurityLabel:
		return false
	case catalog.KindColumn:
		return !d.head && word(d.next) == id.Name
	case catalog.KindConstraint, catalog.KindDomainConstraint:
		rest, ok := strings.CutPrefix(strings.ToLower(d.next), "constraint ")
		return !d.head && ok && word(d.next[len(d.next)-len(rest):]) == id.Name
	case catalog.KindEnum:
		return true
	}
	return d.head
}

// word is the name at the start of a text, as PostgreSQL reads it.
func word(text string) string {
	text = strings.TrimLeft(text, " \t")
	if strings.HasPrefix(text, `"`) {
		if end := strings.Index(text[1:], `"`); end >= 0 {
			return text[1 : end+1]
		}
	}
	if end := strings.IndexAny(text, " \t,()"); end >= 0 {
		text = text[:end]
	}
	return strings.ToLower(text)
}

func label(text string) string {
	if parts := strings.SplitN(text, "'", 3); len(parts) == 3 {
		return parts[1]
	}
	return ""
}

// unquoted is a name, or a label, as it was written in a directive.
func unquoted(text string, quote byte) string {
	q := string(quote)
	if len(text) > 1 && text[0] == quote {
		return strings.ReplaceAll(text[1:len(text)-1], q+q, q)
	}
	if quote == '"' {
		return strings.ToLower(text)
	}
	return text
}

// rename gives the objects of the current model the names that the files say they
// have now. It returns the statements that do so; a rename that was made before is
// passed over.
func (p *comparison) rename(ctx context.Context, con *console, said []planner.Rename) ([]planner.Statement, error) {
	list, err := renames(p.desired)
	list = append(list, said...)
	slices.SortStableFunc(list, func(a, b planner.Rename) int { return a.To.Compare(b.To) })
	if err != nil || len(list) == 0 {
		return nil, err
	}
	p.before, p.current = p.current, p.current.Clone()
	var out []planner.Statement
	for _, r := range list {
		if !hasOld(p.current, r) {
			con.trace("%s: %s is renamed already", r.Pos, r.To)
			continue
		}
		old := p.current.Get(r.From)
		size, sized := p.current.Stats(r.From)
		st, ok := r.Statement(p.current)
		if !ok {
			return nil, fmt.Errorf("%s: PostgreSQL cannot rename %s", r.Pos, r.To)
		}
		script, err := parser.Read(ctx, []parser.Source{{Name: "rename.sql", Text: st.SQL + ";\n"}})
		if err == nil {
			_, err = script.Replay(p.current, p.base.options())
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", r.Pos, st.SQL, err)
		}
		if sized {
			p.current.SetStats(r.To, size)
		}
		out = append(out, st)
		back, _ := r.Back().Statement(p.current)
		p.back = append([]planner.Statement{back}, p.back...)
		p.renames = append(p.renames, differ.Change{Op: differ.Alter, Current: old, Desired: p.desired.Get(r.To), Fields: []string{"Name"}})
	}
	return out, nil
}

// hasOld reports whether a rename is still to be made.
func hasOld(current *catalog.Catalog, r planner.Rename) bool {
	if r.Value != "" {
		enum, ok := current.Get(r.From).(catalog.Enum)
		return ok && slices.Contains(enum.Labels, r.Value) && !slices.Contains(enum.Labels, r.NewValue)
	}
	return current.Has(r.From) && !current.Has(r.To)
}
