package parser

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// origin is how a file came about. It decides what its silence about privileges means.
type origin int

const (
	unread origin = iota
	// written: by hand. It means what running it makes, on what the platform gives by default.
	written
	// dumped: by pg_dump. It is what a database has: a role that it does not name has nothing.
	dumped
	// dumpedForPlatform: by the Supabase CLI, which makes a dump one that can be run where things exist already. It was read off a
	// database, so as an account of it a role that it does not name has nothing; and it is made to be run
	// where default privileges give such a role all that they give. A database that is either is as the dump says.
	dumpedForPlatform
)

// origin tells dumps by the empty search_path that they begin with, and those for a platform by names in quotes that
// need none, or by CREATE … IF NOT EXISTS and OR REPLACE, which pg_dump itself does not write.
func (f *file) origin() origin {
	if f.cameBy == unread {
		f.cameBy = f.findOrigin()
	}
	return f.cameBy
}

func (f *file) findOrigin() origin {
	found := written
	for _, st := range f.statements {
		if found == dumped && (st.node.GetCreateStmt() != nil || st.node.GetGrantStmt() != nil) {
			// Texts of functions are full of quotes, in any dump.
			if head, _, _ := strings.Cut(f.text[st.start:st.end], "("); strings.Contains(head, `"public"`) {
				return dumpedForPlatform
			}
		}
		switch n := st.node.GetNode().(type) {
		case *pg.Node_SelectStmt:
			if path, _, ok := setConfig(n.SelectStmt); ok && strings.TrimSpace(path) == "" {
				found = dumped
			}
		case *pg.Node_CreateStmt:
			if found == dumped && n.CreateStmt.GetIfNotExists() {
				return dumpedForPlatform
			}
		case *pg.Node_CreateSeqStmt:
			if found == dumped && n.CreateSeqStmt.GetIfNotExists() {
				return dumpedForPlatform
			}
		case *pg.Node_CreateFunctionStmt:
			if found == dumped && n.CreateFunctionStmt.GetReplace() {
				return dumpedForPlatform
			}
		case *pg.Node_ViewStmt:
			if found == dumped && n.ViewStmt.GetReplace() {
				return dumpedForPlatform
			}
		}
	}
	return found
}

// loaded is what running dumps for a platform there gives, beside what they say.
type loaded struct {
	objects map[catalog.ID]bool          // that they make
	grants  map[catalog.ID]catalog.Grant // also those without privileges
}

// loadedAtCreation notes what default privileges give on an object of such a dump.
func (in *interpreter) loadedAtCreation(id catalog.ID, owner string, objects catalog.Kind) {
	if in.replay || in.stmt.file.origin() != dumpedForPlatform {
		return
	}
	in.loaded.objects[id] = true
	for grantee, privileges := range in.privileges.at(in.stmt.seq, owner, id.Schema, objects, false, false) {
		if grantee != owner {
			g := catalog.Grant{Target: id, Grantee: grantee, Privileges: in.limit(privileges, id.Kind)}
			in.loaded.grants[g.ID()] = g
		}
	}
}

// loadedChange does to it what a GRANT or REVOKE does.
func (in *interpreter) loadedChange(target catalog.ID, grantee, owner string, names []string, ch *change) {
	of := target
	if rel, ok := in.c.Relation(target.Schema, target.Table); ok && target.Kind == catalog.KindColumn {
		of = rel
	}
	if !in.loaded.objects[of] || grantee == owner {
		return
	}
	g := catalog.Grant{Target: target, Grantee: grantee}
	g.Privileges = in.changed(in.loaded.grants[g.ID()].Privileges, g, owner, names, ch)
	in.loaded.grants[g.ID()] = g
}

// grantsOnPublic reports whether a pg_dump states who may use the schema public: then it names all of them.
func grantsOnPublic(statements []*statement) bool {
	for _, st := range statements {
		n := st.node.GetGrantStmt()
		if n.GetObjtype() != pg.ObjectType_OBJECT_SCHEMA || st.file.origin() != dumped {
			continue
		}
		for _, o := range n.GetObjects() {
			if n.GetIsGrant() && o.GetString_().GetSval() == "public" {
				return true
			}
		}
	}
	return false
}

// emptyPublic leaves the schema public to those who may use it in every new database.
func (in *interpreter) emptyPublic() {
	id := catalog.Schema{Name: "public"}.ID()
	for _, child := range in.c.Children(id) {
		if child.Kind == catalog.KindGrant {
			in.remove(child)
		}
	}
	in.put(catalog.Grant{Target: id, Grantee: catalog.Public, Privileges: []catalog.Privilege{{Name: "USAGE"}}})
}
