package analyze

import (
	"maps"
	"slices"

	"bloom/catalog"
)

// idSet is a set of IDs. Most expressions refer to a few objects, and there are many expressions: looking through a list costs
// less than hashing.
type idSet struct {
	few  []catalog.ID
	many map[catalog.ID]bool
}

// maxFew is how many members are looked through one by one.
const maxFew = 12

func (s *idSet) add(id catalog.ID) {
	switch {
	case s.many != nil:
		s.many[id] = true
	case slices.Contains(s.few, id):
	case len(s.few) < maxFew:
		s.few = append(s.few, id)
	default:
		s.many = map[catalog.ID]bool{id: true}
		for _, x := range s.few {
			s.many[x] = true
		}
		s.few = nil
	}
}

func (s *idSet) remove(id catalog.ID) {
	delete(s.many, id)
	if i := slices.Index(s.few, id); i >= 0 {
		s.few = slices.Delete(s.few, i, i+1)
	}
}

// list returns the members, in no particular order, until the set changes.
func (s idSet) list() []catalog.ID {
	if s.many != nil {
		return slices.Collect(maps.Keys(s.many))
	}
	return s.few
}
