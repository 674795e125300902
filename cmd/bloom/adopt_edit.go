package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"bloom/catalog"
	"bloom/differ"
	"bloom/parser"
	"bloom/parser/edit"
	"bloom/planner"
)

// editor edits declared files until they declare what the database has.
type editor struct {
	*adoption
	fresh   map[catalog.ID][]planner.Statement // the live state, printed
	printed *declaration
	layout  *layout
	files   []*edit.File
	texts   map[string]string // of the files as they were
}

func newEditor(a *adoption, printed *declaration) *editor {
	e := &editor{adoption: a, printed: printed, fresh: map[catalog.ID][]planner.Statement{}}
	for _, st := range append(printed.head.Statements(), printed.body.Statements()...) {
		e.fresh[st.Object] = append(e.fresh[st.Object], st)
	}
	e.layout = &layout{c: printed.state, names: map[folderName]string{}, taken: map[folderName]bool{}}
	e.layout.reserve()
	return e
}

// edit makes the changes in the files' texts. What cannot be edited in place, or does
// not come out right, is said by a statement behind the object's own ones.
func (e *editor) edit(ctx context.Context, all, wanted []differ.Change) error {
	added := map[catalog.ID]bool{}
	for range 4 {
		if err := e.attempt(wanted, added); err != nil {
			return err
		}
		left, err := e.left(ctx, all, wanted)
		if err != nil {
			return err
		}
		if len(left) == 0 {
			e.tell(wanted)
			return nil
		}
		progress := false
		for _, ch := range left {
			if !added[ch.ID()] {
				added[ch.ID()], progress = true, true
			}
		}
		if !progress {
			return notAdopted(left)
		}
	}
	return errors.New("the files could not be made to agree with the database; nothing was written")
}

func notAdopted(left []differ.Change) error {
	var list []string
	for _, ch := range left {
		list = append(list, fmt.Sprintf("%s (%s)", ch.ID(), cmp.Or(strings.Join(ch.Fields, ", "), ch.Op.String())))
	}
	return fmt.Errorf("the files cannot be edited so that they declare what the database has; nothing was written:\n  %s\nhint: edit these by hand; bloom diff --from schema --to live shows what is missing",
		strings.Join(list, "\n  "))
}

// attempt reads the files anew and makes all changes; those of added objects by
// statements of their own.
func (e *editor) attempt(wanted []differ.Change, added map[catalog.ID]bool) error {
	e.files, e.texts = nil, map[string]string{}
	for _, f := range e.adoption.files {
		parsed, err := edit.Parse(f.Name, f.Text)
		if err != nil {
			return err
		}
		e.files = append(e.files, parsed)
		e.texts[f.Name] = f.Text
	}
	order := map[differ.Op]int{differ.Drop: 0, differ.Alter: 1, differ.Create: 2}
	list := slices.Clone(wanted)
	slices.SortStableFunc(list, func(a, b differ.Change) int {
		return cmp.Or(order[a.Op]-order[b.Op], a.ID().Compare(b.ID()))
	})
	ops := map[catalog.ID]differ.Op{}
	for _, ch := range list {
		ops[ch.ID()] = ch.Op
	}
	for _, ch := range list {
		if partOf(ch.ID(), ch.Op, ops, []*catalog.Catalog{e.pair.desired, e.pair.current}) && !e.apart(ch) || catalog.Inherited(cmp.Or(ch.Desired, ch.Current)) {
			continue
		}
		if added[ch.ID()] || !e.inPlace(ch) {
			if err := e.add(ch); err != nil {
				return err
			}
		}
	}
	return nil
}

// apart reports whether what is made together with its parent has statements of its own.
func (e *editor) apart(ch differ.Change) bool {
	return ch.Op == differ.Create && len(e.fresh[ch.ID()]) > 0
}

// source is the statement that declares an object, and its file; nil if none does.
func (e *editor) source(id catalog.ID) (*edit.File, *edit.Statement) {
	return e.at(e.pair.current.Pos(id))
}

func (e *editor) at(pos catalog.Pos) (*edit.File, *edit.Statement) {
	for _, f := range e.files {
		if f.Name == pos.File {
			return f, f.At(pos)
		}
	}
	return nil, nil
}

// add writes statements that lead from what is declared to the live state.
func (e *editor) add(ch differ.Change) error {
	id := ch.ID()
	plan, err := planner.Plan(e.pair.current, e.pair.desired, []differ.Change{ch}, planner.Options{Online: planner.OnlineNever, AssumeEmpty: true})
	if err != nil {
		return fmt.Errorf("%s cannot be adopted; nothing was written: %w", id, err)
	}
	var lines []string
	for _, st := range plan.Statements() {
		if !slices.Contains([]string{"ALTER", "GRANT", "REVOKE", "COMMENT", "CREATE", "SECURITY"}, firstWord(st.SQL)) {
			return fmt.Errorf("%s cannot be adopted by editing the files; nothing was written\nhint: the plan would say: %s", id, headline(st.SQL))
		}
		lines = append(lines, st.SQL+";")
	}
	if len(lines) == 0 {
		return nil
	}
	return e.insert(id, strings.Join(lines, "\n"))
}

// insert puts statements behind the last one about what the object belongs to, or
// into the tidy file of the object.
func (e *editor) insert(id catalog.ID, text string) error {
	if f, s := e.behind(id); f != nil {
		f.InsertAfter(s, text)
		return nil
	}
	path := filepath.Join(e.dir, filepath.FromSlash(e.layout.file(id)))
	name := e.project.Rel(path)
	if e.options.schemaDirs != nil && filepath.IsAbs(e.adoption.files[0].Name) {
		name = path
	}
	for _, f := range e.files {
		if f.Name == name {
			f.InsertAfter(nil, text)
			return nil
		}
	}
	if err := e.readable(path); err != nil {
		return err
	}
	f, err := edit.Parse(name, "")
	if err != nil {
		return err
	}
	f.InsertAfter(nil, text)
	e.files = append(e.files, f)
	return nil
}

// readable makes sure that a new file is among those that are declared.
func (e *editor) readable(path string) error {
	patterns := e.project.Config.Migrations.SchemaPaths
	if len(patterns) == 0 || len(e.options.schemaDirs) > 0 {
		return nil
	}
	if named(filepath.Join(e.project.Root, "supabase"), patterns, path) {
		return nil
	}
	return fmt.Errorf("schema_paths in supabase/config.toml does not name %s, so nothing was written\nhint: add it there", e.project.Rel(path))
}

// behind is the last statement about what an object belongs to, in the file of that.
func (e *editor) behind(id catalog.ID) (*edit.File, *edit.Statement) {
	root := id
	for {
		parent, ok := e.pair.current.Parent(root)
		if !ok {
			break
		}
		root = parent
	}
	file, last := e.source(root)
	if last == nil {
		return nil, nil
	}
	var visit func(catalog.ID)
	visit = func(at catalog.ID) {
		for _, child := range e.pair.current.Children(at) {
			if f, s := e.source(child); f == file && s != nil && slices.Index(f.Statements, s) > slices.Index(f.Statements, last) {
				last = s
			}
			visit(child)
		}
	}
	visit(root)
	return file, last
}

// left compares the edited files with the database: what is still different of the
// objects asked for, and what was not before.
func (e *editor) left(ctx context.Context, all, wanted []differ.Change) ([]differ.Change, error) {
	declared, live, err := e.declareEdited(ctx)
	if err != nil {
		return nil, fmt.Errorf("the edited files would not hold together; nothing was written\n%w\nhint: adopt what belongs together in one go, or --all", err)
	}
	was := func(list []differ.Change, ch differ.Change) bool {
		return slices.ContainsFunc(list, func(o differ.Change) bool { return o.ID() == ch.ID() })
	}
	var left []differ.Change
	for _, ch := range e.comparer.diff(declared, live) {
		if was(wanted, ch) || !was(all, ch) {
			left = append(left, ch)
		}
	}
	return left, nil
}

// declareEdited reads the edited files. Statements about what is no longer declared
// (its privileges, its owner) go with it.
func (e *editor) declareEdited(ctx context.Context) (declared, live *catalog.Catalog, err error) {
	for range 10 {
		var sources []parser.Source
		places := map[string]*edit.File{}
		for _, f := range e.files {
			sources = append(sources, parser.Source{Name: f.Name, Text: f.Text()})
			places[f.Name] = f
		}
		declared, live, err = e.state(ctx, sources)
		var list parser.ErrorList
		if !errors.As(err, &list) || !e.removeDangling(list, places) {
			return declared, live, err
		}
	}
	return declared, live, err
}

// removeDangling removes statements that name what was removed; false if there are none.
func (e *editor) removeDangling(list parser.ErrorList, files map[string]*edit.File) bool {
	now := map[*edit.File]*edit.File{} // read again: errors have the places of the edited texts
	dangling := map[*edit.Statement]bool{}
	for _, problem := range list {
		f := files[problem.Pos.File]
		if f == nil || !strings.HasSuffix(problem.Msg, "does not exist") {
			continue
		}
		if now[f] == nil {
			read, err := edit.Parse(f.Name, f.Text())
			if err != nil {
				return false
			}
			now[f] = read
		}
		i := now[f].Around(problem.Pos)
		if i >= 0 && slices.Contains([]string{"GRANT", "REVOKE", "COMMENT", "ALTER", "SECURITY"}, firstWord(now[f].Statements[i].Text)) {
			if s := f.Like(now[f], i); s != nil {
				dangling[s] = true
			}
		}
	}
	for _, f := range e.files { // in their order: what is left between statements depends on it
		for _, s := range f.Statements {
			if dangling[s] {
				f.Remove(s)
			}
		}
	}
	return len(dangling) > 0
}

// changed are the files that have another text now.
func (e *editor) changed() map[string]string {
	out := map[string]string{}
	for _, f := range e.files {
		if text := f.Text(); text != e.texts[f.Name] {
			out[f.Name] = text
		}
	}
	return out
}

// tell names what was adopted, parts of others left out.
func (e *editor) tell(wanted []differ.Change) {
	ops := map[catalog.ID]differ.Op{}
	for _, ch := range wanted {
		ops[ch.ID()] = ch.Op
	}
	for _, ch := range wanted {
		if !partOf(ch.ID(), ch.Op, ops, []*catalog.Catalog{e.pair.desired, e.pair.current}) {
			e.told = append(e.told, ch.ID().String())
		}
	}
}
