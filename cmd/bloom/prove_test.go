package main

import (
	"bytes"
	"strings"
	"testing"

	"bloom/catalog"
)

// TestCompareProof: what the plan left otherwise is named; whose it is does not matter.
func TestCompareProof(t *testing.T) {
	table := func(unlogged bool, owner string) *catalog.Catalog {
		c := catalog.New()
		o := catalog.Table{Schema: "public", Name: "t", Unlogged: unlogged}
		c.Put(o)
		c.Put(catalog.Owner{Target: o.ID(), Role: owner})
		return c
	}
	p := &comparison{base: &base{}, to: &source{}}
	con := &console{err: &bytes.Buffer{}}
	if err := compareProof(con, p, table(false, "a"), table(false, "b"), nil); err != nil {
		t.Error(err)
	}
	err := compareProof(con, p, table(true, "a"), table(false, "a"), nil)
	if err == nil || !strings.Contains(err.Error(), "alter table public.t (Unlogged)") {
		t.Errorf("not told: %v", err)
	}
}
