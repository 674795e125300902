package parser

import (
	"slices"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// privileges are the default privileges as they change along the statements.
type privileges struct {
	entries []privilegeEntry // in order
	touched map[catalog.ID]bool
}

type privilegeEntry struct {
	seq   int // of the statement that set it; or atStart, asNew
	entry catalog.DefaultPrivilege
	gone  bool
}

const (
	atStart = -1 // in force before the first statement
	asNew   = -2 // of a new database of the platform
)

func newPrivileges(o Options) *privileges {
	p := &privileges{touched: map[catalog.ID]bool{}}
	for _, d := range o.NewPrivileges {
		p.entries = append(p.entries, privilegeEntry{seq: asNew, entry: d})
	}
	for _, d := range o.DefaultPrivileges {
		p.entries = append(p.entries, privilegeEntry{seq: atStart, entry: d})
	}
	return p
}

// load adds those that a catalog holds.
func (p *privileges) load(c *catalog.Catalog) {
	for _, o := range c.All() {
		if d, ok := o.(catalog.DefaultPrivilege); ok {
			p.entries = append(p.entries, privilegeEntry{seq: atStart, entry: d})
		}
	}
}

// touchDefaultPrivileges notes which entries the files set: for them what is in force now
// does not count before, as it may be the files' own doing, but what a new database has.
func (in *interpreter) touchDefaultPrivileges(statements []*statement) {
	for _, st := range statements {
		if n := st.node.GetAlterDefaultPrivilegesStmt(); n != nil {
			for _, id := range decidedDefaults(n, st.role) {
				in.privileges.touched[id] = true
			}
		}
	}
}

// decidedDefaults are the IDs of the entries that a statement decides about. Only
// dumps give a schema's owner what he has anyway: they state the whole list, for
// which the ID without a grantee stands.
func decidedDefaults(n *pg.AlterDefaultPrivilegesStmt, role func(*pg.RoleSpec) string) []catalog.ID {
	var ids []catalog.ID
	for _, d := range defaultPrivilegeKeys(n, role) {
		ids = append(ids, d.ID())
		if d.Grantee == d.Owner && n.GetAction().GetIsGrant() {
			d.Grantee = ""
			ids = append(ids, d.ID())
		}
	}
	return ids
}

// Decided reports whether a default privilege is among those that files decide
// about (see [Grantees]).
func Decided(ids map[catalog.ID]bool, d catalog.DefaultPrivilege) bool {
	if ids[d.ID()] {
		return true
	}
	d.Grantee = ""
	return ids[d.ID()]
}

// counts reports whether an entry is one that holds until another takes its place.
func (p *privileges) counts(e *privilegeEntry, replay, dump bool) bool {
	switch {
	case e.seq == asNew: // a dump begins with nothing
		return !replay && !dump && Decided(p.touched, e.entry)
	case e.seq == atStart:
		return replay || !Decided(p.touched, e.entry)
	}
	return true
}

// current is an entry as the statements before seq have left it.
func (p *privileges) current(seq int, id catalog.ID, replay, dump bool) (catalog.DefaultPrivilege, bool) {
	var found *privilegeEntry
	for i := range p.entries {
		e := &p.entries[i]
		if e.entry.ID() == id && e.seq < seq && p.counts(e, replay, dump) {
			found = e
		}
	}
	if found == nil || found.gone {
		return catalog.DefaultPrivilege{}, false
	}
	return found.entry, true
}

func (p *privileges) set(seq int, d catalog.DefaultPrivilege, gone bool) {
	p.entries = slices.DeleteFunc(p.entries, func(e privilegeEntry) bool { return e.seq == seq && e.entry.ID() == d.ID() })
	p.entries = append(p.entries, privilegeEntry{seq: seq, entry: d, gone: gone})
	slices.SortStableFunc(p.entries, func(a, b privilegeEntry) int { return a.seq - b.seq })
}

// at is what each grantee gets on a new object of an owner: the entry for all
// schemas takes the place of what is built in, that of the schema is added.
func (p *privileges) at(seq int, owner, schema string, objects catalog.Kind, replay, dump bool) map[string][]catalog.Privilege {
	out := map[string][]catalog.Privilege{}
	if b := builtinPrivileges(objects, catalog.Public); b != nil {
		out[catalog.Public] = b
	}
	ids := map[catalog.ID]bool{}
	for _, e := range p.entries {
		if e.entry.Owner == owner && e.entry.Objects == objects && (e.entry.Schema == "" || e.entry.Schema == schema) {
			ids[e.entry.ID()] = true
		}
	}
	for _, perSchema := range []bool{false, true} {
		for id := range ids {
			if (id.Schema != "") != perSchema {
				continue
			}
			if e, ok := p.current(seq, id, replay, dump); ok && perSchema {
				out[e.Grantee] = merge(out[e.Grantee], e.Privileges)
			} else if ok {
				out[e.Grantee] = e.Privileges
			}
		}
	}
	return out
}

var defaultPrivilegeObjects = map[pg.ObjectType]catalog.Kind{
	pg.ObjectType_OBJECT_TABLE: catalog.KindTable, pg.ObjectType_OBJECT_SEQUENCE: catalog.KindSequence, pg.ObjectType_OBJECT_FUNCTION: catalog.KindRoutine,
	pg.ObjectType_OBJECT_PROCEDURE: catalog.KindRoutine, pg.ObjectType_OBJECT_ROUTINE: catalog.KindRoutine,
	pg.ObjectType_OBJECT_TYPE: catalog.KindEnum, pg.ObjectType_OBJECT_SCHEMA: catalog.KindSchema,
	pg.ObjectType_OBJECT_LARGEOBJECT: catalog.KindLargeObject,
}

// defaultPrivilegeKeys are the entries that a statement is about, without privileges.
func defaultPrivilegeKeys(n *pg.AlterDefaultPrivilegesStmt, role func(*pg.RoleSpec) string) []catalog.DefaultPrivilege {
	owners, schemas := []string{role(&pg.RoleSpec{Roletype: pg.RoleSpecType_ROLESPEC_CURRENT_USER})}, []string{""}
	for _, d := range elems(n.GetOptions()) {
		switch d.GetDefname() {
		case "roles":
			owners = nil
			for _, r := range d.GetArg().GetList().GetItems() {
				owners = append(owners, role(r.GetRoleSpec()))
			}
		case "schemas":
			schemas = strs(d.GetArg().GetList().GetItems())
		}
	}
	var out []catalog.DefaultPrivilege
	for _, owner := range owners {
		for _, schema := range schemas {
			for _, g := range n.GetAction().GetGrantees() {
				out = append(out, catalog.DefaultPrivilege{
					Owner: owner, Schema: schema, Objects: defaultPrivilegeObjects[n.GetAction().GetObjtype()], Grantee: role(g.GetRoleSpec()),
				})
			}
		}
	}
	return out
}

func (in *interpreter) alterDefaultPrivileges(n *pg.AlterDefaultPrivilegesStmt) error {
	ch, err := in.newChange(n.GetAction())
	if err != nil {
		return err
	}
	keys := defaultPrivilegeKeys(n, in.role)
	if !in.replay {
		// They count for what is declared below them, also while the schema or the
		// role is still missing and this statement has to be tried again.
		for _, d := range keys {
			in.changeDefaultPrivilege(d, ch)
		}
	}
	for _, d := range keys {
		if d.Schema != "" {
			if err := in.needSchema(d.Schema, 0); err != nil {
				return err
			}
		}
		if err := in.needRole(d.Owner, 0); err != nil {
			return err
		}
		in.changeDefaultPrivilege(d, ch)
	}
	return nil
}

func (in *interpreter) changeDefaultPrivilege(d catalog.DefaultPrivilege, ch *change) {
	var builtin []catalog.Privilege
	if d.Schema == "" {
		builtin = builtinPrivileges(d.Objects, d.Grantee)
		if d.Grantee == d.Owner {
			builtin = plain(in.allPrivileges(d.Objects))
		}
	}
	have, ok := in.privileges.current(in.stmt.seq, d.ID(), in.replay, in.stmt.file.origin() != written)
	d.Privileges = have.Privileges
	if !ok {
		d.Privileges = builtin
	}
	names := ch.names
	if ch.all {
		names = in.allPrivileges(d.Objects)
	}
	if ch.grant {
		add := in.limit(plain(names), d.Objects)
		for i := range add {
			add[i].Grantable = ch.option
		}
		d.Privileges = merge(d.Privileges, add)
	} else {
		d.Privileges = without(d.Privileges, names, ch.option)
	}
	gone := slices.Equal(d.Privileges, builtin)
	in.privileges.set(in.stmt.seq, d, gone)
	if gone {
		in.remove(d.ID())
		return
	}
	in.put(d)
}
