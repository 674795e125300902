package catalog

// Comment mirrors pg_description and pg_shdescription.
type Comment struct {
	Target ID
	Text   string
}

// ID identifies the comment by what it is about.
func (o Comment) ID() ID { return About(KindComment, o.Target, "") }

// SecurityLabel mirrors pg_seclabel.
type SecurityLabel struct {
	Target   ID
	Provider string
	Label    string
}

// ID identifies the label by object and provider.
func (o SecurityLabel) ID() ID { return About(KindSecurityLabel, o.Target, o.Provider) }
