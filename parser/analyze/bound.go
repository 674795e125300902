package analyze

import (
	"math/big"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"bloom/catalog"
)

// bound is a partition bound. Its values are evaluated when it is stored, so that they are compared as
// constants of the key's types.
func (a *analyzer) bound(o catalog.Table, b *pg.PartitionBoundSpec) node {
	switch {
	case b == nil:
		return a.trouble(-1, "not a partition bound")
	case b.IsDefault:
		return &clause{what: "DEFAULT"}
	case b.Strategy == "h":
		return &clause{what: "MODULUS " + itoa(int(b.Modulus)) + " REMAINDER " + itoa(int(b.Remainder))}
	}
	keys := a.keyTypes(o.PartitionOf.Parent)
	if b.Strategy == "l" {
		return &clause{"IN", a.boundValues(b.Listdatums, func(int) field { return keyAt(keys, 0) })}
	}
	at := func(i int) field { return keyAt(keys, i) }
	return &clause{"FROM TO", []node{
		&clause{"FROM", a.boundValues(b.Lowerdatums, at)}, &clause{"TO", a.boundValues(b.Upperdatums, at)},
	}}
}

func keyAt(keys []field, i int) field {
	if i < len(keys) {
		return keys[i]
	}
	return field{typ: tOpaque}
}

// keyTypes are the types of a partition key.
func (a *analyzer) keyTypes(parent catalog.QName) []field {
	t, ok := catalog.Find[catalog.Table](a.env.catalog, catalog.ID{Kind: catalog.KindTable, Schema: parent.Schema, Name: parent.Name})
	if !ok {
		a.missing(-1, "relation %s does not exist", parent)
		return nil
	}
	var out []field
	for i, el := range t.PartitionBy.Elements {
		if el.Column != "" {
			if r := a.env.relation(parent.Schema, parent.Name); r != nil {
				f, _ := r.field(el.Column)
				out = append(out, f)
				continue
			}
		}
		src := source{t, "PartitionBy.Elements[" + itoa(i) + "].Expr", el.Expr}
		f := field{typ: tOpaque}
		if p := parseOne(src); p.err == nil {
			if e, ok := a.env.analyze(src, p.tree).node.(expr); ok {
				f.typ, f.mods = e.value().typ, e.value().mods
			}
		}
		out = append(out, f)
	}
	return out
}

func (a *analyzer) boundValues(l []*pg.Node, key func(int) field) []node {
	var out []node
	for i, n := range l {
		if c := n.GetColumnRef(); c != nil {
			out = append(out, &clause{what: strings.ToUpper(strings.Join(nameParts(c.Fields), "."))})
			continue
		}
		if d := n.GetPartitionRangeDatum(); d != nil && d.Value == nil {
			out = append(out, &clause{what: d.Kind.String()})
			continue
		} else if d != nil {
			n = d.Value
		}
		out = append(out, a.boundValue(n, key(i)))
	}
	return out
}

func (a *analyzer) boundValue(n *pg.Node, key field) node {
	e := a.expr(n, &scope{})
	c := a.evaluate(e)
	switch {
	case c == nil:
		return a.trouble(-1, "the value of a partition bound is computed by the server")
	case key.typ == tOpaque:
		return c
	}
	return a.coerceLiteral(&constant{typed: typed{typ: tUnknown}, text: c.text, null: c.null}, a.env.base(key.typ), key.mods, assignment)
}

// evaluate computes what people write as bounds: literals, casts of them, sums; nil for anything else.
func (a *analyzer) evaluate(e expr) *constant {
	switch e := e.(type) {
	case *constant:
		n := *e
		if !n.null && n.typ != tUnknown {
			n.text = n.key
		}
		return &n
	case *collation:
		return a.evaluate(e.arg)
	case *conversion:
		c := a.evaluate(e.arg)
		if c == nil || c.null || e.mods != "" {
			return c
		}
		return a.known(a.env.base(e.typ), c.text)
	case *operation:
		return a.evaluateOperation(e)
	}
	return nil
}

func (a *analyzer) evaluateOperation(e *operation) *constant {
	if e.left == nil || e.form != "" || e.typ != tInt4 && e.typ != tInt8 {
		return nil
	}
	l, r := a.evaluate(e.left), a.evaluate(e.right)
	if l == nil || r == nil || l.null || r.null {
		return nil
	}
	x, ok1 := new(big.Int).SetString(l.text, 10)
	y, ok2 := new(big.Int).SetString(r.text, 10)
	if !ok1 || !ok2 {
		return nil
	}
	switch {
	case strings.HasPrefix(e.operator, "pg_catalog.+("):
		x.Add(x, y)
	case strings.HasPrefix(e.operator, "pg_catalog.-("):
		x.Sub(x, y)
	case strings.HasPrefix(e.operator, "pg_catalog.*("):
		x.Mul(x, y)
	default:
		return nil
	}
	return a.known(e.typ, x.String())
}
