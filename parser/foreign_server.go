package parser

import (
	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

func (in *interpreter) createForeignDataWrapper(n *pg.CreateFdwStmt) error {
	w := catalog.ForeignDataWrapper{Name: n.GetFdwname(), Options: pairs(n.GetOptions())}
	if err := in.wrapperFunctions(&w, n.GetFuncOptions()); err != nil {
		return err
	}
	if err := in.add(w, 0); err != nil {
		return err
	}
	in.own(w.ID())
	return in.grantAtCreation(w.ID())
}

func (in *interpreter) wrapperFunctions(w *catalog.ForeignDataWrapper, options []*pg.Node) error {
	for _, d := range elems(options) {
		var q catalog.QName
		var err error
		if d.GetArg() != nil {
			if q, err = in.function(d.GetArg().GetList().GetItems(), d.GetLocation()); err != nil {
				return err
			}
		}
		if d.GetDefname() == "handler" {
			w.Handler = q
		} else {
			w.Validator = q
		}
	}
	return nil
}

func (in *interpreter) alterForeignDataWrapper(n *pg.AlterFdwStmt) error {
	w, ok := in.c.Get(catalog.ForeignDataWrapper{Name: n.GetFdwname()}.ID()).(catalog.ForeignDataWrapper)
	if !ok {
		return in.missing(0, "foreign-data wrapper %q", n.GetFdwname())
	}
	w.Options = withPairs(w.Options, n.GetOptions(), false)
	if err := in.wrapperFunctions(&w, n.GetFuncOptions()); err != nil {
		return err
	}
	in.put(w)
	return nil
}

func (in *interpreter) createServer(n *pg.CreateForeignServerStmt) error {
	s := catalog.Server{Name: n.GetServername(), Wrapper: n.GetFdwname(), Type: n.GetServertype(), Version: n.GetVersion(), Options: pairs(n.GetOptions())}
	if skip, err := in.taken(s.ID(), n.GetIfNotExists(), 0); skip || err != nil {
		return err
	}
	if in.c.Lookup(catalog.ForeignDataWrapper{Name: s.Wrapper}.ID()) == nil && !in.wrapperOfExtension(s.Wrapper) {
		return in.missing(0, "foreign-data wrapper %q", s.Wrapper)
	}
	in.put(s)
	in.own(s.ID())
	return in.grantAtCreation(s.ID())
}

// wrapperOfExtension: extensions name their wrapper as they are named themselves,
// or are not known.
func (in *interpreter) wrapperOfExtension(name string) bool {
	_, ok := in.extensions[name]
	return ok || in.unknownExtension()
}

func (in *interpreter) alterServer(n *pg.AlterForeignServerStmt) error {
	s, ok := in.c.Get(catalog.Server{Name: n.GetServername()}.ID()).(catalog.Server)
	if !ok {
		return in.missing(0, "server %q", n.GetServername())
	}
	s.Options = withPairs(s.Options, n.GetOptions(), false)
	if n.GetHasVersion() {
		s.Version = n.GetVersion()
	}
	in.put(s)
	return nil
}

func (in *interpreter) createUserMapping(n *pg.CreateUserMappingStmt) error {
	if _, err := in.existing(catalog.Server{Name: n.GetServername()}.ID()); err != nil {
		return err
	}
	m := catalog.UserMapping{Server: n.GetServername(), User: in.role(n.GetUser()), Options: withoutSecrets(pairs(n.GetOptions()))}
	if skip, err := in.taken(m.ID(), n.GetIfNotExists(), 0); skip || err != nil {
		return err
	}
	in.put(m)
	return nil
}

// withoutSecrets puts a digest in the place of what should not be shown.
func withoutSecrets(options []string) []string {
	out := make([]string, len(options))
	for i, o := range options {
		out[i] = catalog.MaskOption(o)
	}
	return out
}

func (in *interpreter) alterUserMapping(n *pg.AlterUserMappingStmt) error {
	m, ok := in.c.Get(catalog.UserMapping{Server: n.GetServername(), User: in.role(n.GetUser())}.ID()).(catalog.UserMapping)
	if !ok {
		return in.missing(0, "user mapping for %q on server %q", in.role(n.GetUser()), n.GetServername())
	}
	m.Options = withoutSecrets(withPairs(m.Options, n.GetOptions(), false))
	in.put(m)
	return nil
}

func (in *interpreter) dropUserMapping(n *pg.DropUserMappingStmt) error {
	id := catalog.UserMapping{Server: n.GetServername(), User: in.role(n.GetUser())}.ID()
	if !in.c.Has(id) && !n.GetMissingOk() {
		return in.missing(0, "user mapping for %q on server %q", id.Role, id.Name)
	}
	in.remove(id)
	return nil
}
