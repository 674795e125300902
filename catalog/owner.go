package catalog

// Owner is who owns an object that can be owned apart from another.
type Owner struct {
	Target ID
	Role   string
	// Given is set when a statement names the owner; otherwise it is whoever runs
	// the files, which is no difference to an owner that the platform chose.
	Given GivenFlag
}

// GivenFlag is no part of a value: it says how the value came about.
type GivenFlag bool

// Equal is true.
func (GivenFlag) Equal(GivenFlag) bool { return true }

// ID identifies the owner by what is owned.
func (o Owner) ID() ID { return About(KindOwner, o.Target, "") }
