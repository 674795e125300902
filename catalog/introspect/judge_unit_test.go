package introspect

import (
	"strings"
	"testing"

	"bloom/catalog"
)

func TestUnwrapTree(t *testing.T) {
	long := strings.Repeat("abcdefghi ", 40)
	for _, tree := range []string{
		"{A :b c}", long + "end", `{X :resname Full\ Name\ with\ many\ spaces\ in\ it :y ` + long + `}`,
		strings.Repeat(`\ `, 200), strings.Repeat("x", 78) + " " + long,
	} {
		logged := wrapTree(tree)
		got, err := unwrapTree(logged)
		if strings.HasPrefix(tree, "xxx") {
			if err == nil {
				t.Errorf("%.30s: a word as long as a line was taken for whole", tree)
			}
			continue
		}
		if err != nil || got != tree {
			t.Errorf("unwrapTree(%q) = %q, %v", logged, got, err)
		}
	}
	if got, err := unwrapTree(wrapTree("{A :resname a\\\nb :c " + long + "}")); err == nil {
		t.Errorf("a name with a line break was read as %q", got)
	}
}

func TestParseTree(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"{A :b 1 :location 3 :c (1 2)}", "{A :b 1 :c (1 2)}"},
		{"{CONST :constlen 4 :constvalue 4 [ 1 0 0 0 0 0 0 0 ]}", "{CONST :constlen 4 :constvalue 4 [ 1 0 0 0 0 0 0 0 ]}"},
		{`{T :resname :location :c 5}`, `{T :resname :location :c 5}`},
		{`{T :resname \{x\}\ y :location 7}`, `{T :resname \{x\}\ y}`},
		{"{BOOLEXPR :boolop and :args (a {BOOLEXPR :boolop and :args (b c)} {BOOLEXPR :boolop or :args (d e)})}", "{BOOLEXPR :boolop and :args (a b c {BOOLEXPR :boolop or :args (d e)})}"},
	} {
		n, err := parseTree(tt.text)
		if err != nil || n.String() != tt.want {
			t.Errorf("parseTree(%s) = %v, %v; want %s", tt.text, n, err, tt.want)
		}
	}
	whole := "{A :b {C :d (1 2 {E :f 4 [ 1 2 3 4 ]})} :g x}"
	for i := range len(whole) {
		if n, err := parseTree(whole[:i]); err == nil {
			t.Errorf("%q was taken for a whole tree: %s", whole[:i], n)
		}
	}
	for _, text := range []string{whole + " x", "{A b}", "{A :b )}", strings.Repeat("(", 2*maxTreeDepth)} {
		if _, err := parseTree(text); err == nil {
			t.Errorf("%.40s was taken for a tree", text)
		}
	}
}

func TestChangedNames(t *testing.T) {
	live, desired := catalog.New(), catalog.New()
	for _, c := range []*catalog.Catalog{live, desired} {
		c.Put(catalog.Table{Schema: "app", Name: "t"})
		c.Put(catalog.Column{Schema: "app", Table: "t", Name: "id", Type: "integer"})
		c.Put(catalog.Table{Schema: "app", Name: "Odd One"})
		c.Put(catalog.Routine{Schema: "app", Name: "same", Returns: "integer"})
	}
	live.Put(catalog.Column{Schema: "app", Table: "t", Name: "kind", Type: "integer"})
	desired.Put(catalog.Column{Schema: "app", Table: "t", Name: "kind", Type: "text"})
	desired.Put(catalog.Column{Schema: "app", Table: "t", Name: "fresh", Type: "text"})
	desired.Put(catalog.Column{Schema: "app", Table: "Odd One", Name: "x", Type: "text"})
	desired.Put(catalog.Routine{Schema: "app", Name: "f", Params: []catalog.Param{{Mode: "in", Type: "text"}}, Returns: "text"})
	live.Put(catalog.Routine{Schema: "app", Name: "gone", Returns: "text"})
	live.Put(catalog.Enum{Schema: "app", Name: "st", Labels: []string{"a"}})
	desired.Put(catalog.Enum{Schema: "app", Name: "st", Labels: []string{"a", "b"}})
	live.Put(catalog.Operator{Schema: "app", Name: "<~", Left: "text", Right: "text"})
	changed := newChangedNames(live, []*catalog.Catalog{live, desired})
	relations := []catalog.QName{{Schema: "app", Name: "t"}}
	for _, tt := range []struct {
		text, want string
		relations  []catalog.QName
	}{
		{"id > 0 and same()", "", relations},
		{"KIND > 0", "column app.t.kind", relations},
		{"kind > 0", "", nil},
		{"select kind from other", "", nil},
		{"select kind from t", "column app.t.kind", nil},
		{"select * from t", "column app.t.fresh", nil},
		{"select count(*) from t", "", nil},
		{"select id from t natural join u", "column app.t.fresh", nil},
		{`select * from "Odd One"`, "column app.Odd One.x", nil},
		{"f('x') = 'y'", "f", relations},
		{"gone() = 'y'", "gone", relations},
		{"'a'::app.st = x", "st", nil},
		{"a <~ b", "operator <~", nil},
	} {
		if got := changed.mentioned(tt.text, tt.relations); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.text, got, tt.want)
		}
	}
	if got := newChangedNames(live, []*catalog.Catalog{live}).mentioned("select * from t where kind = f()", relations); got != "" {
		t.Errorf("nothing changes, but %s is said to", got)
	}
}

// write prints a tree, in one spelling.
func (n *treeNode) write(b *strings.Builder) {
	switch {
	case n.tag == "":
		b.WriteString(n.atom)
	case n.isList():
		b.WriteByte('(')
		for i, item := range n.items {
			if i > 0 {
				b.WriteByte(' ')
			}
			item.write(b)
		}
		b.WriteByte(')')
	default:
		b.WriteString("{" + n.tag)
		for _, f := range n.fields {
			b.WriteString(" :" + f.name + " ")
			f.value.write(b)
		}
		b.WriteByte('}')
	}
}

func (n *treeNode) String() string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}
