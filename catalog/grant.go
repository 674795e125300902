package catalog

// Public is the grantee, policy role or mapped user that stands for everybody.
const Public = "public"

// Grant is what one grantee may do with one object: its entries in the effective
// ACL, coalesce(acl, acldefault(…)). The owner's entry is in the catalog only if
// something was taken from it. A column's privileges have the column as target.
type Grant struct {
	Target     ID
	Grantee    string
	Privileges []Privilege // sorted by name; never empty but for an owner with nothing left
}

// Privilege is one privilege in upper case, as aclexplode names it: SELECT, …
type Privilege struct {
	Name      string
	Grantable bool
}

// ID identifies the grant by object and grantee.
func (o Grant) ID() ID { return About(KindGrant, o.Target, o.Grantee) }

// DefaultPrivilege mirrors one grantee's entries in one row of pg_default_acl.
type DefaultPrivilege struct {
	Owner      string // defaclrole: whose new objects
	Schema     string // empty: all schemas
	Objects    Kind   // KindTable (views too), KindSequence, KindRoutine, KindEnum (types), KindSchema
	Grantee    string
	Privileges []Privilege // sorted; without a schema: the whole entry, which may be empty when a built-in privilege is taken away; with one: what is added
}

// ID identifies the entry by owner, schema, kind of objects and grantee.
func (o DefaultPrivilege) ID() ID {
	return ID{Kind: KindDefaultPrivilege, On: o.Objects, Schema: o.Schema, Name: o.Owner, Role: o.Grantee}
}
