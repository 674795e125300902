package analyze

import "fmt"

// difference is the first place where two trees differ.
type difference struct {
	reason string
	// certain: nothing that is not known stands around it or in it.
	certain bool
}

// comparer compares trees. What PostgreSQL's rules double, such as what stands before BETWEEN, is shared in the
// tree, so pairs that were found equal are not visited again.
type comparer struct {
	equal map[comparedPair]bool
	left  int
}

type comparedPair struct {
	a, b  node
	vague bool
}

// maxCompared bounds the comparison. The first nodes are compared without remembering them: few trees have more.
const (
	maxCompared = 1 << 20
	fewCompared = 200
)

// sameLabel is a.label() == b.label(), without writing the labels of those nodes that there are most of.
func sameLabel(a, b node) bool {
	switch x := a.(type) {
	case *column:
		if y, ok := b.(*column); ok {
			return x.depth == y.depth && x.entry == y.entry && x.name == y.name
		}
	case *constant:
		if y, ok := b.(*constant); ok && x.typ == y.typ && x.mods == y.mods && !x.null && !y.null {
			return x.key == y.key
		}
	case *operation:
		if y, ok := b.(*operation); ok && x.form == y.form {
			return x.operator == y.operator
		}
	case *call:
		if y, ok := b.(*call); ok && x.flags == y.flags {
			return x.function == y.function
		}
	case *conversion:
		if y, ok := b.(*conversion); ok && x.typ == y.typ && x.mods == y.mods && x.method == y.method && x.function == y.function &&
			x.explicit == y.explicit && x.unwritten == y.unwritten {
			return true
		}
	}
	return a.label() == b.label()
}

// same reports whether two trees are the same.
func same(a, b node) bool { return compareTrees(a, b) == nil }

// compareTrees returns the first difference, one that is certain if there is one, or nil.
func compareTrees(a, b node) *difference {
	c := &comparer{left: maxCompared}
	return c.compare(a, b, false)
}

func (c *comparer) compare(a, b node, vague bool) *difference {
	if a == b {
		return nil
	}
	vague = vague || isVague(a) || isVague(b)
	pair := comparedPair{a, b, vague}
	remember := c.left < maxCompared-fewCompared
	if remember && c.equal[pair] {
		return nil
	}
	if c.left--; c.left < 0 {
		return &difference{reason: "the expressions are too large to compare"}
	}
	if vague && sameLiteral(a, b) {
		return nil
	}
	if !sameLabel(a, b) {
		return &difference{explainDifference(a, b), !vague && !hasVague(a) && !hasVague(b)}
	}
	as, bs := a.parts(), b.parts()
	var first *difference
	for i := range min(len(as), len(bs)) {
		d := c.compare(as[i], bs[i], vague)
		if d == nil {
			continue
		}
		if d.certain {
			return d
		}
		if first == nil {
			first = d
		}
	}
	if first == nil && len(as) != len(bs) {
		certain := !vague && !hasVague(a) && !hasVague(b)
		return &difference{fmt.Sprintf("%s has %d parts, not %d", show(a), len(as), len(bs)), certain}
	}
	if first == nil && len(as) > 0 && remember {
		if c.equal == nil {
			c.equal = map[comparedPair]bool{}
		}
		c.equal[pair] = true
	}
	return first
}

// isVague reports whether the node's meaning is not known.
func isVague(n node) bool {
	switch n := n.(type) {
	case *opaque:
		return true
	case expr:
		return n.value().typ == tOpaque
	}
	return false
}

func hasVague(n node) bool { return visit(n, map[node]bool{}, isVague) }

// visit reports whether some node of the tree is as asked for; it calls is once for each node.
func visit(n node, seen map[node]bool, is func(node) bool) bool {
	if seen[n] {
		return false
	}
	seen[n] = true
	if is(n) {
		return true
	}
	for _, p := range n.parts() {
		if visit(p, seen, is) {
			return true
		}
	}
	return false
}

// sameLiteral: next to something unknown a string literal may have been given its type, or not.
func sameLiteral(a, b node) bool {
	l, ok1 := bare(a)
	r, ok2 := bare(b)
	if !ok1 || !ok2 || l.null != r.null || l.typ != tUnknown && r.typ != tUnknown {
		return false
	}
	return l.null || l.text == r.text || l.key == r.key
}

// bare takes a conversion without modifiers off a literal.
func bare(n node) (*constant, bool) {
	if c, ok := n.(*conversion); ok && c.mods == "" {
		n = c.arg
	}
	c, ok := n.(*constant)
	return c, ok
}

// explainDifference says in words how two nodes differ.
func explainDifference(a, b node) string {
	return fmt.Sprintf("%s is not %s", show(a), show(b))
}
