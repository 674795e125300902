package catalog

// LockMode is a table lock of PostgreSQL, the weakest first.
type LockMode int

// The modes, as pg_locks names them without "Lock".
const (
	NoLock LockMode = iota
	AccessShare
	RowShare
	RowExclusive
	ShareUpdateExclusive
	Share
	ShareRowExclusive
	Exclusive
	AccessExclusive
)

var lockNames = [...]string{"", "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"}

// String is the mode as LOCK TABLE names it.
func (m LockMode) String() string { return lockNames[m] }

// Blocks says who has to wait for such a lock: empty, "writes" or "reads and writes".
func (m LockMode) Blocks() string {
	switch {
	case m == AccessExclusive:
		return "reads and writes"
	case m >= Share:
		return "writes"
	}
	return ""
}

// Lock is what a statement takes on a relation that was there before it.
type Lock struct {
	Relation QName
	Mode     LockMode

	// Heirs is set if the partitions and children of the relation are locked as well.
	Heirs bool
	// What of the relation is dropped, or converted: foreign keys of it bring along the
	// lock of the table on their other side.
	Column, Constraint string
	Whole              bool
}
