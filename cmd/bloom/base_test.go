package main

import (
	"testing"

	"bloom/catalog"
)

// TestRolesNamed: of the cluster's roles, and of what is said about them, that is
// compared which the files name.
func TestRolesNamed(t *testing.T) {
	named := []catalog.Object{
		catalog.Role{Name: "reader"},
		catalog.RoleMember{Role: "reader", Member: "app"},
		catalog.Comment{Target: catalog.Role{Name: "reader"}.ID(), Text: "reads"},
	}
	current, desired := catalog.New(), catalog.New()
	current.Base = catalog.New()
	for _, o := range named {
		current.Base.Put(o)
		desired.Put(o)
	}
	current.Base.Put(catalog.Role{Name: "other"})
	leftovers{}.leaveAlone(current, desired)
	for _, o := range named {
		if !current.Has(o.ID()) {
			t.Errorf("%s is not compared", o.ID())
		}
	}
	if current.Has(catalog.Role{Name: "other"}.ID()) {
		t.Error("a role is compared that the files do not name")
	}
}
