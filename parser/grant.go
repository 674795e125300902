package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
	"bloom/catalog/builtin"
)

func isGrant(n *pg.Node) bool { return n.GetGrantStmt() != nil }

// afterDefinitions reports whether a statement is about who may do what with objects,
// whose order among each other counts.
func afterDefinitions(n *pg.Node) bool {
	cmds := n.GetAlterTableStmt().GetCmds()
	return isGrant(n) || n.GetAlterOwnerStmt() != nil || len(cmds) == 1 && cmds[0].GetAlterTableCmd().GetSubtype() == pg.AlterTableType_AT_ChangeOwner
}

// allPrivileges is what ALL means for an object, and what its owner has.
func (in *interpreter) allPrivileges(k catalog.Kind) []string {
	switch k {
	case catalog.KindTable, catalog.KindView:
		all := []string{"DELETE", "INSERT", "MAINTAIN", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"}
		if !in.c.Version.HasMaintain() {
			all = slices.Delete(all, 2, 3)
		}
		return all
	case catalog.KindColumn:
		return []string{"INSERT", "REFERENCES", "SELECT", "UPDATE"}
	case catalog.KindSequence:
		return []string{"SELECT", "UPDATE", "USAGE"}
	case catalog.KindSchema:
		return []string{"CREATE", "USAGE"}
	case catalog.KindRoutine, catalog.KindAggregate:
		return []string{"EXECUTE"}
	case catalog.KindLargeObject:
		return []string{"SELECT", "UPDATE"}
	}
	return []string{"USAGE"}
}

// builtinPrivileges is what everybody has on a new object (acldefault).
func builtinPrivileges(k catalog.Kind, grantee string) []catalog.Privilege {
	if grantee != catalog.Public {
		return nil
	}
	switch k {
	case catalog.KindRoutine, catalog.KindAggregate:
		return []catalog.Privilege{{Name: "EXECUTE"}}
	case catalog.KindEnum, catalog.KindComposite, catalog.KindRange, catalog.KindDomain, catalog.KindBaseType:
		return []catalog.Privilege{{Name: "USAGE"}}
	}
	return nil
}

func plain(names []string) []catalog.Privilege {
	out := make([]catalog.Privilege, len(names))
	for i, n := range names {
		out[i].Name = n
	}
	return out
}

// merge unites privileges; grantable wins.
func merge(a, b []catalog.Privilege) []catalog.Privilege {
	out := slices.Clone(a)
	for _, p := range b {
		if i := slices.IndexFunc(out, func(q catalog.Privilege) bool { return q.Name == p.Name }); i >= 0 {
			out[i].Grantable = out[i].Grantable || p.Grantable
		} else {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b catalog.Privilege) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// without takes privileges away, or only the right to grant them.
func without(a []catalog.Privilege, names []string, optionOnly bool) []catalog.Privilege {
	var out []catalog.Privilege
	for _, p := range a {
		if slices.Contains(names, p.Name) {
			if !optionOnly {
				continue
			}
			p.Grantable = false
		}
		out = append(out, p)
	}
	return out
}

// putGrant keeps what a grantee may do; nothing, and all of it for the owner, is
// no entry, and so is what holds anyway on an object of the platform.
func (in *interpreter) putGrant(g catalog.Grant, owner string) {
	full := len(g.Privileges) == len(in.allPrivileges(g.Target.Kind))
	isOwner := g.Grantee == owner && g.Target.Kind != catalog.KindColumn
	same := false
	if base := in.c.Base; base != nil && !in.ours(g.Target) {
		have, ok := catalog.Find[catalog.Grant](base, g.ID())
		same = ok && slices.Equal(have.Privileges, g.Privileges)
	}
	if same || isOwner && full || !isOwner && len(g.Privileges) == 0 {
		in.remove(g.ID())
		return
	}
	in.put(g)
}

// ours reports whether an object, or what it is a part of, is the project's.
func (in *interpreter) ours(id catalog.ID) bool {
	if id.Table != "" {
		if rel, ok := in.c.Relation(id.Schema, id.Table); ok {
			id = rel
		}
	}
	return in.c.Has(id)
}

// held is what a grantee may do now.
func (in *interpreter) held(target catalog.ID, grantee, owner string) []catalog.Privilege {
	id := catalog.About(catalog.KindGrant, target, grantee)
	if g, ok := in.c.Get(id).(catalog.Grant); ok {
		return g.Privileges
	}
	if g, ok := catalog.Find[catalog.Grant](in.c, id); ok && !in.ours(target) {
		return g.Privileges
	}
	if grantee == owner && target.Kind != catalog.KindColumn {
		return plain(in.allPrivileges(target.Kind))
	}
	return nil
}

// grantAtCreation gives a new object the built-in privileges and the default ones
// in force.
func (in *interpreter) grantAtCreation(id catalog.ID) error {
	owner := in.ownerOf(id)
	objects := id.Kind
	switch id.Kind {
	case catalog.KindView:
		objects = catalog.KindTable
	case catalog.KindAggregate:
		objects = catalog.KindRoutine
	case catalog.KindComposite, catalog.KindRange, catalog.KindDomain, catalog.KindBaseType:
		objects = catalog.KindEnum
	}
	in.loadedAtCreation(id, owner, objects)
	for grantee, privileges := range in.privileges.at(in.stmt.seq, owner, id.Schema, objects, in.replay, in.stmt.file.origin() != written) {
		g := catalog.Grant{Target: id, Grantee: grantee, Privileges: in.limit(privileges, id.Kind)}
		if grantee == owner {
			g.Privileges = merge(g.Privileges, nil)
		}
		in.putGrant(g, owner)
	}
	return nil
}

// limit leaves out privileges that the server's version does not have.
func (in *interpreter) limit(p []catalog.Privilege, k catalog.Kind) []catalog.Privilege {
	all := in.allPrivileges(k)
	return slices.DeleteFunc(slices.Clone(p), func(p catalog.Privilege) bool { return !slices.Contains(all, p.Name) })
}

// change is one GRANT or REVOKE, on whatever objects.
type change struct {
	grant       bool
	option      bool     // WITH GRANT OPTION, GRANT OPTION FOR
	names       []string // privileges of the object; nil: none
	all         bool     // ALL PRIVILEGES
	columnNames map[string][]string
	columnAll   []string // columns of ALL (…)
	grantees    []string
}

func (in *interpreter) newChange(n *pg.GrantStmt) (*change, error) {
	ch := &change{grant: n.GetIsGrant(), option: n.GetGrantOption(), all: len(n.GetPrivileges()) == 0, columnNames: map[string][]string{}}
	for _, p := range n.GetPrivileges() {
		ap := p.GetAccessPriv()
		name := strings.ToUpper(ap.GetPrivName())
		cols := strs(ap.GetCols())
		switch {
		case len(cols) == 0 && name == "":
			ch.all = true
		case len(cols) == 0:
			ch.names = append(ch.names, name)
		case name == "":
			ch.columnAll = append(ch.columnAll, cols...)
		default:
			for _, c := range cols {
				ch.columnNames[c] = append(ch.columnNames[c], name)
			}
		}
	}
	for _, g := range n.GetGrantees() {
		role := in.role(g.GetRoleSpec())
		if err := in.needRole(role, g.GetRoleSpec().GetLocation()); err != nil {
			return nil, err
		}
		ch.grantees = append(ch.grantees, role)
	}
	return ch, nil
}

func (in *interpreter) grant(n *pg.GrantStmt) error {
	switch n.GetObjtype() {
	case pg.ObjectType_OBJECT_DATABASE, pg.ObjectType_OBJECT_TABLESPACE, pg.ObjectType_OBJECT_LARGEOBJECT, pg.ObjectType_OBJECT_PARAMETER_ACL,
		pg.ObjectType_OBJECT_LANGUAGE:
		in.note("privileges on a %s left out: bloom does not compare them", objectWord(n.GetObjtype()))
		return nil
	}
	ch, err := in.newChange(n)
	if err != nil {
		return err
	}
	targets, err := in.grantTargets(n)
	if err != nil {
		return err
	}
	for _, t := range targets {
		if t.Schema == "pg_catalog" || t.Schema == "information_schema" {
			continue
		}
		if err := in.applyGrant(t, ch); err != nil {
			return err
		}
	}
	return nil
}

func (in *interpreter) grantTargets(n *pg.GrantStmt) ([]catalog.ID, error) {
	var out []catalog.ID
	for _, o := range n.GetObjects() {
		if n.GetTargtype() == pg.GrantTargetType_ACL_TARGET_ALL_IN_SCHEMA {
			if err := in.needSchema(o.GetString_().GetSval(), 0); err != nil {
				return nil, err
			}
			out = append(out, in.allInSchema(o.GetString_().GetSval(), n.GetObjtype())...)
			continue
		}
		var id catalog.ID
		var err error
		switch n.GetObjtype() {
		case pg.ObjectType_OBJECT_TABLE, pg.ObjectType_OBJECT_SEQUENCE:
			if o.GetRangeVar().GetSchemaname() == "pg_catalog" || o.GetRangeVar().GetSchemaname() == "information_schema" || in.temp[o.GetRangeVar().GetRelname()] {
				continue
			}
			if id, err = in.relation(o.GetRangeVar()); err != nil && o.GetRangeVar().GetSchemaname() == "" && in.set.Relation(builtin.Pg(o.GetRangeVar().GetRelname())) != nil {
				continue
			}
		default:
			id, err = in.object(n.GetObjtype(), o)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

// allInSchema lists the project's own objects of a schema that are there when
// the statement runs.
func (in *interpreter) allInSchema(schema string, typ pg.ObjectType) []catalog.ID {
	var out []catalog.ID
	if !in.c.Has(catalog.Schema{Name: schema}.ID()) {
		out = in.platformRelations(schema, typ)
	}
	for id, o := range in.c.All() {
		if id.Schema != schema || id.Table != "" {
			continue
		}
		if src := in.c.Source(id); !in.replay && src != nil && in.order[src] > in.stmt.seq {
			continue
		}
		fits := false
		switch typ {
		case pg.ObjectType_OBJECT_TABLE:
			fits = id.Kind == catalog.KindTable || id.Kind == catalog.KindView
		case pg.ObjectType_OBJECT_SEQUENCE:
			fits = id.Kind == catalog.KindSequence
		default:
			fits = fitsType(o, typ)
		}
		if fits {
			out = append(out, id)
		}
	}
	return out
}

// platformRelations are the tables or sequences in a schema that is not the project's.
func (in *interpreter) platformRelations(schema string, typ pg.ObjectType) []catalog.ID {
	var out []catalog.ID
	for c := in.c.Base; c != nil; c = c.Base {
		for id := range c.All() {
			relation := typ == pg.ObjectType_OBJECT_TABLE && (id.Kind == catalog.KindTable || id.Kind == catalog.KindView) ||
				typ == pg.ObjectType_OBJECT_SEQUENCE && id.Kind == catalog.KindSequence
			if relation && id.Schema == schema && !in.c.Has(id) {
				out = append(out, id)
			}
		}
	}
	return out
}

func (in *interpreter) applyGrant(target catalog.ID, ch *change) error {
	all := in.allPrivileges(target.Kind)
	names := ch.names
	if ch.all {
		names = all
	}
	for _, name := range names {
		// On a sequence GRANT … ON TABLE works too, with the table's words.
		if !slices.Contains(all, name) && !(target.Kind == catalog.KindSequence && slices.Contains([]string{"INSERT", "DELETE"}, name)) && !(name == "MAINTAIN" && target.Kind != catalog.KindSchema) {
			return in.errorf(0, "invalid privilege type %s for %s", name, target.Kind)
		}
	}
	owner := in.ownerOf(target)
	for _, g := range ch.grantees {
		if len(names) > 0 {
			in.changeGrant(target, g, owner, names, ch)
		}
		for _, col := range ch.columns() {
			id := columnID(target, col)
			if target.Kind == catalog.KindTable && in.c.Lookup(id) == nil {
				return in.missing(0, "column %q of relation %q", col, target.Name)
			}
			cols := ch.columnNames[col]
			if slices.Contains(ch.columnAll, col) {
				cols = in.allPrivileges(catalog.KindColumn)
			}
			in.changeGrant(id, g, owner, cols, ch)
		}
		if !ch.grant && len(names) > 0 {
			in.revokeColumns(target, g, owner, names, ch)
		}
	}
	return nil
}

func (ch *change) columns() []string {
	out := slices.Clone(ch.columnAll)
	for c := range ch.columnNames {
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	slices.Sort(out)
	return out
}

func (in *interpreter) changeGrant(target catalog.ID, grantee, owner string, names []string, ch *change) {
	g := catalog.Grant{Target: target, Grantee: grantee}
	g.Privileges = in.changed(in.held(target, grantee, owner), g, owner, names, ch)
	in.putGrant(g, owner)
	in.loadedChange(target, grantee, owner, names, ch)
}

// changed is what is left of privileges, or added to them.
func (in *interpreter) changed(have []catalog.Privilege, g catalog.Grant, owner string, names []string, ch *change) []catalog.Privilege {
	if !ch.grant {
		return without(have, names, ch.option)
	}
	add := in.limit(plain(names), g.Target.Kind)
	for i := range add {
		add[i].Grantable = ch.option && g.Grantee != owner
	}
	return merge(have, add)
}

// revokeColumns: what is revoked on a table is revoked on its columns.
func (in *interpreter) revokeColumns(target catalog.ID, grantee, owner string, names []string, ch *change) {
	for _, col := range in.c.ColumnsOf(target) {
		if in.c.Has(catalog.About(catalog.KindGrant, col, grantee)) {
			in.changeGrant(col, grantee, owner, names, ch)
		}
	}
}
