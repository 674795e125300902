package parser

import (
	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

func (in *interpreter) createExtension(n *pg.CreateExtensionStmt) error {
	e := catalog.Extension{Name: n.GetExtname()}
	for _, d := range elems(n.GetOptions()) {
		switch d.GetDefname() {
		case "schema":
			e.Schema = constText(d.GetArg())
		case "new_version":
			e.Version = constText(d.GetArg())
		}
	}
	if e.Name == "plpgsql" { // in every database
		return nil
	}
	if in.c.Has(e.ID()) {
		if n.GetIfNotExists() {
			return nil
		}
		return in.duplicate(e.ID(), 0)
	}
	if in.passesOver(e.Name) {
		in.note("the server has no extension %s, and cannot make it: left out", e.Name)
		return nil
	}
	if e.Schema != "" && in.c.Lookup(e.ID()) == nil {
		if err := in.needSchema(e.Schema, 0); err != nil {
			return err
		}
	}
	in.put(e)
	return nil
}

// passesOver reports whether what a dump says of an extension is left out: it names those of the server that it was made on.
func (in *interpreter) passesOver(extension string) bool {
	return in.o.Missing[extension] && in.stmt.file.origin() != written
}

// Extensions are the extensions that dumps name, with the schemas that they put them in, if they say.
func (s *Script) Extensions() map[string]string {
	found := map[string]string{}
	for _, f := range s.files {
		for _, st := range f.statements {
			n := st.node.GetCreateExtensionStmt()
			if n == nil || f.origin() == written {
				continue
			}
			found[n.GetExtname()] = ""
			for _, d := range elems(n.GetOptions()) {
				if d.GetDefname() == "schema" {
					found[n.GetExtname()] = constText(d.GetArg())
				}
			}
		}
	}
	return found
}

func (in *interpreter) alterExtension(n *pg.AlterExtensionStmt) error {
	e, ok := catalog.Find[catalog.Extension](in.c, catalog.Extension{Name: n.GetExtname()}.ID())
	if !ok {
		return in.missing(0, "extension %q", n.GetExtname())
	}
	for _, d := range elems(n.GetOptions()) {
		if d.GetDefname() == "new_version" {
			e.Version = constText(d.GetArg())
		}
	}
	in.put(e)
	return nil
}
