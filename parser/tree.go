package parser

import (
	"slices"
	"strconv"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"
	"google.golang.org/protobuf/reflect/protoreflect"

	"bloom/catalog"
)

// strs are the texts of a list of String nodes: a qualified name, column names, …
func strs(list []*pg.Node) []string {
	out := make([]string, 0, len(list))
	for _, n := range list {
		out = append(out, n.GetString_().GetSval())
	}
	return out
}

// qualified is a name of one or two parts; a catalog before it is dropped.
func qualified(list []*pg.Node) catalog.QName {
	s := strs(list)
	switch {
	case len(s) == 0:
		return catalog.QName{}
	case len(s) == 1:
		return catalog.QName{Name: s[0]}
	}
	return catalog.QName{Schema: s[len(s)-2], Name: s[len(s)-1]}
}

func rangeName(r *pg.RangeVar) catalog.QName {
	return catalog.QName{Schema: r.GetSchemaname(), Name: r.GetRelname()}
}

// nameOf is the qualified name in a node that names an object: a list, a string
// or a type name.
func nameOf(n *pg.Node) catalog.QName {
	switch {
	case n.GetList() != nil:
		return qualified(n.GetList().GetItems())
	case n.GetTypeName() != nil:
		return qualified(n.GetTypeName().GetNames())
	case n.GetObjectWithArgs() != nil:
		return qualified(n.GetObjectWithArgs().GetObjname())
	case n.GetRangeVar() != nil:
		return rangeName(n.GetRangeVar())
	}
	return catalog.QName{Name: n.GetString_().GetSval()}
}

// constText is the text of a constant, as in the value of an option.
func constText(n *pg.Node) string {
	switch {
	case n == nil:
		return ""
	case n.GetAConst() != nil:
		return aConstText(n.GetAConst())
	case n.GetString_() != nil:
		return n.GetString_().GetSval()
	case n.GetInteger() != nil:
		return strconv.Itoa(int(n.GetInteger().GetIval()))
	case n.GetFloat() != nil:
		return n.GetFloat().GetFval()
	case n.GetBoolean() != nil:
		return strconv.FormatBool(n.GetBoolean().GetBoolval())
	case n.GetTypeName() != nil:
		return strings.Join(strs(n.GetTypeName().GetNames()), ".")
	case n.GetTypeCast() != nil:
		return constText(n.GetTypeCast().GetArg())
	case n.GetList() != nil:
		parts := make([]string, len(n.GetList().GetItems()))
		for i, item := range n.GetList().GetItems() {
			parts[i] = constText(item)
		}
		return strings.Join(parts, ",")
	case n.GetColumnRef() != nil:
		return strings.Join(strs(n.GetColumnRef().GetFields()), ".")
	}
	return ""
}

func aConstText(c *pg.A_Const) string {
	switch v := c.GetVal().(type) {
	case *pg.A_Const_Sval:
		return v.Sval.GetSval()
	case *pg.A_Const_Ival:
		return strconv.Itoa(int(v.Ival.GetIval()))
	case *pg.A_Const_Fval:
		return v.Fval.GetFval()
	case *pg.A_Const_Boolval:
		return strconv.FormatBool(v.Boolval.GetBoolval())
	case *pg.A_Const_Bsval:
		return v.Bsval.GetBsval()
	}
	return ""
}

// elems are the options of a list of DefElem nodes.
func elems(list []*pg.Node) []*pg.DefElem {
	out := make([]*pg.DefElem, 0, len(list))
	for _, n := range list {
		if d := n.GetDefElem(); d != nil {
			out = append(out, d)
		}
	}
	return out
}

// isTrue is defGetBoolean: an option without a value is true.
func isTrue(d *pg.DefElem) bool {
	if d.GetArg() == nil {
		return true
	}
	switch strings.ToLower(constText(d.GetArg())) {
	case "true", "on", "yes", "1", "t", "y":
		return true
	}
	return false
}

// pairs writes options as reloptions has them, "name=value", sorted.
func pairs(list []*pg.Node) []string {
	var out []string
	for _, d := range elems(list) {
		out = append(out, optionName(d)+"="+optionValue(d))
	}
	slices.Sort(out)
	return out
}

func optionName(d *pg.DefElem) string {
	if d.GetDefnamespace() != "" {
		return d.GetDefnamespace() + "." + d.GetDefname()
	}
	return d.GetDefname()
}

func optionValue(d *pg.DefElem) string {
	if d.GetArg() == nil {
		return "true"
	}
	return constText(d.GetArg())
}

// withPairs sets options in a list of "name=value", or takes them out.
func withPairs(have []string, list []*pg.Node, reset bool) []string {
	out := slices.Clone(have)
	for _, d := range elems(list) {
		out = slices.DeleteFunc(out, func(s string) bool { return strings.HasPrefix(s, optionName(d)+"=") })
		if !reset && d.GetDefaction() != pg.DefElemAction_DEFELEM_DROP {
			out = append(out, optionName(d)+"="+optionValue(d))
		}
	}
	slices.Sort(out)
	return out
}

// walk calls f for every node of a tree, parents first.
func walk(n *pg.Node, f func(*pg.Node)) {
	if n != nil {
		walkMessage(n.ProtoReflect(), f)
	}
}

func walkMessage(m protoreflect.Message, f func(*pg.Node)) {
	if n, ok := m.Interface().(*pg.Node); ok {
		f(n)
	}
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case fd.Kind() != protoreflect.MessageKind:
		case fd.IsList():
			for i := range v.List().Len() {
				walkMessage(v.List().Get(i).Message(), f)
			}
		default:
			walkMessage(v.Message(), f)
		}
		return true
	})
}

// columnRefs are the columns that an expression over one table names.
func columnRefs(n *pg.Node) []string {
	var out []string
	walk(n, func(n *pg.Node) {
		fields := n.GetColumnRef().GetFields()
		if len(fields) == 0 {
			return
		}
		if name := fields[len(fields)-1].GetString_().GetSval(); name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	})
	return out
}

// parseExpr reads the text of an expression; nil if it is none.
func parseExpr(s string) *pg.Node {
	tree, err := pg.Parse("SELECT " + s)
	if err != nil || len(tree.GetStmts()) != 1 {
		return nil
	}
	targets := tree.GetStmts()[0].GetStmt().GetSelectStmt().GetTargetList()
	if len(targets) != 1 {
		return nil
	}
	return targets[0].GetResTarget().GetVal()
}
