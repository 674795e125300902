package catalog

// ForeignDataWrapper mirrors pg_foreign_data_wrapper.
type ForeignDataWrapper struct {
	Name               string
	Handler, Validator QName
	Options            []string // "name=value", sorted
}

// ID identifies the wrapper by its name.
func (o ForeignDataWrapper) ID() ID { return ID{Kind: KindForeignDataWrapper, Name: o.Name} }

// Server mirrors pg_foreign_server.
type Server struct {
	Name          string
	Wrapper       string
	Type, Version string
	Options       []string // "name=value", sorted
}

// ID identifies the server by its name.
func (o Server) ID() ID { return ID{Kind: KindServer, Name: o.Name} }

// UserMapping mirrors pg_user_mappings. Options whose names tell of a secret
// hold a digest in place of the value.
type UserMapping struct {
	Server, User string // User is "public" for everybody
	Options      []string
}

// ID identifies the mapping by its server and user.
func (o UserMapping) ID() ID { return ID{Kind: KindUserMapping, Name: o.Server, Role: o.User} }
