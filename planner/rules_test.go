package planner

import (
	"testing"

	"bloom/catalog"
)

func TestKinds(t *testing.T) {
	have := rules()
	for _, k := range catalog.Kinds() {
		if have[k] == nil {
			t.Errorf("%s has no rule", k)
		}
	}
	if len(have) != len(catalog.Kinds()) {
		t.Errorf("%d rules for %d kinds", len(have), len(catalog.Kinds()))
	}
}
