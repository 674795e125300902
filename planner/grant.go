package planner

import (
	"slices"
	"strings"

	"bloom/catalog"
)

var grantRule = rule[catalog.Grant]{
	create: func(s *state, o catalog.Grant) []Statement {
		return s.privilegeStatements(o.Target, o.Grantee, s.ownersPrivileges(o.Target, o.Grantee), o.Privileges)
	},
	drop: func(s *state, o catalog.Grant) []Statement {
		left := s.ownersPrivileges(o.Target, o.Grantee)
		if left == nil {
			s.revokeFirst(o, step{drop: true, id: o.ID()}, o.Privileges, nil)
		}
		return s.privilegeStatements(o.Target, o.Grantee, o.Privileges, left)
	},
	alter: func(s *state, o *catalog.Grant, want catalog.Grant) []Statement {
		s.revokeFirst(want, step{id: want.ID()}, o.Privileges, want.Privileges)
		out := s.privilegeStatements(o.Target, o.Grantee, o.Privileges, want.Privileges)
		o.Privileges = want.Privileges
		return out
	},
}

// revokeFirst: a REVOKE on a relation takes the same privilege on its columns along. Those
// of the grantee that are desired are granted after it, again if they are there.
func (s *state) revokeFirst(o catalog.Grant, revoke step, have, want []catalog.Privilege) {
	kept := byName(want)
	var lost []string
	for _, p := range have {
		if grantable, ok := kept[p.Name]; !ok || p.Grantable && !grantable {
			lost = append(lost, p.Name)
		}
	}
	if defaultClass(o.Target.Kind) != catalog.KindTable || len(lost) == 0 {
		return
	}
	for _, column := range s.desired.ColumnsOf(o.Target) {
		g := catalog.About(catalog.KindGrant, column, o.Grantee)
		grant, ok := s.desired.Get(g).(catalog.Grant)
		if !ok {
			continue
		}
		held := func(p catalog.Privilege) bool { return slices.Contains(lost, p.Name) }
		if s.current.Has(g) && slices.ContainsFunc(grant.Privileges, held) {
			s.making[g] = true
			delete(s.altering, g)
		}
		s.orderSteps(revoke, step{id: g})
	}
}

// privileges makes the nodes that bring the privileges on objects to be made from
// what PostgreSQL gives a new object to what is desired, and those of new
// grantees on objects that are there.
func (g *gatherer) privileges() {
	for _, id := range sortedIDs(g.making) {
		switch {
		case id.Kind == catalog.KindGrant && !g.making[id.Target()] && !g.swapped[id.Target()]:
			g.render(id)
		case grantable(id.Kind):
			g.freshPrivileges(id)
		}
	}
	for _, id := range sortedIDs(g.swapped) {
		if !g.making[id] {
			g.freshPrivileges(id)
		}
	}
	g.inheritedPrivileges()
}

// freshPrivileges makes the nodes for the privileges on an object that is made.
func (g *gatherer) freshPrivileges(id catalog.ID) {
	start := g.startingPrivileges(id)
	for _, c := range g.desired.Children(id) {
		if o, ok := g.desired.Get(c).(catalog.Grant); ok && start[o.Grantee] == nil {
			start[o.Grantee] = []catalog.Privilege{}
		}
	}
	for _, grantee := range sortedKeys(start) {
		gid := catalog.About(catalog.KindGrant, id, grantee)
		want, there := g.desired.Get(gid).(catalog.Grant)
		have := start[grantee]
		if all := g.ownersPrivileges(id, grantee); all != nil {
			if !there {
				continue
			}
			have = all
		}
		g.add(&node{id: gid, ids: []catalog.ID{gid}, statements: g.privilegeStatements(id, grantee, have, want.Privileges)})
		g.orderSteps(step{id: id}, step{id: gid})
		g.orderSteps(step{id: catalog.About(catalog.KindOwner, id, "")}, step{id: gid})
		g.revokeFirst(catalog.Grant{Target: id, Grantee: grantee}, step{id: gid}, have, want.Privileges)
	}
}

// ownersPrivileges is what the owner of a desired object may do with it without an entry
// that says so: everything, but for columns. None for others.
func (s *state) ownersPrivileges(target catalog.ID, grantee string) []catalog.Privilege {
	if target.Kind == catalog.KindColumn || s.owner(target) != grantee {
		return nil
	}
	return allPrivileges(target.Kind, s.current.Version)
}

// owner is who will own a desired object. A sequence of a column is its table's owner's.
func (s *state) owner(id catalog.ID) string {
	if seq, ok := s.desired.Get(id).(catalog.Sequence); ok && !seq.OwnedBy.IsZero() {
		return s.owner(catalog.ID{Kind: catalog.KindTable, Schema: seq.OwnedBy.Schema, Name: seq.OwnedBy.Table})
	}
	if o, ok := s.desired.Get(catalog.About(catalog.KindOwner, id, "")).(catalog.Owner); ok && o.Role != "" {
		return o.Role
	}
	return s.role
}

// startingPrivileges is what each grantee has on an object as soon as it is made: the
// built-in privileges of PUBLIC and the default privileges of who makes it.
func (s *state) startingPrivileges(id catalog.ID) map[string][]catalog.Privilege {
	start := map[string][]catalog.Privilege{}
	class := defaultClass(id.Kind)
	switch class {
	case catalog.KindRoutine:
		start[catalog.Public] = []catalog.Privilege{{Name: "EXECUTE"}}
	case catalog.KindEnum:
		start[catalog.Public] = []catalog.Privilege{{Name: "USAGE"}}
	}
	defaults := s.defaultPrivileges(class)
	for _, d := range defaults {
		if d.Schema == "" {
			start[d.Grantee] = d.Privileges
		}
	}
	for _, d := range defaults {
		if d.Schema != "" && d.Schema == id.Schema {
			start[d.Grantee] = union(start[d.Grantee], d.Privileges)
		}
	}
	return start
}

// defaultPrivileges lists those in force for the role that runs the migration.
func (s *state) defaultPrivileges(class catalog.Kind) []catalog.DefaultPrivilege {
	if s.defaults == nil {
		s.defaults = map[catalog.Kind][]catalog.DefaultPrivilege{}
		for c := s.current; c != nil; c = c.Base {
			for _, o := range c.All() {
				if d, ok := o.(catalog.DefaultPrivilege); ok && d.Owner == s.role {
					s.defaults[d.Objects] = append(s.defaults[d.Objects], d)
				}
			}
		}
	}
	return s.defaults[class]
}

// defaultClass is the kind that default privileges file an object's kind under.
func defaultClass(k catalog.Kind) catalog.Kind {
	switch k {
	case catalog.KindTable, catalog.KindView:
		return catalog.KindTable
	case catalog.KindRoutine, catalog.KindAggregate:
		return catalog.KindRoutine
	case catalog.KindEnum, catalog.KindComposite, catalog.KindRange, catalog.KindDomain, catalog.KindBaseType:
		return catalog.KindEnum
	}
	return k
}

func grantable(k catalog.Kind) bool {
	switch defaultClass(k) {
	case catalog.KindTable, catalog.KindRoutine, catalog.KindEnum, catalog.KindSequence, catalog.KindSchema,
		catalog.KindColumn, catalog.KindForeignDataWrapper, catalog.KindServer:
		return true
	}
	return false
}

func union(a, b []catalog.Privilege) []catalog.Privilege {
	out := slices.Clone(a)
	for _, p := range b {
		i := slices.IndexFunc(out, func(q catalog.Privilege) bool { return q.Name == p.Name })
		if i < 0 {
			out = append(out, p)
		} else {
			out[i].Grantable = out[i].Grantable || p.Grantable
		}
	}
	slices.SortFunc(out, func(p, q catalog.Privilege) int { return strings.Compare(p.Name, q.Name) })
	return out
}

// privilegeStatements brings what a grantee may do with an object from have to want.
func (s *state) privilegeStatements(target catalog.ID, grantee string, have, want []catalog.Privilege) []Statement {
	id := catalog.About(catalog.KindGrant, target, grantee)
	c := s.desired
	if c.Lookup(target) == nil {
		c = s.current
	}
	var out []Statement
	for _, p := range privilegeParts(have, want) {
		h := Hazard{}
		if p.grants {
			h = s.exposure(target, grantee, p.list)
		}
		out = append(out, do(id, sql("? ? ON ? ? ??", raw(p.verb), s.privilegeList(target, p.list), grantTarget(c, target),
			raw(p.to), role(grantee), raw(p.suffix)), h))
	}
	return out
}

// privilegePart is one GRANT or REVOKE: its words around the list of privileges.
type privilegePart struct {
	verb, to, suffix string
	grants           bool
	list             []string
}

// privilegeParts compares two lists of privileges.
func privilegeParts(have, want []catalog.Privilege) []privilegePart {
	old, now := byName(have), byName(want)
	parts := []privilegePart{
		{verb: "REVOKE", to: "FROM"}, {verb: "REVOKE GRANT OPTION FOR", to: "FROM"},
		{verb: "GRANT", to: "TO", grants: true}, {verb: "GRANT", to: "TO", suffix: " WITH GRANT OPTION", grants: true},
	}
	for _, p := range have {
		if grantable, ok := now[p.Name]; !ok {
			parts[0].list = append(parts[0].list, p.Name)
		} else if p.Grantable && !grantable {
			parts[1].list = append(parts[1].list, p.Name)
		}
	}
	for _, p := range want {
		if grantable, ok := old[p.Name]; p.Grantable && !grantable {
			parts[3].list = append(parts[3].list, p.Name)
		} else if !ok {
			parts[2].list = append(parts[2].list, p.Name)
		}
	}
	return slices.DeleteFunc(parts, func(p privilegePart) bool { return len(p.list) == 0 })
}

// exposure is the hazard of giving a privilege to those who are not known.
func (s *state) exposure(target catalog.ID, grantee string, privileges []string) Hazard {
	code, who := "", ""
	switch grantee {
	case catalog.Public:
		code, who = "GRANT_TO_PUBLIC", "every role"
	case "anon":
		code, who = "GRANT_TO_ANON", "anybody who is not signed in"
	case "authenticated":
		code, who = "GRANT_TO_AUTHENTICATED", "everybody who is signed in"
	default:
		return Hazard{}
	}
	return s.hazard(code, Security, target, who+" gets "+strings.Join(privileges, ", ")+" on "+target.Path())
}

func byName(ps []catalog.Privilege) map[string]bool {
	m := map[string]bool{}
	for _, p := range ps {
		m[p.Name] = p.Grantable
	}
	return m
}

// privilegeList writes privileges, ALL if they are all there are.
func (s *state) privilegeList(target catalog.ID, list []string) fragment {
	if target.Kind == catalog.KindColumn {
		return join(each(list, func(p string) fragment { return sql("? (?)", raw(p), ident(target.Name)) }), ", ")
	}
	if all := allPrivileges(target.Kind, s.current.Version); len(all) > 1 && len(list) == len(all) {
		return fragment{text: "ALL"}
	}
	return fragment{text: strings.Join(list, ", ")}
}

// allPrivileges lists every privilege that there is on a kind of objects.
func allPrivileges(k catalog.Kind, v catalog.Version) []catalog.Privilege {
	var list []string
	switch defaultClass(k) {
	case catalog.KindTable:
		list = []string{"DELETE", "INSERT", "MAINTAIN", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"}
		if !v.HasMaintain() {
			list = slices.DeleteFunc(list, func(p string) bool { return p == "MAINTAIN" })
		}
	case catalog.KindSequence:
		list = []string{"SELECT", "UPDATE", "USAGE"}
	case catalog.KindSchema:
		list = []string{"CREATE", "USAGE"}
	case catalog.KindRoutine:
		list = []string{"EXECUTE"}
	case catalog.KindLargeObject:
		list = []string{"SELECT", "UPDATE"}
	case catalog.KindColumn:
		list = []string{"INSERT", "REFERENCES", "SELECT", "UPDATE"}
	default:
		list = []string{"USAGE"}
	}
	out := make([]catalog.Privilege, len(list))
	for i, p := range list {
		out[i].Name = p
	}
	return out
}

// grantTarget writes what a privilege is on, as GRANT names it.
func grantTarget(c *catalog.Catalog, id catalog.ID) fragment {
	switch id.Kind {
	case catalog.KindTable, catalog.KindView:
		return sql("TABLE ?", nameOf(id))
	case catalog.KindColumn:
		return sql("TABLE ?", tableOf(id))
	case catalog.KindAggregate:
		return sql("FUNCTION ?", signature(id))
	case catalog.KindDomain, catalog.KindEnum, catalog.KindComposite, catalog.KindRange, catalog.KindBaseType:
		return sql("TYPE ?", nameOf(id))
	case catalog.KindServer:
		return sql("FOREIGN SERVER ?", ident(id.Name))
	}
	return object(c, id)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
