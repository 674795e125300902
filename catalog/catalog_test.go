package catalog

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	tableA = Table{Schema: "s", Name: "a"}
	indexA = Index{Schema: "s", Table: "a", Name: "a_idx"}
	viewV  = View{Schema: "s", Name: "v"}
)

func example() *Catalog {
	c := New()
	for _, o := range []Object{viewV, indexA, tableA, Comment{Target: indexA.ID(), Text: "fast"}} {
		c.Put(o)
	}
	c.Depend(viewV.ID(), tableA.ID())
	c.Depend(viewV.ID(), indexA.ID())
	return c
}

func TestCatalogIsInOrderOfIDs(t *testing.T) {
	c := example()
	want := []string{"table s.a", "index s.a.a_idx", "view s.v", "comment on index s.a.a_idx"}
	var ids, all []string
	for _, id := range c.IDs() {
		ids = append(ids, id.String())
	}
	for id := range c.All() {
		all = append(all, id.String())
	}
	if d := cmp.Diff(ids, all); d != "" {
		t.Errorf("IDs and All differ:\n%s", d)
	}
	if d := cmp.Diff(len(want), c.Len()); d != "" {
		t.Error(d)
	}
	for _, w := range want {
		found := false
		for _, id := range ids {
			found = found || id == w
		}
		if !found {
			t.Errorf("%s is not in %v", w, ids)
		}
	}
	for i := 1; i < len(c.IDs()); i++ {
		if c.IDs()[i-1].Compare(c.IDs()[i]) >= 0 {
			t.Errorf("%s stands before %s", c.IDs()[i-1], c.IDs()[i])
		}
	}
}

func TestRemoveKeepsWhatOthersNeed(t *testing.T) {
	c := example()
	c.Remove(tableA.ID())
	if c.Has(tableA.ID()) || c.Len() != 3 {
		t.Errorf("the table is still there, or more than it went: %v", c.IDs())
	}
	if _, ok := c.Relation("s", "a"); ok {
		t.Error("the name of the table still leads to it")
	}
	if d := cmp.Diff([]ID{viewV.ID()}, c.Users(tableA.ID())); d != "" {
		t.Error("the view's need of the table is forgotten:\n" + d)
	}
	c.Remove(viewV.ID())
	if d := cmp.Diff([]ID{}, c.Users(tableA.ID())); d != "" {
		t.Error("a removed view still needs the table:\n" + d)
	}
	c.Put(tableA)
	if d := cmp.Diff([]ID{indexA.ID()}, c.Children(tableA.ID())); d != "" {
		t.Error("the table came back without its index:\n" + d)
	}
}

func TestCloneIsIndependent(t *testing.T) {
	c := example()
	before := describe(c)
	n := c.Clone()
	n.Remove(indexA.ID())
	n.Put(Table{Schema: "s", Name: "b"})
	n.Depend(ID{Kind: KindTable, Schema: "s", Name: "b"}, tableA.ID())
	n.ClearDeps(viewV.ID())
	n.SetUnnamed(tableA.ID())
	n.SetSource(tableA.ID(), &Source{Text: "x"})
	for i := range 100 { // more than a small set holds
		n.Depend(viewV.ID(), ID{Kind: KindTable, Schema: "s", Name: fmt.Sprint(i)})
	}
	if d := cmp.Diff(before, describe(c)); d != "" {
		t.Error("a change of the copy changed the original:\n" + d)
	}
	if got := len(n.Deps(viewV.ID())); got != 100 {
		t.Errorf("%d dependencies, want 100", got)
	}
	m := n.Clone()
	m.ClearDeps(viewV.ID())
	if got := len(n.Deps(viewV.ID())); got != 100 {
		t.Errorf("%d dependencies after those of a copy were cleared, want 100", got)
	}
}

func TestRenameTakesAllAlong(t *testing.T) {
	c := example()
	src := &Source{Text: "CREATE INDEX a_idx ON s.a (x)"}
	c.SetSource(indexA.ID(), src)
	c.SetUnnamed(indexA.ID())
	c.Depend(indexA.ID(), tableA.ID())
	c.Rename(indexA.ID(), "b_idx")
	to := indexA.ID()
	to.Name = "b_idx"
	if c.Has(indexA.ID()) || !c.Has(to) || !c.Unnamed(to) || c.Source(to) != src {
		t.Errorf("not what was renamed: %v", c.IDs())
	}
	if !c.Has(About(KindComment, to, "")) {
		t.Error("the comment stayed with the old name")
	}
	if d := cmp.Diff([]ID{viewV.ID()}, c.Users(to)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]ID{tableA.ID()}, c.Deps(to)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]ID{}, append(c.Users(indexA.ID()), c.Deps(indexA.ID())...)); d != "" {
		t.Error("something still leads to the old name:\n" + d)
	}
}

func describe(c *Catalog) []string {
	var out []string
	for id := range c.All() {
		out = append(out, fmt.Sprintf("%s needs %v, used by %v, children %v, unnamed %t, %v",
			id, c.Deps(id), c.Users(id), c.Children(id), c.Unnamed(id), c.Source(id)))
	}
	return out
}
