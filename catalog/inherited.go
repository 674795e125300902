package catalog

// Inherited reports whether an object comes from a parent table alone: it is made,
// and falls, with what the parent has.
func Inherited(o Object) bool {
	switch o := o.(type) {
	case Column:
		return o.Inherited
	case Constraint:
		return o.Inherited
	case Trigger:
		return o.Inherited
	case Index:
		return !o.Parent.IsZero()
	}
	return false
}
