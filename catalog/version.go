package catalog

// Version is a server's version as server_version_num: 150018, 170010. Zero is
// unknown: any supported server.
type Version int

// Major is the major version: 15, 16, 17, 18. Zero if unknown.
func (v Version) Major() int { return int(v) / 10000 }

// The oldest and newest majors that bloom knows.
const (
	OldestMajor = 15
	NewestMajor = 18
)

func (v Version) atLeast(major int) bool { return v == 0 || v.Major() >= major }

// HasMaintain: the table privilege MAINTAIN exists.
func (v Version) HasMaintain() bool { return v.atLeast(17) }

// HasSetExpression: ALTER COLUMN … SET EXPRESSION exists.
func (v Version) HasSetExpression() bool { return v.atLeast(17) }

// HasVirtualColumns: generated columns may be VIRTUAL, and are by default.
func (v Version) HasVirtualColumns() bool { return v.atLeast(18) }

// HasMembershipOptions: role memberships have INHERIT and SET options.
func (v Version) HasMembershipOptions() bool { return v.atLeast(16) }

// HasNotValidNotNull: NOT NULL is a constraint with a name that can be NOT VALID.
func (v Version) HasNotValidNotNull() bool { return v.atLeast(18) }

// HasNotValidPartitionedForeignKey: a foreign key of a partitioned table can be NOT VALID.
func (v Version) HasNotValidPartitionedForeignKey() bool { return v.atLeast(18) }
