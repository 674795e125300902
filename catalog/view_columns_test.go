package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is said about the columns of a view, which are no objects, belongs to the view.
func TestColumnsOfViews(t *testing.T) {
	view := View{Schema: "public", Name: "v"}
	a, b := ID{Kind: KindColumn, Schema: "public", Table: "v", Name: "a"}, ID{Kind: KindColumn, Schema: "public", Table: "v", Name: "b"}
	grant := Grant{Target: a, Grantee: "app", Privileges: []Privilege{{Name: "SELECT"}}}
	value := Default{Schema: "public", Table: "v", Column: "b", Expr: Expr{Text: "1"}}
	user := View{Schema: "public", Name: "w"}
	c := New()
	for _, o := range []Object{grant, value, view, user} {
		c.Put(o)
	}
	c.Depend(user.ID(), b)
	check := func(what string, got, want any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	check("children", c.Children(view.ID()), []ID{value.ID(), grant.ID()})
	check("columns", c.ColumnsOf(view.ID()), []ID{a, b})
	for _, o := range []Object{grant, value} {
		parent, ok := c.Parent(o.ID())
		check("parent of "+o.ID().String(), parent, view.ID())
		check("is there", ok, true)
	}
	c.Remove(grant.ID())
	check("columns of which something is said", c.Clone().ColumnsOf(view.ID()), []ID{b})
	table := Column{Schema: "public", Table: "v", Name: "a"}
	c.Put(table)
	check("children", c.Children(view.ID()), []ID{a, value.ID()})
	c.Remove(a)
	c.Put(Table{Schema: "public", Name: "t"})
	_, ok := c.Parent(Grant{Target: ID{Kind: KindColumn, Schema: "public", Table: "t", Name: "gone"}, Grantee: "app"}.ID())
	check("a column that a table lacks is there", ok, false)
	check("children after a drop", c.Children(view.ID()), []ID{value.ID()})
}
