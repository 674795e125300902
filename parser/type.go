package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// newType gives a new type its schema and makes sure that the name is free.
func (in *interpreter) newType(names []*pg.Node) (catalog.QName, error) {
	q, err := in.creation(qualified(names), 0)
	if err != nil {
		return q, err
	}
	if id, ok := in.typeObject(q); ok {
		return q, in.duplicate(id, 0)
	}
	return q, nil
}

func (in *interpreter) putType(o catalog.Object) error {
	in.put(o)
	in.own(o.ID())
	return in.grantAtCreation(o.ID())
}

func (in *interpreter) createEnum(n *pg.CreateEnumStmt) error {
	q, err := in.newType(n.GetTypeName())
	if err != nil {
		return err
	}
	return in.putType(catalog.Enum{Schema: q.Schema, Name: q.Name, Labels: strs(n.GetVals())})
}

func (in *interpreter) alterEnum(n *pg.AlterEnumStmt) error {
	id, err := in.need(qualified(n.GetTypeName()), 0, catalog.KindEnum)
	if err != nil {
		return err
	}
	e, ok := in.c.Get(id).(catalog.Enum)
	if !ok {
		return in.errorf(0, "%s is not the project's to change", id)
	}
	e.Labels = slices.Clone(e.Labels)
	at := slices.Index(e.Labels, n.GetNewVal())
	switch {
	case n.GetOldVal() != "":
		old := slices.Index(e.Labels, n.GetOldVal())
		if old < 0 {
			return in.missing(0, "enum label %q", n.GetOldVal())
		}
		if at >= 0 {
			return in.errorf(0, "enum label %q exists already", n.GetNewVal())
		}
		e.Labels[old] = n.GetNewVal()
		in.renameValue(e, n.GetOldVal(), n.GetNewVal())
	case at >= 0 && n.GetSkipIfNewValExists():
		return nil
	case at >= 0:
		return in.errorf(0, "enum label %q exists already", n.GetNewVal())
	default:
		to := len(e.Labels)
		if n.GetNewValNeighbor() != "" {
			if to = slices.Index(e.Labels, n.GetNewValNeighbor()); to < 0 {
				return in.missing(0, "enum label %q", n.GetNewValNeighbor())
			}
			if n.GetNewValIsAfter() {
				to++
			}
		}
		e.Labels = slices.Insert(e.Labels, to, n.GetNewVal())
	}
	in.put(e)
	return nil
}

func (in *interpreter) createComposite(n *pg.CompositeTypeStmt) error {
	rv := n.GetTypevar()
	q, err := in.creation(rangeName(rv), rv.GetLocation())
	if err != nil {
		return err
	}
	if id, ok := in.typeObject(q); ok {
		return in.duplicate(id, rv.GetLocation())
	}
	if err := in.free(q, rv.GetLocation()); err != nil {
		return err
	}
	c := catalog.Composite{Schema: q.Schema, Name: q.Name}
	for _, d := range n.GetColdeflist() {
		a, err := in.attribute(d.GetColumnDef())
		if err != nil {
			return err
		}
		c.Attributes = append(c.Attributes, a)
	}
	return in.putType(c)
}

func (in *interpreter) attribute(def *pg.ColumnDef) (catalog.Attribute, error) {
	t, err := in.typeOf(def.GetTypeName())
	if err != nil {
		return catalog.Attribute{}, err
	}
	coll, err := in.collation(def.GetCollClause().GetCollname(), def.GetLocation())
	return catalog.Attribute{Name: def.GetColname(), Type: t, Collation: coll}, err
}

// alterComposite is ALTER TYPE … ADD, DROP, ALTER ATTRIBUTE.
func (in *interpreter) alterComposite(n *pg.AlterTableStmt) error {
	id, err := in.relation(n.GetRelation())
	if err != nil {
		return err
	}
	c, ok := in.c.Get(id).(catalog.Composite)
	if !ok {
		return in.errorf(n.GetRelation().GetLocation(), "%s is not a composite type of the project", id)
	}
	c.Attributes = slices.Clone(c.Attributes)
	for _, cmdNode := range n.GetCmds() {
		cmd := cmdNode.GetAlterTableCmd()
		name := cmd.GetName()
		if cmd.GetSubtype() == pg.AlterTableType_AT_AddColumn {
			name = cmd.GetDef().GetColumnDef().GetColname()
		}
		at := slices.IndexFunc(c.Attributes, func(a catalog.Attribute) bool { return a.Name == name })
		if at < 0 && cmd.GetSubtype() != pg.AlterTableType_AT_AddColumn {
			if cmd.GetMissingOk() {
				continue
			}
			return in.missing(0, "attribute %q of type %q", name, c.Name)
		}
		switch cmd.GetSubtype() {
		case pg.AlterTableType_AT_AddColumn:
			a, err := in.attribute(cmd.GetDef().GetColumnDef())
			if err != nil {
				return err
			}
			if at >= 0 {
				return in.errorf(0, "attribute %q of type %q exists already", name, c.Name)
			}
			c.Attributes = append(c.Attributes, a)
		case pg.AlterTableType_AT_DropColumn:
			c.Attributes = slices.Delete(c.Attributes, at, at+1)
		case pg.AlterTableType_AT_AlterColumnType:
			def := cmd.GetDef().GetColumnDef()
			a, err := in.attribute(def)
			if err != nil {
				return err
			}
			a.Name = name
			c.Attributes[at] = a
		default:
			return in.unsupported(0, "ALTER TYPE … %s", strings.TrimPrefix(cmd.GetSubtype().String(), "AT_"))
		}
	}
	in.put(c)
	return nil
}

func (in *interpreter) createRange(n *pg.CreateRangeStmt) error {
	q, err := in.newType(n.GetTypeName())
	if err != nil {
		return err
	}
	r := catalog.Range{Schema: q.Schema, Name: q.Name}
	for _, d := range elems(n.GetParams()) {
		switch d.GetDefname() {
		case "subtype":
			r.Subtype, err = in.argType(d.GetArg().GetTypeName())
		case "subtype_opclass":
			r.Opclass, err = in.opclass(d.GetArg().GetTypeName().GetNames(), "btree", r.Subtype, d.GetLocation())
		case "collation":
			r.Collation, err = in.collation(d.GetArg().GetTypeName().GetNames(), d.GetLocation())
		case "canonical":
			r.Canonical = qualified(d.GetArg().GetTypeName().GetNames())
		case "subtype_diff":
			r.Diff, err = in.functionNamed(nameOf(d.GetArg()), d.GetLocation())
		case "multirange_type_name":
			r.Multirange, err = in.creation(nameOf(d.GetArg()), d.GetLocation())
		}
		if err != nil {
			return err
		}
	}
	if r.Multirange.IsZero() {
		r.Multirange = catalog.QName{Schema: q.Schema, Name: multirangeName(q.Name)}
	}
	return in.putType(r)
}

// multirangeName is makeMultirangeTypeName.
func multirangeName(name string) string {
	if i := strings.Index(name, "range"); i >= 0 {
		return catalog.ClipName(name[:i]+"multi"+name[i:], catalog.NameLength)
	}
	return catalog.ClipName(name, catalog.NameLength-len("_multirange")) + "_multirange"
}

func (in *interpreter) alterType(n *pg.AlterTypeStmt) error {
	return in.unsupported(0, "ALTER TYPE … SET (…)")
}
