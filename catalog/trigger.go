package catalog

// Trigger mirrors pg_trigger, internal ones left out.
type Trigger struct {
	Schema, Table, Name string
	Timing              string   // "before", "after", "instead of"
	Events              []string // of "insert", "delete", "update", "truncate", in this order
	UpdateColumns       []string // UPDATE OF
	Row                 bool     // FOR EACH ROW
	When                Expr
	Function            QName
	Args                []string
	OldTable, NewTable  string // transition tables
	Constraint          bool
	Deferrable          bool
	InitiallyDeferred   bool
	From                QName  // constraint trigger: the other table
	Enabled             string // "" (origin), "disabled", "replica", "always"
	Inherited           bool   // cloned from a partitioned table's trigger
}

// ID identifies the trigger by its table and name.
func (o Trigger) ID() ID {
	return ID{Kind: KindTrigger, Schema: o.Schema, Table: o.Table, Name: o.Name}
}

// Settle: a clone does what the trigger of the partitioned table does. Only whether it
// fires is its own; the server casts whole rows in its condition to the parent's type.
func (o Trigger) Settle(current Object) Object {
	cur, ok := current.(Trigger)
	if !ok || !o.Inherited || !cur.Inherited {
		return o
	}
	cur.Enabled = o.Enabled
	return cur
}

// EventTrigger mirrors pg_event_trigger.
type EventTrigger struct {
	Name     string
	Event    string
	Tags     []string // sorted
	Function QName
	Enabled  string // as Trigger.Enabled
}

// ID identifies the event trigger by its name.
func (o EventTrigger) ID() ID { return ID{Kind: KindEventTrigger, Name: o.Name} }
