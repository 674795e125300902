package planner

import (
	"slices"

	"bloom/catalog"
)

// inheritance is what a change of owner makes of privileges: PostgreSQL writes the new
// owner where the old one was, as grantee and grantor, in the ACL of the object, its columns
// and the sequences of its columns. What the new owner had before is united with that.
type inheritance struct {
	target  catalog.ID // has privileges
	owned   catalog.ID // the object whose owner changes
	grantee string
	have    []catalog.Privilege // after the change of owner
	want    []catalog.Privilege
}

// inheritPrivileges takes the privileges of old and new owners out of what is compared one
// by one, and notes what is to be done about them once the owner is another.
func (s *state) inheritPrivileges() {
	for _, id := range sortedIDs(s.altering) {
		a := s.altering[id]
		if a == nil {
			continue
		}
		o, ok := a.desired.(catalog.Owner)
		if !ok || o.Role == "" || s.isGone(a.current.(catalog.Owner).Target) {
			continue
		}
		old := a.current.(catalog.Owner)
		var lost []catalog.Privilege
		for _, target := range s.ownedWith(old.Target) {
			was, his := s.held(s.current, target, old.Role, old.Role), s.held(s.current, target, o.Role, old.Role)
			to := s.desiredID(target)
			after := inheritance{target: to, owned: o.Target, grantee: o.Role, have: unmarked(union(was, his)), want: s.held(s.desired, to, o.Role, o.Role)}
			before := inheritance{target: to, owned: o.Target, grantee: old.Role, want: s.held(s.desired, to, old.Role, o.Role)}
			if target.Kind == catalog.KindColumn {
				after.have = slices.DeleteFunc(slices.Clone(after.have), func(p catalog.Privilege) bool {
					return slices.ContainsFunc(lost, func(l catalog.Privilege) bool { return l.Name == p.Name })
				})
			} else if target == old.Target {
				lost = taken(after.have, after.want)
			}
			for _, i := range []inheritance{after, before} {
				was, now := catalog.About(catalog.KindGrant, target, i.grantee), catalog.About(catalog.KindGrant, to, i.grantee)
				delete(s.gone, was)
				delete(s.altering, now)
				delete(s.making, now)
				s.inherited = append(s.inherited, i)
			}
		}
	}
}

// unmarked is privileges without the right to pass them on, which an owner has anyway.
func unmarked(ps []catalog.Privilege) []catalog.Privilege {
	for i := range ps {
		ps[i].Grantable = false
	}
	return ps
}

// taken lists the privileges that are in have and not in want, or there not to be passed on.
func taken(have, want []catalog.Privilege) []catalog.Privilege {
	kept := byName(want)
	return slices.DeleteFunc(slices.Clone(have), func(p catalog.Privilege) bool {
		grantable, ok := kept[p.Name]
		return ok && (grantable || !p.Grantable)
	})
}

// held is what a grantee may do with a target, by a catalog; an owner of whom it says nothing, everything.
func (s *state) held(c *catalog.Catalog, target catalog.ID, grantee, owner string) []catalog.Privilege {
	if g, ok := c.Get(catalog.About(catalog.KindGrant, target, grantee)).(catalog.Grant); ok {
		return g.Privileges
	}
	if grantee == owner && target.Kind != catalog.KindColumn && c.Has(target) {
		return allPrivileges(target.Kind, s.current.Version)
	}
	return nil
}

// ownedWith lists a current object and what has privileges of its own and the same owner:
// its columns and their sequences.
func (s *state) ownedWith(id catalog.ID) []catalog.ID {
	out := []catalog.ID{id}
	for _, c := range s.current.ColumnsOf(id) {
		out = append(out, c)
		for _, u := range s.current.Users(c) {
			if seq, ok := s.current.Get(u).(catalog.Sequence); ok && seq.OwnedBy.ID() == c {
				out = append(out, u)
			}
		}
	}
	return out
}

// inheritedPrivileges makes the nodes for what old and new owners may do.
func (g *gatherer) inheritedPrivileges() {
	for _, i := range g.inherited {
		gid := catalog.About(catalog.KindGrant, i.target, i.grantee)
		table := catalog.About(catalog.KindGrant, i.owned, i.grantee)
		if g.making[i.owned] || g.covered[gid] || g.making[i.target] {
			continue
		}
		g.add(&node{id: gid, ids: []catalog.ID{gid}, statements: g.privilegeStatements(i.target, i.grantee, i.have, i.want)})
		g.orderSteps(step{id: catalog.About(catalog.KindOwner, i.owned, "")}, step{id: gid})
		if gid != table {
			g.orderSteps(step{id: table}, step{id: gid}) // a REVOKE on the table takes those on columns along
		}
	}
}
