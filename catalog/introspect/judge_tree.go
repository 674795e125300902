package introspect

import (
	"errors"
	"fmt"
	"strings"
)

// treeNode is a node of an analysed tree as PostgreSQL prints it
// (outfuncs.c): an atom, a list, or a node with a tag and named fields.
type treeNode struct {
	tag    string // of a node: "VAR"; of a list: "("; of an atom: ""
	atom   string
	fields []treeField
	items  []*treeNode
	// unwritten: a conversion that the server put there itself (COERCE_IMPLICIT_CAST), see markUnwritten
	unwritten bool
}

type treeField struct {
	name  string
	value *treeNode
}

// field returns the value of a node's field, or nil.
func (n *treeNode) field(name string) *treeNode {
	if n == nil {
		return nil
	}
	for _, f := range n.fields {
		if f.name == name {
			return f.value
		}
	}
	return nil
}

// value returns a field that is an atom.
func (n *treeNode) value(name string) string {
	if v := n.field(name); v != nil {
		return v.atom
	}
	return ""
}

// set changes a field, if the node has it.
func (n *treeNode) set(name string, v *treeNode) {
	for i := range n.fields {
		if n.fields[i].name == name {
			n.fields[i].value = v
		}
	}
}

func (n *treeNode) isList() bool { return n != nil && n.tag == "(" }

// list returns the items of a list; none if it is none.
func (n *treeNode) list() []*treeNode {
	if !n.isList() {
		return nil
	}
	return n.items
}

// copy returns a node whose fields can be set without changing n.
func (n *treeNode) copy() *treeNode {
	c := *n
	c.fields = append([]treeField(nil), n.fields...)
	return &c
}

// equal reports whether two trees are the same.
func (n *treeNode) equal(o *treeNode) bool {
	if n.tag != o.tag || n.atom != o.atom || len(n.fields) != len(o.fields) || len(n.items) != len(o.items) {
		return false
	}
	for i, f := range n.fields {
		if f.name != o.fields[i].name || !f.value.equal(o.fields[i].value) {
			return false
		}
	}
	for i, item := range n.items {
		if !item.equal(o.items[i]) {
			return false
		}
	}
	return true
}

var errTruncated = errors.New("the server's tree is not complete")

// parseTree reads a whole tree and brings it into normal form, see normalTree.
// What is cut off or followed by something else is an error.
func parseTree(text string) (*treeNode, error) {
	p := &treeParser{text: text}
	n, err := p.node(0)
	if err != nil {
		return nil, err
	}
	if rest := p.token(); rest != "" {
		return nil, fmt.Errorf("the server's tree has %q behind its end", rest)
	}
	return n, nil
}

type treeParser struct {
	text string
	at   int
}

// token returns the next bracket or word, "" at the end. A backslash takes
// what follows it into the word.
func (p *treeParser) token() string {
	s := p.text
	for p.at < len(s) && (s[p.at] == ' ' || s[p.at] == '\n') {
		p.at++
	}
	if p.at == len(s) {
		return ""
	}
	from := p.at
	if strings.IndexByte("(){}", s[from]) >= 0 {
		p.at++
		return s[from:p.at]
	}
	for p.at < len(s) && strings.IndexByte(" \n(){}", s[p.at]) < 0 {
		if s[p.at] == '\\' {
			p.at++
		}
		p.at++
	}
	p.at = min(p.at, len(s))
	return s[from:p.at]
}

func (p *treeParser) peek() string {
	at := p.at
	t := p.token()
	p.at = at
	return t
}

const maxTreeDepth = 5000

func (p *treeParser) node(depth int) (*treeNode, error) {
	if depth > maxTreeDepth {
		return nil, errors.New("the server's tree is nested too deeply")
	}
	switch t := p.token(); t {
	case "":
		return nil, errTruncated
	case ")", "}":
		return nil, fmt.Errorf("the server's tree has %q where a value should be", t)
	case "(":
		return p.list(depth)
	case "{":
		return p.fields(depth)
	default:
		return p.datum(t)
	}
}

// datum is an atom, with the bytes of a constant: "4 [ 1 0 0 0 0 0 0 0 ]".
func (p *treeParser) datum(first string) (*treeNode, error) {
	if p.peek() != "[" {
		return &treeNode{atom: first}, nil
	}
	from := p.at
	for {
		switch p.token() {
		case "":
			return nil, errTruncated
		case "]":
			return &treeNode{atom: first + p.text[from:p.at]}, nil
		}
	}
}

func (p *treeParser) list(depth int) (*treeNode, error) {
	n := &treeNode{tag: "("}
	for p.peek() != ")" {
		item, err := p.node(depth + 1)
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, item)
	}
	p.token()
	return n, nil
}

func (p *treeParser) fields(depth int) (*treeNode, error) {
	n := &treeNode{tag: p.token(), fields: make([]treeField, 0, 12)}
	for {
		t := p.token()
		switch {
		case t == "":
			return nil, errTruncated
		case t == "}":
			return normalNode(n), nil
		case t[0] != ':':
			return nil, fmt.Errorf("the server's tree has %q where a field should be", t)
		}
		// The value may begin with a colon: a column can have any name.
		v, err := p.node(depth + 1)
		if err != nil {
			return nil, err
		}
		if coercionForms[t[1:]] && v.atom == implicitCast {
			n.unwritten = true
		}
		if !droppedFields[t[1:]] {
			n.fields = append(n.fields, treeField{t[1:], v})
		}
	}
}
