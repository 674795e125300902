package catalog

// derived is something worked out of a catalog's objects as they were.
type derived struct {
	value   any
	version Version
	base    *Catalog
	changes int
}

// Derived returns what KeepDerived was given last, or nil if an object was put in,
// replaced or taken out since, here or in Base. A rename of what no expression
// can name forgets nothing.
func (c *Catalog) Derived() any {
	d := c.derived
	if d.version != c.Version || d.base != c.Base || d.changes != c.allChanges() {
		return nil
	}
	return d.value
}

// KeepDerived keeps what was worked out of the objects as they are now, so that
// it need not be worked out again.
func (c *Catalog) KeepDerived(v any) { c.derived = derived{v, c.Version, c.Base, c.allChanges()} }

func (c *Catalog) allChanges() int {
	n := 0
	for ; c != nil; c = c.Base {
		n += c.changes
	}
	return n
}
