package differ

import (
	"regexp"
	"slices"

	"bloom/catalog"
)

// looksChosen is a name that PostgreSQL may have chosen, perhaps when table and columns
// had other names. A name that somebody gave is not what a file without one makes.
var looksChosen = regexp.MustCompile(`_(pkey|key|fkey|check|excl|idx)\d*$`)

// match finds the current objects that desired ones are under another name. A
// desired object whose name nobody gave takes the current name. For one with a
// name of its own the result says from which ID to which it is renamed.
func (d *diff) match() map[catalog.ID]catalog.ID {
	claimed := map[catalog.ID]bool{}
	for id := range d.desired.All() {
		if d.current.Has(id) && !d.desired.Unnamed(id) {
			claimed[id] = true
		}
	}
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
// parent that differs in nothing but the name, and claims it.
func (d *diff) equalPairs(wanted []catalog.ID, claimed map[catalog.ID]bool) []idPair {
	type candidate struct {
		ids idPair
		p   *pair
	}
	var cands []candidate
	var pairs []*pair
	for _, id := range wanted {
		for _, cur := range d.siblings(id) {
			if claimed[cur] || cur != id && d.desired.Has(cur) && !d.desired.Unnamed(cur) {
				continue
			}
			o := d.desired.Get(id).(catalog.Renamer).WithName(cur.Name)
			c := candidate{idPair{cur, id}, newPair(d.current.Get(cur), o)}
			cands, pairs = append(cands, c), append(pairs, c.p)
		}
	}
	d.decide(pairs)
	// The same name first, so that equal twins stay where they are.
	slices.SortStableFunc(cands, func(a, b candidate) int {
		return boolCompare(a.ids.current == a.ids.desired, b.ids.current == b.ids.desired)
	})
	var out []idPair
	done := map[catalog.ID]bool{}
	for _, c := range cands {
		if claimed[c.ids.current] || done[c.ids.desired] {
			continue
		}
		if fields, _ := c.p.fields(); len(fields) > 0 {
			continue
		}
		claimed[c.ids.current], done[c.ids.desired] = true, true
		out = append(out, c.ids)
	}
	return out
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
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
