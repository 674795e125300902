package catalog

import (
	"iter"
	"maps"
	"slices"
)

// node is all that a catalog knows of one ID. There is one for each ID that was
// ever named, also as the end of a dependency: object is nil if it is not there.
type node struct {
	id                    ID
	object                Object
	source                *Source
	line, col             int32 // where in the source's file it is declared, if that is not where the source starts
	unnamed               bool
	deps, users, children refSet
}

// ref is the place of an ID among a catalog's nodes. IDs are large and are hashed
// and kept once; what leads from one to others are refs.
type ref int32

// A column is filed under its relation as soon as it is named: those of views are no
// objects, yet are depended on and have comments and privileges.

// find returns the node of an ID; nil if it was never named.
func (c *Catalog) find(id ID) *node {
	if r, ok := c.index[id]; ok {
		return &c.nodes[r]
	}
	return nil
}

// ref returns the place of an ID and makes one if it has none.
func (c *Catalog) ref(id ID) ref {
	r, ok := c.index[id]
	if !ok {
		r = ref(len(c.nodes))
		c.index[id] = r
		c.nodes = append(c.nodes, node{id: id})
		if id.Kind == KindColumn {
			relation := c.ref(id.parentKey())
			c.nodes[relation].children.add(r)
		}
	}
	return r
}

// named lists the IDs of refs, in ID order.
func (c *Catalog) named(s refSet) []ID {
	ids := make([]ID, 0, s.len())
	for r := range s.all() {
		ids = append(ids, c.nodes[r].id)
	}
	slices.SortFunc(ids, ID.Compare)
	return ids
}

func (c *Catalog) depend(from, to ref) {
	c.nodes[from].deps.add(to)
	c.nodes[to].users.add(from)
}

func (c *Catalog) clearDeps(from ref) {
	for to := range c.nodes[from].deps.all() {
		c.nodes[to].users.remove(from)
	}
	c.nodes[from].deps = refSet{}
}

func cloneNodes(nodes []node) []node {
	n := slices.Clone(nodes)
	for i := range n {
		n[i].deps, n[i].users, n[i].children = n[i].deps.clone(), n[i].users.clone(), n[i].children.clone()
	}
	return n
}

// refSet is a set of refs. Most have one or two members: a map for each would
// cost ten times the memory. What few holds is never written to once it is there,
// so that copies of a set can share it.
type refSet struct {
	few  []ref
	many map[ref]struct{}
}

// maxFew is how many members are looked through one by one.
const maxFew = 24

func (s refSet) all() iter.Seq[ref] {
	if s.many != nil {
		return maps.Keys(s.many)
	}
	return slices.Values(s.few)
}

func (s refSet) len() int { return len(s.few) + len(s.many) }

func (s *refSet) add(r ref) {
	switch {
	case s.many != nil:
		s.many[r] = struct{}{}
	case slices.Contains(s.few, r):
	case len(s.few) < maxFew:
		s.few = append(s.few, r)
	default:
		s.many = map[ref]struct{}{r: {}}
		for _, x := range s.few {
			s.many[x] = struct{}{}
		}
		s.few = nil
	}
}

func (s *refSet) remove(r ref) {
	if s.many != nil {
		delete(s.many, r)
	} else if i := slices.Index(s.few, r); i >= 0 {
		s.few = slices.Concat(s.few[:i], s.few[i+1:])
	}
}

func (s refSet) clone() refSet { return refSet{slices.Clip(s.few), maps.Clone(s.many)} }
