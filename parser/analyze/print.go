package analyze

import (
	"fmt"
	"strings"

	"bloom/catalog"
)

// Tree returns the analysed form of an expression of an object, indented, one node per line, and what could not be
// resolved in it.
func Tree(c *catalog.Catalog, o catalog.Object, path string) (tree string, troubles []string, err error) {
	src := source{o, path, exprAt(o, path)}
	p := parseOne(src)
	if p.err != nil {
		return "", nil, p.err
	}
	r := newEnv(c).analyze(src, p.tree)
	for _, t := range r.troubles {
		troubles = append(troubles, t.msg)
	}
	var b strings.Builder
	left := maxPrinted
	printTree(&b, r.node, 0, &left)
	return b.String(), troubles, nil
}

const maxPrinted = 10000

func printTree(b *strings.Builder, n node, depth int, left *int) {
	if *left--; *left < 0 {
		return
	}
	line := n.label()
	if c, ok := n.(*column); ok {
		line = c.shown + " (" + line + ")"
	}
	if e, ok := n.(expr); ok && e.value().typ != (typ{}) && !isOpaque(e) {
		if _, isConstant := n.(*constant); !isConstant {
			line += " : " + withMods(e.value().typ, e.value().mods)
		}
	}
	fmt.Fprintf(b, "%s%s\n", strings.Repeat("  ", depth), line)
	for _, p := range n.parts() {
		printTree(b, p, depth+1, left)
	}
}

// maxShown bounds what is shown of a part of an expression.
const maxShown = 120

// show writes a part of an expression shortly, as people read it.
func show(n node) string {
	var b strings.Builder
	left := 40
	showNode(&b, n, &left)
	s := b.String()
	if len(s) > maxShown {
		s = strings.ToValidUTF8(s[:maxShown], "") + "…"
	}
	return s
}

func showNode(b *strings.Builder, n node, left *int) {
	if *left--; *left < 0 {
		b.WriteString("…")
		return
	}
	list := func(sep string, ns []node) {
		for i, p := range ns {
			if i > 0 {
				b.WriteString(sep)
			}
			showNode(b, p, left)
		}
	}
	switch n := n.(type) {
	case *constant:
		b.WriteString(showConstant(n))
	case *column:
		b.WriteString(n.shown)
	case *wholeRow:
		b.WriteString(n.shown + ".*")
	case *param:
		b.WriteString(n.name)
	case *operation:
		if n.left != nil {
			showNode(b, n.left, left)
			b.WriteString(" ")
		}
		b.WriteString(operatorShown(n.operator))
		if n.form != "" {
			b.WriteString(" " + strings.ToUpper(n.form))
		}
		b.WriteString(" ")
		showNode(b, n.right, left)
	case *boolean:
		b.WriteString(n.op + "(")
		list(", ", nodes(n.args))
		b.WriteString(")")
	case *conversion:
		showNode(b, n.arg, left)
		b.WriteString(n.show())
	case *collation:
		showNode(b, n.arg, left)
		b.WriteString(" COLLATE " + n.name.SQL())
	case *call:
		name, _, _ := strings.Cut(n.function, "(")
		b.WriteString(strings.TrimPrefix(name, "pg_catalog.") + n.flags + "(")
		list(", ", n.parts())
		b.WriteString(")")
	case *array:
		b.WriteString("ARRAY[")
		list(", ", n.parts())
		b.WriteString("]")
	default:
		b.WriteString(n.label())
		if parts := n.parts(); len(parts) > 0 {
			b.WriteString("(")
			list(", ", parts)
			b.WriteString(")")
		}
	}
}

func showConstant(c *constant) string {
	s := "NULL"
	if !c.null {
		s = catalog.QuoteLiteral(c.key)
	}
	if c.typ != tUnknown && c.typ != tOpaque {
		s += "::" + c.typ.String()
	}
	return s
}

func operatorShown(operator string) string {
	name, types, ok := strings.Cut(operator, "(")
	if !ok {
		return operator
	}
	return strings.TrimPrefix(name, "pg_catalog.") + "(" + types
}
