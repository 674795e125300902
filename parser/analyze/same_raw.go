package analyze

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// sameRaw reports whether two parse trees are the same and every name in them without a schema means the
// same on both sides: then they mean the same, even if analysis did not understand a part of them.
func sameRaw(l, r *env, ours, theirs source, a, b *pg.Node) bool {
	a, b = withoutLocations(a), withoutLocations(b)
	if !proto.Equal(a, b) {
		return false
	}
	names := namesIn(a)
	return names != nil && names.in(l, searchPath(ours.expr.Path)) == names.in(r, searchPath(theirs.expr.Path))
}

func withoutLocations(n *pg.Node) *pg.Node {
	n = proto.Clone(n).(*pg.Node)
	walkMessages(n.ProtoReflect(), func(m protoreflect.Message) {
		for _, field := range []protoreflect.Name{"location", "stmt_location", "stmt_len"} {
			if fd := m.Descriptor().Fields().ByName(field); fd != nil {
				m.Clear(fd)
			}
		}
	})
	return n
}

func walkMessages(m protoreflect.Message, visit func(protoreflect.Message)) {
	visit(m)
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case fd.Message() == nil || fd.IsMap():
		case fd.IsList():
			for i := range v.List().Len() {
				walkMessages(v.List().Get(i).Message(), visit)
			}
		default:
			walkMessages(v.Message(), visit)
		}
		return true
	})
}

// names are the names without a schema in a parse tree.
type names struct{ functions, operators, types, relations []string }

// namesIn collects them; nil if the tree has something in it that means what the catalog has at the time: *, or the name of an
// object in a string.
func namesIn(n *pg.Node) *names {
	found := &names{operators: []string{"=", "<", ">", "<=", ">=", "<>"}} // of CASE and BETWEEN
	fixed := true
	add := func(list *[]string, name []*pg.Node) {
		if len(name) == 1 {
			*list = append(*list, name[0].GetString_().GetSval())
		}
	}
	walkMessages(n.ProtoReflect(), func(m protoreflect.Message) {
		switch x := m.Interface().(type) {
		case *pg.A_Star:
			fixed = false
		case *pg.FuncCall:
			add(&found.functions, x.Funcname)
			_, name := qualified(x.Funcname)
			fixed = fixed && name != "nextval" && name != "currval" && name != "setval" && !strings.HasPrefix(name, "to_reg")
		case *pg.TypeName:
			add(&found.types, x.Names)
			_, name := qualified(x.Names)
			fixed = fixed && !strings.HasPrefix(name, "reg")
		case *pg.A_Expr:
			add(&found.operators, x.Name)
		case *pg.SubLink:
			add(&found.operators, x.OperName)
		case *pg.SortBy:
			add(&found.operators, x.UseOp)
		case *pg.RangeVar:
			if x.Schemaname == "" {
				found.relations = append(found.relations, x.Relname)
			}
		}
	})
	if !fixed {
		return nil
	}
	return found
}

// in writes what the names stand for under a search_path.
func (n *names) in(e *env, path []string) string {
	a := &analyzer{env: e, path: path}
	var b strings.Builder
	for _, name := range sortedSet(n.functions) {
		for _, f := range e.functionsNamed(name) {
			if a.inPath("", f.schema) >= 0 {
				b.WriteString(f.String() + "\n")
			}
		}
		if t, ok := e.findType("", name, path); ok {
			b.WriteString(t.String() + "\n")
		}
	}
	for _, name := range sortedSet(n.operators) {
		for _, o := range e.operatorsNamed(name) {
			if a.inPath("", o.schema) >= 0 {
				b.WriteString(o.String() + "\n")
			}
		}
	}
	for _, name := range sortedSet(n.types) {
		t, _ := e.findType("", name, path)
		b.WriteString(t.String() + "\n")
	}
	for _, name := range sortedSet(n.relations) {
		if r := e.findRelation("", name, path); r != nil {
			b.WriteString(r.schema + "." + r.name + "\n")
		}
	}
	return b.String()
}

func sortedSet(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return slices.Compact(names)
}
