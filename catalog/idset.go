package catalog

import (
	"iter"
	"maps"
	"slices"
)

// idSet is a set of IDs. Most have one or two members: a map for each would cost
// ten times the memory. What few holds is never written to once it is there, so
// that copies of a set can share it.
type idSet struct {
	few  []ID
	many map[ID]bool
}

// maxFew is how many members are looked through one by one.
const maxFew = 12

func (s idSet) all() iter.Seq[ID] {
	if s.many != nil {
		return maps.Keys(s.many)
	}
	return slices.Values(s.few)
}

func (s idSet) sorted() []ID { return slices.SortedFunc(s.all(), ID.Compare) }

func (s idSet) empty() bool { return len(s.few) == 0 && len(s.many) == 0 }

func (s idSet) with(id ID) idSet {
	switch {
	case s.many != nil:
		s.many[id] = true
	case slices.Contains(s.few, id):
	case len(s.few) < maxFew:
		s.few = append(s.few, id)
	default:
		s.many = map[ID]bool{id: true}
		for _, x := range s.few {
			s.many[x] = true
		}
		s.few = nil
	}
	return s
}

func (s idSet) without(id ID) idSet {
	if s.many != nil {
		delete(s.many, id)
		return s
	}
	if i := slices.Index(s.few, id); i >= 0 {
		s.few = slices.Concat(s.few[:i], s.few[i+1:])
	}
	return s
}

// edges lead from an object to others.
type edges map[ID]idSet

func (e edges) link(from, to ID) {
	if !from.IsZero() {
		e[from] = e[from].with(to)
	}
}

func (e edges) unlink(from, to ID) {
	s, ok := e[from]
	if !ok {
		return
	}
	if s = s.without(to); s.empty() {
		delete(e, from)
	} else {
		e[from] = s
	}
}

func (e edges) clone() edges {
	n := make(edges, len(e))
	for id, s := range e {
		n[id] = idSet{slices.Clip(s.few), maps.Clone(s.many)}
	}
	return n
}
