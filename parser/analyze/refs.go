package analyze

// referColumns records the columns that are used where a name was resolved to e.
func (a *analyzer) referColumns(e node) {
	if c, ok := e.(*column); ok {
		a.refer(c.id)
		return
	}
	for _, p := range e.parts() {
		a.referColumns(p)
	}
}
