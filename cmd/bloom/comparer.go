package main

import (
	"bloom/catalog"
	"bloom/differ"
)

// comparer compares two states. What files leave open (the version of an
// extension, the name of a constraint) is settled by what a database has. So if
// only the desired state is a database's, it is compared the other way round and
// the changes are turned about.
type comparer struct {
	memo    *differ.Memo
	turned  bool
	inScope func([]differ.Change) []differ.Change
}

func (c *comparer) diff(current, desired *catalog.Catalog) []differ.Change {
	if !c.turned {
		return c.inScope(c.memo.Diff(current, desired))
	}
	changes := c.memo.Diff(desired, current)
	for i, ch := range changes {
		changes[i] = turn(ch)
	}
	settle(current, desired)
	return c.inScope(changes)
}

// turn gives the change that takes one back.
func turn(ch differ.Change) differ.Change {
	ch.Current, ch.Desired = ch.Desired, ch.Current
	switch ch.Op {
	case differ.Create:
		ch.Op = differ.Drop
	case differ.Drop:
		ch.Op = differ.Create
	}
	return ch
}

// settle fills in what files leave open.
func settle(files, live *catalog.Catalog) {
	for id, o := range files.All() {
		if s, ok := o.(catalog.Settler); ok && live.Has(id) {
			files.Put(s.Settle(live.Get(id)))
		}
	}
}
