package parser

import (
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// define handles the statements of the form CREATE kind name (name = value, …).
func (in *interpreter) define(n *pg.DefineStmt) error {
	switch n.GetKind() {
	case pg.ObjectType_OBJECT_AGGREGATE:
		return in.createAggregate(n)
	case pg.ObjectType_OBJECT_OPERATOR:
		return in.createOperator(n)
	case pg.ObjectType_OBJECT_COLLATION:
		return in.createCollation(n)
	case pg.ObjectType_OBJECT_TSPARSER:
		return in.createTextSearchParser(n)
	case pg.ObjectType_OBJECT_TSTEMPLATE:
		return in.createTextSearchTemplate(n)
	case pg.ObjectType_OBJECT_TSDICTIONARY:
		return in.createTextSearchDictionary(n)
	case pg.ObjectType_OBJECT_TSCONFIGURATION:
		return in.createTextSearchConfiguration(n)
	}
	return in.unsupported(0, "CREATE %s (…)", strings.ToUpper(objectWord(n.GetKind())))
}

// definedFunction resolves an option whose value is a function.
func (in *interpreter) definedFunction(d *pg.DefElem) (catalog.QName, error) {
	return in.functionNamed(nameOf(d.GetArg()), d.GetLocation())
}

// creationOf is creation for a name in a list.
func (in *interpreter) creationOf(names []*pg.Node) (catalog.QName, error) {
	return in.creation(qualified(names), 0)
}

// putOwned adds a new object that has an owner.
func (in *interpreter) putOwned(o catalog.Object) error {
	if err := in.add(o, 0); err != nil {
		return err
	}
	in.own(o.ID())
	return nil
}

func (in *interpreter) createCollation(n *pg.DefineStmt) error {
	q, err := in.creationOf(n.GetDefnames())
	if err != nil {
		return err
	}
	c := catalog.Collation{Schema: q.Schema, Name: q.Name, Provider: "libc", Deterministic: true}
	if skip, err := in.taken(c.ID(), n.GetIfNotExists(), 0); skip || err != nil {
		return err
	}
	locale := ""
	for _, d := range elems(n.GetDefinition()) {
		value := constText(d.GetArg())
		switch strings.ToLower(d.GetDefname()) {
		case "provider":
			c.Provider = strings.ToLower(value)
		case "deterministic":
			c.Deterministic = isTrue(d)
		case "locale":
			locale = value
		case "lc_collate":
			c.LCCollate = value
		case "lc_ctype":
			c.CType = value
		case "rules":
			c.Rules = value
		case "from":
			from, err := in.copiedCollation(d)
			if err != nil {
				return err
			}
			from.Schema, from.Name = c.Schema, c.Name
			return in.putOwned(from)
		}
	}
	if c.Provider == "libc" {
		if locale != "" {
			c.LCCollate, c.CType = locale, locale
		}
	} else {
		c.Locale = locale
	}
	return in.putOwned(c)
}

// copiedCollation is the collation that another is made from: one of the files, or one
// of the system whose name tells what it is.
func (in *interpreter) copiedCollation(d *pg.DefElem) (catalog.Collation, error) {
	names := d.GetArg().GetList().GetItems()
	if t := d.GetArg().GetTypeName(); t != nil {
		names = t.GetNames()
	}
	q, err := in.collation(names, d.GetLocation())
	if err != nil {
		return catalog.Collation{}, err
	}
	if c, ok := catalog.Find[catalog.Collation](in.c, catalog.Collation{Schema: q.Schema, Name: q.Name}.ID()); ok {
		return c, nil
	}
	c := catalog.Collation{Provider: "libc", Deterministic: true, LCCollate: q.Name, CType: q.Name}
	if tag, ok := strings.CutSuffix(q.Name, "-x-icu"); ok {
		c = catalog.Collation{Provider: "icu", Deterministic: true, Locale: tag}
	} else if !strings.Contains(q.Name, "_") && q.Name != "C" && q.Name != "POSIX" || q.Name == "ucs_basic" || q.Name == "pg_c_utf8" {
		return c, in.unsupported(d.GetLocation(), "CREATE COLLATION … FROM a collation that is not of the operating system or of ICU")
	}
	return c, nil
}

func (in *interpreter) createConversion(n *pg.CreateConversionStmt) error {
	q, err := in.creationOf(n.GetConversionName())
	if err != nil {
		return err
	}
	c := catalog.Conversion{Schema: q.Schema, Name: q.Name, From: encoding(n.GetForEncodingName()), To: encoding(n.GetToEncodingName()), Default: n.GetDef()}
	if c.Function, err = in.function(n.GetFuncName(), 0); err != nil {
		return err
	}
	return in.putOwned(c)
}

// encoding spells an encoding as pg_encoding_to_char does.
func encoding(name string) string {
	s := strings.ToUpper(strings.NewReplacer("-", "", "_", "").Replace(name))
	switch s {
	case "UTF8", "UNICODE":
		return "UTF8"
	case "SQLASCII":
		return "SQL_ASCII"
	}
	if strings.HasPrefix(s, "ISO8859") && len(s) > 7 {
		return "LATIN" + strings.TrimPrefix(s, "ISO8859")
	}
	return strings.ToUpper(name)
}

func (in *interpreter) createCast(n *pg.CreateCastStmt) error {
	source, err := in.argType(n.GetSourcetype())
	if err != nil {
		return err
	}
	target, err := in.argType(n.GetTargettype())
	if err != nil {
		return err
	}
	c := catalog.Cast{Source: source, Target: target, Context: strings.ToLower(strings.TrimPrefix(n.GetContext().String(), "COERCION_")), Method: "binary"}
	switch {
	case n.GetInout():
		c.Method = "inout"
	case n.GetFunc() != nil:
		c.Method = "function"
		if c.Function, err = in.functionNamed(qualified(n.GetFunc().GetObjname()), 0); err != nil {
			return err
		}
		if c.FunctionArgs, err = in.argTypes(n.GetFunc().GetObjargs()); err != nil {
			return err
		}
	}
	return in.add(c, 0)
}

func (in *interpreter) castNamed(items []*pg.Node) (catalog.ID, error) {
	source, err := in.argType(items[0].GetTypeName())
	if err != nil {
		return catalog.ID{}, err
	}
	target, err := in.argType(items[1].GetTypeName())
	if err != nil {
		return catalog.ID{}, err
	}
	return in.existing(catalog.Cast{Source: source, Target: target}.ID())
}
