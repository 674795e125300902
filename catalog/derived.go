package catalog

// derived is something worked out of a catalog's objects as they were.
type derived struct {
	value   any
	version Version
	base    *Catalog
	changes int
}

// Derived returns what KeepDerived was given last, or nil if an object that expressions
// can name, or whose kind can matter to them, was put in, replaced or taken out since,
// here or in Base.
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

func (c *Catalog) changed(id ID) {
	if id.Kind.matters() {
		c.changes++
	}
}

// matters reports whether what expressions mean can depend on objects of the kind.
func (k Kind) matters() bool {
	switch k {
	case KindUserMapping, KindTrigger, KindPolicy, KindRowSecurity, KindEventTrigger, KindPublication, KindPublicationTable,
		KindPublicationSchema, KindSubscription, KindOwner, KindDefaultPrivilege, KindGrant, KindComment, KindSecurityLabel:
		return false
	}
	return true
}
