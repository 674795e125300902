package parser

import (
	"slices"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

func operatorName(d *pg.DefElem) catalog.QName {
	return nameOf(d.GetArg())
}

// operatorNamed is the name of an operator as an object keeps it.
func (in *interpreter) operatorNamed(q catalog.QName, loc int32) (catalog.QName, error) {
	if q.IsZero() {
		return q, nil
	}
	if q.Schema == "" || q.Schema == "pg_catalog" {
		for _, o := range in.set.Operators(q.Name) {
			if o.Name.Schema == "pg_catalog" {
				return catalog.QName{Schema: "pg_catalog", Name: q.Name}, nil
			}
		}
	}
	var found catalog.QName
	ok := in.search(q, func(q catalog.QName) bool {
		found = q
		if len(in.operators(q)) > 0 {
			return true
		}
		for _, f := range in.extensionFacts() {
			for _, o := range f.set.Operators(q.Name) {
				if o.Name.Schema == q.Schema {
					return true
				}
			}
		}
		return false
	})
	switch {
	case ok:
		return found, nil
	case in.unknownExtension():
		return q, nil
	}
	return q, in.missing(loc, "operator %s", q)
}

func (in *interpreter) createOperator(n *pg.DefineStmt) error {
	q, err := in.creationOf(n.GetDefnames())
	if err != nil {
		return err
	}
	o := catalog.Operator{Schema: q.Schema, Name: q.Name}
	for _, d := range elems(n.GetDefinition()) {
		if err := in.operatorOption(&o, d); err != nil {
			return err
		}
	}
	if o.Result, err = in.operatorResult(o); err != nil {
		return err
	}
	if err := in.putOwned(o); err != nil {
		return err
	}
	in.relateBack(o, o.Commutator, o.Right, o.Left, func(other *catalog.Operator) *catalog.QName { return &other.Commutator })
	in.relateBack(o, o.Negator, o.Left, o.Right, func(other *catalog.Operator) *catalog.QName { return &other.Negator })
	return nil
}

// relateBack: an operator that another one names as its commutator or negator names
// that one too from then on, unless it names one already.
func (in *interpreter) relateBack(o catalog.Operator, name catalog.QName, left, right catalog.Type, field func(*catalog.Operator) *catalog.QName) {
	other, ok := in.c.Get(catalog.Operator{Schema: name.Schema, Name: name.Name, Left: left, Right: right}.ID()).(catalog.Operator)
	if back := field(&other); ok && back.IsZero() && other.ID() != o.ID() {
		*back = catalog.QName{Schema: o.Schema, Name: o.Name}
		in.put(other)
	}
}

func (in *interpreter) operatorOption(o *catalog.Operator, d *pg.DefElem) error {
	var err error
	switch strings.ToLower(d.GetDefname()) {
	case "leftarg":
		o.Left, err = in.argType(d.GetArg().GetTypeName())
	case "rightarg":
		o.Right, err = in.argType(d.GetArg().GetTypeName())
	case "function", "procedure":
		o.Function, err = in.definedFunction(d)
	case "commutator":
		o.Commutator, err = in.relatedOperator(o, d)
	case "negator":
		o.Negator, err = in.relatedOperator(o, d)
	case "restrict":
		o.Restrict, err = in.estimator(d)
	case "join":
		o.Join, err = in.estimator(d)
	case "hashes":
		o.Hashes = isTrue(d)
	case "merges":
		o.Merges = isTrue(d)
	}
	return err
}

// relatedOperator is the commutator or negator. One that does not exist yet is
// the operator itself, or PostgreSQL makes a shell where new objects go.
func (in *interpreter) relatedOperator(o *catalog.Operator, d *pg.DefElem) (catalog.QName, error) {
	q := operatorName(d)
	if found, err := in.operatorNamed(q, d.GetLocation()); err == nil && len(in.operators(found)) > 0 {
		return found, nil
	}
	return in.creation(q, d.GetLocation())
}

func (in *interpreter) estimator(d *pg.DefElem) (catalog.QName, error) {
	if strings.EqualFold(constText(d.GetArg()), "none") || d.GetArg() == nil {
		return catalog.QName{}, nil
	}
	return in.definedFunction(d)
}

// operatorResult is what the operator's function returns.
func (in *interpreter) operatorResult(o catalog.Operator) (catalog.Type, error) {
	var args []string
	for _, t := range []catalog.Type{o.Left, o.Right} {
		if t != "" {
			args = append(args, string(t))
		}
	}
	want := strings.Join(args, ", ")
	for _, id := range in.routines(o.Function) {
		if r, ok := catalog.Find[catalog.Routine](in.c, id); ok && id.Args == want {
			return r.Returns, nil
		}
	}
	for _, f := range in.set.Functions(o.Function.Name) {
		var names []string
		for _, a := range f.Args {
			n, _ := setType(in.set, a.Schema, a.Name)
			names = append(names, string(n.Type()))
		}
		if strings.Join(names, ", ") == want {
			n, _ := setType(in.set, f.Result.Schema, f.Result.Name)
			return n.Type(), nil
		}
	}
	return "", in.missing(0, "function %s(%s)", o.Function, want)
}

// operator finds an operator by name and argument types.
func (in *interpreter) operator(n *pg.ObjectWithArgs) (catalog.ID, error) {
	sides := make([]string, 0, 2)
	for _, a := range n.GetObjargs() {
		if a.GetTypeName() == nil {
			sides = append(sides, "")
			continue
		}
		t, err := in.argType(a.GetTypeName())
		if err != nil {
			return catalog.ID{}, err
		}
		sides = append(sides, string(t))
	}
	if len(sides) == 1 {
		sides = []string{"", sides[0]}
	}
	args := strings.Join(sides, ", ")
	q := qualified(n.GetObjname())
	var found catalog.ID
	ok := in.search(q, func(q catalog.QName) bool {
		found = catalog.ID{Kind: catalog.KindOperator, Schema: q.Schema, Name: q.Name, Args: args}
		return in.c.Lookup(found) != nil
	})
	if !ok {
		return found, in.missing(0, "operator %s (%s)", q, args)
	}
	return found, nil
}

func (in *interpreter) alterOperator(n *pg.AlterOperatorStmt) error {
	id, err := in.operator(n.GetOpername())
	if err != nil {
		return err
	}
	o, ok := in.c.Get(id).(catalog.Operator)
	if !ok {
		return in.errorf(0, "%s is not the project's to change", id)
	}
	for _, d := range elems(n.GetOptions()) {
		if err := in.operatorOption(&o, d); err != nil {
			return err
		}
	}
	in.put(o)
	return nil
}

// operatorGroup finds an operator class or family: access method, then name.
func (in *interpreter) operatorGroup(typ pg.ObjectType, names []string) (catalog.ID, error) {
	kind := catalog.KindOperatorClass
	if typ == pg.ObjectType_OBJECT_OPFAMILY {
		kind = catalog.KindOperatorFamily
	}
	q := catalog.QName{Name: names[len(names)-1]}
	if len(names) > 2 {
		q.Schema = names[1]
	}
	return in.operatorGroupNamed(kind, names[0], q)
}

func (in *interpreter) operatorGroupNamed(kind catalog.Kind, method string, q catalog.QName) (catalog.ID, error) {
	var found catalog.ID
	ok := in.search(q, func(q catalog.QName) bool {
		found = catalog.ID{Kind: kind, Schema: q.Schema, Name: q.Name, Args: method}
		return in.c.Lookup(found) != nil
	})
	if !ok {
		return found, in.missing(0, "%s %s for access method %q", kind, q, method)
	}
	return found, nil
}

func (in *interpreter) createOperatorFamily(n *pg.CreateOpFamilyStmt) error {
	q, err := in.creationOf(n.GetOpfamilyname())
	if err != nil {
		return err
	}
	return in.putOwned(catalog.OperatorFamily{Schema: q.Schema, Name: q.Name, Method: n.GetAmname()})
}

func (in *interpreter) createOperatorClass(n *pg.CreateOpClassStmt) error {
	q, err := in.creationOf(n.GetOpclassname())
	if err != nil {
		return err
	}
	c := catalog.OperatorClass{Schema: q.Schema, Name: q.Name, Method: n.GetAmname(), Default: n.GetIsDefault()}
	if c.Type, err = in.argType(n.GetDatatype()); err != nil {
		return err
	}
	if len(n.GetOpfamilyname()) > 0 {
		id, err := in.operatorGroupNamed(catalog.KindOperatorFamily, c.Method, qualified(n.GetOpfamilyname()))
		if err != nil {
			return err
		}
		c.Family = catalog.QName{Schema: id.Schema, Name: id.Name}
	} else {
		// Without a family the class gets one of its own name.
		c.Family = q
		family := catalog.OperatorFamily{Schema: q.Schema, Name: q.Name, Method: c.Method}
		if in.c.Lookup(family.ID()) == nil {
			if err := in.putOwned(family); err != nil {
				return err
			}
		}
	}
	for _, x := range n.GetItems() {
		item := x.GetCreateOpClassItem()
		if item.GetStoredtype() != nil {
			if c.Storage, err = in.argType(item.GetStoredtype()); err != nil {
				return err
			}
			continue
		}
		m, err := in.member(item, c.Type)
		if err != nil {
			return err
		}
		c.Members = append(c.Members, m)
	}
	if c.Storage == c.Type {
		c.Storage = ""
	}
	sortMembers(c.Members)
	return in.putOwned(c)
}

// member reads one OPERATOR or FUNCTION of a class or family.
func (in *interpreter) member(item *pg.CreateOpClassItem, typ catalog.Type) (catalog.OperatorClassMember, error) {
	m := catalog.OperatorClassMember{Number: int(item.GetNumber()), Left: typ, Right: typ}
	var sides []catalog.Type
	for _, n := range append(slices.Clone(item.GetClassArgs()), item.GetName().GetObjargs()...) {
		if n.GetTypeName() == nil {
			continue
		}
		t, err := in.argType(n.GetTypeName())
		if err != nil {
			return m, err
		}
		sides = append(sides, t)
	}
	isOperator := item.GetItemtype() == 1
	if (isOperator || len(item.GetClassArgs()) > 0) && len(sides) >= 2 {
		m.Left, m.Right = sides[0], sides[1]
	}
	var err error
	q := qualified(item.GetName().GetObjname())
	if isOperator {
		m.Operator, err = in.operatorNamed(q, 0)
		if len(item.GetOrderFamily()) > 0 {
			m.SortFamily = qualified(item.GetOrderFamily())
			if id, ferr := in.operatorGroupNamed(catalog.KindOperatorFamily, "btree", m.SortFamily); ferr == nil {
				m.SortFamily = catalog.QName{Schema: id.Schema, Name: id.Name}
			} else if m.SortFamily.Schema == "" {
				m.SortFamily.Schema = "pg_catalog"
			}
		}
		return m, err
	}
	if m.Function, err = in.functionNamed(q, 0); err != nil {
		return m, err
	}
	m.Args, err = in.argTypes(item.GetName().GetObjargs())
	if item.GetName().GetArgsUnspecified() {
		m.Args = ""
		if ids := in.routines(m.Function); len(ids) == 1 {
			m.Args = ids[0].Args
		}
	}
	if args := strings.Split(m.Args, ", "); typ == "" && len(item.GetClassArgs()) == 0 && len(args) >= 2 {
		m.Left, m.Right = catalog.Type(args[0]), catalog.Type(args[1])
	}
	return m, err
}

func sortMembers(list []catalog.OperatorClassMember) {
	slices.SortFunc(list, func(a, b catalog.OperatorClassMember) int {
		if af, bf := a.Operator.IsZero(), b.Operator.IsZero(); af != bf {
			if bf {
				return -1
			}
			return 1
		}
		if a.Number != b.Number {
			return a.Number - b.Number
		}
		if c := strings.Compare(string(a.Left), string(b.Left)); c != 0 {
			return c
		}
		return strings.Compare(string(a.Right), string(b.Right))
	})
}

func (in *interpreter) alterOperatorFamily(n *pg.AlterOpFamilyStmt) error {
	id, err := in.operatorGroupNamed(catalog.KindOperatorFamily, n.GetAmname(), qualified(n.GetOpfamilyname()))
	if err != nil {
		return err
	}
	f, ok := in.c.Get(id).(catalog.OperatorFamily)
	if !ok {
		return in.errorf(0, "%s is not the project's to change", id)
	}
	f.Members = slices.Clone(f.Members)
	for _, x := range n.GetItems() {
		item := x.GetCreateOpClassItem()
		if n.GetIsDrop() {
			f.Members, err = in.withoutMember(f.Members, item)
			if err != nil {
				return err
			}
			continue
		}
		m, err := in.member(item, "")
		if err != nil {
			return err
		}
		f.Members = append(f.Members, m)
	}
	sortMembers(f.Members)
	in.put(f)
	return nil
}

func (in *interpreter) withoutMember(list []catalog.OperatorClassMember, item *pg.CreateOpClassItem) ([]catalog.OperatorClassMember, error) {
	var sides []catalog.Type
	for _, n := range item.GetClassArgs() {
		t, err := in.argType(n.GetTypeName())
		if err != nil {
			return nil, err
		}
		sides = append(sides, t)
	}
	if len(sides) == 1 {
		sides = append(sides, sides[0])
	}
	return slices.DeleteFunc(list, func(m catalog.OperatorClassMember) bool {
		return len(sides) == 2 && m.Number == int(item.GetNumber()) && m.Operator.IsZero() == (item.GetItemtype() == 2) && m.Left == sides[0] && m.Right == sides[1]
	}), nil
}
