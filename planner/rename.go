package planner

import (
	"bloom/catalog"
	"bloom/differ"
)

// retarget finds what is about a renamed object (its comment, owner, …): it goes
// along with the name, so that its drop and creation are none, or one change.
func retarget(changes []differ.Change) []differ.Change {
	renamed := map[catalog.ID]catalog.ID{}
	created := map[catalog.ID]int{}
	for i, c := range changes {
		switch {
		case c.Op == differ.Alter && c.Current.ID() != c.Desired.ID():
			renamed[c.Current.ID()] = c.Desired.ID()
			if c.Current.ID().Kind == catalog.KindConstraint {
				renamed[ownIndex(c.Current.ID())] = ownIndex(c.Desired.ID())
			}
		case c.Op == differ.Create:
			created[c.Desired.ID()] = i
		}
	}
	if len(renamed) == 0 {
		return changes
	}
	paired := map[int]bool{}
	var out []differ.Change
	for i, c := range changes {
		if c.Op != differ.Drop {
			continue
		}
		to, ok := renamed[c.Current.ID().Target()]
		if !ok {
			continue
		}
		moved := about(c.Current, to)
		if moved == nil {
			continue
		}
		j, ok := created[moved.ID()]
		if !ok {
			continue
		}
		paired[i], paired[j] = true, true
		if want := changes[j].Desired; !differ.Equal(moved, want) {
			out = append(out, differ.Change{Op: differ.Alter, Current: moved, Desired: want, Fields: differing(moved, want)})
		}
	}
	for i, c := range changes {
		if !paired[i] {
			out = append(out, c)
		}
	}
	return out
}

// ownIndex is the index of a constraint, which is no object but has a comment of its own.
func ownIndex(constraint catalog.ID) catalog.ID {
	constraint.Kind = catalog.KindIndex
	return constraint
}

// about is an object about something, about another thing instead; nil for other objects.
func about(o catalog.Object, target catalog.ID) catalog.Object {
	switch o := o.(type) {
	case catalog.Comment:
		o.Target = target
		return o
	case catalog.Owner:
		o.Target = target
		return o
	case catalog.Grant:
		o.Target = target
		return o
	case catalog.SecurityLabel:
		o.Target = target
		return o
	}
	return nil
}
