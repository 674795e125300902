package analyze

import (
	pg "github.com/pganalyze/pg_query_go/v5"
)

// rowArgs are the fields of ROW(…), with t.* expanded.
func (a *analyzer) rowArgs(args []*pg.Node, s *scope) []expr {
	var out []expr
	for _, n := range args {
		if cols, ok := a.star(n, s); ok {
			for _, c := range cols {
				out = append(out, c.expr)
			}
			continue
		}
		out = append(out, a.expr(n, s))
	}
	return out
}

// rowExpr is transformRowExpr. Untyped literals in it stay so until it is compared or becomes a value.
func (a *analyzer) rowExpr(args []*pg.Node, s *scope) expr {
	n := &row{typed: typed{typ: tRecord, fields: []field{}}, args: a.rowArgs(args, s)}
	for i, e := range n.args {
		v := e.value()
		n.fields = append(n.fields, field{name: "f" + itoa(i+1), typ: v.typ, mods: v.mods, fields: v.fields})
	}
	return n
}

// star expands t.*, (composite).* and *; not ok if the node is none of them.
func (a *analyzer) star(n *pg.Node, s *scope) ([]itemColumn, bool) {
	if c := n.GetColumnRef(); c != nil && len(c.Fields) > 0 && c.Fields[len(c.Fields)-1].GetAStar() != nil {
		return a.starOf(c, s), true
	}
	if i := n.GetAIndirection(); i != nil && len(i.Indirection) > 0 && i.Indirection[len(i.Indirection)-1].GetAStar() != nil {
		e := a.indirection(&pg.A_Indirection{Arg: i.Arg, Indirection: i.Indirection[:len(i.Indirection)-1]}, s)
		return a.expandRow(e), true
	}
	return nil, false
}

func (a *analyzer) starOf(c *pg.ColumnRef, s *scope) []itemColumn {
	if len(c.Fields) == 1 {
		var out []itemColumn
		var shown []*item
		for _, it := range s.items {
			if !it.columnsHidden {
				out = append(out, it.all()...)
				shown = append(shown, it)
			}
		}
		a.occurStar(c.Location, 1, shown, s)
		a.referAll(out)
		return out
	}
	names := nameParts(c.Fields[:len(c.Fields)-1])
	schema, name := "", names[len(names)-1]
	if len(names) > 1 {
		schema = names[len(names)-2]
	}
	if it := s.findItem(schema, name); it != nil {
		a.referAll(it.all())
		a.occurStar(c.Location, len(c.Fields), []*item{it}, s)
		return it.columns
	}
	return a.expandRow(a.columnRef(&pg.ColumnRef{Fields: c.Fields[:len(c.Fields)-1], Location: c.Location}, s))
}

func (a *analyzer) referAll(columns []itemColumn) {
	for _, c := range columns {
		a.referColumns(c.expr)
	}
}

// expandRow is ExpandRowReference: the fields of a composite value.
func (a *analyzer) expandRow(e expr) []itemColumn {
	fields := a.fieldsOf(e)
	if fields == nil {
		return []itemColumn{{"*", a.trouble(-1, "the columns of a value of type %s are not known", e.value().typ)}}
	}
	out := make([]itemColumn, len(fields))
	for i, f := range fields {
		out[i] = itemColumn{f.name, a.fieldAt(e, i, f)}
	}
	return out
}
