package parser

import (
	"fmt"
	"reflect"
	"slices"

	"bloom/catalog"
	"bloom/catalog/builtin"
	"bloom/parser/analyze"
)

// interpreter changes a catalog as PostgreSQL would.
type interpreter struct {
	c          *catalog.Catalog
	o          Options
	set        *builtin.Set
	replay     bool // statements run once, in order
	final      bool // what is missing now will not come
	privileges *privileges
	loaded     loaded
	indexes    map[catalog.QName]catalog.ID // indexes and constraints with one, by schema and name
	constraint map[catalog.QName]int        // how many constraints have the name
	overloads  map[catalog.ID][]catalog.ID  // routines and operators by their ID without Args, aggregates among the routines
	ranges     map[catalog.QName]catalog.ID // by the name of the multirange type
	extensions map[string]string            // schema of each extension
	facts      []fact                       // about the extensions; nil: to be looked up
	hasRoles   bool
	unresolved map[catalog.ID]string   // objects whose expressions' needs are not known yet, with their text once it was asked for
	trees      *analyze.Trees          // of the expressions declared so far; nil in a replay
	temp       map[string]bool         // names of temporary relations
	dropped    map[string]bool         // schemas that were dropped
	definers   map[catalog.ID]bool     // routines whose text may change the schema; nil: not known
	order      map[*catalog.Source]int // place of the statements that made sources

	stmt     *statement
	src      *catalog.Source
	fresh    map[*catalog.Source]bool // sources that this interpreter made
	journal  []undo
	later    []*task
	progress int

	errors   ErrorList
	notes    []Note
	rows     map[skipped]int // statements about rows
	rowNotes []rowNote
}

// undo is the state of one object before it was changed.
type undo struct {
	id      catalog.ID
	object  catalog.Object
	src     *catalog.Source
	deps    []catalog.ID
	unnamed bool
	place   catalog.Pos
}

func newInterpreter(c *catalog.Catalog, o Options) *interpreter {
	in := &interpreter{
		c: c, o: o, set: builtin.For(o.Version.Major()), final: true, indexes: map[catalog.QName]catalog.ID{},
		constraint: map[catalog.QName]int{}, overloads: map[catalog.ID][]catalog.ID{}, ranges: map[catalog.QName]catalog.ID{},
		extensions: map[string]string{}, unresolved: map[catalog.ID]string{}, temp: map[string]bool{}, dropped: map[string]bool{}, order: map[*catalog.Source]int{}, loaded: loaded{map[catalog.ID]bool{}, map[catalog.ID]catalog.Grant{}}, fresh: map[*catalog.Source]bool{},
	}
	for id, obj := range c.All() {
		in.register(id, obj)
	}
	for b := c.Base; b != nil; b = b.Base {
		for id, obj := range b.All() {
			in.register(id, obj)
			in.hasRoles = in.hasRoles || id.Kind == catalog.KindRole
		}
	}
	return in
}

// begin makes t the task that changes are on behalf of.
func (in *interpreter) begin(t *task) {
	in.stmt, in.journal = t.stmt, in.journal[:0]
	if t.src == nil {
		st := t.stmt
		lead := st.file.lead(st.start)
		t.src = &catalog.Source{Text: st.file.text[lead:st.end], Pos: st.file.pos(st.start), Path: st.session.path}
		in.fresh[t.src], in.order[t.src] = true, st.seq
	}
	in.src = t.src
}

// commit keeps the changes. The objects that are now as the task made them are
// its source's; they are no longer what an earlier statement makes.
func (in *interpreter) commit() {
	seen := map[catalog.ID]bool{}
	for _, u := range in.journal {
		if seen[u.id] {
			continue
		}
		seen[u.id] = true
		if u.src != nil && u.src != in.src {
			in.disown(u.src, u.id)
		}
		switch {
		case !in.c.Has(u.id):
			in.src.Makes = slices.DeleteFunc(in.src.Makes, func(id catalog.ID) bool { return id == u.id })
		case u.object == nil && !slices.Contains(in.src.Makes, u.id):
			in.src.Makes = append(in.src.Makes, u.id)
		}
	}
	in.journal = in.journal[:0]
}

// disown takes an object from the list of what a source makes. Sources that came
// with the catalog may be shared with another one and are not written to.
func (in *interpreter) disown(src *catalog.Source, id catalog.ID) {
	own := src
	if !in.fresh[src] {
		n := *src
		n.Makes = slices.Clone(src.Makes)
		own = &n
		in.fresh[own] = true
		for _, made := range n.Makes {
			if in.c.Source(made) == src {
				in.c.SetSource(made, own)
			}
		}
	}
	own.Makes = slices.DeleteFunc(own.Makes, func(made catalog.ID) bool { return made == id })
}

// rollback takes back all changes of the task.
func (in *interpreter) rollback() {
	in.rollbackTo(0)
	in.later = nil
}

// rollbackTo takes back the changes since the journal had n entries.
func (in *interpreter) rollbackTo(n int) {
	for _, u := range slices.Backward(in.journal[n:]) {
		in.unput(u.id)
		if u.object == nil {
			continue
		}
		in.c.Put(u.object)
		in.register(u.id, u.object)
		if u.src != nil {
			in.c.SetSource(u.id, u.src)
			in.c.SetPlace(u.id, u.place)
		}
		if u.unnamed {
			in.c.SetUnnamed(u.id)
		}
		for _, d := range u.deps {
			in.c.Depend(u.id, d)
		}
	}
	in.journal = in.journal[:n]
}

func (in *interpreter) record(id catalog.ID) {
	u := undo{id: id, object: in.c.Get(id), src: in.c.Source(id), unnamed: in.c.Unnamed(id)}
	if u.object != nil {
		u.deps, u.place = in.c.Deps(id), in.c.Place(id)
	}
	in.journal = append(in.journal, u)
}

// put adds an object or replaces the one with its ID.
func (in *interpreter) put(o catalog.Object) {
	id := o.ID()
	in.record(id)
	old := in.c.Get(id)
	if old != nil {
		in.unregister(id)
	}
	in.c.Put(o)
	in.register(id, o)
	if old == nil {
		in.c.SetSource(id, in.src)
	} else {
		in.c.ClearDeps(id)
	}
	for _, d := range in.needs(o) {
		in.c.Depend(id, d)
	}
	if hasExprs(id.Kind) {
		in.unresolved[id] = ""
	}
}

// add puts a new object in; that it exists already is an error.
func (in *interpreter) add(o catalog.Object, loc int32) error {
	if in.c.Lookup(o.ID()) != nil {
		return in.duplicate(o.ID(), loc)
	}
	in.put(o)
	return nil
}

// replace puts an object in place of an older definition: CREATE OR REPLACE.
func (in *interpreter) replace(o catalog.Object) {
	in.put(o)
	in.c.SetSource(o.ID(), in.src)
	if !slices.Contains(in.src.Makes, o.ID()) {
		in.src.Makes = append(in.src.Makes, o.ID())
	}
}

// remove takes an object and all its children out.
func (in *interpreter) remove(id catalog.ID) {
	for _, child := range in.c.Children(id) {
		in.remove(child)
	}
	if in.c.Has(id) {
		in.record(id)
		in.unput(id)
	}
}

func (in *interpreter) unput(id catalog.ID) {
	if in.c.Has(id) {
		in.unregister(id)
		in.c.Remove(id)
	}
}

// move gives an object another ID: what is o becomes n. Edges go along.
func (in *interpreter) move(id catalog.ID, n catalog.Object) {
	src, unnamed, users, place := in.c.Source(id), in.c.Unnamed(id), in.c.Users(id), in.c.Place(id)
	in.record(id)
	in.unput(id)
	in.put(n)
	to := n.ID()
	if src != nil {
		in.c.SetSource(to, src)
		in.c.SetPlace(to, place)
	}
	if unnamed {
		in.c.SetUnnamed(to)
	}
	for _, u := range users {
		deps := in.c.Deps(u)
		in.c.ClearDeps(u)
		for _, d := range deps {
			if d == id {
				d = to
			}
			in.c.Depend(u, d)
		}
	}
}

func (in *interpreter) unnamed(id catalog.ID) { in.c.SetUnnamed(id) }

// deferMissing leaves a part of the statement for later when something it names is
// missing and order means nothing; else that is the statement's error.
func (in *interpreter) deferMissing(run func() error) error {
	mark := len(in.journal)
	err := run()
	if err != nil {
		in.rollbackTo(mark)
	}
	if e, ok := err.(*Error); ok && e.missing && !in.replay && !in.final {
		in.later = append(in.later, &task{stmt: in.stmt, src: in.src, run: run})
		return nil
	}
	return err
}

func (in *interpreter) pos(offset int) catalog.Pos { return in.stmt.file.pos(offset) }

// at is the place of a location in the statement's tree; without one the statement's.
func (in *interpreter) at(loc int32) catalog.Pos {
	if loc <= 0 {
		return in.pos(in.stmt.start)
	}
	return in.pos(in.stmt.base + int(loc))
}

func (in *interpreter) errorf(loc int32, format string, args ...any) *Error {
	return &Error{Pos: in.at(loc), Msg: fmt.Sprintf(format, args...)}
}

// missing says that something does not exist.
func (in *interpreter) missing(loc int32, format string, args ...any) *Error {
	e := in.errorf(loc, format+" does not exist", args...)
	e.missing = true
	return e
}

func (e *Error) hint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

func (in *interpreter) note(format string, args ...any) {
	in.notes = append(in.notes, Note{Pos: in.pos(in.stmt.start), Msg: fmt.Sprintf(format, args...)})
}

// unreplayed says that what a statement did to the schema is not known.
func (in *interpreter) unreplayed(why string) {
	in.notes = append(in.notes, Note{Pos: in.pos(in.stmt.start), Msg: why, Unreplayed: true})
}

func (in *interpreter) duplicate(id catalog.ID, loc int32) error {
	e := in.errorf(loc, "%s is declared twice", id)
	e.duplicate = true
	if in.replay {
		e.Msg = fmt.Sprintf("%s exists already", id)
	}
	if first := in.c.Pos(id); !first.IsZero() {
		e.Msg += ", first at " + first.String()
		e.Hint = "declare it in one place"
	} else if !in.c.Has(id) {
		e.Hint = "it belongs to the platform or an extension"
	}
	return e
}

// equalObjects compares two objects as values, an empty list being none.
func equalObjects(a, b catalog.Object) bool {
	return reflect.DeepEqual(normal(a), normal(b))
}

func normal(o catalog.Object) any {
	v := reflect.New(reflect.TypeOf(o)).Elem()
	v.Set(reflect.ValueOf(o))
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Slice && f.Len() == 0 {
			f.SetZero()
		}
	}
	return catalog.WithExprs(v.Interface().(catalog.Object), func(_ string, e catalog.Expr) catalog.Expr {
		e.Pos = catalog.Pos{}
		return e
	})
}
