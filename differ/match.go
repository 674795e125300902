package differ

import (
	"regexp"

	"bloom/catalog"
)

// looksChosen is a name that PostgreSQL may have chosen, perhaps when table and columns
// had other names. A name that somebody gave is not what a file without one makes.
var looksChosen = regexp.MustCompile(`_(pkey|key|fkey|check|excl|idx)\d*$`)

// match finds the current objects that desired ones are under another name. A
// desired object whose name nobody gave takes the current name. For one with a
// name of its own the result says from which ID to which it is renamed.
func (d *diff) match() map[catalog.ID]catalog.ID {
	claimed := map[catalog.ID]bool{} // current ones that were matched here; what has a name and kept it is not to be had either
	renamed := map[catalog.ID]catalog.ID{}
	unnamed, named := d.candidates()
	for _, m := range d.equalPairs(unnamed, claimed) {
		switch {
		case m.current == m.desired:
		case looksChosen.MatchString(m.current.Name):
			d.adopt(m.desired, m.current.Name)
		default:
			renamed[m.current] = m.desired
		}
	}
	for _, m := range d.equalPairs(named, claimed) {
		renamed[m.current] = m.desired
	}
	return renamed
}

// adopt gives a desired object the current name, and moves aside another one
// that happens to have been given that name by guess.
func (d *diff) adopt(id catalog.ID, name string) {
	to := id
	to.Name = name
	if d.desired.Has(to) {
		d.desired.Rename(to, name+"\x00")
		d.desired.Rename(id, name)
		to.Name += "\x00"
		d.desired.Rename(to, id.Name)
		return
	}
	d.desired.Rename(id, name)
}

type idPair struct{ current, desired catalog.ID }

// candidates lists the desired objects that may be current ones under another
// name: first those without a name, then those whose name is not in use.
func (d *diff) candidates() (unnamed, named []catalog.ID) {
	for id, o := range d.desired.All() {
		if _, ok := o.(catalog.Renamer); !ok {
			continue
		}
		if d.desired.Unnamed(id) {
			unnamed = append(unnamed, id)
		} else if !d.current.Has(id) {
			named = append(named, id)
		}
	}
	return unnamed, named
}

// equalPairs pairs each wanted object with an unclaimed current one of the same
// parent that differs in nothing but the name, and claims it. Those of the same
// name come first, so that equal twins stay where they are, and so that only what
// is left is compared with all its siblings.
func (d *diff) equalPairs(wanted []catalog.ID, claimed map[catalog.ID]bool) []idPair {
	done := map[catalog.ID]bool{}
	out := d.claimEqual(wanted, claimed, done, func(id catalog.ID) []catalog.ID {
		if d.current.Has(id) {
			return []catalog.ID{id}
		}
		return nil
	})
	return append(out, d.claimEqual(wanted, claimed, done, d.siblings)...)
}

// claimEqual is equalPairs for the candidates that are given for each wanted object.
func (d *diff) claimEqual(wanted []catalog.ID, claimed, done map[catalog.ID]bool, candidates func(catalog.ID) []catalog.ID) []idPair {
	var ids []idPair
	for _, id := range wanted {
		if done[id] {
			continue
		}
		for _, cur := range candidates(id) {
			if claimed[cur] || cur != id && d.desired.Has(cur) && !d.desired.Unnamed(cur) {
				continue
			}
			ids = append(ids, idPair{cur, id})
		}
	}
	pairs := make([]*pair, len(ids))
	inParallel(len(ids), func(i int) {
		o := d.desired.Get(ids[i].desired).(catalog.Renamer).WithName(ids[i].current.Name)
		pairs[i] = newPair(d.current.Get(ids[i].current), o)
	})
	d.decide(pairs)
	differs := make([]bool, len(pairs))
	inParallel(len(pairs), func(i int) {
		fields, _ := pairs[i].fields()
		differs[i] = len(fields) > 0
	})
	var out []idPair
	for i := range pairs {
		if claimed[ids[i].current] || done[ids[i].desired] || differs[i] {
			continue
		}
		claimed[ids[i].current], done[ids[i].desired] = true, true
		out = append(out, ids[i])
	}
	return out
}

// siblings lists the current objects of the same kind and parent.
func (d *diff) siblings(id catalog.ID) []catalog.ID {
	parent := catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}
	if id.Kind == catalog.KindDomainConstraint {
		parent.Kind = catalog.KindDomain
	}
	var ids []catalog.ID
	for _, c := range d.current.Children(parent) {
		if c.Kind == id.Kind {
			ids = append(ids, c)
		}
	}
	return ids
}
