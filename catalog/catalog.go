package catalog

import (
	"fmt"
	"iter"
	"maps"
	"slices"
)

// Object is anything that can be named in a statement of its own. An object is
// a plain value: all fields are exported and all are compared.
type Object interface{ ID() ID }

// Catalog is the state of one database: its objects, where they were declared,
// and what depends on what.
type Catalog struct {
	// Version of the server it was read from or is meant for.
	Version Version
	// Role is who runs statements: owner of what no statement gives to somebody else.
	Role string
	// Base holds what is there but not the project's to change: platform objects,
	// members of extensions. Names resolve to it; it is never compared.
	Base *Catalog
	// Unmodelled names the objects that were found and that bloom has no model of.
	Unmodelled []string

	nodes   []node
	index   map[ID]ref
	rels    map[QName]ref // tables, views, sequences and composite types
	stats   map[ID]Stats
	count   int   // of objects
	sorted  []ref // of objects, in ID order; nil if not known
	changes int   // how often objects were put in or taken out that matter to expressions
	derived derived
}

// Stats is how big a relation is, for the choice of forms and for hazards.
type Stats struct {
	Rows  float64 // pg_class.reltuples; -1 if never analysed
	Bytes int64   // heap and TOAST: as last vacuumed or analysed, else pg_table_size
	Empty bool    // no row was found when looking
}

// New returns an empty catalog.
func New() *Catalog {
	return &Catalog{index: map[ID]ref{}, rels: map[QName]ref{}, stats: map[ID]Stats{}}
}

// DuplicateError is returned by Add for an object that is there already.
type DuplicateError struct {
	ID          ID
	First, Next Pos
}

func (e *DuplicateError) Error() string {
	s := fmt.Sprintf("%s is declared twice", e.ID)
	if !e.First.IsZero() {
		s += ", first at " + e.First.String()
	}
	return s
}

// Add puts a new object in. src may be nil.
func (c *Catalog) Add(o Object, src *Source) error {
	id := o.ID()
	if c.Has(id) {
		e := &DuplicateError{ID: id, First: c.Pos(id)}
		if src != nil {
			e.Next = src.Pos
		}
		return e
	}
	c.Put(o)
	if src != nil {
		c.SetSource(id, src)
	}
	return nil
}

// Put adds an object or replaces the one with its ID, whose source stays.
func (c *Catalog) Put(o Object) {
	id := o.ID()
	c.changed(id)
	r := c.ref(id)
	if c.nodes[r].object == nil {
		c.count++
		c.sorted = nil
		if k := id.parentKey(); !k.IsZero() {
			parent := c.ref(k)
			c.nodes[parent].children.add(r)
		}
		if isRelation(id.Kind) {
			c.rels[QName{id.Schema, id.Name}] = r
		}
	}
	c.nodes[r].object = o
}

// Remove takes an object out, with its source and its dependencies, but not its
// children.
func (c *Catalog) Remove(id ID) {
	r, ok := c.index[id]
	if !ok || c.nodes[r].object == nil {
		return
	}
	if id.Kind != KindExtension || c.Base == nil || !c.Base.Has(id) { // what it brought is in Base as well
		c.changed(id)
	}
	c.count--
	c.sorted = nil
	if parent := c.find(id.parentKey()); parent != nil && id.Kind != KindColumn {
		parent.children.remove(r)
	}
	if q := (QName{id.Schema, id.Name}); isRelation(id.Kind) && c.rels[q] == r {
		delete(c.rels, q)
	}
	c.clearDeps(r)
	n := &c.nodes[r]
	n.object, n.source, n.unnamed, n.line, n.col = nil, nil, false, 0, 0
}

// Get returns an object, or nil. It does not look into Base.
func (c *Catalog) Get(id ID) Object {
	if n := c.find(id); n != nil {
		return n.object
	}
	return nil
}

// Has reports whether the object is in the catalog itself, not only in Base.
func (c *Catalog) Has(id ID) bool { return c.Get(id) != nil }

// Lookup returns an object of the catalog or of its Base, or nil.
func (c *Catalog) Lookup(id ID) Object {
	if o := c.Get(id); o != nil {
		return o
	}
	if c.Base != nil {
		return c.Base.Lookup(id)
	}
	return nil
}

// Find returns the object of type T with that ID, from the catalog or its Base.
func Find[T Object](c *Catalog, id ID) (T, bool) {
	o, ok := c.Lookup(id).(T)
	return o, ok
}

// Relation returns the ID of the table, view, sequence or composite type of
// that name, from the catalog or its Base.
func (c *Catalog) Relation(schema, name string) (ID, bool) {
	if r, ok := c.rels[QName{schema, name}]; ok {
		return c.nodes[r].id, true
	}
	if c.Base != nil {
		return c.Base.Relation(schema, name)
	}
	return ID{}, false
}

// Len is the number of objects, Base left out.
func (c *Catalog) Len() int { return c.count }

// All iterates over the objects, Base left out, in ID order. What is put in on the
// way is not visited.
func (c *Catalog) All() iter.Seq2[ID, Object] {
	return func(yield func(ID, Object) bool) {
		for _, r := range c.inOrder() {
			if n := c.nodes[r]; n.object != nil && !yield(n.id, n.object) {
				return
			}
		}
	}
}

// IDs lists the objects, Base left out, in ID order.
func (c *Catalog) IDs() []ID {
	ids := make([]ID, 0, c.count)
	for _, r := range c.inOrder() {
		ids = append(ids, c.nodes[r].id)
	}
	return ids
}

// inOrder sorts kind by kind: within one, objects mostly are in order already, as files and catalogs name them.
func (c *Catalog) inOrder() []ref {
	if c.sorted != nil {
		return c.sorted
	}
	var kinds [kindEnd][]ref
	for r := range c.nodes {
		if n := &c.nodes[r]; n.object != nil {
			kinds[n.id.Kind] = append(kinds[n.id.Kind], ref(r))
		}
	}
	c.sorted = make([]ref, 0, c.count)
	for _, refs := range kinds {
		slices.SortFunc(refs, func(a, b ref) int { return c.nodes[a].id.Compare(c.nodes[b].id) })
		c.sorted = append(c.sorted, refs...)
	}
	return c.sorted
}

// OfKinds lists the objects of some kinds, Base left out, in ID order.
func (c *Catalog) OfKinds(kinds ...Kind) []ID {
	var out []ID
	for i := range c.nodes {
		if n := &c.nodes[i]; n.object != nil && slices.Contains(kinds, n.id.Kind) {
			out = append(out, n.id)
		}
	}
	slices.SortFunc(out, ID.Compare)
	return out
}

// Parent is what the object belongs to and falls with: the table of a column,
// the target of a comment. A part of a table or view has the relation as parent,
// whatever its kind. Not ok for objects that stand alone (a schema's contents do).
func (c *Catalog) Parent(id ID) (ID, bool) {
	k := id.parentKey()
	if k.IsZero() {
		return ID{}, false
	}
	if k.Kind == KindTable {
		return c.Relation(k.Schema, k.Name)
	}
	if k.Kind == KindColumn && c.Lookup(k) == nil {
		rel, ok := c.Relation(k.Schema, k.Table)
		return rel, ok && rel.Kind != KindTable // those of a table are objects: this one is not there
	}
	if k.Kind == KindIndex && c.Lookup(k) == nil {
		k.Kind = KindConstraint
	}
	return k, c.Lookup(k) != nil
}

// Children lists the objects whose parent is id, in ID order, Base left out. The columns of
// a view, the attributes of a composite type and the index of a constraint are no objects: what is
// said about them belongs to the relation, to the constraint.
func (c *Catalog) Children(id ID) []ID {
	n := c.find(relationKey(id))
	if n == nil {
		return nil
	}
	var out []ref
	for r := range n.children.all() {
		if child := &c.nodes[r]; child.object == nil {
			out = slices.AppendSeq(out, child.children.all())
		} else {
			out = append(out, r)
		}
	}
	if id.Kind == KindConstraint {
		if ix := c.find(ID{Kind: KindIndex, Schema: id.Schema, Table: id.Table, Name: id.Name}); ix != nil && ix.object == nil {
			out = slices.AppendSeq(out, ix.children.all())
		}
	}
	ids := make([]ID, len(out))
	for i, r := range out {
		ids[i] = c.nodes[r].id
	}
	slices.SortFunc(ids, ID.Compare)
	return ids
}

// ColumnsOf lists the columns of a relation that are objects or, as those of a view are
// none, that something depends on or is said about, in ID order.
func (c *Catalog) ColumnsOf(id ID) []ID {
	n := c.find(relationKey(id))
	if n == nil {
		return nil
	}
	var out []ID
	for r := range n.children.all() {
		if col := &c.nodes[r]; col.id.Kind == KindColumn && (col.object != nil || col.users.len() > 0 || col.children.len() > 0) {
			out = append(out, col.id)
		}
	}
	slices.SortFunc(out, ID.Compare)
	return out
}

// Columns iterates over the columns of a relation, in no particular order, Base left out.
func (c *Catalog) Columns(schema, name string) iter.Seq[Column] {
	return func(yield func(Column) bool) {
		n := c.find(ID{Kind: KindTable, Schema: schema, Name: name})
		if n == nil {
			return
		}
		for r := range n.children.all() {
			if col, ok := c.nodes[r].object.(Column); ok && !yield(col) {
				return
			}
		}
	}
}

// Depend records that from needs to. Both may be unknown yet.
func (c *Catalog) Depend(from, to ID) {
	if from == to {
		return
	}
	c.depend(c.ref(from), c.ref(to))
}

// ClearDeps forgets what from needs.
func (c *Catalog) ClearDeps(from ID) {
	if r, ok := c.index[from]; ok {
		c.clearDeps(r)
	}
}

// Deps lists what the object needs, in ID order.
func (c *Catalog) Deps(id ID) []ID {
	if n := c.find(id); n != nil {
		return c.named(n.deps)
	}
	return nil
}

// Users lists what needs the object, in ID order.
func (c *Catalog) Users(id ID) []ID {
	if n := c.find(id); n != nil {
		return c.named(n.users)
	}
	return nil
}

// Source is the statement that declared the object; nil if read from a database.
func (c *Catalog) Source(id ID) *Source {
	if n := c.find(id); n != nil {
		return n.source
	}
	return nil
}

// Sources iterates over the objects, Base left out, and the statements that
// declared them, in ID order.
func (c *Catalog) Sources() iter.Seq2[ID, *Source] {
	return func(yield func(ID, *Source) bool) {
		for _, r := range c.inOrder() {
			if n := &c.nodes[r]; n.object != nil && n.source != nil && !yield(n.id, n.source) {
				return
			}
		}
	}
}

// SetSource says which statement declared the object.
func (c *Catalog) SetSource(id ID, src *Source) { c.nodes[c.ref(id)].source = src }

// Pos is where the object was declared; zero if read from a database.
func (c *Catalog) Pos(id ID) Pos {
	if s := c.Source(id); s != nil {
		return s.Pos
	}
	return Pos{}
}

// SetPlace says where within its source's file an object is declared: a column or
// constraint has its own place in the statement of its table.
func (c *Catalog) SetPlace(id ID, at Pos) {
	n := &c.nodes[c.ref(id)]
	n.line, n.col = int32(at.Line), int32(at.Col)
}

// Place is where the object itself is declared, within its statement too; zero if
// read from a database.
func (c *Catalog) Place(id ID) Pos {
	p := c.Pos(id)
	if n := c.find(id); !p.IsZero() && n.line > 0 {
		p.Line, p.Col = int(n.line), int(n.col)
	}
	return p
}

// SetUnnamed marks an object whose name no statement gave: PostgreSQL chose it,
// or bloom guessed what PostgreSQL would choose.
func (c *Catalog) SetUnnamed(id ID) { c.nodes[c.ref(id)].unnamed = true }

// Unnamed reports whether no statement gave the object's name.
func (c *Catalog) Unnamed(id ID) bool { n := c.find(id); return n != nil && n.unnamed }

// SetStats records how big a relation is.
func (c *Catalog) SetStats(id ID, s Stats) { c.stats[id] = s }

// Stats is how big a relation is; not ok if that was not measured.
func (c *Catalog) Stats(id ID) (Stats, bool) { s, ok := c.stats[id]; return s, ok }

// Clone returns a copy that can be changed without changing c. Base, sources
// and the objects' slices are shared: objects are values that are replaced, not
// written to.
func (c *Catalog) Clone() *Catalog {
	n := *c
	n.nodes, n.index = cloneNodes(c.nodes), maps.Clone(c.index)
	n.stats, n.rels = maps.Clone(c.stats), maps.Clone(c.rels)
	n.Unmodelled = slices.Clone(c.Unmodelled)
	n.sorted, n.derived = nil, derived{}
	return &n
}

// relationKey is the ID that what belongs to an object is filed under (parentKey).
func relationKey(id ID) ID {
	if isRelation(id.Kind) {
		return ID{Kind: KindTable, Schema: id.Schema, Name: id.Name}
	}
	return id
}

func isRelation(k Kind) bool {
	return k == KindTable || k == KindView || k == KindSequence || k == KindComposite
}

// parentKey is the ID that children are filed under. Relations of any kind are
// filed as tables: what hangs on one names it without saying its kind.
func (a ID) parentKey() ID {
	rel := func(schema, name string) ID { return ID{Kind: KindTable, Schema: schema, Name: name} }
	switch a.Kind {
	case KindOwner, KindGrant, KindComment, KindSecurityLabel:
		t := a.Target()
		return relationKey(t)
	case KindColumn, KindConstraint, KindIndex, KindTrigger, KindRule, KindPolicy, KindRowSecurity:
		return rel(a.Schema, a.Table)
	case KindDefault:
		return ID{Kind: KindColumn, Schema: a.Schema, Table: a.Table, Name: a.Name}
	case KindDomainConstraint:
		return ID{Kind: KindDomain, Schema: a.Schema, Name: a.Table}
	case KindPublicationTable, KindPublicationSchema:
		return ID{Kind: KindPublication, Name: a.Role}
	case KindUserMapping:
		return ID{Kind: KindServer, Name: a.Name}
	}
	return ID{}
}
